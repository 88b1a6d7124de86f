"""Two groups of cases side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.journey_groups import groups
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.scope import DIMENSIONS, Scope
from cx_metrics.wording import amount
from pages import _tables, _ui, _url


def two_groups(scope: Scope) -> tuple[str, str, str] | None:
    """The dimension and the two groups that are chosen, or a word on why there are none."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = _url.one("By", list(CONTACTS.dimensions), "between", "channel", DIMENSIONS.__getitem__, width=200)
        names = _ui.ask(groups, scope, by)
        if len(names) < 2:
            st.info("There are not two groups of at least 30 cases by this.")
            return None
        one = _url.one("One group", names, "one", names[0], width=200)
        other = _url.one("The other", names, "other", names[1], width=200)
    if one == other:
        st.info("Choose two different groups.")
        return None
    return by, one, other


def comparison(tables: dict[str, pd.DataFrame], one: str, other: str) -> None:
    """Two groups, their differences, and how sure they are; then where each goes after its first contact."""
    frame, moves = tables["comparison"], tables["comparison_moves"]
    shown = frame.assign(**{"p, all together": [_tables.p_value(x) for x in frame["p_holm"]],
                            "clear": ["yes" if x else "" for x in frame["clear"]]})  # fmt: skip
    _tables.comparison(shown, ["measure", "p, all together", "clear"], {"one": one, "other": other}, {})
    _ui.download(frame, "comparison")
    if len(moves):
        st.markdown("**First and second contact, share of the group's cases that go on**")
        sides = {side: [amount(x, "%") for x in moves[side]] for side in ("one", "other")}
        counts = {f"n_{side}": [amount(x, "count") for x in moves[f"n_{side}"]] for side in ("one", "other")}
        named = moves.assign(**sides, **counts)[["from", "to", "one", "n_one", "other", "n_other"]]
        words = {"one": one, "n_one": f"n, {one}", "other": other, "n_other": f"n, {other}"}
        st.dataframe(
            named.rename(columns=words),
            hide_index=True,
            placeholder="–",
            alt="first and second contacts of both groups",
        )
