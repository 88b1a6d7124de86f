"""One intervention: why this customer needs a person, what is suggested, what was done, and the ways to act."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from cx_metrics.analyses import intervention_list as work
from cx_metrics.analyses.intervention_queue import clock, evidence_of, one, steps_of
from cx_metrics.analyses.intervention_words import act, holder, left
from cx_metrics.analyses.rules import Rules
from cx_metrics.ledger import Ledger
from cx_metrics.scope import short_date
from cx_metrics.wording import number
from pages import _intervention_forms, _ui

_NEWEST = 30  # steps and evidence that are shown


def draw(kept: Ledger, chosen: int, rules: Rules | None, who: str) -> None:
    """The intervention with this number. who: the reader."""
    row = one(kept, chosen)
    if row is None:
        return
    known = _ui.ask(work.people, (str(row["customer_id"]),))
    rule = work.named(rules, str(row["rule"]))
    with st.container(border=True):
        st.markdown(f"**Intervention {chosen}: {_ui.literal(_person(row, known))}**")
        st.text(_facts(row, work.title(rules, str(row["rule"]))))
        wide, narrow = st.columns(2)
        with wide:
            _why(kept, chosen, row, rule, rules)
            if known.empty:
                st.info("This customer is not in the data any more.", icon=":material/person_off:")
            else:
                contact = {"contact": str(row["interaction_id"])} if row["interaction_id"] else {}
                _ui.link("customers", "What happened with this customer: the timeline", ":material/timeline:",
                         customer=str(row["customer_id"]), **contact)  # fmt: skip
        with narrow:
            _intervention_forms.forms(kept, row, who)
            _history(steps_of(kept, chosen))


def _person(row: dict[str, Any], known: pd.DataFrame) -> str:
    """Name, key, segment and region, as far as they are known."""
    told = known.iloc[0].dropna().to_dict() if len(known) else {}
    key = str(row["customer_id"])
    name = str(told.pop("name", key))
    return " · ".join([name, *([key] if name != key else []), *map(str, told.values())])


def _facts(row: dict[str, Any], title: str) -> str:
    money = "not known" if row["at_stake"] is None else f"{number(row['at_stake'])} {row['currency'] or ''} a year"
    over = row["status"] == "done"
    due = "" if over else f"due {left(row['due_at'], clock())} ({row['due_at']:%d %b %Y, %H:%M} UTC)"
    told = [title, f"at stake: {money}", f"happened {short_date(row['happened_at'])}",
            due.replace("due overdue", "overdue"), row["team"] and f"team: {row['team']}",
            holder(row["assignee"], row["status"], row["outcome"], row["due_at"])]  # fmt: skip
    return " · ".join(filter(None, told))


def _why(kept: Ledger, chosen: int, row: dict[str, Any], rule: Any, rules: Rules | None) -> None:
    proof = evidence_of(kept, chosen)
    contact = _ui.ask(work.contact_of, row["interaction_id"])
    facts = work.explained(row, list(dict.fromkeys(proof["said"].iloc[::-1])), contact)
    st.info(_ui.literal(work.suggestion(rule, facts)), icon=":material/lightbulb:")
    if rule is not None and rule.why:
        st.caption(f"Why the rule: {_ui.literal(rule.why)}")
    said = [f"- {short_date(at)}: {_ui.literal(words.removesuffix(f', {short_date(at)}'))} "
            f"({_ui.literal(work.title(rules, name))})"
            for at, name, words in proof.tail(_NEWEST).itertuples(index=False)]  # fmt: skip
    st.markdown("\n".join(["**What happened**", "", *(said or ["- nothing was noted"])]))


def _history(steps: pd.DataFrame) -> None:
    acts = [f"- {_ui.literal(act(step))}" for step in steps.iloc[::-1].head(_NEWEST).to_dict("records")]
    st.markdown("\n".join(["**What was done**", "", *(acts or ["- nothing yet"])]))
