"""Is help the same on every channel, does it come before it is asked for, and can the front line solve it alone?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.channels import channels
from cx_metrics.analyses.proactive import MATCHED, RAW, STRATA, proactive, proactive_effect
from cx_metrics.analyses.spread import largest_first, spread
from cx_metrics.charts.consistency import ALL, INDEX
from cx_metrics.metrics.catalog import figures, metric_named
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval, listing

Row = dict[str, Any]
_WORDS = {"resolved": "what is resolved", "repeat": "what comes back", "slow": "what takes long"}
_INSTRUMENTS = {"csat": "CSAT", "nps": "NPS"}
_FIGURES = ["n", "value", "low", "high", "suppressed"]


def consistency(warehouse: Warehouse, scope: Scope) -> Analysis:
    """How alike channels are in a scope whose period is set, and what else speaks for good help.

    Tables: channels (see `channels`), spread (see `spread`), proactive and proactive_effect (see the functions of
    these names), front_line (team, reason, n, value, low, high, suppressed) and front_line_teams (team, n, value, low,
    high, suppressed, rank: 1 for the largest share, from n = 30 on), per cent resolved without escalation.
    """
    table, cells, left_out = channels(warehouse, scope)
    apart = largest_first(spread(cells), list(dict.fromkeys(table["reason"])))
    effect = proactive_effect(warehouse, scope)
    tables = {
        "channels": table, "spread": apart, "proactive": proactive(warehouse, scope), "proactive_effect": effect,
        "front_line": _resolved(warehouse, scope, "team", "reason"),
        "front_line_teams": _with_rank(_resolved(warehouse, scope, "team")),
    }  # fmt: skip
    said = (
        *_alike(apart, table), *_begun(tables["proactive"]), *_matched(effect), *_alone(tables["front_line_teams"]),
    )  # fmt: skip
    return Analysis("consistency", scope, tables, said, _assumptions(scope, left_out))


def _resolved(warehouse: Warehouse, scope: Scope, *by: str) -> pd.DataFrame:
    found = figures(warehouse, metric_named("escalation_free_resolution", scope.limits), scope, by)
    named = {name: [NOT_GIVEN if x is None or x != x else x for x in found[name]] for name in by}
    numbers = dict.fromkeys(("n", "value", "low", "high"), float)
    return found.assign(**named)[[*by, *_FIGURES]].astype(numbers).sort_values([*by], ignore_index=True)


def _with_rank(teams: pd.DataFrame) -> pd.DataFrame:
    ranked = teams["value"].where((teams["n"] >= RANKED) & (teams["team"] != NOT_GIVEN))
    ordered = teams.assign(rank=ranked.rank(ascending=False, method="min"))
    return ordered.sort_values(["rank", "team"], na_position="last", ignore_index=True)


def _alike(apart: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    index = apart[apart["measure"] == INDEX].set_index("reason")
    if ALL not in index.index:
        return [f"No reason has two channels with {RANKED} contacts each, so that nothing can be compared."]
    whole = index.loc[ALL].to_dict()
    parts = apart[(apart["reason"] == ALL) & (apart["measure"] != INDEX)].to_dict("records")
    spreads = [f"{row['value']:.1f} points in {_WORDS[str(row['measure'])]}" for row in parts]
    answer = "channels differ by" if any(row["low"] > 0 for row in parts) else "channels do not differ clearly; by"
    said = [
        f"On the same reason, {answer} {listing(spreads)} (standard deviation, chance taken out), a consistency index "
        f"of {whole['value']:.1f} out of 100 ({whole['low']:.1f} to {whole['high']:.1f}, n = {whole['n']:,.0f})."
    ]
    reasons = index.drop(ALL).sort_values("value")
    if len(reasons) > 1:
        ends = [f"{name} {row['value']:.1f} ({row['low']:.1f} to {row['high']:.1f})"
                for name, row in zip((reasons.index[0], reasons.index[-1]), reasons.iloc[[0, -1]].to_dict("records"),
                                     strict=True)]  # fmt: skip
        clear = reasons["high"].iloc[0] < reasons["low"].iloc[-1]
        words = "Least and most alike" if clear else "The reasons do not differ clearly; least and most alike"
        said.append(f"{words}: {ends[0]} and {ends[1]}.")
    return said + _widest(table)


def _widest(table: pd.DataFrame) -> list[str]:
    """The reason whose channels are farthest apart in what is resolved, where the intervals do not touch."""
    own = table[(table["measure"] == "resolved") & table["compared"] & table["share"].notna()]
    pairs: list[tuple[Row, Row]] = []
    for _, cells in own.groupby("reason", sort=False):
        rows: list[Any] = cells.sort_values("share").to_dict("records")
        if rows[0]["high"] < rows[-1]["low"]:
            pairs.append((rows[0], rows[-1]))
    if not pairs:
        return []
    worst, best = max(pairs, key=lambda pair: float(pair[1]["share"] - pair[0]["share"]))
    ends = [
        f"{amount(row['share'], '%')} by {row['channel']} (n = {amount(row['n'], 'count')})" for row in (worst, best)
    ]
    return [f"Farthest apart in what is resolved: {worst['reason']}, {ends[0]} against {ends[1]}."]


def _begun(table: pd.DataFrame) -> list[str]:
    total = table.iloc[0].to_dict()
    if total["value"] is None or total["value"] != total["value"]:
        return []
    span = interval(total["low"], total["high"], "%")
    return [f"The company began {amount(total['value'], '%')} of contacts before the customer had to ({span}, "
            f"n = {amount(total['n'], 'count')})."]  # fmt: skip


def _matched(effect: pd.DataFrame) -> list[str]:
    said = []
    for instrument, own in effect.groupby("instrument", sort=False):
        rows = {row["comparison"]: row for row in own.astype(object).where(own.notna(), None).to_dict("records")}
        matched, raw, name = rows[MATCHED], rows[RAW], _INSTRUMENTS[str(instrument)]
        if matched["difference"] is None or matched["low"] is None:
            about = "contacts that the company began first" if raw["n_customer"] else "contacts"
            said.append(f"{name}: too few answers about {about} to compare them.")
            continue
        numbers = f"{matched['difference']:+.1f} points ({matched['low']:+.1f} to {matched['high']:+.1f})"
        clear = matched["low"] > 0 or matched["high"] < 0
        enough = min(matched["n_proactive"], matched["n_customer"]) >= RANKED
        verdict = "" if not enough else "a clear difference, " if clear else "no clear difference, "
        said.append(
            f"{name} of contacts that the company began first, against like ones that the customer began: {numbers}, "
            f"{verdict}n = {matched['n_proactive']:,.0f} and {matched['n_customer']:,.0f}; not matched it would be "
            f"{raw['difference']:+.1f}."
        )
    return said


def _alone(teams: pd.DataFrame) -> list[str]:
    ranked = teams.dropna(subset="rank")
    if len(ranked) < 2:
        return []
    best, worst = ranked.iloc[0].to_dict(), ranked.iloc[-1].to_dict()
    words = "Resolved without escalation most and least often" if best["low"] > worst["high"] else (
        "Teams do not differ clearly in what they resolve without escalation; highest and lowest"
    )  # fmt: skip
    ends = [
        f"{row['team']} {amount(row['value'], '%')} ({interval(row['low'], row['high'], '%')})" for row in (best, worst)
    ]
    return [f"{words}: {ends[0]} and {ends[1]}."]


def _assumptions(scope: Scope, left_out: float) -> tuple[str, ...]:
    return (
        "There is no industry standard for consistency. Index = 100 minus the mean of three spreads, each the standard "
        "deviation between channels, in percentage points, of a share on the same reason (resolved; back within "
        f"{scope.limits.repeat_days:g} days; slower than the reason's own median), weighted by contacts, after the "
        "variance that binomial chance alone would give is taken off (not below 0). 100 is the same everywhere.",
        "Intervals: parametric bootstrap from the counts. Contacts count as independent of each other, and the three "
        "shares too; cases with many contacts make the intervals a little too narrow.",
        f"Channels with fewer than {RANKED} contacts on a reason are shown and not compared. Left out: "
        f"{amount(left_out, 'count')} contacts without a reason or channel.",
        "The time of a contact is that of its case until solved; where the case is not solved, its own wait and work.",
        "Channels may get the harder matters of the same reason, and letters take longer than calls by their nature: "
        "the index says that help differs, not that a channel is to blame.",
        f"The matched comparison looks at answers within the same {listing(list(STRATA))}, and removes what it matches "
        "on and nothing else: whom the company writes to first may differ in other ways. Answers are from those who "
        "answered.",
        "Resolved without escalation is not adjusted for what reaches a team: teams with harder matters rank lower.",
    )
