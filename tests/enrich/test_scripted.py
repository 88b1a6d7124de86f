"""Which replies are scripted, and which are excused, through real imports on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from cx_metrics.analyses.scripts import families
from cx_metrics.enrich.scripted import MANY, excuse, excused_now
from cx_metrics.judges.scripted import number, skeleton
from cx_metrics.model import messages, reply_texts
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse, import_tables
from tests.enrich.judging_counted import Row, contact, message

NOTICE = "By law you may return the goods within fourteen days of their delivery to us."
LIKE_IT = "By law you may return the goods within thirty days of their delivery to us."
OWN = (
    "Your lamp was packed with the wrong shade yesterday evening.",
    "We found the missing screws under the table here.",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of its own."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))


def tables(texts: list[str], first: int = 0, team: str | None = "North") -> dict[str, list[Row]]:
    """A conversation per reply."""
    keys = [f"{team}{n:03}" for n in range(first, first + len(texts))]
    return {
        "interactions": [contact(key, team=team) for key in keys],
        "messages": [message(key, key, text, "agent") for key, text in zip(keys, texts, strict=True)],
    }


def marks(warehouse: Warehouse) -> dict[str, int | None]:
    """Text of a reply -> 1: scripted everywhere, 0: nowhere, None: it differs or it has no mark."""
    found = warehouse.read(sa.select(messages.c.text, messages.c.scripted)).groupby("text")["scripted"]
    return {
        str(text): int(part.iloc[0]) if part.nunique() == 1 and part.notna().all() else None for text, part in found
    }


def family(warehouse: Warehouse, text: str) -> int:
    found = warehouse.read(sa.select(reply_texts.c.family).where(reply_texts.c.skeleton == skeleton(text)))
    return int(found["family"].iloc[0])


def test_what_many_conversations_of_a_team_have(make_warehouse: MakeWarehouse) -> None:
    hello = [f"Hello {name}, {NOTICE} Kind regards, Tom" for name in ("Ann", "Bob")]
    both = tables([NOTICE, *hello, *OWN, "Too short."]), tables([NOTICE] * (MANY - 1), team="South")
    warehouse = make_warehouse({name: both[0][name] + both[1][name] for name in both[0]})
    one = {hello[0]: 1, hello[1]: 1, OWN[0]: 0, OWN[1]: 0, "Too short.": None}
    assert marks(warehouse) == {NOTICE: None, **one}, "in the other team it is not"
    import_tables(warehouse, tables([LIKE_IT], first=10, team="South"))
    assert marks(warehouse)[NOTICE] == marks(warehouse)[LIKE_IT] == 1, "what reads alike counts together"
    twice = tables([OWN[0]], first=20)
    twice["messages"] += [message(f"x{n}", "North020", OWN[0], "agent", n) for n in range(5)]
    without = tables([OWN[1]] * MANY, team=None)
    import_tables(warehouse, {name: twice[name] + without[name] for name in twice})
    assert marks(warehouse)[OWN[0]] == 0, "often, but in two conversations only"
    assert marks(warehouse)[OWN[1]] is None, "scripted where no team is known, not in the team"


def test_an_excuse_survives_another_text_becoming_the_most_frequent(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse(tables([NOTICE] * 4 + [LIKE_IT] * 3 + [OWN[0]] * 5))
    excused = family(warehouse, NOTICE)
    assert excused == number(skeleton(NOTICE)) == family(warehouse, LIKE_IT)
    version = warehouse.version()
    excuse(warehouse, frozenset({excused}))
    assert warehouse.version() != version, "what was asked before is asked again"
    assert marks(warehouse) == {NOTICE: 0, LIKE_IT: 0, OWN[0]: 1}
    import_tables(warehouse, tables([LIKE_IT] * 4, first=100))
    assert family(warehouse, NOTICE) == number(skeleton(LIKE_IT)) != excused, "the family has another number now"
    assert marks(warehouse) == {NOTICE: 0, LIKE_IT: 0, OWN[0]: 1}
    assert warehouse.read(excused_now())["family"].tolist() == [family(warehouse, NOTICE)]
    listed = families(warehouse, Scope()).set_index("family")["excused"]
    assert listed.to_dict() == {family(warehouse, NOTICE): True, family(warehouse, OWN[0]): False}
    version = warehouse.version()
    excuse(warehouse, frozenset())
    assert warehouse.version() != version and marks(warehouse) == {NOTICE: 1, LIKE_IT: 1, OWN[0]: 1}


def test_texts_that_no_reply_has_any_longer_are_forgotten(embedded: Embedded) -> None:
    warehouse = embedded.warehouse(tables([NOTICE, OWN[0]]))
    import_tables(warehouse, {"messages": [message("North000", "North000", OWN[1], "agent")]})
    assert set(warehouse.read(sa.select(reply_texts.c.skeleton))["skeleton"]) == {skeleton(text) for text in OWN}
