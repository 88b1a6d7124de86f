"""What messages and comments show, measured once at import: each text by itself, then contact by contact."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cx_metrics import dialect
from cx_metrics.enrich.judging import BATCH, Batch, Progress, judged
from cx_metrics.enrich.rebuild import rebuild
from cx_metrics.judges.judge import Judgement, Judges, Said
from cx_metrics.judges.scripted import number
from cx_metrics.model import KEYS, interactions, messages, reply_texts, survey_answers, text_words
from cx_metrics.texts import CUES, EMPATHY

_LONGEST = 200_000  # signs of a text that are fetched: mails in HTML are long before they say anything


@dataclass(frozen=True)
class Texts:
    """Where texts lie. whole: what is judged together, if any of it is new: the messages of a contact."""

    kind: str
    table: sa.Table
    text: sa.Column[Any]
    author: sa.ColumnElement[Any]
    whole: sa.Column[Any]
    order: tuple[Any, ...]


_MESSAGES = Texts(
    "contact", messages, messages.c.text, messages.c.author, messages.c.interaction_id,
    (messages.c.interaction_id, messages.c.sent_at.is_(None), messages.c.sent_at, messages.c.message_id),
)  # fmt: skip
_COMMENTS = Texts(
    "answer", survey_answers, survey_answers.c.comment, sa.literal("customer"), survey_answers.c.answer_id,
    (survey_answers.c.answer_id,),
)  # fmt: skip
_REPORTED = ("language", "sentiment", *(f"empathy_{kind}" for kind in EMPATHY), "template", "evidence", "judged_by")


def has_texts(target: sa.Connection) -> bool:
    """Whether there is any text to judge."""
    return any(_any_of(target, texts) for texts in (_MESSAGES, _COMMENTS))


def judge_texts(target: sa.Connection, judges: Judges, report: Progress) -> None:
    """Judge what is new, or was judged by an earlier judge; then measure the contacts concerned."""
    for texts in (_COMMENTS, _MESSAGES):
        if not _any_of(target, texts):
            continue
        waiting = _waiting(target, texts, judges.version)
        total = int(target.execute(sa.select(sa.func.count()).select_from(waiting)).scalar_one())
        if total:
            kept = _kept_table(target)
            _judge(target, texts, waiting, total, judges, kept, report)
            concerned = texts.table.c[KEYS[texts.table.name][0]].in_(sa.select(kept.c.key))
            rebuild(target, texts.table, concerned, _with_judgements(texts, kept))
            kept.drop(target)
        if texts is _MESSAGES:
            _measure_contacts(target, waiting)
        waiting.drop(target)


def _any_of(target: sa.Connection, texts: Texts) -> bool:
    return target.execute(sa.select(texts.whole).where(texts.text.is_not(None)).limit(1)).first() is not None


def _waiting(target: sa.Connection, texts: Texts, version: str) -> sa.Table:
    """The texts to judge, numbered from 1: all of a contact of which any is new."""
    table, whole = texts.table, texts.whole
    new = sa.select(whole).where(texts.text.is_not(None), table.c.judged_by.is_distinct_from(version))
    columns = [sa.Column(name, sa.Text) for name in ("key", "whole", "author", "text")]
    waiting = sa.Table(
        f"waiting_{table.name}", sa.MetaData(), sa.Column("position", sa.BigInteger), *columns, prefixes=["TEMPORARY"]
    )
    waiting.create(target)
    key, fetched = table.c[KEYS[table.name][0]], sa.func.substr(texts.text, 1, _LONGEST)
    numbered = sa.select(sa.func.row_number().over(order_by=texts.order), key, whole, texts.author, fetched)
    found = numbered.where(texts.text.is_not(None), whole.in_(new))
    target.execute(sa.insert(waiting).from_select(list(waiting.c.keys()), found))
    return waiting


def _kept_table(target: sa.Connection) -> sa.Table:
    columns = [sa.Column(name, messages.c[name].type) for name in _REPORTED]
    kept = sa.Table("judgements", sa.MetaData(), sa.Column("key", sa.Text), *columns, prefixes=["TEMPORARY"])
    kept.create(target)
    return kept


def _judge(
    target: sa.Connection, texts: Texts, waiting: sa.Table, total: int, judges: Judges, kept: sa.Table,
    report: Progress,
) -> None:  # fmt: skip
    """Judge batch by batch; judgements go to `kept`, words and replies to their tables."""
    old = text_words.c.key.in_(sa.select(waiting.c.whole))
    target.execute(sa.delete(text_words).where(text_words.c.kind == texts.kind, old))
    known = set(target.execute(sa.select(reply_texts.c.template)).scalars())
    carried: tuple[str, set[str]] = ("", set())
    for keys, said, found in judged(_batches(target, waiting, total), total, judges, report):
        numbers = [number(row.skeleton) if row.skeleton else None for row in found]
        rows = zip(keys, found, numbers, strict=True)
        dialect.add_rows(target, kept, [_row(key, row, n, judges.version) for key, row, n in rows])
        fresh = {n: row.skeleton for n, row in zip(numbers, found, strict=True) if n is not None and n not in known}
        known |= fresh.keys()
        dialect.add_rows(target, reply_texts, [(n, skeleton, None) for n, skeleton in fresh.items()])
        words, carried = _words([message.conversation for message in said], found, carried)
        dialect.add_rows(target, text_words, [(texts.kind, whole, word) for whole, word in words])


def _batches(target: sa.Connection, waiting: sa.Table, total: int) -> Iterator[Batch]:
    """The texts in batches, each with their keys."""
    c = waiting.c
    for first in range(1, total + 1, BATCH):
        part = sa.select(c.key, c.whole, c.author, c.text).where(c.position >= first, c.position < first + BATCH)
        rows = target.execute(part.order_by(c.position)).all()
        yield [row.key for row in rows], [Said(row.whole, row.author, row.text) for row in rows]


def _row(key: str, found: Judgement, template: int | None, version: str) -> tuple[Any, ...]:
    """In the order of the table of judgements."""
    grades = [found.empathy[kind][0] if found.empathy else None for kind in EMPATHY]
    words = {**(found.cues or {}), **{kind: words for kind, (_, words) in (found.empathy or {}).items() if words}}
    looked = found.cues is not None or found.empathy is not None
    evidence = json.dumps(words, ensure_ascii=False) if looked else None
    return (key, found.language, found.sentiment, *grades, template, evidence, version)


def _words(
    wholes: list[str], found: Iterable[Judgement], carried: tuple[str, set[str]]
) -> tuple[list[tuple[str, str]], tuple[str, set[str]]]:
    """Each contact's words once. carried: the last contact of the batch before, and its words, as it may go on here."""
    whole, seen = carried
    rows = []
    for name, row in zip(wholes, found, strict=True):
        if name != whole:
            whole, seen = name, set()
        fresh = [word for word in row.words if word not in seen]
        seen.update(fresh)
        rows += [(name, word) for word in fresh]
    return rows, (whole, seen)


