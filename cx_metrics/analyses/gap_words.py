"""The gaps in sentences: what clearly stands out, what can be said of the whole, what cannot be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from cx_metrics.analyses.standing_out import ALARM
from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.proportions import holm, two_sided
from cx_metrics.scope import DIMENSIONS, NOT_GIVEN
from cx_metrics.wording import amount, interval, is_missing, listing

Tables = Mapping[str, pd.DataFrame]
ASSUMPTIONS = (
    "All scales are brought to 0-100 before anything is subtracted.",
    "Signs: service gap = experience - expectation (below zero: less than expected); belief gap = belief - experience "
    "(above zero: the company thinks it does better than customers say); knowledge gap = believed expectation - "
    "expectation (below zero: the company underrates what customers expect).",
    "Only the same items (stage and dimension) are subtracted from each other; of several items each counts the same.",
    "Employees speak of all customers: where they name no segment, channel or team, their belief stands beside each.",
    "The intervals treat customers and employees as independent samples; answers of one customer are kept together. "
    "Employees who are not named are taken to have answered one item each, which makes their part of an interval too "
    "narrow where single employees answered many.",
    "Figures are those of the people who answered; the page Surveys shows how the silent differ.",
)
ESTIMATES = (
    "Estimated experience is carried over from the satisfaction expected after each contact, as both go together in "
    "the stages that have answers on both; its intervals hold the model's error. It is nobody's answer: see Estimates."
)
_MEANING = {"service_gap": "experience minus expectation", "belief_gap": "belief minus experience",
            "knowledge_gap": "believed minus actual expectation"}  # fmt: skip
_STEP = 0.5  # points; a difference smaller than this moves nobody to act, however sure it is
_RANKED = 30  # respondents of the smaller side


def gap_sentences(tables: Tables) -> tuple[str, ...]:
    """The answer first: where belief and experience part most, then service and knowledge gap. tables: see `gap`."""
    total = tables["total"].iloc[0]
    said = [_belief(tables, total), _service(tables, total), _knowledge(tables, total), _weighted(tables)]
    known = [sentence for sentence in said if sentence]
    return tuple(known) if known else (_one_side(tables),)


def _one_side(tables: Tables) -> str:
    """Where no gap can be said: what customers say, if they were asked."""
    total, items = tables["total"].iloc[0], tables["item"].dropna(subset="experience").sort_values("experience")
    said = "No gap can be said: no item was asked of two sides in this period"
    if is_missing(total["experience"]) or items.empty:
        return said + "."
    ends = [f"{row['dimension'] if row['dimension'] != NOT_GIVEN else row['stage']} ({row['experience']:.1f})"
            for row in (items.iloc[-1], items.iloc[0])]  # fmt: skip
    sure = interval(total["experience_low"], total["experience_high"], "score 0-100")
    rated = f"customers rate their experience {total['experience']:.1f} of 100 ({sure})"
    return f"{said}; {rated}, best {ends[0]}, worst {ends[1]}."


def _belief(tables: Tables, total: pd.Series) -> str:
    if is_missing(total["belief_gap"]):
        return ""
    value, whole = total["belief_gap"], _sure(total, "belief_gap")
    if total["belief_gap_low"] <= 0 <= total["belief_gap_high"]:
        figure = f"{amount(value, 'points')}, {whole}"
        said = f"Over all items, what people here believe and what customers say do not differ clearly ({figure})"
    else:
        way = "better" if value > 0 else "worse"
        said = f"People here believe that customers fare {abs(value):.1f} points {way} than customers say ({whole})"
    outliers = _apart(tables.get("stage", pd.DataFrame()), "stage", "belief_gap")
    if len(outliers):
        first = outliers.iloc[0]
        more = f"; {listing(list(outliers['stage'].iloc[1:]))} stand out too" if len(outliers) > 1 else ""
        elsewhere = f"in the others typically {first['rest']:+.1f}"
        said += f"; most of all in {first['stage']}: {_figure(first, 'belief_gap')}, {elsewhere}{more}"
    return said + "."


def _service(tables: Tables, total: pd.Series) -> str:
    if is_missing(total["service_gap"]):
        return ""
    value, whole = total["service_gap"], _sure(total, "service_gap")
    if total["service_gap_low"] <= 0 <= total["service_gap_high"]:
        said = f"Customers get about what they expect (service gap {amount(value, 'points')}, {whole})"
    else:
        said = f"Customers get {abs(value):.1f} points {'less' if value < 0 else 'more'} than they expect ({whole})"
    worst = [f"{row[by]} {row['service_gap']:+.1f}" for by in ("stage", "dimension")
             for row in _ranked(tables.get(by, pd.DataFrame()), "service_gap").head(1).to_dict("records")]  # fmt: skip
    return said + (f"; the largest shortfall is in {listing(worst)}." if worst and value < 0 else ".")


def _knowledge(tables: Tables, total: pd.Series) -> str:
    if is_missing(total["knowledge_gap"]):
        return ""
    said = f"What customers expect is guessed with a knowledge gap of {_figure(total, 'knowledge_gap')}"
    wrong = _apart(tables.get("dimension", pd.DataFrame()), "dimension", "knowledge_gap")
    parts = [f"{row['dimension']} {row['knowledge_gap']:+.1f}" for row in wrong.to_dict("records")]
    return said + (f"; misjudged differently from the rest: {listing(parts)}." if parts else ".")


def _weighted(tables: Tables) -> str:
    row = tables["weighted"].iloc[0]
    if is_missing(row["value"]) or tables["importance"].empty:
        return ""
    first = tables["importance"].iloc[0]
    most = f"{first['dimension']} most, {first['share']:.0f} % of the weight"
    figure = f"{amount(row['value'], 'points')} ({interval(row['low'], row['high'], 'points')})"
    return f"Weighted by what customers call important ({most}), the service gap is {figure}."


def _figure(row: pd.Series, gap: str) -> str:
    return f"{amount(row[gap], 'points')} ({_sure(row, gap)})"


def _sure(row: pd.Series, gap: str) -> str:
    return f"95 %: {interval(row[f'{gap}_low'], row[f'{gap}_high'], 'points')}, n = {row[f'n_{gap}']:,.0f}"


def _ranked(table: pd.DataFrame, gap: str) -> pd.DataFrame:
    """Groups of which enough is known to be compared, the lowest first."""
    if table.empty:
        return table
    return table[(table[f"n_{gap}"] >= _RANKED) & table[gap].notna()].sort_values(gap)


def _apart(table: pd.DataFrame, by: str, gap: str) -> pd.DataFrame:
    """Groups whose gap differs clearly from the median of the others (`rest`), the largest difference first.

    The median, so that one group that differs does not make all others differ from it. z tests, Holm-corrected over
    the groups, ALARM in all; independent groups are assumed.
    """
    ranked = _ranked(table, gap)
    if len(ranked) < 3:
        return ranked.iloc[:0].assign(rest=np.nan)
    value = ranked[gap].to_numpy(dtype=float)
    error = (ranked[f"{gap}_high"] - ranked[f"{gap}_low"]).to_numpy(dtype=float) / (2 * Z)
    others = ~np.eye(len(value), dtype=bool)
    rest = np.array([np.median(value[kept]) for kept in others])
    average = np.array([np.sqrt((error[kept] ** 2).mean()) for kept in others])
    spread = np.hypot(error, average * np.sqrt(np.pi / 2 / (len(value) - 1)))  # of a median, Kendall and Stuart 1977
    away = value - rest
    with np.errstate(divide="ignore", invalid="ignore"):
        p = holm(two_sided(away / spread))
    clear = (p <= ALARM) & (np.abs(away) >= _STEP)
    order = np.argsort(-np.abs(away), kind="stable")
    found: pd.DataFrame = ranked.assign(rest=rest).iloc[order[clear[order]]]
    return found


def one_sided_words(one_sided: pd.DataFrame) -> list[str]:
    """One sentence per gap on the items that only one side was asked about."""
    said = []
    for key, items in one_sided.groupby(["gap", "asked", "missing"], sort=False):
        count = f"{len(items)} items" if len(items) > 1 else "1 item"
        gap, asked, missing = map(str, key)
        sides = f"asked for {asked} but not for {missing}".replace("_", " ")
        said.append(f"Not comparable ({gap.replace('_', ' ')}, {_MEANING[gap]}): {count} {sides}.")
    return said


def unnamed_words(unnamed: Sequence[str]) -> list[str]:
    """What the answers do not say, so that nothing can be shown by it."""
    words = [DIMENSIONS[by] for by in unnamed]
    return (
        [f"No answer names its {listing(words).replace(' and ', ' or ')}: nothing can be shown by it."] if words else []
    )
