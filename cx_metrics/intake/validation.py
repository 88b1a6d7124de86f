"""Parse first, then check: each canonical column's text becomes a value, and each row at most one reason against it.

Everything here builds SQL expressions over text columns; the engine runs them over the whole file at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.intake.plan import Plan
from cx_metrics.intake.text import BLANK
from cx_metrics.model import CANONICAL, DEFAULT_SCALE, KEYS, SCALES, Rule, given_columns

_NAME_LENGTH = 200
_LARGEST = 2.0**53  # of whole numbers: beyond, the text and the number would not be the same
_NO_VALUE = ("null", "nan", "none", "n/a", "na", "-", "nat")  # in numbers and times only: a name may be any text
Text = sa.ColumnElement[Any]


@dataclass(frozen=True)
class Parsed:
    """value: the typed expression. reason: expression that is NULL where the cell is fine, else what is wrong."""

    name: str
    value: Text
    reason: Text | None


def texts(plan: Plan, raw: sa.FromClause) -> dict[str, Text]:
    """The text of each canonical column (and of each column named in `skip`), recoded, NULL = missing."""
    wanted = {column.name for column in given_columns(CANONICAL[plan.table])}
    names = [*plan.columns, *(name for name in plan.constants if name in wanted), *plan.skip]
    return {name: _recoded(plan, name, _source_text(plan, raw, name)) for name in dict.fromkeys(names)}


def _source_text(plan: Plan, raw: sa.FromClause, name: str) -> Text:
    column = plan.columns.get(name, name)
    parts = [column] if isinstance(column, str) else list(column)
    cells = [
        sa.literal(plan.constants[part]) if part in plan.constants and part not in plan.columns or name in plan.constants
        else sa.func.nullif(sa.func.trim(raw.c[part], BLANK), "")
        for part in parts
    ]  # fmt: skip
    if name in plan.constants and name not in plan.columns:
        return sa.literal(plan.constants[name])
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
        rules += [_missing(plan.table, name, text[name]) if value == "missing" else text[name] == value for value in values]
    return sa.or_(*rules) if rules else None


def _missing(table: str, name: str, text: Text) -> Text:
    column = CANONICAL[table].c.get(name)
    if column is None or isinstance(column.type, sa.Text):
        return text.is_(None)
    return sa.or_(text.is_(None), sa.func.lower(text).in_(_NO_VALUE))


def parse(plan: Plan, text: sa.FromClause) -> list[Parsed]:
    """Every given column of the plan's table from the texts of `text`."""
    parsed = []
    for column in given_columns(CANONICAL[plan.table]):
        rule: Rule = column.info["rule"]
        if column.name in text.c:
            parsed.append(_cell(plan, column, rule, text.c[column.name]))
        elif column.name in KEYS[plan.table] and plan.table != "touchpoint_owners":
            parsed.append(Parsed(column.name, sa.null(), None))  # no key given: numbered when the rows are staged
        else:
            parsed.append(Parsed(column.name, sa.cast(sa.literal(rule.default), column.type), None))
    return parsed


def _cell(plan: Plan, column: sa.Column[Any], rule: Rule, text: Text) -> Parsed:
    makers: dict[type, Callable[..., tuple[Text, list[tuple[Text, Any]]]]] = {
        sa.Text: _text_cell, sa.Double: _number_cell, sa.BigInteger: _number_cell, sa.DateTime: _time_cell,
    }  # fmt: skip
    value, checks = makers[type(column.type)](plan, column, rule, text)
    if rule.required:
        checks.insert(0, (_missing(plan.table, column.name, text), f"{column.name} is missing"))
    if rule.default is not None:
        value = sa.func.coalesce(value, sa.cast(sa.literal(rule.default), column.type))
    reason = sa.case(*checks, else_=sa.null()) if checks else None
    return Parsed(column.name, value, reason)


