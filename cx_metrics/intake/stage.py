"""Staging: one plan's file becomes a temporary table of typed rows, and a list of the rows set aside.

Runs on the parser's connection, outside any transaction of the warehouse: an unreadable file has touched nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.columns import given_columns
from cx_metrics.intake import parsing
from cx_metrics.intake.files import LINE, PARQUET, PROBLEM, RAW, SKIP, RawRows, careful_rows, quick_rows
from cx_metrics.intake.plan import IntakeError, Plan, Row
from cx_metrics.intake.text import examine, text_rows
from cx_metrics.intake.validation import checks, finished, skipped, texts, values
from cx_metrics.model import CANONICAL, KEYS

_REASON, _DUPLICATE = "_reason", "_duplicate"
_PEOPLE = ("customers", "identities")


@dataclass(frozen=True)
class SetAside:
    """A row for the quarantine. line: where it begins in the file. raw: the row as JSON text."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Staged:
    """table: temporary table with the usable rows. Rows: read = usable + duplicates + skipped + len(set_aside)."""

    plan: Plan
    table: sa.Table
    read: int
    usable: int
    duplicates: int
    skipped: int
    set_aside: tuple[SetAside, ...]
    note: str

    @property
    def columns(self) -> list[str]:
        """Names of the canonical columns in `table`."""
        extra = ["source_customer_key"] if "source_customer_key" in self.table.c else []
        return list(dict.fromkeys([*(column.name for column in given_columns(CANONICAL[self.plan.table])), *extra]))


def stage(connection: sa.Connection, plan: Plan, folder: Path) -> Staged:
    """Parse, check and de-duplicate a plan's file. Raises IntakeError when the file as a whole is unusable.

    connection: the parser's. folder: for temporary files.
    """
    if any("\udc80" <= sign <= "\udcff" for sign in str(plan.file)):  # bytes that are no UTF-8
        raise IntakeError(f"the path {str(plan.file)!r} cannot be written as text; rename the file or its folder")
    table = _staging_table(plan)
    connection.execute(sa.schema.DropTable(table, if_exists=True))
    raw = quick_rows(connection, plan)
    try:
        if raw is not None:
            table.create(connection)
            _fill(connection, plan, raw, table)
    except parsing.ParseError:  # an irregular row: the careful way finds which
        raw = None
        table.drop(connection)
    if raw is None:
        raw = careful_rows(connection, plan, folder)
        table.create(connection)
        _fill(connection, plan, raw, table)
    _number_missing_keys(connection, plan, table)
    _mark_repeated_keys(connection, plan, table)
    if plan.sum:
        _add_up(connection, plan, table)
    return _counted(connection, plan, raw, table)


def _staging_table(plan: Plan) -> sa.Table:
    given = [sa.Column(column.name, column.type) for column in given_columns(CANONICAL[plan.table])]
    extra = ["source_customer_key"] if "customer_id" in CANONICAL[plan.table].c and plan.table not in _PEOPLE else []
    return sa.Table(
        f"staged_{plan.table}", sa.MetaData(), *given, *(sa.Column(name, sa.Text) for name in extra),
        sa.Column(LINE, sa.BigInteger), sa.Column(RAW, sa.Text), sa.Column(SKIP, sa.Boolean),
        sa.Column(_REASON, sa.Text), sa.Column(_DUPLICATE, sa.Boolean),
        sa.Column(parsing.ROW, sa.BigInteger, system=True), schema=dialect.STAGING,
    )  # fmt: skip


def _fill(connection: sa.Connection, plan: Plan, raw: RawRows, table: sa.Table) -> None:
    """Texts, then values beside their texts, then what is wrong with them, so that nothing is parsed twice."""
    meta = {name: raw.select.c[name] for name in (LINE, PROBLEM, RAW)} if raw.careful else {}
    cells = texts(plan, raw.select)
    skip = _skip(plan, raw, cells).label(SKIP)
    text = sa.select(*(v.label(k) for k, v in {**cells, **meta}.items()), skip).subquery("texts")
    beside = {name: text.c[name].label(f"{name} as text") for name in cells}
    kept = [text.c[name] for name in (*meta, SKIP)]
    row = sa.select(*(v.label(k) for k, v in values(plan, text).items()), *beside.values(), *kept).subquery("row")
    wrong = checks(plan, row, {name: row.c[label.name] for name, label in beside.items()})
    if raw.careful:
        wrong.insert(0, (row.c[PROBLEM].is_not(None), row.c[PROBLEM]))
    final: dict[str, Any] = {c.name: finished(c, row.c[c.name]) for c in given_columns(CANONICAL[plan.table])}
    reason = sa.case(*wrong, else_=sa.null()) if wrong else sa.null()
    final |= {SKIP: row.c[SKIP], _REASON: reason, _DUPLICATE: sa.false()}
    if raw.careful:
        final |= {LINE: sa.cast(row.c[LINE], sa.BigInteger), RAW: row.c[RAW]}
    connection.execute(sa.insert(table).from_select(list(final), sa.select(*(v.label(k) for k, v in final.items()))))


def _skip(plan: Plan, raw: RawRows, cells: dict[str, Any]) -> sa.ColumnElement[bool]:
    """Whether a row is no record at all, by its format or by the plan's rule."""
    by_format = raw.select.c[SKIP].is_not(None) if raw.careful else sa.false()
    rule = skipped(plan, cells)
    if rule is None:
        return by_format
    if raw.careful:  # an unreadable row has no cells that a rule could go by
        rule = sa.and_(rule, raw.select.c[PROBLEM].is_(None))
    return sa.func.coalesce(sa.or_(by_format, rule), sa.false())


