"""A small company whose customers are surveyed: one region hardly answers and is less satisfied."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

Row = dict[str, Any]
START, DAYS = datetime(2024, 1, 1, 9), 300
REGIONS, SEGMENTS = ("East", "North", "South"), ("private", "business", None)
STAGES, CHANNELS = ("buy", "use", "pay", None), ("web", "phone", "post")
LATEST = ["customer_id", "day", "instrument", "dimension", "stage"]


def tables(seed: int = 5) -> dict[str, list[Row]]:
    """500 customers; some 2,000 sendings, each of one day, with csat or nps alone or three items of perception and
    importance; answers twice, without an invitation, and without a customer."""
    rng = np.random.default_rng(seed)
    customers = [
        {"customer_id": f"c{n:03}", "region": rng.choice(REGIONS, p=[0.4, 0.4, 0.2]), "segment": rng.choice(SEGMENTS),
         "birth_year": int(rng.integers(1940, 2005)), "country": "DE"}
        for n in range(500)
    ]  # fmt: skip
    rows: list[Row] = []
    for number in range(2000):
        person = customers[int(500 * rng.random() ** 1.7)]
        at = START + timedelta(days=int(rng.integers(0, DAYS)), minutes=int(rng.integers(0, 600)))
        rows += _sending(rng, person, at, f"a{number:04}")
    return {"customers": customers, "survey_answers": rows}


def _sending(rng: np.random.Generator, person: Row, at: datetime, key: str) -> list[Row]:
    answers = rng.random() < (0.15 if person["region"] == "East" else 0.45)
    later = at + timedelta(hours=int(rng.integers(1, 90)))
    invited = rng.random() < 0.9
    sent = {
        "customer_id": person["customer_id"] if rng.random() < 0.97 else None, "invited_at": at if invited else None,
        "answered_at": later if answers else None, "stage": rng.choice(STAGES), "channel": rng.choice(CHANNELS),
    }  # fmt: skip
    kind = rng.choice(["csat", "nps", "gap"])
    happy = rng.random() < (0.5 if person["region"] == "East" else 0.75)
    if kind == "gap":
        items = [("perception", item, 1, 7) for item in ("ease", "care", "speed")] + [("importance", "ease", 0, 100)]
    else:
        items = [(kind, None, *((0, 10) if kind == "nps" else (1, 5)))]
    items *= 2 if kind == "csat" and answers and rng.random() < 0.1 else 1  # answered again an hour later
    rows = []
    for place, (instrument, dimension, low, high) in enumerate(items):
        score = rng.integers((low + high) // 2 + 1, high + 1) if happy else rng.integers(low, high)
        skipped = invited and instrument == "perception" and rng.random() < 0.2
        rows.append({
            **sent, "answer_id": f"{key}-{place}", "instrument": instrument, "dimension": dimension, "scale_min": low,
            "scale_max": high, "score": int(score) if answers and not skipped else None,
            "answered_at": later + timedelta(hours=place) if answers else None,
        })  # fmt: skip
    return rows if invited or answers else []


@functools.cache
def asked() -> pd.DataFrame:
    """The rows of `tables` with their customer's traits, `day` of the sending, `counts` and `sending`; not to be changed."""
    given = tables()
    rows = pd.DataFrame(given["survey_answers"]).astype(
        {"invited_at": "datetime64[ns]", "answered_at": "datetime64[ns]"}
    )
    rows["day"] = rows["invited_at"].fillna(rows["answered_at"]).dt.date.astype(str)
    rows["late"] = rows["answered_at"].fillna(rows["invited_at"])
    rows["rank"] = np.where(rows["score"].notna(), 0, np.where(rows["answered_at"].notna(), 1, 2))
    rows = rows.sort_values(["rank", "late", "answer_id"], ascending=[True, False, False])
    first = rows.groupby(LATEST, dropna=False).cumcount() == 0
    rows["counts"] = first | rows["customer_id"].isna()
    rows["sending"] = np.where(rows["customer_id"].isna(), rows["answer_id"], rows["customer_id"] + rows["day"])
    people = pd.DataFrame(given["customers"])
    bins = [0, 1945, 1964, 1980, 1996, 2012]
    people["generation"] = pd.cut(people["birth_year"], bins, labels=False)
    return rows.merge(people, "left", on="customer_id").sort_values("answer_id", ignore_index=True)
