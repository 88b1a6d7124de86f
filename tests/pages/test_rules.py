"""The Rules page: a rule is tested before it is switched on, changed by form and as text, and saved with who and why."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.rule_edits import edited
from cx_metrics.analyses.rules import Rule, Rules, current_rules, save_rules, shipped
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import rule_versions
from tests.analyses.rule_company import at, company, marked
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, charts, filled, opened, plain, shown, well


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A company in which rules find something."""
    return filled(embedded, marked(company(3, contacts=200), at(121)))


def press(test: AppTest, key: str) -> AppTest:
    done: AppTest = test.button(key=key).click().run()
    return done


def field(test: AppTest, words: str) -> Any:
    """The first widget of the form with this label."""
    widgets = (*test.number_input, *test.text_input, *test.text_area, *test.selectbox, *test.multiselect)
    return next(one for one in widgets if plain(one.label) == words)


def saved(test: AppTest, why: str = "a try") -> AppTest:
    test.text_input(key="why").set_value(why)
    return press(test, "save draft")


def risk(rules: Rules) -> Rule:
    found = rules.named("value_at_risk")
    assert found is not None
    return found


def test_it_lists_the_rules_with_their_backtests(kept: Ledger) -> None:
    test = opened("rules")
    text, table = shown(test), test.dataframe[0].value
    assert "4 of 7 rules are switched on" in text and "nobody has changed them yet" in text
    assert table["on"].tolist() == [True] * 4 + [False] * 3 and table["a week"].notna().any()
    assert table["which moments"].str.startswith("A").all()
    assert not charts(test) and "switch" in [button.key for button in test.button]  # off needs no backtest


def test_a_rule_is_switched_on_after_its_backtest_only(kept: Ledger) -> None:
    test = opened("rules", rule="value_at_risk")
    assert "switch" not in [button.key for button in test.button]
    test = well(press(test, "backtest"))
    assert len(charts(test)) == 2 and charts(test)[1]["data"][0]["name"] == "this rule"
    assert any("no success rate" in plain(one.value) for one in test.caption)
    test = well(press(test, "switch"))
    assert "Not saved yet: Value at risk: switched on" in shown(test).replace("**", "")
    assert current_rules(kept).version == 0
    test = press(test, "save draft")
    assert "the reason is empty" in plain(test.error[0].value)
    test = well(saved(test))
    assert "Saved as version 1" in shown(test) and risk(current_rules(kept)).active
    assert kept.history().iloc[0]["subject"] == "a try; Value at risk: switched on"
    assert test.dataframe[-1].value["change"].tolist() == ["a try; Value at risk: switched on"]


def test_text_cannot_switch_on_what_nobody_looked_at(kept: Ledger) -> None:
    test = opened("rules", rule="value_at_risk")
    field(test, "All rules as TOML").set_value(edited(shipped().text, "value_at_risk", {"active": True}))
    test = saved(well(press(test, "check text")))
    assert "look at its backtest below" in plain(test.error[0].value) and current_rules(kept).version == 0
    test = well(saved(press(test, "backtest")))
    assert risk(current_rules(kept)).active


def test_fields_change_the_draft_and_its_backtest(kept: Ledger) -> None:
    test = opened("rules", rule="value_at_risk")
    field(test, "Minutes of a person's time").set_value(45)
    field(test, "contacts: contacts, from").set_value(2)
    field(test, "Team (empty: that of the contact)").set_value(HOSTILE[0])
    test = well(press(test, "put fields"))
    assert "2 contacts by the customer within 30 days" in shown(test)
    test = well(saved(test, "more often"))
    rule = risk(current_rules(kept))
    assert (rule.minutes, rule.any[0].count, rule.team, rule.active) == (45, 2, HOSTILE[0], False)


def test_conditions_and_rules_come_and_go(kept: Ledger) -> None:
    test = opened("rules", rule="broken_promise")
    field(test, "Condition").set_value("what")
    test = press(test, "add condition button")
    assert "not readable as TOML" in plain(test.error[0].value)
    next(one for one in test.text_input if one.label == "Condition").set_value('signal = "long_wait"')
    test = well(press(test, "add condition button"))
    assert "either broken promise, or long wait" in shown(test)
    test = field(test, "One condition less").set_value(("all", 0)).run()
    test = well(press(test, "take out"))
    test.text_input(key="new title").set_value("Mine")
    test.text_input(key="new name").set_value("mine")
    test.text_input(key="new condition").set_value('signal = "any"')
    test = well(press(test, "put rule"))
    assert "Mine: new" in shown(test) and "Broken promise: changed any, all" in shown(test)
    test = saved(test)  # broken promise is on, and its new conditions were not looked at
    assert "Broken promise: look at its backtest" in plain(test.error[0].value)
    test = well(press(test, "drop draft"))
    assert "Not saved yet" not in shown(test) and current_rules(kept).version == 0


def test_a_second_editor_is_told(kept: Ledger) -> None:
    test = opened("rules", rule="value_at_risk")
    save_rules(kept, shipped().text, 0, "quicker", "Ann")
    field(test, "Minutes of a person's time").set_value(45)
    test = saved(press(test, "put fields"))
    assert "somebody was quicker" in plain(test.error[0].value) and current_rules(kept).version == 1


def test_saved_rules_that_cannot_be_used_are_said(kept: Ledger) -> None:
    kept.append(rule_versions, {"who": "Ann", "based_on": 0, "change": "x", "rules": "rule = 1"}, "rules", "x", "x")
    test = AppTest.from_file(str(ROOT / "pages" / "rules.py"), default_timeout=60).run()
    assert not test.exception and "cannot be used" in plain(test.error[0].value)
