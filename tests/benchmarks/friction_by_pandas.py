"""The main tables of the pages about friction by pandas from the CSV files: read, sort, group, count.

Less than the product answers: intervals, medians and models are left out, so that the comparison flatters pandas.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.benchmarks.by_pandas import answers, read
from tests.benchmarks.friction_by_hand import END, START
from tests.benchmarks.journey_by_hand import STEPS

_WEEK, _HOUR, _GAP = pd.Timedelta(days=7), pd.Timedelta(hours=1), pd.Timedelta(hours=72)
_TIMES = ["occurred_at", "ended_at", "promised_at"]
_NAMES = ["interaction_id", "customer_id", "case_id", *_TIMES, "channel", "stage", "reason", "initiated_by", "handled_by", "team",
          "wait_seconds", "handle_seconds", "transfers", "reopens", "outcome"]  # fmt: skip
Rows = pd.DataFrame


def _contacts(folder: Path) -> Rows:
    """Contacts in cases, with their neighbours in the case and on the same matter."""
    rows = read(folder, "interactions", _NAMES, _TIMES).sort_values(
        ["customer_id", "reason", "occurred_at", "interaction_id"]
    )
    matter = rows.groupby(["customer_id", "reason"], dropna=False, sort=False)
    known = rows["customer_id"].notna()
    following = matter["occurred_at"].shift(-1)
    rows["hours"] = ((following - rows["occurred_at"]) / _HOUR).where(known)
    rows["return_channel"] = matter["channel"].shift(-1).where(known)
    rows["next_handle"] = matter["handle_seconds"].shift(-1).where(known)
    return _in_cases(rows)


def _in_cases(rows: Rows) -> Rows:
    """A case is the source's own; else contacts of a customer on a reason with gaps of up to 72 hours; else one contact."""
    loose = rows[rows["case_id"].isna() & rows["customer_id"].notna()]
    gap = loose.groupby(["customer_id", "reason"], dropna=False, sort=False)["occurred_at"].diff()
    episode = "E-" + (~(gap <= _GAP)).cumsum().astype(str)
    rows["case"] = rows["case_id"].fillna(episode.reindex(rows.index)).fillna(rows["interaction_id"])
    rows = rows.sort_values(["case", "occurred_at", "interaction_id"])
    case = rows.groupby("case", sort=False)
    rows["place"], rows["contacts"] = case.cumcount(), case["case"].transform("size")
    rows["next_stage"], rows["previous_stage"] = case["stage"].shift(-1), case["stage"].shift()
    rows["previous_handler"] = case["handled_by"].shift()
    entered = rows["previous_stage"] != rows["stage"]
    rows["visits"] = entered.groupby([rows["case"], rows["stage"]], sort=False).cumsum()
    return rows


def _signals(rows: Rows) -> Rows:
    """One column per signal that the data can show."""
    newest = rows["occurred_at"].max()
    old, known, back = rows["occurred_at"] <= newest - _WEEK, rows["customer_id"].notna(), rows["hours"] <= 168
    elsewhere = back & (rows["return_channel"] != rows["channel"]) & rows["return_channel"].notna()
    outcome = rows["outcome"]
    written = rows["channel"].isin(["web", "email", "social", "post"])
    waited = rows["wait_seconds"] > written.map({True: 86_400, False: 120})
    late = rows["promised_at"].notna() & (rows["ended_at"] > rows["promised_at"])
    still = rows["promised_at"].notna() & rows["ended_at"].isna() & outcome.isna()
    late |= still & (newest - rows["promised_at"] > pd.Timedelta(days=1))
    machine = rows["handled_by"].isin(["bot", "self_service"]) & old & (outcome.notna() | known)
    dead = outcome.isin(["unresolved", "abandoned"]) | (elsewhere & (outcome != "escalated"))
    found = pd.DataFrame({
        "long_wait": waited, "transfer": rows["transfers"] >= 1, "abandonment": outcome == "abandoned",
        "repeat_contact": known & old & back, "channel_switch": known & old & elsewhere & (outcome != "resolved"),
        "bot_dead_end": machine & dead, "reopen": rows["reopens"] >= 1,
        "loop": (rows["previous_stage"] != rows["stage"]) & rows["previous_stage"].notna() & (rows["visits"] >= 2),
        "broken_promise": late,
    })  # fmt: skip
    return pd.concat([rows.assign(old=old, machine=machine), found.add_prefix("is_")], axis=1)


def _period(rows: Rows, time: str = "occurred_at") -> Rows:
    return rows[(rows[time] >= START) & (rows[time] < END)]


def _marked(folder: Path) -> Rows:
    rows = _signals(_contacts(folder))
    flags = rows.filter(like="is_")
    return rows.assign(all=flags.sum(axis=1), any=flags.any(axis=1))


