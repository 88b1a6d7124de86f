"""Scopes: to and from URLs, and the period before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.journey import LOWEST, Limits
from cx_metrics.scope import COMPARISONS, DIMENSIONS, Scope, ScopeError, from_query, parse_day, short_date

JAN, MARCH = date(2026, 1, 1), date(2026, 3, 31)
JOURNEY = Limits(repeat_days=14, wait_seconds=30, sentiment=0, written=("letter",))  # a company's own
values = st.lists(st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable()), min_size=1, max_size=3)


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    days = draw(st.lists(st.one_of(st.none(), st.dates()), min_size=2, max_size=2))
    start, end = sorted(days) if None not in days else days  # type: ignore[type-var]
    given_values = draw(st.dictionaries(st.sampled_from(list(DIMENSIONS)), values, max_size=3))
    filters = tuple((name, tuple(given_values[name])) for name in DIMENSIONS if name in given_values)
    numbers = {name: st.floats(lowest, 1e9, allow_subnormal=False) for name, lowest in LOWEST.items()}
    moved = draw(st.fixed_dictionaries({}, optional=numbers))
    return Scope(start, end, draw(st.sampled_from(list(COMPARISONS))), filters, replace(JOURNEY, **moved))


@given(scope=scopes())
def test_the_period_before_is_as_long_and_adjacent(scope: Scope) -> None:
    before = scope.before()
    if before is None or scope.compare != "previous":
        return
    assert before.start and before.end and scope.start and scope.end
    assert before.end - before.start == scope.end - scope.start
    assert (scope.start - before.end).days == 1
    assert before.filters == scope.filters


def test_what_the_url_leaves_out_is_as_usual() -> None:
    assert from_query({}) == Scope()
    assert from_query({"theme": ["dark"], "from": [], "transfers": []}) == Scope()
    assert from_query({}, JOURNEY) == Scope(limits=JOURNEY)


def test_as_json() -> None:
    scope = Scope(JAN, None, "year", (("stage", ("pay", "use")),))
    said = {"from": "2026-01-01", "to": None, "compare": "year", "where": {"stage": ["pay", "use"]}}
    assert scope.to_dict() == said
    chosen = replace(scope, definitions=("csat_mean",))
    assert chosen.to_dict() == said | {"definitions": ["csat_mean"]}
    assert from_query({"definition": ["csat_mean"]}) == Scope(definitions=("csat_mean",))


class TestLimits:
    def test_from_a_url(self) -> None:
        query = {"wait_seconds": ["5", "86400"], "promise_hours": ["1e1"]}
        assert from_query(query) == Scope(limits=Limits(wait_seconds=86_400, promise_hours=10))
        assert from_query(query, JOURNEY) == Scope(limits=replace(JOURNEY, wait_seconds=86_400, promise_hours=10))

    def test_as_json(self) -> None:
        scope = Scope(limits=Limits(transfers=2, written=("letter",)))
        assert scope.to_dict() == {**Scope().to_dict(), "limits": {"transfers": 2}}
        assert "limits" not in Scope().to_dict()

    def test_they_move_with_the_period(self) -> None:
        before, open_ends = Scope(JAN, MARCH, limits=JOURNEY).before(), Scope(limits=JOURNEY).within(JAN, MARCH)
        assert before and before.limits == open_ends.limits == JOURNEY

    @pytest.mark.parametrize("text", ["0", "a week", "nan", ""])
    def test_one_that_cannot_be_read(self, text: str) -> None:
        with pytest.raises(ScopeError, match=rf"^repeat_days is a number of at least 0.01, not '{text}'$"):
            from_query({"repeat_days": [text]})


def test_in_words() -> None:
    scope = Scope(JAN, MARCH, filters=(("stage", ("pay", "use")),))
    assert scope.describe() == "1 Jan 2026 to 31 Mar 2026, stage of the journey: pay or use"
    assert Scope().describe() == "open to open"
    assert short_date(date(2026, 12, 9)) == "9 Dec 2026"


class TestBefore:
    def test_previous(self) -> None:
        assert Scope(JAN, MARCH).before() == Scope(date(2025, 10, 3), date(2025, 12, 31))
        assert Scope(JAN, JAN).before() == Scope(date(2025, 12, 31), date(2025, 12, 31))

    def test_a_year_earlier(self) -> None:
        before = Scope(JAN, MARCH, "year").before()
        assert before == Scope(date(2025, 1, 1), date(2025, 3, 31), "year")

    def test_a_year_before_the_29th_of_february(self) -> None:
        before = Scope(date(2024, 2, 29), date(2024, 2, 29), "year").before()
        assert before == Scope(date(2023, 2, 28), date(2023, 2, 28), "year")

    @pytest.mark.parametrize("scope", [Scope(), Scope(JAN), Scope(None, MARCH), Scope(JAN, MARCH, "none")])
    def test_none(self, scope: Scope) -> None:
        assert scope.before() is None

    @pytest.mark.parametrize("compare", ["previous", "year"])
    def test_there_is_nothing_before_the_first_day_of_all(self, compare: str) -> None:
        assert Scope(date.min, date.min, compare).before() is None

    def test_open_ends_are_those_of_the_data(self) -> None:
        assert Scope().within(JAN, MARCH) == Scope(JAN, MARCH)
        assert Scope(end=JAN).within(date(2020, 1, 1), MARCH) == Scope(date(2020, 1, 1), JAN)


class TestErrors:
    @pytest.mark.parametrize("text", ["2026-02-30", "31.3.2026", "", "yesterday", "2026-13-01"])
    def test_no_date(self, text: str) -> None:
        with pytest.raises(ScopeError, match=r"is not a date; write it as 2026-03-31$"):
            parse_day(text)

    def test_end_before_start(self) -> None:
        with pytest.raises(ScopeError, match=r"^the period ends \(2026-01-01\) before it begins \(2026-03-31\)$"):
            from_query({"from": ["2026-03-31"], "to": ["2026-01-01"]})

    def test_unknown_comparison(self) -> None:
        with pytest.raises(ScopeError, match=r"^'decade' is no comparison; there are: previous, year, none$"):
            from_query({"compare": ["decade"]})


def test_the_last_day_of_all_is_an_open_end() -> None:
    """People write 9999-12-31 for "no end"; the day after it does not exist."""
    assert Scope(end=date.max).conditions(None, {}) == []
