"""The themes in force, and how people change them: every change is a new version of the whole, kept in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import sqlalchemy as sa

from cx_metrics.judges.themes import EVERYTHING, LONGEST_NAME, NOT_COVERED, Theme, ThemeError, from_json, term, to_json
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import theme_versions
from cx_metrics.model import proposed_themes
from cx_metrics.scope import short_date
from cx_metrics.warehouse import Warehouse

MOST = 50  # themes; more are neither read nor told apart
_MOST_TERMS = 200  # of a theme
_LONGEST_TERM = 120  # letters
Themes = tuple[Theme, ...]


@dataclass(frozen=True)
class Taxonomy:
    """The themes in force. version: number in the ledger, 0 = the proposal from the data; said: which it is."""

    version: int
    themes: Themes
    said: str


def current(warehouse: Warehouse, ledger: Ledger) -> Taxonomy:
    """The newest version that somebody saved, else the proposal from the data. Raises LedgerError."""
    saved = ledger.rows(theme_versions)
    if len(saved):
        row = saved.iloc[-1]
        number, day = int(row["version_id"]), short_date(pd.Timestamp(row["at"]).date())
        return Taxonomy(number, from_json(str(row["themes"])), f"Themes as {row['who']} saved them on {day}.")
    themes = proposed(warehouse)
    said = "Themes as they were proposed from the data; nobody has edited them yet." if themes else "No themes yet."
    return Taxonomy(0, themes, said)


def proposed(warehouse: Warehouse) -> Themes:
    """The themes that were proposed from the data when texts first came; empty where there were too few."""
    rows = warehouse.read(sa.select(proposed_themes).order_by(proposed_themes.c.position)).to_dict("records")
    return tuple(Theme(str(row["theme"]), tuple(str(row["words"]).split("\n"))) for row in rows)


def save(ledger: Ledger, based_on: int, themes: Themes, who: str, change: str) -> int:
    """Keep themes as a new version, and return its number. based_on: version that was changed. change: what was done.

    Raises ThemeError where they cannot stand so, LedgerError where somebody else has changed that version already.
    """
    if not who.strip():
        raise ThemeError("your name is empty; say who changes the themes")
    _check(themes)
    row = {"who": " ".join(who.split()), "based_on": based_on, "change": change, "themes": to_json(themes)}
    return ledger.append(theme_versions, row, "themes", change, f"{len(themes)} themes, after version {based_on}")


def history(ledger: Ledger) -> pd.DataFrame:
    """Every saved version, the newest first: version, at (UTC), who, change, themes (how many)."""
    saved = ledger.rows(theme_versions)
    counts = [len(from_json(str(text))) for text in saved["themes"]]
    found = saved.assign(themes=counts).rename(columns={"version_id": "version"})
    return found[["version", "at", "who", "change", "themes"]].iloc[::-1].reset_index(drop=True)


# --- edits: themes -> themes -----------------------------------------------------------------------------------------


def add(themes: Themes, name: str, terms: Sequence[str]) -> Themes:
    """With one theme more. Raises ThemeError, as all edits do, in one sentence."""
    return _check((*themes, Theme(_name(name), _terms(terms))))


def remove(themes: Themes, name: str) -> Themes:
    """Without a theme."""
    gone = _named(themes, name)
    return tuple(theme for theme in themes if theme is not gone)


def rename(themes: Themes, name: str, new: str) -> Themes:
    """With another name for a theme."""
    old = _named(themes, name)
    return _check(tuple(Theme(_name(new), theme.words) if theme is old else theme for theme in themes))


def merge(themes: Themes, names: Sequence[str], new: str) -> Themes:
    """With themes made one, in the place of the first of them."""
    parts = [_named(themes, name) for name in dict.fromkeys(names)]
    if len(parts) < 2:
        raise ThemeError("choose two themes or more to merge")
    terms = dict.fromkeys(word for theme in themes if theme in parts for word in theme.words)
    first = next(theme for theme in themes if theme in parts)
    whole = Theme(_name(new), tuple(terms))
    return _check(tuple(whole if theme is first else theme for theme in themes if theme is first or theme not in parts))


def split(themes: Themes, name: str, terms: Sequence[str], new: str) -> Themes:
    """With some words of a theme moved into a new one, which follows it."""
    old, moved = _named(themes, name), _terms(terms)
    kept = remove_words(themes, name, moved)
    place = themes.index(old) + 1
    return _check((*kept[:place], Theme(_name(new), moved), *kept[place:]))


def add_words(themes: Themes, name: str, terms: Sequence[str]) -> Themes:
    """With more words for a theme."""
    old, more = _named(themes, name), _terms(terms)
    whole = Theme(old.name, tuple(dict.fromkeys((*old.words, *more))))
    return _check(tuple(whole if theme is old else theme for theme in themes))


def remove_words(themes: Themes, name: str, terms: Sequence[str]) -> Themes:
    """Without some words of a theme."""
    old, fewer = _named(themes, name), _terms(terms)
    if strange := [word for word in fewer if word not in old.words]:
        raise ThemeError(f"the theme {name} has no word {strange[0]}")
    kept = tuple(word for word in old.words if word not in fewer)
    if not kept:
        raise ThemeError(f"the theme {name} would be without words; remove the theme instead")
    return tuple(Theme(old.name, kept) if theme is old else theme for theme in themes)


def _named(themes: Themes, name: str) -> Theme:
    found = next((theme for theme in themes if theme.name == name), None)
    if found is None:
        raise ThemeError(f"there is no theme {name}" if name else "choose a theme")
    return found


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST_NAME:
        raise ThemeError(f"a theme needs a name of at most {LONGEST_NAME} letters")
    return name


def _terms(given: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(term(text) for text in given if text.strip()))
    if not found:
        raise ThemeError("there are no words; give at least one")
    if long := [word for word in found if len(word) > _LONGEST_TERM]:
        raise ThemeError(f"a term has at most {_LONGEST_TERM} letters, not {len(long[0])}")
    return found


def _check(themes: Themes) -> Themes:
    """The same themes. Raises ThemeError where they cannot stand beside each other."""
    names = [theme.name.casefold() for theme in themes]
    if double := next((theme.name for theme in themes if names.count(theme.name.casefold()) > 1), None):
        raise ThemeError(f"there is a theme {double} already")
    if {NOT_COVERED, EVERYTHING} & set(names):
        raise ThemeError(f"{NOT_COVERED} and {EVERYTHING} stand for texts of their own; choose another name")
    if len(themes) > MOST:
        raise ThemeError(f"there are at most {MOST} themes; merge some first")
    if large := next((theme.name for theme in themes if len(theme.words) > _MOST_TERMS), None):
        raise ThemeError(f"a theme has at most {_MOST_TERMS} words, and {large} would have more")
    return themes
