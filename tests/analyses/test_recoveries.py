"""What came of stepping in: against a plain count of each moment, by hand, and against a reference library."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from statsmodels.stats.proportion import confint_proportions_2indep

from cx_metrics.analyses.recoveries import reached, recoveries
from cx_metrics.analyses.recoveries_compared import balance, effects, recovered
from cx_metrics.analyses.recoveries_moments import COVARIATES, KEYS, OUTCOMES, cells
from cx_metrics.analyses.recoveries_words import sentences
from cx_metrics.analyses.rule_text import Rule
from cx_metrics.journey import Limits
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import intervention_steps, interventions
from cx_metrics.model import interactions as contact
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
DAY = datetime.timedelta(days=1)
START = datetime.datetime(2024, 1, 1, 9)
END = START + 300 * DAY
RULES = tuple(Rule(name, name.capitalize()) for name in ("wall", "promise"))
ALWAYS = Scope(START.date() - 30 * DAY, END.date())


def moments(rule: Rule, limits: Limits) -> sa.Select[Any]:
    """Contacts at a touchpoint that is called like the rule."""
    fact = (sa.literal("contact ") + contact.c.interaction_id).label("fact")
    place = [contact.c[name] for name in ("interaction_id", "team", "channel", "stage", "reason")]
    happened = contact.c.occurred_at.label("happened_at")
    return sa.select(contact.c.customer_id, fact, happened, *place).where(contact.c.touchpoint == rule.name)


# --- each moment counted by itself -----------------------------------------------------------------------------------


def rows_of(seed: int) -> dict[str, list[Row]]:
    numbers = random.Random(seed)

    def when(first: float, last: float) -> datetime.datetime:
        return START + numbers.uniform(first, last) * DAY

    people = [f"c{number}" for number in range(90)]
    contacts = [
        {"interaction_id": f"i{place}", "customer_id": numbers.choice(people), "occurred_at": when(0, 300),
         "touchpoint": numbers.choices(["wall", "promise", "else"], [1, 1, 3])[0], "team": numbers.choice(["A", "B"]),
         "channel": numbers.choice(["chat", "phone"]), "reason": numbers.choice(["x", "y", None]),
         **numbers.choice([{"initiated_by": "company", "handled_by": "human"}, {"initiated_by": "customer"},
                           {"initiated_by": "company", "handled_by": "bot"}, {"initiated_by": None}])}
        for place in range(700)
    ]  # fmt: skip
    answers = [
        {"answer_id": f"a{place}", "customer_id": numbers.choice(people), "answered_at": when(0, 299), "dimension": f"d{place}",
         **numbers.choice([{"instrument": "csat", "score": numbers.randint(1, 5)},
                           {"instrument": "nps", "score": numbers.randint(0, 10)}])}
        for place in range(300)
    ]  # fmt: skip
    orders = [
        {"order_id": f"o{place}", "customer_id": numbers.choice(people), "ordered_at": when(-300, 299), "amount": place,
         "currency": "EUR", "status": numbers.choice(["paid", "paid", "cancelled"])}
        for place in range(300)
    ]  # fmt: skip
    subscriptions = [
        {"subscription_id": f"s{place}", "customer_id": person, "started_at": when(-200, 50),
         "ended_at": numbers.choice([None, when(60, 299)]), "monthly_amount": 10, "currency": "EUR"}
        for place, person in enumerate(people[:60])
    ]  # fmt: skip
    last = {"interaction_id": "last", "customer_id": "nobody", "occurred_at": END}
    return {"interactions": [*contacts, last], "survey_answers": answers, "orders": orders,
            "subscriptions": subscriptions}  # fmt: skip


REACHED = tuple((f"c{number}", START + 10 * number * DAY) for number in range(0, 30, 2))


def days(after: datetime.datetime, time: datetime.datetime) -> float:
    return (time - after) / DAY


def told(found: dict[str, list[Row]], moment: Row) -> Row:
    """What became of a moment's customer, read off the rows one by one."""
    at, mine = moment["occurred_at"], moment["customer_id"]
    own = {name: [row for row in rows if row["customer_id"] == mine] for name, rows in found.items()}
    since = [(days(at, row["occurred_at"]), row) for row in own["interactions"]]
    company = [(x, row.get("handled_by")) for x, row in since if row.get("initiated_by") == "company" and 0 < x <= 7]
    person = any(by == "human" for _, by in company)
    person |= any(who == mine and 0 < days(at, time) <= 7 for who, time in REACHED)
    back = any(7 < x <= 37 and row.get("initiated_by") != "company" and row["reason"] == moment["reason"]
               for x, row in since)  # fmt: skip
    said = [(days(at, row["answered_at"]), row, row["score"] <= (2 if row["instrument"] == "csat" else 6))
            for row in own["survey_answers"]]  # fmt: skip
    lows = [low for x, _, low in said if 7 < x <= 37]
    happy = [row["score"] >= 4 for x, row, _ in said if 7 < x <= 37 and row["instrument"] == "csat"]
    bought = [(days(at, row["ordered_at"]), row["amount"]) for row in own["orders"] if row["status"] != "cancelled"]
    sub = next(iter(own["subscriptions"]), None)
    gone = days(at, sub["ended_at"]) if sub and sub["ended_at"] else float("inf")
    subscribed = sub is not None and sub["started_at"] <= at and gone > 7
    pays = 120.0 if sub and sub["started_at"] <= at and gone > 0 else 0.0
    left = gone <= 37 if subscribed else None
    came_back = back if moment["reason"] else None
    low = any(lows) if lows else None
    part = ("young" if days(at, END) < 37 else "left" if 0 < gone <= 7 else "person" if person
            else "machine" if company else "nobody")  # fmt: skip
    known = subscribed or moment["reason"] is not None
    return {
        "part": part, "left": left, "came_back": came_back, "low_score": low,
        "recovered": not any((left, came_back, low)) if known else None,
        "no_order": not any(7 < x <= 37 for x, _ in bought) if any(x <= 0 for x, _ in bought) else None,
        "csat": sum(happy) / len(happy) if happy else None,
        "value": sum(amount for x, amount in bought if -365 < x <= 0) + pays,
        "contacts": sum(-90 <= x <= 0 for x, _ in since),
        "low_before": any(low for x, _, low in said if -90 <= x <= 0),
    }  # fmt: skip


