"""The page of surveys: the figures of the analysis, choices in the URL, and words where there is nothing."""

from __future__ import annotations

import itertools
import shlex
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.surveys import surveys
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

START = datetime(2026, 1, 5, 9)


@pytest.fixture
def found(company: Warehouse) -> Analysis:
    """What the page begins with."""
    return surveys(company, last_year(company))


def test_it_shows_the_analysis(found: Analysis) -> None:
    test = opened("surveys", by="channel")
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    wanted = found.tables["response"].query("by == 'channel'")
    table = test.dataframe[0].value
    assert table["channel"].tolist() == wanted["group"].tolist()
    assert table["value"].tolist() == ["hidden" if x != x else amount(x, "%") for x in wanted["value"]]
    figures = found.tables["weighted"]
    (weighted,) = [one.value for one in test.dataframe if "effective n" in one.value.columns]
    assert weighted["figure"].tolist() == figures["figure"].tolist()
    assert weighted["why there is none"].tolist() == figures["why"].tolist()
    dots = {trace["name"] for trace in charts(test)[1]["data"] if trace["mode"] == "markers"}
    assert dots == {"those who answered", "weighted to all who were asked"} and len(charts(test)) == 4
    (held,) = [one.value for one in test.dataframe if "replaced by a later one" in one.value.columns]
    assert held["instrument"].tolist() == found.tables["hygiene"]["instrument"].tolist()
    assert len(test.get("download_button")) == 6 + bool(len(found.tables["not_asked"]))
    (left_out,) = [one.value for one in test.dataframe if "skipped" in one.value.columns]
    assert left_out["note"].str.contains("2 previews, 2 spam").any() and len(left_out) == len(found.tables["left_out"])
    (command,) = test.code
    assert shlex.split(command.value)[:4] == ["cx-metrics", "analyse", "surveys", "--from"]


def test_choices_are_in_the_url(company: Warehouse) -> None:
    test = opened("surveys", by="<script>")
    assert test.selectbox(key="by").value in ("stage", "region")
    well(test.selectbox(key="by").set_value("instrument").run())
    assert dict(test.query_params)["by"] in ("instrument", ["instrument"])


# --- other data ------------------------------------------------------------------------------------------------------


def answers(count: int, replied: int, start: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Invitations to customers of their own, of whom some answer."""
    return [{"answer_id": f"a{n}", "customer_id": f"c{n}", "instrument": "csat", "invited_at": START,
             "answered_at": START + timedelta(days=1) if n < start + replied else None,
             "score": 4 if n < start + replied else None, **more} for n in range(start, start + count)]  # fmt: skip


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("surveys"))


def test_without_surveys(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "1", "occurred_at": START}]}))
    test = opened("surveys")
    assert "Customers were not surveyed" in shown(test) and "needs surveys of the period" in shown(test)
    assert not charts(test)


@pytest.mark.parametrize(("more", "words"), [
    ({}, "only invitations that were answered are known (n = 60)"), ({"invited_at": None}, "of 60 answers no invitation"),
])  # fmt: skip
def test_where_nobody_knows_who_was_silent(
    more: Any, words: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, filled(embedded, {"survey_answers": answers(60, 60, **more)}))
    test = opened("surveys")
    assert words in shown(test) and "Satisfaction cannot be weighted" in shown(test)
    drawn = [trace for chart in charts(test) for trace in chart["data"]]
    assert all(trace["type"] == "bar" for trace in drawn) and not test.selectbox


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, people, contacts = [], [], []
    for place, name in enumerate(HOSTILE):
        rows += answers(100, 5 if place == 0 else 50, 100 * place, stage=name, channel=name, touchpoint=name)
        people += [
            {"customer_id": f"c{n}", "region": name, "segment": name} for n in range(100 * place, 100 * place + 100)
        ]
        contacts += [{"interaction_id": f"{place}-{n}", "occurred_at": START, "stage": f"{name}2"} for n in range(30)]
    tables = {"survey_answers": rows, "customers": people, "interactions": contacts}
    use(monkeypatch, filled(embedded, tables))
    test = opened("surveys", by="region")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert HOSTILE[0] in plain(written) and not any(name in written for name in HOSTILE)
    assert set(HOSTILE) <= set(test.dataframe[0].value["region"])
    (moments,) = [one.value for one in test.dataframe if list(one.value.columns) == ["stage", "channel", "contacts"]]
    assert {f"{name}2" for name in HOSTILE} == set(moments["stage"]) and set(moments["channel"]) == {"all channels"}
    for name, chart in itertools.product(("<script", "<b>"), test.get("plotly_chart")):
        assert name not in chart.proto.spec
    assert isinstance(test.dataframe[0].value, pd.DataFrame)
