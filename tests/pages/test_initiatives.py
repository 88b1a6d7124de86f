"""The Initiatives page: the board, one initiative with its charts, registering with advice, changing with a reason."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.initiative_plan import plan_of
from cx_metrics.analyses.initiative_register import initiatives, register
from cx_metrics.analyses.sample_initiatives import register_sample
from cx_metrics.ledger import Ledger
from tests.analyses.initiative_company import IDLE, PLAN, tables
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, opened, plain, shown, well

COMING = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=14)


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with the answers of three teams; North gets better."""
    return filled(embedded, tables())


def put(test: AppTest, key: str, **fields: Any) -> None:
    """Fill fields of one form. key: what the keys of its fields hold. fields: beginning of a label -> value."""
    for label, value in fields.items():
        elements = (
            *test.selectbox,
            *test.text_input,
            *test.text_area,
            *test.number_input,
            *test.date_input,
            *test.multiselect,
        )
        (field,) = (one for one in elements if one.label.startswith(label.replace("_", " ")) and key in str(one.key))
        field.set_value(value)


def press(test: AppTest, label: str) -> AppTest:
    """The page after a button was pressed."""
    return next(button for button in test.button if button.label == label).click().run()


def warned(test: AppTest) -> list[str]:
    """What the page warns of."""
    return [plain(element.value) for element in test.warning]


def test_an_empty_register_says_how_to_begin(kept: Ledger) -> None:
    register_sample(kept)  # of a company that is not shown
    test = opened("initiatives")
    assert "No initiative is registered yet: register the first one before it starts." in shown(test)
    assert not test.get("plotly_chart") and [tab.label for tab in test.tabs] == ["Register"]
    assert "not said yet: target" in shown(test) or "not said yet: the expected effect" in shown(test)


def test_the_board_and_one_initiative(kept: Ledger) -> None:
    register(kept, PLAN, "Ann")
    register(kept, IDLE, "Ann")
    test = opened("initiatives")
    text = shown(test)
    assert "2 initiatives run: 1 shown to work, 1 not shown." in text
    assert "Running (2)" in text and "Planned (0)" in text and "▲ shown to work" in text and "○ not shown" in text
    assert "Effect +30.0 points (95 %:" in text and "n = 720." in text and "Target group: team: North" in text
    assert "24 weeks before the start, 12 after it." in text
    (marking,) = (text for text in warned(test) if "Registered on" in text)
    assert "after the start on 16 Feb 2026." in marking and "proves little" in marking
    groups, study, placebos = charts(test)
    assert {trace["name"] for trace in groups["data"] if trace.get("name")} >= {"target: North", "comparison: South"}
    assert len(study["layout"]["shapes"]) == 2 and "Callback promise" in placebos["layout"]["yaxis"]["ticktext"]
    assert test.dataframe[-1].value["what"].tolist() == ["registered"]
    other = well(next(button for button in test.button if button.key == "i open 2").click().run())
    assert other.query_params["initiative"] == "2"
    assert "○ Not shown: the difference in customer satisfaction (CSAT) against South" in shown(other)


def test_one_is_registered_with_advice_before(kept: Ledger) -> None:
    register(kept, IDLE, "Ann")
    test = opened("initiatives")
    put(test, "new", Name="Call back", Owner="Ann", Hypothesis="They wait less.", Target_group=["North"],
        Comparison_group=["South"], Expected_effect=10.0, Cost=5000.0)  # fmt: skip
    test = well(test.run())
    assert any(
        text.startswith("An effect of 10.0 points on customer satisfaction (CSAT) would") for text in warned(test)
    )
    test = well(press(test, "Register"))
    assert "Call back is registered, number 2." in shown(test) and test.query_params["initiative"] == "2"
    _, found = initiatives(kept)
    assert plan_of(found) == replace(PLAN, name="Call back", hypothesis="They wait less.", start=COMING, expected=10.0,
                                     cost=5000.0, state="planned")  # fmt: skip
    assert "? Not measurable: not yet: it begins on" in shown(test) and not found.sample
    assert [field.value for field in test.text_input if field.key and field.key.startswith("i name new")] == [""]


def test_what_cannot_be_registered_is_one_sentence(kept: Ledger) -> None:
    test = press(opened("initiatives"), "Register")
    assert [plain(error.value) for error in test.error] == ["the name is empty; say it in a few words."]
    put(test, "new", Name="x", Owner="x", Hypothesis="x", Target_group=["North"], Comparison_group=["North"])
    test = press(test, "Register")
    assert "target and comparison group overlap" in plain(test.error[0].value) and initiatives(kept) == ()


def test_a_state_is_changed_with_a_reason(kept: Ledger) -> None:
    phone = (("channel", ("phone",)),)
    both = replace(PLAN, target=phone + PLAN.target, comparison=phone + PLAN.comparison)
    register(kept, both, "Ann")
    test = opened("initiatives")
    assert {field.label: field.value for field in test.multiselect if "plan 1 1" in str(field.key)} == {
        "Target group": ["North"], "Comparison group": ["South"], "These": ["phone"],
    }  # fmt: skip
    put(test, "moved", New_state="finished", Cost=12_000.0)
    test = press(test, "Save the state")
    assert "say why it is changed" in plain(test.error[0].value)
    put(test, "Save the state", Why="It is part of the work now.")
    test = well(press(test, "Save the state"))
    (found,) = initiatives(kept)
    assert plan_of(found) == replace(both, state="finished", cost=12_000.0)
    assert "Callback promise is changed." in shown(test) and "Finished (1)" in shown(test)
    history = test.dataframe[-1].value
    assert history["why"].tolist() == ["It is part of the work now.", "registered"]
    assert history["what"].tolist()[0] == "cost: 9,000 EUR → 12,000 EUR; state: running → finished"


def test_a_plan_changed_after_the_start_is_marked_and_keeps_groups_that_the_fields_cannot_hold(kept: Ledger) -> None:
    mixed = (("channel", ("chat",)), *PLAN.target)
    register(kept, replace(PLAN, target=mixed), "Ann")
    test = opened("initiatives")
    assert "The groups stay as they are" in shown(test)
    put(test, "plan 1 1", Expected_effect=12.0)
    put(test, "Save the plan", Why="Too bold.")
    test = well(press(test, "Save the plan"))
    (found,) = initiatives(kept)
    assert (found.version, found.expected, found.target) == (2, 12.0, mixed)
    assert any("expected effect changed after the start." in text for text in warned(test))


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    for number, text in enumerate(HOSTILE):
        register(kept, replace(PLAN, name=f"{text} {number}", owner=text, hypothesis=text, comparison=()), "Ann")
    test = opened("initiatives", initiative=str(len(HOSTILE)))
    assert HOSTILE[-1] in shown(test)
    raw = "\n".join(element.value for element in (*test.markdown, *test.caption, *test.subheader))
    assert "<script>" not in raw and "[a](" not in raw and "**b**" not in raw
