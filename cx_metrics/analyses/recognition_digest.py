"""The month's recognitions: replies that came to the wall, initiatives that are shown to work, and teams.

As one HTML file that needs nothing else, reads in light and dark and prints, and as a notice.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from cx_metrics.analyses.celebrated import ASSUMPTIONS, empathic, solved, working
from cx_metrics.analyses.initiative_register import registered
from cx_metrics.analyses.notice_words import Draft, defused, linked
from cx_metrics.analyses.notice_writing import on_the_wall, write
from cx_metrics.ledger import Ledger
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.scope import ScopeError, short_date
from cx_metrics.warehouse import Warehouse

_STYLE = """
:root{color-scheme:light dark;--ink:#1F2933;--quiet:#52606D;--ground:#fff;--card:#F4F6F8;--line:#0072B2}
@media (prefers-color-scheme:dark){:root{--ink:#E4E7EB;--quiet:#A6B1BC;--ground:#11151A;--card:#1B222A;--line:#56B4E9}}
@media print{:root{--ink:#000;--quiet:#444;--ground:#fff;--card:#fff;--line:#0072B2}article{break-inside:avoid}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:44rem;padding:1.5rem 1rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin:0 0 .5rem}
article{background:var(--card);border-left:4px solid var(--line);padding:.8rem 1rem;margin:.8rem 0}
blockquote{margin:.5rem 0;white-space:pre-wrap}small,footer{color:var(--quiet)}footer{margin-top:2rem;font-size:.85rem}
"""


@dataclass(frozen=True)
class Digest:
    """first, last: days of the month. replies: nominations that came to the wall in it, oldest first. initiatives:
    INITIATIVES of `celebrated`, as they stand now. teams: TEAMS of `celebrated`."""

    first: datetime.date
    last: datetime.date
    replies: pd.DataFrame = field(hash=False)
    initiatives: pd.DataFrame = field(hash=False)
    teams: pd.DataFrame = field(hash=False)

    @property
    def month(self) -> str:
        """June 2026."""
        return f"{self.first:%B %Y}"

    @property
    def sentence(self) -> str:
        """How much there is to celebrate."""
        parts = ((len(self.replies), "reply", "replies"), (len(self.initiatives), "initiative", "initiatives"),
                 (self.teams["team"].nunique(), "team", "teams"))  # fmt: skip
        said = [f"{count} {one if count == 1 else many}" for count, one, many in parts]
        verb = "is" if len(self.initiatives) == 1 else "are"
        return f"{self.month}: {said[0]} came to the wall, {said[1]} {verb} shown to work, {said[2]} worth celebrating."


def month_of(text: str) -> datetime.date:
    """The first day of a month written as 2026-06. Raises ScopeError."""
    try:
        return datetime.datetime.strptime(text.strip(), "%Y-%m").date()
    except ValueError:
        raise ScopeError(f"{text!r} is not a month; write it as 2026-06") from None


def digest(warehouse: Warehouse, ledger: Ledger, month: datetime.date) -> Digest:
    """The recognitions of the month that a day lies in. Raises LedgerError."""
    first = month.replace(day=1)
    after = (first + datetime.timedelta(days=31)).replace(day=1)
    last = after - datetime.timedelta(days=1)
    begin, end = (datetime.datetime.combine(day, datetime.time()) for day in (first, after))
    replies = on_the_wall(ledger.read, begin, end)
    begun = working(warehouse, registered(ledger))
    begun = begun[pd.Series([start <= last for start in begun["start"]], begun.index, dtype=bool)]
    teams = [frame for frame in (solved(ledger, first, last), empathic(warehouse, first, last)) if len(frame)]
    both = pd.concat(teams, ignore_index=True) if teams else solved(ledger, first, last)
    return Digest(first, last, replies, begun, both.sort_values("team", kind="stable", ignore_index=True))


def to_notice(found: Digest, link: str) -> tuple[str, str]:
    """Title and body: how much, which initiatives and teams; who is praised stands on the wall alone, where a consent
    that is taken back counts at once."""
    lines = [found.sentence]
    lines += [f"{defused(row['name'])} ({defused(row['owner'])}): {defused(row['said'])} n = {row['n']:,.0f}."
              for row in found.initiatives.to_dict("records")]  # fmt: skip
    lines += [f"{defused(row['team'])} {defused(row['said'])}." for row in found.teams.to_dict("records")]
    return f"Recognitions of {found.month}", "\n".join([*lines, *filter(None, [linked(link, "wall")])])


def tell(ledger: Ledger, told: NoticeSettings, found: Digest) -> int:
    """Write the digest for everybody who is told of digests and has no notice about this month; returns how many.
    Raises LedgerError."""
    title, body = to_notice(found, told.link)
    about = f"month {found.first:%Y-%m}"
    return write(ledger, [Draft("digest", about, one.name, title, body) for one in told.told("digest")])


def to_html(found: Digest) -> str:
    """One HTML file, with every text escaped and nothing loaded from elsewhere."""
    title = escape(f"Who did it well in {found.month}?")
    parts = [
        *_section("Replies", [_reply(row) for row in found.replies.to_dict("records")],
                  "No reply came to the wall in this month."),
        *_section("Initiatives that are shown to work", [_initiative(row) for row in
                  found.initiatives.to_dict("records")], "No initiative is shown to work yet."),
        *_section("Teams", [_card(f"{row['team']}", f"{row['said'][:1].upper()}{row['said'][1:]}.", "")
                  for row in found.teams.to_dict("records")], "No team stands out clearly in this month."),
    ]  # fmt: skip
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return "\n".join([
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{title}</h1><p>{escape(found.sentence)}</p>", *parts,
        f"<footer><p>{escape(' '.join(_covers(found)))}</p></footer></body></html>", "",
    ])  # fmt: skip


def _covers(found: Digest) -> tuple[str, ...]:
    days = f"{short_date(found.first)} to {short_date(found.last)} (UTC)"
    return (
        f"Replies: those whose writers agreed to be shown, {days}; personal data of customers is masked by rules. "
        "Initiatives: as measured now, with all data there are.", *ASSUMPTIONS,
    )  # fmt: skip


def _section(title: str, cards: list[str], none: str) -> list[str]:
    return [f"<h2>{escape(title)}</h2>", *(cards or [f"<p><small>{escape(none)}</small></p>"])]


def _reply(row: dict[Any, Any]) -> str:
    signed = ", ".join(text for text in (row["agent"], row["team"], short_date(row["agreed_at"].date())) if text)
    said = f"The customer: {row['customer_said']}" if row["customer_said"] else ""
    quote = f"<blockquote>{escape(row['reply'])}</blockquote>"
    return _card(row["situation"], said, f"{signed}; nominated by {row['who']}", quote)


def _initiative(row: dict[Any, Any]) -> str:
    ending = f"Owner: {row['owner']}; begun on {short_date(row['start'])}; n = {row['n']:,.0f}."
    return _card(row["name"], row["said"], " ".join(filter(None, [ending, row["marking"]])))


def _card(title: str, text: str, small: str, markup: str = "") -> str:
    """markup: already escaped."""
    lines = [f"<h3>{escape(title)}</h3>", f"<p>{escape(text)}</p>" if text else "", markup,
             f"<small>{escape(small)}</small>" if small else ""]  # fmt: skip
    return f"<article>{''.join(lines)}</article>"
