"""The ways that cases take: where they begin and end, their first contacts, and the most frequent ways as a whole."""

from __future__ import annotations

import pandas as pd
import sqlalchemy as sa

from cx_metrics import journey
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.journey_cells import (
    KEYS,
    OUTCOMES,
    Places,
    answers,
    figures,
    median,
    only_value,
    part,
    places,
    table,
)
from cx_metrics.analyses.journey_ways import (
    MOST,
    STEPS,
    Cases,
    cases,
    first_number,
    largest,
    moves,
    satisfaction,
    spelled,
)
from cx_metrics.charts.journey import OTHER
from cx_metrics.scope import NOT_GIVEN, Scope, short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval

ANY = "(any)"  # all outcomes together
_SHARE = ("share", "low", "high")
_ENDS = {"starts": "first contact", "ends": "last contact"}


def ways(warehouse: Warehouse, scope: Scope, of: str) -> Analysis:
    """Tables of the cases that begin in the scope; of: "stage" or "channel". Shares in per cent, durations in hours.

    cases: n, share (of more than one contact), low, high. starts_ends: end (first or last contact), place, outcome
    ("(any)": all; of the case), n, share, low, high: "(any)" of all cases, others of the place's. steps: position (1 to
    4), from, to, n, share of the cases that are in `from` then. variants: the 20 most frequent ways. All: suppressed.
    Raises ScopeError.
    """
    names = places(warehouse, scope, of)
    found = cases(names, scope)
    whole = part("cases", _how_many(found))
    if not names.names:
        tables = {"cases": _cases(answers(warehouse, [whole]))}
        said = (
            _answer(scope, tables["cases"], None),
            f"No contact has a {of}, so that there are no ways between them.",
        )
        return Analysis("journey", scope, tables, said, _assumptions(scope, of))
    read = answers(warehouse, [whole, *_ends(found), _steps(found), *_variants(found)])
    variants = _listed(warehouse, names, scope, read)
    tables = {
        "cases": _cases(read), "starts_ends": _starts_ends(names, read), "steps": _drawn(names, read),
        "variants": variants,
    }  # fmt: skip
    return Analysis("journey", scope, tables, (_answer(scope, tables["cases"], variants),), _assumptions(scope, of))


def _how_many(found: Cases) -> sa.Select[tuple[object, ...]]:
    e = found.every.c
    several = sa.func.sum(sa.case((e.contacts > 1, e.cases), else_=0))
    return sa.select(*figures(sa.func.coalesce(sa.func.sum(e.cases), 0), several, sa.func.sum(e.cases)))


def _ends(found: Cases) -> list[sa.Select[tuple[object, ...]]]:
    """For first and last contacts: a (place), b (outcome, 0 = any), which are one table, so that sums hide together."""
    parts = []
    for what, place in (("starts", first_number(found.every.c.way)), ("ends", found.every.c.last)):
        e = sa.select(place.label("a"), found.every.c.outcome.label("b"), found.every.c.cases).subquery()
        counted = sa.select(e.c.a, e.c.b, sa.func.sum(e.c.cases).label("cases")).group_by(e.c.a, e.c.b).subquery()
        of_place = sa.func.sum(counted.c.cases).over(partition_by=counted.c.a)
        by_outcome = sa.select(counted.c.a, counted.c.b, *figures(counted.c.cases, counted.c.cases, of_place))
        of_all = sa.select(e.c.a, sa.func.sum(e.c.cases).label("cases")).group_by(e.c.a).subquery()
        any_outcome = sa.cast(sa.literal(0), sa.BigInteger).label("b")
        every = figures(of_all.c.cases, of_all.c.cases, sa.func.sum(of_all.c.cases).over())
        both = sa.union_all(by_outcome, sa.select(of_all.c.a, any_outcome, *every)).subquery()
        parts.append(part(what, sa.select(*both.c), ("a", "b")))
    return parts


def _steps(found: Cases) -> sa.Select[tuple[object, ...]]:
    m = moves(found.ways).c
    there = sa.func.sum(m.cases).over(partition_by=(m.a, m.b))
    return part("steps", sa.select(m.a, m.b, m.c, *figures(m.cases, m.cases, there)), ("a", "b", "c"))


def _variants(found: Cases) -> list[sa.Select[tuple[object, ...]]]:
    listed = largest(found.ways)
    v, way = listed.c, listed.c.way.label("a")
    taken = found.multi.join(listed, found.multi.c.way == listed.c.way)
    lasted = median(sa.true(), found.multi.c.hours).cells(taken, [found.multi.c.way.label("a")], [])
    return [
        part("variants", sa.select(way, *figures(v.cases, v.cases, sa.func.sum(v.cases).over())), ("a",)),
        part("contacts", sa.select(way, *only_value(v.cases, v.contacts / v.cases)), ("a",)),
        part("resolved", sa.select(way, *figures(v.known, v.resolved, v.known)), ("a",)),
        part("hours", lasted, ("a",)),
    ]


