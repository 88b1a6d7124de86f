"""A dashboard without data of one's own: the sample company, and what a page says while there is nothing."""

from __future__ import annotations

import contextlib

import streamlit as st

from cx_metrics import settings
from cx_metrics.analyses.acting import act
from cx_metrics.intake.sample import holds_sample, is_empty, load_sample
from cx_metrics.journey import JourneyError
from cx_metrics.ledger import LedgerError
from cx_metrics.metrics.catalog import usual_definitions
from pages import _ui
from pages._ledger import ledger


def first_start() -> None:
    """A newcomer sees the sample company; who has said where their data are is asked first."""
    if settings.is_newcomer() and is_empty(_ui.warehouse()):
        show_sample()


def journey_read() -> None:
    """A journey.toml that cannot be used is told in one sentence, and nothing else is shown."""
    try:
        usual_definitions()
    except JourneyError as error:
        st.error(f"{_ui.literal(error)}.", icon=":material/error:")
        st.stop()


def show_sample() -> None:
    """Load the sample company, showing how far it is."""
    words = "Preparing the sample company"
    bar = st.progress(0.0, words)

    def show(share: float, text: str) -> None:
        bar.progress(share, f"{words}: {_ui.literal(text)}")

    load_sample(_ui.warehouse(), show)
    bar.progress(1.0, f"{words}: who needs a person now")
    with contextlib.suppress(LedgerError):  # pages that need the ledger say what is wrong with it
        act(_ui.warehouse(), ledger())
    bar.empty()


def notice() -> None:
    """On every page while the figures are nobody's own."""
    if _ui.ask(holds_sample):
        own = "Import your own on the Data page: it takes its place."
        st.caption(f":material/science: **Sample data** of an invented company. {own}")


def nothing_yet() -> None:
    """What a page says while the warehouse is empty."""
    words = "There are no data yet. Import some on the Data page, or look at an invented company."
    st.info(words, icon=":material/upload_file:")
    _ui.to_data()
    if st.button("Load the sample company", icon=":material/science:"):
        show_sample()
        st.rerun()
