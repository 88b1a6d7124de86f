"""The company's own judge of mood: when it is trained, on what, when it is replaced, and what is told of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.enrich import company_judge
from cx_metrics.enrich.company_judge import cards, held_out_again, judges_in_use, keep_judges
from cx_metrics.judges.company_model import Model
from cx_metrics.judges.judge import Recipe, judges_of
from cx_metrics.model import judges, survey_answers
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse, import_tables
from tests.enrich.judging_counted import Row

GOOD = ["ótimo", "rápido", "excelente", "gostei", "obrigado"]
BAD = ["péssimo", "quebrado", "horrível", "atrasado", "decepcionante"]
EITHER = ["o serviço", "a entrega", "a loja", "o produto", "o pedido", "o sofá", "a compra", "muito"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder of its own."""
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path))


def answers(count: int, first: int = 0, noise: float = 0.1, **more: Any) -> list[Row]:
    """Made-up comments in Portuguese, half of them good; by noise with the other kind's words."""
    dice, found = random.Random(first), []
    for n in range(first, first + count):
        good = n % 2 == 0
        words = dice.sample(EITHER, 3) + dice.sample(GOOD if good != (dice.random() < noise) else BAD, 2)
        found.append({"answer_id": f"a{n}", "instrument": "csat", "score": 5 if good else 1, "answered_at": "2024-01-02",
                      "comment": f"Achei que {', '.join(words)} para mim.", **more})  # fmt: skip
    return found


def add(warehouse: Warehouse, rows: list[Row]) -> None:
    """Put comments in without an import, which would judge them."""
    with warehouse.publishing() as publication:
        whole = [
            {"respondent": "customer", "scale_min": 1.0, "scale_max": 5.0, **row, "answered_at": None} for row in rows
        ]
        publication.target.execute(sa.insert(survey_answers), whole)


