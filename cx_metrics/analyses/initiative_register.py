"""The register of initiatives: what was registered, every change after it, and what was changed too late to count.

A plan is fixed when it is written down. It may be changed, for plans do change, but only as a new version with a
reason; a change of what is measured after the start is marked, as is a plan that was registered after its start: what
is fixed once the figures are known proves little.
"""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.initiative import Filters, Initiative
from cx_metrics.analyses.initiative_plan import (
    FIELDS,
    FIXED,
    LONGEST,
    LONGEST_TEXT,
    Plan,
    checked,
    field_words,
    plan_of,
)
from cx_metrics.ledger import Ledger, LedgerError, Writing
from cx_metrics.ledger_tables import initiative_versions
from cx_metrics.scope import DIMENSIONS, short_date
from cx_metrics.wording import listing

WORDS = {
    "name": "name", "owner": "owner", "hypothesis": "hypothesis", "metric": "target figure", "target": "target group",
    "comparison": "comparison group", "start": "start", "last_day": "last day", "expected": "expected effect",
    "cost": "cost", "currency": "currency", "state": "state",
}  # fmt: skip
REGISTERED = "registered"


@dataclass(frozen=True)
class Registered:
    """An initiative as it stands. initiative: its newest version. late: names of the fields of FIXED that were changed
    after the start. looked_back: whether it was registered after its start. as_registered: its first version."""

    initiative: Initiative
    late: tuple[str, ...]
    looked_back: bool
    as_registered: Initiative

    @property
    def marking(self) -> str:
        """What speaks against the plan having been fixed beforehand, in a sentence; "" = nothing."""
        parts = []
        if self.looked_back:
            day, start = self.as_registered.at[:10], self.as_registered.start
            parts.append(f"registered on {_short(day)}, after the start on {short_date(start)}")
        if self.late:
            parts.append(f"{listing([WORDS[name] for name in self.late])} changed after the start")
        return f"{'; '.join(parts)}." if parts else ""


# --- writing ---------------------------------------------------------------------------------------------------------


def register(ledger: Ledger, given: Plan, who: str, sample: bool = False) -> int:
    """Register an initiative; returns its number. sample: whether it is about the invented company.

    Raises ScopeError for a plan that cannot be, LedgerError where an initiative of that name is there already.
    """
    plan, by = checked(given), _who(who)
    with ledger.alone() as writing:
        known = _versions(writing.read(_question()))
        _refuse_double(known, plan, sample, 0)
        number = max((one.number for one in known), default=0) + 1
        write(writing, plan, (number, 1), REGISTERED, by, sample)
    return number


def change(ledger: Ledger, number: int, version_seen: int, given: Plan, why: str, who: str) -> None:
    """Write the next version of an initiative. version_seen: the one that the change was made on. why: the reason.

    Raises ScopeError for a plan that cannot be; LedgerError where there is no such initiative, somebody else changed it
    meanwhile, nothing is different, or there is no reason.
    """
    plan, by, reason = checked(given), _who(who), " ".join(why.split())
    if not reason or len(reason) > LONGEST_TEXT:
        raise LedgerError(f"say why it is changed, in 1 to {LONGEST_TEXT:,} characters")
    with ledger.alone() as writing:
        known = _versions(writing.read(_question()))
        mine = [one for one in known if one.number == number]
        if not mine:
            raise LedgerError(f"there is no initiative with the number {number}")
        before = mine[-1]
        if before.version != version_seen:
            raise LedgerError(
                f"{before.who} changed {before.name} meanwhile, so nothing was written; look at it and try again"
            )
        if not differing(plan_of(before), plan):
            raise LedgerError("nothing is different from what is registered")
        _refuse_double(known, plan, before.sample, number)
        write(writing, plan, (number, before.version + 1), reason, by, before.sample)


def _who(who: str) -> str:
    by = " ".join(who.split())
    if not by or len(by) > LONGEST:
        raise LedgerError(f"say who writes this, in 1 to {LONGEST} characters")
    return by


def _refuse_double(known: Iterable[Initiative], plan: Plan, sample: bool, number: int) -> None:
    for one in _newest(known):
        if one.number != number and one.sample == sample and one.name.casefold() == plan.name.casefold():
            raise LedgerError(f"there is an initiative {one.name!r} already, number {one.number}; choose another name")


def write(
    writing: Writing, plan: Plan, place: tuple[int, int], reason: str, by: str, sample: bool,
    at: datetime.datetime | None = None,
) -> None:  # fmt: skip
    """Add a version that is known to fit. place: number and version. at: when it was written (UTC); None = now."""
    number, version = place
    groups = {name: json.dumps(dict(getattr(plan, name)), ensure_ascii=False) for name in ("target", "comparison")}
    row = {name: getattr(plan, name) for name in FIELDS} | groups | ({"at": at} if at else {})
    more = {"who": by, "initiative": number, "version": version, "change": reason, "sample": int(sample)}
    writing.add(initiative_versions, row | more)
    writing.note("initiative", f"{number}: {plan.name}", f"version {version}: {reason}", by)


