"""Public data that nobody of this project made, through their mapping files, against figures computed with pandas."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
import statsmodels.api as sm
from scipy import stats

from cx_metrics.analyses.gap import gap
from cx_metrics.intake.load import LoadReport, import_plans
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.model import customers, interactions, messages, orders, survey_answers
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason=f"the public data sets are not in {REAL}")


class Loaded:
    """A data set in a warehouse of its own."""

    def __init__(self, embedded: Embedded, name: str) -> None:
        self.folder = REAL / name
        self.warehouse = Warehouse(embedded.new_url())
        plans = mapping_plans(ROOT / "sample_data" / "mappings" / f"{name}.toml", self.folder)
        self.reports: list[LoadReport] = import_plans(self.warehouse, plans)

    def figure(self, metric: str, *by: str, **where: str) -> pd.DataFrame:
        scope = Scope(filters=tuple((name, (value,)) for name, value in where.items()))
        return figures(self.warehouse, METRICS[metric], scope, by)

    def value(self, metric: str, **where: str) -> tuple[int, float]:
        row = self.figure(metric, **where).iloc[0]
        return int(row["n"]), float(row["value"])

    def read(self, *columns: Any) -> pd.DataFrame:
        return self.warehouse.read(sa.select(*columns))

    def accounts(self) -> list[tuple[int, ...]]:
        return [(r.read, r.loaded, r.quarantined, r.duplicates, r.skipped) for r in self.reports]


@pytest.fixture(scope="module")
def olist(embedded: Embedded) -> Loaded:
    return Loaded(embedded, "olist")


@pytest.fixture(scope="module")
def sfo(embedded: Embedded) -> Loaded:
    return Loaded(embedded, "sfo_2017")


@pytest.fixture(scope="module")
def cdnow(embedded: Embedded) -> Loaded:
    return Loaded(embedded, "cdnow")


@pytest.fixture(scope="module")
def tweets(embedded: Embedded) -> Loaded:
    return Loaded(embedded, "support_tweets")


# --- a survey with design weights ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(REAL / "sfo_2017" / "2017.csv", dtype=str, keep_default_na=False)


def test_sfo_recommendation(sfo: Loaded, answers: pd.DataFrame) -> None:
    given = answers[~answers["NETPRO"].isin(["", "11"])]
    score, weight = given["NETPRO"].astype(int), given["WEIGHT"].astype(float)
    net = (score >= 9).astype(int) - (score <= 6).astype(int)
    assert sfo.value("nps") == (2746, pytest.approx(100 * net.mean()))
    assert sfo.value("nps_weighted") == (2746, pytest.approx(100 * (net * weight).sum() / weight.sum()))
    assert (round(sfo.value("nps")[1], 2), round(sfo.value("nps_weighted")[1], 2)) == (39.84, 40.40)


def test_sfo_satisfaction(sfo: Loaded, answers: pd.DataFrame) -> None:
    given = answers.loc[~answers["Q7ALL"].isin(["Blank", "0", "6"]), "Q7ALL"].astype(int)
    assert sfo.value("csat") == (len(given), pytest.approx(100 * (given >= 4).mean()))
    assert round(sfo.value("csat")[1], 2) == 82.07


def test_sfo_items(sfo: Loaded, answers: pd.DataFrame) -> None:
    """Every rated item, its mean and its number of answers, under a name of its own."""
    answer = survey_answers.c
    items = sfo.read(answer.dimension, answer.score, answer.source_key).query("dimension.notna()")
    found = (
        items.assign(column=items["source_key"].str.split("-").str[2])
        .groupby(["column", "dimension"])["score"]
        .agg(["size", "mean"])
    )
    given = rated(answers) / 25 + 1
    assert found.index.get_level_values("column").tolist() == sorted(given.columns)
    assert found.index.get_level_values("dimension").is_unique
    assert found["size"].tolist() == [given[name].count() for name in sorted(given.columns)]
    assert found["mean"].tolist() == pytest.approx([given[name].mean() for name in sorted(given.columns)])


def rated(answers: pd.DataFrame) -> pd.DataFrame:
    """The rated items on 0-100, one column each; 0 (blank) and 6 (never used) are no ratings."""
    found = answers.filter(regex=r"^(Q7(?!ALL)\w+|Q9(?!COM)\w+|Q10SAFE|Q13GETRATE|Q14\w+)$").apply(pd.to_numeric)
    return 25.0 * (found.where((found >= 1) & (found <= 5)) - 1)


def test_sfo_experience(sfo: Loaded, answers: pd.DataFrame) -> None:
    """Each item with Student's interval, and all of them with passengers kept together."""
    given = rated(answers)
    found = sfo.figure("experience", "dimension").set_index("value").sort_index()
    wanted = given.agg(["count", "mean", "sem"]).T.sort_values("mean")
    assert found["n"].tolist() == wanted["count"].tolist()
    assert found.index.tolist() == pytest.approx(wanted["mean"].tolist())
    half = wanted["sem"] * stats.t.ppf(0.975, wanted["count"] - 1)
    assert found["high"].tolist() == pytest.approx((wanted["mean"] + half).tolist(), rel=1e-6)
    long = given.stack().dropna()
    people = long.index.get_level_values(0).to_numpy()
    clustered = {"groups": people, "df_correction": False, "use_correction": False}
    fit = sm.OLS(long.to_numpy(), np.ones(len(long))).fit(cov_type="cluster", cov_kwds=clustered)
    count = len(set(people))
    error = fit.bse[0] * np.sqrt(count / (count - 1)) * stats.t.ppf(0.975, count - 1)
    (row,) = sfo.figure("experience").to_dict("records")
    assert (row["n"], row["value"], row["low"]) == pytest.approx(
        (len(long), long.mean(), long.mean() - error), rel=1e-6
    )


