"""Repeated information in customers' words: which sentences say it, whose words count, and what survives later imports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.model import interactions
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse, import_tables

Row = dict[str, Any]
SAYS = {  # a customer's sentence -> whether it says that something had to be said again
    "As I already told your colleague, the parcel never came.": 1,
    "I’ve already explained this to somebody.": 1,
    "I've already explained this to somebody.": 1,
    "PLEASE READ: I HAVE ALREADY TOLD YOU!": 1,
    "I am writing for the third time now.": 1,
    "Do I have to explain everything again?": 1,
    "Wie ich bereits geschrieben habe, fehlt ein Teil.": 1,
    "Das habe ich Ihrem Kollegen schon gestern erklärt.": 1,
    "Das habe ich schon dreimal gesagt": 1,
    "Wie bereits erwähnt: defekt.": 1,
    "Zoals ik al schreef, het werkt niet.": 1,
    "Comme je vous l’ai déjà dit, la facture est fausse.": 1,
    "J'ai déjà expliqué mon problème.": 1,
    "Como ya les dije, no funciona.": 1,
    "Já expliquei isso pela segunda vez.": 1,
    "Come ho già scritto, non funziona.": 1,
    "Jak już mówiłem, nie działa.": 1,
    "Where is my parcel?": 0,
    "It broke for the second week in a row.": 0,
    "I told my wife about your shop.": 0,
    "Das habe ich schon lange.": 0,
    "Merci, c’est déjà réglé.": 0,
    "Gracias, ya funciona.": 0,
    "100 % sure, thanks_again": 0,
}
FIRST = {"interaction_id": "i1", "customer_id": "ann", "occurred_at": "2024-01-01", "reason": "bill"}
SECOND = {**FIRST, "interaction_id": "i2", "occurred_at": "2024-01-02"}
AGAIN, THANKS = "As I already said, no.", "Thank you."


def message(key: str, contact: str, text: str | None, author: str = "customer") -> Row:
    return {"message_id": key, "interaction_id": contact, "author": author, "text": text}


def marks(warehouse: Warehouse) -> dict[str, int | None]:
    c = interactions.c
    rows = warehouse.read(sa.select(c.interaction_id, c.repeated_information))
    return {key: None if pd.isna(mark) else int(mark) for key, mark in rows.itertuples(index=False)}


def test_sentences_in_several_languages(make_warehouse: MakeWarehouse) -> None:
    contacts = [{"interaction_id": text, "occurred_at": "2024-01-01"} for text in SAYS]
    said = [message(text, text, text) for text in SAYS]
    found = marks(make_warehouse({"interactions": contacts, "messages": said}))
    assert {text for text, mark in found.items() if mark == 1} == {text for text, mark in SAYS.items() if mark == 1}
    assert sum(mark is None for mark in found.values()) <= 3, "a language that can't be told leaves the mark empty"


def test_only_the_customers_words_count(make_warehouse: MakeWarehouse) -> None:
    """Who says nothing is unknown, and not somebody who had nothing to repeat."""
    told = {
        "agent": (None, [(AGAIN, "agent")]), "bot": (None, [(AGAIN, "bot")]), "silent": (None, []),
        "empty": (None, [(None, "customer")]), "thanks": (0, [(THANKS, "customer"), (AGAIN, "agent")]),
        "twice": (1, [(AGAIN, "customer"), (AGAIN, "customer")]), "once": (1, [(THANKS, "customer"), (AGAIN, "customer")]),
        "partly": (0, [(None, "customer"), (THANKS, "customer")]),
    }  # fmt: skip
    contacts = [{"interaction_id": key, "occurred_at": "2024-01-01"} for key in told]
    said = [
        message(f"{key}{n}", key, *words) for key, (_, all_words) in told.items() for n, words in enumerate(all_words)
    ]
    found = marks(make_warehouse({"interactions": contacts, "messages": said}))
    assert found == {key: mark for key, (mark, _) in told.items()}


def test_without_any_message_nothing_is_known(make_warehouse: MakeWarehouse) -> None:
    assert marks(make_warehouse({"interactions": [FIRST]})) == {"i1": None}


class TestLaterImports:
    def test_a_contact_that_is_measured_anew_keeps_its_mark(self, make_warehouse: MakeWarehouse) -> None:
        other = {**FIRST, "interaction_id": "i0", "customer_id": "bob"}
        said = [message("m0", "i0", THANKS), message("m1", "i1", AGAIN), message("m2", "i2", THANKS)]
        warehouse = make_warehouse({"interactions": [other, FIRST, SECOND], "messages": said})
        late = {**FIRST, "interaction_id": "i3", "occurred_at": "2024-01-03"}
        import_tables(warehouse, {"interactions": [late]})
        hours = warehouse.read(sa.select(interactions.c.hours_until_next).where(interactions.c.interaction_id == "i2"))
        assert hours.iloc[0, 0] == 24, "the second contact was measured anew"
        assert marks(warehouse) == {"i0": 0, "i1": 1, "i2": 0, "i3": None}

    def test_another_gap_between_episodes(
        self, make_warehouse: MakeWarehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tables = {
            "interactions": [FIRST, SECOND],
            "messages": [message("m1", "i1", AGAIN), message("m2", "i2", THANKS)],
        }
        warehouse = make_warehouse(tables)
        (tmp_path / "journey.toml").write_text("episode_hours = 1")
        monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
        import_tables(warehouse, tables)
        assert warehouse.read(sa.select(interactions.c.case_contact))["case_contact"].tolist() == [1, 1]
        assert marks(warehouse) == {"i1": 1, "i2": 0}

    def test_a_later_identity(self, make_warehouse: MakeWarehouse) -> None:
        warehouse = make_warehouse({"interactions": [FIRST, SECOND], "messages": [message("m1", "i1", AGAIN)]})
        import_tables(warehouse, {"identities": [{"source_customer_key": "ann", "customer_id": "C1"}]})
        assert warehouse.read(sa.select(interactions.c.customer_id))["customer_id"].tolist() == ["C1", "C1"]
        assert marks(warehouse) == {"i1": 1, "i2": None}

    def test_words_that_come_later_and_words_that_came_before(self, make_warehouse: MakeWarehouse) -> None:
        warehouse = make_warehouse({"interactions": [FIRST], "messages": [message("m2", "i2", AGAIN)]})
        assert marks(warehouse) == {"i1": None}
        import_tables(warehouse, {"interactions": [SECOND], "messages": [message("m1", "i1", THANKS)]})
        assert marks(warehouse) == {"i1": 0, "i2": 1}
        import_tables(warehouse, {"messages": [message("m3", "i1", AGAIN)]})
        assert marks(warehouse) == {"i1": 1, "i2": 1}

    def test_words_that_change(self, make_warehouse: MakeWarehouse) -> None:
        warehouse = make_warehouse({"interactions": [FIRST, SECOND], "messages": [message("m1", "i1", AGAIN)]})
        import_tables(warehouse, {"messages": [message("m1", "i1", THANKS)]})
        assert marks(warehouse) == {"i1": 0, "i2": None}

    def test_words_that_turn_out_to_belong_elsewhere(self, make_warehouse: MakeWarehouse) -> None:
        said = [message("m1", "i1", AGAIN), message("m2", "i1", THANKS)]
        warehouse = make_warehouse({"interactions": [FIRST, SECOND], "messages": said})
        import_tables(warehouse, {"messages": [message("m1", "i2", AGAIN)]})
        assert marks(warehouse) == {"i1": 0, "i2": 1}
