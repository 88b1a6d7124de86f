"""The tables of the ledger: what our people decided, wrote and expected. Every one is append-only."""

from __future__ import annotations

import sqlalchemy as sa

from cx_metrics.texts import EMPATHY

metadata = sa.MetaData()
audit = sa.Table(
    "audit", metadata,
    sa.Column("audit_id", sa.Integer, primary_key=True, comment="number of the entry, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="account that did it"),
    sa.Column("action", sa.Text, nullable=False, comment="import, sample, quarantine export, event, ..."),
    sa.Column("subject", sa.Text, nullable=False, comment="what it was done to"),
    sa.Column("detail", sa.Text, nullable=False, comment="outcome in words"),
    comment="who did what, append-only",
)  # fmt: skip
entered_events = sa.Table(  # a server's database may hold the warehouse too, whose events are a table of their own
    "entered_events", metadata,
    sa.Column("event_id", sa.Integer, primary_key=True, comment="number of the event, ascending"),
    sa.Column("occurred_at", sa.DateTime, nullable=False, comment="when it happened or began, UTC"),
    sa.Column("title", sa.Text, nullable=False, comment="what happened, in a few words"),
    sa.Column("kind", sa.Text, nullable=False, comment="sort of event, one of those that the warehouse's events have"),
    sa.Column("entered_at", sa.DateTime, nullable=False, comment="when it was entered, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who entered it"),
    comment="releases, price changes, outages, campaigns that people entered, append-only",
)  # fmt: skip
withdrawn_events = sa.Table(
    "withdrawn_events", metadata,
    sa.Column("event_id", sa.Integer, sa.ForeignKey(entered_events.c.event_id), primary_key=True, autoincrement=False,
              comment="the event that is no longer drawn"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who withdrew it"),
    comment="entered events that were withdrawn, append-only",
)  # fmt: skip
predictions = sa.Table(
    "predictions", metadata,
    sa.Column("prediction_id", sa.Integer, primary_key=True, comment="number of the prediction, ascending"),
    sa.Column("entered_at", sa.DateTime, nullable=False, comment="when it was entered, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who entered it"),
    sa.Column("team", sa.Text, nullable=False, comment="the team whose belief it is"),
    sa.Column("metric", sa.Text, nullable=False, comment="name of the metric"),
    sa.Column("first_day", sa.Date, nullable=False, comment="first day of the period"),
    sa.Column("last_day", sa.Date, nullable=False, comment="last day of the period, included"),
    sa.Column("filters", sa.Text, nullable=False, comment="whose value: JSON, dimension -> values"),
    sa.Column("expected", sa.Double, nullable=False, comment="expected value, in the metric's unit"),
    sa.Column("low", sa.Double, comment="from here on the team is 90 % sure; empty = no range given"),
    sa.Column("high", sa.Double, comment="up to here the team is 90 % sure"),
    sa.Column("note", sa.Text, nullable=False, comment="why, in the team's words"),
    comment="what teams expected of a coming period, append-only",
)  # fmt: skip
theme_versions = sa.Table(
    "theme_versions", metadata,
    sa.Column("version_id", sa.Integer, primary_key=True, comment="number of the version, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it was saved, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who saved it"),
    sa.Column("based_on", sa.Integer, nullable=False, unique=True,
              comment="the version that was changed, which only one can follow; 0 = the proposal from the data"),
    sa.Column("change", sa.Text, nullable=False, comment="what was done, in words"),
    sa.Column("themes", sa.Text, nullable=False, comment="all themes with their words, as JSON"),
    comment="the themes of what customers say, whole, as they stood after each change",
)  # fmt: skip
reply_labels = sa.Table(
    "reply_labels", metadata,
    sa.Column("label_id", sa.Integer, primary_key=True, comment="number of the label, ascending; the newest counts"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who judged the reply"),
    sa.Column("message_id", sa.Text, nullable=False, comment="the reply"),
    *(sa.Column(kind, sa.Integer, nullable=False, comment=f"{kind} empathy: 0 none, 1 weak, 2 strong")
      for kind in EMPATHY),
    comment="how people judged the empathy of replies, blind to the rules",
)  # fmt: skip
excused_replies = sa.Table(
    "excused_replies", metadata,
    sa.Column("excuse_id", sa.Integer, primary_key=True, comment="number of the entry, ascending; the newest counts"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who decided it"),
    sa.Column("template", sa.BigInteger, nullable=False, comment="number of the replies that read alike"),
    sa.Column("text", sa.Text, nullable=False, comment="how they read"),
    sa.Column("reason", sa.Text, nullable=False, comment="why they are excused, e.g. a legal notice"),
    sa.Column("excused", sa.Integer, nullable=False, comment="1: excused from the scripted share; 0: no longer"),
    comment="standard texts that are good as they are",
)  # fmt: skip
nominations = sa.Table(
    "nominations", metadata,
    sa.Column("nomination_id", sa.Integer, primary_key=True, comment="number of the nomination, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who nominated it"),
    sa.Column("message_id", sa.Text, nullable=False, comment="the reply"),
    sa.Column("interaction_id", sa.Text, nullable=False, comment="its contact"),
    sa.Column("agent", sa.Text, nullable=False, comment="who wrote the reply, as they are to be named"),
    sa.Column("team", sa.Text, nullable=False, comment="their team"),
    sa.Column("situation", sa.Text, nullable=False, comment="what the customer was facing, in a few words"),
    sa.Column("customer_said", sa.Text, nullable=False, comment="the customer's words, personal data masked"),
    sa.Column("reply", sa.Text, nullable=False, comment="the reply, personal data masked"),
    comment="replies that are worth being an example",
)  # fmt: skip
consents = sa.Table(
    "consents", metadata,
    sa.Column("consent_id", sa.Integer, primary_key=True, comment="number of the entry, ascending; the newest counts"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who recorded it"),
    sa.Column("nomination_id", sa.Integer, sa.ForeignKey(nominations.c.nomination_id), nullable=False,
              comment="the nomination"),
    sa.Column("given", sa.Integer, nullable=False, comment="1: the agent agrees to be shown; 0: not, or no longer"),
    comment="what agents said about being shown on the recognition wall",
)  # fmt: skip
