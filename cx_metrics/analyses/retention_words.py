"""Whether customers stay and what they are worth, in sentences, and what the figures rest on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cx_metrics.analyses.leaving import ORDER, SUBSCRIPTION, Rule
from cx_metrics.analyses.retention_lifetimes import LONGEST_HELD, Bought
from cx_metrics.analyses.retention_remaining import WINDOW
from cx_metrics.analyses.retention_scope import FIRST_CONTACT_DAYS, GROUPS, MONTH_DAYS, Looked
from cx_metrics.analyses.retention_survival import DRAWN, IDLE_DAYS, MOST, TESTED, Survival
from cx_metrics.analyses.retention_value import DISCOUNT, HORIZONS, Worth
from cx_metrics.metrics.retention import IDLE_MONTHS
from cx_metrics.scope import DIMENSIONS, short_date
from cx_metrics.wording import amount, interval, is_missing, listing, number

NEEDED = (
    "Whether customers stay cannot be said: that needs orders or subscriptions with a customer (orders.customer_id and "
    "ordered_at, or subscriptions.customer_id, started_at and ended_at)."
)
_LARGE = 0.2  # correlation of purchases and spend from which on the model's assumption is in doubt
LEAVING = {
    SUBSCRIPTION.name: "Leaving: a customer has left when the last of their subscriptions has ended; one who came back "
    "before the end of the data has not. Before that they count as staying, gaps between subscriptions included.",
    ORDER.name: f"Leaving, seen in orders: a customer is lost at their last order if more than {IDLE_MONTHS} months "
    f"({IDLE_DAYS} days) passed until the data end; who ordered later is censored {IDLE_MONTHS} months before that "
    "end, and who came later than that is not looked at yet. So who ordered only once is lost on day 0, and one who is "
    "only slow to come back counts as lost: the end of the curve is rather too low.",
}


def headline(found: Survival, value: Worth) -> str:
    """The answer: how many stay, and what they are worth."""
    parts = []
    if found.whole is not None:
        longest = float(found.whole.time[found.whole.at_risk >= DRAWN].max(initial=0.0)) // MONTH_DAYS
        months = min(12.0, longest)
        at = found.whole.at(np.array([months * MONTH_DAYS]))
        share, low, high = (100 * float(column[0]) for column in (at.survival, at.low, at.high))
        still = "still have a subscription" if found.rule is SUBSCRIPTION else "are still buying"
        parts.append(f"{months:.0f} months after they came {amount(share, '%')} of customers "
                     f"({interval(low, high, '%')}) {still}")  # fmt: skip
    row = value.table[value.table["months"] == HORIZONS[-1]].tail(1).to_dict("records")
    if row:
        money = f"{number(row[0]['value'])} {row[0]['currency']}".strip()
        span = f"{number(row[0]['low'])} to {number(row[0]['high'])}"
        parts.append(f"today's customers are expected to bring in {money} ({span}) within {HORIZONS[-1]} months")
    else:
        parts.append("what they are worth cannot be said yet")
    said = "; ".join(parts)
    return said[0].upper() + said[1:] + "."


def of_survival(found: Survival, by: str) -> tuple[str, ...]:
    """How long customers stay, and whether groups differ."""
    if found.curves.empty:
        return (f"How long customers stay cannot be drawn: {DRAWN} customers are needed.",)
    said = []
    where = "by subscription" if found.rule is SUBSCRIPTION else "by orders"
    months = min(12.0, found.curves.groupby("group")["months"].max().min())
    year = found.curves[found.curves["months"] == months]
    for row in year.to_dict("records"):
        span = interval(100 * row["low"], 100 * row["high"], "%")
        name = "of all customers" if not by else f"of {row['group']}"
        said.append(f"{amount(100 * row['survival'], '%')} ({span}) {name}")
    told = [f"After {months:.0f} months there are still ({where}): {listing(said)}."]
    for test in found.test.to_dict("records"):
        differs = "differ" if test["p"] < 0.05 else "do not differ clearly"
        chance = "p < 0.001" if test["p"] < 0.001 else f"p = {test['p']:.3f}"
        told.append(
            f"The {test['groups']} groups by {GROUPS[by]} {differs} in how long they stay (log-rank test, {where}: "
            f"chi squared {test['chi2']:.2f} with {test['df']} degrees of freedom, {chance})."
        )
    if by and found.test.empty:
        told.append(f"Groups by {GROUPS[by]} are not tested: two with {TESTED} customers each are needed.")
    return tuple(told)


def of_churn(whole: pd.DataFrame) -> tuple[str, ...]:
    """What share of customers is lost in a month."""
    rules = {"churn": "their last subscription ended", "inactivity_churn": f"{IDLE_MONTHS} months without an order"}
    return tuple(
        f"{amount(row['value'], '%')} of customers ({interval(row['low'], row['high'], '%')}) were lost in an average "
        f"month of the period, by the rule: {rules[row['metric']]} (n = {number(row['n'])} customer months)."
        for row in whole.dropna(subset="value").to_dict("records")
    )


def of_kept(year: pd.DataFrame, month: Any, subscribed: bool) -> tuple[str, ...]:
    """Net and gross revenue retention over a year."""
    known = year.dropna(subset="value").set_index("metric").to_dict("index") if len(year) else {}
    if "nrr" in known and "grr" in known:
        net, gross = (
            f"{amount(row['value'], '%')} ({interval(row['low'], row['high'], '%')})"
            for row in (known["nrr"], known["grr"])
        )
        return (
            f"Of the monthly subscription revenue of a year before the end of {month:%B %Y}, {net} is there with what "
            f"the same customers added (NRR), and {gross} without that (GRR; n = {number(known['nrr']['n'])}).",
        )
    if not subscribed:
        return ()
    needed = "at least 10 customers with a subscription and an amount a year before, all in one currency"
    return (f"There is no net revenue retention over a year: it needs {needed}.",)


def of_value(found: Worth) -> tuple[str, ...]:
    """What customers are worth, and why some of it is not known."""
    said = []
    for source, group in found.table.groupby("source", sort=False):
        parts = [f"{number(row['value'])} {row['currency']}".strip()
                 + f" ({number(row['low'])} to {number(row['high'])}) within {row['months']} months"
                 for row in group.to_dict("records")]  # fmt: skip
        whose = {"orders": "those who have ordered", "subscriptions": "those with a running subscription"}
        who = "Expected of both together" if source == "together" else f"Expected of {whose[str(source)]}"
        count = "" if source == "together" else f" (n = {number(group['customers'].iloc[0])})"
        said.append(f"{who}{count}: {listing(parts)}.")
    return (*said, *(f"There is no value from {source}: {why}." for source, why in found.reasons.items()))


def of_held(bought: Bought, value: Worth) -> tuple[str, ...]:
    """How far the models were off where it is known what came."""
    said = []
    for row in bought.held.total.to_dict("records"):
        off, simple = _off(row["error"]), _off(row["naive_error"])
        assert bought.held.cut is not None
        said.append(
            f"Held out: fitted to the orders before {short_date(bought.held.cut)} only, the model expects "
            f"{number(row['predicted'])} purchases of the following {row['weeks']:.0f} weeks; there were "
            f"{number(row['actual'])} ({off}). Going on at each customer's rate before would have said {simple}. Per "
            f"customer it is off by {row['mean_error']:.2f} purchases on average, the naive one by "
            f"{row['naive_mean_error']:.2f}.{_beyond(value, 'orders', row['error'])}"
        )
    for row in value.held.to_dict("records"):
        off = _off(row["error"])
        said.append(
            f"Held out: of {number(row['customers'])} subscribers {row['months']:.0f} months before the end, "
            f"{number(row['predicted'])} were expected to be left; there are {number(row['actual'])} ({off}; that all "
            f"stay: {_off(row['naive_error'])}).{_beyond(value, 'subscriptions', row['error'])}"
        )
    if bought.model is not None and bought.held.total.empty:
        said.append("There is no held-out test of purchases: before its last part the data are too few.")
    if not value.table.empty and (value.table["source"] == "subscriptions").any() and value.held.empty:
        said.append("There is no held-out test of subscriptions: before its last part the data are too few.")
    return tuple(said)


def _off(error: float) -> str:
    """An error in words; there is no share of nothing."""
    return (
        "there is no share of none" if is_missing(error) else f"{abs(error):.1f} % too {'many' if error > 0 else 'few'}"
    )


def _beyond(value: Worth, source: str, error: float) -> str:
    """A warning where the held-out error is larger than the interval of the value."""
    for row in value.table[value.table["source"] == source].head(1).to_dict("records"):
        if abs(error) > 100 * (row["high"] - row["low"]) / 2 / row["value"]:
            return " That is more than the interval of their value allows for: take it as the wider one."
    return ""


def assumptions(looked: Looked, rules: list[Rule], by: str, bought: Bought, value: Worth) -> tuple[str, ...]:
    """What the figures rest on and do not cover."""
    dropped = [DIMENSIONS[name] for name in looked.dropped]
    said = [f"Filters by {listing(dropped)} do not hold for customers, and are left out here."] if dropped else []
    said += [
        "Cohorts, churn and revenue retention are of the period; how long customers stay and what they are worth rest "
        "on all data up to its last day.",
        *(LEAVING[rule.name] for rule in rules),
        f"Curves: Kaplan-Meier, log-log intervals with Greenwood's variance, a month is 30.4375 days. At most {MOST} "
        f"groups with at least {DRAWN} customers are drawn, those with {TESTED} are tested (log-rank). Groups differ "
        "for many reasons: the test says that they do, not why.",
    ]
    if by == "channel":
        said.append(
            f"First channel: of the customer's first contact, if it came within {FIRST_CONTACT_DAYS} days of the "
            "start; only customers who started since contacts are in the data."
        )
    return (*said, *_of_models(bought, value))


def _of_models(bought: Bought, value: Worth) -> list[str]:
    said = []
    if bought.model is not None:
        said.append(
            "Purchases: BG/NBD (Fader, Hardie and Lee 2005); several orders of one day are one purchase, and orders "
            "that were cancelled or returned are none. It takes customers' rates as steady: seasons, campaigns and "
            f"growth are not in it. The held-out part is the last quarter of the data, at most {LONGEST_HELD} days."
        )
        if bought.model.at_bound:
            said.append("The orders do not tell all parameters of the purchase model: one ran to the end of its range, "
                        "so that its intervals say little.")  # fmt: skip
    if value.spending is not None:
        found = value.spending.correlation
        doubt = "more than the model allows for" if abs(found) >= _LARGE else "near enough to the 0 that it takes"
        said.append(
            "Spend per purchase: Gamma-Gamma, over customers with a repeat purchase; their purchases and their mean "
            f"spend correlate with {found:.2f}, {doubt}."
        )
    if (value.table["source"] == "subscriptions").any():
        said.append(
            "Subscriptions: the amount a month times the months for which customers are expected to pay, as customers "
            f"of the same age left within the last {WINDOW} days. If leaving goes on to rise or fall, that is off."
        )
    if len(value.table):
        said.append(
            f"Value is revenue of today's customers, not margin, discounted by {100 * DISCOUNT:.0f} % a year. "
            "Intervals are 95 %: for purchases by the delta method over the models' parameters, for subscriptions from "
            "redrawing who left. They hold if the models do; the held-out errors say how far."
        )
    if (value.table["source"] == "together").any():
        said.append("Together: a customer with orders and a subscription counts with both; the intervals are put "
                    "together as independent ones.")  # fmt: skip
    return said
