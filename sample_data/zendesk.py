"""The same company's e-mail contacts as a Zendesk export: tickets, metrics, ratings, users, comments, groups."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from sample_data import company
from sample_data.canonical import case_ids, comments_on
from sample_data.files import optional_times
from sample_data.people import Agents, Customers
from sample_data.surveys import Answers
from sample_data.talk import AGENT, Message, facts, subject_and_problem
from sample_data.world import Ints, World

FIRST_TICKET, FIRST_COMMENT, FIRST_RATING = 10_001, 9_000_000_001, 5_000_001
GROUP, AGENT_USER, END_USER = 360_000_000_000, 370_000_000_000, 380_000_000_000  # first numbers of their kind
SETTLED = 28 * company.DAY  # a solved ticket closes for good after this
UNOFFERED = {"id": None, "score": "unoffered", "comment": None}
Item = dict[str, Any]


def end_user(customer: int) -> int:
    """Zendesk's number of a customer: unlike the customer id, and not in its order."""
    return END_USER + customer * 7_919 % 9_999_991


def groups() -> list[Item]:
    """groups.json."""
    return [{"id": GROUP + team, "name": name} for team, name in enumerate(company.TEAMS)]


def users(tickets: np.ndarray, customers: Customers, agents: Agents) -> list[Item]:
    """users.json: all agents, and the customers who ever wrote an e-mail; only agents carry an external id."""
    staff = [
        {
            "id": AGENT_USER + n,
            "name": agents.names[n],
            "email": agents.email[n],
            "role": "agent",
            "external_id": agents.ids[n],
        }
        for n in range(len(agents.ids))
    ]
    writers = np.unique(tickets["customer"])
    signed_up = optional_times(customers.signed_up[writers])
    people = [
        {
            "id": end_user(n),
            "name": f"{customers.first[n]} {customers.last[n]}",
            "email": customers.email[n],
            "role": "end-user",
            "external_id": None,
            "created_at": since,
        }
        for n, since in zip(writers.tolist(), signed_up, strict=True)
    ]
    return staff + people


def _status(ended: int, wait: int, agent: int) -> str:
    """Zendesk's status of a ticket with this end (seconds since 1970, -1 = open)."""
    if ended >= 0:
        return "closed" if ended < company.END - SETTLED else "solved"
    return "new" if wait < 0 or agent < 0 else "open"


def _tags(tickets: np.ndarray) -> list[list[str]]:
    """Tags that say stage, reason and touchpoint, and the outcome where it is not a plain solution."""

    def prefixed(prefix: str, names: Iterable[str]) -> list[str]:
        """The names as tags of one kind."""
        return [f"{prefix}_{name.replace(' ', '_')}" for name in names]

    stage, reason = prefixed("stage", company.STAGES), prefixed("reason", company.REASON_NAMES)
    touchpoint, outcome = prefixed("touchpoint", company.TOUCHPOINTS), prefixed("outcome", company.OUTCOMES)
    columns = [tickets[name].tolist() for name in ("stage", "reason", "touchpoint", "outcome")]
    return [
        [stage[s], reason[r], touchpoint[t]] + ([outcome[o]] if o > company.RESOLVED else [])
        for s, r, t, o in zip(*columns, strict=True)
    ]


def _via(position: int, first_of_case: int) -> Item:
    """How a ticket came: by e-mail, as a follow-up of the case's first ticket if that is another one."""
    if position == first_of_case:
        return {"channel": "email"}
    return {"channel": "email", "source": {"from": {"ticket_id": FIRST_TICKET + first_of_case}, "rel": "follow_up"}}


