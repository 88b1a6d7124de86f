"""Do bots solve it, or only end the conversation?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.bots import bots
from cx_metrics.charts.bots import containment_chart, dead_end_chart, handler
from cx_metrics.scope import DIMENSIONS
from pages import _scope, _tables, _ui, _url

st.title("Do bots solve it, or only end the conversation?")
scope = _scope.current()
found = _ui.ask(bots, scope)
tables = found.tables
if tables["containment"].empty and tables["left_out"].empty:
    st.info("**This page** needs bot or self-service contacts: interactions.handled_by and outcome.",
            icon=":material/upload_file:")  # fmt: skip
    _ui.to_data()
    st.stop()
st.markdown(f"##### {_ui.literal(found.sentences[0])}")
for sentence in found.sentences[1:]:
    st.markdown(_ui.literal(sentence))
by = _url.one(
    "By", ["", "channel", "stage", "reason"], "by", "", lambda name: DIMENSIONS.get(name, "nothing"), width=200
)
parts = tables[f"containment_by_{by}" if by else "containment"]
drawn = parts[parts[by].isin(list(dict.fromkeys(parts[by]))[:12])] if by else parts
st.markdown("**What became of contacts with bots and self-service"
            + (f", by {DIMENSIONS[by]}" if by else "") + ", in per cent**")  # fmt: skip
st.plotly_chart(containment_chart(drawn, by or None), key="containment", config={"displayModeBar": False},
                alt=" ".join(found.sentences))  # fmt: skip
with st.expander("The figures of the chart", icon=":material/table:"):
    named = parts.assign(handled_by=parts["handled_by"].map(handler), contacts=parts["contacts"].round())
    _tables.shares(named, [*([by] if by else []), "handled_by", "part", "contacts"], {"handled_by": "handled by"})
    _ui.download(parts, f"containment{f'-by-{by}' if by else ''}")
    st.markdown("**Not judged**")
    st.dataframe(tables["left_out"], hide_index=True, placeholder="–", alt="contacts that cannot be judged")
st.subheader("Where who came back elsewhere came back")
_tables.shares(tables["returns"].assign(median_hours=tables["returns"]["median_hours"].round(1)),
               ["channel", "return_channel", "of", "median_hours"],
               {"channel": "from", "return_channel": "to", "of": "of all from there",
                "median_hours": "median hours"})  # fmt: skip
_ui.download(tables["returns"], "returns")
st.subheader("Dead ends")
ends = tables["dead_ends"]
st.plotly_chart(dead_end_chart(ends), key="dead_ends", config={"displayModeBar": False}, alt=" ".join(found.sentences))
with st.expander("All dead ends, and how they were compared", icon=":material/table:"):
    figures = ends.assign(handled_by=ends["handled_by"].map(handler))
    figures = figures.assign(**{name: figures[name].round(digits) for name, digits in
                                {"rest_share": 1, "ratio": 2, "p": 4, "p_holm": 4}.items()})  # fmt: skip
    _tables.shares(figures, ["stage", "channel", "handled_by", "dead_ends", "rest_share", "ratio", "p", "p_holm",
                             "stands_out"], {"handled_by": "handled by", "dead_ends": "dead ends",
                                             "rest_share": "other stages, %", "p_holm": "p, all cells together",
                                             "stands_out": "stands out"})  # fmt: skip
    _ui.download(ends, "dead-ends")
st.subheader("What people get who come from a bot")
_tables.comparison(tables["hand_over"], ["measure"],
                   {"after": "after a bot or self-service", "first": "like first contacts with people"},
                   {"left_out": "without a like contact"})  # fmt: skip
_ui.download(tables["hand_over"], "hand-over")
if len(tables["escalated"]):
    st.markdown("**Contacts that the bot escalated itself: share with another contact in the case within the window**")
    _tables.shares(tables["escalated"].round(1), ["handled_by", "median_hours", "resolved"],
                   {"handled_by": "handled by", "median_hours": "median hours",
                    "resolved": "resolved in the end, %"})  # fmt: skip
st.caption(_ui.literal(" ".join(found.assumptions)) + " The same on the command line:")
st.code(f"cx-metrics analyse bots {_scope.options(scope)}", language=None)