def _number_missing_keys(connection: sa.Connection, plan: Plan, table: sa.Table) -> None:
    """Where a plan names no key, rows are known by their file and place."""
    for key in KEYS[plan.table]:
        if key not in plan.columns and key not in plan.constants:
            known = sa.literal(f"{plan.prefix}{plan.file.stem}-").concat(sa.cast(table.c[parsing.ROW] + 1, sa.Text))
            connection.execute(sa.update(table).values({key: known}))


def _mark_repeated_keys(connection: sa.Connection, plan: Plan, table: sa.Table) -> None:
    """A key that comes again with the same values is a duplicate; with other values the later row is set aside."""
    keys = [table.c[key] for key in KEYS[plan.table]]
    fine = sa.and_(table.c[_REASON].is_(None), sa.not_(table.c[SKIP]))
    repeated = sa.select(*keys).where(fine).group_by(*keys).having(sa.func.count() > 1).subquery()
    same_key = sa.and_(*(key == repeated.c[key.name] for key in keys))
    given = [table.c[column.name] for column in given_columns(CANONICAL[plan.table]) if column.name not in plan.sum]
    content = parsing.json_row([(column.name, sa.cast(column, sa.Text)) for column in given])
    window: Any = {"partition_by": keys, "order_by": table.c[parsing.ROW]}
    places = (
        sa.select(
            table.c[parsing.ROW].label("row"),
            sa.func.row_number().over(**window).label("place"),
            (content == sa.func.first_value(content).over(**window)).label("same"),
        )
        .select_from(table.join(repeated, same_key))
        .where(fine)
        .subquery()
    )
    again = sa.literal(f"{KEYS[plan.table][0]} '").concat(keys[0])
    again = again.concat("' occurs earlier in the file with other values; keep one of the rows")
    later = sa.and_(table.c[parsing.ROW] == places.c.row, places.c.place > 1)
    connection.execute(
        sa.update(table)
        .where(later)
        .values(
            {
                _DUPLICATE: sa.false() if plan.sum else places.c.same,
                _REASON: sa.case((places.c.same, sa.null()), else_=again),
            }
        )
    )


def _add_up(connection: sa.Connection, plan: Plan, table: sa.Table) -> None:
    """Give all rows of a key their sums; a key with a row that is set aside is set aside as a whole."""
    keys = [table.c[key] for key in KEYS[plan.table]]
    counted, part = sa.not_(table.c[SKIP]), table.alias("part")
    bad = sa.exists().where(
        part.c[_REASON].is_not(None), sa.not_(part.c[SKIP]), *(key == part.c[key.name] for key in keys)
    )
    reason = sa.literal(f"another row of {keys[0].name} '").concat(keys[0]).concat("' cannot be used, and they add up")
    connection.execute(sa.update(table).where(counted, table.c[_REASON].is_(None), bad).values({_REASON: reason}))
    totals = [
        sa.func.round(sa.func.sum(table.c[name]), 6).label(name) for name in plan.sum
    ]  # rounded: the order varies
    total = sa.select(*keys, *totals).where(counted, table.c[_REASON].is_(None)).group_by(*keys).subquery("total")
    same = sa.and_(*(key == total.c[key.name] for key in keys))
    connection.execute(sa.update(table).where(same).values({name: total.c[name] for name in plan.sum}))


def _counted(connection: sa.Connection, plan: Plan, raw: RawRows, table: sa.Table) -> Staged:
    bad = sa.and_(table.c[_REASON].is_not(None), sa.not_(table.c[SKIP]))
    total, skips, doubles = connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(sa.case((table.c[SKIP], 1), else_=0)), 0),
            sa.func.coalesce(
                sa.func.sum(sa.case((sa.and_(table.c[_DUPLICATE], sa.not_(table.c[SKIP])), 1), else_=0)), 0
            ),
        )
    ).one()
    found = connection.execute(
        sa.select(table.c[parsing.ROW] + 1, table.c[LINE], table.c[_REASON], table.c[RAW])
        .where(bad)
        .order_by(table.c[parsing.ROW])
    ).all()
    set_aside = [SetAside(line, reason, text) for _, line, reason, text in found]
    if found and not raw.careful:
        rows = _rows_of(connection, plan, raw, {record for record, *_ in found})
        set_aside = [
            SetAside(rows[record].line, reason, json.dumps(rows[record].cells, ensure_ascii=False))
            for record, _, reason, _ in found
        ]
    connection.execute(
        sa.delete(table).where(sa.or_(table.c[SKIP], table.c[_DUPLICATE], table.c[_REASON].is_not(None)))
    )
    usable = int(total) - int(skips) - int(doubles) - len(set_aside)
    return Staged(
        plan,
        table,
        int(total),
        usable,
        int(doubles),
        int(skips),
        tuple(set_aside),
        "; ".join(filter(None, (plan.note, raw.note))),
    )


def _rows_of(connection: sa.Connection, plan: Plan, raw: RawRows, wanted: set[int]) -> dict[int, Row]:
    """The wanted records (1 = the first) of a file that the engine read, with their lines."""

    def rows() -> Iterator[Row]:
        if plan.file.suffix.lower() in PARQUET:
            for number, cells in enumerate(connection.execute(sa.select(raw.select)).mappings(), start=1):
                yield Row(number, dict(cells))
        else:
            yield from text_rows(examine(plan.file, plan.reading.encoding), plan.reading)

    last, found = max(wanted), {}
    for record, row in enumerate(rows(), start=1):
        if record in wanted:
            found[record] = row
        if record == last:
            break
    return found
