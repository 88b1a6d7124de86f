"""A mapping file to start from, guessed from column names and the first rows of files whose layout nobody declared.

A person checks it: every line says what its column means, and what was not guessed stands there as a comment.
"""

from __future__ import annotations

import contextlib
import datetime
import difflib
import itertools
import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import records
from cx_metrics.model import CANONICAL, KEYS, given_columns

_ROWS = 300  # rows that are looked at
_ALIKE = 0.8  # similarity of names, 0-1, from which they are taken for the same
_FORMS = tuple(
    f"{day}{time}"
    for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%m/%d/%y", "%Y%m%d", "%d %b %Y",
                "%b %d, %Y", "%Y.%m.%d")
    for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)  # fmt: skip
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d.*)?|\d{9,10}(\.\d+)?|\d{12,13}|\d{15,16}")
_ALSO = {  # other names of columns, words in lower case
    "customer_id": "customer, client id, client, user id, requester id, account id, contact id, member id, kunde, kundennummer",
    "name": "full name, customer name, client name", "email": "e mail, mail, email address, customer email",
    "phone": "telephone, mobile, phone number", "segment": "customer segment, tier, customer group, customer type",
    "region": "state, area, customer state", "country": "country code, nation", "birth_year": "year of birth, born",
    "signed_up_at": "created at, registered at, signup date, registration date, joined, customer since",
    "interaction_id": "id, ticket id, case number, contact id, call id, conversation id, chat id, ticket",
    "case_id": "case, issue id, problem id, matter", "occurred_at": "created at, created, date, opened at, start, started at, "
    "timestamp, call date, start time, date time, contact date, event date",
    "ended_at": "closed at, solved at, resolved at, end, end time, closed, resolved", "channel": "via, medium, contact channel",
    "stage": "journey stage, phase, step", "touchpoint": "page, place", "outcome": "status, result, resolution, disposition",
    "reason": "category, topic, subject, issue type, contact reason, type, reason for contact",
    "initiated_by": "direction, began by", "handled_by": "handler, agent type", "team": "group, department, queue, company",
    "agent_id": "agent, assignee, owner, handled by agent, agent name", "transfers": "transfer count",
    "wait_seconds": "wait, wait time, waiting time, first reply time, queue time, speed of answer",
    "handle_seconds": "handle time, duration, talk time, aht, call duration", "reopens": "reopen count, reopened",
    "promised_at": "due date, promised date, estimated delivery, order estimated delivery date, promised delivery",
    "message_id": "id, comment id", "sent_at": "created at, timestamp, date, time", "author": "sender, from, role, author role",
    "author_id": "sender id", "text": "body, message, content", "answer_id": "id, response id, review id, respondent id",
    "score": "rating, review score, stars, nps, csat, ces, answer, satisfaction, value", "dimension": "item, question",
    "comment": "review, feedback, remark, verbatim, review comment message, text, open answer, comments",
    "invited_at": "sent at, invitation date, review creation date", "weight": "design weight, survey weight",
    "answered_at": "submitted at, completed at, response date, answered, date, recorded date, review answer timestamp",
    "order_id": "id, order number, order no, purchase id, transaction id, order", "status": "order status, state",
    "ordered_at": "order date, purchase date, date, created at, order purchase timestamp, bought at",
    "delivered_at": "delivery date, delivered, order delivered customer date, received at",
    "amount": "total, price, value, revenue, order total, payment value, net amount, dollars, euro", "currency": "currency code",
    "subscription_id": "id, contract id, contract", "started_at": "start date, start, begin, contract start",
    "monthly_amount": "monthly price, mrr, price, fee, monthly fee", "event_id": "id", "title": "name, event, description",
    "kind": "type", "source_customer_key": "customer id, external id",
}  # fmt: skip
_FILES = {  # words in file names
    "customers": "customer client user member account people", "messages": "message chatlog comment utterance transcript",
    "interactions": "interaction ticket contact call case chat conversation issue complaint", "events": "event release",
    "survey_answers": "survey answer review rating nps csat ces feedback response satisfaction",
    "orders": "order purchase sale transaction payment invoice", "subscriptions": "subscription contract plan",
    "identities": "identity identities", "touchpoint_owners": "owner",
}  # fmt: skip
_MEANT = {
    "resolved": "solved closed done completed fixed", "unresolved": "open pending new hold failed", "abandoned": "missed",
    "escalated": "escalation", "customer": "inbound user client end-user requester", "agent": "human staff admin employee",
    "company": "outbound", "human": "agent staff", "bot": "robot chatbot ivr", "self_service": "self portal",
}  # fmt: skip
