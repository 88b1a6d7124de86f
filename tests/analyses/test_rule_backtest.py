"""Backtests against plain loops over the same rows, and by hand; small numbers stay hidden."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.analyses import rule_backtest
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.interventions import interventions
from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION
from cx_metrics.analyses.rule_backtest import backtest
from cx_metrics.analyses.rule_backtest_parts import drawn_below
from cx_metrics.analyses.rule_outcomes import outcomes
from cx_metrics.analyses.rule_text import Rule, parse
from cx_metrics.journey import Limits
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.rule_company import Rows, Tables, at, company, found, known_at, marked
from tests.conftest import Embedded, MakeWarehouse

END, DAY = at(121), datetime.timedelta(days=1)
RULES = parse("""
[[rule]]
name = "wall"
title = "Wall"
any = [ { signal = "bot_dead_end" } ]
quiet_days = 14
minutes = 30
[[rule]]
name = "low"
title = "Low"
of = "answer"
any = [ { fact = "low_score", is = "yes" } ]
all = [ { none = "contact from us", within_days = 1 } ]
quiet_days = 5
[[rule]]
name = "chat"
title = "Chat"
any = [ { fact = "channel", is = "chat" } ]
all = [ { fact = "segment", is = "family" } ]
quiet_days = 0
[[rule]]
name = "never"
title = "Never"
any = [ { fact = "wait_seconds", at_least = 1e9 } ]
""")
Moment = tuple[str, str, datetime.datetime, str | None]  # customer, fact, at, interaction


@pytest.fixture(scope="module")
def everything() -> Tables:
    rows = company(11)
    segments = [{"customer_id": f"c{number}", "segment": "family" if number % 2 else "single"} for number in range(40)]
    return {**marked(known_at(rows, END), END), "customers": segments}


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse, everything: Tables) -> Warehouse:
    return make_shared_warehouse(everything)


@pytest.fixture(scope="module")
def answer(warehouse: Warehouse) -> Iterator[Analysis]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule_backtest, "FEWEST_LEAVERS", 3)  # by subscriptions, though few ended
        yield interventions(warehouse, Scope(), RULES)


def moments_of(warehouse: Warehouse, rows: Tables, rule: Rule) -> list[Moment]:
    """The moments of a rule with their customers, in order."""
    of = {
        f"contact {row['interaction_id']}": (row["customer_id"], row["interaction_id"]) for row in rows["interactions"]
    }
    of |= {f"answer {row['answer_id']}": (row["customer_id"], None) for row in rows["survey_answers"]}
    return sorted((of[fact][0], fact, time, of[fact][1]) for fact, time in found(warehouse, rule).items())


def bad(rows: Tables) -> list[tuple[str, str, datetime.datetime, str | None]]:
    """kind, customer, time, contact of each outcome."""
    ended: dict[str, list[Any]] = {}
    for row in rows["subscriptions"]:
        ended.setdefault(row["customer_id"], []).append(row["ended_at"])
    gone = [("left", who, max(times), None) for who, times in ended.items() if None not in times]
    angry = [
        ("complained", row["customer_id"], row["ended_at"] or row["occurred_at"], row["interaction_id"])
        for row in rows["interactions"]
        if row.get("outcome") == "escalated" or (row.get("sentiment_end") is not None and row["sentiment_end"] < -0.3)
    ]
    low = [("low_score", row["customer_id"], row["answered_at"], None) for row in rows["survey_answers"]
           if row["answered_at"] and row["score"] <= 2]  # fmt: skip
    return [one for one in (*gone, *angry, *low) if one[2] <= END]


def keyed(answer: Analysis, table: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of a table by their first two columns."""
    rows = answer.tables[table].to_dict("records")
    return {tuple(row.values())[:2]: {str(name): value for name, value in row.items()} for row in rows}


def opening(course: list[Moment], quiet: float) -> list[Moment]:
    """Moments that the same customer had none before, for so many days."""
    kept: list[Moment] = []
    last: dict[str, datetime.datetime] = {}
    for moment in sorted(course, key=lambda one: (one[0], one[2], one[1])):
        before = last.get(moment[0])
        if before is None or moment[2] - before >= quiet * DAY:
            kept.append(moment)
        last[moment[0]] = moment[2]
    return kept


def comes_after(moment: Moment, outcome: Any) -> bool:
    same = moment[3] is not None and moment[3] == outcome[3]
    return outcome[1] == moment[0] and moment[2] < outcome[2] <= moment[2] + 30 * DAY and not same


