"""An initiative's plan as a TOML file."""

from __future__ import annotations

import dataclasses
import datetime
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cx_metrics.analyses.initiative import Filters
from cx_metrics.analyses.initiative_plan import FIELDS, Plan
from cx_metrics.scope import ScopeError, parse_day


def from_file(path: Path, before: Plan | None = None) -> Plan:
    """The plan of a TOML file: name, owner, hypothesis, metric, start, expected, perhaps last_day, cost, currency and
    state, and the tables [target] and [comparison] with dimension = [values]. before: what holds for fields that the
    file does not name. Without a state, what has begun is running. Raises ScopeError, one sentence."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ScopeError(f"there is no file {path}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScopeError(f"{path.name} is no TOML file: {str(error).splitlines()[0]}") from None
    if strange := [name for name in given if name not in FIELDS]:
        raise ScopeError(f"{path.name}: there is no field {strange[0]!r}; there are: {', '.join(FIELDS)}")
    fields = {name: _read(path.name, name, value) for name, value in given.items()}
    if before is not None:
        return dataclasses.replace(before, **fields)
    needed = [f.name for f in dataclasses.fields(Plan) if f.default is dataclasses.MISSING]
    fields.setdefault("comparison", ())
    if fields.get("start", datetime.date.max) <= datetime.datetime.now(datetime.UTC).date():
        fields.setdefault("state", "running")
    if missing := [name for name in needed if name not in fields]:
        raise ScopeError(f"{path.name} does not say: {', '.join(missing)}")
    return Plan(**fields)


def _read(file: str, name: str, value: Any) -> Any:
    if name in ("target", "comparison"):
        return _filters(file, name, value)
    if name in ("start", "last_day"):
        return _day(file, name, value)
    if name in ("expected", "cost"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ScopeError(f"{file}: {name} is no number")
        return float(value)
    if not isinstance(value, str):
        raise ScopeError(f"{file}: {name} is no text; put it in quotes")
    return value


def _day(file: str, name: str, value: Any) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if isinstance(value, str):
        return parse_day(value)
    raise ScopeError(f"{file}: {name} is no day; write it as 2026-05-01")


def _filters(file: str, name: str, value: Any) -> Filters:
    if not isinstance(value, Mapping):
        raise ScopeError(f'{file}: {name} is no table; write [{name}] and below it team = ["Care North"]')
    found = []
    for dimension, values in value.items():
        several: Sequence[Any] = [values] if isinstance(values, str | int) else values
        if not isinstance(several, Sequence) or not all(isinstance(one, str | int) for one in several):
            raise ScopeError(f'{file}: {dimension} of {name} is no list of values; write it as ["Care North"]')
        found.append((str(dimension), tuple(map(str, several))))
    return tuple(found)
