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
- A rating's `created_at` is when it was offered, so every answer was invited then; `updated_at` is when it was given.
  A ticket's own rating has no times: the ticket's last update stands for both. Every rating is known by its ticket,
  whichever file brings it; its own id is used only where there is no ticket.
- Agents and admins are no customers. A writer who is neither the requester nor among the users counts as an agent.
- What only other files could tell stays empty without them: the team's name (groups), the agent's key and who began a
  contact that somebody else submitted (users), the stage of a rating (tickets; the contact gives it later). A number in
  its place would replace what an earlier import knew, as an empty cell does not. The plan's note says what to add.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from cx_metrics.intake.plan import IntakeError, Plan, Reading, Row
from cx_metrics.intake.source import Source
from cx_metrics.intake.sources import zendesk_rows as rows
from cx_metrics.intake.sources.zendesk_account import Account, moment, own, rating_key, scan, tagged
from cx_metrics.intake.sources.zendesk_fields import Fields, person, plain, tags, word
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
_original = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode

Shaped = Mapping[str, str | None] | str | None  # cells of a row, what is wrong with it, or None: no record


def _interaction(fields: Fields, account: Account) -> Shaped:
    status, via = word(fields.get("status")), fields.get("via_channel")
    if status == "deleted" or word(via).startswith("sample_"):
        return None
    agent, name, labels = fields.get("assignee_id"), fields.get("assignee"), tags(fields.get("tags"))
    outcome = "resolved" if status in _SOLVED else "unresolved" if status in _OPEN else None
    if tagged(fields, "outcome") in ("unresolved", "abandoned", "escalated"):
        outcome = tagged(fields, "outcome")
    return {
        "interaction_id": own(fields.get("id")), "case_id": account.case(fields),
        "occurred_at": fields.get("created_at"), "ended_at": fields.get("solved_at") if status in _SOLVED else None,
        "channel": _CHANNEL.get(_THROUGH.sub("", word(via)), via), "touchpoint": tagged(fields, "touchpoint"),
        "stage": tagged(fields, "stage") or "get help", "initiated_by": _initiated_by(fields, account),
        "reason": tagged(fields, "reason") or (fields.get("type") or "").lower(), "promised_at": fields.get("due_at"),
        "team": account.groups.get(fields.get("group_id") or "") or fields.get("group"),
        "handled_by": "human" if agent or name else "bot" if "ab_resolved" in labels else None,
        "agent_id": account.agent(agent) if agent else own(name), "customer_id": own(person(fields)),
        "outcome": None if "closed_by_merge" in labels else outcome, **_measured(fields),
    }  # fmt: skip


def _initiated_by(fields: Fields, account: Account) -> str | None:
    via, submitter = word(fields.get("via_channel")), fields.get("submitter_id")
    if via.endswith(_WE_CALLED):
        return "company"
    if submitter in (None, fields.get("requester_id")) or via.endswith(_THEY_CALLED):
        return "customer"
    role = account.roles.get(submitter)
    return "customer" if role == "end_user" else "company" if role else None


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
    begun = {"interaction_id": own(fields.get("ticket_id")), "occurred_at": fields.get("created_at")}
    return {**begun, "ended_at": ended, **_measured(fields)}


def _rating(fields: Fields, account: Account) -> Shaped:
    score, ticket = word(fields.get("score")), account.tickets.get(fields.get("ticket_id") or "")
    if score in ("", "unoffered", "not_offered") or (ticket and ticket.status == "deleted"):
        return None
    good, offered, created = score.startswith("good"), score == "offered", fields.get("created_at")
    answered = fields.get("updated_at") or created
    if not offered and not score.startswith(("good", "bad")):
        return f"score {fields['score']!r} is none of: good, bad, offered, unoffered"
    return {
        "answer_id": own(rating_key(fields)), "interaction_id": own(fields.get("ticket_id")),
        "customer_id": own(fields.get("requester_id") or (ticket.requester if ticket else None)),
        "stage": ticket.stage if ticket else None, "score": None if offered else str(int(good)),
        "invited_at": created if offered or 0 < moment(created) <= moment(answered) else None,
        "answered_at": None if offered else answered, "comment": fields.get("comment"),
    }  # fmt: skip


def _user(fields: Fields, account: Account) -> Shaped:
    if word(fields.get("role") or "end_user") != "end_user":
        return None
    given = {name: fields.get(name) for name in ("name", "email", "phone")}
    return {"customer_id": own(fields.get("id")), "signed_up_at": fields.get("created_at"), **given}


def _comment(fields: Fields, account: Account) -> Shaped:
    key, writer = fields.get("ticket_id"), fields.get("author_id") or ""
    ticket, role = account.tickets.get(key or ""), account.roles.get(writer)
    if (fields.get("public") or "").lower() in ("false", "0", "no") or (ticket and ticket.status == "deleted"):
        return None
    if key is None:
        return "no ticket id: add a ticket_id, or name the file after the ticket, like comments_35436.json"
    if writer == "-1" or word(fields.get("via_channel")) in ("rule", "system"):
        author = "bot"  # Zendesk's own triggers and automations write as user -1
    elif writer and (role == "end_user" or (ticket and ticket.requester == writer)):
        author = "customer"
    elif writer and (role or ticket):
        author = "agent"
    else:
        return "who wrote it is not known: import the comments together with the tickets or the users"
    text = fields.get("plain_body") or fields.get("body") or plain(fields.get("html_body") or "")
    sent = {"sent_at": fields.get("created_at"), "author": author, "text": text}
    known = account.agent(writer) if author == "agent" else own(writer)
    return {"interaction_id": own(key), "message_id": own(fields.get("id")), "author_id": known, **sent}


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
        yield Row(record.line, cells, wrong, raw=_original(record.original))


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
    if kind == "tickets" and "requesters" not in account.kinds[path]:
        notes += [] if account.groups else ["no groups were given, so new contacts have no team: import both together"]
        notes += [] if account.roles else ["no users were given, so new contacts have no agent: import both together"]
    if kind == "own_ratings":
        notes.append("a rating within a ticket has no times of its own: taken as the ticket's last update")
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
