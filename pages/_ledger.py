"""The ledger, opened once per server."""

from __future__ import annotations

import streamlit as st

from cx_metrics import settings
from cx_metrics.ledger import Ledger, LedgerError
from pages import _ui


@st.cache_resource(show_spinner=False)
def _opened(url: str) -> Ledger:
    return Ledger(url)


def ledger() -> Ledger:
    """The ledger that the settings name. Raises LedgerError where it cannot be opened."""
    return _opened(settings.ledger_url())


def required() -> Ledger:
    """The ledger, for a page that is nothing without it: where it cannot be opened the page says why and ends."""
    try:
        return ledger()
    except LedgerError as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")
        st.stop()
