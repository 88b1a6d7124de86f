"""How far people agree with the rules of empathy: labelled replies, and kappa of the two.

People judge a simple random sample of the company's own replies without seeing what the rules say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.reply_texts import Reply, evidence_of, reply_texts
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.ledger_tables import reply_labels
from cx_metrics.metrics.kappa import in_words, weighted_kappa
from cx_metrics.model import messages
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

GRADES = ("none", "weak", "strong")
FEWEST = 30  # labelled replies from which on agreement is measured
SURE_N, SURE_KAPPA = 100, 0.6  # from here on a figure is not called indicative any longer
NOT_YET = f"not measured yet: label at least {FEWEST} replies on the Labels page"
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Label:
    """What a person said of a reply: the grade of each kind, 0 none, 1 weak, 2 strong."""

    message_id: str
    who: str
    cognitive: int
    emotional: int
    compassionate: int


def labels(ledger: Ledger) -> tuple[Label, ...]:
    """The newest label of each reply, the newest last."""
    rows = ledger.rows(reply_labels).drop_duplicates("message_id", keep="last")
    return tuple(
        Label(row["message_id"], row["who"], *(int(row[kind]) for kind in EMPATHY)) for row in rows.to_dict("records")
    )


def label(ledger: Ledger, given: Label) -> int:
    """Keep a label; returns its number. Raises LedgerError, one sentence."""
    who = " ".join(given.who.split())
    if not who or len(who) > _LONGEST_NAME:
        raise LedgerError(f"say who labels, in 1 to {_LONGEST_NAME} characters")
    grades = {kind: getattr(given, kind) for kind in EMPATHY}
    if not set(grades.values()) <= set(range(len(GRADES))):
        raise LedgerError("every kind is graded none, weak or strong; choose one for each")
    said = ", ".join(f"{kind} {GRADES[grade]}" for kind, grade in grades.items())
    return ledger.append(
        reply_labels, {"who": who, "message_id": given.message_id, **grades}, "label", given.message_id, said
    )


def sample(warehouse: Warehouse, seen: Collection[str], seed: str = "labels") -> str | None:
    """The next reply to label, None where all are: replies that the rules could judge, in an order that is random but
    the same for everybody. seen: replies that have a label."""
    judged = sa.and_(messages.c.author == "agent", messages.c.empathy_cognitive.is_not(None))
    order = sa.func.md5(sa.literal(seed).concat(messages.c.message_id))
    new = [messages.c.message_id.not_in(sorted(seen))] if seen else []
    found = warehouse.read(
        sa.select(messages.c.message_id).where(judged, *new).order_by(order, messages.c.message_id).limit(1)
    )
    return str(found["message_id"].iloc[0]) if len(found) else None


def pairs(warehouse: Warehouse, given: tuple[Label, ...]) -> pd.DataFrame:
    """message_id, kind, people, rules (grades 0-2), words (of the rules): labelled replies that the rules could judge,
    the newest label last."""
    columns = [messages.c.message_id, messages.c.evidence, *(messages.c[f"empathy_{kind}"] for kind in EMPATHY)]
    asked = sa.select(*columns).where(
        messages.c.message_id.in_([row.message_id for row in given]), messages.c.empathy_cognitive.is_not(None)
    )
    judged = {row["message_id"]: row for row in warehouse.read(asked).to_dict("records")}
    rows = [
        (mine.message_id, kind, getattr(mine, kind), int(rules[f"empathy_{kind}"]),
         ", ".join(evidence_of(rules["evidence"]).get(kind, ())))
        for mine in given if (rules := judged.get(mine.message_id)) for kind in EMPATHY
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["message_id", "kind", "people", "rules", "words"])


def agreement(warehouse: Warehouse, given: tuple[Label, ...]) -> pd.DataFrame:
    """kind, n (labelled replies), kappa, low, high (missing below FEWEST), agreement (in words), sure (n from SURE_N
    and kappa from SURE_KAPPA on): one row per kind."""
    found = pairs(warehouse, given)
    rows: list[tuple[object, ...]] = []
    for kind in EMPATHY:
        own = found[found["kind"] == kind]
        measured = weighted_kappa(confusion(own).to_numpy())
        if measured.n < FEWEST:
            rows.append((kind, measured.n, None, None, None, NOT_YET, False))
            continue
        words = in_words(measured.kappa) or "cannot be said: people or rules gave all replies one grade"
        sure = measured.n >= SURE_N and measured.kappa >= SURE_KAPPA
        rows.append((kind, measured.n, measured.kappa, measured.low, measured.high, words, sure))
    names = ["kind", "n", "kappa", "low", "high", "agreement", "sure"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[2:5], float))


def confusion(own: pd.DataFrame) -> pd.DataFrame:
    """How often each grade of people (rows) met each of the rules (columns). own: people, rules, of one kind."""
    counts = pd.crosstab(own["people"], own["rules"]) if len(own) else pd.DataFrame()
    grades = range(len(GRADES))
    return counts.reindex(index=grades, columns=grades, fill_value=0).astype(int)


def disagreements(warehouse: Warehouse, given: tuple[Label, ...], kind: str, most: int = 20) -> pd.DataFrame:
    """reply (personal data masked), people, rules (in words), words (of the rules), interaction_id: replies of which
    people and rules say differently, the farthest apart and newest first."""
    found = pairs(warehouse, given)
    own = found[(found["kind"] == kind) & (found["people"] != found["rules"])]
    apart = (own["people"] - own["rules"]).abs()
    own = own.iloc[::-1].loc[apart.iloc[::-1].sort_values(ascending=False, kind="stable").index].head(most)
    texts: dict[str, Reply] = reply_texts(warehouse, tuple(own["message_id"]))
    rows = [
        (texts[row["message_id"]].text, GRADES[row["people"]], GRADES[row["rules"]], row["words"],
         texts[row["message_id"]].interaction_id)
        for row in own.to_dict("records")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["reply", "people", "rules", "words", "interaction_id"])
