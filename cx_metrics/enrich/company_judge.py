"""The judges in use: as shipped, with the company's own phrases, and its own judge of mood where its comments allow."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cx_metrics import settings
from cx_metrics.judges.cards import shipped_cards
from cx_metrics.judges.company_model import FEWEST, Model, better, from_text, to_text, train
from cx_metrics.judges.judge import Judges, Recipe, judges_of
from cx_metrics.judges.language import language
from cx_metrics.judges.mood import Mood, card
from cx_metrics.judges.plain import plain
from cx_metrics.model import judges as kept
from cx_metrics.model import survey_answers
from cx_metrics.warehouse import Warehouse, WarehouseError

_MOOD = "mood"  # rows of the table of judges: the trained one,
_ALL = "all"  # the version that texts were judged by,
_TRIED = "tried"  # and how many scored comments there were when one was last trained, whether it was kept or not
_GROWTH = 1.25  # by so much comments must have grown before a new judge is trained
_NEWEST = 100_000  # comments to learn from
_GOOD = {"csat": (75, 25), "nps": (90, 60), "ces": (66, 34)}  # percent of the scale: good from, bad up to
Rows = Callable[[Any], Sequence[Any]]


def judges_in_use(warehouse: Warehouse) -> Judges:
    """The judges that a warehouse's texts are judged by. Raises WarehouseError for a phrase file that can't be read."""
    return _judges(_stored(_rows_of(warehouse)))


def outdated_judges(warehouse: Warehouse) -> bool:
    """Whether the texts in a warehouse were judged by other judges than those in use now, as phrases were changed."""
    read = _rows_of(warehouse)
    versions = [row[0] for row in read(sa.select(kept.c.version).where(kept.c.name == _ALL))]
    return bool(versions) and versions[0] != _judges(_stored(read)).version


def keep_judges(target: sa.Connection) -> Judges:
    """Train a judge of mood anew where comments have grown, keep it if it is better, and note the version in use."""

    def read(question: Any) -> Sequence[Any]:
        return target.execute(question).all()

    model, count = _stored(read), _grown(read)
    new = _trained(read, model) if count else None
    if count:
        target.execute(sa.delete(kept).where(kept.c.name == _TRIED))
        _note(target, _TRIED, str(count), "", "")
    if new is not None:
        target.execute(sa.delete(kept).where(kept.c.name == _MOOD))
        described = json.dumps(card(Mood(new)), ensure_ascii=False)
        _note(target, _MOOD, _judges(new).version, described, to_text(new))
    judges = _judges(new or model)
    target.execute(sa.delete(kept).where(kept.c.name == _ALL))
    _note(target, _ALL, judges.version, "", "")
    return judges


def cards(warehouse: Warehouse) -> dict[str, Any]:
    """One model card per judge: what it rests on, its held-out figures, its known failures."""
    judges = judges_in_use(warehouse)
    shipped = shipped_cards()
    return {**shipped, "mood": {**card(judges.mood), **shipped["mood"]}}


def held_out_again(warehouse: Warehouse) -> dict[str, Any]:
    """The held-out figures of the company's judge, computed anew from the comments in the warehouse; empty without
    one."""
    read = _rows_of(warehouse)
    model = _stored(read)
    found = train(*_comments(read)) if model else None
    return {code: asdict(figure) for code, figure in found.held_out.items()} if found else {}


def _rows_of(warehouse: Warehouse) -> Rows:
    return lambda question: [tuple(row) for row in warehouse.read(question).itertuples(index=False)]


def _judges(model: Model | None) -> Judges:
    try:
        return judges_of(Recipe(to_text(model) if model else "", _own("cues.toml"), _own("empathy.toml")))
    except ValueError as error:
        raise WarehouseError(str(error)) from None


def _own(name: str) -> Path | None:
    """The company's own file of that name, if there is one."""
    path = settings.company_file(name)
    return path if path.is_file() else None


def _stored(read: Rows) -> Model | None:
    rows = read(sa.select(kept.c.model).where(kept.c.name == _MOOD))
    return from_text(rows[0][0]) if rows else None


def _grown(read: Rows) -> int:
    """How many scored comments there are, if they are enough and have grown since a judge was last trained; else 0."""
    count = int(read(sa.select(sa.func.count()).where(*_scored()))[0][0])
    tried = read(sa.select(kept.c.version).where(kept.c.name == _TRIED))
    return count if count >= FEWEST and (not tried or count >= _GROWTH * int(tried[0][0])) else 0


def _trained(read: Rows, model: Model | None) -> Model | None:
    """A new judge of mood, if the comments give one that is better than the one in use."""
    texts, good, languages = _comments(read)
    new = train(texts, good, languages)
    return new if new is not None and better(new, model, texts, good) else None


def _scored() -> list[Any]:
    answer = survey_answers.c
    return [
        answer.comment.is_not(None), answer.score.is_not(None), answer.instrument.in_(list(_GOOD)),
        answer.respondent == "customer", answer.scale_max > answer.scale_min,
    ]  # fmt: skip


def _comments(read: Rows) -> tuple[list[str], list[bool], list[str | None]]:
    """The newest scored comments, middling ones left out: text, whether its score was good, language."""
    answer = survey_answers.c
    percent = 100.0 * (answer.score - answer.scale_min) / (answer.scale_max - answer.scale_min)
    turned = sa.and_(answer.instrument == "ces", answer.scale_max == 5)  # a legacy scale of effort: 1 is easy
    score = sa.case((turned, 100.0 - percent), else_=percent)
    rows = read(
        sa.select(answer.comment, answer.instrument, score)
        .where(*_scored())
        .order_by(answer.answered_at.is_(None), answer.answered_at.desc(), answer.answer_id)
        .limit(_NEWEST)
    )
    kept_rows = []
    for comment, instrument, score in rows:
        high, low = _GOOD[instrument]
        if score >= high - 1e-9 or score <= low + 1e-9:
            text = plain(comment)
            kept_rows.append((text, score >= high - 1e-9, language(text)))
    found: tuple[list[Any], ...] = tuple(list(part) for part in zip(*kept_rows, strict=True)) or ([], [], [])
    return found[0], found[1], found[2]


def _note(target: sa.Connection, name: str, version: str, described: str, model: str) -> None:
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    row = {"name": name, "version": version, "made_at": now, "card": described, "model": model}
    target.execute(sa.insert(kept).values(**row))
