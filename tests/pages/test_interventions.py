"""The queue's page: what is listed, what one sees of an intervention, and acting while others act too."""

from __future__ import annotations

import datetime

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea

from cx_metrics.analyses.intervention_queue import one, steps_of
from cx_metrics.analyses.intervention_steps import OUTCOMES, claim, finish, note
from cx_metrics.analyses.rules import save_rules, shipped
from cx_metrics.ledger import Ledger
from tests.analyses.queue_company import opened as put
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, filled, opened, plain, shown, use, well

NOW = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
SOON = {"at": NOW, "due_at": NOW + datetime.timedelta(hours=5, minutes=50)}


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with three customers, one of whom is known by a contact only."""
    contact = {"interaction_id": "i3", "customer_id": "c3", "occurred_at": "2026-05-01", "channel": "chat", "team": "West",
               "reason": "delivery", "outcome": "abandoned"}  # fmt: skip
    people = [{"customer_id": "c1", "name": "Eva B", "segment": "home"}, {"customer_id": "c2", "name": "Jan C"}]
    return filled(embedded, {"customers": people, "interactions": [contact]})


def press(test: AppTest, label: str) -> AppTest:
    """The page after a button was pressed."""
    return next(button for button in test.button if button.label == label).click().run()


def text_of(test: AppTest, form: str) -> TextArea:
    """The text field of a form."""
    return next(area for area in test.text_area if (area.key or "").startswith(f"words {form}"))


def write(test: AppTest, form: str, words: str) -> None:
    """Type into the text of a form."""
    text_of(test, form).set_value(words)


def choose(test: AppTest, outcome: str) -> None:
    """Say how it ended."""
    next(box for box in test.selectbox if (box.key or "").startswith("outcome")).set_value(outcome)


def sees(test: AppTest, name: str) -> AppTest:
    """The page once its reader has given their name."""
    return test.text_input(key="who").set_value(name).run()


def test_the_queue_says_who_needs_a_person(kept: Ledger) -> None:
    late = {"due_at": NOW - datetime.timedelta(hours=2, minutes=1)}
    put(kept, {**SOON, "at_stake": 900.0}, {**SOON, **late, "at_stake": None, "rule": "broken_promise"},
        {**SOON, "at_stake": 50.0, "team": "South"}, {**SOON, "at_stake": 70.0})  # fmt: skip
    test = opened("interventions")
    assert ("3 customers need a person; 1 is overdue; 950 EUR a year are at stake with them "
            "(n = 2 with a known value).") in shown(test)  # fmt: skip
    table = test.dataframe[0].value
    assert table[["customer", "due", "who has it", "what happened", "a year at stake", "rule"]].to_numpy().tolist() == [
        ["Jan C", "overdue by 2 hours", "nobody yet", "the bot gave up", "~ not known", "Broken promise"],
        ["Eva B", "in 5 hours", "nobody yet", "the bot gave up", "900 EUR", "wall"],
        ["c3", "in 5 hours", "nobody yet", "the bot gave up", "50 EUR", "wall"],
    ]
    assert "1 belongs to a customer not in the data any more, and is not shown." in shown(test)
    assert len(test.get("download_button")) == 1 and test.code[0].value == "cx-metrics interventions"
    south = opened("interventions", queue_team="South")
    assert "South: 1 customer needs a person" in shown(south) and list(south.dataframe[0].value["customer"]) == ["c3"]
    assert south.code[0].value == "cx-metrics interventions --team South"
    rule = opened("interventions", rule="broken_promise", queue_status="overdue")
    assert list(rule.dataframe[0].value["customer"]) == ["Jan C"]
    none = opened("interventions", queue_status="done")
    assert "No intervention fits these filters." in shown(none) and "3 customers need a person" in shown(none)


def test_one_is_claimed_noted_snoozed_handed_over_and_finished(kept: Ledger) -> None:
    put(kept, {**SOON, "customer_id": "c3", "interaction_id": "i3", "rule": "self_service_wall"})
    test = sees(opened("interventions", intervention="1"), "Ann")
    text = shown(test)
    rule = shipped().named("self_service_wall")
    assert rule is not None and rule.next_step in text and rule.why in text
    assert "This is suggested because of: the bot gave up. The contact: chat, about delivery, ended abandoned." in text
    assert "Intervention 1: c3" in text and "nothing yet" in text
    test = well(press(test, "Claim it"))
    assert "Intervention 1 is yours" in shown(test) and "Ann claimed it" in shown(test)
    assert "Claim it" not in [button.label for button in test.button]
    write(test, "Note", "rang\ntwice")
    test = well(press(test, "Note"))
    assert "Ann wrote a note: rang twice" in shown(test) and not any(area.value for area in test.text_area)
    test = well(press(test, "Snooze"))
    assert "It rests until" in shown(test) and "Ann snoozed it until" in shown(test)
    assert "No customer needs a person now." in shown(test)  # and yet the page goes on showing it
    next(field for field in test.text_input if field.label.startswith("To whom")).set_value("Bob")
    test = well(press(test, "Hand over"))
    assert "Ann handed it over to Bob, North" in shown(test)
    test = press(sees(test, "Bob"), "Outcome")
    assert plain(test.error[0].value).startswith("say how it ended: reached and solved; ")
    choose(test, OUTCOMES[0])
    test = well(press(test, "Outcome"))
    assert "It is done: reached and solved" in shown(test) and "Bob finished it, reached and solved" in shown(test)
    assert {"Note", "Open again"} <= {button.label for button in test.button}
    write(test, "Open again", "she wrote again")
    test = well(press(test, "Open again"))
    assert "1 customer needs a person" in shown(test)
    assert steps_of(kept, 1)["action"].tolist() == [
        "claim", "note", "snooze", "hand over", "outcome", "reopen",
    ]  # fmt: skip


def test_what_was_typed_stays_when_somebody_was_quicker(kept: Ledger) -> None:
    put(kept, SOON)
    test = sees(opened("interventions", intervention="1"), "Bob")
    choose(test, OUTCOMES[2])
    write(test, "Outcome", "I rang three times")
    note(kept, 1, 0, "Ann", "she is away")
    test = press(test, "Outcome")
    assert plain(test.error[0].value) == "Ann wrote a note a moment ago; look at it now and try again."
    assert "Ann wrote a note: she is away" in shown(test)
    assert text_of(test, "Outcome").value == "I rang three times"
    assert len(steps_of(kept, 1)) == 1
    test = well(press(test, "Outcome"))
    assert steps_of(kept, 1)["words"].tolist() == ["she is away", "I rang three times"]


def test_who_acts_on_what_is_no_longer_so_is_told(kept: Ledger) -> None:
    """The forms stay even where they fit no longer, or the press would go nowhere and what was typed be lost."""
    put(kept, SOON, SOON)
    test = sees(opened("interventions", intervention="1"), "Bob")
    claim(kept, 1, 0, "Ann")
    test = press(test, "Claim it")
    assert plain(test.error[0].value) == "Ann claimed it a moment ago; look at it now and try again."
    write(test, "Outcome", "solved")
    choose(test, OUTCOMES[0])
    finish(kept, 1, 1, "Ann", OUTCOMES[1])
    test = press(test, "Outcome")
    assert plain(test.error[0].value) == "Ann finished it a moment ago; look at it now and try again."
    assert text_of(test, "Outcome").value == "solved"
    write(test, "Note", "solved it too")
    test = well(press(test, "Note"))
    assert "Bob wrote a note: solved it too" in shown(test)
    assert "Outcome" not in [button.label for button in test.button]
    assert (one(kept, 1) or {})["outcome"] == OUTCOMES[1]


def test_the_next_one_is_taken(kept: Ledger) -> None:
    put(kept, SOON, {**SOON, "at_stake": 500.0})
    test = sees(opened("interventions"), "Bob")
    claim(kept, 2, 0, "Ann")
    test = well(press(test, "Take the next one"))
    assert "Intervention 1 is yours." in shown(test) and "Intervention 1: Eva B" in shown(test)
    assert test.query_params["intervention"] == "1"
    assert "Take the next one" not in [button.label for button in test.button]
    mine = sees(opened("interventions", queue_status="mine"), "Ann")
    assert list(mine.dataframe[0].value["customer"]) == ["Jan C"]


def test_who_gives_no_name_takes_nothing(kept: Ledger) -> None:
    put(kept, SOON)
    test = press(sees(opened("interventions"), " "), "Take the next one")
    assert plain(test.error[0].value) == "say who you are."
    assert (one(kept, 1) or {})["number"] == 0


def test_a_link_opens_what_is_not_in_the_list(kept: Ledger) -> None:
    put(kept, SOON, {**SOON, "customer_id": "gone", "rule": "old_rule"})
    finish(kept, 1, 0, "Ann", OUTCOMES[2], "rang twice")
    test = opened("interventions", intervention="1")
    assert "done by Ann: not reached" in "".join(text.value for text in test.text) and "rang twice" in shown(test)
    test = opened("interventions", intervention="2")
    assert "This customer is not in the data any more." in shown(test)
    assert "old_rule" in "".join(text.value for text in test.text)
    for wrong in ("x", "9" * 30):
        assert "Intervention" not in "".join(
            text.value for text in opened("interventions", intervention=wrong).markdown
        )


def test_an_empty_queue_says_why(kept: Ledger, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The active rules have opened nothing yet" in shown(opened("interventions"))
    off = shipped().text.replace("active = true", "active = false")
    save_rules(kept, off, 0, "all off", "Ann")
    assert "No rule is switched on" in shown(opened("interventions"))
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("interventions"))


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    (number,) = put(
        kept, {**SOON, "rule": HOSTILE[0], "team": HOSTILE[1], "reason": HOSTILE[2]}, said=" / ".join(HOSTILE)
    )
    for seen, text in enumerate(HOSTILE):
        note(kept, number, seen, text, text)
    claim(kept, number, len(HOSTILE), HOSTILE[3])
    test = opened("interventions", intervention=str(number), queue_team=HOSTILE[1])
    written = "\n".join(element.value for element in (*test.markdown, *test.caption, *test.info, *test.success))
    assert not [text for text in HOSTILE if text in written] and not [
        text for text in HOSTILE if text not in plain(written)
    ]
