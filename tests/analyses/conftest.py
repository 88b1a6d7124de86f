"""On which engines analyses are asked.

Their questions are made of the metrics' own expressions, which tests/metrics asks on every engine. Those that write much
SQL of their own are asked on every engine here, too; the others on the embedded one, as a whole round takes minutes.
"""

from __future__ import annotations

import pytest

from tests.conftest import Embedded, Engine, Server

_EVERYWHERE = (
    "test_rule", "test_open_interventions", "test_initiative", "test_line_of_sight", "test_recoveries",
    "test_retention", "test_surveys", "test_voice", "test_empathy", "test_scripts", "test_friction", "test_price",
    "test_value_at_risk", "test_consistency", "test_help", "test_hand_over", "test_dead_ends", "test_moods",
)  # fmt: skip


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The engines of each test that asks one."""
    if "engine" in metafunc.fixturenames:
        name = str(metafunc.module.__name__).rsplit(".", 1)[-1]
        engines = [Embedded.name, Server.name] if name.startswith(_EVERYWHERE) else [Embedded.name]
        metafunc.parametrize("engine", engines, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Engine:
    """One of the engines."""
    found: Engine = request.getfixturevalue(request.param)
    return found
