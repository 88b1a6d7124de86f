"""Retention page: how long customers stay, and cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cx_metrics.analyses.retention import staying
from cx_metrics.analyses.retention_scope import GROUPS
from cx_metrics.charts.retention import cohort_chart, survival_chart
from cx_metrics.scope import Scope
from pages import _cards, _ui, _url

BARE = {"displayModeBar": False}
SEEN_IN = {"survival": "subscriptions", "survival_orders": "orders"}
DEFINITIONS = {"cohorts": "active in the month (bounded)", "cohorts_rolling": "in the month or later (rolling)"}


def lines(said: Sequence[str]) -> None:
    """Sentences as a list."""
    st.markdown("\n".join(f"- {_ui.literal(sentence)}" for sentence in said))


def curves(scope: Scope) -> str:
    """The survival curves; gives what they are split by."""
    st.subheader("How long customers stay")
    with st.container(horizontal=True):
        by = _url.one("By", ["", *GROUPS], "by", "", lambda name: GROUPS.get(name, "nothing"), width=200)
        found = _ui.ask(staying, scope, by)
        names = [name for name in SEEN_IN if name in found.tables]
        name = _url.one("Seen in", names, "seen", names[0], SEEN_IN.__getitem__, width=200) if names[1:] else names[0]
    lines(found.sentences)
    table, groups = found.tables[name], found.tables[f"{name}_groups"]
    if table.empty:
        return by
    st.markdown("**Share still there by months since the start, with 95 % intervals (Kaplan-Meier)**")
    st.plotly_chart(survival_chart(table), key="survival", config=BARE, alt=" ".join(found.sentences))
    with st.expander("The figures of the curves", icon=":material/table:"):
        st.dataframe(groups.round(1), hide_index=True, placeholder="–", alt="groups with the median time to leaving")
        st.dataframe(table.round(3), hide_index=True, placeholder="–", alt="survival by month")
        _ui.download(table, "survival")
    st.caption("The curves end where fewer than 10 customers have been seen for so long. They do not say why customers "
               "leave: see the drivers.")  # fmt: skip
    return by


def cohorts(tables: dict[str, pd.DataFrame]) -> None:
    """The heatmap of cohorts."""
    st.subheader("Who comes back, by when they came")
    if tables["cohorts"].empty:
        st.info("**Cohorts** need customers who came in the period, and a month after it that is over.")
        return
    chosen = _url.one("Counted", list(DEFINITIONS), "cohort", "cohorts", DEFINITIONS.__getitem__, width=320)
    table = tables[chosen]
    st.markdown("**Per cent of each cohort that came back, by months since it came**")
    st.plotly_chart(cohort_chart(table), key="cohorts", config=BARE, alt="share of each cohort that came back")
    with st.expander("The figures of the heatmap", icon=":material/table:"):
        _cards.table(table, "%")
        _ui.download(table, chosen.replace("_", "-"))
    st.caption(
        "Start: the first order, return: any order; without orders, the first subscription and one that runs. "
        "Months that are not over are blank, small cells hidden. It does not cover who came before the period."
    )
