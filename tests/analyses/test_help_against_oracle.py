"""The analyses bots and consistency against a second computation in plain pandas, on a server."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.bots import bots
from cx_metrics.analyses.consistency import consistency
from cx_metrics.analyses.containment import LEFT_OUT, NO_CUSTOMER, NO_OUTCOME, PARTS, YOUNG
from cx_metrics.charts.bots import ABANDONED, DURABLE, ELSEWHERE, ESCALATED, SAME, SOMEWHERE, UNRESOLVED
from cx_metrics.charts.consistency import MEASURES
from cx_metrics.journey import Limits
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import NOT_GIVEN, Scope
from tests.conftest import Server
from tests.metrics.company import tables
from tests.metrics.oracle import ORACLES, Figure, facts_of, under

AUTOMATIC = ["bot", "self_service"]
SCOPES = {
    "all": Scope(),
    "filtered": Scope(
        date(2024, 2, 15), date(2024, 12, 24), filters=(("region", ("north", NOT_GIVEN)), ("team", ("red", NOT_GIVEN)))
    ),
    "other limits": Scope(limits=Limits(wait_seconds=60, written_wait_hours=1, repeat_days=2.5)),
}
Facts = dict[str, pd.DataFrame]
Asked = Callable[[str], tuple[Analysis, Facts]]


@pytest.fixture(scope="module", params=SCOPES)
def scope(request: pytest.FixtureRequest) -> Scope:
    return SCOPES[request.param]


@pytest.fixture(scope="module")
def given() -> Facts:
    return facts_of(tables())


@pytest.fixture(scope="module")
def company(server: Server) -> Any:
    return server.warehouse(tables())


@pytest.fixture(scope="module")
def of_bots(company: Any, scope: Scope) -> dict[str, pd.DataFrame]:
    return bots(company, scope).tables


@pytest.fixture(scope="module")
def of_consistency(company: Any, scope: Scope) -> dict[str, pd.DataFrame]:
    return consistency(company, scope).tables


@pytest.fixture(scope="module")
def contacts(given: Facts, scope: Scope) -> pd.DataFrame:
    """The contacts of the scope, judged by its limits."""
    rows = under(given, scope.limits)["contacts"]
    for name, values in scope.filters:
        rows = rows[rows[name].isin(values) | (rows[name].isna() & (NOT_GIVEN in values))]
    if scope.start and scope.end:
        end = pd.Timestamp(scope.end) + pd.Timedelta(days=1)
        rows = rows[(rows["occurred_at"] >= pd.Timestamp(scope.start)) & (rows["occurred_at"] < end)]
    return rows.astype(dict.fromkeys(("stage", "channel", "reason", "handled_by"), object))


def parts(rows: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Groups by these columns, missing values called NOT_GIVEN."""
    filled = rows.assign(**{name: rows[name].where(rows[name].notna(), NOT_GIVEN) for name in names})
    for key, part in filled.groupby(list(names)):
        yield key if isinstance(key, tuple) else (key,), part


