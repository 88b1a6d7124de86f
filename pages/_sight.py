"""The tables of the line of sight: teams, places and friction without an owner."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from cx_metrics.wording import amount
from pages import _cards, _tables

_WORDS = {"owns": "touchpoints it owns", "handles": "contacts it handled"}


def teams(frame: pd.DataFrame) -> None:
    """Every team with its hops, customers, hours, friction and satisfaction."""
    shown = pd.DataFrame({
        "team": frame["team"], "hops": frame["hops"], "customers touched": _counts(frame["customers"]),
        **_figures(frame), "figures of": frame["basis"].map(_WORDS), "through": frame["through"],
        "part": frame["part"].str.replace("_", " "),
    })  # fmt: skip
    st.dataframe(shown, hide_index=True, placeholder="–", alt="teams and the customers behind their work")


def ways(frame: pd.DataFrame) -> None:
    """The same figures at owned touchpoints and in handled contacts."""
    ahead = {"team": frame["team"], "figures of": frame["way"].map(_WORDS), "customers": _counts(frame["customers"])}
    shown = pd.DataFrame(ahead | _figures(frame))
    st.dataframe(shown, hide_index=True, placeholder="–", alt="teams by owned touchpoints and by handled contacts")


def _figures(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {
        "contacts": _counts(frame["contacts"]), "contact hours": _counts(frame["hours"], ""),
        "friction": _tables.spans(frame, "friction", "friction", "%"),
        "CSAT": _tables.spans(frame, "csat", "csat", "%"),
        "friction, change": _tables.spans(frame, "friction_change", "friction_change", "points"),
        "CSAT, change": _tables.spans(frame, "csat_change", "csat_change", "points"),
        "n friction": _counts(frame["friction_n"], ""), "n CSAT": _counts(frame["csat_n"], ""),
        "hours with friction": _counts(frame["friction_hours"], ""),
        "hours of repeat contacts": _counts(frame["repeat_hours"], ""),
        "n with handling time": _counts(frame["told"], ""),
    }  # fmt: skip


def _counts(values: pd.Series[float], hidden: str = "below 5") -> list[str]:
    return [hidden or "–" if value != value else amount(value, "count") for value in values]


def places(frame: pd.DataFrame) -> None:
    """Where a team's work meets customers, and who meets them."""
    shown = pd.DataFrame({
        "touchpoint": frame["touchpoint"], "whose": frame["way"].map({"owns": "its own", "handles": "another's"}),
        "customers are met by": frame["through"], "contacts": _counts(frame["n"]),
        "with friction": _counts(frame["friction"], ""), "contact hours": _counts(frame["hours"], ""),
    })  # fmt: skip
    st.dataframe(shown, hide_index=True, placeholder="–", alt="touchpoints and the teams that meet customers there")


def figures(frame: pd.DataFrame) -> None:
    """Shares by month."""
    _cards.table(frame.assign(period=[f"{when:%b %Y}" for when in frame["period"]]), "%")


def unowned(frame: pd.DataFrame) -> None:
    """Places with friction and without an owner."""
    rounded = frame.assign(friction=_counts(frame["friction"], ""), hours=_counts(frame["hours"], ""))
    _tables.shares(rounded, ["touchpoint", "stage", "channel", "friction", "hours"],
                   {"friction": "contacts with friction", "hours": "contact hours"})  # fmt: skip


def largest(frame: pd.DataFrame) -> list[str]:
    """The team's touchpoint with the most contacts, if it owns any: its friction can be asked for by itself."""
    own = frame[(frame["way"] == "owns") & frame["n"].notna()]
    return [str(own.groupby("touchpoint")["n"].sum().idxmax())] if len(own) else []
