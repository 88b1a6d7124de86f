"""Releases, price changes, outages, campaigns, initiatives: what came in files and what people entered, together."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.initiative_register import Registered, event_title, registered, visible
from cx_metrics.intake.events import drawn
from cx_metrics.intake.sample import holds_sample
from cx_metrics.ledger import Ledger
from cx_metrics.model import events
from cx_metrics.scope import Scope, short_date
from cx_metrics.warehouse import Warehouse

MARKS = ["occurred_at", "title", "kind", "event_id"]


def imported(warehouse: Warehouse, start: datetime.date | None, end: datetime.date | None) -> pd.DataFrame:
    """The events that came in files, from the first to the last day (None = all): occurred_at, title, kind, event_id,
    source; oldest first."""
    columns = [events.c[name] for name in (*MARKS, "source")]
    where = Scope(start, end).conditions(events.c.occurred_at, {})
    return warehouse.read(sa.select(*columns).where(*where).order_by(events.c.occurred_at, events.c.event_id))


def begun(initiatives: Sequence[Registered]) -> pd.DataFrame:
    """The starts of initiatives as events of the kind "initiative", columns MARKS; planned ones have not begun."""
    rows = [
        (pd.Timestamp(one.start), event_title(one), "initiative", f"initiative {one.number}")
        for one in (known.initiative for known in initiatives)
        if one.state != "planned"
    ]
    return pd.DataFrame(rows, columns=MARKS)


def merged(
    from_files: pd.DataFrame, entered: pd.DataFrame, start: datetime.date | None, end: datetime.date | None,
    initiatives: Sequence[Registered] = (),
) -> pd.DataFrame:  # fmt: skip
    """All events from the first to the last day, oldest first: occurred_at, title, kind, event_id (text).

    from_files: as `imported` gives. entered: as the ledger's `events`; withdrawn ones are left out. initiatives: those
    of the register that are about the data at hand. What is there twice (same day and title) is marked once.
    """
    mine = drawn(entered).assign(event_id=lambda frame: frame["event_id"].astype(str))
    own = pd.concat([frame[MARKS].astype(object) for frame in (mine, begun(initiatives))], ignore_index=True)
    days = pd.to_datetime(own["occurred_at"]).dt.date
    own = own[(days >= (start or datetime.date.min)) & (days <= (end or datetime.date.max))]
    filled = [frame[MARKS] for frame in (from_files, own) if len(frame)]
    if not filled:
        return pd.DataFrame(columns=MARKS)
    both = pd.concat(filled, ignore_index=True)
    both = both.assign(occurred_at=pd.to_datetime(both["occurred_at"]))
    same = both["occurred_at"].dt.date.astype(str) + " " + both["title"].str.casefold()
    once = pd.DataFrame(both[~same.duplicated()])
    return once.sort_values("occurred_at", kind="stable").reset_index(drop=True)


def marks(warehouse: Warehouse, ledger: Ledger, start: datetime.date | None, end: datetime.date | None) -> pd.DataFrame:
    """The events to mark on a trend from the first to the last day; see `merged`."""
    known = visible(registered(ledger), holds_sample(warehouse))
    return merged(imported(warehouse, start, end), ledger.events(), start, end, known)


def listed(from_files: pd.DataFrame, entered: pd.DataFrame) -> pd.DataFrame:
    """Every event, newest first: occurred_at, title, kind, event_id, came_by ("entered" or the file's source),
    entered_at, who, withdrawn_at, withdrawn_by. Withdrawn ones are among them."""
    mine = entered.assign(event_id=entered["event_id"].astype(str), came_by="entered")
    files = from_files.rename(columns={"source": "came_by"})
    columns = [*MARKS, "came_by", "entered_at", "who", "withdrawn_at", "withdrawn_by"]
    both = pd.concat([frame.reindex(columns=columns).astype(object) for frame in (files, mine)], ignore_index=True)
    for name in ("occurred_at", "entered_at", "withdrawn_at"):
        both[name] = pd.to_datetime(both[name])
    return both.sort_values("occurred_at", ascending=False, kind="stable").reset_index(drop=True)


def sentence(rows: pd.DataFrame) -> str:
    """How many events there are and which is the newest, in a sentence. rows: as `listed`."""
    there = rows[rows["withdrawn_at"].isna()]
    gone = len(rows) - len(there)
    withdrawn = f"; {gone:,} withdrawn" if gone else ""
    if there.empty:
        return f"No event is known yet{withdrawn}: enter the first one, and every trend shows it."
    newest = there.iloc[0]
    mine = int((there["came_by"] == "entered").sum())
    count = f"{len(there):,} event{'s' * (len(there) != 1)}, {mine:,} of them entered here{withdrawn}"
    return f"{count}; the newest is {newest['title']} ({newest['kind']}) of {short_date(newest['occurred_at'])}."
