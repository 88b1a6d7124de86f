"""What is known of a contact when its customer is asked about it, as levels of features, and the answers about it.

Nothing that shows only later is among them: not the next contact, not how the case ended. Outcome, reopens, transfers
and handling time are kept as they were at last, so answers from a day before their contact ended are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import day
from cx_metrics.journey import Limits
from cx_metrics.metrics.estimators import Expression, Mean
from cx_metrics.metrics.random_groups import group_of
from cx_metrics.metrics.survey import CSAT_MEAN
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN

YES, NO = "yes", "no"
_MINUTE, _HOUR = 60.0, 3600.0
_WAITS = {
    "up to 30 s": 30.0, "30 s to 2 min": 2 * _MINUTE, "2 to 10 min": 10 * _MINUTE, "10 min to 1 h": _HOUR,
    "1 to 8 h": 8 * _HOUR, "8 to 24 h": 24 * _HOUR, "over 24 h": None,
}  # fmt: skip
_HANDLED = {
    "up to 5 min": 5 * _MINUTE, "5 to 15 min": 15 * _MINUTE, "15 min to 1 h": _HOUR, "over 1 h": None,
}  # fmt: skip


@dataclass(frozen=True)
class Feature:
    """One thing about a contact. title: for people. words: a level in a sentence, "{}" stands for its name.

    level: text over `interactions`, never missing: NOT_GIVEN is a level of its own. usual: the level that the others
    are compared with, where it is learnt; else the most common.
    """

    name: str
    title: str
    words: str
    level: Expression = field(hash=False, compare=False)
    usual: str = ""


def features(limits: Limits) -> tuple[Feature, ...]:
    """All features, the most telling first: those that are dropped where there are too many combinations come last."""
    return (*_places(), *_happenings(limits), *_durations())


def _places() -> tuple[Feature, ...]:
    c = contact.c
    named = (
        ("stage", "Stage", "stage {}", c.stage), ("channel", "Channel", "channel {}", c.channel),
        ("handled_by", "Handled by", "handled by {}", c.handled_by), ("outcome", "Outcome", "outcome {}", c.outcome),
        ("initiated_by", "Begun by", "begun by {}", c.initiated_by),
    )  # fmt: skip
    return tuple(
        Feature(name, title, words, sa.func.coalesce(column, NOT_GIVEN)) for name, title, words, column in named
    )


def _happenings(limits: Limits) -> tuple[Feature, ...]:
    c = contact.c
    soon = sa.func.coalesce(c.hours_since_previous <= 24.0 * limits.repeat_days, sa.false())
    again = sa.and_(c.customer_id.is_not(None), c.reason.is_not(None))
    moved = sa.and_(c.case_contact > 1, c.previous_channel != c.channel)
    known_move = sa.or_(c.case_contact == 1, sa.and_(c.previous_channel.is_not(None), c.channel.is_not(None)))
    return (
        _yes_no("transfers", "being transferred", c.transfers.is_not(None), c.transfers >= 1),
        _yes_no("repeat", f"contacting again within {limits.repeat_days:g} days", again, soon),
        _yes_no("reopens", "being reopened", c.reopens.is_not(None), c.reopens >= 1),
        _yes_no("late", "ending later than promised", c.hours_late.is_not(None), c.hours_late > 0),
        _yes_no("repeated_information", "having to say it again", c.repeated_information.is_not(None),
                c.repeated_information == 1),
        _yes_no("case_contact", "not being the first contact of its case", c.case_contact.is_not(None),
                c.case_contact > 1),
        _yes_no("moved", "coming from another channel", known_move, moved),
        _yes_no("stage_visits", "entering a stage again", c.stage_visits.is_not(None), c.stage_visits > 1),
    )  # fmt: skip


def _durations() -> tuple[Feature, ...]:
    wait = Feature("wait", "Wait", "a wait of {}", _steps(contact.c.wait_seconds, _WAITS), next(iter(_WAITS)))
    handled = _steps(contact.c.handle_seconds, _HANDLED)
    return wait, Feature("handled", "Handling time", "handling of {}", handled, next(iter(_HANDLED)))


def _yes_no(name: str, words: str, judged: Expression, present: Expression) -> Feature:
    level = sa.case((sa.not_(sa.func.coalesce(judged, sa.false())), NOT_GIVEN), (present, YES), else_=NO)
    return Feature(name, words[0].upper() + words[1:], words, level, NO)


def _steps(value: Any, steps: dict[str, float | None]) -> Expression:
    upto = ((value <= most, name) for name, most in steps.items() if most is not None)
    return sa.case((value.is_(None), NOT_GIVEN), *upto, else_=list(steps)[-1])


def level_words(feature: Feature, level: str) -> str:
    """A level in a sentence, e.g. "being transferred", "a wait of 2 to 10 min"."""
    if level == NOT_GIVEN:
        return f"{feature.title[0].lower() + feature.title[1:]} not known"
    return feature.words.format(level) if level != YES else feature.words


def about_contacts() -> sa.Subquery:
    """One row per contact that a customer's satisfaction answer is about: interaction_id, y (mean of the answers, each
    scale brought to 0-100), answered_at (the latest)."""
    kind = CSAT_MEAN.kind
    assert isinstance(kind, Mean)
    return (
        sa.select(
            answer.c.interaction_id,
            sa.cast(sa.func.avg(kind.values), sa.Double).label("y"),
            sa.func.max(answer.c.answered_at).label("answered_at"),
        )
        .where(kind.counted, kind.values.is_not(None), answer.c.interaction_id.is_not(None))
        .group_by(answer.c.interaction_id)
        .subquery("about")
    )


def answered_rows(used: tuple[Feature, ...], *more: Any) -> sa.Select[Any]:
    """One row per answered contact: y, at (when it was answered, else when the contact began), early (1: answered on a
    day before the contact ended), grp (random group of its customer), x_<name> of each feature, and what is given."""
    about = about_contacts()
    at = sa.func.coalesce(about.c.answered_at, contact.c.occurred_at)
    early = sa.func.coalesce(day(contact.c.ended_at) > day(at), sa.false())
    return sa.select(
        about.c.y, at.label("at"), sa.case((early, 1), else_=0).label("early"),
        group_of(contact.c.customer_id, contact.c.interaction_id).label("grp"), *levels(used), *more,
    ).select_from(contact.join(about, contact.c.interaction_id == about.c.interaction_id))  # fmt: skip


def levels(used: tuple[Feature, ...]) -> list[sa.Label[Any]]:
    """The level of each feature as a column x_<name>."""
    return [feature.level.label(f"x_{feature.name}") for feature in used]
