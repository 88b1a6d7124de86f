"""Which moments call for a person?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics import journey
from cx_metrics.analyses.interventions import interventions
from cx_metrics.analyses.rule_words import rule_words
from cx_metrics.analyses.rules import RuleError, Rules, current_rules
from cx_metrics.scope import Scope
from pages import _rule_backtest, _rule_draft, _rule_forms, _rule_text, _ui, _url
from pages._ledger import required

FIGURES = {"per_week": "a week", "hours_week": "hours a week", "precision": "followed, %", "base": "usual, %",
           "lead": "days ahead"}  # fmt: skip


def listed(saved: Rules) -> None:
    """All saved rules: what they say, and what they would have done in the past year."""
    found = _ui.ask(interventions, Scope(limits=journey.current().limits), saved.rules)
    figures, shares = found.tables["rules"], found.tables["outcomes"]
    active = figures[figures["active"].astype(bool)] if len(figures) else figures
    st.markdown(f"##### {sum(rule.active for rule in saved.rules)} of {len(saved.rules)} rules are switched on; in the "
                f"past year they would have opened up to {active['per_week'].sum():,.0f} interventions a week, "
                f"which are {active['hours_week'].sum():,.0f} hours of people's time")  # fmt: skip
    st.markdown(f"{_ui.literal(saved.said)} A rule opens interventions at each import, customers who are found by "
                "several rules once. Nothing is ever sent to a customer.")  # fmt: skip
    rows = pd.DataFrame({"rule": [rule.title for rule in saved.rules],
                         "on": [rule.active for rule in saved.rules],
                         "which moments": [rule_words(rule) for rule in saved.rules]})  # fmt: skip
    if len(figures):
        both = figures.merge(shares[shares["outcome"] == "any"], on="rule")
        rows = rows.assign(**{words: both[name].round(1) for name, words in FIGURES.items()})
    st.dataframe(rows, hide_index=True, placeholder="–", alt="the rules",
                 column_config={"which moments": st.column_config.TextColumn(width="large")})  # fmt: skip
    st.caption("Followed: by leaving, a complaint or a low score within 30 days; usual: the same after comparable "
               "contacts. Days ahead: median until the first of them. Past year of data; "
               "the period and filters above do not apply here.")  # fmt: skip
    _ui.download(figures.merge(shares, on="rule", suffixes=("", "_judged")), "rules")


st.title("Which moments call for a person?")
ledger = required()
try:
    saved = current_rules(ledger)
except RuleError as error:
    st.error(f"The saved rules cannot be used: {_ui.literal(str(error))}.", icon=":material/error:")
    st.stop()
listed(saved)
rules = _rule_draft.bar(ledger, saved)
names = {rule.name: rule.title for rule in rules}
chosen = _url.one("Rule", list(names), "rule", next(iter(names), ""), lambda name: names.get(name, name), width=320)
rule = next((rule for rule in rules if rule.name == chosen), None)
if rule is not None:
    _rule_backtest.shown(saved, rules, rule)
    with st.expander("Change this rule", icon=":material/edit:"):
        _rule_forms.rule_forms(saved, rule)
with st.expander("New rule", icon=":material/add:"):
    _rule_forms.new_rule(saved)
with st.expander("All rules as text", icon=":material/code:"):
    _rule_text.as_text(saved)
with st.expander("Versions", icon=":material/history:"):
    _rule_text.versions(ledger)
st.markdown("The same on the command line:")
st.code("cx-metrics rules --export rules.toml\ncx-metrics rules --load rules.toml --why 'longer calls'\n"
        "cx-metrics analyse interventions", language=None)  # fmt: skip
_rule_draft.seen(saved)
