"""A reply to read: what was said before, and the reply with the words that show empathy marked."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from cx_metrics.analyses.empathy_labels import GRADES
from cx_metrics.analyses.reply_texts import Reply
from pages import _ui

_FACES = {"customer": ":material/person:", "agent": ":material/support_agent:", "bot": ":material/smart_toy:"}
_COLOURS = {"emotional": "blue", "compassionate": "green", "cognitive": "orange"}


def marked(text: str, words: Mapping[str, tuple[str, ...]]) -> str:
    """Markdown of a text with the words of each kind on its colour; where kinds overlap the first one counts."""
    kind_of = {" ".join(word.split()).lower(): kind for kind, found in words.items() for word in found if word.strip()}
    flat = " ".join(text.split())
    if not kind_of:
        return _ui.literal(flat)
    pattern = "|".join(re.escape(word) for word in sorted(kind_of, key=len, reverse=True))
    parts, at = [], 0
    for match in re.finditer(pattern, flat, re.IGNORECASE):
        colour = _COLOURS.get(kind_of.get(match.group().lower(), ""), "gray")
        parts += [_piece(flat[at : match.start()]), f":{colour}-background[{_ui.literal(match.group())}]"]
        at = match.end()
    return "".join([*parts, _piece(flat[at:])])


def _piece(text: str) -> str:
    """A part of a text as it is written, with the blanks at its ends."""
    return " " * text.startswith(" ") + _ui.literal(text) + " " * (text.endswith(" ") and text != " ")


def draw(reply: Reply, judged: bool) -> None:
    """The messages before and the reply. judged: with the words that the rules found."""
    for author, text in reply.before:
        with st.chat_message(author, avatar=_FACES.get(author)):
            st.markdown(f"**{author}** {_ui.literal(text)}")
    with st.chat_message("agent", avatar=_FACES["agent"]):
        st.markdown(f"**reply** {marked(reply.text, reply.words if judged else {})}")


def legend() -> None:
    """What the colours mean."""
    st.caption(" ".join(f":{colour}-background[{kind}]" for kind, colour in _COLOURS.items())
               + " Names, numbers and addresses of people are masked.")  # fmt: skip


def graded(grades: Mapping[str, int]) -> str:
    """emotional strong, compassionate weak, cognitive none."""
    return ", ".join(f"{kind} {GRADES[grade]}" for kind, grade in grades.items())
