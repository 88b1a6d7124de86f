"""A nominated reply as a picture and as a chat message."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cx_metrics.charts.recognition import Praise, chat_message, missing_letters, picture

PRAISE = Praise("parcel · use", "It came broken", "I am sorry that it came broken, [name].", "Käthe", "Łódź", "3 Mar")


def drawn(praise: Praise) -> Image.Image:
    """The picture, read back."""
    return Image.open(io.BytesIO(picture(praise)))


def test_a_picture() -> None:
    found = drawn(PRAISE)
    assert found.format == "PNG" and found.width == 1080
    ink = sum(found.convert("L").point(lambda shade: 255 * (shade < 128)).histogram()[255:])
    assert ink > 5_000  # letters, not an empty sheet
    longer = drawn(replace(PRAISE, reply=PRAISE.reply * 10))
    assert longer.height > found.height
    assert drawn(replace(PRAISE, reply="x" * 5_000)).height < 3_000  # cut, and broken into lines


def test_letters_that_the_font_has() -> None:
    assert missing_letters(PRAISE) == ""
    assert missing_letters(replace(PRAISE, reply="Жук, Ωμέγα, ğışçñßøåé €")) == ""
    assert missing_letters(replace(PRAISE, reply="سلام 你好 😀")) == "سلام你好"


def test_emoji_leave_no_boxes() -> None:
    assert picture(replace(PRAISE, reply="Well 😀 done")) == picture(replace(PRAISE, reply="Well done"))


def test_a_chat_message() -> None:
    said = chat_message(replace(PRAISE, customer_said="", reply="*one* <b>\n\ntwo `x` _y_ #z [a](b)"))
    assert said == (
        "**Well done: parcel · use**\n\nThe answer:\n\n> \\*one\\* \\<b\\>\n> two \\`x\\` \\_y\\_ \\#z \\[a\\](b)\n\n"
        "Käthe, Łódź, 3 Mar\n"
    )


@settings(max_examples=15)
@given(st.text(max_size=60))
def test_any_text_can_be_drawn(text: str) -> None:
    assert drawn(Praise(text, text, text, text, "", "")).width == 1080
    assert chat_message(Praise(text, text, text, text, "", "")).startswith("**Well done")


@pytest.mark.parametrize("team", ["", "T"])
def test_who_and_when(team: str) -> None:
    assert replace(PRAISE, team=team).signed == ("Käthe, T, 3 Mar" if team else "Käthe, 3 Mar")
