"""What judging texts leaves behind: the derived columns of messages, contacts and answers, and the tables beside them.

They are measures of the words. What a judge cannot tell (another language, too short) stays empty, and is counted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Double, MetaData, Table, Text

from cx_metrics.columns import derived

EMPATHY = ("cognitive", "emotional", "compassionate")
CUES = ("frustration", "confusion", "urgency", "gratitude", "leaving", "repeated_information")
_MEANING = {
    "frustration": "shows frustration", "confusion": "shows confusion", "urgency": "says that it is urgent",
    "gratitude": "thanks", "leaving": "speaks of leaving",
    "repeated_information": "says to have said it before",
}  # fmt: skip


def message_columns() -> tuple[Column[Any], ...]:
    """What is measured of each message."""
    grades = [
        derived(f"empathy_{kind}", BigInteger, f"{kind} empathy in a reply's words: 0 none, 1 weak, 2 strong")
        for kind in EMPATHY
    ]
    return (
        derived("language", Text, "language, ISO 639-1; empty = cannot be told"),
        derived("sentiment", Double, "mood of a customer's words, -1 to 1; empty = cannot be judged"),
        *grades,
        derived("template", BigInteger, "number of an agent's reply without names, numbers and greeting"),
        derived("scripted", BigInteger, "1: a reply that occurs in many conversations and is not excused; else 0"),
        derived("evidence", Text, "the words that show each cue or kind of empathy, as JSON: name -> words"),
        derived("judged_by", Text, "the judge and its version; empty = not judged yet"),
    )


def contact_columns() -> tuple[Column[Any], ...]:
    """What is measured of a contact's messages together; empty where there is no text that could be judged."""
    moods = {"start": "first", "lowest": "worst", "end": "last"}
    return (
        *(derived(f"judged_{name}", Double, f"mood of the customer's {word} words, as judged, -1 to 1")
          for name, word in moods.items()),
        *(derived(cue, BigInteger, f"1: the customer {_MEANING[cue]}; 0: not; empty = no text") for cue in CUES),
        *(derived(f"empathy_{kind}", BigInteger, f"{kind} empathy of the replies: 0 none, 1 weak, 2 strong")
          for kind in EMPATHY),
        derived("moods", BigInteger, "how many of the customer's messages have a mood"),
        derived("messages_judged", BigInteger, "how many messages of the contact were looked at"),
    )  # fmt: skip


def answer_columns() -> tuple[Column[Any], ...]:
    """What is measured of a survey answer's comment."""
    return (
        derived("language", Text, "language of the comment, ISO 639-1; empty = cannot be told"),
        derived("sentiment", Double, "mood of the comment, -1 to 1; empty = cannot be judged"),
        derived("evidence", Text, "the words that show each cue, as JSON: name -> words"),
        derived("judged_by", Text, "the judge and its version; empty = not judged yet"),
    )


def judge_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """judges, reply_texts, excused_templates."""
    judges = Table(
        "judges", metadata,
        Column("name", Text, comment="what is judged: mood; all: the version in use; tried: when one was last trained"),
        Column("version", Text, comment="changes whenever the judge does"),
        Column("made_at", DateTime, comment="when it was trained, UTC"),
        Column("card", Text, comment="how it was made and how good it is on held-out comments, as JSON"),
        Column("model", Text, comment="the trained weights, as text"),
        comment="judges that learned from the company's own scored comments",
    )  # fmt: skip
    reply_texts = Table(
        "reply_texts", metadata,
        Column("template", BigInteger, comment="number of the text, as in messages"),
        Column("skeleton", Text, comment="the reply without names, numbers, greeting and sign-off"),
        Column("family", BigInteger, comment="number of the texts that read alike"),
        comment="the distinct texts that agents reply with",
    )  # fmt: skip
    excused_templates = Table(
        "excused_templates",
        metadata,
        Column("template", BigInteger, comment="number of the text, as in messages: its whole family is excused"),
        comment="replies that are good as they stand; the ledger keeps who said so, and why",
    )
    return judges, reply_texts, excused_templates


def word_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """text_words, known_names, proposed_themes."""
    text_words = Table(
        "text_words", metadata,
        Column("kind", Text, comment="contact or answer"),
        Column("key", Text, comment="interaction_id or answer_id"),
        Column("word", Text, comment="a word that the customer wrote there, in small letters"),
        comment="the words of each contact's customer and of each comment, each once; themes are found by them",
    )  # fmt: skip
    known_names = Table(
        "known_names",
        metadata,
        Column("word", Text, comment="a part of a customer's name, in small letters"),
        comment="names that are masked in quotes",
    )
    proposed_themes = Table(
        "proposed_themes", metadata,
        Column("position", BigInteger, comment="order, the largest first"),
        Column("theme", Text, comment="proposed name: its top words"),
        Column("words", Text, comment="its words, parted by line breaks"),
        comment="themes proposed once from the data, until somebody keeps or edits them",
    )  # fmt: skip
    return text_words, known_names, proposed_themes
