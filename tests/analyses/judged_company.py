"""A small made-up company whose texts are judged as a test says.

Messages are imported without their texts, which are put in afterwards with the given judgements: judging them for
nothing would take most of a test's time.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import sqlalchemy as sa

from cx_metrics.model import interactions, known_names, messages, reply_texts
from cx_metrics.texts import EMPATHY
from cx_metrics.warehouse import Warehouse

Row = dict[str, Any]
STANDARD = "Thanks for reaching out, please see our help page"
_TEAMS = {"Stores": (0.7, 0.1), "Loyalty": (0.15, 0.8), "Care": (0.4, 0.3)}  # shares: emotional, scripted


def company(contacts: int = 360, seed: int = 7) -> tuple[dict[str, list[Row]], list[Row], list[Row]]:
    """Tables to import, and what is judged of their contacts and of their messages, row by row.

    Each contact has a customer's message, an agent's reply and, but for every fifth, an answer. Team Stores shows
    feeling in 70 %, Loyalty in 15 %; Loyalty pastes 80 %. Feeling adds to satisfaction, more than to anything else.
    """
    random = np.random.default_rng(seed)
    tables: dict[str, list[Row]] = {"interactions": [], "messages": [], "survey_answers": []}
    of_contacts, of_messages = [], []
    for i in range(contacts):
        team = ("Stores", "Loyalty", "Care")[i % 3]
        feeling, pasted = _TEAMS[team]
        grade = {"cognitive": int(random.integers(0, 3)), "emotional": int(random.random() < feeling) * (1 + i % 2),
                 "compassionate": int(random.random() < 0.5) * 2}  # fmt: skip
        scripted, mood = int(random.random() < pasted), float(random.choice([-0.8, -0.4, 0.1, 0.5]))
        after = float(min(1.0, mood + 0.6 * bool(grade["emotional"])))
        key, day = f"i{i:04}", f"2026-0{1 + i % 4}-{1 + i % 27:02}"
        tables["interactions"].append({
            "interaction_id": key, "customer_id": f"c{i // 2:03}", "occurred_at": f"{day} 10:00", "team": team,
            "channel": ("chat", "email")[i % 2], "stage": ("pay", "use")[(i // 3) % 2], "reason": ("bill", "defect")[
                (i // 6) % 2], "handled_by": "human", "agent_id": f"{team}-{i % 2}",
            "outcome": "resolved" if random.random() < 0.7 else "unresolved",
        })  # fmt: skip
        words = f"{STANDARD} number {i}" if scripted else f"I see how hard it is that case {i} came broken, Ann"
        for place, (author, text) in enumerate((("customer", f"Ann here, my case {i} is broken"), ("agent", words))):
            tables["messages"].append({
                "message_id": f"{key}-{place}", "interaction_id": key, "sent_at": f"{day} 10:0{place}",
                "author": author, "author_id": f"{team}-{i % 2}" if author == "agent" else f"c{i // 2:03}",
            })  # fmt: skip
            if author == "customer":
                of_messages.append({"message_id": f"{key}-0", "text": text})
        if i % 5:
            score = 5 if random.random() < 0.4 + 0.3 * bool(grade["emotional"]) else 2
            tables["survey_answers"].append({
                "answer_id": f"a{i}", "customer_id": f"c{i // 2:03}", "interaction_id": key, "instrument": "csat",
                "score": score, "scale_min": 1, "scale_max": 5, "answered_at": f"{day} 12:00",
            })  # fmt: skip
        judged = {f"empathy_{kind}": grade[kind] for kind in EMPATHY}
        unknown = i % 20 == 19  # a language without rules
        of_contacts.append({
            "interaction_id": key, "judged_start": mood, "judged_lowest": mood, "judged_end": after, "moods": 2,
            **(dict.fromkeys(judged) if unknown else judged),
        })  # fmt: skip
        found = {"emotional": ["how hard it is"]} if grade["emotional"] and not scripted else {}
        of_messages.append({
            "message_id": f"{key}-1", "text": words, "language": "pt" if unknown else "en", "judged_by": "test", "template": 1 if
            scripted else 100 + i, "scripted": scripted, "evidence": None if unknown else json.dumps(found),
            **(dict.fromkeys(judged) if unknown else judged),
        })  # fmt: skip
    return tables, of_contacts, of_messages


def judge(warehouse: Warehouse, of_contacts: list[Row], of_messages: list[Row], names: tuple[str, ...] = ()) -> None:
    """Put the given judgements in the place of what the import found. names: parts of customers' names."""
    with warehouse.publishing() as publication:
        target = publication.target
        for table, key, rows in (
            (interactions, "interaction_id", of_contacts), (messages, "message_id", of_messages),
        ):  # fmt: skip
            for columns in {tuple(row) for row in rows}:
                fields = [sa.column(name, table.c[name].type) for name in columns]
                given = sa.values(*fields, name="given").data(
                    [tuple(row.values()) for row in rows if tuple(row) == columns]
                )
                values = {name: sa.cast(given.c[name], table.c[name].type) for name in columns if name != key}
                target.execute(sa.update(table).values(values).where(table.c[key] == given.c[key]))
        target.execute(sa.delete(reply_texts))
        templates = sorted({row["template"] for row in of_messages if row.get("template") is not None})
        if templates:
            texts = [{"template": number, "skeleton": f"text {number}", "family": number} for number in templates]
            target.execute(sa.insert(reply_texts), texts)
        target.execute(sa.delete(known_names))
        if names:
            target.execute(sa.insert(known_names), [{"word": name} for name in names])
