"""Parse first, then check: each canonical column's text becomes a value, and each row at most one reason against it.

Everything here builds SQL expressions over text columns; the engine runs them over the whole file at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from cx_metrics.columns import Rule, given_columns
from cx_metrics.intake import parsing
from cx_metrics.intake.plan import Plan
from cx_metrics.intake.text import BLANK
from cx_metrics.model import CANONICAL, DEFAULT_SCALE, SCALES

_NAME_LENGTH = 200
_LARGEST = 2.0**53  # of whole numbers: beyond, the text and the number would not be the same
_NO_VALUE = ("null", "nan", "none", "n/a", "na", "-", "nat")  # in numbers and times only: a name may be any text
Text = sa.ColumnElement[Any]
Check = tuple[Text, Any]


def texts(plan: Plan, raw: sa.FromClause) -> dict[str, Text]:
    """The text of each canonical column (and of each column named in `skip`), recoded, NULL = missing."""
    wanted = {column.name for column in given_columns(CANONICAL[plan.table])}
    names = [*plan.columns, *(name for name in plan.constants if name in wanted), *plan.skip]
    return {name: _recoded(plan, name, _source_text(plan, raw, name)) for name in dict.fromkeys(names)}


def _source_text(plan: Plan, raw: sa.FromClause, name: str) -> Text:
    if name in plan.constants and name not in plan.columns:
        return sa.literal(plan.constants[name])
    column = plan.columns.get(name, name)
    constants = plan.constants
    cells = [
        sa.literal(constants[part]) if part in constants else parsing.stripped(raw.c[part], BLANK)
        for part in ([column] if isinstance(column, str) else list(column))
    ]
    joined = cells[0]
    for cell in cells[1:]:
        joined = joined.concat("-").concat(cell)  # NULL when any part is missing
    return joined


def _recoded(plan: Plan, name: str, text: Text) -> Text:
    recode = plan.values.get(name)
    if not recode:
        return text
    whens = [(text == old, sa.literal(new) if new else sa.null()) for old, new in recode.items()]
    return sa.cast(sa.case(*whens, else_=text), sa.Text)


def skipped(plan: Plan, text: dict[str, Text]) -> Text | None:
    """Whether a row is no record at all by the plan's own rule; None when it has no such rule."""
    rules: list[Text] = []
    for name, values in plan.skip.items():
        rules += [
            _missing(plan.table, name, text[name]) if value == "missing" else text[name] == value for value in values
        ]
    return sa.or_(*rules) if rules else None


def _missing(table: str, name: str, text: Text) -> Text:
    column = CANONICAL[table].c.get(name)
    if column is None or isinstance(column.type, sa.Text):
        return text.is_(None)
    return sa.or_(text.is_(None), sa.func.lower(text).in_(_NO_VALUE))


def values(plan: Plan, text: sa.FromClause) -> dict[str, Text]:
    """Every given column of the plan's table from the texts of `text`, NULL where there is none or it cannot be read.

    Whole numbers are doubles here, so that they can be checked.
    """
    found = {}
    for column in given_columns(CANONICAL[plan.table]):
        known = column.name in text.c
        found[column.name] = _value(plan, column, text.c[column.name]) if known else sa.cast(sa.null(), column.type)
    return _completed(found) if plan.table == "survey_answers" else found


def _value(plan: Plan, column: sa.Column[Any], text: Text) -> Text:
    if isinstance(column.type, sa.DateTime):
        return parsing.parse_time(text, plan.times.get(column.name, ()), plan.timezone)
    if not isinstance(column.type, sa.Text):
        number: Text = parsing.try_cast(text, sa.Double)
        if column.name.endswith("_seconds"):
            number = sa.func.coalesce(number, parsing.clock_seconds(text))
        return sa.case((parsing.is_finite(number), number), else_=sa.null())
    if column.info["rule"].allowed:
        return sa.func.lower(text)
    return sa.literal(plan.prefix).concat(text) if plan.prefix and _is_key(column.name) else text


def _is_key(name: str) -> bool:
    return name.endswith("_id") or name == "source_customer_key"


def _completed(found: dict[str, Text]) -> dict[str, Text]:
    """Answers with what follows from their other values: an unstated scale is its instrument's usual one."""
    for index, name in enumerate(("scale_min", "scale_max")):
        usual = sa.case(
            *((found["instrument"] == instrument, scale[index]) for instrument, scale in SCALES.items()),
            else_=DEFAULT_SCALE[index],
        )
        found[name] = sa.func.coalesce(found[name], sa.cast(usual, sa.Double))
    return found


