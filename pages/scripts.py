"""Do we answer or do we paste?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.scripts import scripts
from cx_metrics.charts.empathy import scripted_chart
from cx_metrics.wording import amount
from pages import _cards, _excuse, _scope, _tables, _ui
from pages._ledger import required

st.title("Do we answer or do we paste?")
scope = _scope.current()
ledger = required()
found = _ui.ask(scripts, scope)
teams, families = found.tables["teams"], found.tables["families"]
if teams.empty:
    st.info("**This page** needs agents' replies of at least four words: messages.author and text.",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
    st.stop()
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
st.markdown("**Scripted replies by team, share of replies with 95 % interval**")
st.plotly_chart(scripted_chart(teams), key="teams", config={"displayModeBar": False}, alt=" ".join(found.sentences))
with st.expander("The figures of the chart", icon=":material/table:"):
    _cards.table(teams, "%")
    _ui.download(teams, "scripted-by-team")
st.subheader("What is pasted")
if families.empty:
    st.info("No text occurs in many conversations of this period.", icon=":material/task_alt:")
else:
    shown = families[["example", "replies", "conversations", "teams"]].assign(
        share=_tables.spans(families.rename(columns={"low": "x_low", "high": "x_high"}), "share", "x", "%"),
        used=[f"{amount(value, '%')} (n = {amount(n, 'count') if n == n else 'below 5'})"
              for value, n in families[["used", "n_used"]].itertuples(index=False)],
        elsewhere=[amount(value, "%") for value in families["elsewhere"]],
        difference=_tables.spans(families, "difference", "difference", "points"),
        excused=families["excused"],
    )  # fmt: skip
    words = {"example": "how it reads, personal data masked", "share": "of these teams' replies, 95 %",
             "used": "satisfied where used", "elsewhere": "satisfied elsewhere",
             "difference": "difference, points"}  # fmt: skip
    wide = {words["example"]: st.column_config.TextColumn(width=420), "teams": st.column_config.TextColumn(width=150)}
    st.dataframe(shown.rename(columns=words), hide_index=True, placeholder="–", column_config=wide, row_height=70,
                 alt="texts that are pasted")  # fmt: skip
    _ui.download(families, "scripts")
_excuse.forms(ledger, families)
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse scripts {_scope.options(scope)}", language=None)
