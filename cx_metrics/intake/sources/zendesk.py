"""Zendesk Support: tickets, ticket metrics, satisfaction ratings, users, comments and groups, as JSON or CSV.

A ticket is one contact. Its case is its `external_id`, the company's own key of the matter, else the case of the ticket
that it follows up (`via.source.rel`), else itself. Zendesk's keys carry "zendesk:"; external ids, an agent's included,
are the company's own and do not. What Zendesk does not know, nobody invents here:

- `ended_at` is the metrics' `solved_at` (legacy "Solved at") of a solved ticket; `updated_at` moves by closing alone.
  A ticket closed by a merge was not resolved by itself: its outcome stays empty.
- `wait_seconds` is the calendar time to the first reply. `handle_seconds` is the Time Tracking app's "Total time spent
  (sec)" or empty: full_resolution_time is how long the customer waited, not how long anybody worked.
- `transfers` is the larger of assignee_stations - 1 and group_stations - 1.
- Journey stage and reason come from tags, where Zendesk keeps the value of a drop-down field: `reason_late_delivery`,
  `stage_get_help`, `touchpoint_order_form`, `outcome_escalated`. Without them: the type, "get help", and the status.
- The channel `api` (web_service) stays itself: any form, app or telephone system may stand behind it.
- A ticket's own rating has no time, so it counts as answered at the ticket's last update. Every rating is known by its
  ticket, whichever file brings it; its own id is used only where there is no ticket.
- Agents and admins are no customers. A writer who is neither the requester nor among the users counts as an agent.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cx_metrics.intake.plan import IntakeError, Plan, Reading, Row
from cx_metrics.intake.source import Source
from cx_metrics.intake.sources import zendesk_rows as rows
from cx_metrics.intake.sources.zendesk_rows import Fields, Record, field, person, tags
from cx_metrics.intake.text import examine

_CHANNELS = {  # ours -> Zendesk's via types, their numbers, and the legacy view's words
    "email": "mail email mailgun connect_mail 4",
    "web": "web web_form web_widget helpcenter help_center help_center_post feedback_tab dropbox topic 0 17 48 50",
    "chat": "chat chat_transcript chat_offline_message native_messaging messaging answer_bot_for_web_widget 29",
    "phone": "voice phone phone_call voicemail phone_call_inbound phone_call_incoming phone_call_outbound "
    "phone_call_outgoing 33 34 35 44 45 46",
    "sms": "sms text_message twilio_sms messagebird_sms connect_sms 57",
    "social": "twitter twitter_dm twitter_direct_message twitter_favorite twitter_like facebook facebook_post "
    "facebook_message facebook_private_message facebook_messenger instagram_dm whatsapp line wechat telegram viber "
    "kakaotalk apple_business_chat google_business_messages 23 26 30 38 41",
    "app": "mobile_sdk mobile iphone 15 49 56",
    "api": "api web_service web_service_api 5",
}
_CHANNEL = {word: channel for channel, words in _CHANNELS.items() for word in words.split()}
_THROUGH = re.compile(r"^(api|cti|sunshine_conversations)_")  # the same channel through another maker's system
_THEY_CALLED = ("inbound", "incoming", "voicemail", "33", "34", "44", "45")
_WE_CALLED = ("outbound", "outgoing", "35", "46")
_SOLVED, _OPEN = ("solved", "closed"), ("new", "open", "pending", "hold", "on_hold")
Shaped = Mapping[str, str | None] | str | None  # cells of a row, what is wrong with it, or None: no record


def _interaction(fields: Fields, account: Account) -> Shaped:
    status, via = field(fields.get("status") or ""), fields.get("via_channel")
    if status == "deleted" or field(via or "").startswith("sample_"):
        return None
    agent, group, labels = fields.get("assignee_id") or fields.get("assignee"), fields.get("group_id"), tags(fields)
    outcome = "resolved" if status in _SOLVED else "unresolved" if status in _OPEN else None
    if _tagged(fields, "outcome") in ("unresolved", "abandoned", "escalated"):
        outcome = _tagged(fields, "outcome")
    return {
        "interaction_id": _own(fields.get("id")), "case_id": _case(fields, account),
        "occurred_at": fields.get("created_at"), "ended_at": fields.get("solved_at") if status in _SOLVED else None,
        "channel": _CHANNEL.get(_THROUGH.sub("", field(via or "")), via), "touchpoint": _tagged(fields, "touchpoint"),
        "stage": _tagged(fields, "stage") or "get help", "initiated_by": _initiated_by(fields, account),
        "reason": _tagged(fields, "reason") or (fields.get("type") or "").lower(), "promised_at": fields.get("due_at"),
        "team": account.groups.get(group or "") or fields.get("group") or (f"group {group}" if group else None),
        "handled_by": "human" if agent else "bot" if "ab_resolved" in labels else None,
        "agent_id": account.staff.get(agent or "") or _own(agent), "customer_id": _own(person(fields)),
        "outcome": None if "closed_by_merge" in labels else outcome, **_measured(fields),
    }  # fmt: skip


def _initiated_by(fields: Fields, account: Account) -> str:
    via, submitter = field(fields.get("via_channel") or ""), fields.get("submitter_id")
    if via.endswith(_WE_CALLED):
        return "company"
    ours = submitter != fields.get("requester_id") and account.roles.get(submitter or "", "end_user") != "end_user"
    return "company" if ours and not via.endswith(_THEY_CALLED) else "customer"


def _measured(fields: Fields) -> dict[str, str | None]:
    wait, minutes = fields.get("reply_time_in_seconds_calendar"), fields.get("reply_time_in_minutes_calendar")
    if wait is None and minutes:
        wait = str(float(minutes) * 60) if minutes.replace(".", "", 1).isdigit() else minutes
    stations = [int(n) for name in ("assignee", "group") if (n := fields.get(f"{name}_stations") or "").isdigit()]
    transfers = str(max(max(stations) - 1, 0)) if stations else None
    worked = fields.get("total_time_spent_sec")
    return {"wait_seconds": wait, "handle_seconds": worked, "transfers": transfers, "reopens": fields.get("reopens")}


def _metrics(fields: Fields, account: Account) -> Shaped:
    ticket = account.tickets.get(fields.get("ticket_id") or "")
    if ticket and ticket.status == "deleted":
        return None
    ended = None if ticket and ticket.status not in _SOLVED else fields.get("solved_at")
    begun = {"interaction_id": _own(fields.get("ticket_id")), "occurred_at": fields.get("created_at")}
    return {**begun, "ended_at": ended, **_measured(fields)}


def _rating(fields: Fields, account: Account) -> Shaped:
    score, ticket = field(fields.get("score") or ""), account.tickets.get(fields.get("ticket_id") or "")
    if score in ("", "unoffered", "not_offered") or (ticket and ticket.status == "deleted"):
        return None
    good, offered = score.startswith("good"), score == "offered"
    if not offered and not score.startswith(("good", "bad")):
        return f"score {fields['score']!r} is none of: good, bad, offered, unoffered"
    return {
        "answer_id": _own(_rating_key(fields)), "interaction_id": _own(fields.get("ticket_id")),
        "customer_id": _own(fields.get("requester_id") or (ticket.requester if ticket else None)),
        "stage": ticket.stage if ticket else "get help", "score": None if offered else str(int(good)),
        "invited_at": fields.get("created_at") if offered else None, "comment": fields.get("comment"),
        "answered_at": None if offered else fields.get("updated_at") or fields.get("created_at"),
    }  # fmt: skip


def _user(fields: Fields, account: Account) -> Shaped:
    if field(fields.get("role") or "end_user") != "end_user":
        return None
    given = {name: fields.get(name) for name in ("name", "email", "phone")}
    return {"customer_id": _own(fields.get("id")), "signed_up_at": fields.get("created_at"), **given}


def _comment(fields: Fields, account: Account) -> Shaped:
    key, writer = fields.get("ticket_id"), fields.get("author_id") or ""
    ticket, role = account.tickets.get(key or ""), account.roles.get(writer)
    if (fields.get("public") or "").lower() in ("false", "0", "no") or (ticket and ticket.status == "deleted"):
        return None
    if key is None:
        return "no ticket id: add a ticket_id, or name the file after the ticket, like comments_35436.json"
    if writer == "-1" or field(fields.get("via_channel") or "") in ("rule", "system"):
        author = "bot"  # Zendesk's own triggers and automations write as user -1
    elif writer and (role == "end_user" or (ticket and ticket.requester == writer)):
        author = "customer"
    elif writer and (role or ticket):
        author = "agent"
    else:
        return "who wrote it is not known: import the comments together with the tickets or the users"
    text = fields.get("plain_body") or fields.get("body") or rows.plain(fields.get("html_body") or "")
    sent = {"sent_at": fields.get("created_at"), "author": author, "text": text}
    written = {"message_id": _own(fields.get("id")), "author_id": account.staff.get(writer) or _own(writer)}
    return {"interaction_id": _own(key), **written, **sent}


_MEASURES = "wait_seconds handle_seconds transfers reopens"
_ABOUT = "customer_id case_id channel stage touchpoint reason initiated_by handled_by team agent_id outcome promised_at"
_ANSWER = "answer_id customer_id interaction_id stage score comment invited_at answered_at"
_SHAPES: dict[str, tuple[str, str, Callable[[Fields, Account], Shaped]]] = {  # kind -> table, columns, maker of cells
    "users": ("customers", "customer_id name email phone signed_up_at", _user),
    "requesters": ("customers", "customer_id name email", _user),
    "tickets": ("interactions", f"interaction_id occurred_at ended_at {_ABOUT} {_MEASURES}", _interaction),
    "metrics": ("interactions", f"interaction_id occurred_at ended_at {_MEASURES}", _metrics),
    "comments": ("messages", "message_id interaction_id sent_at author author_id text", _comment),
    "ratings": ("survey_answers", _ANSWER, _rating),
    "own_ratings": ("survey_answers", _ANSWER, _rating),
}


def _rows(path: Path, kind: str, account: Account) -> Iterator[Row]:
    """The rows of one kind; what is of no kind at all goes with the file's first."""
    for record in rows.records(path):
        if (record.kind or account.kinds[path][0]) != kind:
            continue
        shaped: Shaped = record.problem or (None if record.kind else "its fields are not those of a Zendesk record")
        if shaped is None and account.counts(path, record):
            shaped = _SHAPES[kind][2](record.fields, account)
        if shaped is None:
            yield Row(record.line, {}, skip=True, raw="")
            continue
        cells, wrong = ({}, shaped) if isinstance(shaped, str) else (shaped, None)
        yield Row(record.line, cells, wrong, raw=json.dumps(record.original, ensure_ascii=False))


