"""The fields of each way to act on an intervention, and what they lead to."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import streamlit as st

from cx_metrics.analyses import intervention_steps as steps
from cx_metrics.analyses.choices import filter_values
from cx_metrics.analyses.intervention_queue import choices, clock
from cx_metrics.ledger import Ledger
from pages import _ui

Act = Callable[[], str]  # acts, and says what was done
Given = tuple[Ledger, int, int, str]  # ledger, number of the intervention and of the step that was seen, who


def _words(label: str, key: str) -> str:
    return st.text_area(label, key=f"words {key}", max_chars=steps.LONGEST_WORDS, height=90)


def _note(given: Given, key: str) -> Act:
    words = _words("What others should know", key)
    return lambda: f"The note is kept as step {steps.note(*given, words)}."


def _finish(given: Given, key: str) -> Act:
    outcome = st.selectbox("How did it end?", steps.OUTCOMES, None, key=f"outcome {key}")
    words = _words("In your words (may stay empty)", key)
    return lambda: f"It is done: {outcome} (step {steps.finish(*given, outcome or '', words)})."


def _snooze(given: Given, key: str) -> Act:
    tomorrow = clock().date() + datetime.timedelta(days=1)
    label = "Until (it comes back that morning, UTC, and is due that day)"
    day = st.date_input(label, tomorrow, key=f"until {key}")
    words = _words("Why (may stay empty)", key)
    return lambda: f"It rests until {day} (step {steps.snooze(*given, day, words)})."


def _hand_over(given: Given, key: str) -> Act:
    teams = sorted({*choices(given[0])["team"], *_ui.ask(filter_values)["team"]})
    team = st.selectbox("To which team", teams, None, key=f"team {key}", accept_new_options=True)
    person = st.text_input("To whom (may stay empty)", key=f"person {key}", max_chars=steps.LONGEST_NAME)
    words = _words("Why", key)
    return lambda: f"It is handed over (step {steps.hand_over(*given, team or '', person, words)})."


def _release(given: Given, key: str) -> Act:
    words = _words("Why (may stay empty)", key)
    return lambda: f"It is free for others again (step {steps.release(*given, words)})."


def _reopen(given: Given, key: str) -> Act:
    words = _words("Why", key)
    return lambda: f"It is open again (step {steps.reopen(*given, words)})."


WAYS: dict[str, Callable[[Given, str], Act]] = {
    "Note": _note, "Outcome": _finish, "Snooze": _snooze, "Hand over": _hand_over, "Give back": _release,
    "Open again": _reopen,
}  # fmt: skip