def _quote(name: str, text: Text, what: str) -> Text:
    return sa.literal(f"{name} '").concat(sa.func.left(text, 60)).concat(f"' {what}")


def _text_cell(plan: Plan, column: sa.Column[Any], rule: Rule, text: Text) -> tuple[Text, list[tuple[Text, Any]]]:
    name = column.name
    if rule.allowed:
        lowered = sa.func.lower(text)
        return lowered, [(lowered.not_in(rule.allowed), _quote(name, text, f"is none of: {', '.join(rule.allowed)}"))]
    if rule.long:
        return text, []
    too_long = (sa.func.length(text) > _NAME_LENGTH, _quote(name, text, f"... is longer than {_NAME_LENGTH} characters"))
    return (sa.literal(plan.prefix).concat(text) if plan.prefix and _is_key(name) else text), [too_long]


def _is_key(name: str) -> bool:
    return name.endswith("_id") or name == "source_customer_key"


def _number_cell(plan: Plan, column: sa.Column[Any], rule: Rule, text: Text) -> tuple[Text, list[tuple[Text, Any]]]:
    name, whole = column.name, isinstance(column.type, sa.BigInteger)
    number = dialect.try_cast(text, sa.Double)
    if name.endswith("_seconds"):
        number = sa.func.coalesce(number, dialect.clock_seconds(text))
    blank = sa.func.lower(text).in_(_NO_VALUE)
    wrong = sa.and_(text.is_not(None), sa.or_(number.is_(None), sa.not_(dialect.is_finite(number))), sa.not_(blank))
    checks: list[tuple[Text, Any]] = [(wrong, _quote(name, text, "is not a number"))]
    if whole:
        checks.append((number != sa.func.floor(number), _quote(name, text, "is not a whole number")))
        checks.append((sa.func.abs(number) >= _LARGEST, _quote(name, text, "is too large")))
    if rule.lowest is not None:
        checks.append((number < rule.lowest, _quote(name, text, f"is below {rule.lowest:g}")))
    checked = sa.case((dialect.is_finite(number), number), else_=sa.null())
    return dialect.try_cast(checked, sa.BigInteger) if whole else checked, checks


def _time_cell(plan: Plan, column: sa.Column[Any], rule: Rule, text: Text) -> tuple[Text, list[tuple[Text, Any]]]:
    name, forms = column.name, plan.times.get(column.name, ())
    time = dialect.parse_time(text, forms, plan.timezone)
    wanted = f"as {' or '.join(forms)}" if forms else "as a time; write 2024-05-31 or name its format under `times`"
    wrong = sa.and_(time.is_(None), text.is_not(None), sa.func.lower(text).not_in(_NO_VALUE))
    checks: list[tuple[Text, Any]] = [(wrong, _quote(name, text, f"cannot be read {wanted}"))]
    if rule.happened:
        early, late = sa.literal_column("TIMESTAMP '1970-01-01'"), sa.literal_column("now() + INTERVAL 1 DAY")
        checks.append((time < early, _quote(name, text, "lies before 1970")))
        checks.append((time > sa.cast(late, sa.DateTime), _quote(name, text, "lies in the future")))
    return time, checks


def row_checks(table: str, row: sa.FromClause) -> list[tuple[Text, Any]]:
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


def completed(table: str, columns: Sequence[Any]) -> list[Any]:
    """The parsed columns of a row with what follows from the others: an unstated scale is its instrument's usual one."""
    if table != "survey_answers":
        return list(columns)
    by_name = {column.name: column for column in columns}
    for index, name in enumerate(("scale_min", "scale_max")):
        usual = sa.case(
            *((by_name["instrument"] == instrument, scale[index]) for instrument, scale in SCALES.items()),
            else_=DEFAULT_SCALE[index],
        )
        by_name[name] = sa.func.coalesce(by_name[name], sa.cast(usual, sa.Double)).label(name)
    return [by_name[column.name] for column in columns]
