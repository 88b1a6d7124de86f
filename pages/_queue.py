"""What is asked of the queue, and which intervention is looked at; both are kept in the URL."""

from __future__ import annotations

import shlex

import pandas as pd
import streamlit as st

from cx_metrics.analyses.intervention_list import title
from cx_metrics.analyses.intervention_queue import STATUSES, Asked, choices, one
from cx_metrics.analyses.intervention_steps import LONGEST_NAME
from cx_metrics.analyses.rules import Rules
from cx_metrics.ledger import Ledger, account
from pages import _url

CHOICE = "intervention"  # the number of the one that is looked at
NEXT = "intervention next"  # the one to look at from the next run on
_LARGEST = 2**31 - 1  # beyond it a database cannot compare; no number is that large


def filters(kept: Ledger, rules: Rules | None) -> tuple[Asked, str]:
    """What the reader asks for, and their name, which says what is theirs."""
    there = choices(kept)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status = _url.one("Show", list(STATUSES), "queue_status", "open", STATUSES.__getitem__, width=200)
        team = _url.perhaps("Team", there["team"], "queue_team")
        rule = _url.one("Rule", ["", *there["rule"]], "rule", "", lambda name: title(rules, name) or "all", width=260)
        who = st.text_input("Your name", account(), key="who", max_chars=LONGEST_NAME, width=200,
                            persist_state="session")  # fmt: skip
    return Asked(status, team, rule, who if status == "mine" else ""), who


def chosen(kept: Ledger, table: pd.DataFrame) -> int | None:
    """The intervention that is looked at: one of this list, or any that a link names; None where it is none."""
    if following := st.session_state.pop(NEXT, ""):
        st.session_state[CHOICE] = following
    people = table["name"].fillna(table["customer_id"])
    names = {str(number): f"{number}: {person}" for number, person in zip(table["number"], people, strict=True)}
    for given in (st.query_params.get(CHOICE, ""), str(st.session_state.get(CHOICE, ""))):
        if given.isdecimal() and given not in names and one(kept, min(int(given), _LARGEST)):
            names[given] = f"{given}: not in this list"
    if not names:
        return None
    picked = _url.one("Look at", ["", *names], CHOICE, "", lambda name: names.get(name, "none"), width=320)
    return int(picked) if picked else None


def command(asked: Asked) -> str:
    """The list as a command."""
    given = {"status": "" if asked.status == "open" else asked.status, "team": asked.team, "rule": asked.rule}
    return "cx-metrics interventions" + "".join(f" --{name} {shlex.quote(v)}" for name, v in given.items() if v)
