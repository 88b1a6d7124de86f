"""Journey: the tables are those of the analysis, choices live in the URL, texts from data stay texts."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.journey_paths import journey
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, filled, last_year, opened, plain, shown, use, well

ONE = {"interaction_id": "1", "customer_id": "c", "occurred_at": "2026-01-05", "channel": "phone", "stage": "pay",
       "outcome": "resolved"}  # fmt: skip


def table(test: AppTest, column: str) -> Any:
    """The table that has this column."""
    return next(found.value for found in test.dataframe if column in found.value.columns)


def test_the_figures_are_those_of_the_analysis(company: Warehouse) -> None:
    test = opened("journey")
    found = journey(company, last_year(company), "stage", ("channel", "chat", "email"))
    for sentence in found.sentences:
        assert sentence in shown(test)
    ways = found.tables["variants"]
    assert table(test, "way")["way"].tolist() == ways["way"].tolist()
    assert table(test, "way")["n"].tolist() == [amount(n, "count") for n in ways["n"]]
    assert table(test, "of the step before")["stage"].tolist() == found.tables["funnel"]["stage"].tolist()
    assert table(test, "elsewhere")["reason"].tolist() == found.tables["loops"]["reason"].tolist()
    assert len(test.get("plotly_chart")) == 3 and all(chart.proto.alt for chart in test.get("plotly_chart"))
    assert " ".join(found.assumptions) in shown(test)


def test_choices_come_from_the_url(company: Warehouse) -> None:
    test = opened(
        "journey",
        of="channel",
        cases="all",
        funnel=["pay", "get help"],
        between="segment",
        one="business",
        other="home",
    )
    segments = test.selectbox(key="one").options
    assert test.selectbox(key="of").value == "channel" and test.multiselect(key="funnel").value == ["pay", "get help"]
    assert test.selectbox(key="between").value == "segment" and len(segments) > 1
    command = shlex.split(test.code[0].value)
    assert command[:9] == ["cx-metrics", "analyse", "journey", "--of", "channel", "--step", "pay", "--step", "get help"]
    pair = [test.selectbox(key=key).value for key in ("one", "other")]
    assert command[9:13] == ["--groups", "segment", *pair]
    assert "first four contacts of all cases" in shown(test)


def test_choices_go_to_the_url(company: Warehouse) -> None:
    test = opened("journey")
    assert not {"of", "cases", "funnel", "between", "one", "other"} & set(dict(test.query_params))
    well(test.selectbox(key="of").set_value("channel").run())
    well(test.selectbox(key="other").set_value("phone").run())
    assert test.query_params["of"] == "channel" and test.query_params["other"] == "phone"
    assert "chat and phone" in shown(test)


def test_unknown_choices_are_ignored(company: Warehouse) -> None:
    odd = opened("journey", of="mood", cases="none", funnel="<script>", between="x", one="y", other="z")
    assert shown(odd) == shown(opened("journey"))


def test_one_group_twice(company: Warehouse) -> None:
    assert "Choose two different groups" in shown(opened("journey", one="chat", other="chat"))


# --- little or nothing to show ---------------------------------------------------------------------------------------


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("journey"))


def test_without_stages_and_channels(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{**ONE, "channel": None, "stage": None}]}))
    assert "needs contacts with a stage or a channel" in shown(opened("journey")).replace("**", "")


def test_channels_alone(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        {**ONE, "interaction_id": f"{case}-{place}", "customer_id": f"{case}", "case_id": f"{case}", "stage": None,
         "occurred_at": f"2026-01-0{place + 1}"}
        for case in range(40) for place in range(2)
    ]  # fmt: skip
    use(monkeypatch, filled(embedded, {"interactions": rows}))
    test = opened("journey")
    assert test.selectbox(key="of").options == ["channels"] and "phone > phone" in shown(test)
    assert "How far customers get" not in shown(test) and "There are not two groups" in shown(test)


def test_a_single_contact(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [ONE]}))
    assert "too few cases began" in shown(opened("journey"))


def test_a_period_in_which_no_case_begins(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = [{"order_id": "1", "customer_id": "c", "ordered_at": "2024-01-05", "amount": 1, "currency": "EUR"}]
    use(monkeypatch, filled(embedded, {"interactions": [ONE], "orders": orders}))
    test = opened("_main", period="custom", **{"from": "2024-01-01", "to": "2024-02-01"})
    well(test.switch_page("journey.py").run())
    assert "no case began" in shown(test)


# --- texts from data -------------------------------------------------------------------------------------------------


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for place, name in enumerate(HOSTILE):
        for case in range(40):
            for step, stage in enumerate((name, HOSTILE[place - 1], name)):
                rows.append({
                    **ONE, "interaction_id": f"{place}-{case}-{step}", "customer_id": f"{place}-{case}", "stage": stage,
                    "case_id": f"{place}-{case}", "channel": name, "occurred_at": f"2026-01-0{step + 1}", "reason": name,
                })  # fmt: skip
    use(monkeypatch, filled(embedded, {"interactions": rows}))
    test = opened("journey", funnel=list(HOSTILE[:2]))
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert all(name not in written for name in HOSTILE)
    assert any(name in plain(written) for name in HOSTILE)
    assert set(HOSTILE) <= set(table(test, "elsewhere")["reason"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec
