"""What customers say, in sentences, and what the figures rest on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.voice_emerging import BEFORE, RECENT
from cx_metrics.charts.voice import origin_words
from cx_metrics.judges.themes import EVERYTHING, NOT_COVERED
from cx_metrics.scope import Scope
from cx_metrics.wording import amount, interval, listing

Row = dict[Any, Any]
_NAMED = 3  # themes in a sentence
_NOTHING = {
    "no texts": "There are no words of customers here yet: this needs messages of contacts, or comments of answers.",
    "not read": "The words of the texts have not been read yet: they are with the next import.",
    "none here": "No customer wrote anything in this period, with these filters.",
}


def sentences(tables: dict[str, pd.DataFrame], watched: int, unfit: str) -> tuple[str, ...]:
    """The answer first. watched: how many themes and words were compared for a rise. unfit: why there is no text."""
    if unfit:
        return (_NOTHING[unfit],)
    themes = tables["themes"]
    own = themes[~themes["theme"].isin([EVERYTHING, NOT_COVERED])]
    (whole,), (rest,) = (themes[themes["theme"] == name].to_dict("records") for name in (EVERYTHING, NOT_COVERED))
    n = amount(whole["n"], "count")
    if own.empty:
        return (f"{n} texts of customers, and no theme yet: write the first below.",)
    known = own[own["share"].notna()]
    if known.empty:
        return (f"Too few texts speak of any theme to give a figure (n = {n} texts).",)
    said = [_largest(known, rest, n), *_moods(known), *_effects(tables["effects"])]
    return (*said, *_emerging(tables["emerging"], watched))


def _largest(known: pd.DataFrame, rest: Row, n: str) -> str:
    parts = [
        f"“{row['theme']}” ({amount(row['share'], '%')}, {interval(row['low'], row['high'], '%')})"
        for row in known.head(_NAMED).to_dict("records")
    ]
    uncovered = f"{amount(rest['share'], '%')} of the {n} texts are in no theme"
    hidden = f"fewer than ten of the {n} texts are in no theme"
    return f"Customers speak most of {listing(parts)}; {uncovered if rest['share'] == rest['share'] else hidden}."


def _moods(known: pd.DataFrame) -> list[str]:
    felt = known[(known["moods"] >= RANKED) & known["mood"].notna()].sort_values("mood")
    if len(felt) < 2:
        return []
    worst, best = felt.iloc[0], felt.iloc[-1]
    ends = [
        f"“{row['theme']}” ({row['mood']:+.2f}, {row['mood_low']:+.2f} to {row['mood_high']:+.2f}; "
        f"{amount(row['negative'], '%')} negative)"
        for row in (worst, best)
    ]
    if not worst["mood_high"] < best["mood_low"]:
        return [f"The mood does not differ clearly between themes; lowest and highest: {listing(ends)}."]
    return [f"The mood is worst with {ends[0]} and best with {ends[1]}, on a scale from -1 to 1."]


def _effects(effects: pd.DataFrame) -> list[str]:
    """Where answers are clearly lower and clearly higher; measures without either in one sentence."""
    said, neither = [], []
    for measure, rows in effects.groupby("measure", sort=False):
        clear = rows[rows["clear"].astype(bool)].sort_values("adjusted")
        sides = {"lower": clear[clear["adjusted"] < 0], "higher": clear[clear["adjusted"] > 0].iloc[::-1]}
        parts = [f"{how} with {listing(list(map(_apart, own.head(_NAMED).to_dict('records'))))}"
                 for how, own in sides.items() if len(own)]  # fmt: skip
        if parts:
            said.append(f"Within stage and channel, {measure} is clearly {'; '.join(parts)}.")
        elif rows["p_holm"].notna().any():
            neither.append(str(measure))
    return [*said, *([f"No theme goes with a clearly lower or higher {' or '.join(neither)}."] if neither else [])]


def _apart(row: Row) -> str:
    low, high = (amount(row[end], "points") for end in ("adjusted_low", "adjusted_high"))
    return f"“{row['theme']}” ({amount(row['adjusted'], 'points')} points, {low} to {high})"


def _emerging(rows: pd.DataFrame, watched: int) -> list[str]:
    if not watched:
        return [f"There are too few weeks or texts to tell what is new (the last {RECENT} weeks are compared with the "
                f"{BEFORE} before)."]  # fmt: skip
    if rows.empty:
        return [f"Nothing new: of {watched:,} themes and words, none is clearly spoken of more in the last {RECENT} "
                f"weeks than in the {BEFORE} before."]  # fmt: skip
    parts = [
        f"“{row['name']}” ({row['kind']}, {origin_words(row['origin'])}: {amount(row['share'], '%')} against "
        f"{amount(row['before_share'], '%')})"
        for row in rows.head(2 * _NAMED).to_dict("records")
    ]
    more = f", and {len(rows) - len(parts)} more" if len(rows) > len(parts) else ""
    return [f"New in the last {RECENT} weeks: {listing(parts)}{more}."]


def assumptions(scope: Scope) -> tuple[str, ...]:
    """What the figures rest on, and what they do not cover."""
    return (
        "A text is all that a customer wrote in a contact, or the comment of an answer, if it has a meaningful word. "
        "Contacts count on the day they began, comments on the day they were given.",
        "A text is in every theme of which it holds a term, so shares do not sum to 100 %. Words say what a text "
        "mentions, not what is meant: irony, negation and words that nobody listed are missed.",
        "The mood is that of a contact's worst message, and of the comment; negative is below "
        f"{scope.limits.sentiment:g}. It is an estimate from words; texts that cannot be judged are left out of it.",
        "CSAT and NPS are those of answers whose comment, or whose contact, speaks of the theme, less those of other "
        "answers with words; answers without any are left out. Difference of shares: Newcombe's interval; of NPS: "
        "Welch's; within stage and channel: weights of Mantel and Haenszel. Clear is what stands Holm's correction "
        f"over all themes and both measures, from n = {RANKED} on each side.",
        "That is an association: who is dissatisfied writes about other things, too. It is no proof of a cause.",
        f"New is what a larger share of texts holds in the last {RECENT} weeks than in the {BEFORE} before, which may "
        "begin before the period; contacts and each survey's comments are compared with themselves. Of those named, "
        "5 % are expected to be false (Benjamini and Hochberg), weeks allowed to differ more than by chance. "
        "Words of very uneven weeks give more false alarms, and what returns every year looks new.",
    )  # fmt: skip
