"""Who did what, and the whole ledger to take away."""

from __future__ import annotations

import streamlit as st

from cx_metrics.analyses.ledger_export import zipped_ledger
from pages import _ledger, _ui, _url

_NEWEST = 500  # entries that are read
_LOOK = {"at": st.column_config.DatetimeColumn("when (UTC)", format="D MMM YYYY, HH:mm")}


def show() -> None:
    """The newest entries of the audit, by sort, and a ZIP of every table."""
    ledger = _ledger.required()
    rows = ledger.history(_NEWEST)
    st.markdown(
        f"**The newest {len(rows):,} entries.** Nothing here can be changed or removed, not even by the database."
    )
    chosen = _url.perhaps("What was done", sorted(set(rows["action"])), "action")
    shown = rows[rows["action"] == chosen] if chosen else rows
    st.dataframe(shown, hide_index=True, column_config=_LOOK, alt="who did what, newest first")
    _ui.download(shown, "audit")
    st.download_button("Download the whole ledger (ZIP of CSV files)", lambda: zipped_ledger(ledger), "ledger.zip",
                       "application/zip", icon=":material/folder_zip:")  # fmt: skip
    st.caption("It holds what people wrote, names of colleagues and keys of customers among it; handle it with care.")
    st.code("cx-metrics ledger --export FOLDER", language="sh")