def trained(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let the judges be kept, as an import does; how many judges were trained, none of them for real."""
    times: list[int] = []

    def counting(texts: list[str], good: list[bool], languages: list[str | None]) -> Model | None:
        times.append(len(texts))
        return Model({"otimo": (1.0, 2.0)}, float(len(texts)), {"pt": len(texts)}, {}, ("pt",))

    with monkeypatch.context() as patch, warehouse.publishing() as publication:
        patch.setattr(company_judge, "train", counting)
        keep_judges(publication.target)
    return len(times)


def model_row(warehouse: Warehouse) -> tuple[str, str]:
    """Version and text of the company's judge; empty without one."""
    found = warehouse.read(sa.select(judges.c.version, judges.c.model).where(judges.c.name == "mood"))
    return tuple(found.iloc[0]) if len(found) else ("", "")


def test_it_is_trained_at_import_and_judges(make_warehouse: MakeWarehouse) -> None:
    warehouse = make_warehouse({"survey_answers": answers(199)})
    moods = sa.select(survey_answers.c.score, survey_answers.c.sentiment, survey_answers.c.language)
    found = warehouse.read(moods)
    assert set(found["language"]) == {"pt"} and found["sentiment"].isna().all() and model_row(warehouse) == ("", "")
    assert judges_in_use(warehouse).version == judges_of(Recipe()).version and held_out_again(warehouse) == {}
    import_tables(warehouse, {"survey_answers": answers(301, 199)})
    found = warehouse.read(moods).dropna()
    assert len(found) >= 490, "the earlier comments are judged anew"
    right = (found["sentiment"] > 0) == (found["score"] == 5)
    assert 0.8 < right.mean() < 0.97 and judges_in_use(warehouse).version != judges_of(Recipe()).version
    told = cards(warehouse)["mood"]
    assert told["languages"] == {"en": "lexicon", "pt": "company model"}
    assert 0.75 < told["held_out"]["pt"]["auc"] < 1 and told["trained_on"]["pt"] > 350
    assert held_out_again(warehouse) == json.loads(json.dumps(told["held_out"])), "one command gives the figures again"
    assert json.loads(warehouse.read(sa.select(judges.c.card).where(judges.c.name == "mood")).iloc[0, 0])[
        "held_out"
    ] == told["held_out"]  # fmt: skip


def test_when_it_is_trained_again(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = embedded.warehouse({})
    add(warehouse, answers(400))
    add(warehouse, answers(400, 400, score=3.0))  # neither good nor bad: nothing to learn from
    assert trained(warehouse, monkeypatch) == 1
    first = model_row(warehouse)
    assert first[1] and trained(warehouse, monkeypatch) == 0, "nothing has changed"
    add(warehouse, answers(199, 800))
    assert trained(warehouse, monkeypatch) == 0, "by less than a quarter"
    add(warehouse, answers(1, 999, noise=1))
    with monkeypatch.context() as patch:
        patch.setattr(company_judge, "better", lambda *given: False)
        assert trained(warehouse, monkeypatch) == 1
    assert model_row(warehouse) == first, "it was not better"
    assert trained(warehouse, monkeypatch) == 0, "it is not tried again before comments have grown again"
    add(warehouse, answers(250, 1000, noise=0))
    with monkeypatch.context() as patch:
        patch.setattr(company_judge, "better", lambda *given: True)
        assert trained(warehouse, monkeypatch) == 1
    assert model_row(warehouse) != first
    assert warehouse.read(sa.select(judges.c.name))["name"].value_counts().to_dict() == {
        "mood": 1,
        "all": 1,
        "tried": 1,
    }


SCORES = [  # instrument, score, lowest, highest of the scale -> whether it is good, None = left out
    ("csat", 5, 1, 5, True), ("csat", 4, 1, 5, True), ("csat", 3, 1, 5, None), ("csat", 2, 1, 5, False),
    ("csat", 7, 1, 10, None), ("csat", 8, 1, 10, True), ("csat", 3, 1, 10, False),
    ("nps", 10, 0, 10, True), ("nps", 9, 0, 10, True), ("nps", 8, 0, 10, None), ("nps", 7, 0, 10, None),
    ("nps", 6, 0, 10, False), ("nps", 0, 0, 10, False),
    ("ces", 7, 1, 7, True), ("ces", 5, 1, 7, True), ("ces", 4, 1, 7, None), ("ces", 3, 1, 7, False),
    ("ces", 1, 1, 5, True), ("ces", 2, 1, 5, True), ("ces", 3, 1, 5, None), ("ces", 4, 1, 5, False), ("ces", 5, 1, 5, False),
    ("expectation", 5, 1, 5, None), ("csat", None, 1, 5, None),
]  # fmt: skip


def test_which_scores_are_good(make_warehouse: MakeWarehouse) -> None:
    """On a legacy scale of effort, 1 to 5, 1 is easy."""
    rows = [
        {"answer_id": f"a{n}", "instrument": instrument, "score": score, "scale_min": low, "scale_max": high,
         "respondent": "customer", "comment": f"Comment number {n} of this list."}
        for n, (instrument, score, low, high, _) in enumerate(SCORES)
    ]  # fmt: skip
    others = [{**rows[0], "answer_id": "b1", "comment": None}, {**rows[0], "answer_id": "b2", "respondent": "employee"},
              {**rows[0], "answer_id": "b3", "scale_max": 1}]  # fmt: skip
    warehouse = make_warehouse({})
    with warehouse.publishing() as publication:
        publication.target.execute(sa.insert(survey_answers), [*rows, *others])
        texts, good, languages = company_judge._comments(lambda asked: publication.target.execute(asked).all())
    wanted = {f"Comment number {n} of this list.": kind for n, (*_, kind) in enumerate(SCORES) if kind is not None}
    assert dict(zip(texts, good, strict=True)) == wanted and len(texts) == len(wanted)
    assert set(languages) == {"en"}
