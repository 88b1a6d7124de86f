"""Every known truth is in the data, of about the stated size, and gone when it is left out."""

import math

import numpy as np
import pandas as pd
import pytest
from sample_measures import (
    Company,
    against,
    before_after,
    bot_in_stage,
    empathic_share,
    into_a_stage_again,
    item_points,
    scripted_share,
)

from sample_data.commerce import make_orders
from sample_data.company import REASON_NAMES, STAGES, TEAMS, seconds_at
from sample_data.contacts import make_contacts
from sample_data.handling import CONTACT
from sample_data.people import make_agents, make_customers
from sample_data.surveys import NOISE, ask_after_contacts
from sample_data.truths import (
    BELIEF_GAP,
    BOT_DEAD_END,
    EMPATHIC_TEAM,
    IDLE_INITIATIVE,
    MIX_SHIFT,
    REFUND_LOOP,
    RESPONSE_BIAS,
    SCRIPTED_TEAM,
    TRUTHS,
    WORKING_INITIATIVE,
)
from sample_data.world import World

BEFORE_MIX, AFTER_MIX = ("2024-11-15", "2025-10-01"), ("2025-11-15", "2026-07-01")


def between(frame: pd.DataFrame, period: tuple[str, str]) -> pd.DataFrame:
    """The rows of `frame` with `at` in the period."""
    start, end = (pd.Timestamp(day, tz="UTC") for day in period)
    return frame[(frame["at"] >= start) & (frame["at"] < end)]


def answered(company: Company) -> pd.DataFrame:
    """CSAT answers of contacts."""
    return company.csat[company.csat["answered"]]


def phone(company: Company) -> pd.DataFrame:
    """Contacts by phone, where waits compare."""
    return company.contacts[company.contacts["channel"] == "phone"]


def drawn(seed: int, without: frozenset[str] = frozenset(), size: int = 2_000) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts with whole cases in a row, and what each was asked and answered; 10 `size` contacts, no files."""
    world = World(seed, without)
    customers, agents = make_customers(size, world), make_agents(10 * size, world)
    rows = make_contacts(10 * size, customers, agents, make_orders(customers, world), world)
    answers = pd.DataFrame(vars(ask_after_contacts(rows, customers, world)), index=rows["seat"])
    contacts = pd.DataFrame({name: rows[name] for name in CONTACT.names}).rename(columns={"case": "case_id"})
    for name, words in (("stage", STAGES), ("reason", REASON_NAMES)):
        contacts[name] = np.array(words)[contacts[name]]
    contacts["at"] = pd.to_datetime(contacts["at"], unit="s", utc=True)
    return contacts.sort_values(["case_id", "at", "depth"], ignore_index=True), answers


def loops(contacts: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    """Share of contacts in a stage that their case had left, before and from the loop's start: refunds, all others."""
    again = contacts.assign(again=into_a_stage_again(contacts))
    refunds = again["reason"] == REFUND_LOOP.reason
    one, other = (before_after(again[rows], "again", REFUND_LOOP.start) for rows in (refunds, ~refunds))
    return one, other


def test_the_company_is_as_described(company: Company) -> None:
    contacts = company.contacts
    assert contacts["channel"].value_counts(normalize=True)["email"] == pytest.approx(0.25, abs=0.02)
    assert len(company.csat) / len(contacts) == pytest.approx(0.30, abs=0.03)
    assert company.messages["interaction_id"].nunique() / len(contacts) == pytest.approx(0.20, abs=0.02)
    assert contacts["ended_at"].isna().sum() > 10
    came_back = contacts.assign(unsolved=contacts["outcome"].isin(["unresolved", "abandoned"]))
    by_outcome = came_back.groupby("unsolved")["returned"].mean()
    assert by_outcome[True] > 3 * by_outcome[False]
    waits = answered(company).query("channel == 'phone' and handled_by == 'human'")
    assert waits.loc[waits["wait"] < 90, "top"].mean() > waits.loc[waits["wait"] > 200, "top"].mean()


def test_bot_dead_end(company: Company, plain: Company) -> None:
    found = bot_in_stage(company, BOT_DEAD_END.stage, BOT_DEAD_END.start)
    assert found["resolved"][0] == pytest.approx(BOT_DEAD_END.usual_outcomes[0], abs=0.10)
    assert found["resolved"][1] == pytest.approx(BOT_DEAD_END.outcomes[0], abs=0.06)
    assert found["by_phone"][0] < 0.10 and found["by_phone"][1] > 0.45
    usual = bot_in_stage(plain, BOT_DEAD_END.stage, BOT_DEAD_END.start)
    assert usual["resolved"][1] == pytest.approx(BOT_DEAD_END.usual_outcomes[0], abs=0.10)
    assert usual["by_phone"][1] < 0.10


