"""Rows that are wrong on purpose: copies of good rows with one mistake each, at fixed places (see truths.BAD_ROWS)."""

from collections.abc import Callable, Sequence
from typing import Any

from sample_data.canonical import COLUMNS
from sample_data.files import Row
from sample_data.truths import BAD_ROWS

Mistake = Callable[[list[Any], Sequence[str], int], list[Any]]


def _put(row: list[Any], header: Sequence[str], **cells: object) -> list[Any]:
    """`row` with the named cells replaced."""
    changed = list(row)
    for name, value in cells.items():
        changed[header.index(name)] = value
    return changed


# Each takes a good row, the header and a running number. All but the duplicates carry an id of their own, so that
# nothing but the mistake itself can be the reason to refuse them.
MISTAKES: dict[str, Mistake] = {
    "score outside its scale": lambda row, header, n: _put(
        row, header, answer_id=f"S-99{n:05d}", score=(0, 6, 9, -1)[n % 4]
    ),
    "unknown instrument": lambda row, header, n: _put(row, header, answer_id=f"S-98{n:05d}", instrument="smile"),
    "unreadable date": lambda row, header, n: _put(
        row, header, interaction_id=f"I-99{n:05d}", occurred_at="31/31/2025"
    ),
    "negative wait": lambda row, header, n: _put(row, header, interaction_id=f"I-98{n:05d}", wait_seconds=-40 - n),
    "too many cells": lambda row, header, n: [*_put(row, header, interaction_id=f"I-97{n:05d}"), "surplus"],
    "missing id": lambda row, header, n: _put(row, header, interaction_id=""),
    "exact duplicate": lambda row, header, n: list(row),
    "same key, other values": lambda row, header, n: _put(
        row, header, name="Someone Else", email=f"someone.else{n}@example.com"
    ),
}


def spoil(table: str, rows: list[Row]) -> list[Row]:
    """`rows` of a canonical table with its bad rows added, each right after the good row that it is a copy of."""
    header = COLUMNS[table]
    mistakes = [(bad.kind, n) for bad in BAD_ROWS if bad.file == f"canonical/{table}.csv" for n in range(bad.count)]
    places = _csat_places(rows) if table == "survey_answers" else range(len(rows))
    for k in reversed(range(len(mistakes))):
        kind, n = mistakes[k]
        place = places[(k + 1) * len(places) // (len(mistakes) + 1)]
        rows.insert(place + 1, MISTAKES[kind](list(rows[place]), header, n))
    return rows


def _csat_places(rows: list[Row]) -> list[int]:
    """Positions of the answered CSAT rows: only there a score can be spoilt."""
    header = COLUMNS["survey_answers"]
    instrument, score = header.index("instrument"), header.index("score")
    return [place for place, row in enumerate(rows) if row[instrument] == "csat" and row[score] != ""]


def spoil_tickets(tickets: list[dict[str, Any]]) -> None:
    """Add the bad tickets of tickets.json in place."""
    third = len(tickets) // 4
    copies = [dict(tickets[third * n]) for n in (1, 2, 3)]
    for n, copy in enumerate(copies[:2]):
        copy |= {"id": 990_001 + n, "created_at": "yesterday"}
    copies[2]["id"] = None
    for n, copy in enumerate(copies):
        tickets.insert(third * (n + 1) + n, copy)


def spoil_ratings(ratings: list[dict[str, Any]], first_ticket: int) -> None:
    """Add the bad ratings of satisfaction_ratings.json in place, for tickets that have no good one."""
    rated = {rating["ticket_id"] for rating in ratings}
    tickets = [first_ticket + n for n in range(len(rated) + 2) if first_ticket + n not in rated]
    middle = len(ratings) // 2
    for n in range(2):
        ratings.insert(middle + n, ratings[n] | {"id": 99_000_001 + n, "ticket_id": tickets[n], "score": "meh"})
