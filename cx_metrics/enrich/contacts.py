"""Measures of a contact that depend on the customer's other contacts, computed once at import.

A filter put before a window would change its answer, one more reason to store them. Sorting ten million rows is what
takes the time: keys are numbers, each step carries only what later ones need, and what few contacts need is done for
those alone.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import hashed, seconds_between
from cx_metrics.measures import MEASURES
from cx_metrics.model import interactions

_HOUR = 3600.0
_DAY = 24 * _HOUR
_BEFORE: Any = {"rows": (None, -1)}
_WHOLE: Any = {"rows": (None, None)}
_ROW_BY_ROW = ("hours_late", "stage_visits")  # measures that need no other contact, at first


def find_episodes(target: sa.Connection, contact: sa.FromClause, episode_hours: float) -> sa.Table:
    """A temporary table of the contacts that continue an episode: interaction_id, case_key.

    Where a source gives no case, contacts of one customer on one reason are one case as long as no more than
    `episode_hours` lie between one and the next. The first one's time names the episode.
    """
    c = contact.c
    rows = sa.select(c.interaction_id, c.occurred_at, hashed(c.customer_id, c.reason).label("matter"))
    rows = rows.where(c.case_id.is_(None), c.customer_id.is_not(None))
    loose = rows.subquery("loose")
    previous = sa.func.lag(loose.c.occurred_at).over(**_ordered(loose, "matter"))
    timed = sa.select(*loose.c, previous.label("previous_at")).subquery("timed")
    apart = seconds_between(timed.c.previous_at, timed.c.occurred_at) > episode_hours * _HOUR
    begins = sa.case((sa.or_(timed.c.previous_at.is_(None), apart), timed.c.occurred_at))
    begun_at = sa.func.max(begins).over(**_ordered(timed, "matter"), rows=(None, 0))
    begun = sa.select(*timed.c, begun_at.label("begun_at"), begins.label("begins")).subquery("begun")
    continuing = sa.select(begun.c.interaction_id, hashed(begun.c.matter, begun.c.begun_at)).where(
        begun.c.begins.is_(None)
    )
    columns = (sa.Column("interaction_id", sa.Text), sa.Column("case_key", sa.BigInteger))
    episodes = sa.Table("episodes", sa.MetaData(), *columns, prefixes=["TEMPORARY"])
    episodes.create(target)
    target.execute(sa.insert(episodes).from_select(["interaction_id", "case_key"], continuing))
    return episodes


def contact_measures(contact: sa.FromClause, episodes: sa.Table) -> sa.Select[Any]:
    """interaction_id and those MEASURES that depend on other contacts, for all contacts of the customers concerned.

    Contacts of unknown customers have no neighbours: their hours are NULL. Same-second contacts are ordered by key.
    episodes: as `find_episodes` gives them.
    """
    rows = _within_cases(_on_the_matter(_in_the_stage(_keyed(contact, episodes))))
    return sa.select(*(rows.c[name] for name in ("interaction_id", *NEIGHBOURS)))


NEIGHBOURS = tuple(name for name in MEASURES if name not in _ROW_BY_ROW)


def own_measures(contact: sa.FromClause) -> dict[str, sa.ColumnElement[Any]]:
    """The measures that a contact's own row gives; the visits are those of a case that never leaves a stage."""
    c = contact.c
    midnight = c.promised_at == sa.cast(sa.cast(c.promised_at, sa.Date), sa.DateTime)
    late = seconds_between(c.promised_at, c.ended_at) - sa.case((midnight, _DAY), else_=0.0)
    return {"hours_late": late / _HOUR, "stage_visits": sa.case((c.stage.is_not(None), sa.cast(1, sa.BigInteger)))}


def count_visits(target: sa.Connection) -> None:
    """Set `stage_visits` where a case entered a stage again: the first visit, and one more for each entry."""
    c = interactions.c
    moved = sa.select(c.case_key).where(c.previous_stage != c.stage)
    wanted = (c.interaction_id, c.occurred_at, c.case_key, c.stage, c.previous_stage)
    rows = sa.select(*wanted).where(c.case_key.in_(moved), c.stage.is_not(None)).subquery("in_stages")
    later = sa.func.row_number().over(**_ordered(rows, "case_key", "stage")) > 1
    again = sa.case((sa.and_(later, rows.c.previous_stage != rows.c.stage), 1), else_=0).label("again")
    entered = sa.select(*rows.c, again).subquery("entered")
    visits = 1 + sa.func.sum(entered.c.again).over(**_ordered(entered, "case_key", "stage"), rows=(None, 0))
    counted = sa.select(entered.c.interaction_id, sa.cast(visits, sa.BigInteger).label("visits")).subquery("counted")
    same = sa.and_(c.interaction_id == counted.c.interaction_id, counted.c.visits > 1)
    target.execute(sa.update(interactions).values(stage_visits=counted.c.visits).where(same))


def _ordered(rows: sa.FromClause, *partition: str) -> dict[str, Any]:
    return {
        "partition_by": [rows.c[name] for name in partition],
        "order_by": (rows.c.occurred_at, rows.c.interaction_id),
    }