def test_working_initiative(company: Company, plain: Company) -> None:
    truth = WORKING_INITIATIVE
    pair = (truth.team, truth.comparison, truth.start)
    assert against(phone(company), "wait", *pair, how="median") < -40
    assert against(company.contacts, "returned", *pair) < -0.05
    assert 0 < against(answered(company), "top", *pair) < 0.25  # 1,200 answers a team: one standard error is 5 points
    assert abs(against(phone(plain), "wait", *pair, how="median")) < 20
    assert abs(against(plain.contacts, "returned", *pair)) < 0.045


def test_working_initiative_adds_the_stated_points() -> None:
    """At full size, over all contacts instead of the few answers, so without the noise of sampling."""
    world = World(7, frozenset())
    customers, agents = make_customers(20_000, world), make_agents(200_000, world)
    contacts = make_contacts(200_000, customers, agents, make_orders(customers, world), world)
    asked = contacts[(contacts["ended"] > 0) & ~contacts["by_company"]]
    likely_top = np.array([(1 + math.erf(feeling / NOISE / math.sqrt(2))) / 2 for feeling in asked["feeling"].tolist()])
    truth = WORKING_INITIATIVE
    later = asked["at"] >= seconds_at(truth.start)
    treated, untouched = (asked["team"] == TEAMS.index(team) for team in (truth.team, truth.comparison))
    rises = [likely_top[team & later].mean() - likely_top[team & ~later].mean() for team in (treated, untouched)]
    assert 100 * (rises[0] - rises[1]) == pytest.approx(truth.points, abs=1.5)


def test_idle_initiative(company: Company) -> None:
    team, start = IDLE_INITIATIVE.team, IDLE_INITIATIVE.start
    for comparison in ("Front Desk", "Delivery"):
        assert abs(against(phone(company), "wait", team, comparison, start, how="median")) < 25
        assert abs(against(company.contacts, "returned", team, comparison, start)) < 0.03
        assert abs(against(answered(company), "top", team, comparison, start)) < 0.15


def test_belief_gap(company: Company, plain: Company) -> None:
    gap = item_points(company, "belief") - item_points(company, "perception")
    assert gap[BELIEF_GAP.stage] == pytest.approx(BELIEF_GAP.points, abs=5)
    assert gap.drop(BELIEF_GAP.stage).between(-1, 12).all()
    assert gap.drop(BELIEF_GAP.stage).mean() == pytest.approx(BELIEF_GAP.points_elsewhere, abs=3)
    without = item_points(plain, "belief") - item_points(plain, "perception")
    assert without[BELIEF_GAP.stage] == pytest.approx(BELIEF_GAP.points_elsewhere, abs=6)


def test_response_bias(company: Company, plain: Company) -> None:
    east = company.csat["region"] == RESPONSE_BIAS.region
    assert company.csat.loc[east, "answered"].mean() == pytest.approx(RESPONSE_BIAS.response_rate, abs=0.02)
    assert company.csat.loc[~east, "answered"].mean() == pytest.approx(RESPONSE_BIAS.response_rate_elsewhere, abs=0.02)
    answers = answered(company)
    east = answers["region"] == RESPONSE_BIAS.region
    assert answers.loc[east, "top"].mean() - answers.loc[~east, "top"].mean() == pytest.approx(-0.15, abs=0.08)
    rates = plain.csat.groupby("region")["answered"].mean()
    assert rates.max() - rates.min() < 0.05


def test_mix_shift(company: Company, plain: Company) -> None:
    def changes(one: Company) -> tuple[float, float, float]:
        before, after = (between(answered(one), period) for period in (BEFORE_MIX, AFTER_MIX))
        chats = [(between(one.contacts, period)["channel"] == "chat").mean() for period in (BEFORE_MIX, AFTER_MIX)]
        by_channel = before.groupby("channel")["top"].mean()
        shares = after["channel"].value_counts(normalize=True) - before["channel"].value_counts(normalize=True)
        return chats[1], after["top"].mean() - before["top"].mean(), (shares * by_channel).sum()

    chat, overall, by_mix = changes(company)
    assert chat == pytest.approx(MIX_SHIFT.share_after, abs=0.03)
    assert overall < -0.03
    assert by_mix == pytest.approx(-0.06, abs=0.025)
    chat, _, by_mix = changes(plain)
    assert chat == pytest.approx(MIX_SHIFT.share_before, abs=0.02)
    assert abs(by_mix) < 0.015


def test_mix_shift_leaves_every_large_channel_flat(company: Company) -> None:
    before, after = (between(answered(company), period) for period in (BEFORE_MIX, AFTER_MIX))
    for channel in ("chat", "phone", "email"):
        change = (
            after.loc[after["channel"] == channel, "top"].mean()
            - before.loc[before["channel"] == channel, "top"].mean()
        )
        assert abs(change) < 0.09, channel