def test_sfo_has_no_other_side(sfo: Loaded) -> None:
    """Passengers alone were asked: 24 items without expectation and without belief, and no gap is made up."""
    found = gap(sfo.warehouse, Scope())
    assert found.sentences[0].startswith(
        "No gap can be said: no item was asked of two sides in this period; customers rate"
    )
    one_sided = found.tables["not_comparable"].groupby(["gap", "missing"]).size().to_dict()
    assert one_sided == {("service_gap", "expectation"): 24, ("belief_gap", "belief"): 24}
    assert found.tables["item"][["service_gap", "belief_gap", "knowledge_gap"]].isna().all(axis=None)


def test_sfo_days_are_the_weekdays_that_the_file_gives(sfo: Loaded, answers: pd.DataFrame) -> None:
    answer = survey_answers.c
    days = sfo.read(answer.customer_id, answer.answered_at).drop_duplicates().set_index("customer_id")["answered_at"]
    local = days.dt.tz_localize("UTC").dt.tz_convert("America/Los_Angeles").dt.strftime("%a").str.upper()
    given = answers.set_index("2017-" + answers["RESPNUM"])["DAY"].str[:3]
    assert (local == given.reindex(local.index)).mean() > 0.999
    assert len(days) == days.index.nunique() == 2828  # three gave no answer at all


def test_sfo_account(sfo: Loaded) -> None:
    assert len(sfo.reports) == 26
    assert all((report.read, report.quarantined, report.duplicates) == (2831, 0, 0) for report in sfo.reports)


# --- orders, payments, reviews ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bought() -> pd.DataFrame:
    """Orders of olist with their person, what was paid, and whether they came after the promised day."""
    people, rows, paid = (
        pd.read_csv(REAL / "olist" / f"olist_{name}_dataset.csv") for name in ("customers", "orders", "order_payments")
    )
    rows = rows.merge(people, on="customer_id").merge(paid.groupby("order_id")["payment_value"].sum(), on="order_id")
    delivered, promised = (
        pd.to_datetime(rows[f"order_{name}_date"]) for name in ("delivered_customer", "estimated_delivery")
    )
    late = (delivered.dt.normalize() > promised.dt.normalize()).map({True: "late", False: "on time"})
    return rows.assign(delivery=late.where(delivered.notna(), "not delivered"), at=rows["order_purchase_timestamp"])


@pytest.fixture(scope="module")
def reviews() -> pd.DataFrame:
    return pd.read_csv(REAL / "olist" / "olist_order_reviews_dataset.csv")


def test_olist_satisfaction_by_delivery(olist: Loaded, bought: pd.DataFrame, reviews: pd.DataFrame) -> None:
    """The latest review of each order counts; one person reviews each order once."""
    latest = reviews.sort_values(["review_answer_timestamp", "review_id"]).drop_duplicates("order_id", keep="last")
    means = latest.merge(bought, on="order_id").groupby("delivery")["review_score"].agg(["size", "mean"])
    found = olist.figure("csat_mean", "delivery").set_index("delivery")
    assert found["n"].to_dict() == means["size"].to_dict()
    assert found["value"].to_dict() == pytest.approx((25 * (means["mean"] - 1)).to_dict())


