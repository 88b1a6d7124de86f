"""A made-up company whose customers say known words, and what pandas makes of them."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.dialect import add_rows
from cx_metrics.judges.themes import Theme
from cx_metrics.model import interactions, known_names, survey_answers, text_words
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse

END = datetime.date(2026, 6, 30)
YEAR = Scope(datetime.date(2025, 7, 1), END)
THEMES = (
    Theme("delivery", ("deliver*", "courier")), Theme("money", ("refund money", "bill", "pay* twice")),
    Theme("nobody", ("zeppelin",)), Theme("rare", ("raresome",)),
)  # fmt: skip
WORDS = ("delivered", "delivery", "courier", "refund", "money", "bill", "payed", "twice", "lamp", "sofa", "good", "odd")


@dataclass(frozen=True)
class Said:
    """contacts, answers: as imported, with mood and a set of words each (None: no text)."""

    warehouse: Warehouse
    contacts: pd.DataFrame
    answers: pd.DataFrame


def company(make: MakeWarehouse, contacts: int = 600) -> Said:
    """Contacts of 16 months, and answers of which half are about contacts. New in the last weeks: "leak", "monday"."""
    chance = random.Random(11)
    last = datetime.datetime(2026, 6, 30, 12)
    people = [{"customer_id": f"c{i}", "segment": "ab"[i % 2]} for i in range(60)]
    rows, answers = [], []
    for i in range(contacts):
        days = chance.random() ** 1.5 * 480
        rows.append({"interaction_id": f"i{i}", "customer_id": f"c{i % 60}", "occurred_at": last - datetime.timedelta(days),
                     "stage": chance.choice(("buy", "pay", "leave", None)), "channel": chance.choice(("chat", "email")),
                     "initiated_by": "customer"})  # fmt: skip
    for i in range(contacts):
        about = rows[chance.randrange(contacts)] if i % 2 else None
        day = last - datetime.timedelta(chance.random() * 480)
        day = about["occurred_at"] + datetime.timedelta(hours=1) if about else day
        kind = ("csat", "csat", "nps")[i % 3]
        answers.append({
            "answer_id": f"a{i}", "customer_id": about["customer_id"] if about else f"d{i}", "instrument": kind,
            "interaction_id": about["interaction_id"] if about else None, "score": chance.randint(0, 10) if kind == "nps"
            else chance.randint(1, 5), "answered_at": day, "stage": chance.choice(("buy", "pay")), "channel": "chat",
        })  # fmt: skip
    warehouse = make({"customers": people, "interactions": rows, "survey_answers": answers})
    frames = [_spoken(pd.DataFrame(found), chance) for found in (rows, answers)]
    _written(warehouse, frames)
    kept = warehouse.read(sa.select(survey_answers.c.answer_id, survey_answers.c.counts, survey_answers.c.stage,
                                    survey_answers.c.channel))  # fmt: skip
    known = frames[1].drop(columns=["stage", "channel"]).merge(kept, on="answer_id")
    return Said(warehouse, frames[0], known)


def _spoken(rows: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    time = "occurred_at" if "occurred_at" in rows else "answered_at"
    found = []
    for at in rows[time]:
        words = set(chance.sample(WORDS, chance.randint(1, 3))) if chance.random() < 0.8 else None
        late = at >= datetime.datetime(2026, 6, 3)
        if words and chance.random() < (0.5 if late and time == "occurred_at" else 0.03):
            words |= {"leak", "monday"}
        found.append(words)
    for place in range(7):
        found[place] = {"raresome", "anna"}
    moods = [round(chance.uniform(-1, 1), 3) if chance.random() < 0.9 else None for _ in found]
    return rows.assign(words=found, mood=moods)


def _written(warehouse: Warehouse, frames: list[pd.DataFrame]) -> None:
    tables = (("contact", interactions, "interaction_id", "judged_lowest"),
              ("answer", survey_answers, "answer_id", "sentiment"))  # fmt: skip
    with warehouse.publishing() as publication:
        target = publication.target
        target.execute(sa.delete(text_words))
        target.execute(sa.insert(known_names), [{"word": "anna"}])
        for frame, (kind, table, key, mood) in zip(frames, tables, strict=True):
            said = [(kind, row[key], word) for row in frame.to_dict("records") for word in sorted(row["words"] or ())]
            add_rows(target, text_words, said)
            fields = (sa.column("k", sa.Text), sa.column("m", sa.Double))
            moods = [(k, m) for k, m in zip(frame[key], frame["mood"], strict=True) if m == m]
            felt = sa.values(*fields, name="felt").data(moods)
            target.execute(sa.update(table).where(table.c[key] == felt.c.k).values({mood: felt.c.m}))
            target.execute(sa.update(table).where(table.c[key].not_in([k for k, _ in moods])).values({mood: None}))


def speaks(words: Any, theme: Theme) -> bool:
    """Whether a set of words holds a theme."""

    def there(part: str) -> bool:
        return any(word.startswith(part[:-1]) if part.endswith("*") else word == part for word in words)

    return any(all(there(part) for part in term.split()) for term in theme.words)


def texts(said: Said, scope: Scope) -> pd.DataFrame:
    """Every text of the period: key, at, stage, channel, mood, words, and a column per theme."""
    parts = [said.contacts.rename(columns={"interaction_id": "key", "occurred_at": "at"}),
             said.answers.drop(columns="interaction_id").rename(columns={"answer_id": "key", "answered_at": "at"})]  # fmt: skip
    whole = pd.concat([part[["key", "at", "stage", "channel", "mood", "words"]] for part in parts])
    whole = whole[whole["words"].notna()]
    days = pd.to_datetime(whole["at"]).dt.date
    whole = whole[(days >= scope.start) & (days <= scope.end)]
    return whole.assign(**{theme.name: [speaks(words, theme) for words in whole["words"]] for theme in THEMES})
