"""What happened with this customer?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.conversation import moment
from cx_metrics.analyses.customers import find_customers, found_in_words, nobody
from cx_metrics.analyses.moods import moods_of
from cx_metrics.analyses.timeline import KINDS, customer, history
from cx_metrics.charts.timeline import timeline_chart
from pages import _conversation, _limits, _scope, _ui

when, form = st.column_config.DatetimeColumn, "D MMM YYYY, HH:mm"
LABELS = {"customer_id": "customer", "email": "e-mail", "last_contact": when("last contact (UTC)", format=form),
          "at": when("when (UTC)", format=form), "lane": "channel", "title": "what", "detail": "details", "kind": None,
          "key": None, "until": None}  # fmt: skip


def choose(kind: str = "", key: str = "", close: bool = False) -> None:
    """Keep in the URL what is chosen: a customer, or a row of the timeline. close: leave the customer."""
    for name in (*KINDS, "customer") if close else KINDS:
        st.query_params.pop(name, None)
    st.query_params.update({kind: key} if kind else {})


def clicked(widget: str, rows: pd.DataFrame) -> None:
    """Follow a click on a row, a cell or a point, or a click away from it. rows: with kind and key."""
    selection = st.session_state[widget]["selection"]
    places = [*selection.get("rows", []), *(row for row, _ in selection.get("cells", []))]
    found = [(rows["kind"][place], rows["key"][place]) for place in places]
    choose(*[*found, *(point.get("customdata", ()) for point in selection.get("points", [])), ()][0])


def table(rows: pd.DataFrame, key: str, alt: str) -> None:
    st.dataframe(rows, hide_index=True, placeholder="", key=key, on_select=lambda: clicked(key, rows), alt=alt,
                 column_config=LABELS, selection_mode=("single-row", "single-cell"))  # fmt: skip


st.title("What happened with this customer?")
text = st.text_input("Name, e-mail address or key", key="q", bind="query-params", on_change=choose, args=("", "", True))
choice = next(((kind, st.query_params[kind]) for kind in KINDS if kind in st.query_params), ("", ""))
chosen = _ui.ask(moment, *choice) if choice[0] else None
key = st.query_params.get("customer") or (chosen.customer_id if chosen else None)
left = right = st.container()
if (found := _ui.ask(customer, key) if key else None) is None:
    results = _ui.ask(find_customers, text)
    if key or results.empty:
        st.info(_ui.literal(_ui.ask(nobody, key or text)), icon=":material/person_off:")
    else:
        st.caption(found_in_words(results, text))
        table(results.assign(kind="customer", key=results["customer_id"]), "found", "customers found")
else:
    st.button("Another customer", icon=":material/arrow_back:", on_click=choose, args=("", "", True))
    st.subheader(_ui.literal(found.details.get("name", found.customer_id)), anchor=False)
    st.text(found.described)
    scope = _scope.current() if st.toggle("Only the period above", key="cut", bind="query-params") else None
    past = _ui.ask(history, found.customer_id, scope and scope.start, scope and scope.end, _limits.current())
    st.markdown(f"##### {_ui.literal(past.sentence)}")
    if past.total:
        st.plotly_chart(timeline_chart(past.rows, choice), key="lanes", on_select=lambda: clicked("lanes", past.rows),
                        selection_mode="points", config={"displayModeBar": False}, alt=past.sentence)  # fmt: skip
        st.caption(f"{past.shown} Click a point or a row to see what was said.")
        moods = _ui.ask(moods_of, found.customer_id)
        if len(moods) > 1:
            _conversation.show_course(moods)
        rows = past.rows.iloc[::-1].reset_index(drop=True)
        marked = [int(place) for place in rows.index[(rows["kind"] == choice[0]) & (rows["key"] == choice[1])]]
        st.session_state["rows"] = {"selection": {"rows": marked, "columns": [], "cells": []}}
        left, right = st.columns([3, 2]) if chosen else (st.container(), st.container())
        with left:
            table(rows, "rows", "the timeline, newest first")
            _ui.download(rows, "timeline")
if chosen and (found is None or chosen.customer_id == found.customer_id):
    with right:
        _conversation.show(chosen)
