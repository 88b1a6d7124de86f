"""Pages run without a browser, on the small sample company or on a few rows."""

from __future__ import annotations

import atexit
import datetime
import functools
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.intake.formats import plans_for
from cx_metrics.intake.load import import_plans
from cx_metrics.metrics.catalog import data_period
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, Tables

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = ("<script>alert(1)</script>", "**b** _i_", "$x$ `y`", "[a](javascript:1)", ":red[r] # | ~~s~~ &lt; <b>")


@functools.cache
def small_company() -> str:
    """URL of a warehouse with the files of sample_data/small, made once per test run; only read it."""
    folder = tempfile.mkdtemp(prefix="cx-small-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = f"duckdb:///{folder}/warehouse"
    import_plans(Warehouse(url), plans_for("auto", sorted((ROOT / "sample_data" / "small").iterdir())))
    return url


def filled(embedded: Embedded, tables: Tables) -> str:
    """URL of a new warehouse with these tables."""
    made = embedded.warehouse(tables)
    return made._url.render_as_string(hide_password=False)


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> Warehouse:
    """Let the pages show this warehouse."""
    monkeypatch.setenv("CX_WAREHOUSE_URL", url)
    monkeypatch.setenv("CX_LEDGER_URL", "sqlite://")
    return Warehouse(url)


def opened(page: str, **query: str | list[str]) -> AppTest:
    """A page as its file alone, or `_main`, the frame, with these values in its URL."""
    test = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    for name, value in query.items():
        test.query_params[name] = value
    return well(test.run())


def well(test: AppTest) -> AppTest:
    """The same, after a look that nothing went wrong."""
    assert not test.exception, [error.message for error in test.exception]
    assert not test.error, [error.value for error in test.error]
    return test


def last_year(warehouse: Warehouse) -> Scope:
    """The period that the pages begin with."""
    _, last = data_period(warehouse) or pytest.fail("no data")
    return Scope(last - datetime.timedelta(days=364), last)


def charts(test: AppTest) -> list[dict[str, Any]]:
    """The page's charts as Plotly gets them."""
    return [json.loads(chart.proto.spec) for chart in test.get("plotly_chart")]


def shown(test: AppTest) -> str:
    """All texts of the page as its reader sees them, one per line."""
    elements = [*test.title, *test.subheader, *test.markdown, *test.caption, *test.info, *test.success]
    return "\n".join(plain(element.value) for element in elements)


def plain(text: str) -> str:
    """Markdown with its escapes taken off."""
    return re.sub(r"\\([\W_])", r"\1", text)
