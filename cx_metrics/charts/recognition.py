"""A nominated reply as a picture and as a chat message, to be shared."""

from __future__ import annotations

import functools
import importlib.util
import io
import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_WIDTH, _MARGIN, _GAP = 1080, 64, 20  # pixels
_INK, _QUIET, _GROUND, _ACCENT = "#1F2933", "#52606D", "#FFFFFF", "#0072B2"
_LONGEST = 1_200  # characters of a text in a picture
_FALLBACK_SIZE = 24


@dataclass(frozen=True)
class Praise:
    """What is shared. All texts have personal data masked; agent, team: "" = not given. day: in words."""

    situation: str
    customer_said: str
    reply: str
    agent: str
    team: str
    day: str

    @property
    def signed(self) -> str:
        """Who, of which team, when."""
        return ", ".join(text for text in (self.agent, self.team, self.day) if text)


def chat_message(praise: Praise) -> str:
    """Markdown as chat programs read it; signs that would be read as mark-up are escaped."""
    said = [("The customer:", praise.customer_said), ("The answer:", praise.reply)]
    parts = [f"**Well done: {_escaped(praise.situation)}**"]
    for title, text in said:
        if text:
            parts += [title, "\n".join(f"> {_escaped(line)}" for line in text.splitlines() if line.strip())]
    return "\n\n".join([*parts, f"{_escaped(praise.signed)}"]) + "\n"


def picture(praise: Praise) -> bytes:
    """A PNG, 1080 pixels wide. Letters that the font lacks are left out (see `missing_letters`)."""
    blocks = [
        ("Well done", 30, _ACCENT), (praise.situation, 44, _INK), ("The customer", 24, _QUIET),
        (praise.customer_said, 32, _QUIET), ("The answer", 24, _ACCENT), (praise.reply, 34, _INK),
        (praise.signed, 28, _QUIET),
    ]  # fmt: skip
    empty = {"The customer": not praise.customer_said, "The answer": not praise.reply}
    drawn = [(_lines(text, size), size, colour) for text, size, colour in blocks if text and not empty.get(text)]
    heights = [round(size * 1.35) * len(lines) + _GAP for lines, size, _ in drawn]
    image = Image.new("RGB", (_WIDTH, 2 * _MARGIN + sum(heights)), _GROUND)
    canvas, y = ImageDraw.Draw(image), _MARGIN
    canvas.rectangle((0, 0, 14, image.height), fill=_ACCENT)
    for (lines, size, colour), height in zip(drawn, heights, strict=True):
        for number, line in enumerate(lines):
            canvas.text((_MARGIN, y + number * round(size * 1.35)), line, fill=colour, font=_font(size))
        y += height
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def missing_letters(praise: Praise) -> str:
    """Letters (of other scripts) that the picture leaves out, each once; "" where it holds all. Emoji don't count."""
    text = "".join((praise.situation, praise.customer_said, praise.reply, praise.signed))
    return "".join(dict.fromkeys(sign for sign in text if sign.isalpha() and not _has(sign)))


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_~|<>\[\]#])", r"\\\1", " ".join(text.split()))


def _lines(text: str, size: int) -> list[str]:
    """The text without what the font lacks, in lines that fit; a word that is too long is cut."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    lines: list[str] = []
    for paragraph in short.splitlines():
        line = ""
        for word in "".join(sign for sign in paragraph if sign.isspace() or _has(sign)).split():
            for piece in _pieces(word, size):
                longer = f"{line} {piece}".strip()
                if line and not _fits(longer, size):
                    lines.append(line)
                    longer = piece
                line = longer
        lines += [line] if line else []
    return lines


def _pieces(word: str, size: int) -> list[str]:
    """A word in pieces that fit a line each."""
    pieces = [""]
    for sign in word:
        if not _fits(pieces[-1] + sign, size):
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _fits(text: str, size: int) -> bool:
    return bool(_font(size).getlength(text) <= _WIDTH - 2 * _MARGIN)


@functools.cache
def _font(size: int) -> Font:
    """The dashboard's own font, which has Latin, Greek and Cyrillic letters; Pillow's has no accents at all."""
    dashboard = importlib.util.find_spec("streamlit")
    folder = Path(dashboard.origin).parent / "static" / "static" / "media" if dashboard and dashboard.origin else Path()
    for path in sorted(folder.glob("SourceSans*Upright*")):
        try:
            font = ImageFont.truetype(str(path), size)
            font.set_variation_by_name("Regular")  # else it begins at the thinnest
        except (OSError, ValueError):  # a build of Pillow that cannot read this format, or a font of one weight
            continue
        return font
    return ImageFont.load_default(size)


@functools.cache
def _has(sign: str) -> bool:
    """Whether the font can draw a sign: what it lacks looks like a sign that no font has."""
    font = _font(_FALLBACK_SIZE)
    own, none = font.getmask(sign), font.getmask("\uffff")
    return (own.size, bytes(own)) != (none.size, bytes(none))
