"""Estimates in sentences, and what they rest on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.estimate_bias import ALARM, COMPARED
from cx_metrics.analyses.estimate_design import FEWEST
from cx_metrics.analyses.estimate_experience import Experience
from cx_metrics.analyses.estimate_features import YES
from cx_metrics.analyses.estimate_model import FEWEST_TEST, FEWEST_TRAIN, Learnt
from cx_metrics.metrics.random_groups import GROUPS
from cx_metrics.scope import NOT_GIVEN, short_date
from cx_metrics.wording import listing

_NAMED = 3


def sentences(found: Learnt, table: pd.DataFrame, effects: pd.DataFrame, guessed: Experience) -> tuple[str, ...]:
    """The answer, how good the model is, what moves it, where it errs, and what it says of experience."""
    tested = [] if found.backtest is None else _tested(found)
    if found.reason:
        return (f"Satisfaction where nobody was asked cannot be estimated: {found.reason}.", *tested)
    return (
        *_answer(table), *tested, *_moved(effects), *_biased(found), *_stages_without(table), *_experience(guessed),
    )  # fmt: skip


def _answer(table: pd.DataFrame) -> list[str]:
    whole = table[table["by"] == "all"]
    if whole.empty or whole["estimated_silent"].isna().all():
        return ["There are too few contacts without an answer in this period to estimate their satisfaction."]
    row = whole.iloc[0]
    answered = f"; answered ones gave {row['answered']:.1f} (n = {row['n']:,.0f})"
    said = answered if row["answered"] == row["answered"] else ""
    span = f"{row['estimated_silent_low']:.1f} to {row['estimated_silent_high']:.1f}"
    return [
        f"Contacts without an answer: satisfaction is estimated at {row['estimated_silent']:.1f} of 100 ({span}){said}."
    ]


def _tested(found: Learnt) -> list[str]:
    assert found.backtest is not None and found.split is not None and found.last is not None
    row = found.backtest.errors.iloc[0]
    share = 100 * row["r_squared"]
    explained = f"; it explains {share:.1f} % of the differences between later answers" if share > 0 else ""
    return [
        f"Learnt from {found.trained:,} answers before {short_date(found.split)} and tested on {found.tested:,} from "
        f"then to {short_date(found.last)}, the model errs by {row['mae']:.1f} points on average, the mean by "
        f"{row['mae_mean']:.1f}{explained}."
    ]


def _moved(effects: pd.DataFrame) -> list[str]:
    clear = effects[effects["clear"].astype(bool) & (effects["level"] != NOT_GIVEN)]
    strongest = clear.loc[clear["effect"].abs().sort_values(ascending=False, kind="stable").index].head(_NAMED)
    named = [
        f"{row['what']}{_instead(row)} {row['effect']:+.1f} points ({row['low']:+.1f} to {row['high']:+.1f})"
        for row in strongest.to_dict("records")
    ]
    return [f"What moves the estimate most: {'; '.join(named)}."] if named else []


def _instead(row: dict[Any, Any]) -> str:
    return "" if row["level"] == YES else f" instead of {row['compared_with']}"


def _biased(found: Learnt) -> list[str]:
    assert found.backtest is not None
    table = found.backtest.bias.table
    flagged = table[table["biased"]]
    if flagged.empty:
        enough = f"{len(table)} groups with {COMPARED} later answers or more"
        return [f"Of {enough}, none was clearly estimated too high or too low."]
    named = [_bias(row) for row in flagged.to_dict("records")]
    return [f"Not to be relied on, as later answers clearly differ: {listing(named)}."]


def _bias(row: dict[Any, Any]) -> str:
    way = "too high" if row["bias"] > 0 else "too low"
    return f"{row['by']} {row['group']} (estimated {abs(row['bias']):.1f} points {way})"


def _stages_without(table: pd.DataFrame) -> list[str]:
    own = table[(table["by"] == "stage") & (table["n"] == 0) & table["estimated"].notna()]
    named = [
        f"{row['group']} {row['estimated']:.1f} ({row['estimated_low']:.1f} to {row['estimated_high']:.1f})"
        for row in own.to_dict("records")
    ]
    return [f"Stages whose contacts nobody was asked about, estimated: {listing(named)}."] if named else []


def _experience(guessed: Experience) -> list[str]:
    if len(guessed.stages):
        named = [
            f"{row['stage']} {row['estimated']:.1f} ({row['low']:.1f} to {row['high']:.1f})"
            for row in guessed.stages.to_dict("records")
        ]
        where = " of all data" if guessed.everywhere else ""
        on = f"measured on {len(guessed.measured_on)} stages{where} that have both"
        return [f"Experience of stages without an answer on it, estimated from satisfaction ({on}): {listing(named)}."]
    return [guessed.reason] if guessed.reason else []


def assumptions(found: Learnt) -> tuple[str, ...]:
    """What the estimates rest on and do not cover."""
    dropped = (
        f" Left out, as there were too many combinations: {listing(list(found.dropped))}." if found.dropped else ""
    )
    early = (
        f" {found.early:,} answers from a day before their contact had ended are left out, because outcome, transfers, "
        "reopens and handling time are kept as they were at last." if found.early else ""
    )  # fmt: skip
    return (
        "Answered contacts are not like the silent ones. The estimate holds for the silent only as far as contacts in "
        "which the same happened satisfy those who answer and those who do not alike; nothing in these data can test "
        "that.",
        "Satisfaction is the mean of the satisfaction answers about a contact, each scale brought to 0-100. The model "
        "is least squares on what happened in the contact: stage, channel, who handled it, outcome, waiting, transfers "
        f"and the like, each level with {FEWEST} answers or more; rarer ones are pooled. Effects are associations.",
        f"Only what was known when the customer was asked is used, not the next contact or how the case ended.{early}"
        f"{dropped}",
        "The model is learnt from all answers in the data; the scope chooses the contacts that are estimated. It "
        f"needs {FEWEST_TRAIN} older and {FEWEST_TEST} later answers, and is refused where it does not clearly (95 % "
        "interval) save squared error on the later ones, against the mean of the older ones.",
        f"Intervals are 95 %. They hold the coefficients' error ({GROUPS} random groups that keep each customer "
        "whole), the model's own error as groups of later answers showed it (variance between groups beyond chance, "
        "Paule and Mandel 1982), and, for levels that nobody answered about, how far learnt levels lie apart.",
        f"Groups are called biased at {100 * ALARM:g} % for all of them together (Holm 1979). A team, segment or "
        "region is no part of the model: what makes it differ beyond what happened shows as bias and widens its "
        "intervals.",
    )  # fmt: skip
