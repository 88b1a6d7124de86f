"""Rules as text: what is read, what is refused and how, what edits keep, what is said."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.analyses.rule_condition_text import conditions
from cx_metrics.analyses.rule_edits import edited, with_condition, with_rule, without_condition, without_rule
from cx_metrics.analyses.rule_facts import SIGNALS
from cx_metrics.analyses.rule_fields import conditions_of, fields_of
from cx_metrics.analyses.rule_text import Condition, RuleError, parse
from cx_metrics.analyses.rule_words import evidence_words, rule_words
from cx_metrics.analyses.rules import Rules, asks, current_rules, differences, history, save_rules, shipped, unseen
from cx_metrics.ledger import Ledger, LedgerError

HEAD = '[[rule]]\nname = "x"\ntitle = "X"\n'
NAMES = ["self_service_wall", "broken_promise", "silent_after_bad_score", "form_nobody_called", "repeated_information",
         "value_at_risk", "first_purchase_without_survey"]  # fmt: skip


def test_the_shipped_rules() -> None:
    rules = shipped()
    assert [rule.name for rule in rules.rules] == NAMES and rules.version == 0
    assert all(rule.why and rule.next_step and rule.title for rule in rules.rules)
    wall = rules.rules[0]
    assert wall.any == (
        Condition("signal", "bot_dead_end"),
        Condition("contacts", count=2, hours=168.0, same="reason",
                  which=Condition("fact", "outcome", ("unresolved", "abandoned"))),
    )  # fmt: skip
    assert wall.all == (Condition("fact", "initiated_by", ("customer",)), Condition("value", "top fifth"))
    assert rules.named("broken_promise") == rules.rules[1] and rules.named("none") is None


WRONG = {
    "[[rule]": "the rules are not readable as TOML",
    "rules = 1": "there is no 'rules' beside the rules; write each rule under [[rule]]",
    "[rule]\nname = 'x'": "write each rule under [[rule]], with two brackets",
    '[[rule]]\ntitle = "X"': "rule 1: name is None; write small letters, digits and _, such as",
    '[[rule]]\nname = "Big Name"': "rule 1: name is 'Big Name'",
    '[[rule]]\nname = "x"': "rule x: title is missing",
    HEAD: "rule x: it has no condition on its contacts; write some under any or all",
    HEAD + 'any = [ { signal = "any" } ]\nwhen = 1': "rule x: there is no 'when'; there are: name, title",
    HEAD + 'any = [ { signal = "any" } ]\nactive = "yes"': "rule x: active is 'yes'; write true or false",
    HEAD + 'any = [ { signal = "any" } ]\ndue_hours = 0': "rule x: due_hours is 0; write a number from 0.1 to 8760",
    HEAD + 'any = [ { signal = "any" } ]\nminutes = nan': "rule x: minutes is nan; write a number",
    HEAD + 'any = [ { signal = "any" } ]\nteam = 7': "rule x: team is a text",
    HEAD + 'any = [ { signal = "any" } ]\nminutes = 1' + "0" * 400: "write a number from",
    HEAD + 'of = "call"': "rule x: of is 'call'; it is one of contact, answer, order",
    HEAD + 'any = "bot"': "rule x: any is a list of conditions, such as",
    HEAD + 'any = [ { signal = "bot" } ]': "rule x: any, condition 1: signal is 'bot'; it is one of any, long_wait",
    HEAD + 'any = [ { signal = "any", at_least = 1 } ]': "rule x: any, condition 1: there is no 'at_least'",
    HEAD + "any = [ { at_least = 1 } ]": "rule x: any, condition 1 says nothing of signal, fact, contacts, none, value",
    HEAD + 'any = [ { signal = "any", value = "top half" } ]': "condition 1 says signal and value of",
    HEAD + 'any = [ { value = "top half" } ]': "rule x: any, condition 1: value 'top half' belongs under all",
    HEAD + 'all = [ { value = "top half" } ]': "rule x: it has no condition on its contacts",
    HEAD + 'all = [ { value = "top" } ]': "value is 'top'; it is one of top half",
    HEAD + 'any = [ { fact = "wait_seconds", is = "10" } ]': "wait_seconds is a number; compare it with at_least",
    HEAD + 'any = [ { fact = "wait_seconds", at_least = "10" } ]': "at_least is '10'; write a number",
    HEAD + 'any = [ { fact = "channel", below = 1 } ]': "channel is no number; compare it with is, such as is = [",
    HEAD + 'any = [ { fact = "outcome", is = ["lost"] } ]': "is is 'lost'; it is one of resolved, unresolved",
    HEAD + 'any = [ { fact = "leaving", is = "true" } ]': "is is 'true'; it is one of yes, no",
    HEAD + 'any = [ { fact = "channel", is = [] } ]': "is takes one text or a list of texts",
    HEAD + 'any = [ { fact = "csat", below = 3 } ]': "fact is 'csat'; it is one of channel",
    HEAD + 'of = "order"\nany = [ { signal = "any" } ]': 'signal asks about contacts; write of = "contact"',
    HEAD + 'any = [ { contacts = 1, within_days = 2 } ]': "contacts is 1; write a whole number from 2 to 100",
    HEAD + "any = [ { contacts = 2 } ]": "condition 1 needs within_days or within_hours, one of them",
    HEAD + "any = [ { contacts = 2, within_days = 0 } ]": "within_days is 0; write a number from 0.1",
    HEAD + 'any = [ { contacts = 2, within_days = 1, same = "team" } ]': "same is 'team'; it is one of reason, case",
    HEAD + 'any = [ { contacts = 2, within_days = 1, which = "bad" } ]': "which is one condition, such as which = {",
    HEAD + 'any = [ { contacts = 2, within_days = 1, which = { fact = "region", is = "x" } } ]': "cannot stand there",
    HEAD + 'of = "answer"\nany = [ { fact = "csat", below = 3 } ]\nall = [ { none = "survey", within_days = 1 } ]':
        "none 'survey' cannot be asked of answers, only of contact and orders",
    HEAD + 'any = [ { signal = "any" } ]\n' + HEAD + 'any = [ { signal = "any" } ]': "two rules have the name 'x'",
    HEAD + "any = [ " + ", ".join(['{ signal = "any" }'] * 13) + " ]": "any has 13 conditions; at most 12",
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=range(len(WRONG)))
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(RuleError) as error:
        parse(text)
    assert said in str(error.value) and "\n" not in str(error.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["signal", "fact", "is", "contacts", "which", "none", "value", "below"]), inner,
                        max_size=3), max_leaves=8))  # fmt: skip
def test_no_condition_breaks_the_reading(condition: object) -> None:
    try:
        conditions([condition], "contact", "any", "here")
    except RuleError as error:
        assert str(error)


def test_edits_keep_comments_and_layout() -> None:
    text = shipped().text
    moved = edited(text, "self_service_wall", {"active": False, "due_hours": 4.0, ("any", 1, "within_days"): 5.0})
    lines = [(a, b) for a, b in zip(text.splitlines(), moved.splitlines(), strict=True) if a != b]
    assert lines[0] == ("active = true", "active = false") and "within_days = 5," in lines[1][1]
    assert lines[2] == ("due_hours = 24", "due_hours = 4") and len(lines) == 3
    assert edited(text, "self_service_wall", {}) == text
    more = with_condition(moved, "repeated_information", "all", '{ value = "top half" },')
    more = with_condition(more, "repeated_information", "all", 'fact = "channel", is = "chat"')
    assert 'all = [\n  { value = "top half" },\n  { fact = "channel", is = "chat" },\n]' in more
    less = without_condition(
        without_condition(more, "repeated_information", "all", 0), "repeated_information", "all", 0
    )
    assert parse(less) == parse(moved)
    added = with_rule(text, "mine", 'My "own"', "answer", '{ fact = "csat", below = 3 }')
    assert parse(added)[-1].title == 'My "own"' and not parse(added)[-1].active
    assert without_rule(added, "mine").strip() == text.strip()


def test_edits_that_cannot_be_used_are_refused() -> None:
    text = shipped().text
    tried: list[tuple[Callable[[], str], str]] = [
        (lambda: edited(text, "none", {}), "there is no rule 'none'"),
        (lambda: edited(text, "value_at_risk", {"minutes": -1}), "rule value_at_risk: minutes is -1"),
        (lambda: edited(text, "value_at_risk", {("any", 7, "within_days"): 1}), "any has no condition 8"),
        (lambda: with_condition(text, "value_at_risk", "any", "signal = "), "is not readable as TOML"),
        (lambda: with_condition(text, "value_at_risk", "any", 'signal = "x"'), "condition 3: signal is 'x'"),
        (lambda: without_condition(text, "broken_promise", "any", 0), "it has no condition on its contacts"),
        (lambda: with_rule(text, "value_at_risk", "T", "contact", 'signal = "any"'), "two rules have the name"),
    ]  # fmt: skip
    for wrong, said in tried:
        with pytest.raises(RuleError) as error:
            wrong()
        assert said in str(error.value)


def test_forms_show_every_threshold() -> None:
    text = shipped().text
    fields = {field.place: field for field in fields_of(text, "self_service_wall")}
    assert fields["due_hours"].value == 24.0 and fields["team"].value == ""
    assert fields["any", 0, "signal"].options == tuple(SIGNALS)
    assert fields["any", 1, "contacts"].value == 2.0 and fields["any", 1, "within_days"].value == 7.0
    assert fields["all", 0, "is"].value == ["customer"] and fields["all", 0, "is"].options == ("customer", "company")
    assert fields["all", 1, "value"].value == "top fifth"
    for rule in parse(text):
        same = {field.place: field.value for field in fields_of(text, rule.name)}
        assert parse(edited(text, rule.name, same)) == parse(text)
    assert conditions_of(parse(text)[0])["any", 0] == "bot dead end"


def test_words_follow_the_conditions() -> None:
    said = {rule.name: rule_words(rule) for rule in shipped().rules}
    assert said["self_service_wall"] == (
        "A contact with either bot dead end, or 2 contacts on the same reason within 7 days (each with outcome: "
        "unresolved or abandoned); and initiated by: customer; and yearly value of the customer in the top fifth."
    )
    assert said["silent_after_bad_score"] == (
        "An answer with low score (CSAT: bottom two boxes, NPS: 0 to 6); and no contact from us within 3 days."
    )
    moment = {"happened_at": datetime.datetime(2026, 6, 3, 9), "met": 3, "channel": "chat", "reason": None}
    wall, silent = shipped().rules[0], shipped().rules[2]
    assert evidence_words(wall, moment).startswith("Bot dead end; 2 contacts on the same reason within 7 days")
    assert evidence_words(wall, {**moment, "met": 1, "reason": "refund"}) == (
        "Bot dead end, channel chat, reason refund, 3 Jun 2026"
    )
    assert "; no contact from us within 3 days, channel chat" in evidence_words(silent, {**moment, "met": 1})
    assert "seconds: at least 5 and below 9" in rule_words(
        parse(HEAD + 'any = [ { fact = "wait_seconds", at_least = 5, below = 9 } ]')[0]
    )


def test_versions(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert current_rules(ledger) == shipped() and history(ledger).empty
    text = edited(shipped().text, "value_at_risk", {"active": True})
    assert save_rules(ledger, text, 0, "  worth\n it ", "Ann") == 1
    now = current_rules(ledger)
    assert (now.version, now.text) == (1, text) and now.said.startswith("Rules as Ann saved them on ")
    with pytest.raises(LedgerError, match="somebody was quicker"):
        save_rules(ledger, text, 0, "the same again", "Bo")
    for given_, said in (((text, 1, "why", " "), "your name is empty"), ((text, 1, " ", "Ann"), "the reason is empty"),
                         (("rule = 1", 1, "why", "Ann"), r"\[\[rule\]\]")):  # fmt: skip
        with pytest.raises(RuleError, match=said):
            save_rules(ledger, *given_)
    past = history(ledger)
    assert past[["version", "who", "change", "rules", "active"]].values.tolist() == [[1, "Ann", "worth it", 7, 5]]
    assert ledger.history().iloc[0][["action", "subject"]].tolist() == ["rules", "worth it"]


def test_what_must_be_looked_at_first() -> None:
    text = shipped().text
    before = parse(text)
    on = parse(edited(text, "value_at_risk", {"active": True, "minutes": 3.0}))
    risk = Rules(0, text, on).named("value_at_risk")
    assert risk is not None and unseen(before, on, ()) == (risk,) and unseen(before, on, {asks(risk)}) == ()
    longer = parse(edited(text, "self_service_wall", {("any", 1, "within_days"): 9, "due_hours": 3}))
    assert [rule.name for rule in unseen(before, longer, ())] == ["self_service_wall"]
    assert unseen(before, parse(edited(text, "self_service_wall", {"due_hours": 3, "team": "T"})), ()) == ()
    assert differences(before, on) == ("Value at risk: switched on; changed minutes",)
    assert differences(before, parse(without_rule(text, "value_at_risk"))) == ("Value at risk: removed",)
    assert differences(before, before) == () and tomllib.loads(text)["rule"][0]["active"] is True