def shares(opened: list[Moment], outcomes_: list[Any], subscriptions: Rows) -> dict[str, tuple[int, int]]:
    """outcome -> how many moments it followed, of how many."""
    judged = [moment for moment in opened if moment[2] < END - 30 * DAY]

    def could_leave(moment: Moment) -> bool:
        own = [row for row in subscriptions if row["customer_id"] == moment[0]]
        ends = [row["ended_at"] for row in own]
        last = None if None in ends else max(ends, default=None)
        started = bool(own) and min(row["started_at"] for row in own) <= moment[2]
        return started and (last is None or last > moment[2])

    told = {}
    for kind in ("any", "left", "complained", "low_score"):
        own = [moment for moment in judged if kind != "left" or could_leave(moment)]
        hit = sum(any(comes_after(m, o) for o in outcomes_ if kind in ("any", o[0])) for m in own)
        told[kind] = (hit, len(own))
    return told


def agree(row: Any, names: tuple[str, str, str, str], hits: int, n: int) -> None:
    """n, the share and its interval, hidden where they are too few."""
    count, value, low, high = (row[name] for name in names)
    assert math.isnan(count) if 0 < n < 5 else count == n
    if n < 10:
        assert math.isnan(value)
        return
    expected = proportion_confint(hits, n, method="wilson")
    assert value == pytest.approx(100 * hits / n)
    assert (low, high) == pytest.approx(tuple(100 * end for end in expected), abs=1e-3)


def test_what_followed_and_what_was_foreseen(warehouse: Warehouse, everything: Tables, answer: Analysis) -> None:
    table, known = keyed(answer, "outcomes"), bad(everything)
    for rule in RULES:
        course = moments_of(warehouse, everything, rule)
        told = shares(opening(course, rule.quiet_days), known, everything["subscriptions"])
        for kind, (hits, n) in told.items():
            row = table[rule.name, kind]
            agree(row, ("n", "precision", "low", "high"), hits, n)
            of = [outcome for outcome in known if kind in ("any", outcome[0])]
            seen = sum(any(comes_after(moment, outcome) for moment in course) for outcome in of)
            agree(row, ("outcomes", "recall", "recall_low", "recall_high"), seen, len(of))
    assert table["wall", "any"]["n"] > 30 and 0 < table["wall", "any"]["recall"] < 100


def test_comparable_contacts(warehouse: Warehouse, everything: Tables, answer: Analysis) -> None:
    table, known = keyed(answer, "outcomes"), bad(everything)
    family = {row["customer_id"] for row in everything["customers"] if row["segment"] == "family"}
    for rule in RULES:
        course = moments_of(warehouse, everything, rule)
        others: list[Moment] = []
        for row in everything["interactions"]:
            time = row.get("ended_at") or row["occurred_at"]
            near = any(m[0] == row["customer_id"] and time - 30 * DAY < m[2] <= time for m in course)
            let_in = rule.name != "chat" or row["customer_id"] in family
            if let_in and not near and time < END - 30 * DAY:
                key = row["interaction_id"]
                others.append((row["customer_id"], f"contact {key}", time, key))
        told = shares(opening(others, rule.quiet_days), known, everything["subscriptions"])
        for kind, (hits, n) in told.items():
            agree(table[rule.name, kind], ("base_n", "base", "base_low", "base_high"), hits, n)
    assert len({row["base_n"] for row in table.values()}) > 3


def test_how_often_how_early_and_overlap(warehouse: Warehouse, everything: Tables, answer: Analysis) -> None:
    known, rules = bad(everything), keyed(answer, "rules")
    overlap = keyed(answer, "overlap")
    courses = {rule.name: moments_of(warehouse, everything, rule) for rule in RULES}
    for rule in RULES:
        opened, row = opening(courses[rule.name], rule.quiet_days), rules[rule.name, rule.title]
        n = len(opened)
        assert row["n"] == n and row["moments"] == len(courses[rule.name])
        assert row["per_week"] == pytest.approx(n / (365 / 7))
        assert row["hours_week"] == pytest.approx(n / (365 / 7) * rule.minutes / 60)
        judged = [moment for moment in opened if moment[2] < END - 30 * DAY]
        firsts = [min([o[2] - m[2] for o in known if comes_after(m, o)], default=None) for m in judged]
        days = pd.Series([first / DAY for first in firsts if first is not None], dtype=float)
        if len(days) >= 10:
            expected = days.quantile([0.25, 0.5, 0.75]).tolist()
            assert [row[name] for name in ("lead_low", "lead", "lead_high")] == pytest.approx(expected)
        for other in RULES:
            if other is not rule:
                hits = sum(
                    any(o[0] == m[0] and abs(o[2] - m[2]) <= 7 * DAY for o in courses[other.name]) for m in opened
                )
                agree(overlap[rule.name, other.name], ("n", "share", "low", "high"), hits, n)
    weeks = answer.tables["weeks"]
    wall = {row["week"]: row["n"] for row in weeks.to_dict("records") if row["rule"] == "wall"}
    monday = pd.Timestamp("2025-12-01")
    in_week = [m for m in opening(courses["wall"], 14) if monday <= m[2] < monday + 7 * DAY]
    assert len(wall) == 52 and {week.weekday() for week in wall} == {0}
    assert (math.isnan(wall[monday]) and 0 < len(in_week) < 5) or wall[monday] == len(in_week)
    assert ((weeks["n"] == 0) | (weeks["n"] >= 5) | weeks["n"].isna()).all()


