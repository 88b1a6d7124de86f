"""The pages' questions answered by pandas from the CSV files: read what is needed, join, group, count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cx_metrics.enrich.words import phrases
from tests.benchmarks.figures import Figures, KaplanMeier, Ranks, of_counts

_DAY, _WEEK, _EPISODE = pd.Timedelta(days=1), pd.Timedelta(days=7), pd.Timedelta(hours=72)
Rows = pd.DataFrame
Periods = dict[str, tuple[Any, Any, str | None, str | None]]  # name -> start, day after the end, every, by


def read(folder: Path, table: str, columns: Sequence[str] | None, times: Sequence[str]) -> Rows:
    return pd.read_csv(folder / f"{table}.csv", usecols=columns, parse_dates=list(times))


def asked(rows: Rows, time: str, start: Any, end: Any, every: str | None, by: str | None) -> tuple[Rows, list[Any]]:
    """The rows of a period, and what to group them by."""
    part = rows[(rows[time] >= pd.Timestamp(start)) & (rows[time] < pd.Timestamp(end))]
    period = [part[time].dt.to_period("M").dt.start_time.rename("period")] if every else []
    return part, period + ([part[by]] if by else [])


def counts(rows: Rows, groups: list[Any]) -> Rows:
    """Sums of the columns with "__" in their names."""
    summed = rows[[name for name in rows.columns if "__" in name]]
    return summed.groupby(groups, dropna=False).sum().reset_index() if groups else summed.sum().to_frame().T


def contacts(folder: Path) -> Rows:
    """Contacts with what is counted of them, and with their neighbours."""
    names = ["interaction_id", "customer_id", "case_id", "occurred_at", "ended_at", "channel", "stage", "reason", "initiated_by",
             "handled_by", "wait_seconds", "handle_seconds", "transfers", "reopens", "outcome", "promised_at"]  # fmt: skip
    rows = read(folder, "interactions", names, ["occurred_at", "ended_at", "promised_at"])
    rows = rows.sort_values(["customer_id", "reason", "occurred_at", "interaction_id"])
    matter = rows.groupby(["customer_id", "reason"], dropna=False, sort=False)
    following, known = matter["occurred_at"].shift(-1), rows["customer_id"].notna()
    rows["by_customer"] = (rows["initiated_by"] == "customer").astype(int)
    earlier = (matter["by_customer"].cumsum() - rows["by_customer"]).where(known, 0)
    resolved, machine = rows["outcome"] == "resolved", rows["handled_by"].isin(["bot", "self_service"])
    aged = rows["occurred_at"] <= rows["occurred_at"].max() - _WEEK
    old, final = known & aged, ~(known & (following - rows["occurred_at"] <= _WEEK))
    rows["fcr__n"], rows["fcr__hits"] = resolved & old, resolved & old & final
    rows["contacts__n"] = 1
    rows["durable_self_service__n"] = machine & rows["outcome"].notna() & old
    rows["durable_self_service__hits"] = machine & resolved & old & final
    rows["transfer_rate__n"], rows["transfer_rate__hits"] = rows["transfers"].notna(), rows["transfers"] > 0
    for name in ("abandonment_rate", "escalation_free_resolution"):
        rows[f"{name}__n"] = rows["outcome"].notna()
    rows["abandonment_rate__hits"] = rows["outcome"] == "abandoned"
    rows["escalation_free_resolution__hits"] = resolved & (rows["transfers"].fillna(0) == 0)
    rows["proactive_share__n"] = rows["initiated_by"].notna()
    rows["friction_rate__n"] = aged
    dead_end = machine & (rows["outcome"] == "unresolved")
    rows["friction_rate__hits"] = aged & (~final | dead_end | _went_wrong(rows) | _said_again(rows, folder))
    return _with_cases(rows, earlier)


def _went_wrong(rows: Rows) -> pd.Series:
    """The signals of friction that a contact's own row gives; the files hold no sentiment."""
    written = rows["channel"].isin(["web", "email", "social", "post"])
    slow = rows["wait_seconds"] > written.map({True: 86_400, False: 120})
    promised = rows["promised_at"]
    until = promised + pd.to_timedelta((promised == promised.dt.normalize()).astype(int), unit="D")
    still_open = rows["ended_at"].isna() & rows["outcome"].isna()
    late = (rows["ended_at"] > until) | (still_open & (promised < rows["occurred_at"].max() - _DAY))
    return slow | (rows["transfers"] > 0) | (rows["outcome"] == "abandoned") | (rows["reopens"] > 0) | late


