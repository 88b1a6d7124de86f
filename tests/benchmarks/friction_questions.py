"""The questions of the pages about friction, journey, drivers, bots and consistency, and how the answers compare."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.analyses.bots import bots
from cx_metrics.analyses.consistency import consistency
from cx_metrics.analyses.drivers import drivers
from cx_metrics.analyses.friction import friction
from cx_metrics.analyses.journey_groups import groups
from cx_metrics.analyses.journey_paths import journey
from cx_metrics.analyses.price import price
from cx_metrics.analyses.stuck import stuck
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.benchmarks import drivers_by_hand, friction_by_hand, friction_by_pandas, journey_by_hand, service_by_hand

SCOPE = Scope(datetime.date.fromisoformat(friction_by_hand.START), datetime.date(2025, 6, 30))
PAGES = ("friction", "drivers", "journey", "bots", "consistency")
Pair = tuple[Callable[[], Any], Callable[[], Any]]


class Fresh:
    """A warehouse of which no answer is known yet: what the product keeps of earlier answers is kept per warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.read, self.version = warehouse.read, warehouse.version


def pages(warehouse: Warehouse, connection: Any) -> Iterator[tuple[str, Pair]]:
    """Name, and the questions as the product asks them and by hand."""
    asked = {"friction": _friction, "drivers": _drivers, "journey": _journey,
             "bots": lambda fresh: bots(fresh, SCOPE), "consistency": lambda fresh: consistency(fresh, SCOPE)}  # fmt: skip
    for name, ask in asked.items():
        yield name, (lambda ask=ask: ask(Fresh(warehouse)), lambda name=name: by_hand(name, connection))


def _friction(warehouse: Any) -> tuple[Any, Any]:
    return friction(warehouse, SCOPE), stuck(warehouse, SCOPE)


def _drivers(warehouse: Any) -> tuple[Any, Any]:
    return drivers(warehouse, SCOPE), price(warehouse, SCOPE)


def _journey(warehouse: Any) -> tuple[Any, Any]:
    sizes = groups(warehouse, SCOPE, "channel")
    return journey(warehouse, SCOPE, "stage", journey_by_hand.GROUPS), sizes


def by_hand(name: str, connection: Any) -> Any:
    """The questions of a page in SQL written by hand."""
    if name == "drivers":
        return drivers_by_hand.answers(connection, SCOPE)
    module = {"friction": friction_by_hand, "journey": journey_by_hand}.get(name, service_by_hand)
    return getattr(module, name)(connection)


def by_pandas(name: str, folder: Path) -> Any:
    """The questions of a page as pandas answers them."""
    return getattr(friction_by_pandas, name)(folder)


def check(name: str, ours: Any, hand: Any) -> None:
    """Raise AssertionError unless product and hand give the same main figures of a page."""
    for what, (mine, theirs) in _CHECKS[name](ours, hand).items():
        same(f"{name}: {what}", mine, theirs)


def check_pandas(name: str, pandas: dict[str, Any], hand: Any) -> None:
    """Raise AssertionError unless pandas and SQL by hand give the same main figures of a page."""
    for what, figures in pandas.items():
        same(f"{name}: {what} by pandas", figures, _MAIN[what](hand))


def same(what: str, ours: Any, hand: Any) -> None:
    """Raise AssertionError unless two sets of numbers are alike. Sorted: the order of rows is no matter here."""
    mine, theirs = (np.sort(np.asarray(x, dtype=float).ravel()) for x in (ours, hand))
    assert mine.shape == theirs.shape, f"{what}: {mine} is not {theirs}"
    assert np.allclose(mine, theirs, rtol=1e-7, equal_nan=True), f"{what}: {mine} is not {theirs}"


_FIGURE = ["n", "value", "low", "high"]