def test_one_rule_alone_is_the_same(warehouse: Warehouse, answer: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_backtest, "FEWEST_LEAVERS", 3)
    alone = backtest(warehouse, RULES[1], RULES, Limits())
    for name, table in answer.tables.items():
        own = table[table["rule"] == "low"].sort_values(list(table.columns[:2])).reset_index(drop=True)
        mine = alone.tables[name].sort_values(list(table.columns[:2])).reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, own, check_dtype=False)
    assert alone.sentences == (answer.sentences[1],)
    assert alone.to_dict()["tables"]["rules"][0]["rule"] == "low"


def test_sentences(answer: Analysis) -> None:
    wall, _, _, never = answer.sentences
    row = keyed(answer, "rules")["wall", "Wall"]
    assert wall.startswith(f"Wall: {row['per_week']:.1f} interventions and {row['hours_week']:.1f} hours")
    assert "after comparable contacts" in wall
    assert never == "Never: it would not have opened any intervention in the past year."
    assert any("no success rate" in text for text in answer.assumptions)


def test_a_rule_that_asks_for_value_says_what_it_needs(embedded: Embedded) -> None:
    calls = [
        {"interaction_id": f"i{n}", "customer_id": f"c{n}", "occurred_at": f"2026-05-{n + 1:02} 10:00:00"}
        for n in range(20)
    ]
    rules = parse('[[rule]]\nname = "rich"\ntitle = "Rich"\nany = [ { fact = "wait_seconds", below = 1e9 } ]\n'
                  'all = [ { value = "top fifth" } ]\n')  # fmt: skip
    found = interventions(embedded.warehouse({"interactions": calls}), Scope(limits=Limits()), rules)
    assert found.sentences[0].endswith("which needs orders or subscriptions with amounts.")


def test_inactivity_and_complaints_by_reason(embedded: Embedded) -> None:
    """Without subscriptions who has not ordered for six months has left, when these were over."""
    warehouse = embedded.warehouse({
        "orders": [{"order_id": f"o{day}", "customer_id": "a", "ordered_at": at(day)} for day in (0, 100, 300)]
        + [{"order_id": "late", "customer_id": "b", "ordered_at": at(200)}],
        "interactions": [{"interaction_id": "i", "customer_id": "a", "occurred_at": at(5), "reason": "A Complaint"},
                         {"interaction_id": "j", "customer_id": "a", "occurred_at": at(6), "reason": "praise"}],
    })  # fmt: skip
    for leaving, expected in ((ORDER, {("left", "a", at(283)), ("complained", "a", at(5))}),
                              (SUBSCRIPTION, {("complained", "a", at(5))})):  # fmt: skip
        rows = warehouse.read(outcomes(leaving, Limits()))
        kinds = [("left", "complained", "low_score")[place] for place in rows["kind"]]
        assert set(zip(kinds, rows["customer_id"], rows["at"], strict=True)) == expected
    answer = interventions(warehouse, Scope(), RULES)
    assert "6 months without an order" in " ".join(answer.assumptions)
    assert answer.tables["rules"]["n"].tolist()[1:] == [0, 0, 0]


def test_nothing_to_test_on(embedded: Embedded) -> None:
    empty = interventions(embedded.warehouse({}), Scope(), RULES)
    assert all(table.empty for table in empty.tables.values())
    assert empty.sentences == ("There are no data that rules could be tested on.",)


def test_the_draw() -> None:
    assert drawn_below(20_000, 20_000) is None and drawn_below(0, 20_000) is None
    assert drawn_below(40_000, 20_000) == "80000000" and drawn_below(3_000_000, 20_000) == "01b4e81b"
