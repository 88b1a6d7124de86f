"""How good the shipped judges are on texts that they were not made on: python -m tests.judges.held_out

Prints the figures of the model cards (cx_metrics/judges/figures.json); with --write it writes them there. The texts are
public data beside this repository, the labels lie in labels/.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from sklearn.metrics import f1_score

from cx_metrics.judges.company_model import train
from cx_metrics.judges.language import language
from cx_metrics.judges.lexicon import lexicon_mood
from cx_metrics.judges.mood import label
from cx_metrics.judges.plain import plain
from cx_metrics.judges.scripted import families, skeleton
from tests.judges.agreement import CONVERSATIONS, LABELS, agreements, labels, texts

REAL = CONVERSATIONS.parents[1]
FIGURES = Path(__file__).resolve().parents[2] / "cx_metrics" / "judges" / "figures.json"
MOODS = ("negative", "neutral", "positive")


def figures() -> dict[str, Any]:
    """judge -> its figures, rounded to three digits."""
    found = {"mood": mood(), "empathy": empathy(), "language": languages(), "scripted": scripted()}
    return json.loads(json.dumps(found), parse_float=lambda text: round(float(text), 3))  # type: ignore[no-any-return]


def mood() -> dict[str, Any]:
    """The lexicon on labelled English messages, and a company model on Portuguese reviews."""
    found: dict[str, Any] = {}
    for half in ("develop", "report"):
        labelled = _moods(half)
        said = texts(labelled)
        judged = [label(lexicon_mood(plain(said[place]))) for place in labelled]
        right = list(labelled.values())
        found[f"lexicon_{half}"] = {
            "n": len(right), "of": dict(sorted(Counter(right).items())),
            "macro_f1": f1_score(right, judged, labels=MOODS, average="macro", zero_division=0.0),
            "f1_negative": f1_score(right, judged, labels=["negative"], average="macro"),
            "f1_neutral": f1_score(right, judged, labels=["neutral"], average="macro"),
        }  # fmt: skip
    comments = _reviews()
    model = train(*zip(*((text, good, language(text)) for text, good in comments), strict=True))
    assert model is not None
    pt = model.held_out["pt"]
    found["company_model_on_reviews"] = {
        "good": pt.good, "bad": pt.bad, "auc": pt.auc, "low": pt.low, "high": pt.high, "macro_f1": pt.macro_f1,
    }  # fmt: skip
    return found


def empathy() -> dict[str, Any]:
    """The rules on labelled replies; `report` was looked at once, when the rules were done."""
    found: dict[str, Any] = {}
    for half in ("develop", "report"):
        labelled = labels(LABELS / "replies.csv", half)
        for one in agreements(labelled, texts(labelled)):
            told = {name: list(value) for name, value in one.measures.items() if name in ("F1 shown", "weighted kappa")}
            found[f"{one.kind}_{half}"] = {"n": one.n, **{k.replace(" ", "_").lower(): v for k, v in told.items()}}
    return found


def languages() -> dict[str, Any]:
    """Share of texts decided, and of these wrong: Portuguese reviews, and support conversations in English."""
    reviews = Counter(language(text) for text, _ in _reviews())
    n, decided = sum(reviews.values()), sum(reviews.values()) - reviews[None]
    return {"reviews": {"n": n, "decided": decided / n, "wrong": (decided - reviews["pt"]) / decided}}


def scripted() -> dict[str, Any]:
    """Share of replies whose text, or family of texts, occurs in at least two or three conversations of the company."""
    by_team: dict[str, Counter[str]] = defaultdict(Counter)
    rows = []
    for line in CONVERSATIONS.open(encoding="utf-8"):
        talk = json.loads(line)
        own = [skeleton(plain(said["text"])) for said in talk["messages"] if said["author"] == "agent"]
        by_team[talk["company"]].update(set(own) - {""})
        rows += [(talk["conversation_id"], talk["company"], text) for text in own if text]
    family = families(by_team)
    found: dict[str, Any] = {"replies": len(rows)}
    for name, number in (("exact", lambda text: text), ("family", family.get)):
        seen: dict[Any, set[str]] = defaultdict(set)
        for talk_id, team, text in rows:
            seen[team, number(text)].add(talk_id)
        for least in (2, 3):
            often = sum(len(seen[team, number(text)]) >= least for _, team, text in rows)
            found[f"{name}_in_{least}"] = often / len(rows)
    return found


def _moods(half: str) -> dict[tuple[str, int], str]:
    with (LABELS / "split.csv").open(encoding="utf-8") as lines:
        wanted = {
            (row["conversation_id"], row["mood_position"]) for row in csv.DictReader(lines) if row["used_to"] == half
        }
    with (LABELS / "moods.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {
        (row["conversation_id"], int(row["position"])): row["mood"]
        for row in rows if (row["conversation_id"], row["position"]) in wanted
    }  # fmt: skip


def _reviews() -> list[tuple[str, bool]]:
    """Text, whether the score is good (4-5) or bad (1-2)."""
    with (REAL / "olist" / "olist_order_reviews_dataset.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["review_comment_message"].strip()]
    scored = [(row, int(row["review_score"])) for row in rows if row["review_score"] != "3"]
    return [(plain(row["review_comment_message"]), score > 3) for row, score in scored]


if __name__ == "__main__":
    text = json.dumps(figures(), indent=1)
    print(text)
    if "--write" in sys.argv:
        FIGURES.write_text(text + "\n", encoding="utf-8")