def test_a_stage_is_entered_again_after_it_was_left() -> None:
    stages = {"one": "abab", "two": "aab", "three": "abba", "four": "b"}
    rows = [(case, stage) for case, path in stages.items() for stage in path]
    again = into_a_stage_again(pd.DataFrame(rows, columns=["case_id", "stage"]))
    assert "".join("x" if found else "." for found in again) == "..xx" + "..." + "...x" + "."


def test_refund_loop(company: Company, plain: Company) -> None:
    (before, after), others = loops(company.contacts)
    assert before < 0.015 and max(others) < 0.01
    assert after == pytest.approx(0.105, abs=0.025)
    later = company.contacts[company.contacts["at"] >= pd.Timestamp(REFUND_LOOP.start, tz="UTC")]
    refunds = later[(later["reason"] == REFUND_LOOP.reason) & (later["channel"] != "store")]
    following = refunds.groupby("case_id")["stage"].shift(-1)
    ways = pd.crosstab(refunds["stage"], following, normalize="index")
    assert ways.loc[REFUND_LOOP.stage, REFUND_LOOP.detour] == pytest.approx(REFUND_LOOP.detour_share, abs=0.06)
    assert ways.loc[REFUND_LOOP.detour, REFUND_LOOP.stage] == pytest.approx(REFUND_LOOP.back_share, abs=0.05)
    (before, after), others = loops(plain.contacts)
    assert max(before, after, *others) < 0.015


@pytest.mark.parametrize("seed", range(1, 7))
def test_refund_loop_in_every_company(seed: int) -> None:
    (before, after), others = loops(drawn(seed)[0])
    assert before < 0.02 and max(others) < 0.01
    assert 0.06 < after < 0.15
    for without in (frozenset({"refund_loop"}), frozenset(TRUTHS)):
        (before, after), others = loops(drawn(seed, without)[0])
        assert max(before, after) < 0.025 and max(others) < 0.01


def test_refund_loop_changes_no_other_case() -> None:
    (looping, asked), (usual, usually_asked) = drawn(7), drawn(7, frozenset({"refund_loop"}))
    assert len(looping) == len(usual) and sorted(looping["seat"]) == sorted(usual["seat"]) == list(range(len(usual)))
    start = pd.Timestamp(REFUND_LOOP.start, tz="UTC")
    began = [one.groupby("case_id")["at"].transform("min") for one in (looping, usual)]
    others = [
        one[(one["reason"] != REFUND_LOOP.reason) | (first < start)].drop(columns="case_id").set_index("seat")
        for one, first in zip((looping, usual), began, strict=True)
    ]
    kept = usual["seat"].isin(others[0].index) & usual["seat"].isin(others[1].index)
    seats = usual.loc[kept, "seat"]
    assert 0.95 * len(others[1]) < len(others[0]) < len(others[1])
    assert len(seats) == len(others[0])
    pd.testing.assert_frame_equal(others[0].loc[seats], others[1].loc[seats])
    pd.testing.assert_frame_equal(asked.loc[seats], usually_asked.loc[seats])


def test_scripted_team(company: Company, plain: Company) -> None:
    shares = scripted_share(company)
    assert shares[SCRIPTED_TEAM.team] == pytest.approx(SCRIPTED_TEAM.share, abs=0.05)
    assert (shares.drop(SCRIPTED_TEAM.team) - SCRIPTED_TEAM.share_elsewhere).abs().max() < 0.05
    assert scripted_share(plain)[SCRIPTED_TEAM.team] == pytest.approx(SCRIPTED_TEAM.share_elsewhere, abs=0.05)


def test_empathic_team(company: Company, plain: Company) -> None:
    shares = empathic_share(company)
    assert shares[EMPATHIC_TEAM.team] == pytest.approx(EMPATHIC_TEAM.share, abs=0.06)
    others = shares.drop([EMPATHIC_TEAM.team, SCRIPTED_TEAM.team])
    assert (others - EMPATHIC_TEAM.share_elsewhere).abs().max() < 0.05
    assert empathic_share(plain)[EMPATHIC_TEAM.team] == pytest.approx(EMPATHIC_TEAM.share_elsewhere, abs=0.05)


def test_leaving_out_one_truth_keeps_the_others(company: Company, plain: Company) -> None:
    start = WORKING_INITIATIVE.start
    for one in (company, plain):
        south = phone(one)[phone(one)["team"] == WORKING_INITIATIVE.comparison]
        before, after = before_after(south, "wait", start, how="median")
        assert before == pytest.approx(after, rel=0.2)
    contacts = [one.contacts[one.contacts["reason"] != REFUND_LOOP.reason] for one in (company, plain)]
    shares = [rows["team"].value_counts(normalize=True) for rows in contacts]  # refunds change their team
    assert (shares[0] - shares[1]).abs().max() < 0.03
