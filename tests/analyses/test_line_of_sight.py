"""How each team's work reaches customers: counted by hand, and against plain pandas on random contacts."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.line_of_sight import line_of_sight
from cx_metrics.analyses.line_of_sight_reach import reach, sights
from cx_metrics.analyses.line_of_sight_words import sentences
from cx_metrics.journey import Limits
from cx_metrics.metrics.signals import any_signal, old_enough, signals
from cx_metrics.model import interactions as contact
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

Row = dict[str, Any]
DAY = datetime.timedelta(days=1)
START = datetime.datetime(2024, 3, 4, 9)
MARCH = Scope(datetime.date(2024, 3, 1), datetime.date(2024, 3, 31), compare="none")
OWNERS = [("box", "Packaging", "back_office"), ("label", "Packaging", "back_office"),
          ("box", "Design", "back_office"), ("bill", "Finance", "back_office"), ("desk", "Care", "front_line"),
          ("old site", "Archive", "back_office"), ("old site", "Packaging", "back_office"),
          ("nowhere", "Lonely", "back_office")]  # fmt: skip


def contacts(first: int, many: int, touchpoint: str | None, team: str | None, **more: Any) -> list[Row]:
    """Contacts of as many customers, half an hour of work each, in the middle of a month."""
    return [
        {"interaction_id": f"i{number}", "customer_id": f"c{number % 1000}", "occurred_at": START, "channel": "phone",
         "stage": "buy", "touchpoint": touchpoint, "team": team, "reason": touchpoint, "handle_seconds": 1800,
         "outcome": "resolved", **more}
        for number in range(first, first + many)
    ]  # fmt: skip


def answers(first: int, many: int, satisfied: int, **more: Any) -> list[Row]:
    return [
        {"answer_id": f"a{number}", "customer_id": f"c{number % 1000}", "interaction_id": f"i{number}",
         "instrument": "csat", "score": 5 if number < first + satisfied else 1, "answered_at": START + DAY, **more}
        for number in range(first, first + many)
    ]  # fmt: skip


TABLES: dict[str, list[Row]] = {
    "touchpoint_owners": [dict(zip(("touchpoint", "team", "part"), row, strict=True)) for row in OWNERS],
    "interactions": [
        *contacts(0, 30, "box", "Care"),  # customers 0 to 29
        *contacts(30, 10, "box", "Shop", outcome="abandoned"),  # customers 30 to 39
        *contacts(1000, 20, "label", "Care", handle_seconds=None),  # customers 0 to 19 again
        *contacts(100, 12, "bill", "Shop"),
        *contacts(200, 7, "desk", "Care"),
        *contacts(300, 20, "parking", "Shop", outcome="abandoned", handle_seconds=3600),  # nobody owns it
        *contacts(400, 15, None, None, outcome="abandoned", channel="email"),
        *contacts(900, 1, None, None, occurred_at=START + 40 * DAY),  # the data end
    ],
    "survey_answers": [
        *answers(0, 30, 24),  # box, by Care
        *answers(30, 10, 0),  # box, by Shop
        *answers(500, 12, 6, interaction_id=None, touchpoint="bill"),  # 12 more customers, of whom no contact is known
        *answers(600, 6, 6, interaction_id=None),  # about nothing in particular
        {"answer_id": "e", "respondent": "employee", "team": "Legal", "instrument": "belief", "score": 3,
         "answered_at": START},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse(TABLES)


@pytest.fixture(scope="module")
def found(company: Warehouse) -> Analysis:
    return line_of_sight(company, MARCH)


@pytest.fixture(scope="module")
def here(embedded: Embedded) -> Warehouse:
    """The same company, where the engine does not matter."""
    return embedded.warehouse(TABLES)


def of(found: Analysis, team: str) -> Row:
    (row,) = found.tables["teams"].query("team == @team").to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_hops(found: Analysis) -> None:
    """Archive shares an unused touchpoint with Packaging; nobody knows how Legal and Lonely reach anybody."""
    hops: Row = dict(found.tables["teams"][["team", "hops"]].itertuples(index=False))
    unknown = {team for team, far in hops.items() if far != far}
    assert unknown == {"Legal", "Lonely"}
    assert {team: far for team, far in hops.items() if far == far} == {
        "Care": 0, "Shop": 0, "Packaging": 1, "Design": 1, "Finance": 1, "Archive": 2,
    }  # fmt: skip
    assert of(found, "Packaging")["through"] == "Care, Shop"
    assert of(found, "Archive")["through"] == "Packaging"
    assert found.sentences[0] == (
        "Of 8 teams 2 talk to customers themselves, 3 own what customers meet with another team, 1 share a touchpoint "
        "with such a team and of 2 no line of sight is known."
    )


def test_customers_and_hours(found: Analysis) -> None:
    """Packaging: 30 + 10 customers at the box, 20 of them again at the label, where no handling time is known."""
    row = of(found, "Packaging")
    assert (row["customers"], row["contacts"], row["told"], row["hours"]) == (40, 60, 40, 20.0)
    assert (row["friction_hours"], row["part"], row["basis"]) == (5.0, "back_office", "owns")
    half = 1.959964 * (40 * 0.25) ** 0.5
    assert (row["hours_low"], row["hours_high"]) == pytest.approx((20 - half, 20 + half))
    assert of(found, "Design")["customers"] == 40  # both owners of the box get its contacts
    assert of(found, "Finance")["customers"] == 12 + 12  # contacts, and answers that go with none
    assert of(found, "Shop")["customers"] == 10 + 12 + 20
    assert (of(found, "Archive")["contacts"], of(found, "Archive")["customers"]) == (0, 0)


def test_friction_and_satisfaction(found: Analysis) -> None:
    """Of the 60 contacts at Packaging's touchpoints the 10 abandoned ones had friction; 24 of 40 were satisfied."""
    row = of(found, "Packaging")
    assert (row["friction_n"], row["csat_n"]) == (60, 40)
    assert (row["friction"], row["csat"]) == pytest.approx((100 * 10 / 60, 60))
    assert row["csat_low"] < 60 < row["csat_high"]
    assert (of(found, "Finance")["csat_n"], of(found, "Finance")["csat"]) == (12, 50)
    assert of(found, "Shop")["basis"] == "handles"
    assert (of(found, "Shop")["friction_n"], of(found, "Shop")["friction"]) == pytest.approx((42, 100 * 30 / 42))


