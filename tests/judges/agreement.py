"""How well the empathy rules agree with labels of persons: python -m tests.judges.agreement develop

The labels are in labels/ (what they mean: labels/guidance.md), the texts in the public support conversations beside
this repository. Half of the conversations (`develop`) is for making rules, the other half (`report`) for one final
check, so nobody looks at it before. Each half holds one reply of each conversation.

Kappa is J. Cohen's (1960), the weighted one with linear weights (1968); intervals are the 2.5 % and 97.5 % points of
2000 bootstrap samples of replies (B. Efron, 1979), fixed seed.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cx_metrics.judges.empathy import KINDS, empathy

LABELS = Path(__file__).with_name("labels")
CONVERSATIONS = Path(__file__).resolve().parents[3] / "shared" / "real" / "support_tweets" / "conversations.jsonl"
GRADES = {"none": 0, "weak": 1, "strong": 2}
MEASURES = ("accuracy", "macro F1", "F1 shown", "weighted kappa", "kappa")
DRAWS = 2000

Place = tuple[str, int]  # conversation, position of the message in it


@dataclass(frozen=True)
class Agreement:
    """Of one kind: number of replies, counts [labelled][judged], measure -> (value, low, high)."""

    kind: str
    n: int
    counts: np.ndarray[Any, Any]
    measures: Mapping[str, tuple[float, float, float]]


def labels(file: Path, half: str) -> dict[Place, dict[str, int]]:
    """Labelled grades of one half's replies: place -> kind -> 0, 1, 2. Rows of the other half are skipped unread."""
    with (LABELS / "split.csv").open(encoding="utf-8") as lines:
        wanted = {(r["conversation_id"], r["reply_position"]) for r in csv.DictReader(lines) if r["used_to"] == half}
    with file.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if (row["conversation_id"], row["position"]) in wanted]
    return {(r["conversation_id"], int(r["position"])): {kind: GRADES[r[kind]] for kind in KINDS} for r in rows}


def texts(places: Mapping[Place, object], file: Path = CONVERSATIONS) -> dict[Place, str]:
    """The replies at these places."""
    conversations = {conversation for conversation, _ in places}
    found: dict[Place, str] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["conversation_id"] in conversations:
                found |= {(row["conversation_id"], at): message["text"] for at, message in enumerate(row["messages"])}
    return {place: found[place] for place in places}


def agreements(labelled: Mapping[Place, Mapping[str, int]], replies: Mapping[Place, str]) -> list[Agreement]:
    """The rules against the labels, kind by kind."""
    judged = {place: empathy(replies[place], "en") or {} for place in labelled}
    return [
        agreement(kind, [row[kind] for row in labelled.values()], [judged[place][kind][0] for place in labelled])
        for kind in KINDS
    ]


def agreement(kind: str, labelled: Sequence[int], judged: Sequence[int]) -> Agreement:
    """Counts, measures and their intervals for grades 0 to 2 of the same replies in the same order."""
    counts = np.zeros((3, 3))
    np.add.at(counts, (np.array(labelled), np.array(judged)), 1)
    n = int(counts.sum())
    drawn = np.random.default_rng(5).multinomial(n, counts.ravel() / n, DRAWS).reshape(-1, 3, 3)
    values, spread = measures(counts[None]), measures(drawn)
    low, high = np.nanpercentile(spread, [2.5, 97.5], axis=0)
    return Agreement(kind, n, counts.astype(int), {
        name: (float(values[0, at]), float(low[at]), float(high[at])) for at, name in enumerate(MEASURES)
    })  # fmt: skip


def measures(counts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """MEASURES of tables of counts [table][labelled][judged]: an array [table][measure]; nan where undefined.

    Macro F1 is the mean over the grades that are labelled or judged at all.
    """
    counts = counts.astype(float)
    n, both = counts.sum(axis=(1, 2)), np.einsum("kii->ki", counts)
    rows, columns = counts.sum(axis=2), counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        macro = np.nanmean(2 * both / (rows + columns), axis=1)
        shown = 2 * counts[:, 1:, 1:].sum(axis=(1, 2)) / (rows[:, 1:].sum(axis=1) + columns[:, 1:].sum(axis=1))
        chance = rows[:, :, None] * columns[:, None, :] / n[:, None, None]
        far = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
        kappas = [1 - (counts * w).sum(axis=(1, 2)) / (chance * w).sum(axis=(1, 2)) for w in (far, far > 0)]
    return np.column_stack([both.sum(axis=1) / n, macro, shown, *kappas])


def main(half: str) -> None:
    """Prints the agreement of the rules, and of the second labeller, with the decided (else the first) labels."""
    decided = LABELS / "replies.csv"
    labelled = labels(decided if decided.exists() else LABELS / "pass_1_replies.csv", half)
    for found in agreements(labelled, texts(labelled)):
        values = ", ".join(f"{name} {v:.2f} ({a:.2f} to {b:.2f})" for name, (v, a, b) in found.measures.items())
        print(f"{found.kind}: n {found.n}, {values}\n  labelled x judged {found.counts.tolist()}")
    first, second = (labels(LABELS / f"pass_{number}_replies.csv", half) for number in (1, 2))
    for kind in KINDS:
        same = agreement(kind, [row[kind] for row in first.values()], [second[place][kind] for place in first])
        print(f"{kind}: of the two labellers weighted kappa {same.measures['weighted kappa'][0]:.2f}")


if __name__ == "__main__":
    main(sys.argv[1])
