"""What the tests of most pages begin with."""

from __future__ import annotations

import pytest

from cx_metrics.warehouse import Warehouse
from tests.pages.opened import small_company, use


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The pages show sample_data/small."""
    return use(monkeypatch, small_company())
