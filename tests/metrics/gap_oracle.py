"""The gaps a second time, in plain loops over rows: see `cx_metrics.metrics.matched_gap`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cx_metrics.scope import NOT_GIVEN, Scope

Figure = tuple[float, float]
PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
SIDES = {
    "expectation": ("expectation", "customer"), "experience": ("perception", "customer"),
    "belief": ("belief", None), "believed_expectation": ("believed_expectation", None),
    "importance": ("importance", "customer"),
}  # fmt: skip
ITEM = ("stage", "dimension")


def side(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """The answers of one side that count, with y on 0-100."""
    instrument, respondent = SIDES[name]
    mine = (rows["instrument"] == instrument) & (rows["respondent"].eq(respondent) | (respondent is None))
    found = rows[mine & rows["counts"] & rows["score"].notna()]
    y = 100 * (found["score"] - found["scale_min"]) / (found["scale_max"] - found["scale_min"])
    return found.assign(y=y.astype(float))


def within(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Rows of the scope; what employees say without naming a value holds for all of them."""
    inside = pd.Series(True, index=rows.index)
    if scope.start is not None:
        inside &= rows["answered_at"] >= pd.Timestamp(scope.start)
    if scope.end is not None:
        inside &= rows["answered_at"] < pd.Timestamp(scope.end) + pd.Timedelta(days=1)
    for name, values in scope.filters:
        missing = rows[name].isna()
        fits = rows[name].isin(values) | (missing & (NOT_GIVEN in values))
        inside &= fits | (missing & rows["instrument"].str.startswith("belie") & (name not in ITEM))
    return rows[inside]


@dataclass(frozen=True)
class GapSide:
    """The mean of one side's answers, or (good) the share in the top two boxes of their scales of 1-5 and 1-7."""

    name: str
    good: bool = False

    def figures(
        self, facts: Mapping[str, pd.DataFrame], scope: Scope, by: Sequence[str], every: str | None
    ) -> dict[Any, Figure]:
        rows = side(within(facts["answers"], scope), self.name)
        value = 100.0 * (rows["score"] >= rows["scale_max"] - 1) if self.good else rows["y"]
        keys = [rows["answered_at"].dt.to_period(PERIODS[every]).dt.start_time] if every else []
        keys += [rows[name] for name in by]
        if not keys:
            return {(): (len(value), value.mean())}
        return {
            tuple(None if pd.isna(part) else part for part in key): (len(cell), cell.mean())
            for key, cell in value.groupby(keys, dropna=False)
        }


@dataclass(frozen=True)
class GapOracle:
    """minuend - subtrahend; weighted: by importance."""

    minuend: str
    subtrahend: str
    general: bool = False
    weighted: bool = False

    def figures(
        self, facts: Mapping[str, pd.DataFrame], scope: Scope, by: Sequence[str], every: str | None
    ) -> dict[Any, Figure]:
        rows = within(facts["answers"], scope)
        keys = [*(["period"] if every else []), *by]
        if every:
            rows = rows.assign(period=rows["answered_at"].dt.to_period(PERIODS[every]).dt.start_time)
        mine, other = (self._cells(side(rows, name), keys) for name in (self.subtrahend, self.minuend))
        weights = side(rows, "importance").fillna({"dimension": ""}).groupby("dimension")["y"].mean()
        found = {key: self._figure(items, other, keys, key, weights) for key, items in mine.items()}
        found = {key: figure for key, figure in found.items() if figure[0] > 0}
        return found if keys else {(): found.get((), (0, math.nan))}

    @staticmethod
    def _cells(rows: pd.DataFrame, keys: Sequence[str]) -> dict[Any, dict[Any, list[tuple[str, float]]]]:
        cells: dict[Any, dict[Any, list[tuple[str, float]]]] = {}
        for row in rows.to_dict("records"):
            key = tuple(None if pd.isna(row[name]) else row[name] for name in keys)
            item = tuple(None if pd.isna(row[name]) else row[name] for name in ITEM)
            who = row["answer_id"] if pd.isna(row["customer_id"]) else row["customer_id"]
            cells.setdefault(key, {}).setdefault(item, []).append((who, row["y"]))
        return cells

    def _figure(self, items: Any, other: Any, keys: Sequence[str], key: Any, weights: pd.Series) -> Figure:
        gaps, people = [], ([], [])
        for item, answers in items.items():
            against = []
            for theirs, cells in other.items():
                if all(self._fits(*three) for three in zip(keys, key, theirs, strict=True)):
                    against += cells.get(item, [])
            weight = weights.get(item[1] or "", math.nan) if self.weighted else 1.0
            if len(answers) < 2 or len(against) < 2 or not weight > 0:
                continue
            means = [sum(y for _, y in part) / len(part) for part in (against, answers)]
            gaps.append((means[0] - means[1], weight))
            people[0].extend(who for who, _ in against)
            people[1].extend(who for who, _ in answers)
        if not gaps:
            return 0, math.nan
        total = sum(weight for _, weight in gaps)
        return min(map(len, map(set, people))), sum(gap * weight for gap, weight in gaps) / total

    def _fits(self, name: str, own: Any, theirs: Any) -> bool:
        return own == theirs or (self.general and theirs is None and name not in (*ITEM, "period"))
