"""What words show, at import: judged once, again where something changed, and never stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from cx_metrics.enrich import texts
from cx_metrics.enrich.company_judge import judges_in_use, outdated_judges
from cx_metrics.intake.load import LoadReport, import_plans
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.model import KEYS, interactions, messages, survey_answers
from cx_metrics.warehouse import Warehouse, WarehouseError
from tests.conftest import Embedded, MakeWarehouse, import_tables
from tests.enrich.judging_counted import Row, contact, count_judged, message, words_of

BAD, GOOD = "This is terrible, the sofa arrived broken.", "Thank you so much, the driver was great!"
SORRY = "I am so sorry that the sofa arrived broken, I can see how frustrating that is."
PORTUGUESE = "O sofá chegou quebrado e ninguém responde às minhas mensagens."


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of its own."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def rows(warehouse: Warehouse, table: sa.Table, *names: str) -> dict[str, Any]:
    """Key -> the value of a column, or a tuple of several; None for missing."""
    (key,) = KEYS[table.name]
    frame = warehouse.read(sa.select(table.c[key], *(table.c[name] for name in names)))
    whole = [[None if pd.isna(cell) else cell for cell in row] for row in frame.itertuples(index=False)]
    return {row[0]: row[1] if len(names) == 1 else tuple(row[1:]) for row in whole}


def answer(key: str, comment: str | None, **more: Any) -> Row:
    return {"answer_id": key, "instrument": "csat", "score": 5, "comment": comment, "answered_at": "2024-01-02", **more}


CONVERSATIONS = {
    "interactions": [contact(f"i{n}") for n in range(1, 6)],
    "messages": [
        message("m1", "i1", BAD), message("m2", "i1", SORRY, "agent", 1), message("m3", "i1", GOOD, minute=2),
        message("m4", "i2", "Where is my lamp?"),
        message("m5", "i3", PORTUGUESE), message("m6", "i3", "Obrigado pela resposta.", minute=1),
        message("m7", "i4", "A-17"), message("m8", "i4", "👍", "agent", 1),
    ],
    "survey_answers": [answer("a1", PORTUGUESE), answer("a2", "The courier was rude.")],
}  # fmt: skip


@pytest.fixture(scope="module")
def judged(make_shared_warehouse: MakeWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """To read only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DATA_FOLDER", str(tmp_path_factory.mktemp("data")))
        return make_shared_warehouse(CONVERSATIONS)


class TestWhatIsFound:
    def test_course_of_a_conversation(self, judged: Warehouse) -> None:
        course = ("judged_start", "judged_lowest", "judged_end", "moods", "messages_judged")
        found, mood = rows(judged, interactions, *course), rows(judged, messages, "sentiment")
        assert found["i1"] == (mood["m1"], mood["m1"], mood["m3"], 2, 3) and mood["m1"] < 0 < mood["m3"]
        assert mood["m2"] is None and found["i2"][3:] == (1, 1)
        cues = rows(judged, interactions, "gratitude", "leaving", "empathy_emotional")
        assert cues["i1"] == (1, 0, 2) and cues["i2"] == (0, 0, None)
        evidence = {key: json.loads(said) for key, said in rows(judged, messages, "evidence").items() if said}
        assert evidence["m3"]["gratitude"] and evidence["m2"]["emotional"] and evidence["m4"] == {}

    def test_words_are_those_of_customers(self, judged: Warehouse) -> None:
        found = words_of(judged)
        assert (
            found["i2"] == {"lamp"} and {"sofa", "broken", "driver"} <= found["i1"] and "frustrating" not in found["i1"]
        )
        assert {"courier", "rude"} <= words_of(judged, "answer")["a2"]

    def test_what_cannot_be_judged_is_empty_and_counted(self, judged: Warehouse) -> None:
        told = rows(judged, messages, "language", "sentiment")
        assert {key: told[key] for key in ("m5", "m6", "m7", "m8")} == {
            "m5": ("pt", None), "m6": ("pt", None), "m7": (None, None), "m8": (None, None),
        }  # fmt: skip
        found = rows(judged, interactions, "judged_end", "moods", "messages_judged", "urgency", "gratitude")
        assert found["i3"] == (None, 0, 2, 0, 1), "cues of Portuguese are listed, its mood is not known"
        assert found["i4"] == (None, 0, 2, None, None) and found["i5"] == (None,) * 5
        assert rows(judged, survey_answers, "language", "sentiment")["a1"] == ("pt", None)


