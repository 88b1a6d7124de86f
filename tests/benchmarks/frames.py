"""The remaining pages by pandas from the CSV files: trends, customers, data. (The overview is in `by_pandas`.)"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks.by_pandas import Periods, answers, asked, counts, read, waits
from tests.benchmarks.figures import Figures, Ranks, of_counts

_WEEK = pd.Timedelta(days=7)
_TIMES = {"interactions": ["occurred_at", "ended_at"], "survey_answers": ["invited_at", "answered_at"], "orders": ["ordered_at"],
          "subscriptions": ["started_at", "ended_at"], "messages": ["sent_at"], "customers": ["signed_up_at"]}  # fmt: skip


def fcr(folder: Path, periods: Periods) -> dict[str, Figures]:
    names = ["interaction_id", "customer_id", "occurred_at", "channel", "reason", "outcome"]
    rows = read(folder, "interactions", names, ["occurred_at"])
    rows = rows.sort_values(["customer_id", "reason", "occurred_at", "interaction_id"])
    following = rows.groupby(["customer_id", "reason"], dropna=False, sort=False)["occurred_at"].shift(-1)
    old = rows["occurred_at"] <= rows["occurred_at"].max() - _WEEK
    rows["fcr__n"] = (rows["outcome"] == "resolved") & rows["customer_id"].notna() & old
    rows["fcr__hits"] = rows["fcr__n"] & ~(following - rows["occurred_at"] <= _WEEK)
    return {name: of_counts(counts(*asked(rows, "occurred_at", *period))) for name, period in periods.items()}


def wait_median(folder: Path, periods: Periods) -> dict[str, Figures]:
    rows = read(folder, "interactions", ["occurred_at", "team", "wait_seconds"], ["occurred_at"])
    finish = Ranks("wait_median", 0.5)
    return {name: finish(waits(*asked(rows, "occurred_at", *period))) for name, period in periods.items()}


def csat(folder: Path, periods: Periods) -> dict[str, Figures]:
    contacts = read(folder, "interactions", ["interaction_id", "customer_id"], [])
    people = read(folder, "customers", ["customer_id", "region"], [])
    rows = answers(folder).merge(contacts, "left", on="interaction_id").merge(people, "left", on="customer_id")
    return {name: of_counts(counts(*asked(rows, "answered_at", *period))) for name, period in periods.items()}


TRENDS = {"fcr": fcr, "wait_median": wait_median, "csat": csat}


def customers(folder: Path, text: str, who: str, key: str) -> dict[str, pd.DataFrame]:
    """Customers found by a text; one of them, with the timeline; one contact, with its messages."""
    tables = {name: read(folder, name, None, times) for name, times in _TIMES.items()}
    people, contacts = tables["customers"], tables["interactions"]
    mine = tables["survey_answers"].merge(contacts[["interaction_id", "customer_id"]], "left", on="interaction_id")
    doings = (contacts, tables["orders"], tables["subscriptions"], mine)
    named = [people.loc[people[c].str.lower().str.contains(text, regex=False, na=False), "customer_id"]
             for c in ("customer_id", "name", "email")]  # fmt: skip
    keys = [pd.Series(rows["customer_id"].dropna().unique()) for rows in doings]
    keys = [found[found.str.lower().str.contains(text, regex=False)] for found in keys]
    found = pd.concat([*named, *keys]).drop_duplicates().head(50)
    own = contacts[contacts["customer_id"].isin(found)].groupby("customer_id")["occurred_at"].agg(["size", "max"])
    details = (
        people[people["customer_id"].isin(found)]
        .merge(own, "left", on="customer_id")
        .sort_values("max", ascending=False)
    )
    past = [rows[rows["customer_id"] == who] for rows in doings]
    said = tables["messages"][tables["messages"]["interaction_id"] == key].sort_values("sent_at")
    return {"found": details, "person": people[people["customer_id"] == who], "said": said,
            "contact": contacts[contacts["interaction_id"] == key], "timeline": pd.concat(past)}  # fmt: skip


def data(folder: Path) -> dict[str, Any]:
    """Rows, first and last of each table; rows per month; empty cells."""
    found: dict[str, Any] = {}
    for name, times in _TIMES.items():
        rows = read(folder, name, None, times)
        at = rows["answered_at"].fillna(rows["invited_at"]) if name == "survey_answers" else rows[times[0]]
        found[name] = (len(rows), at.min(), at.max(), rows.isna().mean(), at.dt.to_period("M").value_counts())
    return found
