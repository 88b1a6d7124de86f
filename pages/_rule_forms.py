"""The forms that change a rule of the draft: its fields, its conditions, a new rule."""

from __future__ import annotations

from typing import Any

import streamlit as st

from cx_metrics.analyses.rule_edits import edited, with_condition, with_rule, without_condition, without_rule
from cx_metrics.analyses.rule_fields import Field, conditions_of, fields_of
from cx_metrics.analyses.rule_text import OF
from cx_metrics.analyses.rules import Rule, Rules
from pages import _rule_draft, _ui

HELP = ('As in the text of the rules: signal = "long_wait"; fact = "wait_seconds", at_least = 600; '
        'contacts = 2, within_days = 7, same = "reason", which = { signal = "any" }; '
        'none = "contact from us", within_hours = 48; value = "top fifth".')  # fmt: skip
WHERE = {"any": "one of these is enough (any)", "all": "must hold, too (all)"}


def rule_forms(saved: Rules, rule: Rule) -> None:
    """Fields of one rule, its conditions, and the way to take it out."""
    text = _rule_draft.text_of(saved)
    mark = str(hash(text))  # another draft has fields of its own, filled with what it says
    with st.form("rule fields", border=False):
        fields = fields_of(text, rule.name)
        given = {field.place: _field(field, f"{field.place} {mark}") for field in fields}
        if st.form_submit_button("Put into the draft", icon=":material/edit:", key="put fields"):
            moved = {field.place: given[field.place] for field in fields if given[field.place] != field.value}
            _rule_draft.change(saved, edited, rule.name, moved)
    with st.form("add condition"):
        where = st.radio("One condition more", list(WHERE), horizontal=True, key=f"where {mark}",
                         format_func=WHERE.__getitem__)  # fmt: skip
        condition = st.text_input("Condition", key=f"condition {mark}", help=HELP, max_chars=500)
        if st.form_submit_button("Add", icon=":material/add:", key="add condition button"):
            _rule_draft.change(saved, with_condition, rule.name, where, condition)
    places = conditions_of(rule)
    gone = st.selectbox("One condition less", list(places), None, key=f"gone {mark}",
                        format_func=lambda place: f"{place[0]}: {places[place]}")  # fmt: skip
    with st.container(horizontal=True):
        out = st.button("Take the condition out", icon=":material/remove:", disabled=gone is None, key="take out")
        if out and gone is not None:
            _rule_draft.change(saved, without_condition, rule.name, *gone)
        if st.button("Take the whole rule out", icon=":material/delete:", key="drop rule"):
            _rule_draft.change(saved, without_rule, rule.name)


def new_rule(saved: Rules) -> None:
    """The form for a rule that is not there yet."""
    with st.form("new rule", border=False):
        title = st.text_input("Title", key="new title", max_chars=80)
        name = st.text_input("Name, in small letters, digits and _", key="new name", max_chars=40)
        of = st.selectbox("It looks at", OF, key="new of", format_func=lambda one: f"{one}s", width=200)
        condition = st.text_input("First condition", key="new condition", help=HELP, max_chars=500)
        if st.form_submit_button("Put into the draft", icon=":material/add:", key="put rule"):
            _rule_draft.change(saved, with_rule, name, title, of, condition)


def _field(field: Field, key: str) -> Any:
    words = _ui.literal(field.words)
    if isinstance(field.value, float):
        return st.number_input(words, value=field.value, key=key, width=320, format="%g")
    if isinstance(field.value, list):
        if field.options:
            return st.multiselect(words, field.options, field.value, key=key)
        return [
            part.strip() for part in st.text_input(words, ", ".join(field.value), key=key).split(",") if part.strip()
        ]
    if field.options:
        return st.selectbox(words, field.options, field.options.index(field.value), key=key, width=320)
    return (
        st.text_area(words, field.value, key=key)
        if field.place in ("why", "next_step")
        else st.text_input(words, field.value, key=key)
    )
