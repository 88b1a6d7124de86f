"""Can I trust these data, and how do I bring mine?"""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses.coverage import coverage, gaps, gaps_in_words, missing, months, not_measurable
from cx_metrics.analyses.loads import NEWEST, equation, loaded, matched, matches, reasons, set_aside
from cx_metrics.charts.coverage import coverage_chart
from cx_metrics.intake.sample import is_empty
from cx_metrics.wording import number
from pages import _audit, _import, _judges, _start, _ui

COUNTS = ("rows", "read", "loaded", "quarantined", "duplicates", "skipped", "changed", "keys", "customers")
LOOK: dict[str, Any] = {
    **dict.fromkeys(COUNTS, st.column_config.NumberColumn(format="localized")),
    **dict.fromkeys(("first", "last"), st.column_config.DateColumn(format="D MMM YYYY")),
    "at": st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm"),
    "missing": st.column_config.ProgressColumn("empty", min_value=0, max_value=100, format="%.1f %%"),
    "age": st.column_config.NumberColumn("days old", format="localized"),
    "table_name": "table", "matched_by": "matched by", "customer_id": "customer",
}  # fmt: skip


def table(rows: pd.DataFrame, alt: str) -> None:
    st.dataframe(rows, hide_index=True, placeholder="", column_config=LOOK, alt=alt)


def cover() -> None:
    table(found.tables, "the tables, how many rows they hold and how old they are")
    holes = gaps(by_month := _ui.ask(months))
    st.markdown(f"**Rows per month, by source, in the newest ten years.** {_ui.literal(gaps_in_words(holes))}")
    st.plotly_chart(coverage_chart(by_month, holes), config={"displayModeBar": False}, alt="rows per month")
    st.markdown(f"**How much is empty of what figures stand on.** {found.known}")
    table(_ui.ask(missing), "share of empty cells by column")
    for metric in _ui.ask(not_measurable):
        _ui.needs(metric)


def aside() -> None:
    why = _ui.ask(reasons)
    st.markdown(f"**{number(why['rows'].sum())} rows could not be used.** Choose a reason to see its rows alone.")
    chosen = st.dataframe(why, hide_index=True, column_config=LOOK, on_select="rerun", selection_mode="single-row",
                          alt="reasons why rows were set aside").selection.rows  # fmt: skip
    rows = _ui.ask(set_aside, *(why.loc[chosen[0], ["reason", "file"]] if chosen else ()))
    st.caption(f"Shown: {len(rows):,}, at most {NEWEST:,}. `cx-metrics quarantine --out DIR` writes all to files.")
    table(rows, "rows that could not be used")
    _ui.download(rows, "quarantine")


def files() -> None:
    st.markdown(f"**{equation(rows := _ui.ask(loaded))}.** Changed counts the loaded rows that altered earlier ones.")
    table(rows, "what was loaded, newest first")


def identities() -> None:
    st.markdown("A customer of another source with the same e-mail address is taken for the same customer.")
    table(_ui.ask(matches), "how many keys were joined to customers")
    table(_ui.ask(matched), "the newest keys that were joined to customers")


st.title("Can I trust these data, and how do I bring mine?")
found = _ui.ask(coverage, datetime.datetime.now(datetime.UTC).date())
st.markdown(f"##### {_ui.literal(found.sentence)}")
sections = {"Import": _import.form, "Coverage": cover, "Files": files, "Quarantine": aside, "Identities": identities,
            "Judges": _judges.show, "Audit": _audit.show}  # fmt: skip
for tab, draw in zip(st.tabs(list(sections), key="section", bind="query-params"), sections.values(), strict=True):
    if tab.open:
        with tab:
            (_start.nothing_yet if draw in (cover, files, aside, _judges.show) and _ui.ask(is_empty) else draw)()
