"""Sums over answers against plain pandas, and the effects that follow from them against statsmodels on the rows."""

from __future__ import annotations

import datetime
import functools

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cx_metrics.analyses.driver_models import model
from cx_metrics.analyses.driver_moments import FEWEST_HITS, control_columns, moments, sums
from cx_metrics.metrics.least_squares import fit
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import SIGNALS, answers, contacts, group, random_company
from tests.conftest import Embedded

ALL = Scope()
PART = Scope(
    datetime.date(2024, 3, 1), datetime.date(2025, 1, 31),
    filters=(("channel", ("web", "phone", NOT_GIVEN)), ("region", ("north", "south"))),
)  # fmt: skip
COUNT = len(SIGNALS)
FLAGS = [f"{kind}{place}" for kind in "vx" for place in range(COUNT)]


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    return random_company(embedded)


def points(rows: pd.DataFrame) -> pd.Series:
    """What each answer adds to its metric."""
    score, low, high = (rows[name].astype(float) for name in ("score", "scale_min", "scale_max"))
    satisfied = np.where(high - low < 3, score >= high, score >= high - 1)
    ease = np.where(high == 5, low + high - score, score)
    easy = 1 + 6 * (ease - low) / (high - low) >= 5 - 1e-9
    net = (score >= 9).astype(float) - (score <= 6)
    found = np.select([rows["instrument"] == "csat", rows["instrument"] == "ces"], [satisfied, easy], net)
    return pd.Series(100.0 * found, rows.index)


