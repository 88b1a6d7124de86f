"""Generated companies, made once per test run."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import sample_measures  # noqa: E402

from sample_data.generate import generate  # noqa: E402
from sample_data.truths import TRUTHS  # noqa: E402

MIDDLE = {"customers": 5_000, "contacts": 50_000}
SMALL = {"customers": 400, "contacts": 2_500}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company of sample_data/small, generated anew."""
    return generate(tmp_path_factory.mktemp("small"), **SMALL)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> sample_measures.Company:
    """A mid-size company with all truths."""
    return sample_measures.read(generate(tmp_path_factory.mktemp("middle"), **MIDDLE))


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> sample_measures.Company:
    """A mid-size company with no truth at all."""
    return sample_measures.read(generate(tmp_path_factory.mktemp("plain"), **MIDDLE, without=frozenset(TRUTHS)))
