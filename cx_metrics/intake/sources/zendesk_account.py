"""What the files of one Zendesk account say of one another: tickets, users, groups, and which version counts."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.sources import zendesk_rows as rows
from cx_metrics.intake.sources.zendesk_fields import Fields, person, tags, word
from cx_metrics.intake.sources.zendesk_rows import Record

_REQUIRED = {
    "tickets": ("id", "created_at"), "metrics": ("ticket_id", "created_at"), "users": ("id", "role"),
    "ratings": ("score", "ticket_id id", "updated_at created_at"), "comments": ("id", "author_id"), "groups": ("id",),
}  # fmt: skip

Version = tuple[bool, float, Path, int]  # rank (of an answer, moment), file, line


@dataclass(frozen=True, slots=True)
class Ticket:
    """What other records need of a ticket's latest version."""

    requester: str | None
    status: str
    stage: str
    case: str | None


@dataclass(frozen=True)
class Account:
    """What the given files say of one another.

    kinds: file -> kinds of its records, as they appear. latest: kind -> key -> rank, file and line of the version that
    counts. tickets, roles (of users), staff (the company's own keys of agents) and groups (names): by id.
    """

    kinds: dict[Path, list[str]]
    latest: defaultdict[str, dict[str, Version]] = field(default_factory=lambda: defaultdict(dict))
    tickets: dict[str, Ticket] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    staff: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def counts(self, path: Path, record: Record) -> bool:
        """Whether a record, or the ticket that a comment was found in, is the latest version."""
        kind, key = ("tickets", record.inside) if record.kind == "comments" else (record.kind, _key(record))
        return key is None or self.latest[kind][key][2:] == (path, record.line)

    def agent(self, key: str | None) -> str | None:
        """The key of an agent among the users: the company's own, else Zendesk's."""
        return self.staff.get(key or "") or (own(key) if key in self.roles else None)

    def case(self, fields: Fields) -> str | None:
        """The case of a ticket: its external id, else that of the ticket it follows up, else its own."""
        follows = fields.get("via_source_from_ticket_id") if fields.get("via_source_rel") == "follow_up" else None
        before = self.tickets.get(follows or "")
        return fields.get("external_id") or (before.case if before else own(follows or fields.get("id")))


def own(key: str | None) -> str | None:
    """A key of Zendesk's, such that another vendor's numbers cannot collide with it."""
    return f"zendesk:{key}" if key else None


def rating_key(fields: Fields) -> str | None:
    """What a rating is known by: its ticket, or without one itself."""
    return fields.get("ticket_id") or (f"rating-{fields['id']}" if fields.get("id") else None)


def tagged(fields: Fields, what: str) -> str | None:
    """What a ticket's tags say of something: `reason_late_delivery` says that the reason is "late delivery"."""
    return _said(fields.get("tags") or "", what)


@functools.lru_cache(maxsize=4096)
def _said(labels: str, what: str) -> str | None:
    values = (tag.removeprefix(f"{what}_") for tag in tags(labels) if tag.startswith(f"{what}_"))
    return next((value.replace("_", " ") for value in values if value), None)


def moment(text: str | None) -> float:
    """A time as seconds since 1970; 0 where there is none that can be read."""
    plain = (text or "").replace(" UTC", "Z")
    try:
        time = datetime.fromisoformat(re.sub(r" (?=[+-]\d\d)", "", plain) if " " in plain else plain)
    except ValueError:
        return 0.0
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def scan(paths: Sequence[Path]) -> Account:
    """Read all files once. Raises IntakeError for one that is not Zendesk's or lacks what it must have."""
    account = Account({path: [] for path in paths})
    for path, kinds in account.kinds.items():
        names: dict[str, set[str]] = {}
        for record in rows.records(path):
            if record.kind and record.kind not in kinds:
                kinds.append(record.kind)
            if record.inside is None:
                names.setdefault(record.kind, set()).update(record.fields)
            _remember(account, path, record)
        _demand(path, names)
    return account


def _remember(account: Account, path: Path, record: Record) -> None:
    fields, kind, key = record.fields, record.kind, _key(record)
    if kind == "groups":
        account.groups[fields.get("id") or ""] = fields.get("name") or ""
    if key is None or not kind:
        return
    versions, rank = account.latest[kind], _rank(fields, kind)
    if key in versions and versions[key][:2] > rank:
        return
    versions[key] = (*rank, path, record.line)
    if kind == "tickets":
        status, stage = word(fields.get("status")), tagged(fields, "stage") or "get help"
        account.tickets[key] = Ticket(person(fields), status, stage, account.case(fields))
    elif kind == "users":
        account.roles[key] = word(fields.get("role"))
        if account.roles[key] != "end_user" and fields.get("external_id"):
            account.staff[key] = fields["external_id"] or ""


def _key(record: Record) -> str | None:
    if "ratings" in record.kind:
        return rating_key(record.fields)
    return record.fields.get({"metrics": "ticket_id", "comments": "", "groups": ""}.get(record.kind, "id"))


def _rank(fields: Fields, kind: str) -> tuple[bool, float]:
    """Later versions rank higher; an answer ranks above an offer to rate."""
    answered = "ratings" not in kind or word(fields.get("score")).startswith(("good", "bad"))
    return answered, moment(fields.get("updated_at") or fields.get("created_at"))


def _demand(path: Path, names: Mapping[str, set[str]]) -> None:
    """Raise IntakeError when a file's records are not Zendesk's, or lack a field that they cannot do without."""
    have = ", ".join(sorted(set().union(*names.values()))[:12]) or "no fields at all"
    if list(names) == [""]:
        known = "tickets, ticket metrics, satisfaction ratings, users, comments or groups"
        raise IntakeError(f"{path.name} holds none of Zendesk's {known}; it has: {have}")
    for kind in names.keys() & _REQUIRED.keys():
        lacks = [group.replace(" ", " or ") for group in _REQUIRED[kind] if names[kind].isdisjoint(group.split())]
        if lacks:
            raise IntakeError(f"{path.name} has no {' and no '.join(lacks)}, which Zendesk {kind} need; it has: {have}")