def _of_friction(ours: Any, hand: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    (found, listed), known = ours, hand["signals"].values()
    pairs = {name: (found.tables[name][_FIGURE], hand[name][_FIGURE]) for name in ("total", "cells", "course")}
    measured = found.tables["signals"].query("n > 0")
    rates = pd.concat(list(known)).query("n > 0")
    ranked = hand["weights"]["any"] / hand["weights"]["n"]
    weighed = ranked.rank().corr((hand["weights"]["all"] / hand["weights"]["n"]).rank())
    order = found.tables["sensitivity"].set_index("weights")["rank_correlation"]
    return pairs | {
        "signals": (measured[_FIGURE], rates[_FIGURE]), "weights": (order["every signal counts"], weighed),
        "contacts": (listed.total, hand["contacts"]), "listed": (len(listed.rows), len(hand["rows"])),
    }  # fmt: skip


def _of_drivers(ours: Any, hand: Any) -> dict[str, tuple[Any, Any]]:
    pairs = {}
    for mine, theirs in zip(ours, hand, strict=True):
        for name, table in mine.tables.items():
            numbers = table.select_dtypes("number").columns
            pairs[name] = (table[numbers], theirs.tables[name][numbers])
    return pairs


def _of_journey(ours: Any, hand: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    (found, _), sides = ours, hand["compared"].sort_values("side")
    tables, both = found.tables, found.tables["comparison"].set_index("measure")
    listed = tables["variants"][tables["variants"]["way"] != "(all other ways)"]
    hours = hand["hours"].sort_values("channel")["value"]
    return {
        "cases": (tables["cases"]["n"], hand["cases"]["n"]), "ways": (listed[["n", "contacts"]], hand["variants"][["n", "contacts"]]),
        "starts": (tables["starts_ends"].query("outcome == '(any)' and end == 'first contact'")["n"], _whole(hand["starts"], "began")),
        "steps": _shown(tables["steps"].query("position == 1"), hand["steps"].query("position == 1"), ("here", "following"), "n", "n"),
        "transitions": _shown(tables["transitions"], hand["transitions"], ("stage", "next_stage"), "n", "n"),
        "median times": _shown(tables["transitions"], hand["transitions"], ("stage", "next_stage"), "median_hours", "value"),
        "loops": (tables["loops"]["n"], hand["reasons"]["n"]), "funnel": (tables["funnel"]["n"], hand["funnel"]["n"]),
        "contacts per case": (both.loc["contacts per case", ["one", "n_one", "other", "n_other"]], sides[["contacts", "n"]]),
        "hours": (both.loc["median time until resolved", ["one", "other"]], hours),
        "resolved": (both.loc["cases resolved", ["one", "other"]], 100 * sides["resolved"] / sides["known"]),
        "several channels": (both.loc["cases with more than one channel", ["one", "other"]], 100 * sides["channels"] / sides["n"]),
        "first moves": _shown(tables["comparison_moves"], hand["first_moves"].query("channel == 'chat'"), ("stage", "next_stage"),
                              "n_one", "n"),
    }  # fmt: skip


def _shown(
    mine: pd.DataFrame, theirs: pd.DataFrame, keys: tuple[str, str], figure: str, of_theirs: str
) -> tuple[Any, Any]:
    """A figure of the moves (from, to) that the product shows: others are few cases, or next to few."""
    moves = pd.DataFrame(
        {"from": theirs[keys[0]], "to": theirs[keys[1]].fillna("(ended)"), "theirs": theirs[of_theirs]}
    )
    large = mine[mine[figure if figure.startswith("n") else "n"] >= 10].assign(mine=mine[figure])
    both = large[["from", "to", "mine"]].dropna().merge(moves, "left", on=["from", "to"])
    assert len(both), "no move is shown"
    return both["mine"], both["theirs"]


def _whole(rows: pd.DataFrame, place: str) -> pd.Series:
    """Cases by place, over all outcomes: those that a roll-up sums."""
    named = rows[rows[place].notna()]
    return named.groupby(place)["n"].sum() - named.groupby(place)["n"].max()


def _of_bots(found: Any, hand: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    contained, aside = _parts(hand)
    tables = found.tables
    waits = tables["hand_over"].query("measure == 'median wait'")
    long = tables["hand_over"].query("measure == 'long wait'")
    theirs = hand["compared long_wait"]
    return {
        "containment": (tables["containment"]["contacts"], contained["n"]), "left out": (tables["left_out"]["n"], aside["n"]),
        "returns": (tables["returns"]["n"].dropna().sum(), hand["returns"]["n"].sum()),
        "dead ends": (tables["dead_ends"][["n", "dead_ends"]].dropna().sum(), hand["dead_ends"][["n", "hits"]].sum()),
        "median wait": (waits[["after", "first"]], [hand["medians"][side] for side in (True, False)]),
        "long wait": (long[["after", "first"]], [100 * theirs.treated.mean, 100 * theirs.untreated.mean]),
        "escalated": (tables["escalated"][["n", "followed"]], hand["escalated"][["n", "followed"]]),
    }  # fmt: skip


def _parts(hand: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contacts by what became of them, and those that are not judged."""
    whole = hand["contained"].query("cut == 7")
    judged = ~whole["part"].isin(["customer unknown", "outcome unknown", "too young to judge"])
    return whole[judged], whole[~judged]


def _of_consistency(found: Any, hand: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    tables = found.tables
    pairs = {}
    for measure in ("resolved", "repeat", "slow"):
        own = tables["channels"].query("measure == @measure and n >= 30")
        cells = hand["channels"].dropna(subset=["reason", "channel"]).query(f"{measure}_n >= 30")
        pairs[measure] = (
            own[["n", "share"]],
            np.column_stack([cells[f"{measure}_n"], 100 * cells[measure] / cells[f"{measure}_n"]]),
        )
    begun = pd.concat(list(hand["begun"].values()))
    effect = tables["proactive_effect"].query("comparison == 'matched' and instrument == 'csat'")
    matched = hand["effect"][("csat", len(service_by_hand.STRATA))]
    numbers = ["channels", "n", "value", "low", "high"]
    return pairs | {
        "spread": (tables["spread"][numbers], hand["spread"][numbers]), "begun": (tables["proactive"]["n"], begun["n"]),
        "matched answers": (effect[["strata", "proactive_left_out"]], [matched.strata, matched.treated.left_out]),
        "front line": (tables["front_line"]["n"].sum(), hand["alone"]["team, reason"]["n"].sum()),
        "teams": (tables["front_line_teams"][_FIGURE], hand["alone"]["team"][_FIGURE]),
    }  # fmt: skip


_CHECKS: dict[str, Callable[[Any, Any], dict[str, tuple[Any, Any]]]] = {
    "friction": _of_friction, "drivers": _of_drivers, "journey": _of_journey, "bots": _of_bots, "consistency": _of_consistency,
}  # fmt: skip
_MAIN: dict[str, Callable[[Any], Any]] = {
    "cells": lambda hand: hand["cells"][["n", "value"]],
    "weights": lambda hand: hand["weights"][["n", "any", "all"]].sum(),
    "answers": lambda hand: hand[0].tables["models"].set_index("outcome").loc[["csat", "ces", "nps"], "n"],
    "hours": lambda hand: hand[1].tables["totals"].query("measure == 'hours'")["value"],
    "cases": lambda hand: hand["cases"]["n"],
    "transitions": lambda hand: hand["transitions"]["n"],
    "funnel": lambda hand: hand["funnel"]["n"],
    "containment": lambda hand: _parts(hand)[0]["n"],
    "dead ends": lambda hand: hand["dead_ends"][["n", "hits"]].sum(),
    "resolved": lambda hand: hand["channels"][["resolved_n", "resolved"]].sum(),
}
