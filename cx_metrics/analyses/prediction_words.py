"""What the marked predictions say, in sentences."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.calibration import MEANT, RANKED, SHOWN
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.scope import short_date
from cx_metrics.wording import amount, interval, listing

ASSUMPTIONS = (
    "A prediction counts if it was entered before its period began (UTC); of several of one team for the same figure, "
    "period and filters, the last one made in time counts. The others stay in the history.",
    "It is marked when the data reach the last day of its period, against what the data say now, under the limits "
    "above: late rows can move a mark, and figures that wait for a customer's return leave out the newest contacts.",
    "The naive forecasts are the value of the period before and that of the same period a year earlier, each seen "
    "whole, although part of it may have lain ahead when the team predicted: hard to beat. A tie is not closer.",
    f"A range is meant to hold reality in {MEANT:.0f} of 100 cases. Reality has an interval of its own, and misses by "
    "less than that say little.",
    "A prediction names its figure, and with it the definition that it is measured by.",
    f"Figures about a team are given from {SHOWN} marked predictions, an order from {RANKED}; below, there is the list "
    "alone. Predictions of one team and period hang together, so that the intervals are rather too narrow.",
    "These are entries of our own people, so that small numbers of them are not hidden; reality is, as everywhere.",
    "The period and the filters above do not apply here: every prediction has its own.",
)
_REST = {"late": "entered too late to count", "replaced": "replaced by a later one", "not markable": "not markable"}


def sentences(history: pd.DataFrame, teams: pd.DataFrame) -> tuple[str, ...]:
    """The answer, then the details. history, teams: as `predictions` makes them."""
    if history.empty:
        return ("No team has recorded a prediction yet: record what you expect of a coming period, and it is marked "
                "when that period is over.",)  # fmt: skip
    said = [_answer(history, teams)]
    scored = history[history["status"] == "marked"]
    said += [_compared(scored["closer"]), _held(scored["held"])]
    said += _sure(teams[teams["n_held"] >= RANKED].to_dict("records"))
    counts = history["status"].value_counts()
    rest = [f"{counts[name]:,} {words}" for name, words in _REST.items() if name in counts]
    said += [f"Not counted: {listing(rest)}."] if rest else []
    return tuple(filter(None, said))


def _answer(history: pd.DataFrame, teams: pd.DataFrame) -> str:
    ranked = teams[teams["rank"].notna()].to_dict("records")
    count, waiting = int((history["status"] == "marked").sum()), history[history["status"] == "open"]
    opened = f"{len(waiting):,} {'is' if len(waiting) == 1 else 'are'} open"
    if not count:
        until = f", the first until {short_date(waiting['last_day'].min())}" if len(waiting) else ""
        return f"No prediction is marked yet; {opened}{until}."
    if not ranked:
        most = teams.sort_values(["n", "team"], ascending=[False, True]).iloc[0]
        are = "prediction is" if count == 1 else "predictions are"
        return (f"Nobody can be said to know the customers best yet: {count:,} {are} marked, {opened}; a team is "
                f"ranked from {RANKED} on, and {most['team']} has the most ({most['n']:,}).")  # fmt: skip
    if all(row["closer_high"] < 50 for row in ranked):
        best = f"{ranked[0]['team']} came closer to reality than the previous period's value in {_share(ranked[0])}"
        return f"No team does better than a naive forecast: even {best}."
    first = ranked[0]
    said = f"{first['team']} came closer to reality than the previous period's value in {_share(first)}"
    if len(ranked) == 1:
        return f"{said}, {_verdict(first)}; no other team has {RANKED} yet."
    apart = first["closer_low"] > ranked[1]["closer_high"]
    best = "knows its customers best" if apart else f"leads, but is not clearly ahead of {ranked[1]['team']}"
    return f"{first['team']} {best}: it{said.removeprefix(str(first['team']))}, {_verdict(first)}."


def _share(row: dict[Any, Any]) -> str:
    share = f"{amount(row['closer'], '%')} ({interval(row['closer_low'], row['closer_high'], '%')})"
    return f"{share} of {row['n_closer']:,} predictions"


def _verdict(row: dict[Any, Any]) -> str:
    if row["closer_low"] > 50:
        return "clearly better than a naive forecast"
    return (
        "clearly worse than a naive forecast" if row["closer_high"] < 50 else "not clearly better than a naive forecast"
    )


def _compared(closer: pd.Series[Any]) -> str:
    return _shared(closer, "all teams' predictions with a period before came closer to reality than its value")


def _held(held: pd.Series[Any]) -> str:
    said = _shared(held, "all stated ranges held reality")
    return f"{said[:-1]}; {MEANT:.0f} % was meant." if said else ""


def _shared(answers: pd.Series[Any], words: str) -> str:
    known = answers.dropna().astype(bool)
    if len(known) < SHOWN:
        return ""
    low, high = (100 * end for end in wilson_interval(float(known.mean()), len(known)))
    return f"{100 * known.mean():.1f} % ({interval(low, high, '%')}) of {words} (n = {len(known):,})."


def _sure(rows: list[dict[Any, Any]]) -> list[str]:
    """Which teams' ranges are clearly too narrow or too wide."""
    narrow = [_own(row) for row in rows if row["held_high"] < MEANT]
    wide = [_own(row) for row in rows if row["held_low"] > MEANT]
    said = {"Too sure of themselves, with ranges too narrow": narrow, "Too careful, with ranges too wide": wide}
    return [f"{words}: {listing(teams)}." for words, teams in said.items() if teams]


def _own(row: dict[Any, Any]) -> str:
    return f"{row['team']} ({amount(row['held'], '%')} of {row['n_held']:,} held reality)"
