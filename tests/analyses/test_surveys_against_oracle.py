"""The analysis of surveys against plain pandas and statsmodels, on every engine."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from cx_metrics.analyses.surveys import surveys
from cx_metrics.analyses.surveys_fatigue import BUCKETS, EARLIER
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.scope import Scope
from tests.analyses.survey_company import START, asked, tables
from tests.conftest import MakeWarehouse

SCOPES = {"all": Scope(), "filtered": Scope(date(2024, 5, 1), date(2024, 9, 30), filters=(("segment", ("private",)),))}
TRAITS = {"region", "segment", "country", "generation", "stage", "channel"}


@pytest.fixture(scope="module", params=SCOPES)
def scope(request: pytest.FixtureRequest) -> Scope:
    return SCOPES[request.param]


@pytest.fixture(scope="module")
def company(make_shared_warehouse: MakeWarehouse) -> Any:
    return make_shared_warehouse(tables())


@pytest.fixture(scope="module")
def found(company: Any, scope: Scope) -> dict[str, pd.DataFrame]:
    return surveys(company, scope).tables


def within(rows: pd.DataFrame, scope: Scope, time: pd.Series) -> pd.DataFrame:
    kept = pd.Series(True, index=rows.index)
    for name, values in scope.filters:
        kept &= rows[name].isin(values)
    if scope.start and scope.end:
        kept &= (time >= pd.Timestamp(scope.start)) & (time < pd.Timestamp(scope.end) + pd.Timedelta(days=1))
    return rows[kept]


@pytest.fixture(scope="module")
def rows(scope: Scope) -> pd.DataFrame:
    """What customers were asked by a known invitation in the scope."""
    given = asked()
    return within(given[given["invited_at"].notna()], scope, given["invited_at"])


@pytest.fixture(scope="module")
def items(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Instrument -> a row for each asked: traits, answered, value."""
    counted = rows[rows["counts"]]
    single = {name: counted[counted["instrument"] == name] for name in ("csat", "nps")}
    perception = counted[counted["instrument"] == "perception"]
    scaled = (perception["score"] - 1) / 6
    grouped = perception.assign(value=scaled).groupby("sending")
    traits = grouped[list(TRAITS)].first().where(grouped[list(TRAITS)].nunique() < 2)  # two surveys on one day
    values = {
        "csat": (single["csat"]["score"] >= 4) * 1.0,
        "nps": (single["nps"]["score"] >= 9) * 1.0 - (single["nps"]["score"] <= 6) * 1.0,
    }
    found = {name: part.assign(value=values[name].where(part["score"].notna())) for name, part in single.items()}
    found["experience"] = traits.assign(value=grouped["value"].mean())
    return found


@pytest.mark.parametrize("instrument", ["csat", "nps", "experience"])
def test_weighted_figures(instrument: str, found: dict[str, pd.DataFrame], items: dict[str, pd.DataFrame]) -> None:
    own, row = items[instrument], found["weighted"].set_index("instrument").loc[instrument]
    answered = own["value"].notna()
    assert (row["invitations"], row["answers"]) == (len(own), answered.sum())
    assert row["raw"] == pytest.approx(100 * own["value"].mean())
    used = set(row["traits"].split(", "))
    assert "region" in used and used <= TRAITS
    weights = 1 / chance(own, answered, sorted(used))
    weights = np.minimum(weights, 5 * weights[answered].mean())[answered]
    value = np.average(own["value"][answered], weights=weights)
    assert row["value"] == pytest.approx(100 * value, abs=0.02)  # the model's ridge is all that differs
    assert row["effective_n"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=5e-3)
    assert row["difference"] == pytest.approx(100 * (own["value"].mean() - value), abs=0.02)
    assert row["low"] < row["value"] < row["high"] and row["difference_low"] < row["difference_high"]


def chance(own: pd.DataFrame, answered: pd.Series, traits: list[str]) -> pd.Series:
    """The chance to answer by statsmodels, small values of a trait pooled as the page says."""
    rate = answered.mean()
    design = []
    for name in traits:
        values = own[name].astype(object).where(own[name].notna(), "none")
        sizes = values.value_counts() * min(rate, 1 - rate)
        small = sizes.index[sizes < 7]
        values = values.where(~values.isin(small), "few" if sizes[small].sum() >= 7 else sizes.index[0])
        design.append(pd.get_dummies(values, prefix=name, drop_first=True, dtype=float))
    whole = sm.add_constant(pd.concat(design, axis=1))
    return sm.GLM(answered.astype(float), whole, family=sm.families.Binomial()).fit().fittedvalues


