"""What the analysis of surveys says in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.surveys_fatigue import DAYS, trend
from cx_metrics.analyses.surveys_model import EXPECTED
from cx_metrics.analyses.surveys_weighted import ALARM, MOST, TRAITS
from cx_metrics.metrics.non_response import HEAVIEST
from cx_metrics.scope import DIMENSIONS
from cx_metrics.wording import amount, interval, listing

Row = dict[Any, Any]
_MOST_NAMED = 3


def sentences(tables: Mapping[str, pd.DataFrame], with_contacts: bool) -> tuple[str, ...]:
    """The answer first. tables: of `surveys`. with_contacts: whether there are contacts to ask about."""
    return (
        *_answering(tables["response"], tables["hygiene"]),
        *(_weighted(row) for row in tables["weighted"].to_dict("records")),
        *(_not_asked(tables["not_asked"]) if with_contacts else ()),
        *_often(tables["per_customer"], tables["fatigue"]),
        *_held(tables["hygiene"], tables["scales"]),
    )


def only_answered(rates: pd.DataFrame) -> bool:
    """Whether no invitation without an answer is known, so that there is no response rate. rates: table response."""
    return not rates.iloc[0]["value"] < 100


def _answering(rates: pd.DataFrame, held: pd.DataFrame) -> list[str]:
    total = rates.iloc[0].to_dict()
    if not total["n"] > 0:
        answers = held.loc[held["respondent"] == "customer", "answers"].sum()
        if not answers > 0:
            return ["Customers were not surveyed in this period, as far as the data know."]
        return [f"Nobody knows who stayed silent: of {answers:,.0f} answers no invitation is known."]
    if total["value"] != total["value"]:
        return [f"There are too few invitations to say how many are answered (n = {amount(total['n'], 'count')})."]
    if only_answered(rates):
        return [
            f"Nobody knows who stayed silent: only invitations that were answered are known (n = {total['n']:,.0f})."
        ]
    said = (f"{amount(total['value'], '%')} of {total['n']:,.0f} invitations were answered "
            f"({interval(total['low'], total['high'], '%')})")  # fmt: skip
    fewer = rates[rates["less"]].sort_values("value").to_dict("records")
    if fewer:
        named = [f"{DIMENSIONS[row['by']]} {row['group']}: {amount(row['value'], '%')} "
                 f"({interval(row['low'], row['high'], '%')}) against {amount(row['rest'], '%')} of all others"
                 for row in fewer[:_MOST_NAMED]]  # fmt: skip
        more = f"; {len(fewer) - _MOST_NAMED} more groups are in the table" if len(fewer) > _MOST_NAMED else ""
        return [f"{said}, clearly fewer in {listing(named)}{more}."]
    compared = rates["p_holm"].notna().any()
    return [f"{said}; no group answers clearly less often than all others." if compared else f"{said}."]


def _weighted(row: Row) -> str:
    figure, unit = row["figure"], row["unit"]
    if row["why"]:
        n = "n below 5" if row["answers"] != row["answers"] else f"n = {row['answers']:,.0f}"
        return f"{figure} cannot be weighted to all who were asked: {row['why']} ({n})."
    said = (f"{figure} is {amount(row['raw'], unit)} among those who answered; weighted to all who were asked it is "
            f"{amount(row['value'], unit)} ({interval(row['low'], row['high'], unit)})")  # fmt: skip
    points = [abs(row[name]) for name in ("difference_low", "difference_high")]
    size = f"{abs(row['difference']):.1f} points ({min(points):.1f} to {max(points):.1f})"
    if row["clear"]:
        return f"{said}: the silent would {'lower' if row['difference'] > 0 else 'raise'} it by {size}."
    span = f"{-row['difference_high']:+.1f} to {-row['difference_low']:+.1f} points"
    return f"{said}: no clear difference ({span})."


def _not_asked(moments: pd.DataFrame) -> list[str]:
    if moments.empty:
        return [f"Every stage with at least {RANKED} contacts, and every channel within it, was asked about."]
    named = [f"{row['stage']}{' by ' + row['channel'] if row['channel'] else ''} ({row['contacts']:,.0f} contacts)"
             for row in moments.head(_MOST_NAMED).to_dict("records")]  # fmt: skip
    more = [f"{len(moments) - _MOST_NAMED} more"] if len(moments) > _MOST_NAMED else []
    return [f"Nobody was asked about {listing([*named, *more])}."]


def _often(customers: pd.DataFrame, rates: pd.DataFrame) -> list[str]:
    said = []
    n = customers["n"].sum()
    often = customers[customers["invitations"].isin(["6-10", "11 or more"])]
    if n >= RANKED and customers["n"].notna().all():
        said.append(f"Of {n:,.0f} customers who were invited, {often['n'].sum() / n:.1%} were invited more than five "
                    "times in the period.".replace("%", " %"))  # fmt: skip
    known = rates[rates["share"].notna()].to_dict("records")
    z, p = trend(rates)
    if p == p and sum(row["n"] for row in known) >= RANKED:
        falls = "falls" if z < 0 else "rises"
        words = f"The rate {falls} with" if p <= ALARM else "The rate does not clearly change with"
        ends = [f"{amount(row['share'], '%')} after {row['earlier'].replace('0', 'none')}"
                for row in (known[0], known[-1])]  # fmt: skip
        chance = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        said.append(f"{words} the number of invitations in the {DAYS} days before: {ends[0]}, {ends[1]} "
                    f"(Cochran-Armitage test for a trend, {chance}).")  # fmt: skip
    return said


def _held(held: pd.DataFrame, scales: pd.DataFrame) -> list[str]:
    own = held[held["respondent"] == "customer"]
    answers, superseded, anonymous = (own[name].sum() for name in ("answers", "superseded", "anonymous"))
    if not answers > 0:
        return []
    said = (f"{answers:,.0f} answers of customers count; {superseded:,.0f} were replaced by a later one of the same "
            f"customer, question and wave, {anonymous:,.0f} are anonymous")  # fmt: skip
    mixed = []
    for name, part in scales.groupby("instrument", sort=True):
        if len(part) > 1:
            ends = [f"{low:g}-{high:g}" for low, high in zip(part["scale_min"], part["scale_max"], strict=True)]
            mixed.append(f"{name} from {listing(ends)}")
    return [f"{said}." if not mixed else f"{said}; scales were brought together: {listing(mixed)}."]


def assumptions() -> tuple[str, ...]:
    """What the figures rest on."""
    return (
        "Response rates, and the raw and weighted figures, belong to invitations sent in the period, whenever they "
        "were answered; other pages count answers by the time of the answer. The newest may still be answered.",
        "Weighted: each answer counts by one over the probability that it was given (Little and Rubin 2019, section "
        f"3.3), from a logistic model with main effects of {listing([DIMENSIONS[name] for name in TRAITS])}, those "
        f"that vary. A value stands alone with at least {EXPECTED:g} expected answers and silences, the model has one "
        f"coefficient for as many of them, and no more than {MOST:,} combinations are counted; the table names the "
        f"traits left out. Weights are cut at {HEAVIEST:g} times their mean (DeBell and Krosnick 2009).",
        "It corrects for what the model sees and for nothing else: where people are silent because of what they "
        "experienced, beyond these traits, the weighted figure is as wrong as the raw one.",
        "Intervals: linearised variance that allows for the estimated model, Wilson or adjusted Wald with the sample "
        "size that it implies. Invitations count as independent of each other; experience counts each respondent once. "
        f"Whether a difference is clear holds for all figures together (Holm, {ALARM:.0%}).".replace("%", " %"),
        f"Groups are compared with all others from {RANKED} invitations on, all groups together (Holm).",
        f"Earlier invitations are those of the {DAYS} days before, about whatever; the first {DAYS} days of the data "
        "are left out. Customers who are asked often differ in other ways, too: a falling rate is no proof of fatigue.",
        "An invitation is one sending: a customer and the contact, the order or the day that it is about. What "
        "importers left out is counted over all loads, whatever the period.",
    )  # fmt: skip
