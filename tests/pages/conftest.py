"""What the tests of most pages begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.ledger import Ledger
from cx_metrics.warehouse import Warehouse
from tests.pages.opened import small_company, use


@pytest.fixture(scope="session", autouse=True)
def no_components() -> Iterator[None]:
    """Each page that a test runs would read what all installed packages say of themselves, for components of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        yield


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