def test_against_each_moment(make_warehouse: MakeWarehouse) -> None:
    found = rows_of(3)
    read = make_warehouse(found).read(cells(RULES, moments, ALWAYS, REACHED))
    marked = sorted((row for row in found["interactions"] if row.get("touchpoint") in ("wall", "promise")),
                    key=lambda row: row["occurred_at"])  # fmt: skip
    expected: dict[tuple[str, str], Row] = defaultdict(lambda: defaultdict(float))
    newest: dict[tuple[str, str], datetime.datetime] = {}
    once: dict[str, datetime.datetime] = {}
    alone = 0
    for moment in marked:
        rule, who, at = moment["touchpoint"], moment["customer_id"], moment["occurred_at"]
        before, any_before = newest.get((rule, who)), once.get(who)
        newest[rule, who] = once[who] = at
        if before and days(before, at) <= 37:
            continue
        alone += any_before is None or days(any_before, at) > 37
        row = told(found, moment)
        cell = expected[rule, row["part"]]
        cell["n"] += 1
        for name in (*OUTCOMES, *COVARIATES):
            if row[name] is not None:
                cell[f"n_{name}"] += 1
                cell[f"total_{name}"] += row[name]
                cell[f"squares_{name}"] += row[name] ** 2
    assert {part for _, part in expected} == {"young", "left", "person", "machine", "nobody"}
    assert read.loc[read["once"] == 1, "n"].sum() == alone < read["n"].sum()
    sums = read.groupby(["rule", "part"])[["n", *sorted(set(read.columns) - {*KEYS, "n"})]].sum()
    assert set(sums.index) == set(expected)
    for key, cell in expected.items():
        for name in sums.columns:
            assert sums.at[key, name] == pytest.approx(cell.get(name, 0.0)), (key, name)


# --- comparing -------------------------------------------------------------------------------------------------------


def made(*rows: tuple[str, str, str, int, int]) -> pd.DataFrame:
    """(rule, channel, part, n, recovered) as cells of one team; other outcomes are unknown."""
    frame = pd.DataFrame(rows, columns=["rule", "channel", "part", "n", "total_recovered"])
    frame = frame.assign(team="A", fifth=1, earlier=0, quarter=pd.Timestamp("2024-01-01"), once=1)
    for name in (*OUTCOMES, *COVARIATES):
        known = name == "recovered"
        frame[f"n_{name}"] = frame["n"] if known else 0.0
        frame[f"total_{name}"] = frame["total_recovered"] if known else 0.0
        frame[f"squares_{name}"] = frame[f"total_{name}"]
    for name in COVARIATES:  # what chat's customers are worth
        high = frame["n"].where(frame["channel"] == "chat", 0)
        frame = frame.assign(**{f"n_{name}": frame["n"], f"total_{name}": high, f"squares_{name}": high})
    return frame


