"""How customers move, against plain pandas: on a random company and at the edges; and an independent implementation."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pm4py
import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.journey_paths import journey
from cx_metrics.journey import Limits
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses import journey_oracle as oracle
from tests.conftest import Embedded, MakeWarehouse
from tests.metrics.company import tables
from tests.metrics.oracle import facts_of

Row = dict[str, Any]
START = datetime(2024, 3, 4, 9)
ALL = Scope(date(2024, 1, 1), date(2025, 12, 31), "none")
SCOPES = {
    "all": ALL,
    "half a year": Scope(date(2024, 3, 1), date(2024, 9, 30), "none"),
    "begun by chat or nowhere": Scope(ALL.start, ALL.end, "none", (("channel", ("chat", NOT_GIVEN)),)),
    "in the north": Scope(date(2024, 2, 1), ALL.end, "none", (("region", ("north", NOT_GIVEN)),)),
}


ASKED = (
    ("all", "stage"),
    ("half a year", "channel"),
    ("begun by chat or nowhere", "channel"),
    ("in the north", "stage"),
)


@dataclass(frozen=True)
class Wanted:
    """What the oracle finds in one scope."""

    cases: list[list[Row]]
    steps: oracle.Counts
    starts_ends: oracle.Counts
    transitions: dict[tuple[str, str], list[float]]
    variants: dict[str, dict[str, float]]
    loops: tuple[oracle.Counts, oracle.Counts, oracle.Counts]


@functools.cache
def wanted(name: str, of: str) -> Wanted:
    """Computed once for all engines."""
    facts, scope = _facts(), SCOPES[name]
    whole = oracle.cases(facts["contacts"], scope)
    return Wanted(
        whole, oracle.steps(whole, of), oracle.starts_ends(whole, of), oracle.transitions(facts["contacts"], scope, of),
        oracle.variants(whole, facts["answers"], of), oracle.loops(whole),
    )  # fmt: skip


@functools.cache
def _facts() -> dict[str, pd.DataFrame]:
    return facts_of(tables())


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(tables())


# --- a random company, twice -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "of"), ASKED)
def test_figures_of_the_random_company(name: str, of: str, company: Warehouse) -> None:
    found, right = journey(company, SCOPES[name], of), wanted(name, of)
    cases = found.tables["cases"].iloc[0]
    assert cases["n"] == len(right.cases)
    assert cases["share"] == pytest.approx(100 * sum(len(case) > 1 for case in right.cases) / len(right.cases))
    oracle.agree(oracle.shown(found.tables["steps"], ("position", "from", "to")), right.steps)
    oracle.agree(oracle.shown(found.tables["starts_ends"], ("end", "place", "outcome")), right.starts_ends)
    _check_transitions(found.tables["transitions"], right.transitions)
    _check_variants(found.tables["variants"], right.variants)
    _check_loops(found, right.loops)


def _check_transitions(table: pd.DataFrame, wanted: dict[tuple[str, str], list[float]]) -> None:
    found = oracle.shown(table, ("from", "to"))
    oracle.agree(found, {key: len(hours) for key, hours in wanted.items()})
    for (here, there), row in found.items():
        if row["share"] == row["share"]:
            left = sum(len(hours) for (start, _), hours in wanted.items() if start == here)
            assert row["share"] == pytest.approx(100 * row["n"] / left)
            assert row["low"] < row["share"] < row["high"]
            assert row["median_hours"] == pytest.approx(pd.Series(wanted[here, there]).median())


def _check_variants(table: pd.DataFrame, wanted: dict[str, dict[str, float]]) -> None:
    listed, rest = table.iloc[:-1], table.iloc[-1]
    assert len(listed) == 20 and rest["way"] == "(all other ways)"
    sizes = sorted((figures["n"] for figures in wanted.values()), reverse=True)
    assert sorted((wanted[way]["n"] for way in listed["way"]), reverse=True) == sizes[:20]
    assert rest["n"] == sum(sizes[20:])
    for name, n in (("share", "n"), ("contacts", "n"), ("hours", "n"), ("resolved", "resolved_n"), ("csat", "csat_n")):
        family = {row["way"]: wanted[row["way"]] for row in listed.to_dict("records")}
        few = any(0 < figures[n] < 5 for figures in family.values())
        shown = 0
        for way, value in listed[["way", name]].to_numpy().tolist():
            figures = {**family[way], "share": 100 * family[way]["n"] / sum(sizes)}
            if value == value:
                assert figures[n] >= 10 and value == pytest.approx(figures[name]), (way, name)
                shown += 1
            else:  # a sibling of a small one may be hidden too
                assert figures[n] < 10 or figures[name] != figures[name] or few, (way, name)
        assert shown


def _check_loops(found: Analysis, wanted: tuple[oracle.Counts, oracle.Counts, oracle.Counts]) -> None:
    n, circled, ways = wanted
    table = oracle.shown(found.tables["loops"], ("reason",))
    oracle.agree(table, n)
    looping = [reason for reason in n if circled[reason]]
    for reason, row in table.items():
        others = [other for other in looping if other != reason]
        assert row["cases"] == circled[reason] and row["share"] == pytest.approx(100 * circled[reason] / n[reason])
        rest = 100 * sum(circled[other] for other in others) / sum(n[other] for other in others)
        assert row["rest_share"] == pytest.approx(rest)
    shown = oracle.shown(found.tables["loop_ways"], ("stage", "by_way_of", "reason"))
    assert {key: row["cases"] for key, row in shown.items()} == dict(ways.most_common(len(shown)))
    assert len(shown) == min(len(ways), 50)


# --- small logs, by hand ---------------------------------------------------------------------------------------------


def log(*ways: str, copies: int = 10, hours: float = 24.0) -> list[Row]:
    """Contacts of `copies` customers for each way such as "web:buy chat:pay", with so many hours between contacts."""
    rows = []
    for number, way in enumerate(ways):
        for copy in range(copies):
            who = f"{number}-{copy:02}"
            for place, contact in enumerate(way.split()):
                channel, _, stage = contact.partition(":")
                last = place == len(way.split()) - 1
                rows.append({
                    "interaction_id": f"{who}-{place:02}", "customer_id": who, "case_id": who,
                    "occurred_at": START + timedelta(hours=place * hours), "channel": channel or None,
                    "stage": stage or None, "reason": f"reason {number}", "outcome": "resolved" if last else "unresolved",
                })  # fmt: skip
    return rows


def by_hand() -> list[Row]:
    """20 x chat, 10 x chat > phone, 10 x chat > phone > phone, 10 x web > chat > phone > chat > web."""
    return log("chat", "chat", "chat phone", "chat phone phone", "web chat phone chat web")


@pytest.fixture(scope="module")
def small(make_shared_warehouse: MakeWarehouse) -> Analysis:
    return journey(make_shared_warehouse({"interactions": by_hand()}), ALL, "channel")


def test_ways_by_hand(small: Analysis) -> None:
    ways = small.tables["variants"].set_index("way")
    assert ways["n"].to_dict() == {
        "chat": 20, "chat > phone": 10, "chat > phone > phone": 10, "web > chat > phone > chat > web": 10,
    }  # fmt: skip
    assert ways["share"].tolist() == [40, 20, 20, 20]
    assert ways["contacts"].tolist() == [1, 2, 3, 5]
    assert ways["hours"].fillna(-1).tolist() == [-1, 24, 48, 96]
    assert (ways["resolved"] == 100).all() and ways["csat"].isna().all()
    assert small.sentences[0] == (
        "From 1 Jan 2024 to 31 Dec 2025, 50 cases began; 60.0 % (46.2 to 72.4 %) of them took more than one contact, "
        "most often chat > phone (20.0 % of all cases)."
    )


def test_transitions_by_hand(small: Analysis) -> None:
    found = {
        (row["from"], row["to"]): (row["n"], row["share"], row["median_hours"])
        for row in small.tables["transitions"].to_dict("records")
    }
    assert found == {
        ("web", "chat"): (10, 100, 24), ("chat", "web"): (10, 25, 24), ("chat", "phone"): (30, 75, 24),
        ("phone", "chat"): (10, 50, 24), ("phone", "phone"): (10, 50, 24),
    }  # fmt: skip
    assert small.sentences[2] == (
        "The most frequent change is from chat to phone: 75.0 % (59.8 to 85.8 %) of those who make contact again after "
        "chat go there, half of them within 24.0 h."
    )


def test_starts_and_ends_by_hand(small: Analysis) -> None:
    table = small.tables["starts_ends"]
    found = oracle.shown(table[table["outcome"] == "(any)"], ("end", "place"))
    assert {key: (row["n"], row["share"]) for key, row in found.items()} == {
        ("first contact", "web"): (10, 20), ("first contact", "chat"): (40, 80), ("last contact", "web"): (10, 20),
        ("last contact", "chat"): (20, 40), ("last contact", "phone"): (20, 40),
    }  # fmt: skip
    assert set(table["outcome"]) == {"(any)", "resolved"}


def test_steps_by_hand(small: Analysis) -> None:
    found = oracle.shown(small.tables["steps"], ("position", "from", "to"))
    assert {key: row["n"] for key, row in found.items()} == {
        (1, "chat", "(ended)"): 20, (1, "chat", "phone"): 20, (1, "web", "chat"): 10, (2, "phone", "(ended)"): 10,
        (2, "phone", "phone"): 10, (2, "chat", "phone"): 10, (3, "phone", "(ended)"): 10, (3, "phone", "chat"): 10,
        (4, "chat", "(goes on)"): 10,
    }  # fmt: skip


def test_an_independent_implementation_agrees(embedded: Embedded) -> None:
    """pm4py on a random log of 30 traces, each ten times, so that nothing is hidden."""
    dice = np.random.default_rng(11)
    ways = [" ".join(dice.choice(["web", "chat", "phone", "email"], dice.integers(1, 7))) for _ in range(30)]
    rows = log(*ways)
    found = journey(embedded.warehouse({"interactions": rows}), ALL, "channel").tables
    frame = pd.DataFrame(rows).rename(columns={"case_id": "case:concept:name", "channel": "concept:name"})
    events = frame.assign(**{"time:timestamp": pd.to_datetime(frame["occurred_at"], utc=True)})
    graph, starts, ends = pm4py.discover_dfg(events)
    moves = {(row["from"], row["to"]): row["n"] for row in found["transitions"].to_dict("records")}
    assert moves == dict(graph)
    variants = {" > ".join(names): n for names, n in pm4py.get_variants(events).items()}
    table = found["variants"][found["variants"]["way"] != "(all other ways)"]
    assert table["n"].tolist() == sorted(variants.values(), reverse=True)[:20]
    assert all(variants[way] == n for way, n in table[["way", "n"]].to_numpy().tolist())
    whole = found["starts_ends"][found["starts_ends"]["outcome"] == "(any)"]
    for end, wanted in (("first contact", starts), ("last contact", ends)):
        own = whole[whole["end"] == end]
        assert dict(zip(own["place"], own["n"], strict=True)) == dict(wanted)


# --- edges -----------------------------------------------------------------------------------------------------------


def test_same_second_contacts_go_by_their_keys(make_warehouse: MakeWarehouse) -> None:
    found = journey(make_warehouse({"interactions": log("web chat phone", hours=0)}), ALL, "channel").tables
    assert found["variants"]["way"].tolist() == ["web > chat > phone"]
    assert found["variants"]["hours"].tolist() == [0] and (found["transitions"]["median_hours"] == 0).all()


def test_a_missing_place_is_not_an_end(make_warehouse: MakeWarehouse) -> None:
    found = journey(make_warehouse({"interactions": log("chat : chat", "chat :")}), ALL, "channel").tables
    assert found["variants"]["way"].tolist() == [f"chat > {NOT_GIVEN}", f"chat > {NOT_GIVEN} > chat"]
    steps = {key: row["n"] for key, row in oracle.shown(found["steps"], ("position", "from", "to")).items()}
    assert steps[1, "chat", NOT_GIVEN] == 20
    assert steps[2, NOT_GIVEN, "(ended)"] == 10 and steps[2, NOT_GIVEN, "chat"] == 10


def test_a_case_over_a_year_long_counts_where_it_begins(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"interactions": log("chat phone phone", hours=24 * 200)})
    begun = journey(warehouse, Scope(START.date(), START.date(), "none"), "channel").tables
    assert begun["variants"]["way"].tolist() == ["chat > phone > phone"]
    assert begun["variants"]["hours"].tolist() == [24 * 400]
    later = START.date() + timedelta(days=100)
    after = journey(warehouse, Scope(later, later + timedelta(days=200), "none"), "channel")
    assert "no case began" in after.sentences[0] and after.tables["variants"].empty
    assert after.tables["transitions"][["from", "to", "n"]].to_numpy().tolist() == [["phone", "phone", 10]]


def test_long_ways_are_cut(embedded: Embedded) -> None:
    eight, nine = " ".join(["chat"] * 8), " ".join(["chat"] * 9)
    table = journey(embedded.warehouse({"interactions": log(eight, nine)}), ALL, "channel").tables["variants"]
    assert table["way"].tolist() == [" > ".join(["chat"] * 8), " > ".join([*["chat"] * 8, "…"])]
    assert table["contacts"].tolist() == [8, 9]


def test_rare_places_are_one(embedded: Embedded) -> None:
    ways = [f"channel{number:02} chat" for number in range(14)]
    found = journey(embedded.warehouse({"interactions": log(*ways)}), ALL, "channel").tables["transitions"]
    assert len(found) == 12 and found.set_index("from").loc["(other)", "n"] == 30


def test_one_customer_with_50_000_contacts(embedded: Embedded) -> None:
    """All in one case, a minute apart, web and chat in turn."""
    rows = [
        {
            "interaction_id": f"b{number:05}", "customer_id": "busy", "case_id": "k", "reason": "r",
            "occurred_at": START + timedelta(minutes=number), "channel": ("web", "chat")[number % 2],
            "stage": ("buy", "use")[number % 2], "outcome": "unresolved",
        }
        for number in range(50_000)
    ]  # fmt: skip
    found = journey(embedded.warehouse({"interactions": rows + log("chat phone")}), ALL, "channel").tables
    moves = found["transitions"].set_index(["from", "to"])
    assert moves.loc[("web", "chat"), "n"] == 25_000 and moves.loc[("chat", "web"), "n"] == 24_999
    assert moves.loc[("web", "chat"), "median_hours"] == pytest.approx(1 / 60)
    assert found["cases"]["n"].tolist() == [11]
    assert (
        found["loops"].set_index("reason")["n"].dropna().to_dict() == {"reason 0": 10}
        or found["loops"]["n"].isna().all()
    )
    assert found["funnel"]["n"].isna().all()  # a single customer


# --- nothing or little to say ----------------------------------------------------------------------------------------


def test_without_data(empty_warehouse: Warehouse) -> None:
    for of in ("stage", "channel"):
        found = journey(empty_warehouse, Scope(), of)
        assert found.sentences[0] == "So far no case began." and found.to_dict()["tables"]["cases"] == []


def test_small_groups_are_hidden(embedded: Embedded) -> None:
    found = journey(embedded.warehouse({"interactions": log("chat", "chat phone", "web", copies=3)}), ALL, "channel")
    assert "9 cases began" not in found.sentences[0] and "too few" in found.sentences[0]
    for name in ("variants", "steps", "transitions"):
        assert found.tables[name]["n"].fillna(0).isin([0, 6]).all()


def test_without_stages_there_are_channels(embedded: Embedded) -> None:
    warehouse = embedded.warehouse({"interactions": log("chat phone")})
    found = journey(warehouse, ALL, "stage")
    assert "No contact has a stage" in found.sentences[1] and "variants" not in found.tables
    assert "There is no funnel" in found.sentences[-1]


def test_what_cannot_be_asked(empty_warehouse: Warehouse) -> None:
    with pytest.raises(ScopeError, match="neither stage nor channel"):
        journey(empty_warehouse, Scope(), "team")
    with pytest.raises(ScopeError, match="no dimension 'mood'"):
        journey(empty_warehouse, Scope(), "stage", ("mood", "a", "b"))
    with pytest.raises(ScopeError, match="named twice"):
        journey(empty_warehouse, Scope(), "stage", ("channel", "chat", "chat"))
    with pytest.raises(ScopeError, match="at most 8 steps"):
        journey(empty_warehouse, Scope(), "stage", None, tuple("abcdefghi"))


def test_filters_are_explained(embedded: Embedded) -> None:
    warehouse = embedded.warehouse({"interactions": log("chat:buy phone:use", "web:buy chat:use")})
    scope = Scope(ALL.start, ALL.end, "none", (("channel", ("chat",)), ("stage", ("buy",))))
    found = journey(warehouse, scope, "channel")
    assert found.tables["variants"]["way"].tolist() == ["chat > phone"]
    said = " ".join(found.assumptions)
    assert "first contact meets it" in said and "leaves out the filter on stages" in said
    assert found.tables["funnel"]["n"].tolist() == [10, 10]  # who began by chat goes on wherever


def test_limits_move_loops(embedded: Embedded) -> None:
    warehouse = embedded.warehouse({"interactions": log("a:buy a:use a:buy", "a:buy a:use a:buy a:use a:buy")})
    usual, third = (
        journey(warehouse, Scope(ALL.start, ALL.end, "none", (), limits)).tables["loops"].set_index("reason")["cases"]
        for limits in (Limits(), Limits(stage_visits=3))
    )
    assert usual.to_dict() == {"reason 0": 10, "reason 1": 10} and third.to_dict() == {"reason 0": 0, "reason 1": 10}


def test_the_random_company_has_the_edges() -> None:
    """Cases over a year long, cases of one second, single contacts and missing names are among those compared."""
    whole = wanted("all", "stage").cases
    spans = [oracle.hours(case[0]["occurred_at"], case[-1]["occurred_at"]) for case in whole if len(case) > 1]
    assert max(spans) > 365 * 24 and min(spans) == 0 and any(len(case) == 1 for case in whole)
    assert any(NOT_GIVEN in oracle.places(case, "channel") for case in whole)
