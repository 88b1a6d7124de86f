"""Did stepping in help?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.recoveries import reached, recoveries
from cx_metrics.analyses.recoveries_words import WORDS
from cx_metrics.analyses.rules import RuleError, current_rules
from cx_metrics.charts.recoveries import SIDES, recovery_chart
from cx_metrics.ledger import LedgerError
from cx_metrics.wording import amount
from pages import _cards, _scope, _tables, _ui, _url
from pages._ledger import ledger

BY = {"rule": "rule", "team": "team of the moment"}

st.title("Did stepping in help?")
scope = _scope.current()
try:
    rules, contacted = current_rules(ledger()), reached(ledger())
except (LedgerError, RuleError) as error:
    st.warning(f"What came of stepping in cannot be told now: {_ui.literal(error)}.")
    st.stop()
found = _ui.ask(recoveries, scope, rules.rules, contacted)
tables, titles = found.tables, {rule.name: rule.title for rule in rules.rules}
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
st.markdown("\n".join(f"- {_ui.literal(sentence)}" for sentence in found.sentences[1:]))
if tables:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = _url.one("What came of it", list(WORDS), "recovery", "recovered", WORDS.__getitem__, width=300)
        by = _url.one("By", list(BY), "recovery_by", "rule", BY.__getitem__, width=200)
    effects = tables["effects"]
    named = effects.assign(
        name=[titles.get(group, group) or "all" for group in effects["group"]],
        outcome_words=effects["outcome"].map(WORDS),
    )
    own = named[named["by"].isin(("all", by)) & (named["outcome"] == outcome)]
    sides = {name: words for name, (words, _, _) in SIDES.items()}
    if own[list(sides)].notna().all(axis=1).any():
        st.markdown(f"**{WORDS[outcome].capitalize()}: estimates with 95 % intervals**")
        st.plotly_chart(recovery_chart(own, "share, %"), key="recoveries", config={"displayModeBar": False},
                        alt=" ".join(found.sentences))  # fmt: skip
    else:
        st.markdown(f"**{WORDS[outcome].capitalize()}**: below 10 on one side everywhere, so nothing is drawn.")
    _tables.comparison(own.rename(columns={"name": BY[by]}), [BY[by]], sides,
                       {"contacted_left_out": "contacted, left out",
                        "others_left_out": "others, left out"})  # fmt: skip
    _ui.download(effects, "recoveries-effects")
    with st.expander("All outcomes together", icon=":material/table:"):
        whole = named[named["by"] == "all"].rename(columns={"outcome_words": "what came of it"})
        _tables.comparison(whole, ["what came of it"], sides, {"strata": "strata compared"})
    st.subheader("How many were contacted, and recovered")
    counts = tables["recovered"]
    counted = counts[counts["by"].isin(("all", by))]
    counted = counted.assign(**{BY[by]: [titles.get(group, group) or "all" for group in counted["group"]]})
    sizes = {"moments": "moments", "set_aside": "set aside", "others": "contacted by nobody",
             "contacted": "contacted by a person"}  # fmt: skip
    shown = counted.assign(**{name: [amount(n, "count") for n in counted[name]] for name in sizes})
    _cards.table(shown[[BY[by], *sizes, "n", "value", "low", "high", "suppressed"]].rename(columns=sizes), "%")
    _ui.download(counts, "recoveries")
    st.subheader("How alike both sides are")
    st.markdown("Standardised differences, those contacted minus the others: more than 0.1 in size counts as unlike.")
    words = {"matched_contacted": "contacted, matched", "matched_others": "others, matched"}
    st.dataframe(tables["balance"].round(2).rename(columns=words), hide_index=True, placeholder="–",
                 alt="how alike both sides are before and after matching")  # fmt: skip
    _ui.download(tables["balance"], "recoveries-balance")
_ui.link("interventions", "The queue: who needs a person now", ":material/front_hand:")
st.subheader("What this rests on, and what it does not say")
said = (f"{rules.said} All of them are looked at, switched on or not.", *found.assumptions)
st.markdown("\n".join(f"- {_ui.literal(sentence)}" for sentence in said))
st.caption("The same on the command line:")
st.code(f"cx-metrics analyse recoveries {_scope.options(scope)}", language=None)
