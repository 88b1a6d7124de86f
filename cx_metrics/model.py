"""The canonical tables: what every source becomes before anything is measured.

Column comments give meaning and unit; the glossary and the README print them from here. Times are UTC without zone,
keys are text, money carries its currency, scores carry their scale. Columns marked *derived* are computed at import
(`cx_metrics.enrich`) and never read from a file.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text

from cx_metrics.columns import customer, derived, integer, number, origin, text, time
from cx_metrics.measures import measure_columns
from cx_metrics.summaries import summary_tables
from cx_metrics.texts import answer_columns, contact_columns, judge_tables, message_columns, word_tables

metadata = MetaData()

customers = Table(
    "customers", metadata,
    text("customer_id", "key of the customer", required=True),
    text("name", "full name"),
    text("email", "e-mail address, compared without case"),
    text("phone", "phone number"),
    text("segment", "customer group, in the company's own words"),
    text("region", "sales or service region"),
    text("country", "country"),
    integer("birth_year", "year of birth", lowest=1880),
    time("signed_up_at", "when the customer signed up, UTC"),
    *origin(),
    comment="one row per customer",
)  # fmt: skip

identities = Table(
    "identities", metadata,
    text("source_customer_key", "a customer's key in a source", required=True),
    text("customer_id", "the customer that this key belongs to", required=True),
    text("matched_by", "how they were matched: given, email", default="given"),
    number("confidence", "how sure the match is, 0-1", lowest=0, highest=1, default=1.0),
    *origin(),
    comment="which source key is which customer; removing a row undoes the match",
)  # fmt: skip

interactions = Table(
    "interactions", metadata,
    text("interaction_id", "key of the contact", required=True),
    *customer(),
    text("case_id", "the matter that several contacts may belong to"),
    time("occurred_at", "when the contact began, UTC", required=True, happened=True),
    time("ended_at", "when the contact ended or was solved, UTC; empty = still open"),
    text("channel", "web, app, email, chat, phone, social, store, post, or the company's own names"),
    text("stage", "stage of the journey"),
    text("touchpoint", "the concrete place within the stage, e.g. checkout"),
    text("reason", "what the contact was about"),
    text("initiated_by", "who began the contact", allowed=("customer", "company")),
    text("handled_by", "who answered", allowed=("human", "bot", "self_service")),
    text("team", "team that handled the contact"),
    text("agent_id", "person who handled the contact"),
    number("wait_seconds", "time until the first answer, seconds", lowest=0),
    number("handle_seconds", "time spent handling, seconds", lowest=0),
    integer("transfers", "hand-overs to another person or team, count", lowest=0),
    integer("reopens", "times the contact was opened again, count", lowest=0),
    text("outcome", "how the contact ended", allowed=("resolved", "unresolved", "abandoned", "escalated")),
    time("promised_at", "when a result was promised, UTC; a promise given as a date holds until that day ends"),
    number("sentiment_start", "mood of the customer's first words, -1 to 1", lowest=-1, highest=1),
    number("sentiment_end", "mood of the customer's last words, -1 to 1", lowest=-1, highest=1),
    *origin(),
    *measure_columns(),
    *contact_columns(),
    comment="one row per contact between customer and company, on any channel",
)  # fmt: skip

messages = Table(
    "messages", metadata,
    text("message_id", "key of the message", required=True),
    text("interaction_id", "the contact it belongs to", required=True),
    time("sent_at", "when it was sent, UTC"),
    text("author", "who wrote it", required=True, allowed=("customer", "agent", "bot")),
    text("author_id", "key of the writer"),
    text("text", "what was written", long=True),
    *origin(),
    *message_columns(),
    comment="one row per message of a contact",
)  # fmt: skip

INSTRUMENTS = tuple("csat nps ces expectation perception belief believed_expectation importance resolved".split())
SCALES = {"nps": (0.0, 10.0), "ces": (1.0, 7.0), "importance": (0.0, 100.0), "resolved": (0.0, 1.0)}  # else 1-5
DEFAULT_SCALE = (1.0, 5.0)

survey_answers = Table(
    "survey_answers", metadata,
    text("answer_id", "key of the answer (one item of one respondent)", required=True),
    *customer(),
    text("interaction_id", "the contact that was asked about"),
    text("order_id", "the order that was asked about"),
    text("respondent", "who was asked", allowed=("customer", "employee"), default="customer"),
    text("instrument", "what was asked", required=True, allowed=INSTRUMENTS),
    text("dimension", "item within the instrument, e.g. reliability"),
    text("stage", "stage of the journey that was asked about"),
    number("score", "the answer on its own scale; empty = not answered"),
    number("scale_min", "lowest possible score"),
    number("scale_max", "highest possible score"),
    text("comment", "what the respondent wrote", long=True),
    time("invited_at", "when the invitation was sent, UTC", happened=True),
    time("answered_at", "when it was answered, UTC; empty = not answered", happened=True),
    number("weight", "the survey's own design weight", lowest=0, default=1.0),
    *origin(),
    text("channel", "channel that was asked about; of a known contact: its own"),
    text("touchpoint", "touchpoint that was asked about; of a known contact: its own"),
    derived("reason", Text, "reason of the contact that was asked about"),
    text("team", "team of the contact that was asked about, or of the employee who answers"),
    derived("handled_by", Text, "who handled the contact that was asked about"),
    derived("delivery", Text, "delivery of the order that was asked about: on time, late, not delivered"),
    derived("counts", BigInteger, "1: the latest answer of its customer, item and wave; only these are measured"),
    derived("invitation", BigInteger, "1 or, when answered, 2: the row that stands for its invitation; else 0"),
    *answer_columns(),
    comment="one row per invited or answered survey item, of customers and of employees",
)  # fmt: skip

orders = Table(
    "orders", metadata,
    text("order_id", "key of the order", required=True),
    *customer(),
    time("ordered_at", "when it was placed, UTC", required=True, happened=True),
    time("promised_at", "promised delivery, UTC; a promise given as a date holds until that day ends"),
    time("delivered_at", "actual delivery, UTC"),
    number("amount", "order value, in its currency"),
    text("currency", "ISO 4217 code"),
    text("status", "state of the order in the source's words"),
    *origin(),
    derived("delivery", Text, "on time, late (delivered after the promised day), not delivered"),
    derived("order_number", BigInteger, "1 for the customer's first order, 2 for the second, ..."),
    derived("first_ordered_at", DateTime, "when the customer's first order was placed, UTC"),
    derived("next_ordered_at", DateTime, "when the customer's next order was placed, UTC"),
    comment="one row per order",
)  # fmt: skip

subscriptions = Table(
    "subscriptions", metadata,
    text("subscription_id", "key of the subscription", required=True),
    *customer(),
    time("started_at", "when it began, UTC", required=True),
    time("ended_at", "when it ended, UTC; empty = still running"),
    number("monthly_amount", "price per month, in its currency", lowest=0),
    text("currency", "ISO 4217 code"),
    *origin(),
    comment="one row per subscription",
)  # fmt: skip

events = Table(
    "events", metadata,
    text("event_id", "key of the event", required=True),
    time("occurred_at", "when it happened or began, UTC", required=True),
    text("title", "what happened, in a few words", required=True),
    text("kind", "sort of event", allowed=("release", "price", "outage", "campaign", "initiative", "other"),
          default="other"),
    *origin(),
    comment="releases, price changes, outages, campaigns: marks on every trend",
)  # fmt: skip

touchpoint_owners = Table(
    "touchpoint_owners", metadata,
    text("touchpoint", "the touchpoint", required=True),
    text("team", "the team that owns it", required=True),
    text("part", "where the team works", allowed=("front_line", "back_office"), default="front_line"),
    *origin(),
    comment="which team owns which touchpoint",
)  # fmt: skip

loads = Table(
    "loads", metadata,
    Column("load_id", BigInteger, comment="number of the load, ascending"),
    Column("imported_at", DateTime, comment="when the import ran, UTC"),
    Column("source", Text, comment="name of the source"),
    Column("party", Text, comment="first: the company's own data; third: brought in from others"),
    Column("file", Text, comment="name of the file"),
    Column("table_name", Text, comment="canonical table that its rows became"),
    Column("fingerprint", Text, comment="hash of the file's bytes and of the way it was read"),
    Column("rows_read", BigInteger, comment="rows in the file = loaded + quarantined + duplicates + skipped"),
    Column("loaded", BigInteger, comment="rows new in the warehouse, or changed there"),
    Column("changed", BigInteger, comment="of the loaded: rows that changed an earlier one"),
    Column("quarantined", BigInteger, comment="rows set aside with a reason"),
    Column("duplicates", BigInteger, comment="rows that were there already, in the file or in the warehouse"),
    Column("skipped", BigInteger, comment="rows that are no record at all, by the format's or the mapping's rule"),
    Column("note", Text, comment="what the reader should know about the file, e.g. its encoding"),
    comment="what was read, file by file",
)  # fmt: skip

quarantine = Table(
    "quarantine", metadata,
    Column("load_id", BigInteger, comment="the load that set the row aside"),
    Column("source", Text, comment="name of the source"),
    Column("file", Text, comment="name of the file"),
    Column("line", BigInteger, comment="line in the file where the row begins (JSON: number of the record)"),
    Column("table_name", Text, comment="canonical table that the row was meant for"),
    Column("reason", Text, comment="what is wrong, and where"),
    Column("raw", Text, comment="the row as it was read, as JSON"),
    comment="rows that could not be used, with the reason",
)  # fmt: skip

known_customers, coverage, completeness, rules = summary_tables(metadata)
judges, reply_texts, excused_templates = judge_tables(metadata)
text_words, known_names, proposed_themes = word_tables(metadata)

SAMPLE_NOTE = "sample company"  # how `loads.note` begins for rows that are nobody's own

KEYS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id",),
    "identities": ("source_customer_key",),
    "interactions": ("interaction_id",),
    "messages": ("message_id",),
    "survey_answers": ("answer_id",),
    "orders": ("order_id",),
    "subscriptions": ("subscription_id",),
    "events": ("event_id",),
    "touchpoint_owners": ("touchpoint", "team"),
}
CANONICAL: dict[str, Table] = {name: metadata.tables[name] for name in KEYS}
TIME_COLUMN = {
    "interactions": "occurred_at", "survey_answers": "answered_at", "orders": "ordered_at",
    "subscriptions": "started_at", "messages": "sent_at", "events": "occurred_at", "customers": "signed_up_at",
}  # fmt: skip
