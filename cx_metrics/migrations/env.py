"""Run by alembic: the migrations over the connection that `upgrade` hands on."""

from __future__ import annotations

from alembic import context

from cx_metrics.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
