"""What Zendesk's files hold: records under one spelling of their fields, whatever the file looks like.

JSON comes as pages of the API (`{"tickets": [...], "end_of_stream": ...}`, with several lists where records were loaded
side by side), as JSON lines or as a bare list; CSV with the API's field names or the legacy view's headings. Names:
Zendesk's API reference for tickets, ticket metrics, satisfaction ratings, users, groups and ticket comments.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cx_metrics.intake.plan import Reading
from cx_metrics.intake.records import json_records
from cx_metrics.intake.sources.zendesk_fields import Fields, field, literal, person, spelled, word
from cx_metrics.intake.text import TextFile, examine, header_of, text_rows

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")

_LISTS = {  # key of a page -> kind of its records; "" = each record tells by itself
    "tickets": "tickets", "ticket": "tickets", "ticket_metrics": "metrics", "ticket_metric": "metrics",
    "metric_sets": "metrics", "satisfaction_ratings": "ratings", "satisfaction_rating": "ratings", "users": "users",
    "user": "users", "comments": "comments", "groups": "groups", "group": "groups", "results": "",
}  # fmt: skip
# Kind -> (what its records must have, one name of each group; what else shows that they are Zendesk's).
_SIGNS: dict[str, tuple[tuple[str, ...], str]] = {
    "tickets": (
        ("id", "status", "requester_id requester requester_email"),
        "submitter_id submitter assignee_id assignee via_channel satisfaction_rating_score ticket_form_id brand_id "
        "summation_column group_stations assignee_stations",
    ),
    "metrics": (
        ("ticket_id",),
        "assignee_stations group_stations reply_time_in_minutes_calendar full_resolution_time_in_minutes_calendar "
        "reply_time_in_minutes full_resolution_time_in_minutes requester_wait_time_in_minutes initially_assigned_at",
    ),
    "ratings": (("ticket_id", "score"), "requester_id assignee_id group_id reason reason_id reason_code"),
    "comments": (("author_id", "body plain_body html_body"), "public audit_id html_body plain_body ticket_id"),
    "users": (
        ("id", "role", "name email"),
        "role organization_id external_id ticket_restriction time_zone locale_id suspended restricted_agent",
    ),
    "groups": (("id", "name"), "is_public default deleted"),
}
_NESTED = re.compile(r"^(via|satisfaction_rating|metric_set|\w+_in_(minutes|seconds))", re.IGNORECASE)


class Record(NamedTuple):
    """One object of a Zendesk file.

    kind: tickets, metrics, ratings, users, comments, groups; of a ticket's own content own_ratings and requesters;
    "" = not to be told. line: its line, in JSON its number. original: as it was read. inside: id of the ticket that
    it was found in.
    """

    kind: str
    line: int
    fields: Fields
    original: Any
    problem: str | None = None
    inside: str | None = None


Found = tuple[str, int, dict[str, str | None], Any, str | None]  # a record before its kind is settled


@functools.lru_cache(maxsize=256)
def _kind(names: frozenset[str], evidence: int) -> str:
    for kind, (needed, shown) in _SIGNS.items():
        complete = all(names.intersection(group.split()) for group in needed)
        if complete and len(names.intersection(shown.split())) >= evidence:
            return kind
    return ""


def records(path: Path) -> Iterator[Record]:
    """The records of a file, each ticket followed by what it contains: comments, its rating, its requester."""
    found = _from_json(path) if path.suffix.lower() in JSON_SUFFIXES else _from_table(path)
    kind = ""
    for named, line, fields, original, problem in found:
        kind = named or _kind(frozenset(fields), 1) or kind
        if kind == "comments" and not fields.get("ticket_id"):
            fields["ticket_id"] = ticket_in_name(path)
        record = Record(kind, line, fields, original, problem)
        yield record
        if kind == "tickets" and problem is None and fields.get("id"):
            yield from _inside(record)


def ticket_in_name(path: Path) -> str | None:
    """The ticket that a file of comments is named after (comments_35436.json): the API's answer does not name it."""
    number = re.search(r"comments?[-_ ]*(\d+)$", path.stem, re.IGNORECASE)
    return number[1] if number else None


def _from_json(path: Path) -> Iterator[Found]:
    count = 0
    for number, document in json_records(path):
        page = _page(document)
        for kind, elements in page or [("", [document])]:
            for element in elements:
                count += 1
                line = count if page else number
                if isinstance(element, Mapping):
                    yield kind, line, spelled(element), element, None
                else:
                    yield kind, line, {}, element, "the record is no JSON object"


def _page(document: Any) -> list[tuple[str, list[Any]]] | None:
    """The lists of one answer of the API with the kinds of their records; None for what is a record itself."""
    if not isinstance(document, Mapping) or "id" in document or "ticket_id" in document:
        return None
    named = [(kind, document[key]) for key, kind in _LISTS.items() if isinstance(document.get(key), (list, Mapping))]
    return [(kind, given if isinstance(given, list) else [given]) for kind, given in named] or None


def _from_table(path: Path) -> Iterator[Found]:
    for row in text_rows(examine(path), Reading()):
        cells: dict[str, Any] = {}
        for name, cell in row.cells.items():
            nested = literal(cell) if cell and cell[:1] == "{" and _NESTED.match(name) else None
            if isinstance(nested, dict):
                cells[name] = nested
            elif cell != "-":  # the legacy view's way to say that there is none
                whole = re.fullmatch(r"(\d+)\.0", cell or "")  # what a spreadsheet makes of a column with gaps
                cells[name] = whole[1] if whole else cell
        yield "", row.line, spelled(cells), row.cells, row.problem


def _inside(ticket: Record) -> Iterator[Record]:
    fields, key = ticket.fields, ticket.fields.get("id")
    for comment in literal(fields.get("comments")) or []:
        if isinstance(comment, Mapping):
            said = {**spelled(comment), "ticket_id": key}
            yield Record("comments", ticket.line, said, comment, inside=key)
    touched = fields.get("updated_at") or fields.get("created_at")
    if word(fields.get("satisfaction_rating_score")) not in ("", "unoffered", "not_offered"):
        given = {name: fields.get(f"satisfaction_rating_{name}") for name in ("id", "score", "comment")}
        rating = {**given, "ticket_id": key, "requester_id": person(fields), "created_at": touched}
        yield Record("own_ratings", ticket.line, rating, rating, inside=key)
    name, email = fields.get("requester") or fields.get("requester_name"), fields.get("requester_email")
    if person(fields) and (name or email):
        known = {"id": person(fields), "name": name, "email": email, "updated_at": touched}
        yield Record("requesters", ticket.line, known, known, inside=key)


def looks_like_zendesk(path: Path) -> bool:
    """Whether the first 64 KiB of a file carry the fields of a Zendesk record, and enough of them. Never raises."""
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
        encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        if path.suffix.lower() not in JSON_SUFFIXES:
            _, columns = header_of(TextFile(path, encoding, clean=False), Reading())
            return bool(_kind(frozenset(field(name) for name in columns), 2))
    except Exception:  # whatever is wrong with a file, it is not recognised
        return False
    text = head.decode(encoding, "replace")
    names = set(re.findall(r'"(\w+)"\s*:', text))
    if names & {"end_of_stream", "next_page"} and names & (_LISTS.keys() - {"results"}):
        return True  # a page, be it empty
    kind = _kind(frozenset(field(name) for name in names), 2)
    return bool(kind) and (kind != "users" or re.search(r'"role"\s*:\s*"(end-user|agent|admin)"', text) is not None)
