"""How are we doing?"""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.overview import overview
from pages import _scope, _ui

st.title("How are we doing?")
scope = _scope.current()
if scope is None:
    st.info("There are no data yet. Import some on the [Data](data) page.", icon=":material/upload_file:")
    st.stop()
found = _ui.ask(overview, scope)
st.subheader(_ui.literal(found.sentence), anchor=False)
columns = st.columns(4)
for index, card in enumerate(found.cards):
    with columns[index % len(columns)]:
        _ui.card(card)
