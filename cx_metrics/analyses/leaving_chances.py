"""Contacts whose customers can be seen to have left or not, with what the customers had met up to then.

Every contact counts, not only each customer's last one: to be the last says that no further one came, which is itself
a sign of having left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cx_metrics.analyses.customers_at_risk import BANDS, LOOK_BACK_DAYS
from cx_metrics.analyses.follow_ups import follow_ups
from cx_metrics.analyses.leaving import DAY, SUBSCRIPTION, Rule
from cx_metrics.metrics.signals import Signal
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

HORIZON_DAYS = 180  # within how many days after a contact leaving counts
LIMIT = 50_000  # contacts
Array = npt.NDArray[np.float64]


def leaving_chances(warehouse: Warehouse, scope: Scope, rule: Rule, found: tuple[Signal, ...]) -> pd.DataFrame:
    """One row per contact of the scope that enough days of data follow; at most LIMIT, of whole customers.

    customer_id; pattern, band, segment, quarter, group: as in `Patterns`, of the contact and those of the days before;
    left_us (1: the customer left, or did not order, between the end of the window and HORIZON_DAYS after the contact).
    """
    rows, _ = follow_ups(warehouse, scope, rule, found, LIMIT)
    pattern, contacts = lately(rows, len(found))
    rest = HORIZON_DAYS - scope.limits.repeat_days
    within = rows["until_event"] <= rest
    gone = within if rule is SUBSCRIPTION else ~within
    bands = np.array(BANDS)[np.searchsorted(BANDS, contacts, side="right") - 1]
    told = rows.assign(pattern=pattern, band=bands, left_us=gone.astype(float))
    columns = ["customer_id", "pattern", "band", "segment", "quarter", "group", "left_us"]
    return told.loc[rows["until_end"] >= rest, columns].reset_index(drop=True)


def lately(rows: pd.DataFrame, count: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Per contact: which signals its customer met in it or in the LOOK_BACK_DAYS before, as a number; and how many
    contacts those were. rows: as of `follow_ups`, each customer's together and by time. count: of signals."""
    seconds = (rows["at"] - rows["at"].min()).dt.total_seconds().to_numpy(float) if len(rows) else np.zeros(0)
    apart = seconds.max(initial=0.0) + 2 * DAY * LOOK_BACK_DAYS
    customer = pd.factorize(rows["customer_id"])[0]
    clock = seconds + apart * customer  # one line of time on which customers do not meet
    first = np.searchsorted(clock, clock - DAY * LOOK_BACK_DAYS, side="left")
    upto = np.searchsorted(clock, clock, side="right")
    pattern = np.zeros(len(rows), dtype=np.int64)
    for place in range(count):
        running = np.concatenate([[0.0], np.cumsum(rows[f"x{place}"].to_numpy(float))])
        pattern += (running[upto] > running[first]).astype(np.int64) << place
    return pattern, (upto - first).astype(np.int64)
