"""The page of estimates: answers and estimates apart, the model with its test, and words where there is none."""

from __future__ import annotations

import datetime
import shlex
from typing import Any

import pytest

from cx_metrics.analyses.estimates import estimates, expected
from cx_metrics.charts.estimates import ANSWERED, ESTIMATED
from cx_metrics.cli import main
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from pages import _ui
from tests.analyses.estimate_company import asked
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, shown, use, well


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """The company of the analysis' tests; one team has a hostile name."""
    tables: dict[str, list[dict[str, Any]]] = asked(600)
    for contact in tables["interactions"]:
        contact["team"] = HOSTILE[0] if contact["team"] == "red" else contact["team"]
    return filled(embedded, tables)


@pytest.fixture
def known(url: str, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    return use(monkeypatch, url)


def test_it_shows_the_analysis_and_keeps_estimates_apart(known: Warehouse) -> None:
    test, year = opened("estimates", estimates_by="team"), last_year(known)
    assert year.end is not None
    usual = Scope(year.end - datetime.timedelta(days=89), year.end)  # the longest with as much before it
    found = estimates(_ui.warehouse(), usual)  # what the page has learnt is not learnt again
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    drawn, effects, calibration = charts(test)
    names = {trace.get("name"): trace for trace in drawn["data"]}
    assert names[ESTIMATED]["marker"]["symbol"] == "circle-open" and "symbol" not in names[ANSWERED]["marker"]
    assert not any("<script>" in str(chart) for chart in (drawn, effects, calibration))
    table = test.dataframe[0].value
    assert list(table.columns) == ["team", "contacts", "n answered", "answered (mean)", "estimated, all contacts",
                                   "estimated, without an answer"]  # fmt: skip
    wanted = found.tables["estimates"].query("by == 'team'")
    assert table["team"].tolist() == wanted["group"].tolist()
    assert table["estimated, without an answer"].iloc[0].startswith(f"{wanted['estimated_silent'].iloc[0]:.1f} (")
    assert len(test.get("download_button")) == 6 and len(effects["data"][0]["y"]) == min(
        len(found.tables["effects"]), 20
    )
    assert all(chart.proto.alt for chart in test.get("plotly_chart"))


def test_choices_are_in_the_url(known: Warehouse) -> None:
    test = opened("estimates", estimates_by="<script>")
    assert test.selectbox(key="estimates_by").value == "stage"
    well(test.selectbox(key="estimates_by").set_value("stage and channel").run())
    assert dict(test.query_params)["estimates_by"] in ("stage and channel", ["stage and channel"])
    assert {"stage", "channel"} < set(test.dataframe[0].value.columns)


def test_a_single_contact(known: Warehouse) -> None:
    (row,) = expected(known, ["i0"]).to_dict("records")
    said = f"estimated at {row['estimated']:.0f} of 100 ({row['estimated_low']:.0f} to {row['estimated_high']:.0f})"
    assert said in shown(opened("estimates", estimated_contact="i0")).replace("**", "")
    assert "There is no contact with the key <b>nobody</b>." in shown(
        opened("estimates", estimated_contact="<b>nobody</b>")
    )


def test_without_a_model_it_says_why(company: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    test = opened("estimates")
    text = shown(test)
    assert "cannot be estimated: there are 113 answers to learn from and 48 later ones to test on" in text
    assert not charts(test) and not test.dataframe and not test.selectbox
    command = test.code[0].value
    assert main(shlex.split(command)[1:]) == 0
    assert estimates(company, last_year(company)).sentences[0] in capsys.readouterr().out
