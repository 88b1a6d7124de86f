"""Events as marks on a chart over time, and what the marks stand for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.analyses.events import imported, merged
from cx_metrics.analyses.initiative_register import registered, visible
from cx_metrics.intake.sample import holds_sample
from cx_metrics.ledger import LedgerError
from cx_metrics.scope import Scope, short_date
from pages import _ui
from pages._ledger import ledger

_MANY = 15  # beyond, the list is folded


def marks(scope: Scope) -> pd.DataFrame:
    """The events of the scope's period, oldest first, for a chart over time: occurred_at, title, kind, event_id."""
    from_files = _ui.ask(imported, scope.start, scope.end)
    try:
        entered = ledger().events()
        started = visible(registered(ledger()), _ui.ask(holds_sample))
    except LedgerError as error:
        st.warning(f"Events that people entered and initiatives are not shown: {_ui.literal(error)}.")
        return pd.DataFrame(from_files)
    return merged(from_files, entered, scope.start, scope.end, started)


def caption(found: pd.DataFrame) -> None:
    """What the numbered marks of a chart stand for. found: as `marks` gives."""
    if found.empty:
        return
    rows = found.to_dict("records")
    words = [f"{_ui.literal(event['title'])} ({short_date(event['occurred_at'])})" for event in rows]
    said = "Events: " + " · ".join(f"**{number}** {word}" for number, word in enumerate(words, start=1))
    said += ". Dashed lines mark them; they do not prove that an event was the cause."
    if len(words) > _MANY:
        with st.expander(f"The {len(words)} events behind the marks", icon=":material/event:"):
            st.caption(said)
    else:
        st.caption(said)
