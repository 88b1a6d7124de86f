"""Do we answer, or do we paste? Families of replies that read alike, who uses them, and how customers take them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import MINIMUM, RANKED, answered, in_order, share_columns
from cx_metrics.analyses.matched import compare
from cx_metrics.analyses.reply_texts import masking
from cx_metrics.enrich.scripted import MANY, excused_now
from cx_metrics.metrics.catalog import figures, metric_named
from cx_metrics.metrics.estimators import Share
from cx_metrics.metrics.facts import CONTACTS
from cx_metrics.metrics.suppression import HIDDEN_BELOW
from cx_metrics.metrics.survey import CSAT
from cx_metrics.model import interactions as contact
from cx_metrics.model import messages, reply_texts
from cx_metrics.model import survey_answers as answer
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval, is_missing, listing

MOST = 50  # families that are listed
_QUOTED = 140  # signs of a text in a sentence
_SHOWN = 3  # teams that are named of a family
_NUMBERS = ("n", "value", "low", "high")


def scripts(warehouse: Warehouse, scope: Scope) -> Analysis:
    """What is pasted, in a scope whose period is set. Tables: teams (team, n, value in %, low, high, suppressed: the
    metric scripted_share) and families (see `families`)."""
    metric = metric_named("scripted_share", scope.limits)
    teams = figures(warehouse, metric, scope, ("team",)).astype(dict.fromkeys(_NUMBERS, float) | {"suppressed": bool})
    teams = in_order(teams.assign(team=[x if isinstance(x, str) else NOT_GIVEN for x in teams["team"]]), "team")
    total = figures(warehouse, metric, scope).to_dict("records")[0]
    tables = {"teams": teams, "families": families(warehouse, scope)}
    return Analysis("scripts", scope, tables, tuple(_said(total, **tables)), _assumptions())


def families(warehouse: Warehouse, scope: Scope) -> pd.DataFrame:
    """The most used families of replies that read alike in at least MANY conversations, whenever that was: family,
    example (personal data masked), replies, conversations, teams (names), share (of the replies of these teams, %),
    low, high, excused, n_used, used (% satisfied of the answers about contacts in which it was used), n_else, elsewhere
    (of the other contacts of the same teams, as the family is spread over them), difference, difference_low,
    difference_high (points); at most MOST.

    Families with fewer than five conversations in the scope are left out.
    """
    replies = _replies(scope)
    found = answered(warehouse, _sizes(replies), "replies", "conversations", "share", "low", "high")
    numbers = [int(family) for family in found["family"]]
    example, teams = _examples(warehouse, numbers), _teams(warehouse, replies, numbers)
    excused = set(warehouse.read(excused_now())["family"])
    named = found.assign(
        example=[example.get(family, "") for family in numbers], excused=[family in excused for family in numbers],
        teams=[teams.get(family, "") for family in numbers],
    )  # fmt: skip
    columns = ["family", "example", "replies", "conversations", "teams", "share", "low", "high", "excused"]
    return named[columns].join(_satisfied(warehouse, replies, numbers))


def _replies(scope: Scope) -> sa.CTE:
    """One row per reply in the scope that has a text: family, interaction_id, team."""
    contacts = CONTACTS.source([name for name, _ in scope.filters])
    source = messages.join(reply_texts, reply_texts.c.template == messages.c.template)
    source = source.join(contacts, contact.c.interaction_id == messages.c.interaction_id)
    team = sa.func.coalesce(contact.c.team, NOT_GIVEN).label("team")
    where = [messages.c.author == "agent", *scope.conditions(contact.c.occurred_at, CONTACTS.dimensions)]
    columns = (reply_texts.c.family, contact.c.interaction_id, team)
    return sa.select(*columns).select_from(source).where(*where).cte("replies")


def _sizes(replies: sa.CTE) -> sa.Select[Any]:
    """family, replies, conversations, share, low, high of the MOST used families."""
    m, texts = messages.c, reply_texts
    often = (
        sa.select(texts.c.family).join(messages, m.template == texts.c.template).group_by(texts.c.family)
        .having(sa.func.count(m.interaction_id.distinct()) >= MANY)
    )  # fmt: skip
    by_team = sa.select(replies.c.team, sa.func.count().label("n")).group_by(replies.c.team).cte("by_team")
    used = sa.select(replies.c.family, replies.c.team).where(replies.c.family.in_(often)).distinct().subquery()
    theirs = sa.select(used.c.family, sa.cast(sa.func.sum(by_team.c.n), sa.Double).label("of")).join(
        by_team, by_team.c.team == used.c.team
    ).group_by(used.c.family).subquery()  # fmt: skip
    own = sa.select(
        replies.c.family, sa.cast(sa.func.count(), sa.Double).label("replies"),
        sa.cast(sa.func.count(replies.c.interaction_id.distinct()), sa.Double).label("conversations"),
    ).where(replies.c.family.in_(often)).group_by(replies.c.family).subquery()  # fmt: skip
    question = sa.select(*own.c, *share_columns(own.c.replies, theirs.c.of)).join(
        theirs, theirs.c.family == own.c.family
    )
    return question.where(own.c.conversations >= HIDDEN_BELOW).order_by(own.c.replies.desc(), own.c.family).limit(MOST)


def _examples(warehouse: Warehouse, numbers: list[int]) -> dict[int, str]:
    """The commonest text of each family, as one of its replies has it."""
    m, texts = messages.c, reply_texts
    counted = (
        sa.select(texts.c.family, texts.c.template, sa.func.count().label("n"), sa.func.min(m.message_id).label("key"))
        .join(messages, m.template == texts.c.template)
        .where(texts.c.family.in_(numbers), m.author == "agent").group_by(texts.c.family, texts.c.template).subquery()
    )  # fmt: skip
    place = sa.func.row_number().over(partition_by=counted.c.family, order_by=(counted.c.n.desc(), counted.c.template))
    placed = sa.select(*counted.c, place.label("place")).subquery()
    asked = sa.select(placed.c.family, m.text).join(messages, m.message_id == placed.c.key).where(placed.c.place == 1)
    mask = masking(warehouse)
    return {int(row["family"]): mask(row["text"]) for row in warehouse.read(asked).to_dict("records")}


def _teams(warehouse: Warehouse, replies: sa.CTE, numbers: list[int]) -> dict[int, str]:
    """The teams that use each family, most replies first."""
    n = sa.func.count()
    asked = sa.select(replies.c.family, replies.c.team, n.label("n")).where(replies.c.family.in_(numbers))
    rows = warehouse.read(asked.group_by(replies.c.family, replies.c.team).order_by(n.desc(), replies.c.team))
    found = {}
    for family, names in rows.groupby("family")["team"]:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        found[int(str(family))] = ", ".join(names[:_SHOWN]) + more
    return found


def _satisfied(warehouse: Warehouse, replies: sa.CTE, numbers: list[int]) -> pd.DataFrame:
    """n_used, used, n_else, elsewhere, difference, difference_low, difference_high, row by row as the families."""
    kind = CSAT.kind
    assert isinstance(kind, Share)
    spoken = sa.select(replies.c.interaction_id, replies.c.team).distinct().subquery()
    hit, n = sa.func.sum(sa.case((kind.hit, 1), else_=0)).label("hits"), sa.func.count().label("n")
    own = sa.select(replies.c.family, replies.c.interaction_id, replies.c.team).distinct()
    own_rows = own.where(replies.c.family.in_(numbers)).subquery()
    used = warehouse.read(
        sa.select(own_rows.c.family, own_rows.c.team, n, hit)
        .join(answer, answer.c.interaction_id == own_rows.c.interaction_id).where(kind.counted)
        .group_by(own_rows.c.family, own_rows.c.team)
    )  # fmt: skip
    every = warehouse.read(
        sa.select(spoken.c.team, n, hit).join(answer, answer.c.interaction_id == spoken.c.interaction_id)
        .where(kind.counted).group_by(spoken.c.team)
    ).set_index("team").astype(float)  # fmt: skip
    rows = [_compared(used[used["family"] == family].set_index("team"), every) for family in numbers]
    names = ["n_used", "used", "n_else", "elsewhere", "difference", "difference_low", "difference_high"]
    return pd.DataFrame(rows, columns=names).astype(float)


def _compared(used: pd.DataFrame, every: pd.DataFrame) -> tuple[float | None, ...]:
    """One family against the other contacts of its teams. used, every: n and hits by team."""
    mine = used[["n", "hits"]].astype(float)
    sides = {1: mine, 0: every.loc[mine.index] - mine}
    cells = pd.concat([
        side.reset_index().assign(treated=treated, total=side["hits"].to_numpy(), squares=side["hits"].to_numpy())
        for treated, side in sides.items()
    ])  # fmt: skip
    found = compare(cells[cells["n"] > 0], ("team",))
    raw_n = int(mine["n"].sum())
    counts = [None if 0 < n < HIDDEN_BELOW else float(n) for n in (raw_n, found.untreated.n)]
    if min(found.treated.n, found.untreated.n) < MINIMUM:
        return counts[0], None, counts[1], None, None, None, None
    shown = (found.treated.mean, found.untreated.mean, found.difference, found.low, found.high)
    mean, other, *change = (100 * value for value in shown)
    return counts[0], mean, counts[1], other, *change


def _said(total: dict[Any, Any], teams: pd.DataFrame, families: pd.DataFrame) -> list[str]:
    if is_missing(total["value"]):
        return ["There are too few replies to say how many are scripted."]
    span = f"{interval(total['low'], total['high'], '%')}, n = {amount(total['n'], 'count')}"
    said = [f"{amount(total['value'], '%')} of our agents' replies are scripted ({span})."]
    known = teams[teams["n"] >= RANKED].dropna(subset="value").sort_values("value", kind="stable")
    if len(known) > 1:
        ends = [known.iloc[-1].to_dict(), known.iloc[0].to_dict()]
        words = [
            f"{row['team']} with {amount(row['value'], '%')} ({interval(row['low'], row['high'], '%')})" for row in ends
        ]
        clear = ends[0]["low"] > ends[1]["high"]
        said.append(f"Most scripted is {words[0]}; least, {words[1]}." if clear else
                    f"Teams do not differ clearly; most and least: {listing(words)}.")  # fmt: skip
    counted = families[~families["excused"]] if len(families) else families
    if len(counted):
        top = counted.iloc[0]
        said.append(f"The most used text occurs in {amount(top['conversations'], 'count')} conversations "
                    f"({top['teams']}): “{_shortened(top['example'])}”")  # fmt: skip
        compared = counted[counted["n_used"] >= RANKED]
        worse = compared[compared["difference_high"] < 0]
        sizes = f"Texts with {RANKED} answers or more: {len(compared)} of {len(counted)}"
        said.append(f"{sizes}; customers are less satisfied with {len(worse)} of these than with other contacts of the "
                    "same teams (95 % each)." if len(compared) else f"{sizes}: too few answers to tell how customers "
                    "take them.")  # fmt: skip
    return said


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _QUOTED else flat[: _QUOTED - 1] + "…"


def _assumptions() -> tuple[str, ...]:
    return (
        "Replies are compared without names, numbers, links, greeting and sign-off; those that are the same or nearly "
        f"the same within a team are one family. Scripted: its family occurs in at least {MANY} conversations and is "
        "not excused. Replies of fewer than four words are not looked at.",
        f"Listed are the {MOST} most used families. Satisfied: top two boxes of the answers about contacts in which "
        "the text was used, against the other answers about the same teams, team by team; whoever pastes may have had "
        "other matters to answer, so that a difference is no proof. With many texts, one in twenty looks clear by "
        "chance alone.",
        "A text that is good as it stands, such as a legal notice, can be excused; who did so, when and why stays in "
        "the ledger.",
    )
