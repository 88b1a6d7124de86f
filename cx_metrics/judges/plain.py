"""The new part of a message as plain text: no mark-up, no quoted history, no signature, no stray signs.

Headers that part a reply from what it answers are those of mail-parser-reply, in thirteen languages, and Portuguese.
Its own splitting is not used: it takes any line such as "- second point" or "Thanks, but" for a signature and cuts
there, and its patterns need quadratic time on long lines. So they only meet short lines around a word such as "wrote:".
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import lxml.etree
import lxml.html
from mailparser_reply.parser import EmailMessage

LONGEST = 20_000  # characters of a message that are looked at
_LONGEST_MARKUP = 100_000  # of a mail in HTML, whose head may be long
_LONGEST_LINE = 160  # a longer line is no header of a quotation
_MOST_MARKS = 8

_TAG = re.compile(
    r"<!doctype|</?(?:html|body|head|div|p|br|hr|table|tr|td|span|font|blockquote|strong|em|b|i|u|ul|ol|li|h[1-6]|img"
    r"|style|script|meta|center|pre|a)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_QUOTED_PARTS = (
    "//script | //style | //head | //blockquote | //*[contains(@class,'gmail_quote') or contains(@class,'yahoo_quoted')"
    " or contains(@class,'moz-cite-prefix') or contains(@class,'gmail_attr') or contains(@class,'gmail_signature')]"
)
_REST_QUOTED = "//*[@id='divRplyFwdMsg' or @id='appendonsend' or @id='mail-editor-reference-message-container']"
_BLOCKS = frozenset(
    "address article aside blockquote body br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table td th tr ul".split()
)

_STRAY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")

_QUOTED_LINE = re.compile(r" ?>(?![:;=.x][()<>\\/\[\]|_'-])")  # not the angry face >:(
_MARK = re.compile(
    r"(wrote|schrieb\b.{0,80}|geschrieben|écrit|ecrit|escribió|escribio|escreveu|scritto|schreef\b.{0,80}|geschreven"
    r"|napisał\(?a?\)?|napsal\(a\)|skrev\b.{0,80}|kirjoitti|yazdı|写道|님이 작성)\s?[:：]\s*$"
    r"|^[>* ]*(from|von|de|da|van|od|från|fra|発信者|差出人|보낸 사람|发件人)[:：]"
    r"|^\W*-{2,} ?(original|ursprüngliche|oorspronkelijk|message d'origine|mensaje original|mensagem original"
    r"|messaggio originale|oryginalna|oprindelig|forwarded|weitergeleitete|doorgestuurd)",
    re.IGNORECASE,
)
_HEADER = EmailMessage("", ["en", "de", "nl", "fr", "es", "it", "pl", "cs", "da", "sv", "ja", "ko", "zh"]).HEADER_REGEX
_OWN_HEADER = re.compile(
    r"^(em|no dia|le|il|el|op|on|am|w dniu|dnia|den|dne)\b.{4,160}\b"
    r"(escreveu|écrit|scritto|escribió|schreef.{0,60}|wrote|schrieb.{0,60}|napisał\(?a?\)?|skrev.{0,60}|napsal\(a\))\s?:\s*$"
    r"|^\W*-{2,} ?(original|ursprüngliche|oorspronkelijk|message d'origine|mensaje original|mensagem original"
    r"|messaggio originale|oryginalna|oprindelig|forwarded|weitergeleitete|doorgestuurd).{0,40}-{2,}\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SURE = re.compile(  # a form's "From: Berlin, To: Munich" is no header of a mail
    r"@|wrote|schr|crit|scrib|screv|scritto|napis|naps|skrev|kirj|yazd|写道|작성|-{2,}"
    r"|^[>* ]*(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|temat|ämne|emne|předmět|件名|제목|主题)\s?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_SENT_FROM = re.compile(
    r"^(sent from (my|yahoo|outlook|mail)|get outlook for|gesendet (von|mit) |von meinem .{2,20} gesendet|verzonden v|"
    r"verstuurd v|envoyé d|enviado d|inviato d|wysłane z|skickat från|sendt fra|odesláno z)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^((with )?(best|kind|warm|many)?( and)?( kind)? ?(regards|wishes)|yours (sincerely|faithfully|truly)|sincerely"
    r"|(mit )?(freundlich|best|lieb|viel)\w* (grüß|gruß|gruess|gruss)\w*|mfg|lg|hochachtungsvoll"
    r"|met vriendelijke groet\w*|(vriendelijke )?groet(en|jes)|mvg|(bien )?cordialement|bien à vous|salutations.{0,20}"
    r"|(un )?(cordial(es)? )?saludos?( cordial(es)?)?|atentamente|atenciosamente|att|cumprimentos|cordiali saluti"
    r"|distinti saluti|saluti|z poważaniem|pozdrawiam|(med )?vänliga? hälsning\w*|mvh|s pozdravem)\s*[,.!]?$",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """What the writer wrote anew: plain text with line breaks; "" where there is nothing but a quotation.

    Only the first 20,000 characters are looked at. A text of any size, broken mark-up and stray signs do no harm.
    """
    if "<" in text and _TAG.search(text, 0, LONGEST):
        text = _without_markup(text[:_LONGEST_MARKUP])
    elif "&" in text:
        text = html.unescape(text[:LONGEST])
    text = _STRAY.sub("", _BREAKS.sub("\n", text[:LONGEST]))
    lines = [_BLANKS.sub(" ", line).strip() for line in text.split("\n")]
    if len(lines) > 1:
        lines = _without_signature(_without_quotation(lines))
    elif lines[0].startswith(">") and _QUOTED_LINE.match(lines[0]):
        return ""
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


# --- mark-up ---------------------------------------------------------------------------------------------------------


def _without_markup(text: str) -> str:
    """Text of a mail in HTML, without what it quotes; lines where blocks end."""
    for opening, closing in (("<style", "</style>"), ("<script", "</script>"), ("<!--", "-->")):
        text = _without_blocks(text, opening, closing)
    text = _STRAY.sub("", text[: 2 * LONGEST])
    try:
        tree = lxml.html.document_fromstring(text)
        for element in (*tree.xpath(_QUOTED_PARTS), *_rest(tree)):
            if element.getparent() is not None:
                element.drop_tree()
        return "".join(_pieces(tree))
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return html.unescape(re.sub(r"<[^<>]{0,2000}>", " ", text))


def _pieces(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """The text of a tree in pieces, with line breaks around blocks; its own line breaks only count where they show."""
    shown = 0
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("start", "end") and element.tag in _BLOCKS:
            shown += (element.tag == "pre") * (1 if event == "start" else -1)
            yield "\n" if event == "start" or element.tag != "br" else ""
        piece = (element.text if event == "start" else element.tail) or ""
        yield piece if shown else piece.replace("\n", " ")


def _without_blocks(text: str, opening: str, closing: str) -> str:
    """Text without what lies between two marks; an unclosed block ends with the text. Needs linear time."""
    small, kept, at = text.lower(), list[str](), 0
    if len(small) != len(text):
        return text
    while (start := small.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = small.find(closing, start)
        at = len(text) if end < 0 else end + len(closing)
    return "".join((*kept, text[at:]))


def _rest(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """The mark that Outlook sets before a quotation, and all that follows beside it."""
    marks = tree.xpath(_REST_QUOTED)
    return [marks[0], *marks[0].itersiblings()] if marks else []


# --- quotations and signatures ---------------------------------------------------------------------------------------


def _without_quotation(lines: list[str]) -> list[str]:
    """Lines without quoted ones and without the history below a header; an answer below quoted lines stays."""
    quoted = [line.startswith(">") and bool(_QUOTED_LINE.match(line)) for line in lines]
    marks = [number for number, line in enumerate(lines) if len(line) <= _LONGEST_LINE and _MARK.search(line)]
    kept = len(lines)
    for mark in marks[:_MOST_MARKS]:
        first, last = _header(lines, mark)
        if first == last:
            continue
        following = next((number for number in range(last, len(lines)) if lines[number]), len(lines))
        if following < len(lines) and quoted[following]:  # the quotation ends by itself
            quoted[first:last] = [True] * (last - first)
        else:
            kept = first
            break
    return [line for line, old in zip(lines[:kept], quoted, strict=False) if not old]


def _header(lines: list[str], mark: int) -> tuple[int, int]:
    """First line of the header at a mark and the one after its last; equal where there is none."""
    start = max(mark - 1, 0)
    window = [line if len(line) <= _LONGEST_LINE else "" for line in lines[start : mark + 5]]
    text = "\n".join(window)
    match = _OWN_HEADER.search(text) or _HEADER.search(text)
    if not match or not _SURE.search(match.group()):
        return mark, mark
    before = text[: match.start()].count("\n") + (len(match.group()) - len(match.group().lstrip("\n")))
    length = match.group().strip("\n").count("\n") + 1
    return start + before, start + before + length


def _without_signature(lines: list[str]) -> list[str]:
    """Lines up to a signature: a line of two dashes, "Sent from my", or a closing formula near the end."""
    written = [number for number, line in enumerate(lines) if line]
    for place, number in enumerate(written):
        line, left = lines[number], len(written) - place
        ends = line in ("--", "__") or (len(line) < 60 and left <= 3 and _SENT_FROM.match(line))
        if place and (ends or (len(line) < 40 and left <= 12 and _CLOSING.match(line))):
            return lines[:number]
    return lines