def finished(column: sa.Column[Any], value: Text) -> Text:
    """A checked value as it is loaded: of its column's type, with the column's default where there is none."""
    value = parsing.try_cast(value, sa.BigInteger) if isinstance(column.type, sa.BigInteger) else value
    default = column.info["rule"].default
    return value if default is None else sa.func.coalesce(value, sa.cast(sa.literal(default), column.type))


def checks(plan: Plan, row: sa.FromClause, text: Mapping[str, Text]) -> list[Check]:
    """What can be wrong with a row: [(wrong, reason)], of which the first counts.

    row: its `values`. text: the texts that they come from, by column.
    """
    found: list[Check] = []
    for column in given_columns(CANONICAL[plan.table]):
        if column.name in text:
            if column.info["rule"].required:
                missing = _missing(plan.table, column.name, text[column.name])
                found.append((missing, f"{column.name} is missing"))
            found += _cell_checks(plan, column, row.c[column.name], text[column.name])
    return [*found, *_row_checks(plan.table, row)]


def _cell_checks(plan: Plan, column: sa.Column[Any], value: Text, text: Text) -> list[Check]:
    rule: Rule = column.info["rule"]
    if isinstance(column.type, sa.DateTime):
        return _time_checks(column.name, plan.times.get(column.name, ()), rule, value, text)
    if not isinstance(column.type, sa.Text):
        return _number_checks(column, rule, value, text)
    if rule.allowed:
        return [(value.not_in(rule.allowed), _quote(column.name, text, f"is none of: {', '.join(rule.allowed)}"))]
    what = f"... is longer than {_NAME_LENGTH} characters"
    return [] if rule.long else [(sa.func.length(text) > _NAME_LENGTH, _quote(column.name, text, what))]


def _quote(name: str, text: Text, what: str) -> Text:
    return sa.literal(f"{name} '").concat(sa.func.left(text, 60)).concat(f"' {what}")


def _unreadable(value: Text, text: Text) -> Text:
    return sa.and_(value.is_(None), text.is_not(None), sa.func.lower(text).not_in(_NO_VALUE))


def _number_checks(column: sa.Column[Any], rule: Rule, number: Text, text: Text) -> list[Check]:
    name = column.name
    found: list[Check] = [(_unreadable(number, text), _quote(name, text, "is not a number"))]
    if isinstance(column.type, sa.BigInteger):
        found.append((number != sa.func.floor(number), _quote(name, text, "is not a whole number")))
        found.append((sa.func.abs(number) >= _LARGEST, _quote(name, text, "is too large")))
    if rule.lowest is not None:
        found.append((number < rule.lowest, _quote(name, text, f"is below {rule.lowest:g}")))
    if rule.highest is not None:
        found.append((number > rule.highest, _quote(name, text, f"is above {rule.highest:g}")))
    return found


def _time_checks(name: str, forms: Sequence[str], rule: Rule, time: Text, text: Text) -> list[Check]:
    wanted = f"as {' or '.join(forms)}" if forms else "as a time; write 2024-05-31 or name its format under `times`"
    found: list[Check] = [(_unreadable(time, text), _quote(name, text, f"cannot be read {wanted}"))]
    if rule.happened:
        early: Text = sa.literal_column("TIMESTAMP '1970-01-01'")
        late: Text = sa.literal_column("now() + INTERVAL 1 DAY")
        found.append((time < early, _quote(name, text, "lies before 1970")))
        found.append((time > sa.cast(late, sa.DateTime), _quote(name, text, "lies in the future")))
    return found


def _row_checks(table: str, row: sa.FromClause) -> list[Check]:
    """What must hold between the values of one row: [(wrong, reason)]."""
    if table == "interactions":
        return [(row.c.ended_at < row.c.occurred_at, "ended_at lies before occurred_at")]
    if table == "subscriptions":
        return [(row.c.ended_at < row.c.started_at, "ended_at lies before started_at")]
    if table != "survey_answers":
        return []
    low, high, score = row.c.scale_min, row.c.scale_max, row.c.score
    described = sa.literal("score ").concat(sa.cast(score, sa.Text)).concat(" is outside its scale ")
    described = described.concat(sa.cast(low, sa.Text)).concat(" to ").concat(sa.cast(high, sa.Text))
    return [
        (low >= high, "scale_min is not below scale_max"),
        (sa.and_(row.c.instrument == "nps", high != 10), "nps is asked on a scale up to 10; give scale_max 10"),
        (sa.or_(score < low, score > high), described),
        (sa.and_(score.is_not(None), row.c.answered_at.is_(None)), "the answer has a score but no answered_at"),
        (sa.and_(score.is_(None), row.c.invited_at.is_(None), row.c.comment.is_(None)),
         "the row has no score, no comment and no invited_at: nothing was asked or answered"),
    ]  # fmt: skip