@pytest.fixture
def warehouse(make_warehouse: MakeWarehouse) -> Warehouse:
    return make_warehouse(CONVERSATIONS)


class TestLater:
    def test_only_what_is_new_is_judged(self, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
        """A new conversation, a message that comes later to a known contact, a changed text and a changed comment."""
        before, words = rows(warehouse, messages, "sentiment", "evidence"), words_of(warehouse)
        given, kind = count_judged(monkeypatch), "The driver was wonderful."
        changes = [message("m9", "i6", BAD), message("m10", "i2", "The lamp is broken, terrible!", minute=1),
                   message("m7", "i4", GOOD)]  # fmt: skip
        new = {"interactions": [contact("i6")], "messages": changes, "survey_answers": [answer("a2", kind)]}
        import_tables(warehouse, new)
        known = ["Where is my lamp?", "👍"]  # of a conversation all is judged together
        assert sorted(given) == sorted([BAD, "The lamp is broken, terrible!", GOOD, kind, *known])
        after = rows(warehouse, messages, "sentiment", "evidence")
        assert after["m9"] == before["m1"] and after.pop("m7") == before["m3"] and before.pop("m7") == (None, None)
        assert before.pop("m8") == (None, None) and after.pop("m8") == (None, "{}"), "now its language is told"
        assert {key: after[key] for key in before} == before
        found, now = rows(warehouse, interactions, "judged_end", "gratitude", "messages_judged"), words_of(warehouse)
        assert found["i2"] == (after["m10"][0], 0, 2) and found["i4"] == (before["m3"][0], 1, 2)
        assert {key: now[key] for key in ("i1", "i3")} == {key: words[key] for key in ("i1", "i3")}
        assert now["i2"] >= {"lamp", "broken"} and "driver" in now["i4"] and now["i6"] >= {"sofa", "broken"}
        of_answers = words_of(warehouse, "answer")
        assert "driver" in of_answers["a2"] and "courier" not in of_answers["a2"]
        assert rows(warehouse, survey_answers, "sentiment")["a2"] > 0

    def test_a_contact_that_is_measured_anew_keeps_what_its_words_showed(
        self, embedded: Embedded, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warehouse = embedded.warehouse({**CONVERSATIONS, "survey_answers": []})
        given, names = count_judged(monkeypatch), ("judged_start", "judged_end", "gratitude", "messages_judged")
        before, words = rows(warehouse, interactions, *names), words_of(warehouse)
        import_tables(warehouse, {"interactions": [contact("i1", customer_id="ann", outcome="unresolved")]})
        assert not given and (rows(warehouse, interactions, *names), words_of(warehouse)) == (before, words)
        import_tables(warehouse, {"interactions": [contact("i7", customer_id="ann", occurred_at="2024-01-03")]})
        assert not given and rows(warehouse, interactions, *names) == {**before, "i7": (None,) * 4}

    def test_words_that_turn_out_to_belong_elsewhere(self, warehouse: Warehouse) -> None:
        """No words stay behind where they were taken from."""
        import_tables(warehouse, {"messages": [message("m1", "i2", BAD), message("m5", "i5", PORTUGUESE)]})
        assert "driver" in words_of(warehouse)["i1"] and "sofa" not in words_of(warehouse)["i1"]
        assert words_of(warehouse)["i2"] >= {"lamp", "sofa", "broken"}
        moods = rows(warehouse, messages, "sentiment")
        assert rows(warehouse, interactions, "judged_start", "messages_judged")["i1"] == (moods["m3"], 2)
        import_tables(warehouse, {"messages": [message("m6", "i5", "Obrigado!")]})
        assert "i3" not in words_of(warehouse)
        assert rows(warehouse, interactions, "gratitude", "messages_judged")["i3"] == (None, None)


def test_a_conversation_over_several_batches_has_each_word_once(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "BATCH", 2)
    said = [message(f"m{n}", f"i{n // 5}", "The lamp is broken.", minute=n) for n in range(10)]
    warehouse = embedded.warehouse({"interactions": [contact("i0"), contact("i1")], "messages": said})
    assert words_of(warehouse) == {"i0": {"lamp", "broken"}, "i1": {"lamp", "broken"}}
    assert rows(warehouse, interactions, "messages_judged") == {"i0": 5, "i1": 5}


class TestTheCompanysOwnPhrases:
    def test_when_they_change_the_same_file_is_judged_anew(
        self, folder: Path, tmp_path: Path, make_warehouse: MakeWarehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In one running program: its own copy of the phrases is not used any longer."""
        path, warehouse = tmp_path / "messages.csv", make_warehouse({"interactions": [contact("i2")]})
        path.write_text("message_id,interaction_id,author,text\nm8,i2,customer,Crikey that lamp is odd\n")
        (folder / "cues.toml").write_text('[en]\nleaving = ["other words"]\n')
        assert again(warehouse, path).loaded == 1
        given, version = count_judged(monkeypatch), warehouse.version()
        assert again(warehouse, path).already == 2 and not given and warehouse.version() == version
        (folder / "cues.toml").write_text('[en]\nleaving = ["crikey"]\n')
        assert outdated_judges(warehouse)
        assert again(warehouse, path).already == 2
        assert rows(warehouse, interactions, "leaving") == {"i2": 1} and not outdated_judges(warehouse)
        assert set(rows(warehouse, messages, "judged_by").values()) == {judges_in_use(warehouse).version}
        assert warehouse.version() != version, "what was asked before is asked again"
        assert len(given) == 1 and words_of(warehouse)["i2"] >= {"crikey", "lamp"}
        (folder / "cues.toml").unlink()
        assert outdated_judges(warehouse)
        (folder / "empathy.toml").write_text('[en]\nemotional_strong = ["crikey me too"]\n')
        assert outdated_judges(warehouse)

    def test_a_cue_is_not_taken_from_a_text_that_is_called_like_it(self, folder: Path, embedded: Embedded) -> None:
        (folder / "cues.toml").write_text('[en]\nfrustration = ["leaving"]\n')
        said = [message("m1", "i1", 'They spoke of "leaving": [us] alone')]
        warehouse = embedded.warehouse({"interactions": [contact("i1")], "messages": said})
        assert json.loads(rows(warehouse, messages, "evidence")["m1"]) == {"frustration": ["leaving"]}
        assert rows(warehouse, interactions, "frustration", "leaving") == {"i1": (1, 0)}

    @pytest.mark.parametrize(
        ("name", "text"),
        [("cues", "[en\n"), ("cues", '[en]\njoy = ["x"]'), ("empathy", '[en]\nx = "x"'), ("empathy", "\udcff")],
    )
    def test_an_unreadable_file_gives_one_clear_sentence(
        self, folder: Path, tmp_path: Path, embedded: Embedded, name: str, text: str
    ) -> None:
        (folder / f"{name}.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
        path, warehouse = tmp_path / "messages.csv", embedded.warehouse({})
        path.write_text("message_id,interaction_id,author,text\nm8,i2,customer,Hello\n")
        with pytest.raises(WarehouseError, match=rf"^{name}\.toml") as error:
            again(warehouse, path)
        assert "\n" not in str(error.value) and not rows(warehouse, messages, "text")


def again(warehouse: Warehouse, path: Path) -> LoadReport:
    return import_plans(warehouse, SOURCE.plans([path]))[0]