@functools.cache
def told(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """One row per answer that goes with contacts: instrument, y, controls, group, flags, relationship."""
    rows, seen = answers(warehouse), contacts(warehouse)
    kept = rows["instrument"].isin(["csat", "nps", "ces"]) & (rows["respondent"] == "customer") & (rows["counts"] == 1)
    rows = rows[kept & rows["score"].notna() & rows["answered_at"].notna()]
    if scope is PART:
        regions = warehouse_regions(warehouse)
        inside = (rows["answered_at"] >= "2024-03-01") & (rows["answered_at"] < "2025-02-01")
        place = rows["channel"].isin(["web", "phone"]) | rows["channel"].isna()
        rows = rows[inside & place & rows["customer_id"].map(regions).isin(["north", "south"])]
    about = rows[rows["interaction_id"].notna()]
    about = about.merge(seen[["interaction_id", *FLAGS]], on="interaction_id").assign(relationship=False)
    rest = rows[rows["interaction_id"].isna() & rows["order_id"].isna() & rows["customer_id"].notna()]
    pairs = rest[["answer_id", "customer_id", "answered_at"]].merge(seen, on="customer_id")
    before = pairs["answered_at"] - pairs["occurred_at"]
    lately = pairs[(before >= pd.Timedelta(0)) & (before <= pd.Timedelta(days=90))].groupby("answer_id")[FLAGS].max()
    rest = rest.merge(lately, left_on="answer_id", right_index=True, how="left").assign(relationship=True)
    both = pd.concat([about, rest], ignore_index=True)
    flags = both[FLAGS].astype(float).fillna(0.0)
    keys = [a if pd.isna(c) else c for c, a in zip(both["customer_id"], both["answer_id"], strict=True)]
    return both.assign(**flags, y=points(both), group=[group(key) for key in keys])


def warehouse_regions(warehouse: Warehouse) -> dict[str, str]:
    from tests.metrics.company import tables

    return {row["customer_id"]: row["region"] for row in tables()["customers"]}


@pytest.mark.parametrize("scope", [ALL, PART], ids=["all", "part"])
@pytest.mark.parametrize("outcome", ["csat", "nps", "ces"])
def test_the_engine_sums_what_pandas_sums(company: Warehouse, scope: Scope, outcome: str) -> None:
    given, rows = sums(company, scope, SIGNALS)[outcome], told(company, scope)
    rows = rows[rows["instrument"] == outcome]
    assert given.n == len(rows) and given.relationship == rows["relationship"].sum() > 0
    names = ["y", *FLAGS]
    by = ["stage", "channel", "segment", "group"]
    places = {name: place for place, name in enumerate(sorted(set(rows["group"])))}
    placed = rows.assign(group=rows["group"].map(places), n=1.0)
    wanted = placed.fillna(dict.fromkeys(by[:3], "-")).groupby(by)[["n", *names]].sum()
    found = given.cells.fillna(dict.fromkeys(by[:3], "-")).groupby(by)[["n", *names]].sum()
    pd.testing.assert_frame_equal(found.astype(float), wanted.astype(float), check_index_type=False)
    columns = rows[list(given.columns)].to_numpy(float)
    for place, name in enumerate(places):
        here = columns[(rows["group"] == name).to_numpy()]
        assert given.squares[place] == pytest.approx(here.T @ here)
    judged, hits = rows[FLAGS[:COUNT]].sum().to_numpy(), rows[FLAGS[COUNT:]].sum().to_numpy()
    assert given.signals["n"].tolist() == judged.tolist() and given.signals["hits"].tolist() == hits.tolist()
    assert (given.signals["usable"] <= (np.minimum(hits, judged - hits) >= FEWEST_HITS)).all()


@pytest.mark.parametrize("outcome", ["csat", "nps", "ces"])
def test_effects_are_those_of_least_squares_on_the_rows(company: Warehouse, outcome: str) -> None:
    given, rows = sums(company, ALL, SIGNALS)[outcome], told(company, ALL)
    rows = rows[rows["instrument"] == outcome].assign(n=1.0).reset_index(drop=True)
    used = [place for place in range(COUNT) if given.signals["usable"][place]]
    assert len(used) > 5
    controls = np.column_stack([control_columns(rows), rows[[f"v{place}" for place in used]]]).astype(float)
    predictors = rows[[f"x{place}" for place in used]].to_numpy(float)
    full = sm.OLS(rows["y"].to_numpy(float), np.column_stack([controls, predictors])).fit()
    alone = sm.OLS(rows["y"].to_numpy(float), controls).fit()
    matrices, width = moments(given)
    found = fit(matrices.sum(axis=0), width)
    assert found.effects == pytest.approx(full.params[-len(used) :], abs=1e-4)
    assert float(found.control_r_squared) == pytest.approx(alone.rsquared, abs=1e-8)
    assert float(found.r_squared) == pytest.approx(1 - full.ssr / alone.ssr, abs=1e-8)
    told_model = model(outcome, given, SIGNALS, times=100)
    table = told_model.drivers.set_index("signal")
    by_name = table.loc[[SIGNALS[place].name for place in used]]
    assert by_name["effect"].tolist() == pytest.approx(found.effects.tolist())
    assert table["weight"].sum() == pytest.approx(told_model.r_squared) and table["share"].sum() == pytest.approx(1.0)
    prevalence = predictors.mean(axis=0)
    lost = told_model.lost.set_index("signal")["value"]
    assert lost[[SIGNALS[place].name for place in used]].tolist() == pytest.approx(
        (-found.effects * prevalence).tolist()
    )
    assert lost.drop("total").sum() == pytest.approx(lost["total"])


def test_controls_are_levels_with_small_ones_put_together() -> None:
    cells = pd.DataFrame({
        "stage": ["buy", "use", None, "pay", "pay"], "channel": ["web"] * 5, "segment": [None] * 5,
        "n": [50, 40, 35, 3, 4],
    })  # fmt: skip
    columns = control_columns(cells)
    assert columns.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 0, 1]]


def test_nothing_to_sum(empty_warehouse: Warehouse) -> None:
    assert sums(empty_warehouse, ALL, SIGNALS) == {}


def test_a_filter_that_answers_do_not_have(empty_warehouse: Warehouse) -> None:
    with pytest.raises(ScopeError, match="initiated_by"):
        sums(empty_warehouse, Scope(filters=(("initiated_by", ("customer",)),)), SIGNALS)
