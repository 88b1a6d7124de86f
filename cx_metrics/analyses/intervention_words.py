"""Interventions in words: what somebody did, who has one, how long is left, what is at stake."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.scope import short_date
from cx_metrics.wording import listing, number

ACTS = {
    "claim": "claimed it", "release": "gave it back", "note": "wrote a note", "snooze": "snoozed it",
    "hand over": "handed it over", "outcome": "finished it", "reopen": "opened it again",
}  # fmt: skip
_UNITS = ((1_440, "day"), (60, "hour"), (1, "minute"))  # minutes


def quicker(row: Mapping[str, Any], now: datetime.datetime) -> str:
    """What somebody else did in between. row: as `intervention_queue.one` gives it."""
    done = ACTS.get(str(row["action"]), "changed it")
    return f"{row['acted_by'] or 'somebody'} {done} {ago(row['acted_at'], now)}; look at it now and try again"


def act(step: Mapping[Any, Any]) -> str:
    """What somebody did, in words. step: as `intervention_queue.steps_of` gives it."""
    done = ACTS.get(str(step["action"]), "changed it")
    more = {
        "outcome": f", {step['outcome']}",
        "snooze": f" until {_day_before(step['due_at'])}",
        "hand over": _to(step),
    }
    done += more.get(str(step["action"]), "")
    return f"{step['at']:%d %b %Y, %H:%M}: {step['who']} {done}{': ' if step['words'] else ''}{step['words']}"


def _to(step: Mapping[Any, Any]) -> str:
    return f" to {', '.join(filter(None, (step['assignee'], step['team'])))}"


def _day_before(due: datetime.datetime) -> str:
    """The day until which something rests that is due when that day ends."""
    return short_date((due - datetime.timedelta(days=1)).date())


def ago(at: datetime.datetime | None, now: datetime.datetime) -> str:
    """How long ago something was: "a moment ago", "2 hours ago"."""
    told = _long(now - at) if at is not None else ""
    return f"{told} ago" if told else "a moment ago"


def left(due: datetime.datetime, now: datetime.datetime) -> str:
    """How long is left until something is due: "in 3 hours", "overdue by a day"."""
    told = _long(abs(due - now)) or "less than a minute"
    return f"overdue by {told}" if due < now else f"in {told}"


def _long(span: datetime.timedelta) -> str:
    """The largest whole unit, "" below a minute."""
    minutes = int(span.total_seconds() // 60)
    for size, word in _UNITS:
        if minutes >= size:
            n = minutes // size
            return f"{'an' if word == 'hour' else 'a'} {word}" if n == 1 else f"{n} {word}s"
    return ""


def holder(assignee: str, status: str, outcome: str, due: datetime.datetime) -> str:
    """Who has it, in words: "nobody yet", "Ann", "Ann, snoozed until 4 May 2026", "done by Ann: not reached"."""
    if status == "done":
        return f"done by {assignee}: {outcome}"
    if status == "snoozed":
        return f"{assignee + ', ' if assignee else ''}snoozed until {_day_before(due)}"
    return assignee or "nobody yet"


def sentence(rows: pd.DataFrame) -> str:
    """How many customers need a person now, how many are overdue, what is at stake. rows: those of status "open", as
    `intervention_queue.queue` gives them. A customer counts once, with their highest value; each currency for itself.
    """
    customers = rows["customer_id"].nunique()
    if not customers:
        return "No customer needs a person now."
    late = rows.loc[rows["overdue"] == 1, "customer_id"].nunique()
    known = rows.dropna(subset="at_stake").sort_values("at_stake").drop_duplicates("customer_id", keep="last")
    sums = known.groupby(known["currency"].fillna(""))["at_stake"].sum()
    money = listing([f"{number(value)} {currency}".strip() for currency, value in sums.items()])
    told = [f"{customers:,} customer{'s need' if customers > 1 else ' needs'} a person",
            f"{late or 'none'} {'are' if late > 1 else 'is'} overdue"]  # fmt: skip
    told.append(
        f"{money} a year {'are' if len(sums) else 'is'} at stake with them (n = {len(known):,} with a known value)"
        if money
        else "what is at stake with them is not known"
    )
    return "; ".join(told) + "."
