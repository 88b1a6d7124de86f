"""The page of changes: the figures of the analysis, choices in the URL, words where nothing can be compared."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.change_tables import ALL
from cx_metrics.analyses.changes import changes
from cx_metrics.cli import main
from cx_metrics.warehouse import Warehouse
from tests.analyses.test_changes import MIXED, SCOPE, answers
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, charts, filled, last_year, opened, plain, shown, use, well

MONTH = {"from": "2026-02-01", "to": "2026-02-28"}


def test_it_shows_the_analysis(company: Warehouse) -> None:
    found = changes(company, last_year(company), ("csat",))
    test = opened("changes", metric="csat", by="channel")
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    parts = found.tables["parts"].query("dimension == 'channel'")
    (table,) = [one.value for one in test.dataframe if one.value.columns[0] == "channel"]
    assert set(table["channel"]) == set(parts["group"]) and table["channel"].iloc[0] == ALL
    dimensions = test.dataframe[0].value
    assert len(dimensions) == found.tables["parts"]["dimension"].nunique()
    drawn = charts(test)
    assert len(drawn) == len(test.get("download_button")) == 2 + bool(len(found.tables["two_way"]))
    assert {trace["name"] for trace in drawn[0]["data"]} >= {"within groups", "mix"}


@pytest.mark.parametrize("name", ["contacts", "repeat_purchase", "resolution_median"])
def test_every_kind_of_figure(name: str, company: Warehouse) -> None:
    test = opened("changes", metric=name)
    for sentence in changes(company, last_year(company), (name,)).sentences:
        assert sentence in shown(test)


def test_choices_are_in_the_url(company: Warehouse) -> None:
    test = opened("changes", metric="contacts", by="stage")
    well(test.selectbox(key="by").set_value("team").run())
    assert dict(test.query_params)["by"] in ("team", ["team"])
    assert opened("changes", metric="<script>", by="weather").selectbox(key="metric").value == "csat"


def test_a_figure_that_cannot_be_filtered(company: Warehouse) -> None:
    test = AppTest.from_file(str(ROOT / "pages" / "changes.py"), default_timeout=60)
    test.session_state["scope"] = replace(last_year(company), filters=(("channel", ("phone",)),))
    test.query_params["metric"] = "revenue"
    assert "Revenue cannot be filtered by channel; remove that filter." in shown(well(test.run()))


def test_the_command_gives_the_same(company: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = opened("changes", metric="csat").code
    program, *arguments = shlex.split(command.value)
    assert program == "cx-metrics" and main([*arguments, "--format", "csv", "--table", "totals"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("csat,%,")


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("changes"))


def test_without_a_comparison(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {"interaction_id": "1", "occurred_at": "2026-01-05", "channel": "chat"}
    use(monkeypatch, filled(embedded, {"interactions": [one, {**one, "interaction_id": "2"}]}))
    test = opened("changes")
    assert "The data do not reach back far enough to compare (they begin on 5 Jan 2026)" in shown(test)
    assert not test.dataframe and not test.get("plotly_chart")


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {("csat", "phone"): HOSTILE[0], ("csat", "chat"): HOSTILE[1]}
    rows = answers({cell: numbers for cell, numbers in MIXED.items() if cell in names})
    hostile = [row | {"channel": names["csat", str(row["channel"])]} for row in rows]
    use(monkeypatch, filled(embedded, {"survey_answers": hostile}))
    test = AppTest.from_file(str(ROOT / "pages" / "changes.py"), default_timeout=60)
    test.session_state["scope"] = SCOPE
    well(test.run())
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert HOSTILE[1] in plain(written) and not any(name in written for name in HOSTILE)
    assert set(HOSTILE[:2]) <= set(test.dataframe[1].value["channel"])
    assert not any("<script" in chart.proto.spec for chart in test.get("plotly_chart"))


def test_the_overview_links_to_the_evidence(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = answers({cell: numbers for cell, numbers in MIXED.items() if cell[0] == "csat"})
    use(monkeypatch, filled(embedded, {"survey_answers": rows}))
    test = opened("_main", **MONTH)
    assert "the mix of channel took it down by 13.5 points" in shown(test)
    links = [link.proto for link in test.get("page_link") if "evidence" in link.proto.label]
    assert len(links) == 1 and "metric=csat" in str(links[0]) and "by=channel" in str(links[0])
