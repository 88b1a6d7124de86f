"""What is celebrated: initiatives that work, teams that stand out or solved something; as a file and as a notice."""

from __future__ import annotations

import datetime
import html.parser
import re
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from cx_metrics.analyses import celebrated as module
from cx_metrics.analyses import recognition_digest
from cx_metrics.analyses.celebrated import INITIATIVES, TEAMS, empathic, solved, working
from cx_metrics.analyses.intervention_steps import OUTCOMES, claim, finish
from cx_metrics.analyses.notice_outbox import newest
from cx_metrics.analyses.recognition import Nomination, nominate
from cx_metrics.analyses.recognition_digest import Digest, digest, month_of, tell, to_html, to_notice
from cx_metrics.analyses.reply_texts import Reply
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import consents
from cx_metrics.notice_settings import NoticeSettings
from cx_metrics.scope import ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses.notice_service import DAY, NOW, opened, telling
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE

FIRST, LAST = datetime.date(2026, 11, 1), datetime.date(2026, 11, 30)


@pytest.fixture(scope="module")
def empty(embedded: Embedded) -> Warehouse:
    """A warehouse without data."""
    return Warehouse(embedded.empty_url())


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A new ledger."""
    return Ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def board(*names: str) -> SimpleNamespace:
    """What is known of these initiatives, of which the first works."""
    verdicts = ["shown to work", *["not shown"] * (len(names) - 1)]
    rows = [
        {"number": i, "name": name, "owner": "Ann", "start": FIRST, "n": 1234.0, "marking": "", "verdict": verdict}
        for i, (name, verdict) in enumerate(zip(names, verdicts, strict=True), start=1)
    ]
    said = ("2 run", *(f"{name}: Shown to work: it is 3 points higher." for name in names))
    return SimpleNamespace(tables={"initiatives": pd.DataFrame(rows)}, sentences=said)


def test_initiatives_that_work(empty: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    assert working(empty, ()).columns.tolist() == INITIATIVES and working(empty, ()).empty
    monkeypatch.setattr(module, "initiatives_analysis", lambda *_: board("Call back: now", "Idle"))
    (row,) = working(empty, ()).to_dict("records")
    assert (row["name"], row["said"]) == ("Call back: now", "Shown to work: it is 3 points higher.")


def test_teams_that_acknowledge_the_feeling_clearly_more_often(
    empty: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [
        ("all", "", 500, 30.0, 26.0, 34.0), ("team", "Zeal", 100, 60.0, 50.0, 69.0), ("team", "Few", 29, 90.0, 75.0, 97.0),
        ("team", "Near", 100, 38.0, 29.0, 48.0), ("team", "Able", 30, 60.0, 42.0, 75.0), ("team", "(not given)", 90, 60.0, 50.0, 69.0),
        ("channel", "web", 90, 60.0, 50.0, 69.0),
    ]  # fmt: skip
    frame = pd.DataFrame(cells, columns=["by", "group", "n", "value", "low", "high"])
    frame = frame.assign(figure="empathy_emotional_strong", title="t", suppressed=False)
    monkeypatch.setattr(module, "kinds", lambda *_: frame)
    found = empathic(empty, FIRST, LAST)
    assert found.columns.tolist() == TEAMS and found["team"].tolist() == ["Able", "Zeal"]
    assert found["said"][1] == (
        "strongly acknowledges the customer's feeling in 60.0 % of answered contacts (50.0 to 69.0 %; all teams 30.0 %), n = 100"
    )
    monkeypatch.setattr(module, "kinds", lambda *_: frame.assign(value=float("nan"), low=float("nan")))
    assert empathic(empty, FIRST, LAST).empty


def done(ledger: Ledger, team: str, outcome: str = OUTCOMES[0], at: datetime.datetime = NOW) -> None:
    """An intervention that ended."""
    number = opened(ledger, "c1", team, at=at - DAY)
    claim(ledger, number, 0, "Ann", at)
    finish(ledger, number, 1, "Ann", outcome, "", at)


def test_teams_that_solved_something(ledger: Ledger) -> None:
    for _ in range(5):
        done(ledger, "Stores")
        done(ledger, "Care", OUTCOMES[1])
        done(ledger, "", OUTCOMES[0])
    for _ in range(4):
        done(ledger, "Few")
    done(ledger, "Stores", at=NOW - 40 * DAY)
    opened(ledger, "c1", "Stores")
    (row,) = solved(ledger, FIRST, LAST).to_dict("records")
    assert (row["team"], row["n"], row["said"]) == ("Stores", 5, "reached and solved 5 interventions")
    assert solved(ledger, LAST, LAST).empty


def hostile() -> Digest:
    """A digest whose every text is hostile."""
    text = "".join(HOSTILE) + '"><img src=x onerror=alert(1)>'
    when = pd.Timestamp(NOW)
    reply = dict.fromkeys(("agent", "team", "situation", "customer_said", "reply", "who"), text) | {"agreed_at": when}
    begun = dict.fromkeys(INITIATIVES, text) | {"number": 1, "start": FIRST, "n": 5.0}
    team = dict.fromkeys(TEAMS, text) | {"n": 5}
    return Digest(FIRST, LAST, pd.DataFrame([reply]), pd.DataFrame([begun]), pd.DataFrame([team]))


def test_the_file_needs_nothing_else_and_runs_nothing() -> None:
    page = to_html(hostile())
    found: list[str] = []
    parser = html.parser.HTMLParser()
    parser.handle_starttag = lambda tag, _: found.append(tag)  # type: ignore[method-assign]
    parser.feed(page)
    assert not {"script", "img", "a", "b", "link", "iframe"} & set(found) and found.count("article") == 3
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "") and "url(" not in page
    assert "prefers-color-scheme:dark" in page and "@media print" in page and 'lang="en"' in page
    assert re.search(r"&lt;script&gt;alert\(1\)&lt;/script&gt;", page)


def test_the_month_with_what_came_to_the_wall(
    empty: Warehouse, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "initiatives_analysis", lambda *_: board("Call back", "Idle"))
    monkeypatch.setattr(recognition_digest, "empathic", lambda *_: pd.DataFrame(columns=TEAMS))
    for key, given, at in (("m1", 1, NOW), ("m2", 0, NOW), ("m3", 1, NOW - 40 * DAY)):
        reply = Reply(key, "i1", f"I am sorry about {key}", (("customer", "it broke"),), {}, {}, "A-1", "Stores")
        number = nominate(ledger, Nomination("Bob", "Käthe", "Stores", "a defect"), reply)
        ledger.append(consents, {"who": "Bob", "nomination_id": number, "given": given, "at": at}, "consent", "", "")
    for _ in range(5):
        done(ledger, "Stores")
    found = digest(empty, ledger, datetime.date(2026, 11, 17))
    assert (found.first, found.last) == (FIRST, LAST)
    assert (
        found.sentence
        == "November 2026: 1 reply came to the wall, 1 initiative is shown to work, 1 team worth celebrating."
    )
    page = to_html(found)
    assert "I am sorry about m1" in page and "m2" not in page and "Owner: Ann; begun on 1 Nov 2026; n = 1,234." in page
    assert "Reached and solved 5 interventions." in page
    title, body = to_notice(found, "https://cx.example.org")
    assert title == "Recognitions of November 2026" and "Call back (Ann): Shown to work" in body
    assert "sorry" not in body and "Käthe" not in body and body.endswith("https://cx.example.org/wall")
    assert digest(empty, ledger, datetime.date(2026, 10, 1)).initiatives.empty  # it had not begun
    told = telling("digest")
    assert (tell(ledger, told, found), tell(ledger, told, found), tell(ledger, NoticeSettings(), found)) == (1, 0, 0)
    assert newest(ledger)[0].about == "month 2026-11"


def test_a_month_without_anything(empty: Warehouse, ledger: Ledger) -> None:
    page = to_html(digest(empty, ledger, FIRST))
    for words in ("No reply came to the wall", "No initiative is shown to work yet", "No team stands out clearly"):
        assert words in page


def test_months() -> None:
    assert month_of(" 2026-06 ") == datetime.date(2026, 6, 1)
    for text in ("2026", "2026-13", "June"):
        with pytest.raises(ScopeError, match="is not a month; write it as 2026-06"):
            month_of(text)
