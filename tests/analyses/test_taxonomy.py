"""Themes that people keep: edits, versions in the ledger, and two editors at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics.analyses import taxonomy as edit
from cx_metrics.analyses.taxonomy import Themes, current, history, save
from cx_metrics.judges.themes import NOT_COVERED, Theme, ThemeError
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.model import proposed_themes
from tests.conftest import Embedded

A, B, C = Theme("a", ("one", "two three")), Theme("b", ("four*",)), Theme("c", ("one", "five"))
ALL = (A, B, C)


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (lambda t: edit.rename(t, "a", " New  name "), (Theme("New name", A.words), B, C)),
        (lambda t: edit.rename(t, "a", "A"), (Theme("A", A.words), B, C)),
        (lambda t: edit.merge(t, ["c", "a"], "ac"), (Theme("ac", ("one", "two three", "five")), B)),
        (lambda t: edit.merge(t, ["a", "b"], "b"), (Theme("b", ("one", "two three", "four*")), C)),
        (lambda t: edit.split(t, "a", ["Two three"], "d"), (Theme("a", ("one",)), Theme("d", ("two three",)), B, C)),
        (lambda t: edit.add_words(t, "b", ["Six", "", "four*"]), (A, Theme("b", ("four*", "six")), C)),
        (lambda t: edit.remove_words(t, "a", ["one"]), (Theme("a", ("two three",)), B, C)),
        (lambda t: edit.add(t, "d", ["Seven*"]), (A, B, C, Theme("d", ("seven*",)))),
        (lambda t: edit.remove(t, "b"), (A, C)),
    ],
)
def test_edits(done: Callable[[Themes], Themes], left: Themes) -> None:
    assert done(ALL) == left


@pytest.mark.parametrize(
    ("done", "why"),
    [
        (lambda t: edit.rename(t, "a", "B"), "a theme B already|theme b already"),
        (lambda t: edit.rename(t, "a", " "), "needs a name"),
        (lambda t: edit.rename(t, "a", "x" * 81), "at most 80"),
        (lambda t: edit.rename(t, "a", NOT_COVERED), "texts of their own"),
        (lambda t: edit.rename(t, "zzz", "d"), "no theme zzz"),
        (lambda t: edit.merge(t, ["a", "a"], "d"), "two themes or more"),
        (lambda t: edit.split(t, "b", ["four*"], "d"), "without words"),
        (lambda t: edit.split(t, "a", ["four*"], "d"), "has no word four"),
        (lambda t: edit.add_words(t, "a", [" "]), "no words"),
        (lambda t: edit.add_words(t, "a", ["x*"]), r"end of a word"),
        (lambda t: edit.add_words(t, "a", [" ".join(f"word{'abc'[i % 3] * i}" for i in range(12))]), "at most 120"),
        (
            lambda t: edit.add_words(t, "a", [f"{'abcdefghij'[i % 10] * (2 + i // 10)}" for i in range(201)]),
            "at most 200",
        ),
        (lambda t: edit.add(tuple(Theme(str(i), ("x",)) for i in range(edit.MOST)), "d", ["yes"]), "at most 50"),
        (lambda t: edit.remove(t, ""), "choose a theme"),
        (lambda t: edit.remove(t, "zzz"), "no theme zzz"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(done: Callable[[Themes], Themes], why: str) -> None:
    with pytest.raises(ThemeError, match=why) as error:
        done(ALL)
    assert "\n" not in str(error.value)


def test_versions(embedded: Embedded, tmp_path: Path) -> None:
    warehouse, ledger = embedded.warehouse({}), Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert current(warehouse, ledger).themes == () and history(ledger).empty
    with warehouse.publishing() as publication:
        rows = [{"position": 2, "theme": "b", "words": "x"}, {"position": 1, "theme": "a", "words": "y z\nw"}]
        publication.target.execute(sa.insert(proposed_themes), rows)
    first = current(warehouse, ledger)
    assert (first.version, first.themes) == (0, (Theme("a", ("y z", "w")), Theme("b", ("x",))))
    assert "proposed from the data" in first.said
    number = save(ledger, 0, edit.remove(first.themes, "b"), " Ann ", "Remove theme: b")
    with pytest.raises(LedgerError, match="somebody was quicker"):
        save(ledger, 0, edit.rename(first.themes, "a", "c"), "Bob", "Rename: a; c")
    second = current(warehouse, ledger)
    assert (second.version, second.themes) == (number, (Theme("a", ("y z", "w")),)) and "Ann" in second.said
    save(ledger, number, edit.rename(second.themes, "a", "c"), "Bob", "Rename: a; c")
    past = history(ledger)
    assert list(past["who"]) == ["Bob", "Ann"] and list(past["themes"]) == [1, 1] and past["version"][1] == number
    assert ledger.history()["action"].tolist() == ["themes", "themes"]
    with pytest.raises(ThemeError, match="your name"):
        save(ledger, 2, second.themes, "  ", "nothing")
