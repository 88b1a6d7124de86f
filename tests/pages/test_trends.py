"""Trends: the chart and the tables are those of the metric, and texts from data stay texts."""

from __future__ import annotations

import base64
import shlex
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.trend import trend
from cx_metrics.charts.trend import ALL
from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.metrics.metric import EVERY
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

ONE = {
    "interaction_id": "1",
    "customer_id": "c",
    "occurred_at": "2026-01-05",
    "channel": "phone",
    "outcome": "resolved",
}


def framed(**query: Any) -> AppTest:
    """The page within the frame."""
    return well(opened("_main", **query).switch_page("trends.py").run())


def numbers(axis: Any) -> list[float]:
    """Values of a chart's axis, which Plotly packs."""
    if isinstance(axis, dict):
        return [float(x) for x in np.frombuffer(base64.b64decode(axis["bdata"]), axis["dtype"])]
    return [float(x) for x in axis]


@pytest.mark.parametrize("way", ["alone", "framed"])
def test_the_figures_are_those_of_the_metric(way: str, company: Warehouse) -> None:
    query = {"metric": "contacts", "by": "channel", "every": "quarter"}
    test = opened("trends", **query) if way == "alone" else framed(**query)
    scope, metric = last_year(company), METRICS["contacts"]
    groups, course = (table.value for table in test.dataframe)
    rows = figures(company, metric, scope, ("channel",)).set_index("channel")
    for channel, value, n in groups[["channel", "value", "n"]].itertuples(index=False):
        row = rows.loc[channel]
        assert value == ("hidden" if row["suppressed"] else amount(row["value"], metric.unit))
        assert n == amount(row["n"], "count")
    assert len(groups) == len(rows)
    whole = course[course["group"] == ALL]
    by_quarter = figures(company, metric, scope, (), "quarter")
    assert whole["value"].tolist() == [amount(value, "count") for value in by_quarter["value"]]
    assert f"{metric.title} stood at {amount(by_quarter['value'].sum(), 'count')}" in shown(test)


def test_the_chart_shows_the_course(company: Warehouse) -> None:
    chart = charts(opened("trends", metric="contacts", every="month"))[0]
    (line,) = [trace for trace in chart["data"] if trace.get("mode") == "lines+markers"]
    expected = figures(company, METRICS["contacts"], last_year(company), (), "month")
    assert numbers(line["y"]) == expected["value"].tolist()
    assert [time[:10] for time in line["x"]] == [str(time)[:10] for time in expected["period"]]


def test_charts_have_words_for_who_cannot_see_them(company: Warehouse) -> None:
    test = opened("trends", metric="contacts", by="channel")
    found = trend(company, "contacts", last_year(company), "channel", "month")
    assert [chart.proto.alt for chart in test.get("plotly_chart")] == [" ".join(found.sentences), "share of each group"]


def test_every_kind_of_metric_opens(company: Warehouse) -> None:
    """One of each fact and way to estimate; the figures of all metrics have tests of their own."""
    kinds = {(metric.fact.name, type(metric.kind)): metric for metric in METRICS.values()}
    for place, metric in enumerate(kinds.values()):
        name = metric.name
        by, every = metric.dimensions[place % len(metric.dimensions)], EVERY[place % len(EVERY)]
        test = opened("trends", metric=name, by=by, every=every)
        assert metric.title in shown(test) and test.selectbox(key="by").value == by


def test_a_dimension_that_the_next_metric_lacks_is_dropped(company: Warehouse) -> None:
    test = opened("trends", metric="contacts", by="outcome")
    well(test.selectbox(key="metric").set_value("csat").run())
    assert test.selectbox(key="by").value == "" and "by" not in dict(test.query_params)


def test_unknown_values_are_ignored(company: Warehouse) -> None:
    usual = opened("trends")
    odd = opened("trends", metric="<script>", by="no such", every="day")
    assert shown(odd) == shown(usual)
    assert not {"metric", "by", "every"} & set(dict(odd.query_params))


def test_a_filter_that_does_not_fit_is_said(company: Warehouse) -> None:
    test = framed(channel="phone", metric="revenue")
    assert "cannot be filtered by channel" in shown(test) and not test.dataframe


def test_filters_apply(company: Warehouse) -> None:
    scope = last_year(company)
    row = figures(company, METRICS["contacts"], Scope(scope.start, scope.end, filters=(("channel", ("phone",)),))).iloc[
        0
    ]
    assert f"stood at {amount(row['value'], 'count')}" in shown(framed(channel="phone", metric="contacts"))


def test_the_command_names_what_is_shown(company: Warehouse) -> None:
    (command,) = framed(metric="fcr", by="channel", every="week", channel="phone", period="90d").code
    arguments = shlex.split(command.value)
    assert arguments[:7] == ["cx-metrics", "show", "fcr", "--every", "week", "--by", "channel"]
    assert arguments[-1] == "channel=phone"


# --- little or nothing to show ---------------------------------------------------------------------------------------


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    for test in (opened("trends"), framed()):
        assert "There are no data yet" in shown(test)


@pytest.mark.parametrize("by", ["", "channel"])
def test_a_single_row(by: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [ONE]}))
    test = framed(metric="contacts", by=by)
    assert "too few data" in shown(test) and "needs" not in shown(test)
    assert "hidden" in set(test.dataframe[0].value["value"])


ANSWER = {"instrument": "nps", "score": 9, "answered_at": "2026-01-05"}
ROWS: dict[str, dict[str, Any]] = {
    "interactions": ONE,
    "orders": {"ordered_at": "2026-01-05", "amount": 10, "currency": "EUR"},
    "survey_answers": ANSWER,
}


@pytest.mark.parametrize(
    ("table", "key", "lacking"),
    [
        ("interactions", "interaction_id", "csat"),
        ("orders", "order_id", "fcr"),
        ("survey_answers", "answer_id", "contacts"),
    ],
)
def test_one_kind_of_data(
    table: str, key: str, lacking: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**ROWS[table], key: f"{i}", "customer_id": f"c{i}"} for i in range(20)]
    use(monkeypatch, filled(embedded, {table: rows}))
    assert f"{METRICS[lacking].title} needs {METRICS[lacking].needs}." in shown(framed(metric=lacking)).replace(
        "**", ""
    )
    assert "stood at" in shown(framed())  # the page begins with a figure that there is


# --- texts from data -------------------------------------------------------------------------------------------------


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    contacts = []
    for place, name in enumerate(HOSTILE):
        for i in range(40):  # the first two teams solve less, so that a sentence names groups
            outcome = "resolved" if i < (10 if place < 2 else 35) else "unresolved"
            names = {"team": name, "channel": name, "outcome": outcome}
            contacts.append({**ONE, "interaction_id": f"{place}-{i}", "customer_id": f"{place}-{i}", **names})
    events = [{"event_id": name, "occurred_at": "2026-01-05", "title": name} for name in HOSTILE]
    use(monkeypatch, filled(embedded, {"interactions": contacts, "events": events}))
    test = framed(metric="abandonment", by="team")
    marks = [text.value for text in test.caption if text.value.startswith("Events:")]
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert any(name in shown(test).split("Events")[0] for name in HOSTILE)  # in a sentence
    for name in HOSTILE:
        assert name not in written and name in plain(marks[0])
        assert name in set(test.dataframe[0].value["team"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec and "<b>" not in chart.proto.spec