def differing(before: Plan, after: Plan) -> tuple[str, ...]:
    """Names of the fields in which two plans differ."""
    return tuple(name for name in FIELDS if getattr(before, name) != getattr(after, name))


# --- reading ---------------------------------------------------------------------------------------------------------


def _question() -> sa.Select[Any]:
    c = initiative_versions.c
    return sa.select(*c).order_by(c.initiative, c.version)


def _versions(rows: pd.DataFrame) -> list[Initiative]:
    """Every version, by initiative and version."""
    return [_initiative(row) for row in rows.to_dict("records")]


def _initiative(row: dict[Any, Any]) -> Initiative:
    texts = {name: str(row[name]) for name in ("name", "owner", "hypothesis", "metric", "currency", "state", "who")}
    return Initiative(
        number=int(row["initiative"]), version=int(row["version"]), target=_filters(row["target"]),
        comparison=_filters(row["comparison"]), start=_day(row["start"]), expected=float(row["expected"]),
        last_day=None if pd.isna(row["last_day"]) else _day(row["last_day"]), change=str(row["change"]),
        cost=None if pd.isna(row["cost"]) else float(row["cost"]), sample=bool(row["sample"]),
        at=pd.Timestamp(row["at"]).isoformat(timespec="seconds"), **texts,
    )  # fmt: skip


def _filters(text: str) -> Filters:
    return tuple((str(name), tuple(map(str, values))) for name, values in json.loads(text).items())


def _day(value: Any) -> datetime.date:
    return pd.Timestamp(value).date()


def _short(day: str) -> str:
    return short_date(datetime.date.fromisoformat(day))


def _newest(versions: Iterable[Initiative]) -> tuple[Initiative, ...]:
    return tuple({one.number: one for one in versions}.values())


def initiatives(ledger: Ledger) -> tuple[Initiative, ...]:
    """The newest version of every initiative, by number; those of the invented company are among them."""
    return _newest(_versions(ledger.read(_question())))


def registered(ledger: Ledger) -> tuple[Registered, ...]:
    """Every initiative as it stands, by number, with what was changed after its start."""
    versions = _versions(ledger.read(_question()))
    found = []
    for newest in _newest(versions):
        mine = [one for one in versions if one.number == newest.number]
        late = dict.fromkeys(name for before, after in itertools.pairwise(mine) for name in _late(before, after))
        looked_back = datetime.date.fromisoformat(mine[0].at[:10]) > mine[0].start
        found.append(Registered(newest, tuple(name for name in FIXED if name in late), looked_back, mine[0]))
    return tuple(found)


def _late(before: Initiative, after: Initiative) -> tuple[str, ...]:
    """Which fields of FIXED a version changed on or after the earlier of the two starts."""
    changed = [name for name in differing(plan_of(before), plan_of(after)) if name in FIXED]
    day = datetime.date.fromisoformat(after.at[:10])
    return tuple(changed) if day >= min(before.start, after.start) else ()


def visible(given: Iterable[Registered], holds_sample: bool) -> tuple[Registered, ...]:
    """Those that are about the data at hand: the invented company's only while it is shown."""
    return tuple(one for one in given if holds_sample or not one.initiative.sample)


def history(ledger: Ledger, number: int) -> pd.DataFrame:
    """Every version of an initiative, the newest first: version, at (UTC), who, what (what changed, in words), why,
    after_start (whether it changed what is measured after the start)."""
    mine = [one for one in _versions(ledger.read(_question())) if one.number == number]
    rows = []
    for place, one in enumerate(mine):
        before = mine[place - 1] if place else None
        rows.append({
            "version": one.version, "at": pd.Timestamp(one.at), "who": one.who, "what": _what(before, one),
            "why": one.change, "after_start": bool(before and _late(before, one)),
        })  # fmt: skip
    columns = ["version", "at", "who", "what", "why", "after_start"]
    return pd.DataFrame(rows, columns=columns).iloc[::-1].reset_index(drop=True)


def _what(before: Initiative | None, after: Initiative) -> str:
    """What a version changed: "start: 2026-05-01 → 2026-06-01; state: planned → running"."""
    if before is None:
        return REGISTERED
    old, new = field_words(plan_of(before)), field_words(plan_of(after))
    names = dict.fromkeys("cost" if name == "currency" else name for name in differing(plan_of(before), plan_of(after)))
    sides = {
        name: (old[name], new[name]) if old[name] != new[name] else (getattr(before, name), getattr(after, name))
        for name in names  # what is too close to differ in words is told in full
    }
    return "; ".join(f"{WORDS[name]}: {was} → {now}" for name, (was, now) in sides.items())


def event_title(initiative: Initiative) -> str:
    """How an initiative is called on a trend: its name and whom it is for, "Callback promise (Care North)"."""
    values = [value for name, those in initiative.target if name in DIMENSIONS for value in those]
    return f"{initiative.name} ({', '.join(values)})" if values else initiative.name
