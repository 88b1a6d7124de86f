"""How are we doing?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.change_sentences import clearest, headlines
from cx_metrics.analyses.change_words import words
from cx_metrics.analyses.overview import overview
from cx_metrics.wording import listing
from pages import _cards, _scope, _ui

WORDS = {"worse": ":material/trending_down: Worse", "better": ":material/trending_up: Better",
         "no clear change": ":material/trending_flat: No clear change"}  # fmt: skip

st.title("How are we doing?")
scope = _scope.current()
found = _ui.ask(overview, scope)
st.markdown(f"##### {_ui.literal(found.sentence)}")
changed = st.container()  # filled last, so that the cards need not wait for it
for word, label in WORDS.items():
    if titles := found.judged(word):
        st.markdown(f"**{label}:** {listing(titles)}.")
for title, cards in found.sections().items():
    st.subheader(title)
    for start in range(0, len(cards), 4):  # row by row, so that a narrow screen keeps their order
        for column, card in zip(st.columns(4), cards[start : start + 4], strict=False):
            with column:
                _cards.card(card)
if found.missing:
    with st.expander(f"{len(found.missing)} figures need other data", icon=":material/upload_file:"):
        for metric in found.missing:
            _ui.needs(metric)
if found.unable:
    titles = listing([metric.title for metric in found.unable])
    st.caption(f"Not shown, because the filter does not apply to them: {titles}.")
st.caption(
    "Intervals are 95 % and say how far chance alone could move a figure. They do not say whether those who answered "
    "are like those who did not, nor why a figure changed: that takes a look by channel, stage or region."
)
with changed:
    for finding in _ui.ask(headlines, scope, clearest(found)):
        st.markdown(_ui.literal(finding.text))
        _ui.link("changes", f"The evidence, by {words(finding.dimension)}", ":material/difference:",
                 metric=finding.metric, by=finding.dimension)  # fmt: skip
_ui.link("trends", "Trends: how a figure moves, and where", ":material/show_chart:")
if found.lead:
    st.caption("The first figure on the command line:")
    st.code(f"cx-metrics show {found.lead.metric.name} {_scope.options(scope)}", language=None)
