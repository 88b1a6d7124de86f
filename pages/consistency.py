"""Is help the same on every channel?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.consistency import consistency
from cx_metrics.charts.consistency import MEASURES, channel_chart, spread_chart
from pages import _cards, _scope, _tables, _ui, _url

INSTRUMENTS = {"csat": "CSAT", "nps": "NPS"}

st.title("Is help the same on every channel?")
scope = _scope.current()
found = _ui.ask(consistency, scope)
tables = found.tables
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
measure = _url.one("Figure", list(MEASURES), "measure", "resolved", MEASURES.__getitem__, width=320)
cells = tables["channels"]
if cells.empty:
    st.info("**Channels** can be compared where contacts have a reason and a channel: interactions.reason and channel.",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
else:
    st.markdown(
        "**The same reason on different channels: dots that lie together are alike; hollow ones have n below 30**"
    )
    st.plotly_chart(channel_chart(cells, measure), key="channels", config={"displayModeBar": False},
                    alt=" ".join(found.sentences[:3]))  # fmt: skip
    with st.expander("The figures of the chart", icon=":material/table:"):
        _tables.shares(cells[cells["measure"] == measure], ["reason", "channel", "contacts", "compared"])
        _ui.download(cells, "channels")
    st.subheader("How alike channels are, by reason")
    spread = tables["spread"]
    st.plotly_chart(spread_chart(spread), key="spread", config={"displayModeBar": False}, alt=found.sentences[0])
    with st.expander("The figures of the index", icon=":material/table:"):
        st.dataframe(spread.round(1), hide_index=True, placeholder="–", alt="spread between channels by reason")
        _ui.download(spread, "spread")
st.subheader("Does the company begin before the customer has to?")
by = _url.one("By", ["stage", "channel", "team"], "proactive_by", "stage", width=200)
begun = tables["proactive"]
_cards.table(begun[begun["by"] == by].drop(columns="by").rename(columns={"group": by}), "%")
_ui.download(begun, "proactive-share")
effect = tables["proactive_effect"]
st.markdown("**Answers about contacts that the company began first, against contacts that the customer began**")
_tables.comparison(effect.assign(instrument=effect["instrument"].map(INSTRUMENTS)), ["instrument", "comparison"],
                   {"proactive": "company first", "customer": "customer first"},
                   {"strata": "strata compared", "strata_left_out": "strata left out"})  # fmt: skip
_ui.download(effect, "proactive-effect")
st.subheader("What the front line resolves without escalation")
_cards.table(tables["front_line_teams"], "%")
_ui.download(tables["front_line_teams"], "front-line-teams")
with st.expander("By team and reason", icon=":material/table:"):
    _cards.table(tables["front_line"], "%")
    _ui.download(tables["front_line"], "front-line")
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse consistency {_scope.options(scope)}", language=None)
