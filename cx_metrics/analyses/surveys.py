"""Who answers surveys, who stays silent, what that does to the figures, and whether the survey data can be trusted."""

from __future__ import annotations

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.surveys_fatigue import invitations_per_customer, rate_by_earlier
from cx_metrics.analyses.surveys_hygiene import hygiene, left_out, scales
from cx_metrics.analyses.surveys_rates import not_asked, response_rates
from cx_metrics.analyses.surveys_sendings import NAMED
from cx_metrics.analyses.surveys_weighted import weighted
from cx_metrics.analyses.surveys_words import assumptions, sentences
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

_OF_PERCEPTION = {"perception": "experience"}


def surveys(warehouse: Warehouse, scope: Scope) -> Analysis:
    """Surveys of customers in a scope whose period is set.

    Tables: response (see `response_rates`, and by = "instrument"), weighted (see `weighted`), not_asked (stage,
    channel, contacts), per_customer (see `invitations_per_customer`), fatigue (see `rate_by_earlier`), hygiene, scales
    and left_out (see the functions of these names).
    """
    held = hygiene(warehouse, scope)
    rates = response_rates(warehouse, scope)
    unasked = not_asked(warehouse, scope)
    tables = {
        "response": pd.concat([rates, _by_instrument(held)], ignore_index=True),
        "weighted": weighted(warehouse, scope, _answers(held)),
        "not_asked": unasked if unasked is not None else pd.DataFrame(columns=["stage", "channel", "contacts"]),
        "per_customer": invitations_per_customer(warehouse, scope),
        "fatigue": rate_by_earlier(warehouse, scope),
        "hygiene": held, "scales": scales(warehouse, scope), "left_out": left_out(warehouse),
    }  # fmt: skip
    return Analysis("surveys", scope, tables, sentences(tables, unasked is not None), assumptions())


def _answers(held: pd.DataFrame) -> dict[str, float]:
    """Customers' answers by figure."""
    own = held[(held["respondent"] == "customer") & held["answers"].notna()]
    sums = own.groupby("instrument")["answers"].sum()
    named = {_OF_PERCEPTION.get(str(name), str(name)): float(n) for name, n in sums.items()}
    return {name: n for name, n in named.items() if name in NAMED}


def _by_instrument(held: pd.DataFrame) -> pd.DataFrame:
    """Response rates by instrument, and by source where an instrument has several, as rows of `response_rates`."""
    own = held[(held["respondent"] == "customer") & ~(held["invitations"] == 0)]
    several = own.groupby("instrument")["source"].nunique() > 1
    groups = [f"{name} ({source})" if several[name] else str(name) for name, source in
              zip(own["instrument"], own["source"], strict=True)]  # fmt: skip
    rates = pd.DataFrame({"by": "instrument", "group": groups, "n": own["invitations"].to_numpy(),
                          "value": own["rate"].to_numpy()}, columns=["by", "group", "n", "value"])  # fmt: skip
    ends = {name: own[name].to_numpy() for name in ("low", "high", "suppressed")}
    return rates.assign(**ends, rest=float("nan"), p_holm=float("nan"), less=False)
