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
rule_versions = sa.Table(
    "rule_versions", metadata,
    sa.Column("version_id", sa.Integer, primary_key=True, comment="number of the version, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it was saved, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who saved it"),
    sa.Column("based_on", sa.Integer, nullable=False, unique=True,
              comment="the version that was changed, which only one can follow; 0 = the shipped rules"),
    sa.Column("change", sa.Text, nullable=False, comment="what was done, in words"),
    sa.Column("rules", sa.Text, nullable=False, comment="all rules, as TOML"),
    comment="the rules that open interventions, whole, as they stood after each change",
)  # fmt: skip
interventions = sa.Table(
    "interventions", metadata,
    sa.Column("intervention_id", sa.Integer, primary_key=True, comment="number of the intervention, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it was opened, UTC"),
    sa.Column("customer_id", sa.Text, nullable=False, index=True, comment="the customer who needs a person"),
    sa.Column("rule", sa.Text, nullable=False, comment="name of the rule that opened it"),
    sa.Column("rules_version", sa.Integer, nullable=False, comment="version of the rules; 0 = the shipped ones"),
    sa.Column("happened_at", sa.DateTime, nullable=False, comment="when the moment was that calls for a person, UTC"),
    sa.Column("interaction_id", sa.Text, comment="the contact of that moment; empty = none"),
    sa.Column("team", sa.Text, nullable=False, comment="team that is to act; empty = anybody"),
    sa.Column("channel", sa.Text, comment="channel of that contact"),
    sa.Column("stage", sa.Text, comment="stage of that contact"),
    sa.Column("reason", sa.Text, comment="reason of that contact"),
    sa.Column("at_stake", sa.Double, comment="yearly value of the customer; empty = not known"),
    sa.Column("currency", sa.Text, comment="its currency"),
    sa.Column("due_at", sa.DateTime, nullable=False, comment="until when somebody should have acted, UTC"),
    comment="customers who need a person now, as they were found at an import",
)  # fmt: skip
intervention_evidence = sa.Table(
    "intervention_evidence", metadata,
    sa.Column("evidence_id", sa.Integer, primary_key=True, comment="number of the entry, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it was found, UTC"),
    sa.Column("intervention_id", sa.Integer, sa.ForeignKey(interventions.c.intervention_id), nullable=False, index=True,
              comment="the intervention that it speaks for"),
    sa.Column("rule", sa.Text, nullable=False, comment="name of the rule that found it"),
    sa.Column("fact", sa.Text, nullable=False, comment="what was found, e.g. contact I-17: found once by a rule"),
    sa.Column("happened_at", sa.DateTime, nullable=False, comment="when it happened, UTC"),
    sa.Column("said", sa.Text, nullable=False, comment="what happened, in words, without the customer's own"),
    sa.UniqueConstraint("rule", "fact", name="evidence_once"),
    comment="why a customer is in the queue; a later moment of one who is still there is added to it",
)  # fmt: skip
intervention_steps = sa.Table(
    "intervention_steps", metadata,
    sa.Column("step_id", sa.Integer, primary_key=True, comment="number of the step, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who did it"),
    sa.Column("intervention_id", sa.Integer, sa.ForeignKey(interventions.c.intervention_id), nullable=False,
              comment="the intervention"),
    sa.Column("number", sa.Integer, nullable=False, comment="1 for its first step, 2 for the next; each once"),
    sa.Column("action", sa.Text, nullable=False, comment="claim, release, note, snooze, hand over, outcome, reopen"),
    sa.Column("words", sa.Text, nullable=False, comment="what the person wrote"),
    sa.Column("status", sa.Text, nullable=False, comment="afterwards: open, claimed, snoozed, done"),
    sa.Column("assignee", sa.Text, nullable=False, comment="afterwards: who has it; empty = nobody"),
    sa.Column("team", sa.Text, nullable=False, comment="afterwards: the team that is to act"),
    sa.Column("due_at", sa.DateTime, nullable=False, comment="afterwards: until when somebody should have acted, UTC"),
    sa.Column("outcome", sa.Text, nullable=False, comment="afterwards: how it ended; empty = not yet"),
    sa.UniqueConstraint("intervention_id", "number", name="step_once"),
    comment="what people did about an intervention; the newest step says how it stands",
)  # fmt: skip
notices = sa.Table(
    "notices", metadata,
    sa.Column("notice_id", sa.Integer, primary_key=True, comment="number of the notice, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it was written, UTC"),
    sa.Column("kind", sa.Text, nullable=False, comment="new, overdue, recognition, weekly, digest, trial"),
    sa.Column("about", sa.Text, nullable=False, comment="what it is about, e.g. intervention 17: told once"),
    sa.Column("recipient", sa.Text, nullable=False, comment="name of the recipient in the settings"),
    sa.Column("title", sa.Text, nullable=False, comment="its first line"),
    sa.Column("body", sa.Text, nullable=False, comment="what it says"),
    sa.UniqueConstraint("kind", "about", "recipient", name="notice_once"),
    comment="what our own people are to be told: the outbox",
)  # fmt: skip
deliveries = sa.Table(
    "deliveries", metadata,
    sa.Column("delivery_id", sa.Integer, primary_key=True, comment="number of the try, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it began, UTC"),
    sa.Column("notice_id", sa.Integer, sa.ForeignKey(notices.c.notice_id), nullable=False, comment="the notice"),
    sa.Column("number", sa.Integer, nullable=False, comment="1 for its first try, 2 for the next; each once"),
    sa.UniqueConstraint("notice_id", "number", name="try_once"),
    comment="tries to deliver a notice, noted before they begin",
)  # fmt: skip
delivery_results = sa.Table(
    "delivery_results", metadata,
    sa.Column("delivery_id", sa.Integer, sa.ForeignKey(deliveries.c.delivery_id), primary_key=True, autoincrement=False,
              comment="the try"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when it ended, UTC"),
    sa.Column("state", sa.Text, nullable=False, comment="sent, failed, tested (nothing left the machine), withdrawn "
              "(the agent's consent was taken back)"),
    sa.Column("reason", sa.Text, nullable=False, comment="why it failed; empty = it did not"),
    comment="how tries to deliver a notice ended; one without an end was cut off",
)  # fmt: skip
initiative_versions = sa.Table(
    "initiative_versions", metadata,
    sa.Column("version_id", sa.Integer, primary_key=True, comment="number of the entry, ascending"),
    sa.Column("at", sa.DateTime, nullable=False, comment="when, UTC"),
    sa.Column("who", sa.Text, nullable=False, comment="who wrote it"),
    sa.Column("initiative", sa.Integer, nullable=False, comment="number of the initiative"),
    sa.Column("version", sa.Integer, nullable=False, comment="1 as it was registered, 2 after the first change"),
    sa.Column("name", sa.Text, nullable=False, comment="what it is called"),
    sa.Column("owner", sa.Text, nullable=False, comment="who answers for it"),
    sa.Column("hypothesis", sa.Text, nullable=False, comment="why it should work, in words"),
    sa.Column("metric", sa.Text, nullable=False, comment="name of the target metric"),
    sa.Column("target", sa.Text, nullable=False, comment="whom it is for: JSON, dimension -> values"),
    sa.Column("comparison", sa.Text, nullable=False, comment="whom it is compared with: JSON, dimension -> values"),
    sa.Column("start", sa.Date, nullable=False, comment="its first day"),
    sa.Column("last_day", sa.Date, comment="after it the effect is no longer looked at; empty = open"),
    sa.Column("expected", sa.Double, nullable=False, comment="the effect that is hoped for, in the metric's unit"),
    sa.Column("cost", sa.Double, comment="money spent; empty = not said"),
    sa.Column("currency", sa.Text, nullable=False, comment="its currency"),
    sa.Column("state", sa.Text, nullable=False, comment="planned, running, finished, stopped"),
    sa.Column("change", sa.Text, nullable=False, comment="why this version was written"),
    sa.Column("sample", sa.Integer, nullable=False, comment="1: belongs to the invented company; else 0"),
    sa.UniqueConstraint("initiative", "version", name="version_once"),
    comment="initiatives as registered and after each change",
)  # fmt: skip
