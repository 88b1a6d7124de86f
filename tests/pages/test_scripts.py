"""The page of scripts: what is pasted, and the forms that excuse a text and take it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.analyses.scripts_excused import excused
from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import company, judge
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, opened, plain, shown, use, well


@pytest.fixture
def kept(embedded: Embedded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ledger:
    """The ledger that the pages write to; the warehouse's pasted text is hostile."""
    tables, of_contacts, of_messages = company(90)
    for row in tables["interactions"]:
        row["team"] = HOSTILE[0] if row["team"] == "Loyalty" else row["team"]
        row["occurred_at"] = f"2026-04{row['occurred_at'][7:]}"  # the pages begin with the last month
    for row in of_messages:
        if row.get("scripted"):
            row["text"] = f"{HOSTILE[3]} our legal notice"
    url = filled(embedded, tables)
    judge(Warehouse(url), of_contacts, of_messages)
    use(monkeypatch, url)
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("CX_LEDGER_URL", ledger)
    return Ledger(ledger)


def test_excuse_and_take_back(kept: Ledger) -> None:
    test = opened("scripts")
    assert "of our agents' replies are scripted" in test.markdown[0].value
    assert len(charts(test)[0]["data"][0]["hovertext"]) == 3
    table = next(frame.value for frame in test.dataframe if "excused" in frame.value)
    assert table["how it reads, personal data masked"].tolist() == [f"{HOSTILE[3]} our legal notice"]
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [name for name in HOSTILE if name in written] and HOSTILE[0] in plain(written)
    box = next(box for box in test.selectbox if (box.key or "").startswith("Excuse text"))
    box.select_index(0)
    test = next(each for each in test.button if each.label == "Excuse").click().run()
    assert "say why" in plain(test.error[0].value) and excused(kept).empty
    next(field for field in test.text_input if field.key.startswith("Excuse reason")).set_value("legal")
    test = well(next(each for each in test.button if each.label == "Excuse").click().run())
    assert "no longer counts as scripted" in shown(test) and "##### 0.0 %" in plain(test.markdown[0].value)
    assert excused(kept)["reason"].tolist() == ["legal"]
    next(box for box in test.selectbox if (box.key or "").startswith("Take back text")).select_index(0)
    next(field for field in test.text_input if field.key.startswith("Take back reason")).set_value("changed")
    test = well(next(each for each in test.button if each.label == "Take back").click().run())
    assert "counts as scripted again" in shown(test) and excused(kept).empty
    assert " 30.0 %" in plain(test.markdown[0].value)