def test_small_teams_are_hidden(found: Analysis) -> None:
    """Care owns the desk with 7 contacts: counted, without values."""
    row = of(found, "Care")
    assert (row["basis"], row["contacts"], row["suppressed"]) == ("owns", 7, True)
    assert pd.isna([row["hours"], row["friction"], row["told"]]).all()
    handled = found.tables["ways"].query("team == 'Care' and way == 'handles'")
    assert handled["contacts"].item() == 57


def test_nobodys_friction(found: Analysis) -> None:
    rows = found.tables["unowned"]
    assert rows["touchpoint"].tolist() == ["parking", NOT_GIVEN]
    assert rows[["n", "friction", "hours"]].to_numpy().tolist() == [[20, 20, 20.0], [15, 15, 7.5]]
    assert rows[["stage", "channel"]].to_numpy().tolist() == [["", ""], ["buy", "email"]]
    assert found.sentences[-1] == (
        "Friction that nobody owns: 35 contacts with friction, 28 contact hours; the most of it at parking, 20 of 20 "
        "contacts."
    )


def test_a_teams_own_sentence(company: Warehouse) -> None:
    own = line_of_sight(company, MARCH, "Packaging")
    assert own.sentences[0] == (
        "In the period 40 customers met what Packaging owns (box, label and old site), 1 hop away, through Care and "
        "Shop; the 60 contacts at its touchpoints took 20 contact hours, 16.7 % of them had friction (9.3 to 28.0 %, "
        "n = 60; company 39.5 %)."
    )
    assert own.tables["reach"][["way", "touchpoint", "through", "n"]].to_numpy().tolist() == [
        ["owns", "box", "Care", 30], ["owns", "label", "Care", 20], ["owns", "box", "Shop", 10],
    ]  # fmt: skip
    assert set(own.tables["course"]["team"]) == {"Packaging"}
    assert "20 contacts have no handling time and add nothing." in own.sentences[2]


