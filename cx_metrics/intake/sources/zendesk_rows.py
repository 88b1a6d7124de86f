"""What Zendesk's files hold: records under one spelling of their fields, whatever the file looks like.

JSON comes as pages of the API (`{"tickets": [...], "end_of_stream": ...}`, with several lists where records were loaded
side by side), as JSON lines or as a bare list; CSV with the API's field names or the legacy view's headings. Here every
field is in lower case with single underscores, nesting joined by one: `satisfaction_rating.score`,
`satisfaction_rating__score` and the legacy "Satisfaction Score" are all `satisfaction_rating_score`. Names: Zendesk's
API reference for tickets, ticket metrics, satisfaction ratings, users, groups and ticket comments.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cx_metrics.intake.plan import Reading
from cx_metrics.intake.records import flat, json_records
from cx_metrics.intake.text import TextFile, examine, header_of, text_rows

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
Fields = Mapping[str, str | None]

_LISTS = {  # key of a page -> kind of its records; "" = each record tells by itself
    "tickets": "tickets", "ticket": "tickets", "ticket_metrics": "metrics", "ticket_metric": "metrics",
    "metric_sets": "metrics", "satisfaction_ratings": "ratings", "satisfaction_rating": "ratings", "users": "users",
    "user": "users", "comments": "comments", "groups": "groups", "group": "groups", "results": "",
}  # fmt: skip
_ALIASES = {
    "zendesk_id": "id", "via": "via_channel", "ticket_type": "type", "satisfaction_score": "satisfaction_rating_score",
    "satisfaction": "satisfaction_rating_score", "satisfaction_rating": "satisfaction_rating_score",
    "due_date": "due_at", "first_reply_time_in_minutes": "reply_time_in_minutes_calendar",
    "first_reply_time_in_minutes_within_business_hours": "reply_time_in_minutes_business",
    "total_time_spent_sec_int": "total_time_spent_sec",
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


@dataclass(frozen=True)
class Record:
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


@functools.lru_cache(maxsize=4096)
def field(name: str) -> str:
    """The one spelling of a field's name or of a fixed word: `Ticket type` -> type, `via.channel` -> via_channel."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return _ALIASES.get(plain, plain)


def spelled(cells: Mapping[str, str | None]) -> dict[str, str | None]:
    """Cells under their one spelling, blank ones None. A ticket's `metric_set` counts as its own fields, but yields to
    them: both have an id."""
    fields: dict[str, str | None] = {}
    named = [(field(name), cell) for name, cell in cells.items()]
    for key, cell in sorted(named, key=lambda item: item[0].startswith("metric_set_")):
        key = key.removeprefix("metric_set_")
        if fields.get(key) is None:
            fields[key] = (cell or "").strip() or None
    return fields


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
    for record in found:
        kind = record.kind or _kind(frozenset(record.fields), 1) or kind
        if kind == "comments" and not record.fields.get("ticket_id"):
            record = dataclasses.replace(record, fields={**record.fields, "ticket_id": ticket_in_name(path)})
        yield dataclasses.replace(record, kind=kind)
        if kind == "tickets" and record.problem is None and record.fields.get("id"):
            yield from _inside(record)


def ticket_in_name(path: Path) -> str | None:
    """The ticket that a file of comments is named after (comments_35436.json): the API's answer does not name it."""
    number = re.search(r"comments?[-_ ]*(\d+)$", path.stem, re.IGNORECASE)
    return number[1] if number else None


def _from_json(path: Path) -> Iterator[Record]:
    count = 0
    for number, document in json_records(path):
        page = _page(document)
        for kind, element in [("", document)] if page is None else page:
            count += 1
            line = number if page is None else count
            if isinstance(element, Mapping):
                yield Record(kind, line, spelled(flat(element)), element)
            else:
                yield Record(kind, line, {}, element, "the record is no JSON object")