def test_olist_published_figures(olist: Loaded, bought: pd.DataFrame, reviews: pd.DataFrame) -> None:
    """Every review of what the shop calls delivered: 4.275 on time, 2.174 late, 6.57 % late."""
    answer, order = survey_answers.c, orders.c
    rows = olist.warehouse.read(
        sa.select(order.delivery, answer.score)
        .join_from(survey_answers, orders, answer.order_id == order.order_id)
        .where(order.status == "delivered", order.delivered_at.is_not(None))
    )
    by_hand = reviews.merge(
        bought[(bought["order_status"] == "delivered") & (bought["delivery"] != "not delivered")], on="order_id"
    )
    means = rows.groupby("delivery")["score"].mean()
    assert means.to_dict() == pytest.approx(by_hand.groupby("delivery")["review_score"].mean().to_dict())
    assert means.round(3).to_dict() == {"on time": 4.275, "late": 2.174}
    assert round(100 * (rows["delivery"] == "late").mean(), 2) == 6.57


def test_olist_people_orders_and_money(olist: Loaded, bought: pd.DataFrame) -> None:
    assert len(olist.read(customers.c.customer_id)) == bought["customer_unique_id"].nunique() == 8016
    order = olist.read(
        orders.c.order_id, orders.c.customer_id, orders.c.source_customer_key, orders.c.amount
    ).set_index("order_id")
    expected = bought.set_index("order_id").reindex(order.index)
    assert order["customer_id"].tolist() == expected["customer_unique_id"].tolist()
    assert order["source_customer_key"].tolist() == expected["customer_id"].tolist()
    assert order["amount"].tolist() == pytest.approx(expected["payment_value"].tolist())
    kept = bought[~bought["order_status"].isin(["canceled", "unavailable"])]
    assert olist.value("revenue") == (len(kept), pytest.approx(kept["payment_value"].sum()))


def test_olist_repeat_purchase(olist: Loaded, bought: pd.DataFrame) -> None:
    number = bought.sort_values(["at", "order_id"]).groupby("customer_unique_id").cumcount() + 1
    kept = bought.assign(number=number)[~bought["order_status"].isin(["canceled", "unavailable"])]
    again = kept.groupby("customer_unique_id")["number"].max() > 1
    assert olist.value("repeat_purchase") == (len(again), pytest.approx(100 * again.mean()))


def test_olist_account(olist: Loaded) -> None:
    assert olist.accounts() == [
        (8135, 8016, 0, 119, 0), (8135, 8135, 0, 0, 0), (8225, 8225, 0, 0, 0), (8135, 8135, 0, 0, 0), (8924, 8924, 0, 0, 0),
    ]  # fmt: skip


# --- purchases without a header line ---------------------------------------------------------------------------------


def test_cdnow(cdnow: Loaded) -> None:
    names = ["full", "customer", "date", "cds", "dollars"]
    rows = pd.read_csv(
        REAL / "cdnow" / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"customer": str, "date": str}
    )
    assert cdnow.accounts() == [(6919, 6919, 0, 0, 0)]
    assert cdnow.value("active_customers") == (2357, rows["customer"].nunique())
    assert cdnow.value("revenue") == (6919, pytest.approx(rows["dollars"].sum()))
    assert cdnow.value("repeat_purchase") == (2357, pytest.approx(100 * (rows["customer"].value_counts() > 1).mean()))
    found = cdnow.read(orders.c.customer_id, orders.c.ordered_at, orders.c.amount).sort_values(
        ["customer_id", "ordered_at", "amount"]
    )
    rows = rows.assign(at=pd.to_datetime(rows["date"])).sort_values(["customer", "at", "dollars"])
    assert found["customer_id"].tolist() == rows["customer"].tolist()
    assert found["ordered_at"].tolist() == rows["at"].tolist()


# --- conversations ---------------------------------------------------------------------------------------------------


def test_support_tweets(tweets: Loaded) -> None:
    talks = [json.loads(line) for line in (REAL / "support_tweets" / "conversations.jsonl").open(encoding="utf-8")]
    said = [{**message, "of": talk["conversation_id"]} for talk in talks for message in talk["messages"]]
    assert tweets.accounts() == [(2350, 1025, 0, 152, 1173), (2350, 2350, 0, 0, 0)]
    contact = tweets.read(
        interactions.c.interaction_id, interactions.c.customer_id, interactions.c.team, interactions.c.occurred_at
    )
    opened = {talk["conversation_id"]: (talk["messages"][0]["author_id"], talk["company"]) for talk in talks}
    assert {key: (who, team) for key, who, team, _ in contact.itertuples(index=False)} == opened
    assert tweets.value("contacts") == (1025, 1025)
    found = tweets.read(
        messages.c.interaction_id, messages.c.author, messages.c.author_id, messages.c.text, messages.c.sent_at
    )
    for column, name in (("author", "author"), ("author_id", "author_id")):
        assert found[column].value_counts().to_dict() == pd.Series([one[name] for one in said]).value_counts().to_dict()
    assert sorted(found["text"]) == sorted(re.sub(r"^\s+|\s+$", "", one["text"]) for one in said)
    assert found["sent_at"].isna().sum() == 1025
