"""The ledger as it was before it had versions: older ones have some of these tables already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make these tables, where they are not there already."""
    for make in (
        _audit,
        _entered_events,
        _excused_replies,
        _nominations,
        _predictions,
        _reply_labels,
        _theme_versions,
        _consents,
        _withdrawn_events,
    ):
        make()


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("audit_id"),
        if_not_exists=True,
    )


def _entered_events() -> None:
    op.create_table(
        "entered_events",
        sa.Column("event_id", sa.Integer, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("entered_at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
        if_not_exists=True,
    )


def _excused_replies() -> None:
    op.create_table(
        "excused_replies",
        sa.Column("excuse_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("template", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("excused", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("excuse_id"),
        if_not_exists=True,
    )


def _nominations() -> None:
    op.create_table(
        "nominations",
        sa.Column("nomination_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("interaction_id", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("situation", sa.Text, nullable=False),
        sa.Column("customer_said", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("nomination_id"),
        if_not_exists=True,
    )


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("prediction_id", sa.Integer, nullable=False),
        sa.Column("entered_at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("expected", sa.Double, nullable=False),
        sa.Column("low", sa.Double, nullable=True),
        sa.Column("high", sa.Double, nullable=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("prediction_id"),
        if_not_exists=True,
    )


def _reply_labels() -> None:
    op.create_table(
        "reply_labels",
        sa.Column("label_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("cognitive", sa.Integer, nullable=False),
        sa.Column("emotional", sa.Integer, nullable=False),
        sa.Column("compassionate", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("label_id"),
        if_not_exists=True,
    )


def _theme_versions() -> None:
    op.create_table(
        "theme_versions",
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("themes", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
        sa.UniqueConstraint("based_on"),
        if_not_exists=True,
    )


def _consents() -> None:
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("nomination_id", sa.Integer, nullable=False),
        sa.Column("given", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["nominations.nomination_id"],
        ),
        sa.PrimaryKeyConstraint("consent_id"),
        if_not_exists=True,
    )


def _withdrawn_events() -> None:
    op.create_table(
        "withdrawn_events",
        sa.Column("event_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["entered_events.event_id"],
        ),
        sa.PrimaryKeyConstraint("event_id"),
        if_not_exists=True,
    )
