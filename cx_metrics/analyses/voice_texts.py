"""Which texts belong to which themes: asked of the engine, one number per text whose bits are the themes.

A text is what a customer wrote in a contact, all messages together, or the comment of an answer, if it has at least one
meaningful word (table text_words).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.metrics.facts import ANSWERS, CONTACTS, Fact
from cx_metrics.model import interactions as contact
from cx_metrics.model import survey_answers as answer
from cx_metrics.model import text_words
from cx_metrics.scope import Scope, ScopeError
from cx_metrics.warehouse import Warehouse

ALL, NONE = 61, 60  # bits of every text, and of those in no theme; themes have the bits below
Expression = sa.ColumnElement[Any]
_BITS = 60  # of a number, for the words of terms of several words
_FORMS = 10_000  # words that terms with a * may stand for, the most frequent of them
CUSTOMERS_WORDS = sa.and_(answer.c.respondent == "customer", answer.c.answered_at.is_not(None))


@dataclass(frozen=True)
class Search:
    """What to look for. plain: theme -> its words and beginnings that stand alone. joint: (theme, words) of terms of
    several words. slots: the words of these, each of which gets a bit of its own."""

    plain: dict[str, int]
    joint: tuple[tuple[int, tuple[str, ...]], ...]
    slots: tuple[str, ...]


def search(themes: Themes) -> Search:
    """The terms of themes, taken apart; a theme's number is its place."""
    plain: dict[str, int] = {}
    joint = []
    for number, theme in enumerate(themes):
        for term in theme.words:
            words = tuple(term.split())
            if len(words) == 1:
                plain[term] = plain.get(term, 0) | (1 << number)
            else:
                joint.append((number, words))
    return Search(plain, tuple(joint), tuple(dict.fromkeys(word for _, words in joint for word in words)))


def masks(warehouse: Warehouse, themes: Themes) -> sa.CTE:
    """kind, key, mask of every text: bit i is set where theme i holds it; 0 where none does."""
    wanted = search(themes)
    columns = 1 + -(-len(wanted.slots) // _BITS)
    rows = _vocabulary(warehouse, wanted, columns)
    names = [f"m{place}" for place in range(columns)]
    fields: list[sa.ColumnClause[Any]] = [
        sa.column("word", sa.Text),
        *(sa.column(name, sa.BigInteger) for name in names),
    ]
    listed = sa.values(*fields, name="listed").data(rows)
    said = [sa.func.bit_or(sa.func.coalesce(listed.c[name], 0), type_=sa.BigInteger).label(name) for name in names]
    texts = text_words.outerjoin(listed, listed.c.word == text_words.c.word)
    keys = (text_words.c.kind, text_words.c.key)
    found = sa.select(*keys, *said).select_from(texts).group_by(*keys).subquery("found")
    mask: Expression = found.c.m0
    for number, words in wanted.joint:
        every = sa.and_(*(_has(found, wanted.slots.index(word)) for word in words))
        mask = mask.bitwise_or(sa.case((every, 1 << number), else_=0))
    return sa.select(found.c.kind, found.c.key, sa.cast(mask, sa.BigInteger).label("mask")).cte("masks")


def _has(found: sa.Subquery, slot: int) -> Expression:
    column, bit = divmod(slot, _BITS)
    return found.c[f"m{column + 1}"].bitwise_and(1 << bit) != 0


def _vocabulary(warehouse: Warehouse, wanted: Search, columns: int) -> list[tuple[Any, ...]]:
    """word, and its bits: first those of themes, then those of slots. Terms with a * as the words they stand for."""
    bits: dict[str, list[int]] = {}
    stands_for = forms(warehouse, tuple(word for word in (*wanted.plain, *wanted.slots) if word.endswith("*")))
    for term, mask in wanted.plain.items():
        for word in stands_for.get(term, (term,)):
            bits.setdefault(word, [0] * columns)[0] |= mask
    for slot, term in enumerate(wanted.slots):
        column, bit = divmod(slot, _BITS)
        for word in stands_for.get(term, (term,)):
            bits.setdefault(word, [0] * columns)[column + 1] |= 1 << bit
    return [(word, *own) for word, own in bits.items()] or [("", *[0] * columns)]


def forms(warehouse: Warehouse, beginnings: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Beginnings that end in * -> the words of the texts that begin so."""
    if not beginnings:
        return {}
    word = text_words.c.word
    like = sa.or_(*(word.startswith(text[:-1], autoescape=True) for text in beginnings))
    asked = sa.select(word).where(like).group_by(word).order_by(sa.func.count().desc(), word).limit(_FORMS)
    known = [str(found) for found in warehouse.read(asked)["word"]]
    return {text: tuple(found for found in known if found.startswith(text[:-1])) for text in beginnings}


def texts(found: sa.CTE, scope: Scope) -> sa.CTE:
    """The texts of a scope: kind, key, origin (contact, or the instrument of the answer), at, stage, channel, mood (-1
    to 1, lowest of a contact), mask with the bits ALL and NONE added. found: as `masks` gives.

    Kinds of texts that lack a dimension that is filtered on are left out. Raises ScopeError where both do.
    """
    questions, refused = [], []
    for kind in ("contact", "answer"):
        try:
            questions.append(_of_kind(found, scope, kind))
        except ScopeError as error:
            refused.append(error)
    if not questions:
        raise refused[0]
    every = sa.union_all(*questions).subquery("every")
    none = sa.case((every.c.mask == 0, 1 << NONE), else_=0)
    mask = sa.cast(every.c.mask + none + (1 << ALL), sa.BigInteger).label("mask")
    kept = [column for column in every.c if column.name != "mask"]
    return sa.select(*kept, mask).cte("texts")


def _of_kind(found: sa.CTE, scope: Scope, kind: str) -> sa.Select[Any]:
    fact: Fact
    origin: Any
    of_customers: Any
    if kind == "contact":
        fact, time, mood, key = CONTACTS, contact.c.occurred_at, contact.c.judged_lowest, contact.c.interaction_id
        origin, of_customers = sa.literal("contact"), sa.true()
    else:
        fact, time, mood, key = ANSWERS, answer.c.answered_at, answer.c.sentiment, answer.c.answer_id
        origin, of_customers = answer.c.instrument, CUSTOMERS_WORDS
    source = fact.source([name for name, _ in scope.filters])
    same = sa.and_(found.c.kind == kind, found.c.key == key)
    columns = (
        found.c.kind, found.c.key, origin.label("origin"), time.label("at"), fact.rows.c.stage, fact.rows.c.channel,
        mood.label("mood"),
    )  # fmt: skip
    return (
        sa.select(*columns, found.c.mask)
        .select_from(source.join(found, same))
        .where(of_customers, *scope.conditions(time, fact.dimensions))
    )


def bits(themes: Themes) -> sa.Values:
    """no, bit: of every theme, of ALL and of NONE; a text belongs to `no` where its mask and `bit` have a bit in
    common."""
    rows = [(number, 1 << number) for number in (*range(len(themes)), NONE, ALL)]
    return sa.values(sa.column("no", sa.Integer), sa.column("bit", sa.BigInteger), name="bits").data(rows)
