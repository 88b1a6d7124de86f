"""What came of stepping in, in sentences: the answer first, or what is missing for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.analyses.recoveries_moments import LANDMARK, LOOK_BACK, WINDOW
from cx_metrics.wording import amount, interval, is_missing, listing

WORDS = {
    "recovered": "recovered", "left": "left (subscription ended)", "no_order": "no further order",
    "came_back": "came back on the same reason", "low_score": "low score, of those who answered",
    "csat": "satisfied, of those who answered",
}  # fmt: skip
UNLIKE = 0.1  # standardised difference, Austin 2009
AFTER = f"in the {WINDOW} days from day {LANDMARK} after the moment on"


def sentences(tables: Mapping[str, pd.DataFrame], titles: Mapping[str, str]) -> tuple[str, ...]:
    """tables: as `recoveries` gives them. titles: of rules, by name."""
    whole = tables["recovered"].query("by == 'all'").to_dict("records")[0]
    missing = _missing(whole)
    if missing:
        return missing
    effects = tables["effects"].to_dict("records")
    first = f"Of {whole['n']:,.0f} moments after which a person of ours contacted the customer within {LANDMARK} days, "
    first += f"{amount(whole['value'], '%')} ({interval(whole['low'], whole['high'], '%')}) ended in a recovery."
    overall = {row["outcome"]: row for row in effects if row["by"] == "all"}
    return (_against(first, overall["recovered"]), *_others(overall), *_by_rule(effects, titles),
            *_unlike(tables["balance"]), *_waiting(whole))  # fmt: skip


def _missing(whole: dict[Any, Any]) -> tuple[str, ...]:
    """Why nothing can be said, and what is needed; empty where something can."""
    if not is_missing(whole["contacted"]) and not whole["contacted"] + whole["others"]:
        return (f"Of {_count(whole['moments'])} moments in this scope none can be told of: younger than "
                f"{LANDMARK + WINDOW} days, or the customer left within {LANDMARK}.",)  # fmt: skip
    if whole["contacted"] == 0:
        return (
            f"After none of {_count(whole['others'])} moments in this scope did a person of ours contact the customer "
            f"within {LANDMARK} days, so whether stepping in helps cannot be told. It takes contacts that the company "
            "began (interactions.initiated_by) or interventions with an outcome that says that a person reached the "
            "customer.",
        )
    if is_missing(whole["value"]):
        return (
            f"A person of ours contacted the customer after {_count(whole['contacted'])} moments only; from {MINIMUM} "
            "on a share is shown, and from "
            f"{RANKED} on it is compared.",
        )
    return ()


def _count(value: float) -> str:
    return "fewer than 5" if is_missing(value) else f"{value:,.0f}"


def _against(first: str, row: dict[Any, Any]) -> str:
    """The answer: contacted against comparable others."""
    if is_missing(row["difference"]):
        matched = _count(row["n_contacted"])
        return f"{first} Too few of them have comparable others to say whether that is more than without ({matched})."
    size = f"{row['difference']:+.1f} points, {row['low']:+.1f} to {row['high']:+.1f}"
    sign = "no clear difference" if row["low"] <= 0 <= row["high"] else "more" if row["difference"] > 0 else "less"
    return (
        f"{first} Of the {row['n_contacted']:,.0f} that have comparable ones it was {amount(row['contacted'], '%')}, "
        f"against {amount(row['others'], '%')} of {row['n_others']:,.0f} whom nobody contacted: {sign}, by estimate "
        f"({size})."
    )


def _others(overall: Mapping[str, dict[Any, Any]]) -> list[str]:
    """The single outcomes that can be compared."""
    told = [
        f"{WORDS[name]} {row['difference']:+.1f} points ({row['low']:+.1f} to {row['high']:+.1f})"
        for name, row in overall.items() if name != "recovered" and not is_missing(row["difference"])
    ]  # fmt: skip
    return [f"Estimated differences, contacted minus comparable others, {AFTER}: {'; '.join(told)}."] if told else []


def _by_rule(effects: list[dict[Any, Any]], titles: Mapping[str, str]) -> list[str]:
    """Rules whose interval leaves out zero."""
    own = [row for row in effects if row["by"] == "rule" and row["outcome"] == "recovered"]
    known = [row for row in own if not is_missing(row["difference"])]
    clear = [
        f"{titles.get(row['group'], row['group'])} ({row['difference']:+.1f} points, {row['low']:+.1f} to "
        f"{row['high']:+.1f})"
        for row in known if row["low"] > 0 or row["high"] < 0
    ]  # fmt: skip
    if clear:
        return [f"Clear for the rules: {listing(clear)}; {len(known)} rules were looked at."]
    return ["For no single rule is the difference clear."] if known else []


def _unlike(balance: pd.DataFrame) -> list[str]:
    """What differs in spite of the matching."""
    after = balance[balance["after"].abs() > UNLIKE]
    if after.empty:
        return []
    told = [f"{row['what']} ({row['after']:+.2f})" for row in after.to_dict("records")]
    return [f"Even matched, those contacted and the others differ in {listing(told)}, in standard deviations."]


def _waiting(whole: dict[Any, Any]) -> list[str]:
    """Moments that do not count."""
    if not is_missing(whole["set_aside"]) and not whole["set_aside"]:
        return []
    return [
        f"Set aside: {_count(whole['set_aside'])} moments that are younger than {LANDMARK + WINDOW} days, whose "
        f"customer left within {LANDMARK} days, or after which only a machine of ours got in touch."
    ]


ASSUMPTIONS = (
    "An estimate, no experiment: those contacted and the others are compared within strata that are alike in rule, "
    "channel, fifth of yearly value, number of contacts in the 90 days before, and quarter. Matching removes only what "
    "it matches on; whom people choose to call may differ in what nobody wrote down.",
    f"Contacted: within {LANDMARK} days after the moment the company began a contact that no machine handled, or an "
    "intervention ended with an outcome that says that a person reached the customer. What the contact was about is "
    "not asked.",
    f"Both sides are followed from day {LANDMARK} on, for {WINDOW} days; customers who left before are in neither, so "
    "that nobody counts as contacted merely because they stayed long enough.",
    "Recovered: the subscription did not end, the customer did not come back on the same reason, and gave no low score "
    "(CSAT: bottom two boxes, NPS: 0 to 6) in that time; what cannot be told counts as not happened, and who calls "
    "back as agreed has come back. Having no further order is told apart, as few customers order every month.",
    f"A customer's moments within {LANDMARK + WINDOW} days of the one before are left out, for each rule, and in all "
    f"and by team for all rules together. Contacts before are those of {LOOK_BACK} days; team is that of the moment.",
)  # fmt: skip