def one(table: pd.DataFrame, **where: str) -> Row:
    """The only row of a table with these values."""
    for name, value in where.items():
        table = table[table[name] == value]
    (row,) = table.to_dict("records")
    return {str(name): value for name, value in row.items()}


def unknown(row: Row, *names: str) -> bool:
    return all(pd.isna(row[name]) for name in names)


def of_all(cells_made: pd.DataFrame) -> Row:
    return one(effects(cells_made), by="all", outcome="recovered")


UNLIKE = made(("wall", "chat", "person", 80, 40), ("wall", "chat", "nobody", 20, 8),
              ("wall", "phone", "person", 20, 18), ("wall", "phone", "nobody", 180, 144),
              ("wall", "post", "nobody", 50, 50), ("wall", "chat", "young", 9, 9))  # fmt: skip


def test_only_like_is_compared_with_like() -> None:
    """Raw, those contacted do worse (58 against 81 %); of their own kind they do better by ten points on each channel."""
    row = one(effects(UNLIKE), by="rule", outcome="recovered")
    assert (row["contacted"], row["others"]) == pytest.approx((58, 0.8 * 40 + 0.2 * 80))
    assert row["difference"] == pytest.approx(10)
    assert row["low"] < 10 < row["high"]
    assert (row["n_contacted"], row["n_others"], row["others_left_out"], row["strata"]) == (100, 200, 50, 2)


def test_balance_before_and_after() -> None:
    """Eight of ten contacted came by chat, of the others 20 of 250; matched, both are the same."""
    row = one(balance(UNLIKE), what="yearly value")
    spread = ((100 * 0.8 * 0.2 / 99 + 250 * 0.08 * 0.92 / 249) / 2) ** 0.5
    assert row["before"] == pytest.approx((0.8 - 0.08) / spread)
    assert (row["matched_contacted"], row["matched_others"], row["after"]) == pytest.approx((0.8, 0.8, 0))
    assert one(balance(UNLIKE), what="channel post")["after"] == 0
    assert balance(made(("wall", "chat", "person", 9, 1), ("wall", "chat", "nobody", 90, 10))).empty


@pytest.mark.parametrize(("hits", "n", "other_hits", "others"), [(150, 200, 220, 400), (39, 40, 300, 400)])
def test_one_stratum_is_newcombes_interval(hits: int, n: int, other_hits: int, others: int) -> None:
    row = of_all(made(("wall", "chat", "person", n, hits), ("wall", "chat", "nobody", others, other_hits)))
    low, high = confint_proportions_2indep(hits, n, other_hits, others, method="newcomb", compare="diff")
    assert (row["low"], row["high"]) == pytest.approx((100 * low, 100 * high), rel=0.03)


def test_nobody_of_few_is_no_certainty() -> None:
    """None of 40 left: the interval keeps a width."""
    row = of_all(made(("wall", "chat", "person", 40, 40), ("wall", "chat", "nobody", 40, 40)))
    assert row["difference"] == 0 and row["low"] < -5 and row["high"] > 5


def test_few_are_hidden() -> None:
    table = effects(made(("wall", "chat", "person", 20, 10), ("wall", "chat", "nobody", 90, 45),
                         ("promise", "chat", "person", 4, 2), ("promise", "chat", "nobody", 50, 9)))  # fmt: skip
    wall, promise = (one(table, by="rule", group=name, outcome="recovered") for name in ("wall", "promise"))
    assert wall["contacted"] == 50 and unknown(wall, "difference", "low")  # below 30
    assert unknown(promise, "n_contacted", "contacted", "others")


def test_who_recovered() -> None:
    found = recovered(made(("wall", "chat", "person", 50, 30), ("wall", "chat", "nobody", 60, 30),
                           ("wall", "chat", "young", 9, 9), ("promise", "chat", "person", 3, 3),
                           ("promise", "chat", "nobody", 40, 3)))  # fmt: skip
    wall, promise = (one(found, by="rule", group=name) for name in ("wall", "promise"))
    names = ("moments", "set_aside", "contacted", "others", "n", "value")
    assert [wall[name] for name in names] == [119, 9, 50, 60, 50, 60]
    assert wall["low"] < 60 < wall["high"]
    assert unknown(promise, "moments", "contacted", "n", "value") and promise["others"] == 40


# --- as a whole ------------------------------------------------------------------------------------------------------


