"""Standard texts that are excused from the scripted share: who said so, and why."""

from __future__ import annotations

import pandas as pd

from cx_metrics.enrich.scripted import excuse
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import excused_replies
from cx_metrics.warehouse import Warehouse

LONGEST = 500  # characters of a reason; a name has at most 120
_LONGEST_NAME = 120


def excused(ledger: Ledger) -> pd.DataFrame:
    """template (number of the family), text, reason, who, at of every family that is excused now, newest first."""
    rows = ledger.rows(excused_replies).drop_duplicates("template", keep="last")
    return rows[rows["excused"] == 1][["template", "text", "reason", "who", "at"]].iloc[::-1].reset_index(drop=True)


def decide(
    warehouse: Warehouse, ledger: Ledger, family: int, text: str, reason: str, who: str, excusing: bool
) -> None:  # fmt: skip
    """Excuse a family of replies, or let it count again; the ledger keeps it and the replies are marked anew.

    Raises LedgerError, one sentence.
    """
    why, by = " ".join(reason.split()), " ".join(who.split())
    if not why or len(why) > LONGEST:
        raise LedgerError(f"say why, in 1 to {LONGEST} characters, e.g. a legal notice")
    if not by or len(by) > _LONGEST_NAME:
        raise LedgerError(f"say who decides, in 1 to {_LONGEST_NAME} characters")
    now = {int(number) for number in excused(ledger)["template"]}
    if excusing == (family in now):
        raise LedgerError("this text is excused already" if excusing else "this text is not excused")
    row = {"who": by, "template": family, "text": text, "reason": why, "excused": int(excusing)}
    action = "excuse" if excusing else "excuse taken back"
    ledger.append(excused_replies, row, action, text[:80] or str(family), why)
    excuse(warehouse, frozenset(now | {family} if excusing else now - {family}))
