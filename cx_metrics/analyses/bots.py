"""Do bots and self-service solve it, or only end the conversation?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.containment import LEFT_OUT, containment, returns
from cx_metrics.analyses.dead_ends import MARGIN, dead_ends
from cx_metrics.analyses.hand_over import WAIT, escalated, hand_over
from cx_metrics.analyses.standing_out import ALARM
from cx_metrics.charts.bots import ABANDONED, DURABLE, ELSEWHERE, ESCALATED, SAME, SOMEWHERE, UNRESOLVED, handler
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, duration, interval, is_missing, listing

Row = dict[Any, Any]
_ONLY_ENDED = {
    "were unresolved": UNRESOLVED, "were given up": ABANDONED, "came back on the same channel": SAME,
    "came back on another channel": ELSEWHERE, "came back on a channel that is not given": SOMEWHERE,
}  # fmt: skip
_SUBJECT = {"bot": ("Bots", "their"), "self_service": ("Self-service", "its")}


def bots(warehouse: Warehouse, scope: Scope) -> Analysis:
    """What bots and self-service do in a scope whose period is set.

    Tables: containment, containment_by_channel, containment_by_stage, containment_by_reason and left_out (see
    `containment`), returns, dead_ends, hand_over and escalated (see the functions of these names).
    """
    tables = {
        **containment(warehouse, scope),
        "returns": returns(warehouse, scope),
        "dead_ends": dead_ends(warehouse, scope),
        "hand_over": hand_over(warehouse, scope),
        "escalated": escalated(warehouse, scope),
    }
    said = (
        *_contained(tables["containment"]), *_came_back(tables["returns"]), *_stuck(tables["dead_ends"]),
        *_handed_over(tables["hand_over"]), *_left_out(tables["left_out"], scope),
    )  # fmt: skip
    return Analysis("bots", scope, tables, said, _assumptions(scope))


def _contained(parts: pd.DataFrame) -> list[str]:
    known = parts.dropna(subset="share")
    if known.empty:
        return ["There are too few contacts of bots and self-service to say what became of them."]
    found = {name: {row["part"]: row for row in own.to_dict("records")} for name, own in known.groupby("handled_by")}
    return [_of_handler(*_SUBJECT.get(str(name), (str(name), "its")), rows) for name, rows in found.items()]


def _of_handler(subject: str, whose: str, rows: dict[Any, Row]) -> str:
    shares = {part: row["share"] for part, row in rows.items()}
    n = amount(next(iter(rows.values()))["n"], "count")
    solved = rows.get(DURABLE)
    figure = f"{amount(shares.get(DURABLE, 0.0), '%')} of {whose} contacts for good"
    span = f"{interval(solved['low'], solved['high'], '%')}, " if solved else ""
    handed = f"and handed {amount(shares[ESCALATED], '%')} on" if shares.get(ESCALATED) else "and handed none on"
    ended = {words: shares[part] for words, part in _ONLY_ENDED.items() if shares.get(part)}
    said = f"{subject} solved {figure} ({span}n = {n}) {handed}"
    rest = listing([f"{amount(share, '%')} {words}" for words, share in ended.items()])
    return f"{said}; {amount(sum(ended.values()), '%')} only ended: {rest}." if ended else f"{said}."


def _came_back(flows: pd.DataFrame) -> list[str]:
    known = flows[flows["share"].notna() & (flows["of"] >= RANKED)]
    ways = [
        f"from {first['channel']} most often by {first['return_channel']} ({amount(first['share'], '%')} of "
        f"{amount(first['of'], 'count')})"
        for first in known.groupby("channel", sort=False).head(1).to_dict("records")
    ]
    return [f"Who came back elsewhere came {listing(ways)}."] if ways else []


def _stuck(cells: pd.DataFrame) -> list[str]:
    if not cells["p"].notna().any():
        return [f"No stage has enough contacts to be compared with the others for dead ends ({RANKED} are needed)."]
    clear = cells[cells["stands_out"]].sort_values("share", ascending=False)
    if clear.empty:
        return [f"No dead end stands out: nowhere clearly more than {MARGIN:g} times as many as in the other stages."]
    return [
        f"Dead end: {row['stage']} by {row['channel']} ({handler(row['handled_by'])}), {amount(row['share'], '%')} of "
        f"{amount(row['n'], 'count')} contacts ({interval(row['low'], row['high'], '%')}), {_times(row['ratio'])}the "
        f"{amount(row['rest_share'], '%')} of the other stages there."
        for row in clear.to_dict("records")
    ]


def _times(ratio: float) -> str:
    return "" if is_missing(ratio) else f"{ratio:.1f} times "


def _handed_over(rows: pd.DataFrame) -> list[str]:
    said = []
    for row in rows.dropna(subset=["after", "first"]).to_dict("records"):
        if row["measure"] == WAIT:
            numbers = f"{duration(row['after'])} against {duration(row['first'])}"
            span = f"{duration(row['low'])} to {duration(row['high'])}" if not is_missing(row["low"]) else "not known"
        else:
            numbers = f"{amount(row['after'], '%')} against {amount(row['first'], '%')}"
            span = f"{amount(row['low'], 'points')} to {amount(row['high'], 'points')} points"
        said.append(f"{row['measure']} {numbers} (difference {span})")
    if not said:
        return []
    return [f"After a bot or self-service, against like first contacts with people: {listing(said)}."]


def _left_out(rows: pd.DataFrame, scope: Scope) -> list[str]:
    totals = rows.groupby("why")["n"].sum()
    parts = [f"{amount(totals[why], 'count')} {why}" for why in LEFT_OUT if totals.get(why, 0) > 0]
    if not parts:
        return []
    return [f"Not judged: {listing(parts)} (a further contact may come within {scope.limits.repeat_days:g} days)."]


def _assumptions(scope: Scope) -> tuple[str, ...]:
    days = f"{scope.limits.repeat_days:g} days"
    return (
        f"Solved for good means resolved and no further contact of the customer on the same reason, on any channel, "
        f"within {days}; a customer who gives up in silence, or goes to a competitor, looks the same.",
        "Handed on are contacts that the bot escalated, whether or not the customer was heard of again; who came back "
        "counts as returned, however the first contact had ended.",
        "Contacts without a reason count as being on the same one.",
        f"A dead end stands out where its share is clearly more than {MARGIN:g} times that of the other stages of the "
        f"same channel and handler (one-sided score test, from n = 30, Holm's correction over all cells): in "
        f"{ALARM:.0%} of companies without any such difference a cell would stand out all the same. Contacts count as "
        "independent of each other; customers with many contacts make the test a little too sure.",
        "Contacts after a bot are compared with first contacts with people on the same channel and reason. What else "
        "differs, such as how hard the matter is, is not taken out: whoever comes from a bot may have the harder one.",
        "Contacts that the company began are not among those with people.",
        "The figures say what followed, not why.",
    )