def _with_judgements(texts: Texts, kept: sa.Table) -> Callable[[sa.FromClause], tuple[dict[str, Any], sa.FromClause]]:
    """The rows of a table with what was found of their texts."""

    def derive(rows: sa.FromClause) -> tuple[dict[str, Any], sa.FromClause]:
        values = {name: kept.c[name] for name in _REPORTED if name in rows.c}
        return values, rows.join(kept, kept.c.key == rows.c[KEYS[texts.table.name][0]])

    return derive


def _measure_contacts(target: sa.Connection, waiting: sa.Table) -> None:
    """Set the contact's measures from its messages: where these were looked at, and where a contact that was measured
    anew has lost what its words showed."""
    lost = sa.select(interactions.c.interaction_id).where(interactions.c.messages_judged.is_(None))
    concerned = sa.or_(messages.c.interaction_id.in_(sa.select(waiting.c.whole)), messages.c.interaction_id.in_(lost))
    m, of = messages.c, messages.c.interaction_id
    mood = sa.case((m.author == "customer", m.sentiment))
    by_time = (mood.is_(None), m.sent_at.is_(None), m.sent_at, m.message_id)
    last = (mood.is_(None), m.sent_at.is_(None).desc(), m.sent_at.desc(), m.message_id.desc())
    seen = sa.select(
        m.interaction_id, mood.label("mood"), m.author, m.evidence, *(m[f"empathy_{kind}"] for kind in EMPATHY),
        sa.func.row_number().over(partition_by=of, order_by=by_time).label("from_start"),
        sa.func.row_number().over(partition_by=of, order_by=last).label("from_end"),
    ).where(concerned, m.text.is_not(None)).subquery("seen")  # fmt: skip
    s = seen.c
    looked = sa.and_(s.author == "customer", s.evidence.is_not(None))
    cued = {cue: sa.case((s.evidence.like(f'%"{cue}": [%'), 1), else_=0) for cue in CUES}  # not a text's own word
    figures = {
        "judged_start": sa.func.max(sa.case((s.from_start == 1, s.mood))), "judged_lowest": sa.func.min(s.mood),
        "judged_end": sa.func.max(sa.case((s.from_end == 1, s.mood))), "moods": sa.func.count(s.mood),
        "messages_judged": sa.func.count(),
        **{cue: sa.func.max(sa.case((looked, shown))) for cue, shown in cued.items()},
        **{f"empathy_{kind}": sa.func.max(s[f"empathy_{kind}"]) for kind in EMPATHY},
    }  # fmt: skip
    labelled = [figure.label(name) for name, figure in figures.items()]
    found = sa.select(s.interaction_id, *labelled).group_by(s.interaction_id).subquery("found")
    values: dict[str, Any] = {name: sa.cast(found.c[name], interactions.c[name].type) for name in figures}
    values["empathy_compassionate"] = _compassion(found.c.empathy_compassionate)
    same = interactions.c.interaction_id == found.c.interaction_id
    target.execute(sa.update(interactions).values(values).where(same))


def _compassion(words: Any) -> sa.ColumnElement[Any]:
    """Words and what followed: strong words hold unless the end contradicts them; weak ones become strong when the
    contact was solved where it was, neither handed on nor opened again."""
    contact = interactions.c
    handed_on = sa.or_(sa.func.coalesce(contact.transfers, 0) > 0, contact.outcome == "escalated")
    again = sa.func.coalesce(contact.reopens, 0) > 0
    failed = sa.or_(handed_on, again, contact.outcome.in_(("unresolved", "abandoned")))
    solved = sa.and_(contact.outcome == "resolved", sa.not_(handed_on), sa.not_(again))
    grade = sa.case(
        (words.is_(None), None), (words == 0, 0), (sa.func.coalesce(failed, sa.false()), 1),
        (sa.func.coalesce(solved, sa.false()), 2), else_=words,
    )  # fmt: skip
    return sa.cast(grade, sa.BigInteger)
