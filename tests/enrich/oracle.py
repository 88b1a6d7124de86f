"""The measures of contacts computed a second time, contact by contact in plain Python, from the rows of the files."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.measures import MEASURES
from cx_metrics.model import interactions
from cx_metrics.warehouse import Warehouse

Row = Mapping[str, Any]
Found = dict[str, Any]
_HOUR = timedelta(hours=1)


def measured(contacts: Sequence[Row], episode_hours: float = 72.0) -> pd.DataFrame:
    """The measures, by interaction_id. `case_key` is a number per case, in no order."""
    rows = sorted(contacts, key=lambda row: (row["occurred_at"], row["interaction_id"]))
    found: dict[str, Found] = {row["interaction_id"]: {"hours_late": _late(row)} for row in rows}
    matters, places = defaultdict(list), defaultdict(list)
    for row in rows:
        if row.get("customer_id") is not None:
            matters[row["customer_id"], row.get("reason")].append(row)
            if row.get("stage") is not None:
                places[row["customer_id"], row["stage"]].append(row)
    for mine in matters.values():
        _neighbours(mine, found, "hours_since_previous", "hours_until_next")
        for row, following in itertools.pairwise(mine):
            returned = {
                "return_channel": following.get("channel"),
                "next_handle_seconds": following.get("handle_seconds"),
            }
            found[row["interaction_id"]] |= returned
        _began_first(mine, found)
    for mine in places.values():
        _neighbours(mine, found, "hours_since_same_stage", "hours_until_same_stage")
    for number, case in enumerate(cases(rows, list(matters.values()), episode_hours)):
        _within_case(case, number, found)
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("interaction_id")


def compare(warehouse: Warehouse, contacts: Sequence[Row], episode_hours: float = 72.0) -> None:
    """Raise AssertionError unless the warehouse holds these contacts with these measures; numbers of cases may differ."""
    found = warehouse.read(sa.select(interactions)).set_index("interaction_id").sort_index()
    wanted = measured(contacts, episode_hours).reindex(columns=list(MEASURES)).sort_index()
    assert found.index.tolist() == wanted.index.tolist()
    for name in MEASURES:
        mine, theirs = found[name], wanted[name]
        if name == "case_key":
            mine, theirs = (pd.Series(pd.factorize(keys)[0], index=keys.index) for keys in (mine, theirs))
        same = (mine.isna() & theirs.isna()) | (mine == theirs)
        if pd.api.types.is_numeric_dtype(theirs):
            same |= pd.Series(np.isclose(mine.astype(float), theirs.astype(float), rtol=1e-12, atol=1e-9), mine.index)
        assert same.all(), pd.DataFrame({"found": mine, name: theirs})[~same].head()


def cases(rows: Sequence[Row], matters: Sequence[Sequence[Row]], episode_hours: float) -> list[list[Row]]:
    """The contacts of each case in their order: of the source's own cases, of episodes, and single ones."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row.get("case_id") is not None:
            found["own", row.get("customer_id"), row["case_id"]].append(row)
        elif row.get("customer_id") is None:
            found["single", row["interaction_id"]].append(row)
    for mine in matters:
        loose, first = [row for row in mine if row.get("case_id") is None], 0
        for place, row in enumerate(loose):
            if place and row["occurred_at"] - loose[place - 1]["occurred_at"] > episode_hours * _HOUR:
                first = place
            found["episode", row["customer_id"], row.get("reason"), first].append(row)
    return list(found.values())


def _late(row: Row) -> float | None:
    promised, ended = row.get("promised_at"), row.get("ended_at")
    if promised is None or ended is None:
        return None
    if promised.time() == time():  # a day, which is kept until it is over
        promised += timedelta(days=1)
    late: float = (ended - promised) / _HOUR
    return late


def _neighbours(rows: Sequence[Row], found: Mapping[str, Found], since: str, until: str) -> None:
    for row, following in itertools.pairwise(rows):
        apart = (following["occurred_at"] - row["occurred_at"]) / _HOUR
        found[row["interaction_id"]][until] = found[following["interaction_id"]][since] = apart


def _began_first(rows: Sequence[Row], found: Mapping[str, Found]) -> None:
    """Contacts without a case: whether the customer had begun one of these before."""
    began = 0
    for row in rows:
        if row.get("case_id") is None:
            found[row["interaction_id"]]["customer_began_first"] = began
        began = max(began, int(row.get("initiated_by") == "customer"))


def _within_case(rows: Sequence[Row], number: int, found: Mapping[str, Found]) -> None:
    whole = {"case_key": number, "case_contacts": len(rows), "case_outcome": rows[-1].get("outcome"),
             "case_resolved_seconds": _resolved_seconds(rows)}  # fmt: skip
    began, visits = 0, dict[str, int]()
    for place, row in enumerate(rows):
        before, after = (rows[place - 1] if place else {}), (rows[place + 1] if place + 1 < len(rows) else {})
        mine, stage = found[row["interaction_id"]], row.get("stage")
        mine |= whole | {"case_contact": place + 1}
        if after:
            mine["case_hours_until_next"] = (after["occurred_at"] - row["occurred_at"]) / _HOUR
        for name in ("channel", "stage", "handled_by"):
            mine[f"previous_{name}"], mine[f"next_{name}"] = before.get(name), after.get(name)
        for name, given in (("team_hop", "team"), ("agent_hop", "agent_id")):
            mine[name] = int(None not in (before.get(given), row.get(given)) and before[given] != row[given])
        if stage is not None:
            again = stage in visits and before.get("stage") not in (None, stage)
            visits[stage] = visits.get(stage, 1) + again
            mine["stage_visits"] = visits[stage]
        if row.get("case_id") is not None or row.get("customer_id") is None:
            mine["customer_began_first"] = began
        began = max(began, int(row.get("initiated_by") == "customer"))


def _resolved_seconds(rows: Sequence[Row]) -> float | None:
    """From the case's first contact to the end of its last, which must be resolved and have one."""
    last = rows[-1]
    ended: datetime | None = last.get("ended_at")
    if ended is None and None not in (last.get("wait_seconds"), last.get("handle_seconds")):
        ended = last["occurred_at"] + timedelta(seconds=last["wait_seconds"] + last["handle_seconds"])
    if last.get("outcome") != "resolved" or ended is None:
        return None
    return (ended - rows[0]["occurred_at"]).total_seconds()