def friction(folder: Path) -> dict[str, Any]:
    """Contacts, those with any signal, and signals, by stage and channel."""
    rows = _period(_marked(folder))
    judged = rows[rows["old"]]
    cells = judged.groupby(["stage", "channel"])["any"].agg(n="size", hits="sum").reset_index()
    weights = [len(judged), judged["any"].sum(), judged["all"].sum()]
    return {"cells": cells.assign(value=100 * cells["hits"] / cells["n"])[["n", "value"]], "weights": weights}


def drivers(folder: Path) -> dict[str, Any]:
    """Answers about contacts with the signals of these, by instrument and signal; hours of further contacts."""
    rows = _marked(folder)
    flags = list(rows.filter(like="is_"))
    said = _period(answers(folder).dropna(subset="score"), "answered_at")
    joined = said.merge(rows[["interaction_id", *flags]], on="interaction_id")
    joined.groupby("instrument")[[*flags, "score"]].corr()
    spent = _period(rows)
    hours = spent.loc[spent["any"] & (spent["hours"] <= 168), "next_handle"].sum() / 3600
    return {"answers": joined["instrument"].value_counts()[["csat", "ces", "nps"]].to_numpy(), "hours": [hours]}


def journey(folder: Path) -> dict[str, Any]:
    """Cases that begin in the period by way, moves between stages, and customers by step of the funnel."""
    rows = _contacts(folder)
    begun = rows.loc[(rows["place"] == 0) & (rows["occurred_at"] >= START) & (rows["occurred_at"] < END), "case"]
    own = rows[rows["case"].isin(begun)]
    own.groupby("case", sort=False)["stage"].agg(" > ".join).value_counts()
    inside = _period(rows)
    moves = inside[inside["place"] < inside["contacts"] - 1].groupby(["stage", "next_stage"]).size()
    return {"cases": [len(begun)], "transitions": moves[moves >= 10].to_numpy(), "funnel": _funnel(inside)}


def _funnel(rows: Rows) -> list[int]:
    """Customers who came to each step after the one before."""
    rows, sizes, before = rows[rows["customer_id"].notna()], [], None
    for stage in STEPS:
        there = rows[rows["stage"] == stage]
        if before is not None:
            came = there["customer_id"].map(before)
            there = there[there["occurred_at"] >= came]
        before = there.groupby("customer_id")["occurred_at"].min()
        sizes.append(len(before))
    return sizes


def bots(folder: Path) -> dict[str, Any]:
    """What became of the contacts of bots and self-service; dead ends by stage, channel and handler; waits after a bot."""
    rows = _period(_signals(_contacts(folder)))
    own = rows[
        rows["handled_by"].isin(["bot", "self_service"])
        & rows["customer_id"].notna()
        & rows["outcome"].notna()
        & rows["old"]
    ]
    part = own["outcome"].where(own["outcome"].isin(["resolved", "abandoned", "escalated"]), "unresolved")
    back = (own["hours"] <= 168) & (part != "escalated")
    same = own["return_channel"] == own["channel"]
    part = part.where(~back, same.map({True: "same", False: "elsewhere"}))
    ends = rows[rows["machine"]].groupby(["stage", "channel", "handled_by"])["is_bot_dead_end"].agg(["size", "sum"])
    people = rows[rows["handled_by"] == "human"]
    people.groupby(["channel", "reason", people["previous_handler"].isin(["bot", "self_service"])])[
        "wait_seconds"
    ].median()
    return {"containment": own.groupby(["handled_by", part]).size().to_numpy(), "dead ends": ends.sum().to_numpy()}


def consistency(folder: Path) -> dict[str, Any]:
    """Contacts known to be resolved, and slower than the reason's median, by reason and channel."""
    rows = _contacts(folder)
    lasted = (
        (rows["ended_at"] - rows["occurred_at"])
        .dt.total_seconds()
        .fillna(rows["wait_seconds"] + rows["handle_seconds"])
    )
    case = rows.assign(over=lasted).groupby("case", sort=False)
    first, last = case["occurred_at"].transform("first"), case["occurred_at"].transform("last")
    ended, over = (
        rows["case"].map(case["outcome"].nth(-1).set_axis(rows.loc[case.tail(1).index, "case"])),
        case["over"].transform("last"),
    )
    own = rows["wait_seconds"] + rows["handle_seconds"]
    took = ((last - first).dt.total_seconds() + over).where(ended == "resolved").fillna(own)
    inside = _period(rows.assign(took=took))
    usual = inside.groupby("reason")["took"].transform("median")
    told = inside.assign(resolved_n=inside["outcome"].notna(), resolved=inside["outcome"] == "resolved",
                         slow_n=inside["took"].notna(), slow=inside["took"] > usual)  # fmt: skip
    cells = told.groupby(["reason", "channel"], dropna=False)[["resolved_n", "resolved", "slow_n", "slow"]].sum()
    inside.groupby(["team", "reason"])["transfers"].agg(["size", "sum"])
    return {"resolved": cells[["resolved_n", "resolved"]].sum().to_numpy()}
