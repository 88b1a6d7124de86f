"""The page of bots: the figures of the analysis, choices in the URL, and words where there is nothing."""

from __future__ import annotations

import shlex

import pytest

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.bots import bots
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

BOT = {"occurred_at": "2026-01-05", "channel": "chat", "stage": "pay", "reason": "bill", "handled_by": "bot"}
LAST = {"interaction_id": "last", "occurred_at": "2026-03-01", "handled_by": "human"}


def analysis(warehouse: Warehouse) -> Analysis:
    """What the page begins with."""
    return bots(warehouse, last_year(warehouse))


def test_it_shows_the_analysis(company: Warehouse) -> None:
    test, found = opened("bots"), analysis(company)
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    table = test.dataframe[0].value
    wanted = found.tables["containment"]
    assert table["value"].tolist() == [
        "hidden" if hidden else amount(share, "%")
        for share, hidden in zip(wanted["share"], wanted["suppressed"], strict=True)
    ]
    assert table["n"].tolist() == [amount(n, "count") for n in wanted["n"]]
    drawn = sum(wanted.loc[wanted["share"].notna()].groupby("part")["contacts"].sum() > 0)
    assert len(charts(test)[0]["data"]) == drawn
    assert len(test.get("download_button")) == 4


@pytest.mark.parametrize("by", ["channel", "stage", "reason"])
def test_by_a_dimension(by: str, company: Warehouse) -> None:
    test = opened("bots", by=by)
    assert test.selectbox(key="by").value == by
    wanted = analysis(company).tables[f"containment_by_{by}"]
    assert list(test.dataframe[0].value[by if by != "reason" else "reason"]) == wanted[by].tolist()
    well(test.selectbox(key="by").set_value("").run())
    assert "by" not in dict(test.query_params)


def test_unknown_values_are_ignored(company: Warehouse) -> None:
    test = opened("bots", by="<script>")
    assert test.selectbox(key="by").value == "" and "by" not in dict(test.query_params)


def test_the_command_names_what_is_shown(company: Warehouse) -> None:
    (command,) = opened("bots").code
    assert shlex.split(command.value)[:4] == ["cx-metrics", "analyse", "bots", "--from"]


def test_charts_have_words(company: Warehouse) -> None:
    alts = [chart.proto.alt for chart in opened("bots").get("plotly_chart")]
    assert len(alts) == 2 and all(analysis(company).sentences[0] in alt for alt in alts)


# --- little or nothing to show ---------------------------------------------------------------------------------------


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("bots"))


def test_without_bots(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [LAST]}))
    test = opened("bots")
    assert "needs bot or self-service contacts" in shown(test) and not test.dataframe


@pytest.mark.parametrize("outcome", ["resolved", None])
def test_a_single_contact(outcome: str | None, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = {**BOT, "interaction_id": "1", "customer_id": "c", "outcome": outcome}
    use(monkeypatch, filled(embedded, {"interactions": [one, LAST]}))
    assert "too few contacts of bots" in shown(opened("bots", by="reason"))


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for place, name in enumerate(HOSTILE):
        for i in range(60):
            outcome = "abandoned" if place == 0 or i < 10 else "resolved"
            where = {"stage": name, "reason": name, "channel": HOSTILE[0]}
            rows.append(
                {**BOT, **where, "interaction_id": f"{place}-{i}", "customer_id": f"{place}-{i}", "outcome": outcome}
            )
    use(monkeypatch, filled(embedded, {"interactions": [*rows, LAST]}))
    test = opened("bots", by="stage")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert HOSTILE[0] in plain(written) and HOSTILE[0] not in written  # the dead end is named
    assert set(HOSTILE) <= set(test.dataframe[0].value["stage"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec and "<b>" not in chart.proto.spec
