"""Measures of a contact that depend on the customer's other contacts, computed once at import.

They are measures, not verdicts: thresholds such as seven days apply when a question is asked. A filter put before a
window would change its answer, one more reason to store them.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cx_metrics.dialect import seconds_between

_HOUR = 3600.0
MEASURES = (
    "hours_since_previous", "hours_until_next", "customer_began_first",
    "case_contact", "case_outcome", "case_resolved_seconds",
)  # fmt: skip


def contact_measures(contact: sa.FromClause) -> dict[str, sa.ColumnElement[Any]]:
    """Derived columns of `interactions`, as expressions over all contacts of the customers concerned.

    Contacts of unknown customers have no neighbours: their hours are NULL. Same-second contacts are ordered by key.
    """
    order: Any = (contact.c.occurred_at, contact.c.interaction_id)
    matter: Any = {"partition_by": (contact.c.customer_id, contact.c.reason), "order_by": order}
    case_key = sa.func.coalesce(contact.c.case_id, contact.c.interaction_id)
    case: Any = {"partition_by": (contact.c.customer_id, case_key), "order_by": order}
    known = contact.c.customer_id.is_not(None)
    previous = sa.func.lag(contact.c.occurred_at).over(**matter)
    following = sa.func.lead(contact.c.occurred_at).over(**matter)
    by_customer = sa.case((contact.c.initiated_by == "customer", 1), else_=0)
    earlier = sa.case(
        (contact.c.case_id.is_not(None), sa.func.max(by_customer).over(**case, rows=(None, -1))),
        (known, sa.func.max(by_customer).over(**matter, rows=(None, -1))),
        else_=0,
    )
    return {
        "hours_since_previous": sa.case((known, seconds_between(previous, contact.c.occurred_at) / _HOUR)),
        "hours_until_next": sa.case((known, seconds_between(contact.c.occurred_at, following) / _HOUR)),
        "customer_began_first": sa.cast(sa.func.coalesce(earlier, 0), sa.BigInteger),
        **_case_measures(contact, case),
    }


def _case_measures(contact: sa.FromClause, case: Any) -> dict[str, sa.ColumnElement[Any]]:
    """Where the case ended up: the outcome of its last contact, and the time from the first until that was resolved."""
    whole = {**case, "rows": (None, None)}
    worked = contact.c.wait_seconds + contact.c.handle_seconds
    lasted = sa.func.coalesce(seconds_between(contact.c.occurred_at, contact.c.ended_at), worked)
    until_last = seconds_between(
        sa.func.first_value(contact.c.occurred_at).over(**whole),
        sa.func.last_value(contact.c.occurred_at).over(**whole),
    )
    outcome = sa.func.last_value(contact.c.outcome).over(**whole)
    resolved = sa.case((outcome == "resolved", until_last + sa.func.last_value(lasted).over(**whole)))
    return {
        "case_contact": sa.cast(sa.func.row_number().over(**case), sa.BigInteger),
        "case_outcome": outcome,
        "case_resolved_seconds": resolved,
    }
