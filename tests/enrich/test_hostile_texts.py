"""Texts that nobody expects, through a real import on both engines: they do no harm, and what can be told is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from cx_metrics.intake.load import LoadReport, import_plans
from cx_metrics.intake.plan import Plan
from cx_metrics.intake.sources.canonical import SOURCE
from cx_metrics.model import interactions, messages, quarantine
from cx_metrics.warehouse import Warehouse
from tests.conftest import MakeWarehouse
from tests.enrich.judging_counted import words_of

LONG = "The lamp is terrible. " * 480_000  # above ten megabytes
HTML = (
    "<html><head><style>p {color: red}</style></head><body><p>The <b>lamp</b> is wonderful &amp; bright.</p>"
    "<div class='gmail_quote'>On Monday, Tom wrote:<blockquote>Your sofa is terrible, I am furious.</blockquote></div></body></html>"
)
MAIL = "The lamp is wonderful.\n\nOn Mon, 1 Jan 2024 at 10:00, Tom <tom@example.org> wrote:\n> The sofa is terrible.\n> I am furious.\n"
CONTROL = "The\u0007 lamp\u001b[31m is\u200b wonderful\ufeff.\u2028Thanks\u007f"
TEXTS: dict[str, Any] = {
    "long": LONG, "html": HTML, "mail": MAIL, "control": CONTROL, "emoji": "👍🏽👩‍👩‍👧‍👦🎉", "flag": "Great lamp 🏳️‍🌈, thank you so much!",
    "rtl": "המנורה הגיעה שבורה ואני רוצה החזר כספי \u202e!", "arabic": "المصباح مكسور وأريد استرداد أموالي", "empty": "", "blank": " \t\n ",
    "quote": "> only a quotation\n> and nothing new", "combining": "e" + "\u0301" * 5_000, "brackets": "<" * 50_000,
    "one word": "a" * 300_000, "formula": "=cmd|' /C calc'!A0", "nul": "The lamp\u0000 is terrible.",
}  # fmt: skip
SET_ASIDE = {"nul": "NUL byte", "surrogate": "not UTF-8"}


@pytest.fixture(scope="module")
def imported(
    make_shared_warehouse: MakeWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Warehouse, LoadReport]:
    folder = tmp_path_factory.mktemp("hostile")
    path, warehouse = folder / "messages.jsonl", make_shared_warehouse({})
    plan = Plan("chats", "messages", path, {name: name for name in ("message_id", "interaction_id", "author", "text")})
    lines = [
        json.dumps({"message_id": key, "interaction_id": key, "author": "customer", "text": text})
        for key, text in TEXTS.items()
    ]
    lines.append(
        '{"message_id": "surrogate", "interaction_id": "surrogate", "author": "customer", "text": "a lamp \\ud83d"}'
    )
    path.write_text("\n".join(lines))
    contacts = folder / "interactions.csv"
    rows = "".join(f"{key},2024-01-01\n" for key in [*TEXTS, "surrogate"])
    contacts.write_text(f"interaction_id,occurred_at\n{rows}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_DATA_FOLDER", str(folder / "data"))
        reports = import_plans(warehouse, [plan, *SOURCE.plans([contacts])])
    return warehouse, next(report for report in reports if report.table == "messages")


def test_every_row_is_accounted_for(imported: tuple[Warehouse, LoadReport]) -> None:
    warehouse, report = imported
    assert (report.read, report.loaded, report.quarantined) == (len(TEXTS) + 1, len(TEXTS) - 1, 2)
    aside = warehouse.read(sa.select(quarantine.c.raw, quarantine.c.reason))
    for key, reason in SET_ASIDE.items():
        assert reason in aside.loc[aside["raw"].str.contains(f'"{key}"'), "reason"].iloc[0]
    kept = warehouse.read(sa.select(sa.func.length(messages.c.text)).where(messages.c.message_id == "long"))
    assert kept.iloc[0, 0] >= 10_000_000


def test_what_is_told_of_them(imported: tuple[Warehouse, LoadReport]) -> None:
    warehouse, _ = imported
    columns = (messages.c.message_id, messages.c.language, messages.c.sentiment)
    found = {
        str(key): (code, mood)
        for key, code, mood in warehouse.read(sa.select(*columns)).astype(object).itertuples(index=False)
    }
    languages = {key: code if isinstance(code, str) else None for key, (code, _) in found.items()}
    assert languages == dict.fromkeys(found) | dict.fromkeys(("long", "html", "mail", "control", "flag"), "en") | {
        "rtl": "he", "arabic": "ar"
    }  # fmt: skip
    assert found["long"][1] < 0 < min(found[key][1] for key in ("html", "mail", "control", "flag"))
    judged = sa.select(messages.c.message_id).where(messages.c.judged_by.is_(None))
    assert set(warehouse.read(judged)["message_id"]) == {"empty", "blank"}
    nothing = sa.select(interactions.c.interaction_id).where(interactions.c.messages_judged.is_(None))
    assert set(warehouse.read(nothing)["interaction_id"]) == {"empty", "blank", *SET_ASIDE}


def test_only_the_new_part_of_a_mail_counts(imported: tuple[Warehouse, LoadReport]) -> None:
    warehouse, _ = imported
    words = words_of(warehouse)
    assert words["mail"] == {"lamp", "wonderful"} and words["html"] == {"lamp", "wonderful", "bright"}
    assert words["control"] == {"lamp", "wonderful"} and words["long"] == {"lamp", "terrible"}
    columns = (interactions.c.interaction_id, interactions.c.frustration)
    shown = dict(warehouse.read(sa.select(*columns)).itertuples(index=False))
    assert (shown["html"], shown["mail"], shown["long"]) == (0, 0, 1)
    assert "quote" not in words
