"""Where things are kept: environment variables, else the user's data folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from cx_metrics import dialect


def data_folder() -> Path:
    """The user's data folder of the product (`CX_DATA_FOLDER` moves it)."""
    given = os.environ.get("CX_DATA_FOLDER")
    return Path(given) if given else Path(platformdirs.user_data_dir("cx-metrics", appauthor=False))


def warehouse_url() -> str:
    """`CX_WAREHOUSE_URL`, else the embedded engine in the data folder."""
    return os.environ.get("CX_WAREHOUSE_URL") or f"{dialect.EMBEDDED}:///{data_folder() / 'warehouse'}"


def is_newcomer() -> bool:
    """Whether nobody has said where things are kept: only then is the sample company loaded unasked."""
    return not (os.environ.get("CX_WAREHOUSE_URL") or os.environ.get("CX_LEDGER_URL"))


def ledger_url() -> str:
    """`CX_LEDGER_URL`, else a file in the data folder."""
    return os.environ.get("CX_LEDGER_URL") or dialect.ledger_file(data_folder() / "ledger.db")


def journey_file() -> Path:
    """`CX_JOURNEY_FILE`, else journey.toml in the data folder."""
    given = os.environ.get("CX_JOURNEY_FILE")
    return Path(given) if given else data_folder() / "journey.toml"


def company_file(name: str) -> Path:
    """Where a company's own additions to a shipped file of that name lie: the data folder."""
    return data_folder() / name
