"""How customers move, computed a second time case by case from the rows of the files."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cx_metrics.scope import NOT_GIVEN, Scope
from tests.metrics.oracle import ORACLES

Frame = pd.DataFrame
Row = dict[str, Any]
Counts = Counter[tuple[Any, ...]]
OUTCOMES = ("resolved", "unresolved", "abandoned", "escalated", NOT_GIVEN)
STAGES = ("buy", "use", "pay", "get help", NOT_GIVEN)  # of random contacts, in the order of the journey
CHANNELS = ("web", "email", "chat", "phone", NOT_GIVEN)


def name(value: Any) -> str:
    """A text as it is shown."""
    return NOT_GIVEN if value is None or value != value else str(value)


def ordered(rows: Frame, scope: Scope) -> list[Row]:
    """Contacts by time, those of one second by key; `inside` says whether they lie in the scope."""
    found = pd.Series(True, index=rows.index)
    if scope.start is not None:
        found &= rows["occurred_at"] >= pd.Timestamp(scope.start)
    if scope.end is not None:
        found &= rows["occurred_at"] < pd.Timestamp(scope.end) + pd.Timedelta(days=1)
    for column, values in scope.filters:
        found &= rows[column].isin(values) | (rows[column].isna() & (NOT_GIVEN in values))
    marked = rows.assign(inside=found).sort_values(["occurred_at", "interaction_id"])
    return [{str(key): value for key, value in row.items()} for row in marked.to_dict("records")]


def all_cases(rows: Frame, scope: Scope) -> list[list[Row]]:
    """The contacts of each case in their order."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in ordered(rows, scope):
        found[row["case_key"]].append(row)
    return list(found.values())


def cases(rows: Frame, scope: Scope) -> list[list[Row]]:
    """The whole cases that begin in the scope."""
    return [case for case in all_cases(rows, scope) if case[0]["inside"]]


def places(case: Sequence[Row], of: str) -> list[str]:
    """The stages or channels of a case."""
    return [name(row[of]) for row in case]


def way(case: Sequence[Row], of: str) -> str:
    """The case's way in words."""
    names = places(case, of)
    return " > ".join([*names[:8], *(["…"] if len(names) > 8 else [])])


def rounded(hours: float) -> float:
    """To the minute below two hours, else to a tenth of an hour."""
    return math.floor(hours * 60 + 0.5) / 60 if hours < 2 else math.floor(hours * 10 + 0.5) / 10


