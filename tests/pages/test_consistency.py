"""The page of consistency: the figures of the analysis, choices in the URL, and words where there is nothing."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.consistency import consistency
from cx_metrics.charts.consistency import MEASURES
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

ROW = {"occurred_at": "2026-01-05", "channel": "chat", "stage": "pay", "reason": "bill", "outcome": "resolved",
       "wait_seconds": 5, "handle_seconds": 5, "initiated_by": "customer", "team": "red"}  # fmt: skip
LAST = {"interaction_id": "last", "occurred_at": "2026-03-01"}


def analysis(warehouse: Warehouse) -> Analysis:
    """What the page begins with."""
    return consistency(warehouse, last_year(warehouse))


@pytest.mark.parametrize("measure", MEASURES)
def test_it_shows_the_analysis(measure: str, company: Warehouse) -> None:
    test, found = opened("consistency", measure=measure), analysis(company)
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    wanted = found.tables["channels"].query("measure == @measure")
    table = test.dataframe[0].value
    assert table["reason"].tolist() == wanted["reason"].tolist()
    assert table["value"].tolist() == [
        "hidden" if hidden else amount(share, "%")
        for share, hidden in zip(wanted["share"], wanted["suppressed"], strict=True)
    ]
    dots = {trace["name"] for trace in charts(test)[0]["data"] if trace["mode"] == "markers"}
    assert dots == set(
        wanted.loc[wanted["share"].notna() & wanted["reason"].isin(wanted["reason"].unique()[:12]), "channel"]
    )
    assert len(test.dataframe[1].value) == len(found.tables["spread"])
    assert len(test.get("download_button")) == 6


@pytest.mark.parametrize("by", ["stage", "channel", "team"])
def test_the_proactive_share(by: str, company: Warehouse) -> None:
    test = opened("consistency", proactive_by=by)
    (table,) = [table.value for table in test.dataframe if by in table.value.columns and "rank" not in table.value.columns
                and "reason" not in table.value.columns]  # fmt: skip
    wanted = analysis(company).tables["proactive"].query("by == @by")
    assert table[by].tolist() == wanted["group"].tolist()
    assert table["n"].tolist() == [amount(n, "count") for n in wanted["n"]]


def test_choices_are_in_the_url(company: Warehouse) -> None:
    test = opened("consistency", measure="slow", proactive_by="team")
    well(test.selectbox(key="measure").set_value("resolved").run())
    assert "measure" not in dict(test.query_params) and dict(test.query_params)["proactive_by"] in ("team", ["team"])
    odd = opened("consistency", measure="<script>", proactive_by="reason")
    assert (odd.selectbox(key="measure").value, odd.selectbox(key="proactive_by").value) == ("resolved", "stage")


def test_the_command_names_what_is_shown(company: Warehouse) -> None:
    (command,) = opened("consistency").code
    assert shlex.split(command.value)[:4] == ["cx-metrics", "analyse", "consistency", "--from"]


# --- little or nothing to show ---------------------------------------------------------------------------------------


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("consistency"))


@pytest.mark.parametrize("rows", [[LAST], [{**ROW, "interaction_id": "1"}, LAST]])
def test_hardly_any_data(rows: list[dict[str, Any]], embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": rows}))
    text = shown(opened("consistency"))
    assert "nothing can be compared" in text
    assert ("**Channels** can be compared where" in text) == (len(rows) == 1)


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for place, name in enumerate(HOSTILE):
        for i in range(80):
            outcome = "resolved" if place or i < 10 else "unresolved"
            names = {"reason": HOSTILE[0], "channel": name, "team": name, "stage": name}
            rows.append(
                {**ROW, **names, "interaction_id": f"{place}-{i}", "customer_id": f"{place}-{i}", "outcome": outcome}
            )
    use(monkeypatch, filled(embedded, {"interactions": [*rows, LAST]}))
    test = opened("consistency")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert HOSTILE[0] in plain(written) and not any(name in written for name in HOSTILE)
    assert set(HOSTILE) <= set(test.dataframe[0].value["channel"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec and "<b>" not in chart.proto.spec
