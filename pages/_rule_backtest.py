"""A rule's backtest on the page, and the switch that comes after it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics import journey
from cx_metrics.analyses.rule_backtest import backtest
from cx_metrics.analyses.rule_edits import edited
from cx_metrics.analyses.rule_words import rule_words
from cx_metrics.analyses.rules import Rule, Rules
from cx_metrics.charts.rules import OUTCOMES, outcome_chart, week_chart
from pages import _rule_draft, _ui

_SHARES = {"n": "interventions", "precision": "followed, %", "low": "from", "high": "to", "base_n": "comparable n",
           "base": "usual, %", "outcomes": "outcomes of all customers", "recall": "of them foreseen, %"}  # fmt: skip


def shown(saved: Rules, rules: tuple[Rule, ...], rule: Rule) -> None:
    """What the rule says, and, when asked for or already looked at, its backtest with the switch below it."""
    st.markdown(_ui.literal(f"{rule_words(rule)} {rule.why}"))
    st.caption(_ui.literal(f"Due within {rule.due_hours:g} hours, {rule.minutes:g} minutes of a person's time, team: "
                           f"{rule.team or 'that of the moment'}. Next step: {rule.next_step or 'none'}"))  # fmt: skip
    if rule.active:
        _switch(saved, rule)
    if not _rule_draft.was_looked_at(rule):
        words = "Backtest" if rule.active else "Backtest; then it can be switched on"
        if not st.button(words, icon=":material/history:", key="backtest", type="primary"):
            return
    found = _ui.ask(backtest, rule, rules, journey.current().limits)
    tables = found.tables
    st.markdown(f"**{_ui.literal(found.sentences[0])}**")
    if len(tables["weeks"]):
        st.plotly_chart(week_chart(tables["weeks"]), key="weeks", config={"displayModeBar": False},
                        alt=found.sentences[0])  # fmt: skip
        st.markdown("**What followed within 30 days, beside comparable contacts without the rule**")
        st.plotly_chart(outcome_chart(tables["outcomes"]), key="outcomes", config={"displayModeBar": False},
                        alt=found.sentences[0])  # fmt: skip
        _tables(tables)
    st.caption(_ui.literal(" ".join(found.assumptions)) + " The same of a saved rule on the command line:")
    st.code(f"cx-metrics rules --backtest {rule.name}", language=None)
    _rule_draft.looked_at(rule)
    if not rule.active:
        _switch(saved, rule)


def _tables(tables: dict[str, pd.DataFrame]) -> None:
    outcomes, overlap = tables["outcomes"], tables["overlap"]
    with st.expander("The figures, and the overlap with other rules", icon=":material/table:"):
        kept = outcomes.assign(outcome=outcomes["outcome"].map(OUTCOMES))[["outcome", *_SHARES]]
        st.dataframe(kept.rename(columns=_SHARES).round(1), hide_index=True, placeholder="–", alt="what followed")
        _ui.download(outcomes, "backtest-outcomes")
        words = {"n": "interventions", "share": "also found by it, %", "low": "from", "high": "to"}
        st.dataframe(overlap.drop(columns="rule").rename(columns=words).round(1), hide_index=True, placeholder="–",
                     alt="overlap with other rules")  # fmt: skip
        _ui.download(overlap, "backtest-overlap")


def _switch(saved: Rules, rule: Rule) -> None:
    words, icon = ("Switch off", ":material/toggle_off:") if rule.active else ("Switch on", ":material/toggle_on:")
    if st.button(words, icon=icon, key="switch"):
        _rule_draft.change(saved, edited, rule.name, {"active": not rule.active})
