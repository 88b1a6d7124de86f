"""Survey measures on answers that can be counted by hand. Each case is a stage of its own in one warehouse."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

Row = dict[str, Any]
_numbers = itertools.count(1)


def answers(stage: str, instrument: str, scores: Sequence[float | None], **more: Any) -> Iterator[Row]:
    """Answers of different customers, unless `more` says whose."""
    for score in scores:
        number = next(_numbers)
        yield {
            "answer_id": f"a{number:05}", "customer_id": f"c{number}", "stage": stage, "instrument": instrument,
            "score": score, "answered_at": "2024-03-05 10:00", "invited_at": "2024-03-04", **more,
        }  # fmt: skip


def scale(low: int, high: int) -> Row:
    return {"scale_min": low, "scale_max": high}


def latest() -> Iterator[Row]:
    """Ten customers are dissatisfied first and satisfied later in the same wave; ten answer two waves."""
    for i in range(10):
        same = {"customer_id": f"mind{i}"}
        yield from answers("changed mind", "csat", [1], **same, answered_at="2024-03-04 09:00")
        yield from answers("changed mind", "csat", [5], **same, answered_at="2024-03-06 09:00")
        yield from answers("changed mind", "csat", [None], **same, answered_at=None)
        for day in ("2024-03-04", "2024-03-18"):
            yield from answers("two waves", "csat", [4], customer_id=f"wave{i}", invited_at=day, answered_at=day)
        for contact in (f"x{i}", f"y{i}"):
            yield from answers("two contacts", "csat", [4], customer_id=f"both{i}", interaction_id=contact)
        for item in ("ease", "care"):
            yield from answers("two items", "csat", [4], customer_id=f"items{i}", dimension=item)
    yield from answers("anonymous", "csat", [5] * 10 + [1] * 10, customer_id=None)


def invitations() -> Iterator[Row]:
    """20 customers are invited, 9 answer; two of these were reminded, one wrote a comment only; one came uninvited."""
    yield from answers("invited", "csat", [4] * 6)
    yield from answers("invited", "csat", [None], comment="no time for stars")
    yield from answers("invited", "csat", [None] * 11, answered_at=None)
    for i in range(2):
        mine = {"customer_id": f"reminded{i}"}
        yield from answers("invited", "csat", [None], **mine, answered_at=None)
        yield from answers("invited", "nps", [9], **mine, invited_at="2024-03-04 18:00")
    yield from answers("invited", "csat", [5], invited_at=None)
    yield from answers("invited", "belief", [5] * 8, respondent="employee")


@pytest.fixture(scope="module")
def warehouse(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    rows = [
        *answers("107 answers", "csat", [5] * 40 + [4] * 34 + [3] * 20 + [1] * 13),
        *answers("of ten", "csat", [10] * 3 + [9] * 2 + [8] * 4 + [1], **scale(1, 10)),
        *answers("of seven", "csat", [7, 6, 5, 4, 3] * 2, **scale(1, 7)),
        *answers("good or bad", "csat", [1] * 6 + [0] * 4, **scale(0, 1)),
        *answers("of three", "csat", [3] * 4 + [2] * 6, **scale(1, 3)),
        *answers("of hundred", "csat", [80, 79.9, 100, 0, 50] * 2, **scale(0, 100)),
        *answers("mixed scales", "csat", [5] * 5, **scale(1, 5)),
        *answers("mixed scales", "csat", [5] * 5, **scale(1, 10)),
        *answers("weights", "csat", [5] * 10, weight=3),
        *answers("weights", "csat", [2] * 10, weight=1),
        *answers("weights", "nps", [10] * 10, weight=3),
        *answers("weights", "nps", [0] * 10, weight=1),
        *answers("hundred", "nps", [10] * 20 + [9] * 30 + [8] * 15 + [7] * 15 + [6] * 10 + [0] * 10),
        *answers("ease", "ces", [7, 6, 5, 4, 1] * 2),
        *answers("effort", "ces", [1, 2, 3, 4, 5] * 2, **scale(1, 5)),
        *answers("ease of ten", "ces", [10, 7, 6, 1, 1] * 2, **scale(1, 10)),
        *answers("colleagues", "csat", [5] * 20, respondent="employee"),
        *answers("colleagues", "csat", [1] * 10),
        *latest(),
        *invitations(),
        *answers("about contacts", "csat", [5] * 10, interaction_id="known", customer_id=None),
    ]
    contacts = [{"interaction_id": "known", "occurred_at": "2024-03-01", "channel": "phone", "team": "red"}]
    return make_shared_warehouse({"survey_answers": rows, "interactions": contacts})


def figure(warehouse: Warehouse, metric: str, stage: str) -> list[float]:
    """n, value, low, high."""
    found = figures(warehouse, METRICS[metric], Scope(filters=(("stage", (stage,)),))).iloc[0]
    return [float(found[name]) for name in ("n", "value", "low", "high")]


class TestCsat:
    def test_the_definitions_numbers(self, warehouse: Warehouse) -> None:
        found = figure(warehouse, "csat", "107 answers")
        assert [round(x, 1) for x in found] == [107, 69.2, 59.9, 77.1]

    @pytest.mark.parametrize(
        ("stage", "value"),
        [
            ("of ten", 50),
            ("of seven", 40),
            ("good or bad", 60),
            ("of three", 40),
            ("of hundred", 40),
            ("mixed scales", 50),
        ],
    )
    def test_top_boxes_of_a_scale(self, warehouse: Warehouse, stage: str, value: float) -> None:
        assert figure(warehouse, "csat", stage)[:2] == [10, value]

    def test_the_mean_brings_scales_to_a_hundred(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "csat_mean", "of seven")[:2] == [10, pytest.approx(100 * 4 / 6)]
        assert figure(warehouse, "csat_mean", "mixed scales")[:2] == [10, pytest.approx((100 + 100 * 4 / 9) / 2)]

    def test_design_weights(self, warehouse: Warehouse) -> None:
        low, high = proportion_confint(12, 16, method="wilson")  # 75 % of an effective n of 40^2 / 100
        assert figure(warehouse, "csat_weighted", "weights") == pytest.approx([20, 75, 100 * low, 100 * high])
        assert figure(warehouse, "csat", "weights")[:2] == [20, 50]

    def test_employees_are_not_customers(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "csat", "colleagues")[:2] == [10, 0]


class TestOneAnswerPerCustomerAndWave:
    def test_the_latest_counts(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "csat", "changed mind")[:2] == [10, 100]

    @pytest.mark.parametrize("stage", ["two waves", "two contacts", "two items"])
    def test_another_day_contact_or_item_is_another_answer(self, warehouse: Warehouse, stage: str) -> None:
        assert figure(warehouse, "csat", stage)[:2] == [20, 100]

    def test_anonymous_answers_all_count(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "csat", "anonymous")[:2] == [20, 50]


class TestNps:
    def test_the_definitions_numbers(self, warehouse: Warehouse) -> None:
        n, value, low, high = figure(warehouse, "nps", "hundred")
        assert (n, value) == (100, 30)
        assert (round((low + high) / 2, 1), round((high - low) / 2, 1)) == (29.1, 15.1)

    def test_design_weights(self, warehouse: Warehouse) -> None:
        assert figure(warehouse, "nps", "weights")[:2] == [20, 0]
        assert figure(warehouse, "nps_weighted", "weights")[:2] == [20, 50]


class TestCes:
    @pytest.mark.parametrize(
        ("stage", "share", "mean"),
        [("ease", 60, 4.6), ("effort", 40, 4), ("ease of ten", 40, (7 + 5 + 13 / 3 + 1 + 1) / 5)],
    )
    def test_scales(self, warehouse: Warehouse, stage: str, share: float, mean: float) -> None:
        """Easy is 5-7 of 7; the old scale asks for effort, 1-2 of 5 are easy; others are stretched to 1-7."""
        assert figure(warehouse, "ces", stage)[:2] == [10, share]
        assert figure(warehouse, "ces_mean", stage)[:2] == [10, pytest.approx(mean)]


def test_response_rate_counts_invitations(warehouse: Warehouse) -> None:
    assert figure(warehouse, "response_rate", "invited")[:2] == [20, 45]


def test_an_answer_belongs_to_the_channel_and_team_of_its_contact(warehouse: Warehouse) -> None:
    scope = Scope(filters=(("stage", ("about contacts",)),))
    found = figures(warehouse, METRICS["csat"], scope, ("channel", "team"))
    assert found[["channel", "team", "n"]].to_numpy().tolist() == [["phone", "red", 10]]