def shown(table: pd.DataFrame, names: Sequence[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    return {tuple(row[name] for name in names): row for row in table.to_dict("records")}


def check_share(row: dict[str, Any], n: float, hits: float) -> None:
    """Count, share and interval of a row, or that it is hidden with good reason."""
    if row["suppressed"]:
        assert pd.isna(row["share"]) and pd.isna(row["low"]) and pd.isna(row["high"])
        assert pd.isna(row["n"]) or (HIDDEN_BELOW <= n < 10 and row["n"] == n)
        return
    assert n >= 10 and row["n"] == n
    assert row["share"] == pytest.approx(100 * hits / n, abs=1e-9)
    ends = proportion_confint(hits, n, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx([100 * end for end in ends], abs=1e-9)


def part_of(row: pd.Series) -> str:
    """What became of a contact, told once more."""
    if pd.isna(row["customer_id"]):
        return NO_CUSTOMER
    if pd.isna(row["outcome"]):
        return NO_OUTCOME
    if not row["old"]:
        return YOUNG
    if row["outcome"] == "escalated":
        return ESCALATED
    if row["returned"]:
        channels = row["channel"], row["return_channel"]
        return SOMEWHERE if any(map(pd.isna, channels)) else SAME if channels[0] == channels[1] else ELSEWHERE
    return {"resolved": DURABLE, "abandoned": ABANDONED, "unresolved": UNRESOLVED}[row["outcome"]]


@pytest.fixture(scope="module")
def automatic(contacts: pd.DataFrame) -> pd.DataFrame:
    """Contacts of bots and self-service, each with its part."""
    rows = contacts[contacts["handled_by"].isin(AUTOMATIC)]
    return rows.assign(part=[part_of(row) for _, row in rows.iterrows()])


# --- bots ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["", "channel"])
def test_containment(by: str, of_bots: dict[str, pd.DataFrame], automatic: pd.DataFrame) -> None:
    table = of_bots[f"containment_by_{by}" if by else "containment"]
    names = [*([by] if by else []), "handled_by"]
    rows, seen = shown(table, [*names, "part"]), set()
    judged = automatic[automatic["part"].isin(PARTS)]
    for key, cell in parts(judged, names):
        for part in set(table["part"]):
            hits = (cell["part"] == part).sum()
            row = rows[(*key, part)]
            check_share(row, len(cell), hits)
            assert row["suppressed"] or row["contacts"] == hits
            seen.add((*key, part))
    assert seen == set(rows)
    assert set(judged["part"]) <= set(table["part"])
    sums = table[~table["suppressed"]].groupby(names)[["contacts", "share"]].sum()
    assert sums["share"].to_numpy() == pytest.approx(100)
    if not by:
        assert sums["contacts"].sum() == len(judged)


def test_left_out(of_bots: dict[str, pd.DataFrame], automatic: pd.DataFrame) -> None:
    wanted = automatic[automatic["part"].isin(LEFT_OUT)].groupby(["handled_by", "part"]).size()
    found = of_bots["left_out"].set_index(["handled_by", "why"])["n"]
    assert set(found.index) == set(wanted.index)
    for key, n in wanted.items():
        assert found[key] == n or pd.isna(found[key])
    assert found.notna().any()


def test_returns(of_bots: dict[str, pd.DataFrame], automatic: pd.DataFrame) -> None:
    back = automatic[automatic["part"] == ELSEWHERE]
    rows = shown(of_bots["returns"], ["channel", "return_channel"])
    found = dict(parts(back, ["channel", "return_channel"]))
    assert set(rows) == set(found)
    for key, cell in found.items():
        row, n = rows[key], len(cell)
        assert pd.isna(row["n"]) or row["n"] == n >= HIDDEN_BELOW
        if not row["suppressed"]:
            of = (back["channel"] == key[0]).sum()
            assert (row["of"], row["share"]) == (of, pytest.approx(100 * n / of))
            assert row["median_hours"] == pytest.approx(cell["hours_until_next"].median())


def test_dead_ends(of_bots: dict[str, pd.DataFrame], contacts: pd.DataFrame) -> None:
    judged = contacts[contacts["can bot_dead_end"]]
    rows = shown(of_bots["dead_ends"], ["stage", "channel", "handled_by"])
    there = {key: cell["bot_dead_end"] for key, cell in parts(judged, ["stage", "channel", "handled_by"])}
    assert set(rows) == set(there)
    for key, hits in there.items():
        row = rows[key]
        check_share(row, len(hits), hits.sum())
        if row["suppressed"]:
            assert pd.isna([row["rest_share"], row["rest_n"], row["ratio"], row["p"]]).all()
            continue
        rest = pd.concat([other for place, other in there.items() if place[1:] == key[1:] and place != key])
        assert row["rest_n"] == len(rest)
        assert row["rest_share"] == pytest.approx(100 * rest.mean())
        assert row["ratio"] == pytest.approx(hits.mean() / rest.mean())
        assert pd.isna(row["p"]) == (len(hits) < 30 or len(rest) < 30)
    assert not of_bots["dead_ends"]["stands_out"].any()  # the company is one of pure chance


def weighted_median(values: pd.Series, weights: pd.Series) -> float:
    """The mean of the smallest values that have at least, and more than, half of the weight up to them."""
    order = np.argsort(values.to_numpy(), kind="stable")
    upto, x = np.cumsum(weights.to_numpy(float)[order]), values.to_numpy(float)[order]
    half = upto[-1] / 2
    return float(x[upto >= half * (1 - 1e-9)][0] + x[upto > half * (1 + 1e-9)][0]) / 2


def people(rows: pd.DataFrame) -> pd.DataFrame:
    """Contacts with people that follow on a bot's or begin a case; after: which."""
    rows = rows.assign(after=rows["previous_handled_by"].isin(AUTOMATIC))
    begun = rows["after"] | (rows["case_contact"] == 1)
    rows = rows[(rows["handled_by"] == "human") & begun & (rows["initiated_by"] != "company")]
    channel, reason = (rows[name].where(rows[name].notna(), NOT_GIVEN) for name in ("channel", "reason"))
    return rows.assign(place=channel + "|" + reason)


def alike(rows: pd.DataFrame) -> pd.DataFrame:
    """Those in places that have both sides; weight: as many after as first in each."""
    count = rows.groupby("place")["after"].agg(["sum", "size"])
    after, first = rows["place"].map(count["sum"]), rows["place"].map(count["size"] - count["sum"])
    kept = rows[(after > 0) & (first > 0)]
    return kept.assign(weight=np.where(kept["after"], 1.0, (after / first)[kept.index]))


@pytest.mark.parametrize(
    ("measure", "column", "known"),
    [
        ("median wait", "wait_seconds", "wait_seconds"),
        ("long wait", "long_wait", "wait_seconds"),
        ("repeated information", "repeated_information", "said_before"),
        ("resolved", "solved", "outcome"),
    ],
)
def test_hand_over(
    measure: str, column: str, known: str, of_bots: dict[str, pd.DataFrame], contacts: pd.DataFrame
) -> None:
    rows = people(contacts.assign(solved=contacts["outcome"] == "resolved"))
    rows = rows[rows[known].notna()]
    kept = alike(rows)
    (row,) = of_bots["hand_over"].query("measure == @measure").to_dict("records")
    sides = {"after": kept[kept["after"]], "first": kept[~kept["after"]]}
    sizes = {name: len(side) for name, side in sides.items()}
    for name, n in sizes.items():
        assert row[f"n_{name}"] == n or (n < HIDDEN_BELOW and pd.isna(row[f"n_{name}"]))
    if min(sizes.values()) < 10:
        assert pd.isna([row["after"], row["first"], row["difference"], row["low"]]).all()
        return
    assert row["strata"] == kept["place"].nunique()
    assert row["left_out"] == rows["after"].sum() - len(sides["after"])
    values = {}
    for name, side in sides.items():
        x = side[column].astype(float)
        values[name] = weighted_median(x, side["weight"]) if measure == "median wait" else (
            100 * np.average(x, weights=side["weight"])
        )  # fmt: skip
        assert row[name] == pytest.approx(values[name]), name
        assert row[f"{name}_low"] <= row[name] <= row[f"{name}_high"]
    assert row["difference"] == pytest.approx(values["after"] - values["first"])
    assert row["low"] < row["difference"] < row["high"]


def test_the_interval_of_a_median_is_that_of_ranks(of_bots: dict[str, pd.DataFrame], contacts: pd.DataFrame) -> None:
    rows = people(contacts)
    waits = alike(rows[rows["wait_seconds"].notna()]).query("after")["wait_seconds"].sort_values().to_numpy(float)
    n = len(waits)
    half = 1.959963984540054 * math.sqrt(n) / 2
    row = of_bots["hand_over"].iloc[0]
    assert (row["after_low"], row["after_high"]) == (
        waits[math.ceil(n / 2 - half) - 1],
        waits[math.ceil(n / 2 + half) - 1],
    )


def test_escalated(of_bots: dict[str, pd.DataFrame], contacts: pd.DataFrame, scope: Scope) -> None:
    rows = contacts[contacts["handled_by"].isin(AUTOMATIC) & (contacts["outcome"] == "escalated") & contacts["judged"]]
    found = shown(of_bots["escalated"], ["handled_by"])
    assert set(found) == {(name,) for name in rows["handled_by"]}
    for (name,), row in found.items():
        mine = rows[rows["handled_by"] == name]
        followed = mine["case_hours_until_next"] <= 24 * scope.limits.repeat_days
        check_share(row, len(mine), followed.sum())
        if not row["suppressed"]:
            assert row["resolved"] == pytest.approx(100 * (mine["case_outcome"] == "resolved").mean())
            hours = mine.loc[followed, "case_hours_until_next"].astype(float).median()
            assert row["median_hours"] == pytest.approx(hours, nan_ok=True)


# --- consistency -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(contacts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """measure -> reason, channel and whether it is so, of the contacts of which it can be said."""
    known = contacts[contacts["reason"].notna() & contacts["channel"].notna()]
    took = contacts["case_resolved_seconds"].astype(float)
    took = took.fillna((contacts["wait_seconds"] + contacts["handle_seconds"]).astype(float))
    usual = took.groupby(contacts["reason"]).median()
    slow = (took > contacts["reason"].map(usual)).where(took.notna())
    flags = {
        "resolved": (contacts["outcome"] == "resolved").where(contacts["outcome"].notna()),
        "repeat": contacts["repeat_contact"].where(contacts["can repeat_contact"]),
        "slow": slow,
    }
    return {name: known[["reason", "channel"]].assign(hit=flag).dropna().astype({"hit": float})
            for name, flag in flags.items()}  # fmt: skip


@pytest.mark.parametrize("measure", MEASURES)
def test_channels(measure: str, of_consistency: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]) -> None:
    table = of_consistency["channels"]
    rows = shown(table[table["measure"] == measure], ["reason", "channel"])
    found = {key: cell["hit"] for key, cell in parts(told[measure], ["reason", "channel"])}
    assert set(rows) == set(found)
    for key, hits in found.items():
        check_share(rows[key], len(hits), hits.sum())
        assert rows[key]["compared"] == (len(hits) >= 30 and not rows[key]["suppressed"])


def test_spread(of_consistency: dict[str, pd.DataFrame], told: dict[str, pd.DataFrame]) -> None:
    found = of_consistency["spread"].set_index(["reason", "measure"])["value"]
    seen = 0
    for measure, rows in told.items():
        for (reason,), own in parts(rows, ["reason"]):
            cells = own.groupby("channel")["hit"].agg(["size", "mean"]).query("size >= 30")
            if len(cells) < 2:
                assert (reason, measure) not in found.index
                continue
            weights = cells["size"] / cells["size"].sum()
            centre = (weights * cells["mean"]).sum()
            of_one = cells["mean"] * (1 - cells["mean"]) / (cells["size"] - 1)
            variance = (weights * (cells["mean"] - centre) ** 2).sum() - (weights * (1 - weights) * of_one).sum()
            assert found[reason, measure] == pytest.approx(100 * math.sqrt(max(variance, 0)), abs=1e-9)
            seen += 1
    assert seen > 0 or found.empty


def same_figures(table: pd.DataFrame, names: Sequence[str], wanted: dict[Any, Figure]) -> None:
    rows = shown(table, names)
    named = {tuple(NOT_GIVEN if part is None else part for part in key): figure for key, figure in wanted.items()}
    assert set(rows) == set(named)
    for key, (n, value) in named.items():
        if not rows[key]["suppressed"]:
            assert (rows[key]["n"], rows[key]["value"]) == (n, pytest.approx(value))


def test_proactive_share_and_front_line(of_consistency: dict[str, pd.DataFrame], given: Facts, scope: Scope) -> None:
    begun = of_consistency["proactive"]
    for by in ("stage", "channel", "team"):
        wanted = ORACLES["proactive_share"].figures(given, scope, (by,), None)
        same_figures(begun[begun["by"] == by], ["group"], dict(wanted))
    resolved = ORACLES["escalation_free_resolution"]
    same_figures(
        of_consistency["front_line"], ["team", "reason"], resolved.figures(given, scope, ("team", "reason"), None)
    )
    teams = of_consistency["front_line_teams"]
    same_figures(teams, ["team"], resolved.figures(given, scope, ("team",), None))
    ranked = teams.dropna(subset="rank").sort_values("rank")
    assert NOT_GIVEN not in set(ranked["team"]) and (ranked["n"] >= 30).all()
    assert ranked["value"].is_monotonic_decreasing and len(ranked) == (teams["team"] != NOT_GIVEN).sum()


def points(rows: pd.DataFrame, instrument: str) -> pd.Series:
    """CSAT: 100 for the top boxes, NPS: 100 and -100."""
    if instrument == "nps":
        return 100.0 * ((rows["score"] >= 9).astype(float) - (rows["score"] <= 6))
    return 100.0 * (rows["score"] > rows["scale_max"] - rows["scale_max"].map({1: 1, 5: 2, 10: 2}))


@pytest.mark.parametrize("instrument", ["csat", "nps"])
def test_proactive_effect(
    instrument: str, of_consistency: dict[str, pd.DataFrame], contacts: pd.DataFrame, given: Facts
) -> None:
    answers = given["answers"]
    answers = answers[(answers["instrument"] == instrument) & (answers["respondent"] == "customer")]
    answers = answers[answers["counts"] & answers["score"].notna()]
    answers = answers.assign(x=points(answers, instrument))[["interaction_id", "x"]]
    rows = answers.merge(contacts, on="interaction_id")
    rows = rows[rows["warned"] | (rows["initiated_by"] == "customer")]
    rows["quarter"] = rows["occurred_at"].dt.to_period("Q")
    found = of_consistency["proactive_effect"].set_index(["instrument", "comparison"]).loc[instrument]
    raw = rows.groupby("warned")["x"].mean()
    assert found["difference"]["raw"] == pytest.approx(raw[True] - raw[False])
    sizes = rows["warned"].value_counts()
    assert (found["n_proactive"]["raw"], found["n_customer"]["raw"]) == (sizes[True], sizes[False])
    count, total, one_sided = 0, 0.0, 0
    for _, stratum in rows.groupby(["reason", "stage", "channel", "segment", "quarter"], dropna=False):
        one, other = (stratum.loc[stratum["warned"] == side, "x"] for side in (True, False))
        if len(one) and len(other):
            count, total = count + len(one), total + len(one) * (one.mean() - other.mean())
        else:
            one_sided += 1
    assert found["strata_left_out"]["matched"] == one_sided
    assert found["n_proactive"]["matched"] == count or (
        count < HIDDEN_BELOW and pd.isna(found["n_proactive"]["matched"])
    )
    if count >= 10:
        assert found["difference"]["matched"] == pytest.approx(total / count)
        assert found["low"]["matched"] < found["difference"]["matched"] < found["high"]["matched"]
