"""A company's journey: its stages and channels in their order, and from when on something counts as friction.

Read from `journey.toml` in the data folder (`CX_JOURNEY_FILE` moves it); whatever the file does not say stays as here.
"""

from __future__ import annotations

import datetime
import functools
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cx_metrics import settings

STAGES = ("discover", "buy", "onboard", "use", "pay", "get help", "renew", "leave")
CHANNELS = ("web", "app", "email", "chat", "phone", "social", "store", "post")
EPISODE_HOURS = 72.0
WRITTEN = ("web", "email", "social", "post")


class JourneyError(Exception):
    """A journey file that cannot be used; the message is one sentence."""


@dataclass(frozen=True)
class Limits:
    """From when on something counts. Applied when a question is asked, so that anyone can move them.

    wait_seconds: longest wait that is fine on live channels; written_wait_hours: on channels where an answer may take
    hours. repeat_days: a further contact within this many days is about the same matter. transfers, reopens,
    stage_visits: from this many on. promise_hours: how late a promise may be kept. sentiment, sentiment_fall: lowest
    sentiment (-1 to 1) at the end of a contact, and largest fall within it, that are fine. written: the channels on
    which an answer may take hours.
    """

    wait_seconds: float = 120.0
    written_wait_hours: float = 24.0
    repeat_days: float = 7.0
    transfers: float = 1.0
    reopens: float = 1.0
    stage_visits: float = 2.0
    promise_hours: float = 0.0
    sentiment: float = -0.3
    sentiment_fall: float = 0.5
    written: tuple[str, ...] = WRITTEN

    def moved(self, usual: Limits) -> dict[str, float]:
        """Those that differ from the usual ones."""
        return {name: getattr(self, name) for name in LOWEST if getattr(self, name) != getattr(usual, name)}


LOWEST = {
    "wait_seconds": 0.0, "written_wait_hours": 0.0, "repeat_days": 0.01, "transfers": 1.0, "reopens": 1.0,
    "stage_visits": 2.0, "promise_hours": 0.0, "sentiment": -1.0, "sentiment_fall": 0.0,
}  # fmt: skip
MEANING = {
    "wait_seconds": "longest wait on live channels, seconds",
    "written_wait_hours": "longest wait on written channels, hours",
    "repeat_days": "a further contact on the same reason within, days",
    "transfers": "hand-overs within a contact, from",
    "reopens": "times opened again, from",
    "stage_visits": "visits to one stage within a case, from",
    "promise_hours": "how late a promise may be kept, hours",
    "sentiment": "lowest sentiment at the end of a contact, -1 to 1",
    "sentiment_fall": "largest fall of sentiment within a contact",
}


@dataclass(frozen=True)
class Definition:
    """By which rival definition the company reports a figure. figure, use: names of metrics. since: first day; None =
    always."""

    figure: str
    use: str
    since: datetime.date | None = None


@dataclass(frozen=True)
class Journey:
    """stages, channels: the company's own names in their order. limits: from when on something counts.

    episode_hours: contacts of one customer on one reason with smaller gaps are one case, where a source gives no case.
    definitions: by which rival definitions the company reports, and since when, oldest first.
    """

    stages: tuple[str, ...] = STAGES
    channels: tuple[str, ...] = CHANNELS
    episode_hours: float = EPISODE_HOURS
    limits: Limits = Limits()
    definitions: tuple[Definition, ...] = ()

    def place(self, name: object) -> tuple[int, str]:
        """To sort by: stages and channels in journey order, other names after them by the alphabet."""
        order = (*self.stages, *self.channels)
        return (order.index(str(name)) if name in order else len(order), str(name))


def current() -> Journey:
    """The journey of the settings; the usual one where there is no file. Raises JourneyError."""
    path = settings.journey_file()
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return Journey()
    except OSError as error:
        raise JourneyError(f"{path} cannot be read: {error.strerror}") from error


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Journey:
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise JourneyError(f"{path.name} is not readable as TOML: {error}") from error
    return parse(given, path.name)


def parse(given: Mapping[str, Any], name: str = "journey.toml") -> Journey:
    """A journey from a file's content. Raises JourneyError, naming the key that is wrong."""
    known = [*(field.name for field in fields(Journey)), "written"]
    for key in given:
        if key not in known:
            raise JourneyError(f"{name}: there is no {key!r}; there are: {', '.join(known)}")
    found: dict[str, Any] = {}
    for key in ("stages", "channels", "written"):
        if key in given:
            found[key] = _names(given[key], f"{name}: {key}")
    if "episode_hours" in given:
        found["episode_hours"] = _number(given["episode_hours"], 0.0, f"{name}: episode_hours")
    found["definitions"] = _definitions(given.get("definitions", []), f"{name}: [[definitions]]")
    limits = given.get("limits", {})
    if not isinstance(limits, Mapping):
        raise JourneyError(f"{name}: limits is a table of numbers, [limits]")
    usual = Limits(written=found.pop("written", WRITTEN))
    return Journey(**found, limits=with_limits(usual, limits, f"{name}: "))


def with_limits(limits: Limits, given: Mapping[str, Any], where: str = "") -> Limits:
    """Limits with some of them given anew, as numbers or as text. Raises JourneyError."""
    for key in given:
        if key not in LOWEST:
            raise JourneyError(f"{where}there is no limit {key!r}; there are: {', '.join(LOWEST)}")
    numbers: dict[str, Any] = {key: _number(value, LOWEST[key], f"{where}{key}") for key, value in given.items()}
    return replace(limits, **numbers)


def _definitions(given: Any, where: str) -> tuple[Definition, ...]:
    """The company's definitions of each figure, oldest first."""
    shown = 'has figure = "fcr", use = "fcr_no_reopen" and perhaps from = 2026-01-01'
    found = []
    for row in given if isinstance(given, list) else [given]:
        fits = isinstance(row, Mapping) and {"figure", "use"} <= row.keys() <= {"figure", "use", "from"}
        since = row.get("from") if fits else None
        texts = fits and isinstance(row["figure"], str) and isinstance(row["use"], str)
        if not texts or not (since is None or type(since) is datetime.date):
            raise JourneyError(f"{where} {shown}, not {row!r}")
        found.append(Definition(row["figure"], row["use"], since))
    return tuple(sorted(found, key=lambda row: row.since or datetime.date.min))


def _names(given: Any, where: str) -> tuple[str, ...]:
    texts = isinstance(given, list) and all(isinstance(name, str) and name.strip() for name in given)
    if not texts or not given or len(set(given)) < len(given):
        raise JourneyError(f'{where} is a list of different names, such as ["buy", "use"]')
    return tuple(given)


def _number(given: Any, lowest: float, where: str) -> float:
    try:
        number = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < lowest:
        raise JourneyError(f"{where} is a number of at least {lowest:g}, not {given!r}")
    return number
