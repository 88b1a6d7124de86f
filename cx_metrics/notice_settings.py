"""Who is told what, and where: `notices.toml` in the data folder.

Addresses hold secrets (tokens, passwords): they are never part of a message, a page, a log or the ledger.
"""

from __future__ import annotations

import functools
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from cx_metrics import settings

FILE = "notices.toml"
KINDS = {
    "new": "interventions that were opened", "overdue": "interventions that nobody acted on in time",
    "recognition": "replies that came to the wall", "weekly": "the week in figures, on Mondays",
    "digest": "the month's recognitions",
}  # fmt: skip
TRIAL = "trial"
EXAMPLE = """\
link = "https://cx.example.org"    # where the dashboard is, for links in notices
test = true                        # nothing leaves this machine; remove it when all looks right
personal = false                   # true: names, keys and words of customers may stand in notices

[[recipients]]
name = "care leads"
url = "env:CX_NOTICES_CARE"        # the address is in this environment variable
kinds = ["new", "overdue", "weekly"]
teams = ["Care North"]             # only these teams' interventions; leave out for all

[[recipients]]
name = "everybody"
url = "slack://TokenA/TokenB/TokenC/#praise"
kinds = ["recognition", "digest"]
"""
_LONGEST = 60  # characters of a recipient's name
_ENVIRONMENT, _ADDRESS = re.compile(r"env:(\w+)"), re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://\S+")


class NoticeError(Exception):
    """Settings of notices that cannot be used; the message is one sentence and holds no address."""


@dataclass(frozen=True)
class Recipient:
    """name: as the ledger and the page call it. url: an address as Apprise reads it, or env:NAME; not to be shown.
    kinds: keys of KINDS. teams: whose interventions are told; () = everybody's."""

    name: str
    url: str = field(repr=False)
    kinds: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()

    def address(self) -> str:
        """The address itself, not to be shown. Raises NoticeError."""
        named = _ENVIRONMENT.fullmatch(self.url)
        found = os.environ.get(named[1], "").strip() if named else self.url
        if named and not found:
            raise NoticeError(f"the environment variable {named[1]}, which is to hold an address, is not set")
        if not _ADDRESS.fullmatch(found):
            raise NoticeError("the address is not of the form service://..., such as slack:// or mailtos://")
        return found

    @property
    def problem(self) -> str:
        """Why the address cannot be used, one sentence; "" where it can be read."""
        try:
            self.address()
        except NoticeError as error:
            return str(error)
        return ""

    @property
    def service(self) -> str:
        """What may be shown of the address: slack, mailtos, json; "?" where it cannot be read."""
        return "?" if self.problem else self.address().split("://", 1)[0].lower()


@dataclass(frozen=True)
class NoticeSettings:
    """recipients: by name, each once. personal: whether names, keys and words of customers may stand in notices. test:
    whether nothing leaves the machine. link: the dashboard's address without a slash at its end; "" = no links."""

    recipients: tuple[Recipient, ...] = ()
    personal: bool = False
    test: bool = False
    link: str = ""

    def named(self, name: str) -> Recipient:
        """The recipient of that name. Raises NoticeError."""
        for found in self.recipients:
            if found.name == name:
                return found
        there = ", ".join(one.name for one in self.recipients) or "none"
        raise NoticeError(f"{FILE} names no recipient {name!r}; there are: {there}")

    def told(self, kind: str) -> list[Recipient]:
        """Those who are told of a kind."""
        return [found for found in self.recipients if kind in found.kinds]


def current() -> NoticeSettings:
    """The settings of the data folder; without a file nobody is told anything. Raises NoticeError."""
    path = settings.company_file(FILE)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return NoticeSettings()
    except OSError as error:
        raise NoticeError(f"{FILE} cannot be read: {error.strerror}") from error


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> NoticeSettings:
    try:
        given = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at [^)]*\)$", str(error))  # the rest of the message may repeat a part of an address
        raise NoticeError(f"{FILE} is not readable as TOML {place[0] if place else ''}".rstrip()) from None
    except UnicodeDecodeError:
        raise NoticeError(f"{FILE} is not in UTF-8") from None
    return parse(given)


def parse(given: Mapping[str, Any]) -> NoticeSettings:
    """Settings from a file's content. Raises NoticeError, naming the key that is wrong and never an address."""
    _known(given, [one.name for one in fields(NoticeSettings)], FILE)
    flags = {key: given.get(key, False) for key in ("personal", "test")}
    for key, value in flags.items():
        if not isinstance(value, bool):
            raise NoticeError(f"{FILE}: {key} is true or false")
    link = given.get("link", "")
    if not isinstance(link, str) or (link and not re.fullmatch(r"https?://[^\s@]+", link)):
        raise NoticeError(f"{FILE}: link is an address such as https://cx.example.org")
    rows = given.get("recipients", [])
    if not isinstance(rows, list):
        raise NoticeError(f"{FILE}: each recipient begins with a line [[recipients]]")
    found = tuple(_recipient(row, number) for number, row in enumerate(rows, start=1))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise NoticeError(f"{FILE}: two recipients are called {name!r}; what was told is kept by name")
    return NoticeSettings(found, flags["personal"], flags["test"], link.rstrip("/"))


def _recipient(row: Any, number: int) -> Recipient:
    where = f"{FILE}: recipient {number}"
    if not isinstance(row, Mapping):
        raise NoticeError(f"{where} is a table with name, url and kinds")
    _known(row, [one.name for one in fields(Recipient)], where)
    name, url = row.get("name"), row.get("url")
    if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST or not name.isprintable():
        raise NoticeError(f"{where}: name is a text of 1 to {_LONGEST} characters")
    if not isinstance(url, str) or not (_ENVIRONMENT.fullmatch(url) or _ADDRESS.fullmatch(url)):
        raise NoticeError(f'{where}: url is an address of the form service://..., or "env:NAME" for one that is in an '
                          "environment variable")  # fmt: skip
    kinds, teams = (_texts(row.get(key, []), f"{where}: {key}") for key in ("kinds", "teams"))
    for kind in kinds:
        if kind not in KINDS:
            raise NoticeError(f"{where}: there is no kind {kind!r}; there are: {', '.join(KINDS)}")
    return Recipient(name.strip(), url, kinds, teams)


def _texts(given: Any, where: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(text, str) and text.strip() for text in given):
        raise NoticeError(f'{where} is a list of texts, such as ["new", "overdue"]')
    return tuple(dict.fromkeys(given))


def _known(given: Mapping[str, Any], known: list[str], where: str) -> None:
    for key in given:
        if key not in known:
            raise NoticeError(f"{where}: there is no {key!r}; there are: {', '.join(known)}")
