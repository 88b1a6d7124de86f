"""Retention page: churn, and what is kept of subscription revenue, by month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cx_metrics.charts.retention import bridge_chart
from cx_metrics.charts.trend import trend_chart
from cx_metrics.metrics.catalog import METRICS
from cx_metrics.scope import Scope
from pages import _cards, _events, _ui
from pages._retention_stay import BARE, lines


def churn(tables: dict[str, pd.DataFrame], said: Sequence[str], scope: Scope) -> None:
    """Churn by month under each rule."""
    st.subheader("How many are lost each month")
    _course(tables["churn"], said, scope, "churn", "**Lost of those there when the month began, by rule**")


def kept(tables: dict[str, pd.DataFrame], said: Sequence[str], scope: Scope) -> None:
    """NRR and GRR by month and over a year."""
    if tables["kept"].empty:
        return
    st.subheader("How much of the subscription revenue is kept")
    _course(tables["kept"], said, scope, "kept", "**Kept of what was paid when the month began**")
    bridge = tables["kept_bridge"]
    if len(bridge):
        st.markdown("**A year ago and now: what the same customers pay a month**")
        st.plotly_chart(bridge_chart(bridge, ""), key="bridge", config=BARE, alt=" ".join(said))
        _ui.download(bridge, "kept-in-a-year")
    st.caption("New customers are not in it. A customer's subscriptions of one currency are added up.")


def _course(table: pd.DataFrame, said: Sequence[str], scope: Scope, name: str, title: str) -> None:
    lines(said)
    if table["value"].isna().all():
        st.info("There are too few customers for figures by month.")
        return
    marks = _events.marks(scope)
    titled = table.assign(metric=[METRICS[each].title for each in table["metric"]])
    st.markdown(title)
    chart = trend_chart(titled, "%", "%", marks, "metric", "month")
    st.plotly_chart(chart, key=f"{name}_course", config=BARE, alt=" ".join(said))
    _events.caption(marks)
    with st.expander("The figures of the chart", icon=":material/table:"):
        _cards.table(titled, "%")
        _ui.download(table, f"{name}-by-month")
