"""The rules that the reader is changing: a draft in the session, until it is saved as a new version."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from cx_metrics.analyses.rule_text import parse
from cx_metrics.analyses.rules import Rule, RuleError, Rules, asks, differences, refuse_unseen, save_rules
from cx_metrics.ledger import Ledger, LedgerError, account
from pages import _ui

_DRAFT, _LOOKED, _SEEN, _DONE = "rules draft", "rules looked at", "rules seen", "rules done"


def text_of(saved: Rules) -> str:
    """The text that is worked on: the draft, or what is saved."""
    return str(st.session_state.get(_DRAFT, (saved.version, saved.text))[1])


def change(saved: Rules, edit: Callable[..., str], *given: object) -> None:
    """Make an edit of the draft, or say why not. edit(text, *given) -> text."""
    based_on = st.session_state.get(_DRAFT, (st.session_state.get(_SEEN, saved.version), ""))[0]
    try:
        text = edit(text_of(saved), *given)
        parse(text)
    except RuleError as error:
        st.error(f"{_ui.literal(str(error))}.", icon=":material/error:")
        return
    st.session_state[_DRAFT] = (based_on, text)
    st.rerun()


def seen(saved: Rules) -> None:
    """Note what the reader has seen, at the end of the page: an edit of rules that moved on since is refused."""
    st.session_state[_SEEN] = saved.version


def looked_at(rule: Rule) -> None:
    """Note that the backtest of a rule, as it stands in the draft, was shown."""
    st.session_state.setdefault(_LOOKED, set()).add(asks(rule))


def was_looked_at(rule: Rule) -> bool:
    """Whether the backtest of the rule, as it stands, was shown in this session."""
    return asks(rule) in st.session_state.get(_LOOKED, set())


def bar(ledger: Ledger, saved: Rules) -> tuple[Rule, ...]:
    """What is not saved yet, with the form that saves or drops it. The rules of the draft."""
    if said := st.session_state.pop(_DONE, ""):
        st.success(_ui.literal(said), icon=":material/task_alt:")
    rules = parse(text_of(saved))
    if _DRAFT not in st.session_state:
        return rules
    changed = differences(saved.rules, rules) or ("comments and layout",)
    with st.form("save rules"):
        st.markdown(f"**Not saved yet:** {_ui.literal('; '.join(changed))}")
        who = st.text_input("Your name", account(), key="who", max_chars=120, width=320)
        why = st.text_input("What was changed, and why", key="why", max_chars=300)
        if st.form_submit_button("Save as a new version", icon=":material/save:", type="primary", key="save draft"):
            _save(ledger, saved, rules, "; ".join([why.strip(), *changed]) if why.strip() else "", who)
        if st.form_submit_button("Drop the draft", icon=":material/delete:", key="drop draft"):
            del st.session_state[_DRAFT]
            st.rerun()
    return rules


def _save(ledger: Ledger, saved: Rules, rules: tuple[Rule, ...], why: str, who: str) -> None:
    based_on, text = st.session_state[_DRAFT]
    try:
        refuse_unseen(saved.rules, rules, st.session_state.get(_LOOKED, set()))
        number = save_rules(ledger, text, based_on, why, who)
    except (RuleError, LedgerError) as error:
        st.error(f"{_ui.literal(str(error))}.", icon=":material/error:")
        return
    del st.session_state[_DRAFT]
    st.session_state[_DONE] = f"Saved as version {number}. It opens interventions from the next import on."
    st.rerun()