def _said_again(rows: Rows, folder: Path) -> pd.Series:
    """Whether the customer says to have said it before."""
    said = read(folder, "messages", ["interaction_id", "author", "text"], [])
    said = said[said["author"] == "customer"]
    text = said["text"].str.lower().str.replace("’", "'")
    again = text.str.contains("|".join(re.escape(phrase).replace("%", ".*") for phrase in phrases()), na=False)
    return rows["interaction_id"].isin(said.loc[again, "interaction_id"])


def _cases(rows: Rows) -> pd.Series:
    """The key of each contact's case; where the source gives none, that of the first contact of its episode."""
    key = rows["case_id"].fillna(rows["interaction_id"])
    loose = rows[rows["case_id"].isna() & rows["customer_id"].notna()]
    apart = loose.groupby(["customer_id", "reason"], dropna=False, sort=False)["occurred_at"].diff()
    begins = apart.isna() | (apart > _EPISODE)
    key.loc[loose.index] = loose["interaction_id"].where(begins).ffill()
    return key


def _with_cases(rows: Rows, earlier: pd.Series) -> Rows:
    rows = rows.assign(case=_cases(rows), earlier=earlier)
    rows = rows.sort_values(["customer_id", "case", "occurred_at", "interaction_id"])
    case = rows.groupby(["customer_id", "case"], dropna=False, sort=False)
    rows["earlier"] = rows["earlier"].where(rows["case_id"].isna(), case["by_customer"].cumsum() - rows["by_customer"])
    rows["proactive_share__hits"] = (rows["initiated_by"] == "company") & (rows["earlier"] == 0)
    before = case["stage"].shift()
    entered = before.notna() & rows["stage"].notna() & (before != rows["stage"])
    loop = entered & rows.duplicated(["customer_id", "case", "stage"])
    rows["friction_rate__hits"] |= rows["friction_rate__n"] & loop
    lasted = (rows["ended_at"] - rows["occurred_at"]).dt.total_seconds()
    rows["over"] = lasted.fillna(rows["wait_seconds"] + rows["handle_seconds"])
    first, last = ~rows.duplicated(["customer_id", "case"]), ~rows.duplicated(["customer_id", "case"], keep="last")
    starts, ends = rows[first], rows[last]
    span = (ends["occurred_at"].to_numpy() - starts["occurred_at"].to_numpy()) / pd.Timedelta(hours=1)
    hours = pd.Series(span + ends["over"].to_numpy() / 3600).where((ends["outcome"] == "resolved").to_numpy())
    rows["case_outcome"] = pd.Series(ends["outcome"].to_numpy(), index=starts.index)
    rows["hours"] = pd.Series(hours.to_numpy(), index=starts.index)
    return rows


def resolutions(rows: Rows, groups: list[Any], last: Any) -> Rows:
    """Ends and numbers at risk by duration."""
    known = rows["case_outcome"].notna() & ((rows["case_outcome"] != "resolved") | rows["hours"].notna())
    rows = rows.assign(t=rows["hours"].fillna((last - rows["occurred_at"]) / pd.Timedelta(hours=1)))[known]
    names = [group.name for group in groups]
    times = rows.groupby([*(group[known] for group in groups), "t"])["hours"].agg(d="count", leave="size").reset_index()
    by = times.groupby(names) if names else times.assign(all=0).groupby("all")
    times["n"] = by["leave"].transform("sum")
    times["r"] = times["n"] - by["leave"].cumsum() + times["leave"]
    return times.loc[times["d"] > 0, [*names, "t", "d", "r", "n"]]


