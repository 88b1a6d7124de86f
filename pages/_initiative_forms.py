"""The ways to register an initiative, and to change one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from cx_metrics.analyses.initiative import STATES
from cx_metrics.analyses.initiative_plan import LONGEST, LONGEST_TEXT, Plan, plan_of
from cx_metrics.analyses.initiative_register import Registered, change, register
from cx_metrics.intake.sample import holds_sample
from cx_metrics.ledger import LedgerError, account
from cx_metrics.scope import ScopeError
from pages import _initiative_advice, _initiative_fields, _ui
from pages._ledger import ledger


def forms(chosen: Registered | None) -> None:
    """What was just done, and the forms; what is wrong with an entry is said in a sentence."""
    if said := st.session_state.pop("initiatives done", ""):
        st.success(_ui.literal(said), icon=":material/task_alt:")
    label = f"Register one, or change {chosen.initiative.name}" if chosen else "Register the first one"
    with st.expander(_ui.literal(label), icon=":material/edit_note:", expanded=chosen is None):
        who = st.text_input("Your name", account(), LONGEST, key="who", width=320, persist_state="session")
        ways: dict[str, Callable[[], None]] = {"Register": lambda: _register(who)}
        if chosen:
            ways |= {"Change the state": lambda: _move(chosen, who), "Change the plan": lambda: _plan(chosen, who)}
        for tab, draw in zip(st.tabs(list(ways)), ways.values(), strict=True):
            with tab:
                try:
                    draw()
                except (ScopeError, LedgerError) as error:
                    st.error(_ui.literal(f"{error}."), icon=":material/error:")


def _done(words: str, number: int) -> None:
    st.query_params["initiative"] = str(number)
    turn = st.session_state.get("initiatives turn", 0) + 1
    st.session_state.update({"initiatives done": words, "initiatives turn": turn})
    st.rerun()


def _register(who: str) -> None:
    plan = _initiative_fields.plan(None, f"new {st.session_state.get('initiatives turn', 0)}")
    _initiative_advice.advice(plan)
    if st.button("Register", icon=":material/add:", type="primary"):
        number = register(ledger(), plan, who, _ui.ask(holds_sample))
        _done(f"{plan.name} is registered, number {number}.", number)


def _move(chosen: Registered, who: str) -> None:
    was, key = chosen.initiative, _key(chosen)
    with st.container(horizontal=True):
        state = st.selectbox("New state", STATES, STATES.index(was.state), key=f"i moved {key}", width=160)
        cost, currency = _initiative_fields.money(plan_of(was), f"moved {key}")
    _save(chosen, replace(plan_of(was), state=state, cost=cost, currency=currency), who, "Save the state")


def _plan(chosen: Registered, who: str) -> None:
    st.caption("A change of figure, groups, start, last day or expected effect after the start is marked for good.")
    plan = _initiative_fields.plan(plan_of(chosen.initiative), f"plan {_key(chosen)}")
    _initiative_advice.advice(plan)
    _save(chosen, plan, who, "Save the plan")


def _key(chosen: Registered) -> str:
    return f"{chosen.initiative.number} {chosen.initiative.version}"


def _save(chosen: Registered, plan: Plan, who: str, label: str) -> None:
    was = chosen.initiative
    why = st.text_input("Why it is changed", max_chars=LONGEST_TEXT, key=f"i reason {label} {_key(chosen)}")
    if st.button(label, icon=":material/save:", type="primary"):
        change(ledger(), was.number, was.version, plan, why, who)
        _done(f"{plan.name} is changed.", was.number)
