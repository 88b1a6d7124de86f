"""What single fields of Zendesk's records hold, under one spelling of their names.

Every name is in lower case with single underscores, nesting joined by one: `satisfaction_rating.score`,
`satisfaction_rating__score` and the legacy "Satisfaction Score" are all `satisfaction_rating_score`.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

from cx_metrics.intake.records import flat

Fields = Mapping[str, str | None]

_ALIASES = {
    "zendesk_id": "id", "via": "via_channel", "ticket_type": "type", "satisfaction_score": "satisfaction_rating_score",
    "satisfaction": "satisfaction_rating_score", "satisfaction_rating": "satisfaction_rating_score",
    "due_date": "due_at", "first_reply_time_in_minutes": "reply_time_in_minutes_calendar",
    "first_reply_time_in_minutes_within_business_hours": "reply_time_in_minutes_business",
    "total_time_spent_sec_int": "total_time_spent_sec",
}  # fmt: skip
_LISTS = ("tags", "comments")  # other lists hold nothing that is loaded
_json = json.JSONEncoder(ensure_ascii=False).encode


@functools.lru_cache(maxsize=4096)
def field(name: str) -> str:
    """The one spelling of a field's name or of a fixed word: `Ticket type` -> type, `via.channel` -> via_channel."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return _ALIASES.get(plain, plain)


def word(text: str | None) -> str:
    """A fixed word of Zendesk's under its one spelling: "On-hold" -> on_hold."""
    return field(text or "")


def spelled(record: Mapping[str, Any]) -> dict[str, str | None]:
    """The fields of a record, nested ones too, under their one spelling, blank ones None.

    A ticket's `metric_set` counts as its own fields, but yields to them: both have an id.
    """
    fields: dict[str, str | None] = {}
    _gather(record, "", fields)
    for name in [name for name in fields if name.startswith("metric_set_")]:
        measured, name = fields.pop(name), name.removeprefix("metric_set_")
        if fields.get(name) is None:
            fields[name] = measured
    return fields


def _gather(record: Mapping[str, Any], prefix: str, fields: dict[str, str | None]) -> None:
    for key, value in record.items():
        if isinstance(value, dict):
            _gather(value, f"{prefix}{key}.", fields)
            continue
        name = field(prefix + key)
        if value is None:
            fields.setdefault(name)
        elif fields.get(name) is None:
            text = value if isinstance(value, str) else _text(name, value)
            fields[name] = (text.strip() or None) if text else None


def _text(name: str, value: Any) -> str | None:
    """A number, a truth value or a list of JSON as text; of lists, only those that are of use here."""
    if type(value) is int:
        return str(value)
    if isinstance(value, list):
        return _json(value) if name in _LISTS else None
    return flat({name: value})[name]


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


@functools.lru_cache(maxsize=4096)
def tags(text: str | None) -> tuple[str, ...]:
    """A ticket's tags, from a list or from text with blanks or commas between them."""
    listed = literal(text)
    return tuple(map(str, listed) if isinstance(listed, list) else filter(None, re.split(r"[\s,;]+", text or "")))


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
