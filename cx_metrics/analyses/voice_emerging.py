"""What has lately been spoken of more than before: themes, and words that no theme holds yet."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.cells import MINIMUM, RANKED
from cx_metrics.analyses.taxonomy import Themes
from cx_metrics.analyses.voice_texts import ALL, NONE, bits, search, texts
from cx_metrics.dialect import seconds_between
from cx_metrics.judges.themes import names_a_matter
from cx_metrics.metrics.emerging import Span, false_discovery, level, risen
from cx_metrics.metrics.proportions import wilson_interval
from cx_metrics.model import known_names, text_words
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse

RECENT, BEFORE = 4, 26  # weeks, counted back from the end of the scope
ALARM = 0.05  # share of those named that are expected to be false
_FEWEST = 8  # weeks before with texts; fewer are not compared with
_WEEK = 7 * 86_400.0
_SUMS = ("hits", "ratio", "logs", "log_squares")
COLUMNS = (
    "kind", "name", "origin", "texts", "n", "share", "low", "high", "before_texts", "before_n", "before_share", "times",
    "dispersion", "p", "p_adjusted",
)  # fmt: skip


def emerging(warehouse: Warehouse, found: sa.CTE, themes: Themes, scope: Scope) -> tuple[pd.DataFrame, int]:
    """Table emerging, see `voice`, and how many themes and words were compared. found: as `masks` gives.

    Contacts and the comments of each survey are compared with themselves, lest a wave of one survey look like a rise of
    its words; those without texts in at least eight of the weeks before are not. These may lie before the scope begins.
    Compared is what 30 texts or more hold, and named what at least ten recent ones hold. Parts of customers' names are
    left out, and so are words that name no matter (see `names_a_matter`): Monday, hello.
    """
    nothing = pd.DataFrame(columns=list(COLUMNS))
    end = scope.end or datetime.date.max
    said = texts(found, replace(scope, start=end - datetime.timedelta(days=7 * (RECENT + BEFORE) - 1)))
    ended = sa.literal(datetime.datetime.combine(end, datetime.time()) + datetime.timedelta(days=1))
    week = sa.cast(sa.func.floor(seconds_between(said.c.at, sa.cast(ended, sa.DateTime)) / _WEEK), sa.Integer)
    columns = (said.c.kind, said.c.key, said.c.origin, said.c.mask, week.label("week"))
    dated = sa.select(*columns).cte("dated")
    rows = warehouse.read(_summed(dated, themes))
    weeks, rows = rows[rows["no"] == ALL], rows[rows["no"] != ALL]
    sizes = {str(origin): own.set_index("week")["n"].astype(float) for origin, own in weeks.groupby("origin")}
    spans = {origin: (own[own.index < RECENT], own[own.index >= RECENT]) for origin, own in sizes.items()}
    fit = {name: pair for name, pair in spans.items() if pair[0].sum() >= RANKED and len(pair[1]) >= _FEWEST}
    telling = rows["word"].map(lambda word: word == "" or names_a_matter(word)).astype(bool)
    rows = rows[telling & rows["origin"].isin(list(fit))]
    if rows.empty:
        return nothing, 0
    parts = [_compared(own, *fit[str(origin)], themes) for origin, own in rows.groupby("origin")]
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(p_adjusted=false_discovery(table["p"].to_numpy()))
    clear = table[(table["p_adjusted"] <= ALARM) & (table["texts"] >= MINIMUM)]
    return clear.sort_values(["kind", "p", "name"])[list(COLUMNS)].reset_index(drop=True), len(table)


def _compared(rows: pd.DataFrame, recent: pd.Series, before: pd.Series, themes: Themes) -> pd.DataFrame:
    spans = _span(rows, recent, "recent"), _span(rows, before, "before")
    p, dispersion = risen(*spans)
    n, before_n = spans[0].n, spans[1].n
    shares = [100 * hits / size for hits, size in ((spans[0].hits, n), (spans[1].hits, before_n))]
    ends = np.array([wilson_interval(share / 100, n / d) for share, d in zip(shares[0], dispersion, strict=True)])
    with np.errstate(all="ignore"):
        times = np.where(shares[1] > 0, shares[0] / shares[1], np.nan)
    names = [themes[int(no)].name if no >= 0 else word for no, word in zip(rows["no"], rows["word"], strict=True)]
    values = (
        np.where(rows["no"] >= 0, "theme", "word"), names, rows["origin"].to_numpy(), spans[0].hits, n, shares[0],
        100 * ends[:, 0], 100 * ends[:, 1], spans[1].hits, before_n, shares[1], times, dispersion, p,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(COLUMNS[:-1], values, strict=True)))


def _span(rows: pd.DataFrame, sizes: pd.Series, name: str) -> Span:
    """The weeks' sums, with those of weeks without hits, which the engine has left out."""
    hits, ratio, logs, squares = (rows[f"{name}_{column}"].to_numpy(dtype=float) for column in _SUMS)
    empty = np.array([level(0, n) for n in sizes])
    return Span(float(sizes.sum()), len(sizes), hits, ratio, logs + empty.sum(), squares + (empty**2).sum())


