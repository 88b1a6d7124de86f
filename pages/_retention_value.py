"""Retention page: what customers are worth, and how far the models were off."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from cx_metrics.charts.retention import held_out_chart, tracking_chart
from cx_metrics.scope import Scope
from cx_metrics.wording import is_missing, number
from pages import _events, _ui
from pages._retention_stay import BARE, lines

SOURCES = {"orders": "From orders", "subscriptions": "From subscriptions", "together": "Together"}


def value(tables: dict[str, pd.DataFrame], said: Sequence[str]) -> None:
    """The expected value by source and horizon."""
    st.subheader("What they are worth")
    table = tables["value"]
    with st.container(horizontal=True):
        for row in table.to_dict("records"):
            with st.container(width=260):
                st.metric(f"{SOURCES[row['source']]}, {row['months']} months",
                          f"{number(row['value'])} {row['currency']}".strip(), border=True)  # fmt: skip
                n = "" if is_missing(row["customers"]) else f" · n = {number(row['customers'])}"
                st.caption(f"estimate, 95 %: {number(row['low'])} to {number(row['high'])}{n}")
    lines(said)
    with st.expander("By earlier purchases, and the models' parameters", icon=":material/table:"):
        earlier = tables["value_by_earlier"]
        named = earlier.round(2).rename(columns={
            "earlier": "repeat purchases", "alive": "chance of not having left", "purchases": "expected in 12 months",
            "value": "value in 12 months",
        })  # fmt: skip
        st.dataframe(named, hide_index=True, placeholder="–", alt="value by repeat purchases so far, the last: or more")
        for name in ("purchases", "spending"):
            st.dataframe(tables[name].round(3), hide_index=True, placeholder="–", alt=f"parameters of {name}")
        _ui.download(table, "customer-value")
        _ui.download(earlier, "customer-value-by-earlier")
    st.caption(
        "Estimates for those who are customers today: new ones are not in them, nor costs. In the purchase model a "
        "customer can first leave after a repeat purchase, so that those who bought once cannot have left."
    )


def held_out(tables: dict[str, pd.DataFrame], said: Sequence[str], scope: Scope) -> None:
    """Predictions of a part of the data from the rest."""
    st.subheader("How far the estimates were off")
    if not said:
        st.info("No model could be fitted, so that there is nothing to hold against what came.")
        return
    lines(said)
    held, tracking = tables["held_out"], tables["tracking"]
    if len(held):
        st.markdown("**Purchases per customer in the held-out part: predicted and come, by purchases before**")
        st.plotly_chart(held_out_chart(held), key="held_out", config=BARE, alt=" ".join(said))
        st.markdown("**Repeat purchases so far, of those who had bought before the held-out part (grey)**")
        first, last = tracking["week"].min().date(), tracking["week"].max().date()
        marks = _events.marks(Scope(first, last))
        st.plotly_chart(tracking_chart(tracking, marks), key="tracking", config=BARE, alt=" ".join(said))
        _events.caption(marks)
    with st.expander("The figures of the held-out test", icon=":material/table:"):
        for name in ("held_out", "held_out_total", "held_out_subscriptions"):
            st.dataframe(tables[name].round(2), hide_index=True, placeholder="–", alt="predicted and come")
            _ui.download(tables[name], name.replace("_", "-"))
    st.caption("The test is of counts, not of money; it says how the last part went, not how the next will.")
