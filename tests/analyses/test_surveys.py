"""Surveys counted by hand: sentences, moments without a survey, hygiene, fatigue, and words where nothing is known.

All cases lie in one warehouse, each at a touchpoint of its own.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cx_metrics.analyses import surveys_weighted
from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.surveys import surveys
from cx_metrics.analyses.surveys_fatigue import EARLIER, invitations_per_customer, rate_by_earlier, trend
from cx_metrics.analyses.surveys_hygiene import hygiene
from cx_metrics.analyses.surveys_rates import not_asked, response_rates
from cx_metrics.analyses.surveys_weighted import weighted
from cx_metrics.export import to_json
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded

Row = dict[str, Any]
FIRST = datetime(2024, 6, 3, 9)
START = datetime(2025, 1, 6, 9)
TABLES = {"response", "weighted", "not_asked", "per_customer", "fatigue", "hygiene", "scales", "left_out"}
_numbers = itertools.count(1)


def asked(count: int, region: str, answers: int, happy: int, instrument: str = "csat", **more: Any) -> Iterator[Row]:
    """Invitations to customers of their own, of whom some answer and some of these are happy; `region` is theirs."""
    good, bad = (10, 3) if instrument == "nps" else (5, 2)
    for place in range(count):
        number, replied = next(_numbers), place < answers
        yield {"answer_id": f"a{number}", "customer_id": f"c{number}", "region": region, "instrument": instrument,
               "invited_at": START, "answered_at": START + timedelta(days=1) if replied else None,
               "score": (good if place < happy else bad) if replied else None, **more}  # fmt: skip


def perceived() -> Iterator[Row]:
    """Two items for each of 80 invitations."""
    for row in asked(80, "North", 40, 20, "perception", scale_min=1, scale_max=5):
        yield from ({**row, "answer_id": f"{row['answer_id']}{item}", "dimension": item} for item in ("ease", "care"))


def often() -> Iterator[Row]:
    """Forty customers are invited and answer; ten are invited five more times, every 30 days, and do not."""
    for number, row in enumerate(asked(40, "North", 0, 0)):
        for time in range(6 if number < 10 else 1):
            at = START + timedelta(days=100 + 30 * time)
            yield {**row, "answer_id": f"{row['answer_id']}-{time}", "invited_at": at,
                   "answered_at": at if time == 0 else None, "score": 5 if time == 0 else None}  # fmt: skip


def twice() -> Iterator[Row]:
    """Twelve answers, each given again a day later, and ten without a name on another scale."""
    for row in asked(12, "North", 12, 6):
        yield from (row, {**row, "answer_id": f"{row['answer_id']}b", "answered_at": START + timedelta(days=2)})
    yield from asked(10, "North", 10, 5, customer_id=None, scale_min=1, scale_max=10, invited_at=None)


def several() -> Iterator[Row]:
    """Traits that vary by region, stage and channel."""
    for stage, channel in itertools.product(("buy", "use"), ("web", "phone")):
        for region, answers in (("East", 10), ("North", 40)):
            yield from asked(100, region, answers, answers // 2, stage=stage, channel=channel)


LATE = START + timedelta(days=40)
CASES = {
    "biased": [*asked(4000, "North", 1000, 800), *asked(2000, "East", 160, 96)],
    "alike": [*asked(400, "North", 100, 80), *asked(400, "East", 100, 78)],
    "answered": [*asked(50, "North", 50, 50)],
    "not invited": [*asked(50, "North", 50, 50, invited_at=None)],
    "too few": [*asked(90, "North", 29, 29)],
    "nearly none": [*asked(90, "North", 3, 3)],
    "enough": [*asked(90, "North", 30, 20), *asked(10, "East", 10, 5, "nps")],
    "late": [*asked(60, "North", 40, 30), *asked(50, "North", 40, 0, invited_at=LATE, answered_at=LATE)],
    "experience": [*perceived()],
    "several": [*several()],
    "together": [*asked(900, "North", 300, 240), *asked(900, "East", 100, 60), *asked(900, "North", 300, 240, "nps"),
                 *asked(900, "East", 100, 80, "nps")],
    "moments": [*asked(5, "North", 0, 0, stage="use", channel="web"), *asked(
        5, "North", 5, 5, "belief", stage="buy", respondent="employee", customer_id=None)],
    "twice": [*twice()],
    "small": [*asked(40, "North", 20, 10), *asked(3, "East", 1, 1), *asked(12, "South", 6, 3),
              *asked(4, "North", 4, 4, "nps")],
    "often": [*often()],
    "seven": [*asked(7, "North", 3, 2)],
    "first": [*asked(1, "North", 0, 0, invited_at=FIRST)],
}  # fmt: skip
CONTACTS = {("buy", "web"): 40, ("use", "web"): 50, ("use", "phone"): 31, ("use", "post"): 29, ("pay", "web"): 20,
            ("pay", "phone"): 15, ("leave", None): 10, ("use", None): 35}  # fmt: skip


def at(case: str, **more: Any) -> Scope:
    return Scope(filters=(("touchpoint", (case,)), *more.pop("filters", ())), **more)


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    rows = [{**row, "touchpoint": case} for case, part in CASES.items() for row in part]
    people = {row["customer_id"]: row.pop("region") for row in rows if "region" in row}
    customers = [{"customer_id": key, "region": region} for key, region in people.items() if key]
    contacts = [{"interaction_id": f"{place}-{n}", "occurred_at": START, "stage": place[0], "channel": place[1],
                 "touchpoint": "moments"} for place, count in CONTACTS.items() for n in range(count)]  # fmt: skip
    return embedded.warehouse({"customers": customers, "survey_answers": rows, "interactions": contacts})


def analysed(company: Warehouse, case: str) -> Analysis:
    return surveys(company, at(case))


def figures(company: Warehouse, case: str, **answers: float) -> pd.DataFrame:
    return weighted(company, at(case), answers).set_index("instrument")


# --- who answers, and what the silent would change -------------------------------------------------------------------


def test_the_silent_region(company: Warehouse) -> None:
    """1,000 of 4,000 answer, 80 % happy; 160 of 2,000 in the East, 60 %: weighted (2 x 80 + 1 x 60) / 3."""
    found = analysed(company, "biased")
    assert found.sentences[0] == (
        "19.3 % of 6,000 invitations were answered (18.4 to 20.4 %), clearly fewer in region East: 8.0 % (6.9 to 9.3 %) "
        "against 25.0 % of all others."
    )
    row = found.tables["weighted"].set_index("instrument").loc["csat"]
    assert (row["raw"], row["value"]) == (pytest.approx(100 * 896 / 1160), pytest.approx(100 * 220 / 300, abs=0.01))
    assert row["clear"] and row["traits"] == "region" and row["trimmed"] == 0
    assert found.sentences[1].startswith(
        "Satisfaction is 77.2 % among those who answered; weighted to all who were asked it is 73.3 % ("
    )
    assert ": the silent would lower it by 3.9 points (" in found.sentences[1]


def test_no_clear_difference(company: Warehouse) -> None:
    found = analysed(company, "alike")
    assert found.sentences[0].endswith("; no group answers clearly less often than all others.")
    assert "): no clear difference (" in found.sentences[1] and "the silent would" not in found.sentences[1]
    assert not found.tables["weighted"]["clear"].any() and not found.tables["response"]["less"].any()


@pytest.mark.parametrize(
    ("case", "reason", "n"),
    [
        ("answered", "only invitations that were answered are known", 50),
        ("not invited", "no invitation is known, so that nobody knows who stayed silent", 50),
        ("too few", "29 answers are too few, 30 are needed", 29),
        ("nearly none", "fewer than 5 answers, 30 are needed", None),
    ],
)
def test_where_nothing_can_be_weighted(case: str, reason: str, n: float | None, company: Warehouse) -> None:
    row = figures(company, case, csat=50).loc["csat"]
    assert row["why"] == reason and not row["clear"]
    assert row["answers"] == n if n else pd.isna(row["answers"])
    assert row[["raw", "value", "low", "high", "effective_n", "difference", "p"]].isna().all()


def test_a_reason_in_a_sentence(company: Warehouse) -> None:
    assert analysed(company, "nearly none").sentences[:2] == (
        "3.3 % of 90 invitations were answered (1.1 to 9.3 %).",
        "Satisfaction cannot be weighted to all who were asked: fewer than 5 answers, 30 are needed (n below 5).",
    )


def test_thirty_answers_are_enough(company: Warehouse) -> None:
    found = figures(company, "enough")
    assert found["value"]["csat"] == pytest.approx(100 * 20 / 30) == found["raw"]["csat"]
    assert found["value"].isna()["nps"] and found["traits"]["csat"] == ""


def test_the_period_is_that_of_the_invitation(company: Warehouse) -> None:
    scope = at("late", start=date(2025, 1, 1), end=date(2025, 1, 6))
    assert response_rates(company, scope)["n"].iloc[0] == 60
    assert weighted(company, scope, {})["raw"].iloc[0] == 75


def test_experience_counts_each_respondent_once(company: Warehouse) -> None:
    row = figures(company, "experience").loc["experience"]
    assert (row["invitations"], row["answers"]) == (80, 40) and row["raw"] == pytest.approx((100 + 25) / 2)


def test_traits_that_give_too_many_combinations_are_left_out(
    company: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = figures(company, "several").loc["csat"]
    assert set(every["traits"].split(", ")) == {"region", "stage", "channel"} and every["left_out"] == ""
    monkeypatch.setattr(surveys_weighted, "MOST", 6)
    row = figures(company, "several").loc["csat"]
    assert row["traits"].split(", ")[0] == "region" and len(row["traits"].split(", ")) == 2
    assert row["left_out"] in ("stage", "channel")


def test_figures_are_judged_together(company: Warehouse) -> None:
    table = figures(company, "together")
    assert (table["p_holm"] >= table["p"]).all() and table["clear"].to_dict() == {"csat": True, "nps": False}


# --- where nobody is asked -------------------------------------------------------------------------------------------


def test_moments_without_a_survey(company: Warehouse) -> None:
    found = analysed(company, "moments")
    moments = [tuple(row) for row in found.tables["not_asked"].itertuples(index=False)]
    assert moments == [("buy", "", 40), ("pay", "", 35), ("use", "phone", 31)]
    said = "Nobody was asked about buy (40 contacts), pay (35 contacts) and use by phone (31 contacts)."
    assert said in found.sentences


def test_moments_in_a_narrower_scope(company: Warehouse) -> None:
    narrow = not_asked(company, at("moments", filters=(("stage", ("use",)),)))
    assert narrow is not None and narrow[["stage", "channel"]].to_numpy().tolist() == [["use", "phone"]]
    assert not_asked(company, at("moments", filters=(("delivery", ("late",)),))) is None
    assert not_asked(company, at("alike")) is None


# --- hygiene and fatigue ---------------------------------------------------------------------------------------------


def test_what_the_data_hold(company: Warehouse) -> None:
    found = analysed(company, "twice")
    held = found.tables["hygiene"].iloc[0]
    names = ["n", "invitations", "answered", "answers", "superseded", "anonymous"]
    assert held[names].tolist() == [34, 12, 12, 22, 12, 10]
    assert found.sentences[-1] == (
        "22 answers of customers count; 12 were replaced by a later one of the same customer, question and wave, 10 are "
        "anonymous; scales were brought together: csat from 1-5 and 1-10."
    )
    (load,) = found.tables["left_out"].to_dict("records")
    assert load["file"] == "survey_answers.csv" and load["read"] == load["loaded"] > 34


def test_small_counts_are_hidden(company: Warehouse) -> None:
    rates = response_rates(company, at("small")).set_index(["by", "group"])
    assert pd.isna(rates["n"]["region", "East"]) and pd.isna(rates["n"]["region", "South"])
    held = hygiene(company, at("small")).set_index("instrument")
    assert held.loc["nps", ["n", "answers", "invitations"]].isna().all()


def test_customers_who_were_asked_often(company: Warehouse) -> None:
    times = invitations_per_customer(company, at("often")).set_index("invitations")["n"]
    assert times.to_dict() == {"1": 30, "6-10": 10}
    fatigue = rate_by_earlier(company, at("often")).set_index("earlier")[["n", "answers"]]
    assert fatigue.T.to_dict("list") == {"0": [40, 40], "1": [10, 0], "2": [10, 0], "3 or more": [30, 0]}
    said = " ".join(analysed(company, "often").sentences)
    assert "Of 40 customers who were invited, 25.0 % were invited more than five times in the period." in said
    assert (
        "The rate falls with the number of invitations in the 90 days before: 100.0 % after none, 0.0 % after 3" in said
    )


def test_invitations_before_the_period_count(company: Warehouse) -> None:
    second = (START + timedelta(days=130)).date()
    found = rate_by_earlier(company, at("often", start=second, end=second)).set_index("earlier")
    assert found["n"].to_dict() == {"1": 10}


def test_the_first_ninety_days_are_left_out(company: Warehouse) -> None:
    assert rate_by_earlier(company, at("first")).empty


def rates(n: list[float], answers: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"earlier": EARLIER[: len(n)], "n": n, "answers": answers})


def test_trend_against_published_figures_and_statsmodels() -> None:
    """R's example of prop.trend.test (smokers among patients): X-squared = 8.2249, p = 0.004132."""
    found = trend(rates([86, 93, 136, 82], [83, 90, 129, 70]))
    assert found[0] ** 2 == pytest.approx(8.2249, abs=5e-5) and found[1] == pytest.approx(0.004132, abs=5e-7)
    table = sm.stats.Table(np.array([[83, 3], [90, 3], [129, 7], [70, 12]]), shift_zeros=False)
    assert abs(found[0]) == pytest.approx(abs(table.test_ordinal_association().zscore), rel=2e-3)  # n - 1 for n
    assert found[0] < 0


