"""What notices say: never a name, a key or a word of a customer, which are added on the way out where allowed."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from cx_metrics.scope import short_date

LISTED = 10  # interventions that a notice names one by one
_RUN, _DUE = re.compile(r"(\d+)(?:-(\d+))?"), re.compile(r"(\d+) \(due ([^)]+)\)")


@dataclass(frozen=True)
class Draft:
    """A notice to be written. kind, about, recipient: together told once."""

    kind: str
    about: str
    recipient: str
    title: str
    body: str


def about_numbers(numbers: Iterable[int]) -> str:
    """ "interventions 3, 5-7" of 3, 5, 6, 7."""
    ordered = sorted(set(numbers))
    starts = [one for before, one in pairwise([ordered[0] - 2, *ordered]) if one != before + 1]
    ends = [one for one, after in pairwise([*ordered, ordered[-1] + 2]) if after != one + 1]
    runs = [str(first) if first == last else f"{first}-{last}" for first, last in zip(starts, ends, strict=True)]
    return f"intervention{'s' * (len(ordered) > 1)} {', '.join(runs)}"


def about_due(times: Iterable[tuple[int, datetime.datetime]]) -> str:
    """ "overdue 17 (due 2026-11-20 12:00:00), 18 (due ...)"."""
    return "overdue " + ", ".join(f"{number} (due {at:%Y-%m-%d %H:%M:%S})" for number, at in sorted(times))


def numbers_in(about: str) -> set[int]:
    """The interventions that a notice is about, from either wording."""
    if times := due_in(about):
        return {number for number, _ in times}
    found: set[int] = set()
    for first, last in _RUN.findall(about):
        found |= set(range(int(first), int(last or first) + 1))
    return found


def due_in(about: str) -> set[tuple[int, str]]:
    """The interventions that an overdue notice is about, with the due times that it told."""
    return {(int(number), at) for number, at in _DUE.findall(about)}


def new_words(rows: pd.DataFrame, titles: Mapping[str, str], link: str) -> tuple[str, str]:
    """Title and body about interventions that were opened. rows: as `intervention_queue.standing`, in order of need.
    titles: of the rules by name."""
    n = len(rows)
    title = f"{n:,} new interventions wait for a person" if n > 1 else "1 new intervention waits for a person"
    counts = rows["rule"].map(lambda rule: titled(rule, titles)).value_counts(sort=False).sort_index()
    why = "Why: " + ", ".join(f"{words} ({count:,})" for words, count in counts.items()) + "."
    lines = [f"{_line(row, titles)}, due {time_words(row['due_at'])}" for row in _first(rows)]
    return title, _body([why, *lines, *_more(n)], link, "interventions")


def overdue_words(rows: pd.DataFrame, titles: Mapping[str, str], link: str) -> tuple[str, str]:
    """Title and body about interventions that nobody acted on in time; as `new_words`."""
    n = len(rows)
    title = f"{n:,} interventions are overdue" if n > 1 else "1 intervention is overdue"
    lines = [
        f"{_line(row, titles)}, was due {time_words(row['due_at'])}, "
        + (f"{defused(row['assignee'])} has it" if row["assignee"] else "nobody has it")
        for row in _first(rows)
    ]
    return title, _body([*lines, *_more(n)], link, "interventions")


def recognition_words(row: Mapping[Any, Any], link: str) -> tuple[str, str]:
    """Title and body about a nomination that came to the wall. row: of the table of nominations."""
    agent, team, who = (defused(row[name]) for name in ("agent", "team", "who"))
    title = f"Well done, {agent}" + (f" ({team})" if team else "")
    return title, _body(
        [f"{who} nominated a reply by {agent}, who agreed to be shown. It is on the wall."], link, "wall"
    )


def titled(rule: str, titles: Mapping[str, str]) -> str:
    """A rule for people; one that is gone by its name."""
    return defused(titles.get(rule, rule.replace("_", " ")))


def time_words(at: Any) -> str:
    """22 Nov 2026 18:00 UTC."""
    time = pd.Timestamp(at)
    return f"{short_date(time.date())} {time:%H:%M} UTC"


def linked(link: str, page: str) -> str:
    """The address of a page of the dashboard; "" where the settings give none."""
    return f"{link}/{page}" if link else ""


def defused(text: object) -> str:
    """A text in one line in which a chat program finds no mention of people or groups, and no mark-up of its own."""
    return " ".join(str(text).split()).replace("<", "‹").replace(">", "›").replace("@", "@\u2060")


def _line(row: Mapping[Any, Any], titles: Mapping[str, str]) -> str:
    team = defused(row["team"])
    return f"{row['intervention_id']}: {titled(row['rule'], titles)}" + (f", {team}" if team else "")


def _first(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    return rows.head(LISTED).to_dict("records")


def _more(n: int) -> list[str]:
    return [f"and {n - LISTED:,} more"] if n > LISTED else []


def _body(lines: Sequence[str], link: str, page: str) -> str:
    return "\n".join([*lines, *filter(None, [linked(link, page)])])