def tickets(
    rows: np.ndarray, ratings: list[Item], first_texts: dict[int, str], customers: Customers, agents: Agents
) -> list[Item]:
    """tickets.json: `rows` are the e-mail contacts; `first_texts` the first comment of those that have comments."""
    created, due = optional_times(rows["at"]), optional_times(rows["promised"])
    updated = optional_times(
        np.where(rows["ended"] >= 0, rows["ended"], np.minimum(rows["at"] + 7_200, company.END - 1))
    )
    cases, tags = case_ids(rows), _tags(rows)
    rated = {rating["ticket_id"]: rating for rating in ratings}
    _, firsts, case = np.unique(rows["case"], return_index=True, return_inverse=True)
    first_of_case = firsts[case]
    items: list[Item] = []
    for n, row in enumerate(rows):
        number, agent = FIRST_TICKET + n, int(row["agent"])
        subject, problem = subject_and_problem(row, facts(row, customers, agents))
        requester, assignee = end_user(int(row["customer"])), AGENT_USER + agent if agent >= 0 else None
        rating = rated.get(number, UNOFFERED)
        items.append(
            {
                "id": number,
                "external_id": cases[n],
                "subject": subject,
                "description": first_texts.get(n, problem),
                "priority": "urgent" if row["outcome"] == company.ESCALATED else "normal",
                "status": _status(int(row["ended"]), int(row["wait"]), agent),
                "requester_id": requester,
                "submitter_id": assignee if row["by_company"] and assignee else requester,
                "assignee_id": assignee,
                "group_id": GROUP + int(row["team"]),
                "due_at": due[n],
                "tags": tags[n],
                "satisfaction_rating": {name: rating[name] for name in ("id", "score", "comment")},
                "via": _via(n, int(first_of_case[n])),
                "created_at": created[n],
                "updated_at": updated[n],
            }
        )
    return items


def _minutes(seconds: int) -> dict[str, int | None]:
    """Zendesk's pair of durations; None for -1. Business hours are about two fifths of the calendar."""
    if seconds < 0:
        return {"calendar": None, "business": None}
    return {"calendar": seconds // 60, "business": seconds // 150}


def metrics(rows: np.ndarray) -> list[Item]:
    """ticket_metrics.json."""
    names = ("at", "ended", "wait", "transfers", "reopens", "agent")
    columns = [rows[name].tolist() for name in names]
    created, ended = optional_times(rows["at"]), optional_times(rows["ended"])
    assigned = optional_times(np.where(rows["agent"] >= 0, rows["at"] + np.maximum(rows["wait"], 0) // 2, -1))
    items: list[Item] = []
    for n, (at, end, wait, transfers, reopens, agent) in enumerate(zip(*columns, strict=True)):
        whole = end - at if end >= 0 else -1
        items.append(
            {
                "ticket_id": FIRST_TICKET + n,
                "reopens": reopens,
                "replies": 1 + reopens + n % 2 if agent >= 0 else 0,
                "assignee_stations": 1 + transfers,
                "group_stations": 1 + transfers,
                "created_at": created[n],
                "assigned_at": assigned[n],
                "solved_at": ended[n],
                "reply_time_in_minutes": _minutes(wait),
                "first_resolution_time_in_minutes": _minutes(whole // (1 + reopens) if whole >= 0 else -1),
                "full_resolution_time_in_minutes": _minutes(whole),
            }
        )
    return items


def ratings(rows: np.ndarray, asked: Answers, customers: Customers, world: World) -> list[Item]:
    """satisfaction_ratings.json: good for 4-5 of 5, bad for 1-3, offered = invited and not answered."""
    texts = comments_on(asked.csat, rows, customers, world, "ticket comments")
    created, answered = optional_times(asked.invited), optional_times(asked.answered)
    items: list[Item] = []
    for n in np.flatnonzero(asked.invited >= 0).tolist():
        row, score = rows[n], int(asked.csat[n])
        items.append(
            {
                "id": FIRST_RATING + len(items),
                "ticket_id": FIRST_TICKET + n,
                "requester_id": end_user(int(row["customer"])),
                "assignee_id": AGENT_USER + int(row["agent"]) if row["agent"] >= 0 else None,
                "group_id": GROUP + int(row["team"]),
                "score": "offered" if score == 0 else "good" if score >= 4 else "bad",
                "comment": texts[n] or None,
                "created_at": created[n],
                "updated_at": answered[n] or created[n],
            }
        )
    return items


def comments(messages: list[Message], rows: np.ndarray, position: dict[int, int]) -> list[Item]:
    """comments.json; `position` leads from a message's contact to its row in `rows`."""
    sent = optional_times(np.array([message.at for message in messages], dtype=np.int64))
    items: list[Item] = []
    for n, message in enumerate(messages):
        ticket = position[message.contact]
        customer, agent = int(rows["customer"][ticket]), int(rows["agent"][ticket])
        items.append(
            {
                "id": FIRST_COMMENT + n,
                "ticket_id": FIRST_TICKET + ticket,
                "type": "Comment",
                "author_id": AGENT_USER + agent if message.author == AGENT else end_user(customer),
                "body": message.text,
                "public": True,
                "created_at": sent[n],
            }
        )
    return items


def only(answers: Answers, positions: Ints) -> Answers:
    """The answers of the contacts at `positions`."""
    return Answers(*(getattr(answers, name)[positions] for name in Answers.__dataclass_fields__))