def _summed(dated: sa.CTE, themes: Themes) -> sa.CompoundSelect[Any]:
    """origin, no and word (one of these missing, as -1 or ""), and of both spans the sums over weeks with hits of what
    `Span` asks for; logs less those of a week without hits. In rows with ALL for no instead: week and n, its texts."""
    every = _watched(dated, themes)
    count = sa.cast(sa.func.count(), sa.Double)
    keys = (every.c.origin, every.c.no, every.c.word)
    weekly = sa.select(*keys, every.c.week, count.label("x")).group_by(*keys, every.c.week).cte("weekly")
    place = (dated.c.origin, dated.c.week)
    total = sa.select(*place, count.label("n")).group_by(*place).cte("total")
    x, n = weekly.c.x, total.c.n
    here, empty = (sa.func.ln(hits + 0.5) - sa.func.ln(n + 1.0) for hits in (x, sa.literal(0.0)))
    sums = dict(zip(_SUMS, (x, x * x / n, here - empty, here * here - empty * empty), strict=True))
    columns = [
        sa.func.sum(sa.case((sa.and_(weekly.c.week >= first, weekly.c.week <= last), value), else_=0.0))
        .label(f"{span}_{column}")
        for span, first, last in (("recent", 0, RECENT - 1), ("before", RECENT, RECENT + BEFORE - 1))
        for column, value in sums.items()
    ]  # fmt: skip
    asked = [weekly.c[key.name] for key in keys]
    same = sa.and_(total.c.origin == weekly.c.origin, total.c.week == weekly.c.week)
    no_week = (sa.cast(sa.null(), sa.Integer).label("week"), sa.cast(sa.null(), sa.Double).label("n"))
    things = (
        sa.select(*asked, *no_week, *columns)
        .select_from(weekly.join(total, same))
        .group_by(*asked)
        .having(sa.func.sum(x) >= RANKED)
    )
    missing = [sa.cast(sa.null(), sa.Double).label(column.name) for column in columns]
    sizes = (total.c.origin, sa.literal(ALL).label("no"), sa.literal("").label("word"), total.c.week, total.c.n)
    return sa.union_all(things, sa.select(*sizes, *missing))


def _watched(dated: sa.CTE, themes: Themes) -> sa.Subquery:
    """no, word, origin, week: one row per text and theme, and per text and word that no theme holds and no name has."""
    wanted, numbers = search(themes), bits(themes)
    both = dated.join(numbers, dated.c.mask.bitwise_and(numbers.c.bit) != 0)
    of_themes = sa.select(numbers.c.no, sa.literal("").label("word"), dated.c.origin, dated.c.week).select_from(both)
    word = text_words.c.word
    same = sa.and_(text_words.c.kind == dated.c.kind, text_words.c.key == dated.c.key)
    name = sa.select(known_names.c.word).where(known_names.c.word == word).exists()
    taken = (*wanted.plain, *wanted.slots)
    held = [word.startswith(text[:-1], autoescape=True) for text in taken if text.endswith("*")]
    whole = [text for text in taken if not text.endswith("*")]
    of_words = (
        sa.select(sa.literal(-1).label("no"), word, dated.c.origin, dated.c.week)
        .select_from(text_words.join(dated, same))
        .where(~name, *(sa.not_(like) for like in held), word.not_in(whole))
    )
    return sa.union_all(of_themes.where(numbers.c.no < NONE), of_words).subquery("every")
