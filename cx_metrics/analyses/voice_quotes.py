"""What customers said, in their own words: a few texts of a theme, personal data masked."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.signed import signer_masked
from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_texts import NONE, masks, texts
from cx_metrics.judges.personal import masked, name_parts
from cx_metrics.judges.scripted import skeleton
from cx_metrics.judges.themes import NOT_COVERED
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.model import known_names, messages
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

NEWEST, WORST = 5, 5  # texts that are shown
_LONGEST = 500  # letters of a quote
_MOST_WORDS = 5_000  # of which names are looked up
_SPARE = 4  # times as many texts are read as are shown, because some say the same
COLUMNS = ("why", "kind", "key", "at", "stage", "channel", "mood", "text")


def quotes(warehouse: Warehouse, themes: Themes, scope: Scope, theme: str, per: int = NEWEST) -> pd.DataFrame:
    """A few texts of a theme (or of NOT_COVERED): why (newest, or worst mood), kind (contact or survey, as timelines
    call them), key, at (UTC), stage, channel, mood (-1 to 1), text. None where fewer than five texts hold the theme.

    per: how many newest, and how many in the worst mood; of texts that say the same but for greetings, names and
    numbers only the first. Personal data are masked: what looks like a mail address, a number, a handle or a link, the
    parts of known customers' names, and who signs.
    """
    numbers = {**{one.name: number for number, one in enumerate(themes)}, NOT_COVERED: NONE}
    if theme not in numbers:
        return pd.DataFrame(columns=list(COLUMNS))
    wanted = themes if theme == NOT_COVERED else tuple(one for one in themes if one.name == theme)
    number = NONE if theme == NOT_COVERED else 0
    said = texts(masks(warehouse, wanted), scope)
    mine = sa.select(said).where(said.c.mask.bitwise_and(1 << number) != 0).cte("mine")
    enough = sa.select(sa.func.count()).select_from(mine).scalar_subquery() >= HIDDEN_BELOW
    keys = (mine.c.kind, mine.c.key)
    by_time = sa.select(sa.literal("newest").label("why"), mine).order_by(mine.c.at.desc(), *keys)
    newest = by_time.limit(_SPARE * per).subquery()
    worst = (
        sa.select(sa.literal("worst mood").label("why"), mine)
        .where(mine.c.mood.is_not(None))
        .order_by(mine.c.mood, mine.c.at.desc(), *keys)
        .limit(_SPARE * per)
        .subquery()
    )
    found = warehouse.read(sa.union_all(*(sa.select(part).where(enough) for part in (newest, worst))))
    written = _without_names(warehouse, _written(warehouse, found))
    texts_of = [written.get(pair, "") for pair in zip(found["kind"], found["key"], strict=True)]
    shown = _different(found.assign(text=texts_of), per)
    return shown.assign(kind=shown["kind"].replace("answer", "survey"))[list(COLUMNS)]


def _different(found: pd.DataFrame, per: int) -> pd.DataFrame:
    """The first `per` newest and the first `per` others in the worst mood, of which no two say the same; each sort from
    the newest on. found: why, kind, key, at, mood, text."""
    newest = found["why"] == "newest"
    order = found.assign(rank=found["mood"].astype(float).where(~newest, -2.0))
    order = order.sort_values(["why", "rank", "at", "kind", "key"], ascending=[True, True, False, True, True])
    seen: set[str] = set()
    kept: dict[str, list[Any]] = {}
    for place, row in zip(order.index, order.to_dict("records"), strict=True):
        said = skeleton(row["text"]) or row["text"].lower()
        mine = kept.setdefault(row["why"], [])
        if said not in seen and len(mine) < per:
            seen.add(said)
            mine.append(place)
    shown = found.loc[[place for places in kept.values() for place in places]]
    return shown.sort_values(["why", "at"], ascending=[True, False], kind="stable").reset_index(drop=True)


def _written(warehouse: Warehouse, found: pd.DataFrame) -> dict[tuple[str, str], str]:
    """(kind, key) -> the customer's words."""
    keys = {kind: list(own["key"]) for kind, own in found.groupby("kind")}
    m = messages.c
    said = warehouse.read(
        sa.select(m.interaction_id, m.text)
        .where(m.interaction_id.in_(keys.get("contact", [])), m.author == "customer", m.text.is_not(None))
        .order_by(m.interaction_id, m.sent_at, m.message_id)
    )
    comments = warehouse.read(
        sa.select(answer.c.answer_id, answer.c.comment).where(answer.c.answer_id.in_(keys.get("answer", [])))
    )
    unsigned = said.assign(text=[signer_masked(str(text)) for text in said["text"]])
    whole = {("contact", str(key)): " / ".join(own["text"]) for key, own in unsigned.groupby("interaction_id")}
    return whole | {("answer", str(key)): signer_masked(str(text)) for key, text in comments.itertuples(index=False)}


def _without_names(warehouse: Warehouse, written: dict[Any, str]) -> dict[Any, str]:
    """Cut to a readable length, after personal data were masked in the whole of what is looked at."""
    near = {pair: text[: 4 * _LONGEST] for pair, text in written.items()}
    asked = sorted(name_parts(near.values()))[:_MOST_WORDS]
    known = warehouse.read(sa.select(known_names.c.word).where(known_names.c.word.in_(asked)).distinct())
    names = frozenset(map(str, known["word"]))
    clean = {pair: " ".join(masked(text, names).split()) for pair, text in near.items()}
    return {pair: text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…" for pair, text in clean.items()}
