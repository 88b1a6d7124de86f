"""What changed, in sentences, on made-up data with a shift of mix, a reversal, and figures that stand still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cx_metrics.analyses import change_sentences
from cx_metrics.analyses.change_sentences import Clear, clearest, headlines
from cx_metrics.analyses.changes import apart, changes, comparison
from cx_metrics.analyses.overview import overview
from cx_metrics.metrics import decomposition
from cx_metrics.metrics.change import Figure
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.benchmarks.coverage_changes import false_rate
from tests.conftest import Embedded

SCOPE = Scope(date(2026, 2, 1), date(2026, 2, 28))
START = datetime(2026, 1, 4, 12)  # the first day of the four weeks before
Cells = Mapping[tuple[str, str], tuple[int, int, int, int]]  # instrument, channel: n and good ones before; the same now

MIXED: Cells = {
    ("csat", "phone"): (300, 255, 150, 128), ("csat", "chat"): (60, 33, 240, 132),  # chat grows, nobody gets worse
    ("ces", "web"): (400, 360, 100, 97), ("ces", "phone"): (100, 40, 400, 210),  # both rise, the total falls
    ("nps", "web"): (150, 90, 150, 90), ("nps", "phone"): (100, 50, 100, 50),  # nothing happens
}  # fmt: skip
SCORES = {"csat": (5, 2), "ces": (7, 2), "nps": (10, 3)}


def answers(cells: Cells) -> list[dict[str, Any]]:
    """One answer of one customer per row; half of each cell in either stage."""
    rows = []
    for (instrument, channel), numbers in cells.items():
        for period, (n, good) in enumerate((numbers[:2], numbers[2:])):
            for i in range(n):
                key = f"{instrument}-{channel}-{period}-{i}"
                at = START + timedelta(days=28 * period + i % 28)
                score = SCORES[instrument][i >= good]
                rows.append({"answer_id": key, "customer_id": key, "instrument": instrument, "score": score,
                             "answered_at": at, "channel": channel, "stage": ("buy", "use")[i % 2]})  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    """Answers before and now, and contacts that are resolved or not."""
    contacts = [
        {"interaction_id": f"{period}-{i}", "case_id": f"{period}-{i}", "occurred_at": START + timedelta(days=28 * period + i % 28),
         "channel": ("phone", "chat")[i % 2], "outcome": "unresolved" if i % (5 - period * 2) else "resolved"}
        for period in (0, 1) for i in range(200)
    ]  # fmt: skip
    return embedded.warehouse({"survey_answers": answers(MIXED), "interactions": contacts})


def said(company: Warehouse, *names: str) -> Sequence[str]:
    return changes(company, SCOPE, names).sentences


def test_a_shift_of_mix_is_told_as_one(company: Warehouse) -> None:
    first, second, *rest = said(company, "csat")
    assert first.startswith("Customer satisfaction (CSAT) fell by 13.3 points (7.0 to 19.5), from 80.0 % to 66.7 %")
    assert second.startswith("The mix of channel took it down by 13.5 points (")
    assert "more chat (17 % to 62 %), which is lowest; less phone (83 % to 38 %), which is highest" in second
    assert "within the groups nothing changed clearly (+0.2 points, " in second
    assert not rest


def test_a_reversal_is_pointed_out(company: Warehouse) -> None:
    *_, last = said(company, "ces")
    assert last.startswith(
        "Simpson's reversal: as a whole the figure fell, but in every group of channel it rose (+9.8"
    )
    found = changes(company, SCOPE, ("ces",)).tables["findings"]
    assert found["part"].tolist()[0] == "mix" and found["part"].tolist()[-1] == "reversal"
    assert found["size"].abs().tolist()[:-1] == sorted(found["size"].abs().tolist()[:-1], reverse=True)


def test_where_nothing_changed_it_says_what_would_have_been_seen(company: Warehouse) -> None:
    first, second = said(company, "nps")
    assert first.startswith("Net Promoter Score (NPS) did not change clearly")
    assert second.startswith("No difference in Net Promoter Score (NPS) by group is more than chance; a change")
    assert "would have been seen four times in five" in second


def test_what_all_but_defines_a_figure_is_left_out(company: Warehouse) -> None:
    found = changes(company, SCOPE, ("escalation_free_resolution",))
    assert "all but follows from outcome" in found.sentences[-1]
    assert "outcome" not in set(found.tables["parts"]["dimension"])


def test_sums_and_quantiles_say_what_there_is(company: Warehouse) -> None:
    assert "adds up to the change; there is no mix" in said(company, "contacts")[-1]
    assert "may be in several groups" in said(company, "friction_rate_of_cases")[-1]


def test_tables_and_json(company: Warehouse) -> None:
    found = changes(company, SCOPE, ("csat", "contacts", "csat"))
    assert found.tables["totals"]["metric"].tolist() == ["csat", "contacts"]
    assert list(found.tables) == ["totals", "parts", "two_way", "findings"]
    row = found.to_dict()["tables"]["totals"][0]
    assert row["metric"] == "csat" and row["n_before"] == 360 and row["change"] == pytest.approx(-13.333, abs=1e-3)
    assert any("correlat" in text or "not what caused it" in text for text in found.assumptions)


def test_the_best_pair(company: Warehouse) -> None:
    """Stage tells nothing: the pair of channel and stage is the only one, and the two add up."""
    table = changes(company, SCOPE, ("csat",)).tables["two_way"]
    assert set(table["dimension"]) == {"channel × stage"} or set(table["dimension"]) == {"stage × channel"}
    assert table.loc[table["group"] != "All groups", "size"].sum() == pytest.approx(-13.333, abs=1e-3)


@pytest.mark.parametrize(
    ("scope", "why"),
    [
        (Scope(SCOPE.start, SCOPE.end, "none"), "No comparison period is chosen"),
        (
            Scope(date(2026, 1, 10), SCOPE.end),
            "The data do not reach back far enough to compare (they begin on 4 Jan 2026)",
        ),
        (Scope(date(2026, 1, 4), date(2027, 2, 10), "year"), "The data do not reach back"),
    ],
)
def test_without_a_comparison_one_sentence_says_why(scope: Scope, why: str, company: Warehouse) -> None:
    found = changes(company, scope, ("csat",))
    assert len(found.sentences) == 1 and found.sentences[0].startswith(why)
    assert all(table.empty for table in found.tables.values()) and headlines(company, scope) == ()


def test_periods_must_not_overlap() -> None:
    long = Scope(date(2024, 1, 1), date(2025, 12, 31), "year")
    earlier = long.before() or pytest.fail("no period before")
    assert not apart(long, earlier) and apart(SCOPE, SCOPE.before() or SCOPE)


def test_overlapping_periods_are_refused(embedded: Embedded) -> None:
    days = [{"interaction_id": f"{i}", "occurred_at": datetime(2024, 1, 1) + timedelta(days=10 * i), "channel": "chat"} for i in range(100)]  # fmt: skip
    found, why = comparison(
        embedded.warehouse({"interactions": days}), Scope(date(2025, 1, 1), date(2026, 9, 1), "year")
    )
    assert found is None and why.startswith("The two periods overlap")


def test_filters_and_unknown_names(company: Warehouse) -> None:
    scope = Scope(SCOPE.start, SCOPE.end, filters=(("channel", ("phone",)),))
    found = changes(company, scope, ("csat", "revenue"))
    assert found.tables["totals"]["n_now"].tolist() == [150]
    assert found.sentences[-1] == "Revenue cannot be filtered like this; it is left out."
    with pytest.raises(ScopeError, match="there is no metric 'happiness'"):
        changes(company, SCOPE, ("happiness",))


# --- on the overview -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clear(company: Warehouse) -> tuple[Clear, ...]:
    """What the overview has to look into."""
    return clearest(overview(company, SCOPE))


def test_headlines(company: Warehouse, clear: tuple[Clear, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.metric for one in clear] == ["csat", "ces", "escalation_free_resolution"]  # the lead, then the worse
    found = headlines(company, SCOPE, clear)
    assert 0 < len(found) <= 3
    assert len({(one.dimension, one.group) for one in found}) == len(found)
    satisfaction, *_ = [one for one in found if one.metric == "csat"]
    assert satisfaction.text.startswith(
        "Customer satisfaction (CSAT) fell by 13.3 points (7.0 to 19.5), from 80.0 % to"
    )
    assert (
        ": the mix of channel took it down by 13.5 points" in satisfaction.text and satisfaction.dimension == "channel"
    )
    asked = []
    monkeypatch.setattr(change_sentences, "overview", lambda *given: asked.append(given))
    monkeypatch.setattr(change_sentences, "clearest", lambda _: clear)  # without a list the overview is asked
    assert headlines(company, SCOPE) == found and asked == [(company, SCOPE)]


def test_figures_that_tell_the_same_story_are_named_once(company: Warehouse, clear: tuple[Clear, ...]) -> None:
    mean = replace(
        clear[0], metric="csat_mean", before=Figure(360, 85.0, 83.0, 87.0), now=Figure(390, 75.0, 73.0, 77.0)
    )
    one, *more = headlines(company, SCOPE, (clear[0], mean))
    assert one.text.endswith("The same shows in mean satisfaction.")
    assert not {(one.dimension, one.group)} & {(other.dimension, other.group) for other in more}


def test_all_headline_figures_with_data(embedded: Embedded) -> None:
    still = {cell: numbers for cell, numbers in MIXED.items() if cell[0] == "nps"}
    found = changes(embedded.warehouse({"survey_answers": answers(still)}), SCOPE)
    assert found.tables["totals"]["metric"].tolist() == ["nps"] and found.tables["findings"].empty


# --- by chance -------------------------------------------------------------------------------------------------------


def test_hardly_anything_is_called_a_change_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """At most 5 % of figures; of 3 x 8 more than five would be called by chance once in a thousand."""
    monkeypatch.setattr(decomposition, "_DRAWS", 40)  # p does not come from them
    assert false_rate(8)["called"].mean() <= 100 * 5 / 24