def _cases(read: dict[str, pd.DataFrame]) -> pd.DataFrame:
    return table(read, {"cases": ""}, _SHARE, ())[["n", *_SHARE, "suppressed"]]


def _starts_ends(names: Places, read: dict[str, pd.DataFrame]) -> pd.DataFrame:
    outcomes = (ANY, *OUTCOMES, NOT_GIVEN)
    found = []
    for what, end in _ENDS.items():
        own = table(read, {what: ""}, _SHARE, ("a", "b"))
        named = {"place": own["a"].map(names.name), "outcome": own["b"].map(lambda b: outcomes[int(b)])}
        found.append(own.assign(end=end, **named))
    return pd.concat(found, ignore_index=True)[["end", "place", "outcome", "n", *_SHARE, "suppressed"]]


def _drawn(names: Places, read: dict[str, pd.DataFrame]) -> pd.DataFrame:
    own = table(read, {"steps": ""}, _SHARE, KEYS)
    named = {"position": own["a"], "from": own["b"].map(names.name), "to": own["c"].map(names.name)}
    return own.assign(**named)[["position", "from", "to", "n", *_SHARE, "suppressed"]]


def _listed(warehouse: Warehouse, names: Places, scope: Scope, read: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """way, n, share, low, high, contacts (per case), hours (median from first to last contact), hours_low, hours_high,
    resolved (% of the cases whose outcome is known), ..., csat (% satisfied), csat_n (answers), csat_low, csat_high,
    suppressed. The most frequent first, all others together last.
    """
    listed = [int(way) for way in read["variants"]["a"] if way >= 0] if "variants" in read else []
    if listed:
        rated = satisfaction(names, scope, listed).subquery()
        score = sa.select(rated.c.a, *figures(rated.c.n, rated.c.hits, rated.c.n))
        read = {**read, **answers(warehouse, [part("csat", score, ("a",))])}
    what = {"variants": "", "contacts": "contacts", "hours": "hours", "resolved": "resolved", "csat": "csat"}
    own = table(read, what, _SHARE, ("a",))
    own = own.assign(last=own["a"] < 0, way=[spelled(names, int(way)) for way in own["a"]])
    ordered = own.sort_values(["last", "n"], ascending=[True, False], kind="stable", na_position="last")
    columns = [
        "way", "n", *_SHARE, "contacts", "hours", "hours_low", "hours_high", "resolved", "resolved_n", "resolved_low",
        "resolved_high", "csat", "csat_n", "csat_low", "csat_high", "suppressed",
    ]  # fmt: skip
    return ordered[columns].reset_index(drop=True)


def _answer(scope: Scope, whole: pd.DataFrame, variants: pd.DataFrame | None) -> str:
    period = f"From {short_date(scope.start)} to {short_date(scope.end)}" if scope.start and scope.end else "So far"
    if whole.empty:
        return f"{period} no case began."
    n, share, low, high = (float(whole[name].iloc[0]) for name in ("n", *_SHARE))
    if n != n or share != share:
        return f"{period} too few cases began to say how customers move."
    said = f"{period}, {amount(n, 'count')} cases began; {amount(share, '%')} ({interval(low, high, '%')}) of them took"
    said += " more than one contact"
    if variants is None:
        return said + "."
    several = variants[variants["way"].str.contains(" > ", regex=False) & variants["share"].notna()]
    if several.empty:
        return said + "."
    way, on_it = several[["way", "share"]].iloc[0]
    return f"{said}, most often {way} ({amount(on_it, '%')} of all cases)."


def _assumptions(scope: Scope, of: str) -> tuple[str, ...]:
    hours = journey.current().episode_hours
    filtered = (
        ["A filter means cases whose first contact meets it: “channel: chat” are the cases that begin in chat."]
        if scope.filters
        else []
    )
    return (
        "A case is the source's own; where it gives none, contacts of one customer on one reason with gaps of up to "
        f"{hours:g} hours. A case counts where its first contact lies in the period, with all its later contacts.",
        *filtered,
        "Cases that began late had less time for further contacts.",
        f"Ways show the first {STEPS} contacts, and the {MOST} most frequent are listed; contacts without a {of} are "
        f"“{NOT_GIVEN}”, {of}s beyond the 12 most frequent “{OTHER}”.",
        "Satisfaction is that of answers about contacts of these cases, so of those who answered; resolved is a share "
        "of the cases whose last outcome is known. Times go from a case's first contact to its last, rounded.",
    )
