"""What an initiative is: a project that is to remove a cause, and what is fixed when it is registered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

Filters = tuple[tuple[str, tuple[str, ...]], ...]  # dimension -> values, as in a scope: (("team", ("Care North",)),)
STATES = ("planned", "running", "finished", "stopped")


@dataclass(frozen=True)
class Initiative:
    """number, version: of the register; the first version's plan counts as what was fixed beforehand. name, owner,
    hypothesis: in people's words. metric: name of the target metric. target, comparison: whom it is for, and whom it is
    compared with (() = nobody). start: its first day. last_day: after it the effect is no longer looked at. expected:
    the effect that is hoped for, in the metric's unit, with its sign. cost: money spent, None = not said, in currency.
    state: one of STATES. change: why this version was written. who, at: by whom and when (UTC, ISO). sample: whether
    it belongs to the invented company."""

    number: int
    version: int
    name: str
    owner: str
    hypothesis: str
    metric: str
    target: Filters
    comparison: Filters
    start: datetime.date
    last_day: datetime.date | None
    expected: float
    cost: float | None
    currency: str
    state: str
    change: str
    who: str
    at: str
    sample: bool = False