def history(contacted: int, others: int, back_contacted: int, back_others: int) -> list[Row]:
    """Customers with a moment, of whom the first are called the day after; so many of each come back after 20 days."""
    rows: list[Row] = [{"interaction_id": "last", "occurred_at": END}]
    for number in range(contacted + others):
        own = {"customer_id": f"c{number}", "channel": "chat", "reason": "x", "team": "A"}
        rows.append({**own, "interaction_id": f"m{number}", "touchpoint": "wall", "occurred_at": START})
        if number < contacted:
            call = {"initiated_by": "company", "handled_by": "human", "occurred_at": START + DAY}
            rows.append({**own, "interaction_id": f"k{number}", **call})
        back = number < back_contacted if number < contacted else number - contacted < back_others
        if back:
            rows.append({**own, "interaction_id": f"b{number}", "occurred_at": START + 20 * DAY})
    return rows


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    return embedded.warehouse({"interactions": history(40, 100, 4, 50)})


def test_the_answer(company: Warehouse) -> None:
    found = recoveries(company, ALWAYS, RULES, (), moments)
    assert found.sentences[0] == (
        "Of 40 moments after which a person of ours contacted the customer within 7 days, 90.0 % (76.9 to 96.0 %) ended "
        "in a recovery. Of the 40 that have comparable ones it was 90.0 %, against 50.0 % of 100 whom nobody contacted: "
        "more, by estimate (+40.0 points, +23.6 to +51.4)."
    )
    assert found.sentences[2].startswith("Clear for the rules: Wall (+40.0 points")
    team = one(found.tables["effects"], by="team", outcome="came_back")
    assert (team["group"], team["difference"]) == ("A", -40)


def test_outcomes_of_the_queue_count(embedded: Embedded) -> None:
    """Nobody is called in the data; the ledger says who was."""
    company = embedded.warehouse({"interactions": history(0, 100, 0, 50)})
    pairs = tuple((f"c{number}", START + 2 * DAY) for number in range(60, 100))
    too_late = (("c0", START + 8 * DAY), ("c1", START - DAY))
    row = recoveries(company, ALWAYS, RULES, pairs + too_late, moments).tables["recovered"].to_dict("records")[0]
    assert (row["contacted"], row["others"], row["value"]) == (40, 60, 100)


def test_whom_the_ledger_says_was_reached() -> None:
    ledger = Ledger("sqlite://")
    opened = {
        "customer_id": "c1",
        "rule": "wall",
        "rules_version": 0,
        "happened_at": START,
        "team": "",
        "due_at": START,
    }
    step = {"who": "Ana", "words": "", "status": "done", "assignee": "Ana", "team": "", "due_at": START}
    with ledger.alone() as writing:
        first, second = (writing.add(interventions, {**opened, "customer_id": who}) for who in ("c1", "c2"))
        for intervention, number, action, outcome in (
            (first, 1, "claim", ""), (first, 2, "outcome", "reached, not solved"), (second, 1, "outcome", "not reached"),
        ):  # fmt: skip
            row = {"intervention_id": intervention, "number": number, "action": action, "outcome": outcome}
            writing.add(intervention_steps, {**step, **row})
    ((who, at),) = reached(ledger)
    assert who == "c1" and abs(datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - at) < DAY
    assert reached(Ledger("sqlite://")) == ()


def test_little_or_nothing(company: Warehouse) -> None:
    nothing = "No rule found a moment in this scope, so there is nothing that could have been recovered."
    later, other = Scope(END.date(), END.date()), Scope(ALWAYS.start, ALWAYS.end, filters=(("team", ("B",)),))
    for scope in (later, other):
        assert recoveries(company, scope, RULES, (), moments).sentences == (nothing,)
    assert recoveries(company, ALWAYS, (), (), moments).sentences == ("There are no rules yet.",)
    with pytest.raises(ScopeError, match="there is no 'outcome' to filter by"):
        recoveries(company, Scope(filters=(("outcome", ("resolved",)),)), RULES, (), moments)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((("wall", "chat", "young", 20, 0),), "Of 20 moments in this scope none can be told of: younger than 37 days"),
        ((("wall", "chat", "nobody", 90, 9),), "After none of 90 moments in this scope did a person of ours contact"),
        ((("wall", "chat", "person", 6, 3), ("wall", "chat", "nobody", 90, 9)),
         "A person of ours contacted the customer after 6 moments only; from 10 on a share is shown"),
        ((("wall", "chat", "person", 20, 15), ("wall", "chat", "nobody", 90, 9)),
         "Of 20 moments after which a person of ours contacted the customer within 7 days, 75.0 % (53.1 to 88.8 %) "
         "ended in a recovery. Too few of them have comparable others"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(rows: tuple[tuple[str, str, str, int, int], ...], said: str) -> None:
    given = made(*rows)
    tables = {"recovered": recovered(given), "effects": effects(given), "balance": balance(given)}
    assert sentences(tables, {})[0].startswith(said)
