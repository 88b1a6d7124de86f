"""The wall's initiatives and teams, and the month's digest."""

from __future__ import annotations

import datetime

import pandas as pd
import streamlit as st

from cx_metrics import notice_settings
from cx_metrics.analyses.celebrated import ASSUMPTIONS, empathic, solved, working
from cx_metrics.analyses.initiative_register import registered
from cx_metrics.analyses.notice_attempts import clock
from cx_metrics.analyses.notice_delivery import tick
from cx_metrics.analyses.recognition_digest import digest, tell, to_html
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.notice_settings import NoticeError
from cx_metrics.scope import Scope, short_date
from pages import _ui

_DAYS = 90  # of solved interventions, by the clock


def initiatives(ledger: Ledger) -> None:
    """The initiatives that are shown to work, with owner and size."""
    rows = _ui.ask(working, registered(ledger))
    st.subheader("Initiatives that are shown to work")
    for row in rows.to_dict("records"):
        with st.container(border=True):
            st.markdown(f"**{_ui.literal(row['name'])}**")
            st.markdown(_ui.literal(row["said"]))
            marking = f" {row['marking']}" if row["marking"] else ""
            begun = f"begun on {short_date(row['start'])}; n = {row['n']:,.0f}."
            st.caption(_ui.literal(f"Owner: {row['owner']}; {begun}{marking}"))
    if rows.empty:
        st.caption("No initiative is shown to work yet.")
    _ui.link("initiatives", "All initiatives", ":material/science:")


def teams(ledger: Ledger, scope: Scope) -> None:
    """Teams worth celebrating, by the alphabet."""
    today = clock().date()
    since = today - datetime.timedelta(days=_DAYS)
    parts = [rows for rows in (_ui.ask(empathic, scope.start, scope.end), solved(ledger, since, today)) if len(rows)]
    st.subheader("Teams")
    for row in pd.concat(parts).sort_values("team", kind="stable").to_dict("records") if parts else ():
        st.markdown(f"**{_ui.literal(row['team'])}** {_ui.literal(row['said'])}.")
    if not parts:
        st.caption("No team stands out clearly yet.")
    st.caption(_ui.literal(f"Feeling: in the period above; solved interventions: the last {_DAYS} days. "
                           + " ".join(ASSUMPTIONS)))  # fmt: skip


def monthly(ledger: Ledger) -> None:
    """The digest of a month, as a file and as a notice."""
    st.subheader("The month's digest")
    first = clock().date().replace(day=1)
    months = [(pd.Timestamp(first) - pd.DateOffset(months=back)).date() for back in range(12)]
    month = st.selectbox("Month", months, 1, lambda day: f"{day:%B %Y}", key="digest month", width=260)
    with st.container(horizontal=True):
        made = st.button("Prepare the digest", icon=":material/newspaper:")
        sent = st.button("Send it as a notice", icon=":material/send:")
    st.caption("The same on the command line:")
    st.code(f"cx-metrics digest --month {month:%Y-%m} --out recognitions.html", language=None)
    if not (made or sent):
        return
    try:
        found = digest(_ui.warehouse(), ledger, month)
        st.markdown(_ui.literal(found.sentence))
        st.download_button("Download the digest", to_html(found), f"recognitions-{month:%Y-%m}.html", "text/html",
                           icon=":material/download:", on_click="ignore")  # fmt: skip
        if sent:
            told = notice_settings.current()
            written = tell(ledger, told, found)
            none = "nobody is told of digests: see the Notices page" if not told.told("digest") else "told already"
            done = f"; {tick(_ui.warehouse(), ledger, told).sentence}" if written else ""
            st.info(_ui.literal(f"{written} notices written{done}." if written else f"Nothing to send: {none}."))
    except (LedgerError, NoticeError) as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")
