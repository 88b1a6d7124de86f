"""What the tests of most pages begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
from tests.pages.opened import small_company, use


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The pages show sample_data/small."""
    return use(monkeypatch, small_company())


@pytest.fixture
def kept(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ledger:
    """The ledger that the pages write to, while they show the warehouse of the module's fixture `url`."""
    use(monkeypatch, url)
    ledger = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("CX_LEDGER_URL", ledger)
    return Ledger(ledger)
