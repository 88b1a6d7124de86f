"""Signals of friction: a named yes or no for each contact, each with a stated rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from cx_metrics.dialect import seconds_between
from cx_metrics.journey import Limits
from cx_metrics.metrics.estimators import Expression
from cx_metrics.metrics.facts import last_time
from cx_metrics.model import interactions as contact

AUTOMATIC = contact.c.handled_by.in_(("bot", "self_service"))
KNOWN_CUSTOMER = contact.c.customer_id.is_not(None)
DATA_END = last_time("interactions", "occurred_at")
SO_FAR = seconds_between(contact.c.occurred_at, DATA_END)
_HOUR, _DAY = 3600.0, 86400.0


@dataclass(frozen=True)
class Signal:
    """Whether something went wrong in a contact.

    rule: when it is there, with the limits filled in. needs: the data without which nobody can say. judged: the
    contacts of which it can be said; present: those of them that have it. Expressions over `interactions`.
    """

    name: str
    title: str
    rule: str
    needs: str
    judged: Expression = field(hash=False, compare=False)
    present: Expression = field(hash=False, compare=False)

    @property
    def there(self) -> Expression:
        """Judged and present, never missing."""
        return any_signal((self,))


def old_enough(limits: Limits) -> Expression:
    """Contacts whose customers had the whole window to come back before the data end."""
    newest = sa.select(sa.func.max(contact.c.occurred_at) - timedelta(days=limits.repeat_days)).scalar_subquery()
    return contact.c.occurred_at <= newest


def came_back(limits: Limits) -> Expression:
    """A further contact of the customer on the same reason, on any channel, within the window."""
    return sa.func.coalesce(contact.c.hours_until_next <= 24.0 * limits.repeat_days, sa.false())


def signals(limits: Limits) -> tuple[Signal, ...]:
    """All signals under these limits, in the order in which they are listed."""
    return (
        *_on_the_way(limits),
        *_afterwards(limits),
        *_of_handling(limits),
        *_of_words(limits),
        _broken_promise(limits),
    )


def _on_the_way(limits: Limits) -> tuple[Signal, ...]:
    wait, written = contact.c.wait_seconds, contact.c.channel.in_(limits.written)
    longest = sa.case((written, limits.written_wait_hours * _HOUR), else_=limits.wait_seconds)
    return (
        Signal(
            "long_wait", "Long wait",
            f"The first answer took longer than {limits.wait_seconds:g} seconds; on written channels "
            f"({', '.join(limits.written)}) longer than {limits.written_wait_hours:g} hours.",
            "waiting times: interactions.wait_seconds", wait.is_not(None), wait > longest,
        ),
        Signal(
            "transfer", "Transfer",
            f"The contact was handed on to another person or team {_times(limits.transfers)}.",
            "transfers: interactions.transfers", contact.c.transfers.is_not(None),
            contact.c.transfers >= limits.transfers,
        ),
        Signal(
            "abandonment", "Abandonment", "The customer gave up before the contact was answered or solved.",
            "how contacts ended: interactions.outcome", contact.c.outcome.is_not(None),
            contact.c.outcome == "abandoned",
        ),
    )  # fmt: skip


def _afterwards(limits: Limits) -> tuple[Signal, ...]:
    days = f"within {limits.repeat_days:g} days"
    judged = sa.and_(KNOWN_CUSTOMER, old_enough(limits))
    elsewhere = sa.and_(came_back(limits), contact.c.return_channel != contact.c.channel)
    unsolved = sa.or_(contact.c.outcome.is_(None), contact.c.outcome != "resolved")
    left_alone = contact.c.outcome.in_(("unresolved", "abandoned"))
    moved_on = sa.and_(elsewhere, sa.or_(contact.c.outcome.is_(None), contact.c.outcome != "escalated"))
    who = "contacts with customer and reason: interactions.customer_id and reason"
    return (
        Signal(
            "repeat_contact", "Repeat contact",
            f"The customer had to make contact on the same reason again, on any channel, {days}.",
            who, judged, came_back(limits),
        ),
        Signal(
            "channel_switch", "Forced channel switch",
            f"The contact was not resolved, and the customer's next one on the same reason, {days}, was on another "
            "channel.",
            f"{who}, channel and outcome", sa.and_(judged, contact.c.channel.is_not(None)),
            sa.and_(unsolved, elsewhere),
        ),
        Signal(
            "bot_dead_end", "Bot dead end",
            f"A bot or self-service left the customer without a solution or a way on: unresolved, abandoned, or the "
            f"customer came back on another channel {days}.",
            "bot or self-service contacts: interactions.handled_by and outcome",
            sa.and_(AUTOMATIC, old_enough(limits), sa.or_(contact.c.outcome.is_not(None), KNOWN_CUSTOMER)),
            sa.or_(left_alone, moved_on),
        ),
    )  # fmt: skip


def _of_handling(limits: Limits) -> tuple[Signal, ...]:
    entered = contact.c.previous_stage != contact.c.stage
    return (
        Signal(
            "reopen", "Reopen", f"The contact was opened again after it had been closed {_times(limits.reopens)}.",
            "reopens: interactions.reopens", contact.c.reopens.is_not(None), contact.c.reopens >= limits.reopens,
        ),
        Signal(
            "loop", "Loop",
            f"The case entered a stage that it had left before, for the {_ordinal(limits.stage_visits)} time or more.",
            "cases and stages: interactions.case_id (or customer and reason) and stage", contact.c.stage.is_not(None),
            sa.and_(entered, contact.c.stage_visits >= limits.stage_visits),
        ),
    )  # fmt: skip


def _of_words(limits: Limits) -> tuple[Signal, ...]:
    start = sa.func.coalesce(contact.c.sentiment_start, contact.c.judged_start)
    end = sa.func.coalesce(contact.c.sentiment_end, contact.c.judged_end)
    return (
        Signal(
            "repeated_information", "Repeated information",
            "The customer says to have said it before (“as I already told your colleague”).",
            "the customers' words: messages", contact.c.repeated_information.is_not(None),
            contact.c.repeated_information == 1,
        ),
        Signal(
            "negative_sentiment", "Negative sentiment",
            f"The customer's mood ended below {limits.sentiment:g} or fell by more than {limits.sentiment_fall:g} "
            "(-1 to 1).",
            "the mood of what customers say: messages (or interactions.sentiment_start and sentiment_end)",
            end.is_not(None),
            sa.or_(end < limits.sentiment, start - end > limits.sentiment_fall),
        ),
    )  # fmt: skip


def _broken_promise(limits: Limits) -> Signal:
    """An open contact has no end yet; it is late a day after the promise, so that promised days are over too."""
    still_open = sa.and_(contact.c.ended_at.is_(None), contact.c.outcome.is_(None), contact.c.promised_at.is_not(None))
    overdue = seconds_between(contact.c.promised_at, DATA_END) > (limits.promise_hours * _HOUR + _DAY)
    late = contact.c.hours_late
    grace = f" by more than {limits.promise_hours:g} hours" if limits.promise_hours else ""
    return Signal(
        "broken_promise", "Broken promise",
        f"The contact ended after the time that was promised{grace}, or is still open then.",
        "promises: interactions.promised_at and ended_at",
        sa.or_(late.is_not(None), sa.and_(still_open, overdue)),
        sa.or_(late > limits.promise_hours, sa.and_(still_open, overdue)),
    )  # fmt: skip


def _times(count: float) -> str:
    return "at least once" if count <= 1 else f"at least {count:g} times"


def _ordinal(count: float) -> str:
    return {2.0: "second", 3.0: "third"}.get(count, f"{count:g}th")


def any_signal(found: tuple[Signal, ...]) -> Expression:
    """Contacts with at least one of the signals, never missing.

    As a CASE: an engine then looks at a signal only where none before it is there, which takes half the time of an OR.
    """
    return sa.case(*((sa.and_(signal.judged, signal.present), sa.true()) for signal in found), else_=sa.false())
