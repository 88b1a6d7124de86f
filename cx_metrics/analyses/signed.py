"""Who signs a text: names that no list knows, told by where they stand.

Names of agents are in no table, so a quoted reply would tell who wrote it. Masked are capitalised words after a short
last phrase and a comma ("Until then, Tom"), alone on the last line, after ^, ~ or a dash at the end, and after "my name
is". A name elsewhere in a text, and one in small letters, is not found so.
"""

from __future__ import annotations

import re

from cx_metrics.judges.personal import NAME

_NAME = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]+(?:-[^\W\d_]+)?"
_NAMES = rf"(?P<who>{_NAME}(?:[ \t]+(?:{_NAME}|[^\W\d_]\.)){{0,2}})"
_ENDS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|[.!?\n])\s*[^\s.!?,\n][^.!?,\n]{{0,40}},\s*{_NAMES}[\s.!]*\Z",  # Until then, Tom
        rf"\n[ \t]*(?:[-–—][ \t]*)?{_NAMES}[\s.!]*\Z",  # a last line
        r"[\^~]\s?(?P<who>\w{1,20})[\s.]*\Z",
        rf"(?<=[\s.!?])[-–—][ \t]?{_NAMES}[\s.]*\Z",
    )
)
_LAST = 160  # signs at the end of a text in which a signature is looked for
_CALLED = re.compile(
    r"(?P<before>\b(?i:my name is|my name's|you(?: are|'re) (?:through|chatting|speaking|talking) (?:to|with)"
    r"|mein name ist|mijn naam is|je m'appelle|me llamo|mi nombre es|meu nome é|mi chiamo|nazywam się)\s+)" + _NAMES
)


def signer_masked(text: str) -> str:
    """The text with [name] in the place of whoever signs it, or says their name."""
    text = _CALLED.sub(lambda match: match["before"] + NAME, text)
    start = max(len(text) - _LAST, 0)
    for end in _ENDS:
        if match := end.search(text, start):
            text = text[: match.start("who")] + NAME + text[match.end("who") :]
    return text
