"""An import under way, and the account of one that is done."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from cx_metrics.analyses.acting import act
from cx_metrics.analyses.loads import account, equation, examples
from cx_metrics.intake.load import LoadReport, import_plans
from cx_metrics.intake.plan import Plan
from pages import _ui
from pages._ledger import ledger


def load(plans: Sequence[Plan]) -> list[LoadReport]:
    """Import with a progress bar, and what follows from new data; then the page begins anew."""
    bar, stay = st.progress(0.0), "Keep this page open until it is done."
    reports = import_plans(
        _ui.warehouse(), plans, lambda share, text: bar.progress(share, f"{stay} {_ui.literal(text)}")
    )
    names = ", ".join(dict.fromkeys(report.file for report in reports))
    ledger().record("import", names, f"{sum(report.loaded for report in reports)} rows loaded")
    bar.progress(1.0, "Looking for customers who need a person")
    followed = act(_ui.warehouse(), ledger())
    st.session_state.update(
        {"imported": reports, "followed": followed, "upload": None, "turn": st.session_state.get("turn", 0) + 1}
    )
    st.rerun()


def show(reports: Sequence[LoadReport], words: str) -> None:
    """What became of every row."""
    if reports:
        st.success(f"{words}: {equation(account(reports))}.", icon=":material/task_alt:")
        st.dataframe(account(reports), hide_index=True, alt="what became of the rows of each file")
        st.dataframe(examples(reports), hide_index=True, alt="some of the rows set aside, with the reason")
        for sentence in st.session_state.pop("followed", ()):
            st.info(_ui.literal(sentence), icon=":material/front_hand:")