def _with(rows: sa.FromClause, name: str, drop: tuple[str, ...], **more: sa.ColumnElement[Any]) -> sa.Subquery:
    kept = [column for column in rows.c if column.name not in drop]
    return sa.select(*kept, *(column.label(label) for label, column in more.items())).subquery(name)


def _keyed(contact: sa.FromClause, episodes: sa.Table) -> sa.Subquery:
    """Case, matter (customer and reason) and place (customer and stage) as numbers; 0 where nobody knows whose."""
    c, known = contact.c, contact.c.customer_id.is_not(None)
    matter, place = hashed(c.customer_id, c.reason), hashed(c.customer_id, c.stage)
    case_key = sa.case(
        (c.case_id.is_not(None), hashed(c.customer_id, c.case_id)),
        (known, sa.func.coalesce(episodes.c.case_key, hashed(matter, c.occurred_at))),
        else_=hashed(c.interaction_id),
    )
    worked = c.wait_seconds + c.handle_seconds
    with_episodes = contact.outerjoin(episodes, episodes.c.interaction_id == c.interaction_id)
    given = [c[name] for name in ("interaction_id", "occurred_at", "channel", "stage", "handled_by", "outcome")]
    return sa.select(
        *given, c.handle_seconds, sa.func.coalesce(seconds_between(c.occurred_at, c.ended_at), worked).label("lasted"),
        sa.case((c.team.is_not(None), hashed(c.team))).label("team"),
        sa.case((c.agent_id.is_not(None), hashed(c.agent_id))).label("agent"),
        sa.case((c.initiated_by == "customer", 1), else_=0).label("by_customer"),
        sa.case((c.case_id.is_not(None), 1), else_=0).label("given_case"), sa.case((known, 1), else_=0).label("known"),
        matter.label("matter"), place.label("place"), case_key.label("case_key"),
    ).select_from(with_episodes).subquery("keyed")  # fmt: skip


def _hours(start: Any, end: Any, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.case((sa.and_(sa.true(), *conditions), seconds_between(start, end) / _HOUR))


def _in_the_stage(rows: sa.Subquery) -> sa.Subquery:
    """The customer's contacts before and after this one in the same stage."""
    at, around = rows.c.occurred_at, _ordered(rows, "place")
    told = (rows.c.known == 1, rows.c.stage.is_not(None))
    return _with(
        rows, "in_the_stage", ("place",),
        hours_since_same_stage=_hours(sa.func.lag(at).over(**around), at, *told),
        hours_until_same_stage=_hours(at, sa.func.lead(at).over(**around), *told),
    )  # fmt: skip


def _on_the_matter(rows: sa.Subquery) -> sa.Subquery:
    """The customer's contacts before and after this one on the same reason."""
    c, around, known = rows.c, _ordered(rows, "matter"), rows.c.known == 1
    return _with(
        rows, "on_the_matter", ("matter", "handle_seconds"),
        hours_since_previous=_hours(sa.func.lag(c.occurred_at).over(**around), c.occurred_at, known),
        hours_until_next=_hours(c.occurred_at, sa.func.lead(c.occurred_at).over(**around), known),
        return_channel=sa.case((known, sa.func.lead(c.channel).over(**around))),
        next_handle_seconds=sa.case((known, sa.func.lead(c.handle_seconds).over(**around))),
        began_on_matter=sa.case((known, sa.func.max(c.by_customer).over(**around, **_BEFORE))),
    )  # fmt: skip


def _within_cases(rows: sa.Subquery) -> sa.Subquery:
    """Neighbours within the case, and where the case ended up."""
    c, case = rows.c, _ordered(rows, "case_key")
    whole = {**case, **_WHOLE}
    outcome = sa.func.last_value(c.outcome).over(**whole)
    began, last = (f(c.occurred_at).over(**whole) for f in (sa.func.first_value, sa.func.last_value))
    seconds = seconds_between(began, last) + sa.func.last_value(c.lasted).over(**whole)
    in_case = sa.func.max(c.by_customer).over(**case, **_BEFORE)
    earlier = sa.case((c.given_case == 1, in_case), else_=c.began_on_matter)

    def before(column: Any) -> sa.ColumnElement[Any]:
        return sa.func.lag(column).over(**case)

    def after(column: Any) -> sa.ColumnElement[Any]:
        return sa.func.lead(column).over(**case)

    def whole_number(value: Any) -> sa.ColumnElement[Any]:
        return sa.cast(value, sa.BigInteger)

    return _with(
        rows, "within_cases", (),
        case_contact=whole_number(sa.func.row_number().over(**case)),
        case_contacts=whole_number(sa.func.count().over(**whole)), case_outcome=outcome,
        case_resolved_seconds=sa.case((outcome == "resolved", seconds)),
        case_hours_until_next=_hours(c.occurred_at, after(c.occurred_at)),
        customer_began_first=whole_number(sa.func.coalesce(earlier, 0)),
        previous_channel=before(c.channel), next_channel=after(c.channel),
        previous_stage=before(c.stage), next_stage=after(c.stage), previous_handled_by=before(c.handled_by),
        team_hop=whole_number(sa.case((before(c.team) != c.team, 1), else_=0)),
        agent_hop=whole_number(sa.case((before(c.agent) != c.agent, 1), else_=0)),
    )  # fmt: skip
