"""Every metric computed a second time, in plain pandas, from the rows of the files and not from derived columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from cx_metrics.journey import Limits
from cx_metrics.scope import NOT_GIVEN, Scope
from tests.metrics.gap_oracle import GapOracle, GapSide
from tests.metrics.signal_oracle import SIGNALS, contacts_of, signalled
from tests.metrics.words_oracle import replies

Frame = pd.DataFrame
Figure = tuple[float, float]  # n, value
CANCELLED = ("canceled", "cancelled", "refunded", "returned", "voided", "unavailable", "failed")
PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Oracle:
    """fact: name of the rows. time: their time column. figure: n and value of some of the rows."""

    fact: str
    time: str
    figure: Callable[[Frame], Figure]

    def figures(
        self, facts: Mapping[str, Frame], scope: Scope, by: Sequence[str], every: str | None
    ) -> dict[Any, Figure]:
        """Key (period, dimensions; missing = None) -> figure; cells without rows are left out."""
        rows = facts[self.fact]
        rows = rows[_within(rows, scope, self.time)]
        if not by and every is None:
            return {(): self.figure(rows)}
        keys = [_bucket(rows[self.time], every)] if every else []
        keys += [rows[name] for name in by]
        parts = rows.groupby(keys, dropna=False)
        found = {tuple(None if pd.isna(k) else k for k in key): self.figure(part) for key, part in parts}
        return {key: figure for key, figure in found.items() if figure[0] > 0}


def _within(rows: Frame, scope: Scope, time: str) -> pd.Series:
    inside = pd.Series(True, index=rows.index)
    if scope.start is not None:
        inside &= rows[time] >= pd.Timestamp(scope.start)
    if scope.end is not None:
        inside &= rows[time] < pd.Timestamp(scope.end) + pd.Timedelta(days=1)
    for name, values in scope.filters:
        inside &= rows[name].isin(values) | (rows[name].isna() & (NOT_GIVEN in values))
    return inside


def _bucket(times: pd.Series, every: str) -> pd.Series:
    return times.dt.to_period(PERIODS[every]).dt.start_time


# --- facts from rows ---------------------------------------------------------------------------------------------


def facts_of(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Frame]:
    """Rows as metrics see them, with the attributes of their customers."""
    contacts, orders = signalled(contacts_of(tables), Limits()), _orders(tables)
    activity = pd.concat([
        contacts[["customer_id", "occurred_at"]].set_axis(["customer_id", "happened_at"], axis=1),
        orders[["customer_id", "ordered_at"]].set_axis(["customer_id", "happened_at"], axis=1),
    ])  # fmt: skip
    seen = max(contacts["occurred_at"].max(), orders["ordered_at"].max())
    facts = {
        "contacts": contacts,
        "answers": _answers(tables, contacts, orders),
        "orders": orders,
        "activity": activity,
        "cohorts": _cohorts(orders),
        "rolling": _cohorts(orders, rolling=True),
        "replied": _replied(tables, contacts),
        "replies": replies(tables, contacts),
        "idle": _idle(orders),
        "subscribers": _subscribers(tables, seen),
        "paying": _paying(tables, seen),
    }
    customers = pd.DataFrame(tables["customers"])
    customers = customers.assign(generation=customers["birth_year"].map(_generation, na_action="ignore"))
    customers = customers[["customer_id", "region", "segment", "country", "generation"]]
    return {name: rows.assign(source="csv").merge(customers, "left", on="customer_id") for name, rows in facts.items()}


def _generation(year: float) -> str:
    last = {1945: "1880-1945 (Silent)", 1964: "1946-1964 (Boomers)", 1980: "1965-1980 (Generation X)",
            1996: "1981-1996 (Millennials)", 2012: "1997-2012 (Generation Z)", 9999: "2013 on (Alpha)"}  # fmt: skip
    return next(name for until, name in last.items() if year <= until)


def _replied(tables: Mapping[str, Sequence[Mapping[str, Any]]], contacts: Frame) -> Frame:
    """Contacts with messages, and how many of them agents wrote."""
    said = pd.DataFrame(tables["messages"])
    replies = (said["author"] == "agent").groupby(said["interaction_id"]).sum().rename("replies")
    return contacts.merge(replies, left_on="interaction_id", right_index=True)


def under(facts: Mapping[str, Frame], limits: Limits) -> dict[str, Frame]:
    """The same facts, with what limits decide decided anew."""
    return {**facts, "contacts": signalled(facts["contacts"], limits)}


def _frame(rows: Sequence[Mapping[str, Any]], times: Sequence[str], numbers: Sequence[str] = ()) -> Frame:
    frame = pd.DataFrame(list(rows)).astype(object)
    for name in times:
        frame[name] = pd.to_datetime(frame[name])
    for name in numbers:
        frame[name] = frame[name].astype(float)
    return frame.where(frame.notna(), None) if not times else frame


def _orders(tables: Mapping[str, Any]) -> Frame:
    rows = _frame(tables["orders"], ("ordered_at", "promised_at", "delivered_at"), ("amount",))
    rows = rows.sort_values(["ordered_at", "order_id"]).reset_index(drop=True)
    late = rows["delivered_at"].dt.normalize() > rows["promised_at"].dt.normalize()
    rows["delivery"] = late.map({True: "late", False: "on time"})
    rows.loc[rows["promised_at"].isna(), "delivery"] = None
    rows.loc[rows["delivered_at"].isna(), "delivery"] = "not delivered"
    rows["number"] = rows.groupby("customer_id").cumcount() + 1
    rows["kept"] = ~rows["status"].str.lower().isin(CANCELLED)
    rows["month"] = rows["ordered_at"].dt.to_period("M")
    return rows


def _answers(tables: Mapping[str, Any], contacts: Frame, orders: Frame) -> Frame:
    numbers = ("score", "scale_min", "scale_max", "weight")
    rows = _frame(tables["survey_answers"], ("invited_at", "answered_at"), numbers).fillna({"weight": 1.0})
    given = rows[["channel", "team"]]
    about = contacts.set_index("interaction_id")
    for name in ("channel", "touchpoint", "reason", "team", "handled_by"):
        rows[name] = rows["interaction_id"].map(about[name])
    for name in given:  # what the file says, where no contact does
        rows[name] = rows[name].where(rows[name].notna(), given[name])
    for name in ("customer_id", "stage"):
        rows[name] = rows[name].where(rows[name].notna(), rows["interaction_id"].map(about[name]))
    bought = orders.set_index("order_id")
    rows["delivery"] = rows["order_id"].map(bought["delivery"])
    rows["customer_id"] = rows["customer_id"].where(
        rows["customer_id"].notna(), rows["order_id"].map(bought["customer_id"])
    )
    return _latest(rows)


def _latest(rows: Frame) -> Frame:
    """Mark the answers that count, and the row that stands for each invitation."""
    asked = rows["invited_at"].fillna(rows["answered_at"]).dt.date.astype(str)
    about = rows["interaction_id"].where(rows["interaction_id"].notna(), rows["order_id"])
    rows["wave"] = about.where(about.notna(), asked)
    rows["at"] = rows["answered_at"].fillna(rows["invited_at"])
    rows["given"] = rows["score"].notna()
    rows = rows.sort_values(["given", "at", "answer_id"], ascending=False).reset_index(drop=True)
    item = ["customer_id", "wave", "respondent", "instrument", "dimension", "stage"]
    anonymous = rows["customer_id"].isna()
    rows["counts"] = (rows.groupby(item, dropna=False).cumcount() == 0) | anonymous
    rows["undated"] = rows["invited_at"].isna()
    rows = rows.sort_values("undated", kind="stable").reset_index(drop=True)
    anonymous, sending = rows["customer_id"].isna(), rows.groupby(["customer_id", "wave"], dropna=False)
    rows["invitation"] = (sending.cumcount() == 0) | anonymous
    answered = rows["answered_at"].notna()
    rows["responded"] = answered.where(
        anonymous, answered.groupby([rows["customer_id"], rows["wave"]]).transform("max")
    )
    return rows


def _cohorts(orders: Frame, rolling: bool = False) -> Frame:
    """One row per first-time buyer and each of the twelve following months that is over; hit: came in it (or later)."""
    last = orders["month"].max()
    rows = []
    for customer, theirs in orders.groupby("customer_id"):
        first, months = theirs["ordered_at"].min(), set(theirs["month"])
        for step in range(1, 13):
            month = first.to_period("M") + step
            if month < last:
                rows.append((customer, first, step, month in months or (rolling and max(months) > month)))
    return Frame(rows, columns=["customer_id", "first_ordered_at", "months_since", "hit"])


def _idle(orders: Frame) -> Frame:
    """One row per customer and month with an order in the six months before; hit: no order since six months."""
    last = orders["month"].max()
    rows = []
    for customer, theirs in orders.groupby("customer_id"):
        months = set(theirs["month"])
        for month in pd.period_range(min(months), last - 1, freq="M"):
            before = [back for back in range(1, 7) if month - back in months]
            if before:
                rows.append((customer, month.start_time, before == [6] and month not in months))
    return Frame(rows, columns=["customer_id", "month", "hit"])


def _subscribers(tables: Mapping[str, Any], seen: pd.Timestamp) -> Frame:
    """One row per customer and month that began with a subscription; hit: none when it ended."""
    rows = _frame(tables["subscriptions"], ("started_at", "ended_at")).dropna(subset=["customer_id"])
    last = max(seen, rows["started_at"].max()).to_period("M")
    started = rows["started_at"].dt.to_period("M")
    ended = rows["ended_at"].dt.to_period("M").where(rows["ended_at"].notna(), last)
    found = []
    for month in pd.period_range(started.min(), last - 1, freq="M"):
        at_start = set(rows["customer_id"][(started < month) & (ended >= month)])
        at_end = set(rows["customer_id"][(started <= month) & (ended > month)])
        found += [(customer, month.start_time, customer not in at_end) for customer in sorted(at_start)]
    return Frame(found, columns=["customer_id", "month", "hit"])


def _paying(tables: Mapping[str, Any], seen: pd.Timestamp) -> Frame:
    """One row per customer, currency and month that began with a subscription: paid a month at its start and end."""
    rows = _frame(tables["subscriptions"], ("started_at", "ended_at"), ("monthly_amount",))
    rows = rows.dropna(subset=["customer_id"]).fillna({"currency": ""})
    last = max(seen, rows["started_at"].max()).to_period("M")
    started, ended = (rows[name].dt.to_period("M") for name in ("started_at", "ended_at"))
    found = []
    for month in pd.period_range(started.min(), last - 1, freq="M"):
        before = (started < month) & (ended.isna() | (ended >= month))
        after = (started <= month) & (ended.isna() | (ended > month))
        for key in sorted(set(rows.loc[before, ["customer_id", "currency"]].itertuples(index=False, name=None))):
            mine = (rows["customer_id"] == key[0]) & (rows["currency"] == key[1])
            amounts = [rows.loc[mine & side, "monthly_amount"] for side in (before, after)]
            if not pd.concat(amounts).isna().any() and amounts[0].sum() > 0:
                sums = [float(side.sum()) for side in amounts]
                found.append((key[0], key[1] or None, month.start_time, *sums))
    return Frame(found, columns=["customer_id", "currency", "month", "begins", "ends"])


# --- figures -------------------------------------------------------------------------------------------------------


def _share(counted: Callable[[Frame], Any], hit: Callable[[Frame], Any]) -> Callable[[Frame], Figure]:
    def figure(rows: Frame) -> Figure:
        hits = hit(rows[counted(rows).astype(bool)]).astype(float)
        return len(hits), 100 * hits.mean()

    return figure


def _signal(name: str) -> Callable[[Frame], Figure]:
    return _share(lambda rows: rows[f"can {name}"], lambda rows: rows[name])


def _distinct(column: str) -> Callable[[Frame], Figure]:
    """Of all cases or customers, those with friction in one of their contacts."""

    def figure(rows: Frame) -> Figure:
        there = rows.loc[rows["old"] & rows[column].notna()].groupby(column)["friction"].max()
        return len(there), 100 * there.astype(float).mean()

    return figure


def _pooled(rows: Frame) -> Figure:
    return len(rows), 100 * rows["hit"].astype(float).mean()


def _paid(gross: bool) -> Callable[[Frame], Figure]:
    """Of what was paid, what is still paid; gross: no customer more than before."""

    def figure(rows: Frame) -> Figure:
        if rows["currency"].nunique(dropna=False) != 1:
            return len(rows), math.nan
        left = rows[["begins", "ends"]].min(axis=1) if gross else rows["ends"]
        return len(rows), 100 * left.sum() / rows["begins"].sum()

    return figure


def _quantile(column: str, q: float) -> Callable[[Frame], Figure]:
    return lambda rows: (rows[column].count(), rows[column].quantile(q))


def _average(column: str) -> Callable[[Frame], Figure]:
    return lambda rows: (rows[column].count(), rows[column].mean())


def _shown(kind: str) -> Callable[[Frame], Figure]:
    return _share(_known(f"empathy_{kind}"), lambda rows: rows[f"empathy_{kind}"] >= 1)


def _resolution(q: float) -> Callable[[Frame], Figure]:
    def figure(rows: Frame) -> Figure:
        resolved = rows["case_outcome"] == "resolved"
        first, hours = rows["case_contact"] == 1, rows["case_resolved_seconds"] / 3600
        known = first & rows["case_outcome"].notna() & ~(resolved & hours.isna())
        rows, hours = rows[known], hours[known]
        if rows.empty:
            return 0, math.nan
        curve = SurvfuncRight(hours.fillna(rows["so_far"]).to_numpy(), hours.notna().astype(int).to_numpy())
        reached = curve.surv_times[curve.surv_prob <= 1 - q + 1e-9]
        return len(rows), reached[0] if len(reached) else math.nan

    return figure


def _asked(rows: Frame, instrument: str) -> Frame:
    mine = (rows["instrument"] == instrument) & (rows["respondent"] == "customer")
    return rows[mine & rows["counts"] & rows["score"].notna()]


def _satisfied(rows: Frame) -> pd.Series:
    return rows["score"] > rows["scale_max"] - rows["scale_max"].map({1: 1, 5: 2, 10: 2})


def _csat(rows: Frame) -> Figure:
    hits = _satisfied(_asked(rows, "csat"))
    return len(hits), 100 * hits.astype(float).mean()


def _csat_mean(rows: Frame) -> Figure:
    rows = _asked(rows, "csat")
    return len(rows), (100 * (rows["score"] - rows["scale_min"]) / (rows["scale_max"] - rows["scale_min"])).mean()


def _csat_weighted(rows: Frame) -> Figure:
    rows = _asked(rows, "csat")
    weight = rows["weight"].sum()
    return len(rows), 100 * rows["weight"][_satisfied(rows)].sum() / weight if weight else math.nan


def _nps(rows: Frame, weighted: bool = False) -> Figure:
    rows = _asked(rows, "nps")
    side = (rows["score"] >= 9).astype(float) - (rows["score"] <= 6)
    weight = rows["weight"] if weighted else rows["weight"] * 0 + 1
    return len(rows), 100 * (side * weight).sum() / weight.sum() if len(rows) else math.nan


def _ease(rows: Frame) -> pd.Series:
    """Ease on 1-7: the old scale asks for effort from 1 to 5."""
    rows = _asked(rows, "ces")
    return rows["score"].where(rows["scale_max"] == 7, 1.5 * (5 - rows["score"]) + 1)


def _revenue(rows: Frame) -> Figure:
    rows = rows[rows["kept"] & rows["amount"].notna()]
    return len(rows), rows["amount"].sum() if rows["currency"].nunique(dropna=False) == 1 else math.nan


def _repeat_purchase(rows: Frame) -> Figure:
    rows = rows[rows["kept"] & rows["customer_id"].notna()]
    buyers = rows["customer_id"].nunique()
    return buyers, 100 * rows["customer_id"][rows["number"] > 1].nunique() / buyers if buyers else math.nan


def _active(rows: Frame) -> Figure:
    return rows["customer_id"].nunique(), rows["customer_id"].nunique()


def _known(column: str) -> Callable[[Frame], Any]:
    return lambda rows: rows[column].notna()


def _contact(figure: Callable[[Frame], Figure]) -> Oracle:
    return Oracle("contacts", "occurred_at", figure)


def _answer(figure: Callable[[Frame], Figure]) -> Oracle:
    return Oracle("answers", "answered_at", figure)


def _resolved(rows: Frame) -> Any:
    return rows["outcome"] == "resolved"


ORACLES: dict[str, Oracle | GapOracle | GapSide] = {
    "csat": _answer(_csat),
    "csat_mean": _answer(_csat_mean),
    "csat_weighted": _answer(_csat_weighted),
    "nps": _answer(_nps),
    "nps_weighted": _answer(lambda rows: _nps(rows, weighted=True)),
    "ces": _answer(lambda rows: (len(_ease(rows)), 100 * (_ease(rows) >= 5).astype(float).mean())),
    "ces_mean": _answer(lambda rows: (len(_ease(rows)), _ease(rows).mean())),
    "expectation": GapSide("expectation"),
    "experience": GapSide("experience"),
    "belief": GapSide("belief"),
    "believed_expectation": GapSide("believed_expectation"),
    "experience_good": GapSide("experience", good=True),
    "belief_good": GapSide("belief", good=True),
    "service_gap": GapOracle("experience", "expectation"),
    "service_gap_weighted": GapOracle("experience", "expectation", weighted=True),
    "belief_gap": GapOracle("belief", "experience", general=True),
    "knowledge_gap": GapOracle("believed_expectation", "expectation", general=True),
    "response_rate": Oracle("answers", "invited_at", _share(
        lambda rows: (rows["respondent"] == "customer") & rows["invitation"] & rows["invited_at"].notna(),
        lambda rows: rows["responded"].astype(bool),
    )),
    "contacts": _contact(lambda rows: (len(rows), len(rows))),
    "wait_median": _contact(_quantile("wait_seconds", 0.5)),
    "wait_p90": _contact(_quantile("wait_seconds", 0.9)),
    "wait_mean": _contact(lambda rows: (rows["wait_seconds"].count(), rows["wait_seconds"].mean())),
    "handle_mean": _contact(lambda rows: (rows["handle_seconds"].count(), rows["handle_seconds"].mean())),
    "fcr_one_touch": Oracle("replied", "occurred_at", _share(
        lambda rows: _resolved(rows) & (rows["replies"] >= 1), lambda rows: rows["replies"] == 1
    )),
    "fcr_surveyed": _answer(lambda rows: (len(_asked(rows, "resolved")), 100 * _asked(rows, "resolved")["score"].mean())),
    "handle_median": _contact(_quantile("handle_seconds", 0.5)),
    "handle_p90": _contact(_quantile("handle_seconds", 0.9)),
    "resolution_median": _contact(_resolution(0.5)),
    "resolution_p90": _contact(_resolution(0.9)),
    "fcr": _contact(_share(lambda rows: _resolved(rows) & rows["judged"], lambda rows: ~rows["returned"])),
    "fcr_no_reopen": _contact(
        _share(lambda rows: _resolved(rows) & rows["reopens"].notna(), lambda rows: rows["reopens"] == 0)
    ),
    "durable_self_service": _contact(_share(
        lambda rows: rows["handled_by"].isin(["bot", "self_service"]) & rows["outcome"].notna() & rows["judged"],
        lambda rows: _resolved(rows) & ~rows["returned"],
    )),
    "friction_rate": _contact(_share(lambda rows: rows["old"], lambda rows: rows["friction"])),
    "friction_rate_of_cases": _contact(_distinct("case_key")),
    "friction_rate_of_customers": _contact(_distinct("customer_id")),
    **{f"{name}_rate": _contact(_signal(name)) for name in SIGNALS if name != "repeated_information"},
    "repeated_information": _contact(_signal("repeated_information")),
    "sentiment": _contact(_average("mood_end")),
    "sentiment_start": _contact(_average("mood_start")),
    "sentiment_lowest": _contact(_average("mood_lowest")),
    "emotion_recovery": _contact(_share(
        lambda rows: rows["upset"] & rows["mood_end"].notna()
        & ((rows["moods"] >= 2) | rows["sentiment_start"].notna()),
        lambda rows: rows["recovered"],
    )),
    **{f"empathy_{kind}": _contact(_shown(kind)) for kind in ("cognitive", "emotional", "compassionate")},
    "empathy_when_upset": _contact(_share(
        lambda rows: rows["upset"] & rows["empathy_emotional"].notna(), lambda rows: rows["empathy_emotional"] >= 1,
    )),
    "scripted_share": Oracle("replies", "occurred_at", _share(
        lambda rows: rows["skeleton"] != "", lambda rows: rows["scripted"],
    )),
    "escalation_free_resolution": _contact(
        _share(_known("outcome"), lambda rows: _resolved(rows) & ~(rows["transfers"] > 0))
    ),
    "proactive_share": _contact(_share(_known("initiated_by"), lambda rows: rows["warned"])),
    "cohort_retention": Oracle("cohorts", "first_ordered_at", _pooled),
    "cohort_retention_rolling": Oracle("rolling", "first_ordered_at", _pooled),
    "churn": Oracle("subscribers", "month", _pooled),
    "inactivity_churn": Oracle("idle", "month", _pooled),
    "nrr": Oracle("paying", "month", _paid(gross=False)),
    "grr": Oracle("paying", "month", _paid(gross=True)),
    "active_customers": Oracle("activity", "happened_at", _active),
    "revenue": Oracle("orders", "ordered_at", _revenue),
    "repeat_purchase": Oracle("orders", "ordered_at", _repeat_purchase),
}  # fmt: skip
