"""Interventions, notices, initiatives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Make these tables, where they are not there already."""
    for make in (
        _initiative_versions,
        _interventions,
        _notices,
        _rule_versions,
        _deliveries,
        _intervention_evidence,
        _intervention_steps,
        _delivery_results,
    ):
        make()


def _initiative_versions() -> None:
    op.create_table(
        "initiative_versions",
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("initiative", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("hypothesis", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("comparison", sa.Text, nullable=False),
        sa.Column("start", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=True),
        sa.Column("expected", sa.Double, nullable=False),
        sa.Column("cost", sa.Double, nullable=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("sample", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
        sa.UniqueConstraint("initiative", "version", name="version_once"),
        if_not_exists=True,
    )


def _interventions() -> None:
    op.create_table(
        "interventions",
        sa.Column("intervention_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("rules_version", sa.Integer, nullable=False),
        sa.Column("happened_at", sa.DateTime, nullable=False),
        sa.Column("interaction_id", sa.Text, nullable=True),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=True),
        sa.Column("stage", sa.Text, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("at_stake", sa.Double, nullable=True),
        sa.Column("currency", sa.Text, nullable=True),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("intervention_id"),
        if_not_exists=True,
    )
    op.create_index("ix_interventions_customer_id", "interventions", ["customer_id"], if_not_exists=True)


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("notice_id"),
        sa.UniqueConstraint("kind", "about", "recipient", name="notice_once"),
        if_not_exists=True,
    )


def _rule_versions() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("version_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version_id"),
        sa.UniqueConstraint("based_on"),
        if_not_exists=True,
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("notice_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notices.notice_id"],
        ),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint("notice_id", "number", name="try_once"),
        if_not_exists=True,
    )


def _intervention_evidence() -> None:
    op.create_table(
        "intervention_evidence",
        sa.Column("evidence_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("intervention_id", sa.Integer, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("happened_at", sa.DateTime, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["intervention_id"],
            ["interventions.intervention_id"],
        ),
        sa.PrimaryKeyConstraint("evidence_id"),
        sa.UniqueConstraint("rule", "fact", name="evidence_once"),
        if_not_exists=True,
    )
    op.create_index(
        "ix_intervention_evidence_intervention_id", "intervention_evidence", ["intervention_id"], if_not_exists=True
    )


def _intervention_steps() -> None:
    op.create_table(
        "intervention_steps",
        sa.Column("step_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("intervention_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["intervention_id"],
            ["interventions.intervention_id"],
        ),
        sa.PrimaryKeyConstraint("step_id"),
        sa.UniqueConstraint("intervention_id", "number", name="step_once"),
        if_not_exists=True,
    )


def _delivery_results() -> None:
    op.create_table(
        "delivery_results",
        sa.Column("delivery_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.delivery_id"],
        ),
        sa.PrimaryKeyConstraint("delivery_id"),
        if_not_exists=True,
    )
