"""Words of a text that show something, marked on their colour."""

from __future__ import annotations

import html
import re

# The colours of the Empathy page; all else is grey. Half transparent, so that words stay readable on light and dark.
COLOURS = {"emotional": "0, 114, 178", "compassionate": "0, 158, 115", "cognitive": "230, 159, 0"}


def marked(text: str, evidence: dict[str, list[str]]) -> str:
    """The text as HTML, everything in it escaped, with the words of the evidence marked; hovering says what for."""
    found = {
        " ".join(words.split()).lower(): name.replace("_", " ") for name, those in evidence.items() for words in those
    }
    if not found:
        return html.escape(text)
    longest = sorted(found, key=len, reverse=True)
    pattern = "|".join(r"\s+".join(map(re.escape, words.split())) for words in longest)
    parts, last = [], 0
    for match in re.finditer(pattern, text, re.IGNORECASE):
        name = found.get(" ".join(match.group().split()).lower(), "")
        style = f"color: inherit; background: rgba({COLOURS.get(name, '128, 128, 128')}, 0.3)"
        parts.append(f"{html.escape(text[last : match.start()])}<mark title='{html.escape(name)}' style='{style}'>")
        parts.append(f"{html.escape(match.group())}</mark>")
        last = match.end()
    return "".join([*parts, html.escape(text[last:])])
