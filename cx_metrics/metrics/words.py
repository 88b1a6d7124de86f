"""What customers' words and our replies to them show: mood and its course, empathy, scripted replies."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.journey import Limits
from cx_metrics.metrics.estimators import Mean, Share
from cx_metrics.metrics.facts import CONTACTS, Fact
from cx_metrics.metrics.metric import Metric
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages
from cx_metrics.texts import EMPATHY

mood_start = sa.func.coalesce(contact.c.sentiment_start, contact.c.judged_start)
mood_end = sa.func.coalesce(contact.c.sentiment_end, contact.c.judged_end)
mood_lowest = sa.func.coalesce(contact.c.judged_lowest, sa.case(
    (contact.c.sentiment_start < contact.c.sentiment_end, contact.c.sentiment_start), else_=contact.c.sentiment_end,
))  # fmt: skip
wrote_on = sa.or_(contact.c.moods >= 2, contact.c.sentiment_start.is_not(None))  # mood has a course
_WORDS = "the customers' words: messages (or interactions.sentiment_start and sentiment_end)"
_REPLIES = "agents' replies in a language that the rules know: messages.author, text"
_MOOD_SOURCE = "Own judge of texts; how good it is stands on the Data page (`cx-metrics judges`)"
_EPITOME = (
    "Three kinds of empathy after Ekman 2003 and Goleman 2013; compare EPITOME (Sharma et al. 2020). Own rules: "
    "cx_metrics/judges/empathy.toml"
)
_MEANING = {
    "cognitive": "shows that it understands the customer's situation (indicative: hard to see in words alone)",
    "emotional": "acknowledges the customer's feeling (a rote apology counts as weak)",
    "compassionate": "acts for the customer in words (strong when the contact was also solved and not handed on)",
}
_replies = (
    sa.select(
        messages.c.message_id, messages.c.template, messages.c.scripted, messages.c.author_id,
        *(contact.c[name] for name in (
            "customer_id", "occurred_at", "stage", "channel", "touchpoint", "reason", "team", "handled_by", "outcome",
            "source",
        )),
    )
    .join(contact, contact.c.interaction_id == messages.c.interaction_id)
    .where(messages.c.author == "agent")
    .subquery("replies")
)  # fmt: skip
_PLACES = ("stage", "channel", "touchpoint", "reason", "team", "handled_by", "outcome", "source")
REPLIES = Fact("replies", _replies, {name: _replies.c[name] for name in _PLACES}, ("messages", "interactions"))


def declare(limits: Limits) -> tuple[Metric, ...]:
    """The metrics of words under these limits."""
    return (*_moods(), _recovery(limits), *_empathy(), _when_upset(limits), _SCRIPTED)


def _mood(name: str, title: str, which: str, value: Any) -> Metric:
    return Metric(
        name, title, "score -1 to 1", "higher",
        f"Mean mood of the customer's {which} words in a contact, from -1 (very bad) to 1 (very good); an estimate.",
        f"sum of the mood of the {which} words / contacts with words that could be judged", _MOOD_SOURCE, _WORDS,
        CONTACTS, contact.c.occurred_at, Mean(value.is_not(None), value),
    )  # fmt: skip


def _moods() -> tuple[Metric, ...]:
    return (
        _mood("sentiment", "Customer mood at the end", "last", mood_end),
        _mood("sentiment_start", "Customer mood at the start", "first", mood_start),
        _mood("sentiment_lowest", "Lowest customer mood", "worst", mood_lowest),
    )


def upset(limits: Limits) -> sa.ColumnElement[bool]:
    """Contacts whose customer's mood was below the limit at some time."""
    return mood_lowest < limits.sentiment


def _recovery(limits: Limits) -> Metric:
    return Metric(
        "emotion_recovery", "Emotion recovery", "%", "higher",
        f"Share of contacts with an upset customer (mood below {limits.sentiment:g}) that ended in a better mood.",
        f"contacts whose last words are at {limits.sentiment:g} or above / contacts with a mood below "
        f"{limits.sentiment:g} at some time and two or more messages of the customer that could be judged; an estimate",
        _MOOD_SOURCE, _WORDS, CONTACTS, contact.c.occurred_at,
        Share(sa.and_(upset(limits), wrote_on, mood_end.is_not(None)), mood_end >= limits.sentiment),
    )  # fmt: skip


def _empathy() -> tuple[Metric, ...]:
    found = []
    for kind in EMPATHY:
        grade = contact.c[f"empathy_{kind}"]
        found.append(Metric(
            f"empathy_{kind}", f"{kind.capitalize()} empathy", "%", "higher",
            f"Share of answered contacts in which a reply {_MEANING[kind]}, weakly or strongly.",
            f"contacts with {kind} empathy of grade weak or strong / contacts with a reply that could be judged",
            _EPITOME, _REPLIES, CONTACTS, contact.c.occurred_at, Share(grade.is_not(None), grade >= 1),
            rivals=("empathy_when_upset",) if kind == "emotional" else (),
            variant="of all answered contacts" if kind == "emotional" else "",
        ))  # fmt: skip
    return tuple(found)


def _when_upset(limits: Limits) -> Metric:
    grade = contact.c.empathy_emotional
    return Metric(
        "empathy_when_upset", "Emotional empathy with upset customers", "%", "higher",
        f"Share of answered contacts with an upset customer (mood below {limits.sentiment:g}) in which a reply "
        "acknowledges the feeling, weakly or strongly.",
        "contacts with emotional empathy of grade weak or strong / contacts with a mood below "
        f"{limits.sentiment:g} at some time and a reply that could be judged", _EPITOME, _REPLIES, CONTACTS,
        contact.c.occurred_at, Share(sa.and_(grade.is_not(None), upset(limits)), grade >= 1),
        rivals=("empathy_emotional",), variant="of those with an upset customer",
    )  # fmt: skip


_SCRIPTED = Metric(
    "scripted_share", "Scripted share", "%", "lower",
    "Share of agents' replies that read like replies in many other conversations, once names, numbers, greeting and "
    "sign-off are left out; excused texts don't count as scripted.",
    "replies whose family of texts occurs in at least 3, and 0.2 %, of the team's conversations / replies of at least "
    "four words",
    "Exact and near repetition (rapidfuzz) within a team; own rule: cx_metrics/judges/scripted.py",
    "agents' replies: messages.author, text", REPLIES, _replies.c.occurred_at,
    Share(_replies.c.template.is_not(None), _replies.c.scripted == 1),
)  # fmt: skip
