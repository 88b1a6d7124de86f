"""What happened with this customer?"""

from __future__ import annotations

from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from cx_metrics.analyses.conversation import moment
from cx_metrics.analyses.customers import find_customers, nobody
from cx_metrics.analyses.timeline import KINDS, customer, history
from cx_metrics.charts.timeline import timeline_chart
from pages import _scope, _ui

FACES = {"customer": "user", "agent": ":material/support_agent:", "bot": ":material/smart_toy:"}
CLICKS: tuple[Literal["single-row", "single-cell"], ...] = ("single-row", "single-cell")
TIME = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")


def choose(kind: str = "", key: str = "", close: bool = False) -> None:
    """Keep in the URL what is chosen: a customer, or a row of the timeline. close: leave the customer."""
    for name in (*KINDS, "customer") if close else KINDS:
        st.query_params.pop(name, None)
    if kind:
        st.query_params[kind] = key


def clicked(widget: str, rows: pd.DataFrame) -> None:
    """Follow a click on a row, a cell or a point, or a click away from it. rows: with kind and key."""
    selection = st.session_state[widget]["selection"]
    places = [*selection.get("rows", []), *(row for row, _ in selection.get("cells", []))]
    found = [(rows["kind"][place], rows["key"][place]) for place in places]
    found += [point["customdata"] for point in selection.get("points", []) if "customdata" in point]
    choose(*(found[-1] if found else ()))


st.title("What happened with this customer?")
text = st.text_input(
    "Name, e-mail address or key", key="q", bind="query-params", on_change=choose, kwargs={"close": True}
)
choice = next(((kind, st.query_params[kind]) for kind in KINDS if kind in st.query_params), ("", ""))
chosen = _ui.ask(moment, *choice) if choice[0] else None
key = st.query_params.get("customer") or (chosen.customer_id if chosen else None)
found = _ui.ask(customer, key) if key else None
if found is None:
    if key:
        st.warning(f"No customer has the key or the e-mail address “{_ui.literal(key)}”.", icon=":material/person_off:")
    results = _ui.ask(find_customers, text)
    if results.empty:
        st.info(_ui.literal(_ui.ask(nobody, text)), icon=":material/person_off:")
        st.stop()
    st.caption(
        f"{len(results)} found; click one." if text.strip() else "Those with the newest news; click one, or search."
    )
    rows = results.assign(kind="customer", key=results["customer_id"])
    st.dataframe(results, hide_index=True, placeholder="", key="found", on_select=partial(clicked, "found", rows),
                 selection_mode=CLICKS, alt="customers found", column_config={"last_contact": TIME})  # fmt: skip
    st.stop()

st.button("Another customer", icon=":material/arrow_back:", on_click=choose, kwargs={"close": True})
st.subheader(_ui.literal(found.details.get("name", found.customer_id)), anchor=False)
st.text(found.described)
scope = _scope.current() if st.toggle("Only the period above", key="cut", bind="query-params") else None
past = _ui.ask(history, found.customer_id, *((scope.start, scope.end) if scope else ()))
st.markdown(f"##### {_ui.literal(past.sentence)}")
if past.total:
    st.plotly_chart(timeline_chart(past.rows, choice), key="lanes", on_select=partial(clicked, "lanes", past.rows),
                    selection_mode="points", config={"displayModeBar": False}, alt=past.sentence)  # fmt: skip
    cut = "the period above" if scope else "all days, whatever the period above"
    st.caption(f"{past.shown} They cover {cut}, and all channels, whatever the filters above. Click a point or a row.")
left, right = st.columns([3, 2])
if past.total:
    with left:
        rows = past.rows.iloc[::-1].reset_index(drop=True)
        marked = [int(place) for place in rows.index[(rows["kind"] == choice[0]) & (rows["key"] == choice[1])]]
        st.session_state["rows"] = {"selection": {"rows": marked, "columns": [], "cells": []}}
        st.dataframe(rows.drop(columns=["until", "kind", "key"]), hide_index=True, placeholder="", height=420,
                     on_select=partial(clicked, "rows", rows), selection_mode=CLICKS, column_config={"at": TIME},
                     key="rows", alt="the timeline, newest first")  # fmt: skip
        _ui.download(rows, "timeline")
if chosen and chosen.customer_id == found.customer_id:
    with right:
        st.markdown(f"**{_ui.literal(chosen.title)}**")
        st.text(chosen.described)
        for said in chosen.messages.itertuples():
            with st.chat_message(said.author, avatar=FACES[said.author]):
                st.caption(said.when)
                st.text(said.text)
        st.caption(chosen.shown)