def hours(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Hours between two times."""
    return float((end - start).total_seconds() / 3600)


def variants(whole: Sequence[Sequence[Row]], answers: Frame, of: str) -> dict[str, dict[str, float]]:
    """Per way: n, contacts (per case), hours (median), resolved and resolved_n, csat and csat_n."""
    by_way: dict[str, list[Sequence[Row]]] = defaultdict(list)
    for case in whole:
        by_way[way(case, of)].append(case)
    least = sorted(map(len, by_way.values()), reverse=True)[:20][-1]  # only the 20 most frequent are listed
    return {
        path: _variant(mine, answers) if len(mine) >= least else {"n": float(len(mine))}
        for path, mine in by_way.items()
    }


def _variant(mine: Sequence[Sequence[Row]], answers: Frame) -> dict[str, float]:
    known = [case[-1]["outcome"] for case in mine if isinstance(case[-1]["outcome"], str)]
    lasted = [rounded(hours(case[0]["occurred_at"], case[-1]["occurred_at"])) for case in mine if len(case) > 1]
    contacts = {row["interaction_id"] for case in mine for row in case}
    csat_n, csat = ORACLES["csat"].figure(answers[answers["interaction_id"].isin(contacts)])
    return {
        "n": len(mine), "contacts": sum(map(len, mine)) / len(mine),
        "hours": float(pd.Series(lasted).median()) if lasted else math.nan, "resolved_n": len(known),
        "resolved": 100 * known.count("resolved") / len(known) if known else math.nan, "csat": csat, "csat_n": csat_n,
    }  # fmt: skip


def steps(whole: Sequence[Sequence[Row]], of: str) -> Counts:
    """(position, from, to) -> cases, for the first four contacts."""
    found: Counts = Counter()
    for case in whole:
        names = places(case, of)
        for position in range(1, min(len(names), 4) + 1):
            after = names[position] if position < len(names) else "(ended)"
            found[position, names[position - 1], "(goes on)" if position == 4 and after != "(ended)" else after] += 1
    return found


def starts_ends(whole: Sequence[Sequence[Row]], of: str) -> Counts:
    """(end, place, outcome) -> cases."""
    found: Counts = Counter()
    for case in whole:
        names = places(case, of)
        for end, place in (("first contact", names[0]), ("last contact", names[-1])):
            for what in (name(case[-1]["outcome"]), "(any)"):
                found[end, place, what] += 1
    return found


def transitions(rows: Frame, scope: Scope, of: str) -> dict[tuple[str, str], list[float]]:
    """(from, to) -> the rounded hours between each two contacts of a case, the first of which lies in the scope."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for case in all_cases(rows, scope):
        for here, after in itertools.pairwise(case):
            if here["inside"]:
                apart = rounded(hours(here["occurred_at"], after["occurred_at"]))
                found[name(here[of]), name(after[of])].append(apart)
    return found


def loops(whole: Sequence[Sequence[Row]]) -> tuple[Counts, Counts, Counts]:
    """Cases per reason, those of them with a loop, and (stage, by way of, reason) -> cases."""
    n, circled, ways = Counts(), Counts(), Counts()
    for case in whole:
        reason, stages = name(case[0]["reason"]), places(case, "stage")
        mine = {
            (stages[i], stages[i - 1], reason)
            for i in range(2, len(stages))
            if NOT_GIVEN not in stages[i - 1 : i + 1] and stages[i] != stages[i - 1] and stages[i] in stages[: i - 1]
        }
        n[reason,] += 1
        circled[reason,] += bool(mine)
        ways.update(mine)
    return n, circled, ways


def funnel(rows: Frame, scope: Scope, stages: Sequence[str]) -> tuple[list[dict[str, pd.Timestamp]], Counts, Counts]:
    """Per step: customer -> time; and (step, stage and channel of the next contact) and (step, outcome) of who left."""
    first = Scope(scope.start, scope.end, filters=tuple(given for given in scope.filters if given[0] != "stage"))
    begins = {row["interaction_id"] for row in ordered(rows, first) if row["inside"]}
    seen: dict[str, list[Row]] = defaultdict(list)
    for row in ordered(rows, Scope(scope.start, scope.end)):
        if row["inside"] and isinstance(row["customer_id"], str):
            seen[row["customer_id"]].append(row)
    reached: list[dict[str, pd.Timestamp]] = [{} for _ in stages]
    following, outcomes = Counts(), Counts()
    for customer, theirs in seen.items():
        at, ended = None, ""
        for step, stage in enumerate(stages):
            mine = [row for row in theirs if row["stage"] == stage and (at is None or row["occurred_at"] >= at)]
            mine = [row for row in mine if step or row["interaction_id"] in begins]
            if not mine:
                if step:
                    following[step, _soonest([row for row in theirs if row["occurred_at"] > at])] += 1
                    outcomes[step, ended] += 1
                break
            at = reached[step][customer] = mine[0]["occurred_at"]
            ended = min((name(row["outcome"]) for row in mine if row["occurred_at"] == at), key=OUTCOMES.index)
    return reached, following, outcomes


def _soonest(later: Sequence[Row]) -> str:
    """The next contact; of those at one time the one that is earlier in the journey."""
    if not later:
        return "no further contact"
    at = [row for row in later if row["occurred_at"] == later[0]["occurred_at"]]
    stage, channel = min((STAGES.index(name(row["stage"])), CHANNELS.index(name(row["channel"]))) for row in at)
    return f"{STAGES[stage]}, {CHANNELS[channel]}"


def shown(table: Frame, keys: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    """The rows of a table by their keys."""
    return {tuple(row[key] for key in keys): row for row in table.to_dict("records")}


def agree(found: Mapping[tuple[Any, ...], Mapping[str, Any]], wanted: Mapping[tuple[Any, ...], float]) -> None:
    """The same cells; each n is right or hidden, those below 5 are hidden, those below 10 have no share."""
    assert set(found) == {key for key, n in wanted.items() if n}
    visible = 0
    for key, row in found.items():
        n = wanted[key]
        if n < 5 or row["n"] != row["n"]:
            assert row["n"] != row["n"] and row["share"] != row["share"] and row["suppressed"], key
            continue
        assert row["n"] == n, key
        assert (row["share"] != row["share"]) == (n < 10) == bool(row["suppressed"]), key
        visible += 1
    assert visible or not found