def test_other_teams(here: Warehouse) -> None:
    known, tables = sights(here, MARCH), line_of_sight(here, MARCH).tables | {"reach": reach(here, MARCH, "Archive")}
    begins = {
        "Legal": "No line of sight from Legal to customers is known. It owns no touchpoint.",
        "Lonely": "No line of sight from Lonely to customers is known. What it owns (nowhere) met no customer",
        "Archive": "Archive is 2 hops away from customers: it shares old site, which no customer used in the period",
        "Shop": "In the period 42 customers met Shop, 0 hops away: it talks to customers itself; the 42 contacts",
    }
    for team, words in begins.items():
        assert sentences(known, tables, team)[0].startswith(words)


def test_filters_change_the_figures_but_not_the_hops(here: Warehouse) -> None:
    """Only what Shop handled: Care still talks to customers, though not here."""
    found = line_of_sight(here, Scope(MARCH.start, MARCH.end, "none", (("team", ("Shop",)),)))
    assert (of(found, "Packaging")["contacts"], of(found, "Packaging")["customers"]) == (10, 10)
    assert (of(found, "Care")["hops"], of(found, "Care")["contacts"]) == (0, 0)
    assert of(found, "Care")["hours"] == 0 and not of(found, "Care")["suppressed"]


def test_filters_that_answers_do_not_have(here: Warehouse) -> None:
    found = line_of_sight(here, Scope(MARCH.start, MARCH.end, "none", (("outcome", ("abandoned",)),)))
    assert of(found, "Packaging")["friction"] == 100 and pd.isna(of(found, "Packaging")["csat"])
    assert "Answers cannot be filtered in this way, so satisfaction is left out." in found.assumptions


def test_an_unknown_team_is_named(here: Warehouse) -> None:
    with pytest.raises(ScopeError, match="there is no team 'Nobody'; there are: Archive, Care"):
        line_of_sight(here, MARCH, "Nobody")


def test_without_owners_or_teams(embedded: Embedded) -> None:
    found = line_of_sight(embedded.warehouse({"interactions": contacts(0, 12, "box", "Care")}), MARCH)
    assert of(found, "Care")["hops"] == 0
    assert any(text.startswith("No touchpoint has an owner yet") for text in found.assumptions)
    assert sentences({}, {}, "") == (
        "No contact names a team and no touchpoint has an owner, so no line of sight is known.",
    )


# --- against plain pandas --------------------------------------------------------------------------------------------


def chosen(numbers: random.Random, *values: str | None) -> str | None:
    return numbers.choice(values)