def answers(folder: Path) -> Rows:
    rows = read(folder, "survey_answers", None, ["invited_at", "answered_at"])
    given = rows["score"].notna()
    for name, hit in (("csat", rows["score"] >= 4), ("ces", rows["score"] >= 5)):
        asked_for = given & (rows["instrument"] == name)
        rows[f"{name}__n"], rows[f"{name}__hits"] = asked_for, asked_for & hit
    nps = given & (rows["instrument"] == "nps")
    rows["nps__n"], rows["nps__up"], rows["nps__down"] = nps, nps & (rows["score"] >= 9), nps & (rows["score"] <= 6)
    return rows


def waits(rows: Rows, groups: list[Any]) -> Rows:
    return (
        rows.groupby([*groups, rows["wait_seconds"].rename("x")], dropna=False)
        .size()
        .rename("rows_here")
        .reset_index()
        .dropna(subset="x")
    )


def overview(folder: Path, periods: Periods) -> dict[str, Figures]:
    """The headline figures of each period."""
    made, said = contacts(folder), answers(folder)
    orders = read(folder, "orders", None, ["ordered_at"]).sort_values(["customer_id", "ordered_at", "order_id"])
    orders["again"] = orders.duplicated("customer_id")
    subscriptions = read(folder, "subscriptions", None, ["started_at", "ended_at"])
    last = made["occurred_at"].max()
    found: dict[str, Figures] = {}
    for name, period in periods.items():
        figures: Figures = {}
        part, groups = asked(made, "occurred_at", *period)
        figures |= of_counts(counts(part, groups)) | Ranks("wait_median", 0.5)(waits(part, groups))
        figures |= KaplanMeier("resolution_median", 0.5)(resolutions(part, groups, last))
        figures |= of_counts(counts(*asked(said, "answered_at", *period)))
        invited, groups = asked(said, "invited_at", *period)
        sent = pd.DataFrame(
            {"response_rate__n": 1, "response_rate__hits": invited["answered_at"].notna()}, index=invited.index
        )
        figures |= of_counts(counts(sent, groups))
        found[name] = figures | _bought(made, orders, period) | _churn(subscriptions, last, *period[:3])
    return found


def _bought(made: Rows, orders: Rows, period: tuple[Any, ...]) -> Figures:
    doings = pd.concat(
        [
            made[["customer_id", "occurred_at"]],
            orders[["customer_id", "ordered_at"]].set_axis(["customer_id", "occurred_at"], axis=1),
        ]
    )
    part, groups = asked(doings, "occurred_at", *period)
    active = (
        part.groupby(groups)["customer_id"].nunique().reset_index()
        if groups
        else pd.DataFrame({"customer_id": [part["customer_id"].nunique()]})
    )
    part, groups = asked(orders[orders["status"] != "cancelled"], "ordered_at", *period)
    sums = part.assign(
        revenue__n=part["amount"].notna(), revenue__total=part["amount"], revenue__squares=part["amount"] ** 2
    )
    everyone, again = (rows.groupby(by)["customer_id"].nunique() if (by := [g[rows.index] for g in groups]) else rows["customer_id"].nunique()
                       for rows in (part, part[part["again"]]))  # fmt: skip
    shares = pd.DataFrame(
        {"repeat_purchase__n": everyone, "repeat_purchase__hits": again}, index=None if groups else [0]
    )
    found = of_counts(active.rename(columns={"customer_id": "active_customers__n"}))
    return found | of_counts(counts(sums, groups)) | of_counts(shares.reset_index(drop=not groups))


def _churn(rows: Rows, last: Any, start: Any, end: Any, every: str | None) -> Figures:
    starts = rows["started_at"].dt.to_period("M").dt.start_time
    ends = rows["ended_at"].dt.to_period("M").dt.start_time
    newest = max(last, rows["started_at"].max())
    found = []
    for month in pd.date_range(start, end, freq="MS", inclusive="left"):
        if month < newest.to_period("M").start_time:
            running = rows[(starts <= month) & ~(ends < month)]
            began = (starts[running.index] < month).groupby(running["customer_id"]).max()
            kept = (~(ends[running.index] <= month)).groupby(running["customer_id"]).max()
            found.append((month, began.sum(), (began & ~kept).sum()))
    table = pd.DataFrame(found, columns=["period", "churn__n", "churn__hits"])
    return of_counts(table if every else table.drop(columns="period").sum().to_frame().T)