def plans(paths: Sequence[Path]) -> list[Plan]:
    """A plan for each kind of record in each file. Files given together explain one another: groups, users, tickets."""
    account = scan(paths)
    rated = any("ratings" in kinds for kinds in account.kinds.values())
    unwanted = ("groups", "own_ratings") if rated else ("groups",)  # one answer is not counted twice
    wanted = [(path, kind) for path, kinds in account.kinds.items() for kind in kinds if kind not in unwanted]
    if not wanted:
        raise IntakeError(f"{', '.join(path.name for path in paths)}: nothing to load; groups only help beside tickets")
    return [_plan(path, kind, account) for path, kind in wanted]


def _plan(path: Path, kind: str, account: Account) -> Plan:
    table, columns, _ = _SHAPES[kind]
    constants = {"instrument": "csat", "scale_min": "0", "scale_max": "1"} if table == "survey_answers" else {}
    told: list[object] = []  # what other files say of these rows: with more of it, a file is worth reading again
    if kind == "tickets":
        told = [account.groups, account.roles, account.staff]
    elif kind == "comments":
        told = [account.roles, account.staff, {key: ticket.requester for key, ticket in account.tickets.items()}]
    constants["kind"] = f"{kind} {hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}"
    notes = [examine(path).note, "times without an offset were read as UTC" if path.suffix.lower() == ".csv" else ""]
    if kind == "tickets" and not account.groups and "requesters" not in account.kinds[path]:
        notes.append("no groups were given, so teams are called by their numbers")
    if kind == "own_ratings":
        notes.append("a rating within a ticket has no time of its own: taken as the ticket's last update")
    if kind == "comments" and (ticket := rows.ticket_in_name(path)):
        notes.append(f"comments that name no ticket belong to ticket {ticket}, by the file's name")
    return Plan(
        "zendesk", table, path, {name: name for name in columns.split()}, constants=constants,
        reading=Reading(reader=functools.partial(_rows, kind=kind, account=account)),
        note="; ".join(note for note in notes if note),
    )  # fmt: skip


SOURCE = Source(
    name="zendesk",
    title="Zendesk Support",
    files="tickets, ticket metrics, satisfaction ratings, users, comments, groups: JSON or CSV, best together",
    recognises=rows.looks_like_zendesk,
    plans=plans,
)