@pytest.fixture(scope="module")
def random_one(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    numbers = random.Random(7)
    rows = [
        {"interaction_id": f"i{place}", "customer_id": f"c{numbers.randrange(90)}" if numbers.random() < 0.9 else None,
         "occurred_at": START + numbers.random() * 100 * DAY, "touchpoint": chosen(numbers, "p", "q", "r", "s", None),
         "team": chosen(numbers, "A", "B", "C", None), "reason": chosen(numbers, "x", "y", None),
         "handle_seconds": chosen(numbers, "60", "600", "7200", None), "channel": "phone",
         "outcome": chosen(numbers, "resolved", "abandoned", None), "stage": chosen(numbers, "buy", "use", None)}
        for place in range(700)
    ]  # fmt: skip
    owned = [("p", "A"), ("q", "X"), ("q", "Y"), ("r", "Y"), ("u", "Z")]
    owners = [{"touchpoint": touchpoint, "team": team} for touchpoint, team in owned]
    told = [
        {"answer_id": f"a{place}", "interaction_id": f"i{place}", "instrument": "csat", "score": numbers.randint(1, 5),
         "answered_at": START + place % 90 * DAY}
        for place in range(0, 700, 3)
    ]  # fmt: skip
    return make_shared_warehouse({"interactions": rows, "touchpoint_owners": owners, "survey_answers": told})


def test_against_plain_pandas(random_one: Warehouse) -> None:
    scope = Scope(START.date() + 10 * DAY, START.date() + 80 * DAY, compare="none")
    flags = {"stuck": any_signal(signals(Limits())), "old": old_enough(Limits())}
    marks = [sa.case((flag, 1), else_=0).label(name) for name, flag in flags.items()]
    rows = random_one.read(sa.select(contact, *marks))
    rows = rows[rows["occurred_at"].dt.date.between(scope.start, scope.end)].astype({"handle_seconds": float})
    owners = pd.DataFrame([("p", "A"), ("q", "X"), ("q", "Y"), ("r", "Y")], columns=["touchpoint", "owner"])
    ways = {"handles": rows.assign(owner=rows["team"]), "owns": rows.merge(owners, on="touchpoint")}
    found = line_of_sight(random_one, scope)
    table = found.tables["ways"].set_index(["way", "team"])
    expected = 0
    for way, own in ways.items():
        for team, part in own.groupby("owner"):
            row, expected = table.loc[(way, team)], expected + 1
            assert (row["contacts"], row["customers"]) == (len(part), part["customer_id"].nunique())
            again = part[part["hours_since_previous"].astype(float) <= 168]
            stuck = part[part["stuck"] == 1]
            assert row["told"] == part["handle_seconds"].notna().sum()
            for name, some in (("hours", part), ("repeat_hours", again), ("friction_hours", stuck)):
                assert row[name] == pytest.approx(some["handle_seconds"].sum() / 3600)
            assert row["repeats"] == len(again) > 0
            judged = part[part["old"] == 1]
            assert row["friction_n"] == len(judged)
            assert row["friction"] == pytest.approx(100 * judged["stuck"].mean())
    assert expected == len(table) == 6
    everyone = pd.concat(ways.values()).groupby("owner")["customer_id"].nunique()
    assert dict(found.tables["teams"][["team", "customers"]].itertuples(index=False)) == {**everyone, "Z": 0}


def test_the_course_holds_the_same_contacts(random_one: Warehouse) -> None:
    scope = Scope(START.date(), datetime.date(2024, 5, 31), compare="none")
    tables = line_of_sight(random_one, scope, "Y").tables
    course, (whole,) = tables["course"], tables["teams"].query("team == 'Y'").to_dict("records")
    assert set(course["team"]) == {"Y"} and (course["figure"] == "friction").sum() == 3
    for figure in ("friction", "csat"):
        assert course.loc[course["figure"] == figure, "n"].sum() == whole[f"{figure}_n"] > 0


def test_changes_against_the_period_before(random_one: Warehouse) -> None:
    """The change is that between two questions of their own."""
    later = Scope(START.date() + 50 * DAY, START.date() + 89 * DAY)
    earlier = Scope(START.date() + 10 * DAY, START.date() + 49 * DAY, compare="none")
    now, before = (line_of_sight(random_one, scope).tables["teams"].set_index("team") for scope in (later, earlier))
    for name in ("friction", "csat"):
        pd.testing.assert_series_equal(now[f"{name}_change"], now[name] - before[name], check_names=False)
        known = now.dropna(subset=f"{name}_change")
        assert (known[f"{name}_change_low"] < known[f"{name}_change"]).all() and len(known) == 5
