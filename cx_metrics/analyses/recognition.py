"""The recognition wall: replies that somebody nominated, shown once the agent has agreed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from cx_metrics.analyses.reply_texts import Reply
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import consents, nominations

_LONGEST = 120  # characters of a name, a team, a situation
_REFERENCE = re.compile(r"\b[\w-]*\d{4,}[\w-]*\b")  # numbers of orders and cases lead to a customer inside the company


@dataclass(frozen=True)
class Nomination:
    """Who is to be named, their team, and what the customer was facing, in a few words. who: nominates."""

    who: str
    agent: str
    team: str
    situation: str


def nominate(ledger: Ledger, given: Nomination, reply: Reply) -> int:
    """Nominate a reply, whose texts are masked already, numbers of orders and cases are here; returns the number.

    Raises LedgerError, one sentence.
    """
    words = {
        "who nominates": given.who, "whose reply it is": given.agent, "the team": given.team,
        "the situation": given.situation,
    }  # fmt: skip
    clean = {what: " ".join(text.split()) for what, text in words.items()}
    for what, text in clean.items():
        if (not text and what != "the team") or len(text) > _LONGEST:
            raise LedgerError(f"say {what}, in 1 to {_LONGEST} characters")
    if reply.message_id in set(ledger.rows(nominations)["message_id"]):
        raise LedgerError("this reply is nominated already")
    who, agent, team, situation = clean.values()
    row = {
        "who": who, "message_id": reply.message_id, "interaction_id": reply.interaction_id, "agent": agent,
        "team": team, "situation": _without_numbers(situation), "customer_said": _without_numbers(reply.customer_said),
        "reply": _without_numbers(reply.text),
    }  # fmt: skip
    return ledger.append(nominations, row, "nomination", reply.message_id, f"{agent}: {situation}")


def _without_numbers(text: str) -> str:
    return _REFERENCE.sub("[number]", text)


def consent(ledger: Ledger, nomination: int, agrees: bool, who: str) -> None:
    """Record what the agent said about being shown; the newest word counts. Raises LedgerError, one sentence."""
    by = " ".join(who.split())
    if not by or len(by) > _LONGEST:
        raise LedgerError(f"say who records it, in 1 to {_LONGEST} characters")
    if nomination not in set(ledger.rows(nominations)["nomination_id"]):
        raise LedgerError(f"there is no nomination with the number {nomination}")
    row = {"who": by, "nomination_id": nomination, "given": int(agrees)}
    said = "the agent agrees to be shown" if agrees else "the agent does not agree, or no longer"
    ledger.append(consents, row, "consent", f"nomination {nomination}", said)


def wall(ledger: Ledger) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The nominations that may be shown, and those without consent, newest first: the columns of the table, and
    answered (whether the agent said no, or took the consent back)."""
    said = ledger.rows(consents).drop_duplicates("nomination_id", keep="last").set_index("nomination_id")["given"]
    rows = ledger.rows(nominations).iloc[::-1].reset_index(drop=True)
    given = rows["nomination_id"].map(said)
    rows = rows.assign(answered=given.notna())
    return rows[given == 1].reset_index(drop=True), rows[given != 1].reset_index(drop=True)