@pytest.mark.parametrize("given", [([], []), ([30], [10]), ([30, 30], [0, 0]), ([30, 30], [30, 30])])
def test_there_is_no_trend_to_test(given: Any) -> None:
    assert np.isnan(trend(rates(*given))).all()


def test_hidden_cells_keep_their_place_in_the_trend() -> None:
    known = rates([100, 100, 100], [60, 50, 40])
    hidden = rates([100, np.nan, 100], [60, np.nan, 40])
    assert trend(hidden)[0] == pytest.approx(trend(known)[0], rel=0.02)


# --- little or nothing -----------------------------------------------------------------------------------------------


def test_nothing_at_all(embedded: Embedded) -> None:
    found = surveys(embedded.warehouse({}), Scope())
    assert set(found.tables) == TABLES and len(found.assumptions) > 5
    assert found.sentences == ("Customers were not surveyed in this period, as far as the data know.",)
    document = json.loads(to_json(found.to_dict()))
    assert document["analysis"] == "surveys" and document["tables"]["weighted"] == []


def test_a_period_at_the_beginning_of_time(company: Warehouse) -> None:
    assert rate_by_earlier(company, at("often", start=date(1, 1, 1)))["n"].sum() == 90


def test_few_invitations(company: Warehouse) -> None:
    said = analysed(company, "seven").sentences
    assert said[0] == "There are too few invitations to say how many are answered (n = 7)."
