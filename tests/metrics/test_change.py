"""Changes between two periods and their intervals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from cx_metrics.metrics.catalog import METRICS
from cx_metrics.metrics.change import Change, Figure, change, judgement, moved, size, span

CSAT, NPS, CONTACTS, WAIT = (METRICS[name] for name in ("csat", "nps", "contacts", "wait_median"))


def share(hits: int, n: int) -> Figure:
    """A share in per cent with its Wilson interval."""
    low, high = proportion_confint(hits, n, method="wilson")
    return Figure(n, 100 * hits / n, 100 * low, 100 * high)


def total(value: float, half: float) -> Figure:
    """A sum with a symmetric interval."""
    return Figure(100, value, value - half, value + half)


def found(now: Figure, before: Figure, metric: str = "csat") -> Change:
    """The change, which there must be."""
    result = change(METRICS[metric], now, before)
    assert result is not None
    return result


# --- shares ----------------------------------------------------------------------------------------------------------


@given(n=st.integers(10, 5000), before_n=st.integers(10, 5000), data=st.data())
def test_shares_change_as_newcombe_says(n: int, before_n: int, data: st.DataObject) -> None:
    hits, before_hits = data.draw(st.integers(0, n)), data.draw(st.integers(0, before_n))
    low, high = confint_proportions_2indep(hits, n, before_hits, before_n, method="newcomb")
    result = found(share(hits, n), share(before_hits, before_n))
    assert result.value == pytest.approx(100 * (hits / n - before_hits / before_n), abs=1e-9)
    assert (result.low, result.high) == pytest.approx((100 * low, 100 * high), abs=1e-6)
    assert not result.relative


def test_newcombe_by_hand() -> None:
    """Newcombe 1998, table II, row (a): 56/70 against 48/80 gives 0.0524 to 0.3339."""
    result = found(share(56, 70), share(48, 80))
    assert (result.value, result.low, result.high) == pytest.approx((20.0, 5.24, 33.39), abs=0.005)
    assert result.clear


def test_no_change_is_not_clear() -> None:
    result = found(share(50, 100), share(50, 100))
    assert result.value == 0 and result.low == pytest.approx(-result.high)
    assert not result.clear


# --- counts and sums -------------------------------------------------------------------------------------------------


def test_counts_change_as_a_ratio() -> None:
    result = found(total(120, 12), total(100, 10), "contacts")
    assert result.relative
    assert result.value == pytest.approx(20)
    half = math.hypot(0.1, 0.1)  # both halves are a tenth of their value; on the log scale they add as squares
    assert (result.low, result.high) == pytest.approx(
        (100 * (1.2 * math.exp(-half) - 1), 100 * (1.2 * math.exp(half) - 1))
    )


@given(now=st.floats(1, 1e9), before=st.floats(1, 1e9), part=st.floats(0.001, 0.9))
def test_a_ratio_lies_in_its_interval_and_turns_around(now: float, before: float, part: float) -> None:
    there = found(total(now, part * now), total(before, part * before), "contacts")
    back = found(total(before, part * before), total(now, part * now), "contacts")
    assert there.low <= there.value <= there.high
    assert (1 + there.low / 100) * (1 + back.high / 100) == pytest.approx(1)


@pytest.mark.parametrize(("now", "before"), [(0.0, 10.0), (10.0, 0.0), (0.0, 0.0)])
def test_there_is_no_ratio_to_nothing(now: float, before: float) -> None:
    assert change(CONTACTS, Figure(1, now, 0.0, 3.7), Figure(1, before, 0.0, 3.7)) is None


# --- what is missing -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hole", [None, math.nan, math.inf])
@pytest.mark.parametrize("place", ["value", "low", "high"])
def test_a_hidden_figure_has_no_change(hole: float | None, place: str) -> None:
    known = {"n": 20.0, "value": 50.0, "low": 40.0, "high": 60.0}
    holed = Figure(**{**known, place: hole})
    assert change(CSAT, holed, Figure(**known)) is None
    assert change(CSAT, Figure(**known), holed) is None


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "relative", "unit", "alone", "ends", "said"),
    [
        ((2.14, 0.43, 3.8), False, "%", "+2.1 points", "+0.4 to +3.8 points", "up 2.1 points (0.4 to 3.8)"),
        ((-3.1, -4.8, -1.5), False, "points", "-3.1 points", "-4.8 to -1.5 points", "down 3.1 points (1.5 to 4.8)"),
        ((0.3, -0.4, 1.2), False, "%", "+0.3 points", "-0.4 to +1.2 points", "no clear change (-0.4 to +1.2 points)"),
        ((14.7, 10.2, 19.1), True, "count", "+14.7 %", "+10.2 to +19.1 %", "up 14.7 % (10.2 to 19.1)"),
        (
            (-67, -80, -50),
            False,
            "seconds",
            "-1 min 7 s",
            "-1 min 20 s to -50 s",
            "down 1 min 7 s (50 s to 1 min 20 s)",
        ),
        ((0.5, 0.25, 1.0), False, "hours", "+30 min", "+15 min to +1.0 h", "up 30 min (15 min to 1.0 h)"),
        ((0.123, 0.05, 0.2), False, "score 0-100", "+0.12", "+0.05 to +0.20", "up 0.12 (0.05 to 0.20)"),
    ],
)
def test_words(values: tuple[float, float, float], relative: bool, unit: str, alone: str, ends: str, said: str) -> None:
    result = Change(*values, relative)
    assert (size(result, unit), span(result, unit), moved(result, unit)) == (alone, ends, said)


def test_better_and_worse_follow_the_metric() -> None:
    up, unclear = Change(2, 1, 3, False), Change(1, -1, 3, False)
    assert judgement(CSAT, up) == "better"
    assert judgement(WAIT, up) == "worse"
    assert judgement(CONTACTS, up) == "changed"
    assert judgement(CSAT, unclear) == judgement(CSAT, None) == "no clear change"