def test_response_rates(found: dict[str, pd.DataFrame], rows: pd.DataFrame) -> None:
    rates = found["response"].set_index(["by", "group"])
    answered = rows["answered_at"].notna().groupby(rows["sending"]).any()
    assert (rates["n"]["all", ""], rates["value"]["all", ""]) == (len(answered), pytest.approx(100 * answered.mean()))
    region = rows.groupby("sending")["region"].first()
    for name, part in answered.groupby(region):
        figure = rates.loc[("region", name)]
        low, high = proportion_confint(part.sum(), len(part), method="wilson")
        assert (figure["n"], figure["value"]) == (len(part), pytest.approx(100 * part.mean()))
        assert (figure["low"], figure["high"]) == (pytest.approx(100 * low), pytest.approx(100 * high))
        assert figure["rest"] == pytest.approx(100 * answered[region != name].mean())
    assert list(found["response"].loc[found["response"]["less"], "group"]) == ["East"]
    for name, part in rows.groupby("instrument"):
        every = part["answered_at"].notna().groupby(part["sending"]).any()
        assert rates["n"]["instrument", name] == len(every)
        assert rates["value"]["instrument", name] == pytest.approx(100 * every.mean())


def test_hygiene(found: dict[str, pd.DataFrame], scope: Scope) -> None:
    given = asked()
    rows = within(given, scope, given["invited_at"].fillna(given["answered_at"]))
    held = found["hygiene"].set_index("instrument")
    assert set(held.index) == set(rows["instrument"])
    for name, part in rows.groupby("instrument"):
        scored = part[part["score"].notna()]
        assert held["n"][name] == len(part)
        assert held["answers"][name] == scored["counts"].sum()
        assert held["superseded"][name] == (~scored["counts"]).sum()
        assert held["anonymous"][name] == (scored["counts"] & scored["customer_id"].isna()).sum()
    assert scope.filters or held["superseded"]["csat"] > 5 < held["anonymous"]["csat"]
    known = rows[rows["score"].notna() & rows["counts"]].groupby(["instrument", "scale_min", "scale_max"]).size()
    assert found["scales"].set_index(["instrument", "scale_min", "scale_max"])["n"].to_dict() == known.to_dict()


def sendings(given: pd.DataFrame) -> pd.DataFrame:
    """One row for each known invitation of a known customer: the row that stands for it."""
    known = given[given["customer_id"].notna() & given["invited_at"].notna()].sort_values(["rank", "late", "answer_id"],
                                                                                        ascending=[True, False, False])  # fmt: skip
    answered = known.groupby("sending")["answered_at"].transform(lambda times: times.notna().any())
    return known.assign(answered=answered).drop_duplicates("sending").sort_values(["invited_at", "answer_id"])


def test_fatigue(found: dict[str, pd.DataFrame], scope: Scope) -> None:
    every = sendings(asked())
    for _, own in every.groupby("customer_id"):
        times = own["invited_at"].to_numpy()
        before = [((times < at) & (times >= at - np.timedelta64(90, "D"))).sum() for at in times]
        every.loc[own.index, "earlier"] = np.minimum(before, 3)
    first = every["invited_at"].min() + pd.Timedelta(days=90)
    judged = within(every, scope, every["invited_at"])
    judged = judged[judged["invited_at"] >= first]
    table = found["fatigue"].set_index("earlier")
    for number, name in enumerate(EARLIER):
        part = judged[judged["earlier"] == number]["answered"]
        assert (table["n"][name], table["answers"][name]) == (len(part), part.sum())
        assert table["share"][name] == pytest.approx(100 * part.mean())


def test_invitations_per_customer(found: dict[str, pd.DataFrame], scope: Scope) -> None:
    every = sendings(asked())
    times = within(every, scope, every["invited_at"]).groupby("customer_id").size()
    buckets = pd.cut(times, [0, 1, 2, 3, 5, 10, 1000], labels=list(BUCKETS)).value_counts()
    table = found["per_customer"].set_index("invitations")
    for name, n in buckets[buckets > 0].items():
        hidden = n < HIDDEN_BELOW or (buckets.between(1, HIDDEN_BELOW - 1).sum() == 1 and pd.isna(table["n"][name]))
        assert pd.isna(table["n"][name]) if hidden else table["n"][name] == n
        if not hidden and n >= 10:
            assert table["share"][name] == pytest.approx(100 * n / len(times))
    assert len(table) == (buckets > 0).sum() and START.year == 2024
