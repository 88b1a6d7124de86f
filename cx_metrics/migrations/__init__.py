"""How a ledger comes from any earlier version to the newest: one file per version, run in order by alembic."""

from __future__ import annotations

import functools
import threading
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

_alone = threading.Lock()  # alembic keeps what it works on in one place for the whole process
VERSION_TABLE = "ledger_version"  # a server's database may hold other products' versions, too


@functools.cache
def _newest() -> tuple[str, ...]:
    return tuple(ScriptDirectory(str(Path(__file__).parent)).get_heads())


def is_current(connection: sa.Connection) -> bool:
    """Whether a ledger is of the newest version."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    with _alone:
        return context.get_current_heads() == _newest()


def upgrade(connection: sa.Connection) -> None:
    """Bring a ledger to the newest version, within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _alone:
        command.upgrade(config, "head")
