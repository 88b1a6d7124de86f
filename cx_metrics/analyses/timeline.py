"""One customer's timeline over all channels."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from cx_metrics.analyses.stuck import signals_of
from cx_metrics.journey import Limits
from cx_metrics.model import customers, identities, interactions, orders, subscriptions, survey_answers
from cx_metrics.scope import short_date
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import listing, number

KINDS = ("contact", "survey", "order", "subscription")
_COLUMNS = ("at", "until", "lane", "kind", "title", "outcome", "detail", "key")
_NEWEST = 2_000  # rows that a page draws
_USUAL = Limits()
_contact, _answer, _order, _sub, _person = interactions.c, survey_answers.c, orders.c, subscriptions.c, customers.c


@dataclass(frozen=True)
class Customer:
    """A customer's details as they are known; keys: the customer's keys in other sources."""

    customer_id: str
    details: dict[str, str]
    keys: tuple[str, ...]

    @property
    def described(self) -> str:
        """The details in one line, beside a title that gives the name or else the key."""
        labels = {"birth_year": "born ", "signed_up_at": "signed up "}
        details = [labels.get(name, "") + text for name, text in self.details.items() if name != "name"]
        own = [self.customer_id] if "name" in self.details else []
        return " · ".join([*own, *details, *(f"also {key}" for key in self.keys)])


@dataclass(frozen=True)
class History:
    """What happened with a customer. rows: the newest of it, oldest first, as `timeline` gives it. total: rows that
    there are. cut: whether only some days were asked for. sentence: in words."""

    rows: pd.DataFrame
    total: int
    cut: bool
    sentence: str

    @property
    def shown(self) -> str:
        """Which rows these are, and which not."""
        some = f"the newest {len(self.rows):,} of {self.total:,} rows (choose a period to see earlier ones)"
        said = some if len(self.rows) < self.total else f"all {self.total:,} rows" if self.total > 1 else "the only row"
        return f"Shown: {said}. The {'filters' if self.cut else 'period and the filters'} above do not apply here."


def customer(warehouse: Warehouse, key: str) -> Customer | None:
    """The customer with this key, key in another source, or e-mail address; None when there is none."""
    by_identity = sa.select(identities.c.customer_id).where(identities.c.source_customer_key == key)
    by_mail = sa.select(_person.customer_id).where(sa.func.lower(_person.email) == key.lower())
    candidates = [sa.select(_person.customer_id).where(_person.customer_id == key), by_identity, by_mail]
    for table in (interactions, orders, survey_answers, subscriptions):
        candidates.append(sa.select(table.c.customer_id).where(table.c.customer_id == key))
    for question in candidates:
        found = warehouse.read(question.limit(1))
        if not found.empty:
            return _described(warehouse, str(found["customer_id"][0]))
    return None


def _described(warehouse: Warehouse, customer_id: str) -> Customer:
    names = ("name", "email", "phone", "segment", "region", "country", "birth_year", "signed_up_at")
    rows = warehouse.read(sa.select(*(_person[n] for n in names)).where(_person.customer_id == customer_id))
    first = rows.head(1).to_dict("records")
    details = {str(n): _said(v) for row in first for n, v in row.items() if v is not None and v == v}
    keys = warehouse.read(
        sa.select(identities.c.source, identities.c.source_customer_key)
        .where(identities.c.customer_id == customer_id, identities.c.source_customer_key != customer_id)
        .order_by(identities.c.source, identities.c.source_customer_key)
    )
    others = tuple(f"{row.source_customer_key} ({row.source})" for row in keys.itertuples())
    return Customer(customer_id, details, others)


def _said(value: Any) -> str:
    return short_date(value.date()) if isinstance(value, datetime.datetime) else str(value).removesuffix(".0")


def timeline(warehouse: Warehouse, customer_id: str, limits: Limits = _USUAL) -> pd.DataFrame:
    """Everything that happened with a customer, oldest first; what has no time comes last.

    Columns: at, until (UTC), lane (channel, or survey, order, subscription), kind (of KINDS), title, outcome,
    detail, key, signals (titles of a contact's signals of friction).
    """
    rows = _happened(customer_id)
    found = warehouse.read(sa.select(rows).order_by(rows.c.at.nulls_last(), rows.c.key))
    return _with_signals(warehouse, customer_id, found, limits)


def history(
    warehouse: Warehouse, customer_id: str, start: datetime.date | None = None, end: datetime.date | None = None,
    limits: Limits = _USUAL, newest: int = _NEWEST,
) -> History:  # fmt: skip
    """The `newest` rows of what happened with a customer, with start and end what reaches into those days; the column
    signals says what went wrong in a contact, under these limits."""
    rows = _happened(customer_id)
    kept: list[sa.ColumnElement[bool]] = []
    if start is not None:
        runs = sa.and_(rows.c.kind == "subscription", rows.c.until.is_(None))
        kept.append(sa.or_(sa.func.coalesce(rows.c.until, rows.c.at) >= _midnight(start), runs))
    if end is not None:
        kept.append(rows.c.at < _midnight(end + datetime.timedelta(days=1)))
    counts = {"n": sa.func.count(), "lanes": sa.func.count(rows.c.lane.distinct()), "first": sa.func.min(rows.c.at)}
    counted = sa.select(rows.c.kind, *(count.label(name) for name, count in counts.items()))
    sizes = warehouse.read(counted.where(*kept).group_by(rows.c.kind)).set_index("kind")
    latest = warehouse.read(
        sa.select(rows).where(*kept).order_by(rows.c.at.desc().nulls_last(), rows.c.key.desc()).limit(newest)
    )
    cut = start is not None or end is not None
    latest = _with_signals(warehouse, customer_id, latest, limits)
    return History(latest.iloc[::-1].reset_index(drop=True), int(sizes["n"].sum()), cut, _in_words(sizes, latest))


def _with_signals(warehouse: Warehouse, customer_id: str, rows: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    found = signals_of(warehouse, customer_id, limits)
    told = [
        found.get(key, "") if kind == "contact" else "" for kind, key in zip(rows["kind"], rows["key"], strict=True)
    ]
    return rows.assign(signals=told)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time())


def _in_words(sizes: pd.DataFrame, latest: pd.DataFrame) -> str:
    """sizes: n, lanes, first by kind. latest: rows, newest first."""
    said: list[str] = []
    for kind, word in zip(KINDS, ("contact", "survey question", "order", "subscription"), strict=True):
        if kind in sizes.index:
            n, lanes, first = (sizes[name][kind] for name in ("n", "lanes", "first"))
            on = f" on {lanes} channel{'s' if lanes > 1 else ''}" if kind == "contact" else ""
            since = f" since {short_date(first.date())}" if not said and first == first else ""
            said.append(f"{number(n)} {word}{'s' if n > 1 else ''}{on}{since}")
    if not said:
        return "Nothing is on record here."
    sentence = listing(said)
    contacts = latest[latest["kind"] == "contact"]
    if len(contacts):
        last = contacts.iloc[0]
        about = [last["lane"], f"about {last['title']}" if last["title"] != "contact" else ""]
        what = " ".join(word for word in about if word not in ("contact", ""))
        outcome = f", {last['outcome']}" if isinstance(last["outcome"], str) else ""
        sentence += f"; last contact{f': {what}' if what else ''} on {short_date(last['at'].date())}{outcome}"
    answers = latest[(latest["kind"] == "survey") & ~latest["outcome"].isin(["not answered", "comment"])]
    if len(answers):
        asked = str(answers["title"].iloc[0]).partition(" · ")[0]
        sentence += f"; last answer: {asked} {answers['outcome'].iloc[0]} on {short_date(answers['at'].iloc[0].date())}"
    return sentence + "."


def _happened(customer_id: str) -> sa.Subquery:
    """One row per thing that happened, columns as `timeline` describes them."""
    parts = [question.where(table.c.customer_id == customer_id) for table, question in QUESTIONS.values()]
    return sa.union_all(*parts).subquery()


def _text(value: sa.ColumnElement[Any] | str | None) -> sa.ColumnElement[str]:
    return sa.cast(value if isinstance(value, sa.ColumnElement) else sa.literal(value), sa.Text)


def _row(at: Any, until: Any, lane: Any, kind: str, title: Any, outcome: Any, detail: Any, key: Any) -> sa.Select[Any]:
    times = [sa.cast(time if time is not None else sa.null(), sa.DateTime) for time in (at, until)]
    texts = [_text(text) for text in (lane, kind, title, outcome, detail, key)]
    values: list[sa.ColumnElement[Any]] = [*times, *texts]
    return sa.select(*(value.label(name) for name, value in zip(_COLUMNS, values, strict=True)))


def _joined(*parts: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    """Texts that are there, with " · " between them."""
    joined: sa.ColumnElement[str] = sa.literal("")
    for part in parts:
        joined = joined.concat(sa.func.coalesce(sa.literal(" · ").concat(_text(part)), ""))
    return sa.func.substr(joined, 4)


def _short(figure: Any) -> sa.ColumnElement[str]:
    """A number without needless decimals."""
    return sa.case((figure == sa.func.floor(figure), _text(sa.cast(figure, sa.BigInteger))), else_=_text(figure))


def _money(value: Any, currency: Any) -> sa.ColumnElement[str]:
    return _text(sa.cast(value, sa.Numeric(18, 2))).concat(sa.func.coalesce(sa.literal(" ").concat(currency), ""))


def _plain(name: Any) -> sa.ColumnElement[str]:
    return sa.func.replace(name, "_", " ")


_capital = _answer.instrument.in_(("csat", "nps", "ces"))
_asked = sa.case((_capital, sa.func.upper(_answer.instrument)), else_=_plain(_answer.instrument))
_answered = sa.case(
    (sa.and_(_answer.score.is_(None), _answer.answered_at.is_(None)), "not answered"),
    (_answer.score.is_(None), "comment"),
    (sa.and_(_answer.scale_min == 0, _answer.scale_max == 1), sa.case((_answer.score == 1, "good"), else_="bad")),
    else_=_short(_answer.score).concat(" of ").concat(_short(_answer.scale_max)),
)
QUESTIONS = {  # kind -> its table and the select of its rows
    "contact": (interactions, _row(
        _contact.occurred_at, _contact.ended_at, sa.func.coalesce(_contact.channel, "contact"), "contact",
        sa.func.coalesce(_contact.reason, _contact.stage, "contact"),
        _contact.outcome, _joined(_contact.stage, _contact.touchpoint, _contact.team, _plain(_contact.handled_by)),
        _contact.interaction_id,
    )),
    "survey": (survey_answers, _row(
        sa.func.coalesce(_answer.answered_at, _answer.invited_at), None, "survey", "survey",
        _joined(_asked, _answer.dimension, _answer.stage), _answered, _answer.comment, _answer.answer_id,
    )),
    "order": (orders, _row(
        _order.ordered_at, _order.delivered_at, "order", "order", sa.literal("order ").concat(_order.order_id),
        _order.status, _joined(_money(_order.amount, _order.currency), _order.delivery), _order.order_id,
    )),
    "subscription": (subscriptions, _row(
        _sub.started_at, _sub.ended_at, "subscription", "subscription",
        sa.literal("subscription ").concat(_sub.subscription_id),
        sa.case((_sub.ended_at.is_(None), "running"), else_="ended"),
        _money(_sub.monthly_amount, _sub.currency).concat(" a month"), _sub.subscription_id,
    )),
}  # fmt: skip
