"""The pages' questions, asked of the product, and how its answers compare with those written by hand."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.analyses.conversation import moment
from cx_metrics.analyses.coverage import NEEDED, coverage, missing, months, not_measurable
from cx_metrics.analyses.customers import find_customers
from cx_metrics.analyses.loads import loaded, matched, matches, reasons, set_aside
from cx_metrics.analyses.overview import overview
from cx_metrics.analyses.timeline import customer, history
from cx_metrics.analyses.trend import trend
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.benchmarks import by_hand, frames, friction_questions
from tests.benchmarks import by_pandas as pandas_pages
from tests.benchmarks.figures import Figures, Ranks, of_counts

SCOPE = Scope(datetime.date(2024, 7, 1), datetime.date(2025, 6, 30))
_DAY = datetime.timedelta(days=1)
NOW, BEFORE = (
    (scope.start, scope.end + _DAY) for scope in (SCOPE, SCOPE.before()) if scope and scope.start and scope.end
)
PERIODS = {"now": (*NOW, None), "before": (*BEFORE, None), "course": (*NOW, "month")}
TRENDS = {
    ("fcr", "channel"): (by_hand.FCR, "occurred_at", of_counts),
    ("wait_median", "team"): (by_hand.WAITS, "occurred_at", Ranks("wait_median", 0.5)),
    ("csat", "region"): (by_hand.ANSWERS, "answered_at", of_counts),
}
TEXT, WHO, KEY = "c-0047", "C-004711", "I-00000001"
Pair = tuple[Callable[[], Any], Callable[[], Any]]


def pages(warehouse: Warehouse, connection: Any) -> Iterator[tuple[str, Pair]]:
    """Name, and the questions as the product asks them and by hand."""
    yield "overview", (lambda: overview(warehouse, SCOPE), lambda: by_hand.overview(connection, PERIODS))
    for (name, by), kind in TRENDS.items():
        yield f"trends: {name} by {by}", (
            lambda name=name, by=by: trend(warehouse, name, SCOPE, by, "month"),
            lambda kind=kind, by=by: by_hand.trend(connection, kind, NOW, BEFORE, by),
        )  # fmt: skip
    yield "customers", (lambda: _customers(warehouse), lambda: by_hand.customers(connection, TEXT, WHO, KEY))
    yield "data", (lambda: _data(warehouse), lambda: by_hand.data(connection, NEEDED))
    yield from friction_questions.pages(warehouse, connection)


def _customers(warehouse: Warehouse) -> dict[str, Any]:
    return {
        "found": find_customers(warehouse, TEXT), "person": customer(warehouse, WHO), "timeline": history(warehouse, WHO),
        "said": moment(warehouse, "contact", KEY),
    }  # fmt: skip


def _data(warehouse: Warehouse) -> dict[str, Any]:
    asked = (months, missing, not_measurable, loaded, reasons, set_aside, matches, matched)
    return {
        "tables": coverage(warehouse, SCOPE.end or datetime.date.today()),
        **{f.__name__: f(warehouse) for f in asked},
    }


def check(name: str, ours: Callable[[], Any], hand: Callable[[], Any]) -> None:
    """Raise AssertionError unless product and hand answer a page's questions the same."""
    if name in friction_questions.PAGES:
        friction_questions.check(name, ours(), hand())


def check_metrics(warehouse: Warehouse, connection: Any) -> None:
    """Raise AssertionError unless product and hand give the same figures, timelines and counts."""
    ours, hand = overview(warehouse, SCOPE), by_hand.overview(connection, PERIODS)
    for card in ours.cards:
        for name, found in (("now", card.figure), ("before", card.before)):
            _same(
                f"{card.metric.name} {name}",
                [found.n, found.value, found.low, found.high],
                hand[name][card.metric.name],
            )
        course = hand["course"][card.metric.name].sort_values("period")  # a card leaves out what has no value
        _same(f"{card.metric.name} course", list(card.spark), course[["value"]].dropna())
    assert {card.metric.name for card in ours.cards} == set(hand["now"]), "the overviews show different metrics"
    for (name, by), kind in TRENDS.items():
        _check_trend(trend(warehouse, name, SCOPE, by, "month"), by_hand.trend(connection, kind, NOW, BEFORE, by), name)
    mine, theirs = _customers(warehouse), by_hand.customers(connection, TEXT, WHO, KEY)
    assert sorted(mine["timeline"].rows["key"]) == sorted(theirs["timeline"]["key"]), "the timelines differ"
    assert len(mine["found"]) == len(theirs["found"]) and len(mine["said"].messages) == len(theirs["said"])
    mine, theirs = _data(warehouse), by_hand.data(connection, NEEDED)
    assert mine["months"]["rows"].sum() == theirs["months"]["rows"].sum() and not mine["not_measurable"]


def _check_trend(ours: Any, hand: Mapping[str, Figures], name: str) -> None:
    columns = ["n", "value", "low", "high"]
    total = ours.total
    _same(f"{name} total", [total.n, total.value, total.low, total.high], hand["now"][name])
    whole = ours.course[ours.course["group"] == "All"]
    _same(f"{name} course", whole[columns].to_numpy(), hand["course"][name].sort_values("period"))
    by_size = ours.groups.sort_values("group")
    theirs = hand["groups"][name]
    theirs = theirs.assign(group=theirs.iloc[:, 0].fillna("(not given)").astype(str)).sort_values("group")
    _same(f"{name} groups", by_size[columns].to_numpy(), theirs)


def _same(what: str, ours: Any, hand: pd.DataFrame) -> None:
    columns = [name for name in ("n", "value", "low", "high") if name in hand]
    mine, theirs = (np.asarray(x, dtype=float).ravel() for x in (ours, hand[columns].to_numpy(dtype=float)))
    assert mine.shape == theirs.shape, f"{what}: {mine} is not {theirs}"
    assert np.allclose(mine, theirs, rtol=1e-9, equal_nan=True), f"{what}: {mine} is not {theirs}"


def by_pandas(name: str, folder: Path) -> Any:
    """The questions of a page as pandas answers them."""
    if name in friction_questions.PAGES:
        return friction_questions.by_pandas(name, folder)
    if name == "overview":
        return pandas_pages.overview(folder, {key: (*given, None) for key, given in PERIODS.items()})
    if name == "customers":
        return frames.customers(folder, TEXT, WHO, KEY)
    if name == "data":
        return frames.data(folder)
    metric, by = next(key for key in TRENDS if f"trends: {key[0]} by {key[1]}" == name)
    asked = {"now": (*NOW, None, None), "before": (*BEFORE, None, None), "course": (*NOW, "month", None),
             "groups": (*NOW, None, by), "groups before": (*BEFORE, None, by), "split": (*NOW, "month", by)}  # fmt: skip
    return frames.TRENDS[metric](folder, asked)


def check_pandas(name: str, pandas: Mapping[str, Any], hand: Any) -> None:
    """Raise AssertionError unless pandas and SQL by hand give the same figures."""
    if name in friction_questions.PAGES:
        friction_questions.check_pandas(name, dict(pandas), hand)
        return
    for name, figures in hand.items():
        for metric, rows in figures.items() if isinstance(figures, dict) else ():
            theirs = pandas[name][metric]
            groups = [column for column in rows.columns if column not in ("n", "value", "low", "high")]
            theirs, rows = (frame.sort_values(groups) if groups else frame for frame in (theirs, rows))
            rows = rows[rows["n"] > 0]
            _same(f"{metric} {name} by pandas", theirs.loc[theirs["n"] > 0, ["n", "value", "low", "high"]], rows)
