"""Signals of friction a second time, in plain pandas, from the rows of the files and the measures in plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cx_metrics.journey import Limits
from tests.enrich.oracle import measured
from tests.metrics.company import TEXTS
from tests.metrics.words_oracle import in_contacts

SIGNALS = (
    "long_wait", "transfer", "abandonment", "repeat_contact", "channel_switch", "bot_dead_end", "reopen", "loop",
    "repeated_information", "negative_sentiment", "broken_promise",
)  # fmt: skip
_TIMES = ("occurred_at", "ended_at", "promised_at")
_NUMBERS = ("wait_seconds", "handle_seconds", "transfers", "reopens", "sentiment_start", "sentiment_end")


def contacts_of(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """Contacts in their order with their measures; said_before: 1, 0, or missing where the customer wrote nothing."""
    rows = pd.DataFrame(list(tables["interactions"])).astype(object)
    for name in _TIMES:
        rows[name] = pd.to_datetime(rows[name])
    for name in _NUMBERS:
        rows[name] = rows[name].astype(float)
    rows = rows.merge(measured(tables["interactions"]), "left", on="interaction_id")
    said = pd.DataFrame(list(tables["messages"])).query("author == 'customer'")
    before = said["text"].map(TEXTS).groupby(said["interaction_id"]).max()
    rows["said_before"] = rows["interaction_id"].map(before)
    rows = in_contacts(tables, rows)
    rows["warned"] = (rows["initiated_by"] == "company") & (rows["customer_began_first"] == 0)
    rows["so_far"] = (rows["occurred_at"].max() - rows["occurred_at"]).dt.total_seconds() / 3600
    return rows.sort_values(["occurred_at", "interaction_id"]).reset_index(drop=True)


def signalled(rows: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Contacts with what limits decide: old, returned, and per signal whether it can be said ("can x") and is ("x")."""
    known, days = rows["customer_id"].notna(), 24 * limits.repeat_days
    old, returned = rows["so_far"] >= days, rows["hours_until_next"] <= days
    outcome, channel = rows["outcome"], rows["channel"]
    elsewhere = returned & channel.notna() & rows["return_channel"].notna() & (rows["return_channel"] != channel)
    longest = channel.isin(limits.written).map({True: 3600 * limits.written_wait_hours, False: limits.wait_seconds})
    automatic = rows["handled_by"].isin(["bot", "self_service"])
    fell = rows["mood_start"] - rows["mood_end"] > limits.sentiment_fall
    entered = rows["previous_stage"].notna() & (rows["previous_stage"] != rows["stage"])
    unanswered = rows["ended_at"].isna() & outcome.isna() & rows["promised_at"].notna()
    waited = (rows["occurred_at"].max() - rows["promised_at"]).dt.total_seconds() / 3600
    overdue = unanswered & (waited > limits.promise_hours + 24)
    found = {
        "long_wait": (rows["wait_seconds"].notna(), rows["wait_seconds"] > longest),
        "transfer": (rows["transfers"].notna(), rows["transfers"] >= limits.transfers),
        "abandonment": (outcome.notna(), outcome == "abandoned"),
        "repeat_contact": (known & old, returned),
        "channel_switch": (known & old & channel.notna(), elsewhere & (outcome != "resolved")),
        "bot_dead_end": (
            automatic & old & (known | outcome.notna()),
            outcome.isin(["unresolved", "abandoned"]) | (elsewhere & (outcome != "escalated")),
        ),
        "reopen": (rows["reopens"].notna(), rows["reopens"] >= limits.reopens),
        "loop": (rows["stage"].notna(), entered & (rows["stage_visits"] >= limits.stage_visits)),
        "repeated_information": (rows["said_before"].notna(), rows["said_before"] == 1),
        "negative_sentiment": (rows["mood_end"].notna(), (rows["mood_end"] < limits.sentiment) | fell),
        "broken_promise": (
            rows["hours_late"].notna() | overdue, (rows["hours_late"] > limits.promise_hours) | overdue,
        ),
    }  # fmt: skip
    upset = rows["mood_lowest"] < limits.sentiment
    rows = rows.assign(old=old, returned=returned, judged=old & known, friction=False, upset=upset)
    rows = rows.assign(recovered=rows["mood_end"] >= limits.sentiment)
    for name, (can, there) in found.items():
        rows[f"can {name}"], rows[name] = can, can & there
        rows["friction"] |= rows[name]
    return rows