def _page(document: Any) -> list[tuple[str, Any]] | None:
    """The records of one answer of the API with their kinds; None for what is a record itself."""
    if not isinstance(document, Mapping) or "id" in document or "ticket_id" in document:
        return None
    lists = [(kind, document[key]) for key, kind in _LISTS.items() if isinstance(document.get(key), (list, Mapping))]
    elements = [(kind, one) for kind, many in lists for one in (many if isinstance(many, list) else [many])]
    return elements if lists else None


def _from_table(path: Path) -> Iterator[Record]:
    for row in text_rows(examine(path), Reading()):
        cells: dict[str, str | None] = {}
        for name, cell in row.cells.items():
            nested = literal(cell) if cell and cell[:1] == "{" and _NESTED.match(name) else None
            if isinstance(nested, Mapping):
                cells.update(flat(nested, f"{name}."))
            elif cell != "-":  # the legacy view's way to say that there is none
                whole = re.fullmatch(r"(\d+)\.0", cell or "")  # what a spreadsheet makes of a column with gaps
                cells[name] = whole[1] if whole else cell
        yield Record("", row.line, spelled(cells), row.cells, row.problem)


def _inside(ticket: Record) -> Iterator[Record]:
    fields, key = ticket.fields, ticket.fields.get("id")
    for comment in literal(fields.get("comments")) or []:
        if isinstance(comment, Mapping):
            said = {**spelled(flat(comment)), "ticket_id": key}
            yield Record("comments", ticket.line, said, comment, inside=key)
    touched = fields.get("updated_at") or fields.get("created_at")
    if field(fields.get("satisfaction_rating_score") or "") not in ("", "unoffered", "not_offered"):
        given = {name: fields.get(f"satisfaction_rating_{name}") for name in ("id", "score", "comment")}
        rating = {**given, "ticket_id": key, "requester_id": person(fields), "created_at": touched}
        yield Record("own_ratings", ticket.line, rating, rating, inside=key)
    name, email = fields.get("requester") or fields.get("requester_name"), fields.get("requester_email")
    if person(fields) and (name or email):
        known = {"id": person(fields), "name": name, "email": email, "updated_at": touched}
        yield Record("requesters", ticket.line, known, known, inside=key)


def person(fields: Fields) -> str | None:
    """Key of a ticket's requester: the id, or in a view without it the e-mail address."""
    return fields.get("requester_id") or (fields.get("requester_email") or "").lower() or None


def literal(text: str | None) -> Any:
    """A cell that holds JSON, or a list or mapping as Python prints it; None for any other text."""
    if text and text[0] in "[{":
        for read in (json.loads, ast.literal_eval):
            with contextlib.suppress(ValueError, SyntaxError, MemoryError, RecursionError):
                return read(text)
    return None


def tags(fields: Fields) -> list[str]:
    """A ticket's tags, from a list or from text with blanks or commas between them."""
    text = fields.get("tags") or ""
    listed = literal(text)
    return [str(tag) for tag in listed] if isinstance(listed, list) else [t for t in re.split(r"[\s,;]+", text) if t]


def plain(html: str) -> str:
    """The text of an HTML comment: entities decoded, a line per block, no style sheets or scripts."""
    parts: list[str] = []
    hidden: list[str] = []
    parser = HTMLParser(convert_charrefs=True)

    def tag(name: str, attributes: Any = None) -> None:
        if name in ("style", "script"):
            hidden.append(name) if attributes is not None else hidden.clear()
        elif name in ("br", "p", "div", "li", "tr", "blockquote", "h1", "h2", "h3"):
            parts.append("\n")

    def said(text: str) -> None:
        parts.append("" if hidden else text)

    # The parser calls these as its own methods; set on it rather than inherited, because nothing else is changed.
    for method, call in (("handle_starttag", tag), ("handle_endtag", tag), ("handle_data", said)):
        setattr(parser, method, call)
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)


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
