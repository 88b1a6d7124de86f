"""How many texts the judges could judge, by author and language, and which judge of mood is in use."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.enrich.company_judge import cards
from cx_metrics.model import messages, survey_answers
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing, number


def judged(warehouse: Warehouse) -> pd.DataFrame:
    """Per kind of text (customer, agent, bot, comment) and language, the commonest first: texts, judged, blank.

    Judged: of customers' words the mood, of agents' replies the empathy; of bots' only the language.
    """
    message, comment = messages.c, survey_answers.c
    found = sa.case(
        (message.author == "customer", message.sentiment), (message.author == "agent", message.empathy_emotional),
        else_=0,
    )  # fmt: skip
    parts = [
        sa.select(message.author.label("texts_of"), message.language, sa.func.count().label("texts"),
                  sa.func.count(found).label("judged"))
        .where(message.text.is_not(None)).group_by(message.author, message.language),
        sa.select(sa.literal("comment"), comment.language, sa.func.count(), sa.func.count(comment.sentiment))
        .where(comment.comment.is_not(None)).group_by(comment.language),
    ]  # fmt: skip
    rows = warehouse.read(sa.union_all(*parts))
    rows["language"] = rows["language"].fillna("cannot be told")
    rows["blank"] = rows["texts"] - rows["judged"]
    return rows.sort_values(["texts", "texts_of"], ascending=[False, True]).reset_index(drop=True)


def model_cards(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    """One card per judge, what it is and how good; for people and programs."""
    return cards(warehouse)


def in_words(rows: pd.DataFrame, card: dict[str, Any]) -> str:
    """Which judge of mood is in use, how good it is, and how much stays blank. rows: as `judged`; card: of mood."""
    if rows.empty:
        return "There are no texts to judge yet."
    told = []
    for code, who in card["languages"].items():
        figure = card["held_out"].get(code)
        good = ""
        if figure and who.startswith("company"):
            n = figure["good"] + figure["bad"]
            sure = f"{figure['low']:.2f} to {figure['high']:.2f}"
            good = f" (AUC {figure['auc']:.2f}, {sure}, on {n:,} held-out comments)"
        told.append(f"{code} by the {who}{good}")
    own = rows[rows["texts_of"].isin(["customer", "comment"])]
    blank, total = int(own["blank"].sum()), int(own["texts"].sum())
    share = f"{100 * blank / total:.1f} %" if total else "none"
    return (
        f"Mood is judged in {listing(told)}. Of {number(total)} texts of customers, {number(blank)} ({share}) stay "
        "blank: another language, or too little to judge."
    )
