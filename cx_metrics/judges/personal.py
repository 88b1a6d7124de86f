"""Personal data in quotes: masked(text) puts a readable sign in its place.

No library: those that find personal data without a model know one kind each (telephone numbers), and need the country
that a number belongs to, which a message doesn't tell. Shapes and check sums are enough here, and where a run of
digits could be a telephone number it is masked: a number too many is a smaller harm than one too few.
Not masked: order numbers with letters (ORD-123456), dates, times, amounts, short numbers; names that nobody listed.

Check sums: Luhn (ISO/IEC 7812-1, annex B) for cards, modulo 97 (ISO 13616 with ISO/IEC 7064) for accounts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from unicodedata import category

MAIL, PHONE, CARD, ACCOUNT = "[mail]", "[phone]", "[card]", "[account]"
HANDLE, LINK, NAME, ADDRESS = "[handle]", "[link]", "[name]", "[network address]"

_MARKS = "".join(chr(code) for code in range(0x300, 0x1100) if category(chr(code)).startswith("M"))
_WORD = re.compile(rf"[^\W\d_][^\W\d_{_MARKS}]*(?:[{_MARKS}]+[^\W\d_]*)*")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?!\w)")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"']{1,2000}", re.IGNORECASE)
_PRIVATE = re.compile(r"[?#=@]|[A-Za-z0-9_-]*(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{16,}")  # a query, or a long token
_HANDLE = re.compile(r"(?<![\w@./])@\w{1,50}")
_NETWORK = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:]|\.\d)"
)
_IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![^\W_])", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_PHONE = re.compile(r"(?<![\w.,/#€$£+-])(?<!\d:)(?:\+|\(\+?)?\d(?:[ .()/\-\u00a0]{0,3}\d){6,17}(?![\w€$£%]|[.,:-]\d)")
_DATE = re.compile(
    r"(?<!\d)(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{4}|\d{2}))(?!\d)"
    r"(?:[ T]{1,2}\d{1,2}(?:[:.]\d\d){0,2})?"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|\d+[.,]\d{1,2}")
_CURRENCY = re.compile(r"(?:[€$£¥]|\b(?:eur|usd|gbp|chf|pln|brl))\s?\Z", re.IGNORECASE)
_TITLED = re.compile(
    r"\b(Mrs?|Ms|Miss|Mx|Dr|Herrn?|Frau|Mevrouw|Meneer|Madame|Monsieur|Se[nñ]ora?|Senhora?|Signora?|Pani|Pan)"
    r"(\.? )([A-Z]\w*(?:-[A-Z]\w*)?)"
)
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_UNSPACED = 4  # characters of a name in a script without blanks between words

_SIGNS = re.compile("|".join(map(re.escape, (MAIL, PHONE, CARD, ACCOUNT, HANDLE, LINK, NAME, ADDRESS))))


def masked(text: str, names: Iterable[str] = frozenset()) -> str:
    """The text with personal data replaced by signs; masked(masked(text)) is masked(text).

    names: words in small letters (see name_parts); masked where they begin with a capital, or have no capitals at all.
    """
    known = names if isinstance(names, (set, frozenset)) else frozenset(names)
    while True:  # what stands beside a sign may only now look like something; each round leaves fewer characters
        again = _once(text, known)
        if again == text:
            return text
        text = again


def name_parts(names: Iterable[str]) -> set[str]:
    """The words of names, in small letters: {"Anna-Lena O'Neil"} gives {"anna", "lena", "neil"}; single letters not."""
    return {word.lower() for name in names for word in _WORD.findall(name) if len(word) > 1}


def _once(text: str, names: frozenset[str] | set[str]) -> str:
    """One round over all kinds; the order matters: links hold mail addresses, a card's number looks like a phone's."""
    text = _LINK.sub(_link, text)
    text = _MAIL.sub(MAIL, text)
    text = _HANDLE.sub(HANDLE, text)
    if any("0" <= sign <= "9" or sign == ":" or sign.isdigit() for sign in text):
        text = _NETWORK.sub(_network, text)
        text = _IBAN.sub(_iban, text)
        text = _CARD.sub(_card, text)
        text = _PHONE.sub(_phone, text)
    text = _TITLED.sub(lambda match: f"{match[1]}{match[2]}{NAME}", text)
    return _outside_signs(text, lambda piece: _WORD.sub(lambda match: _name(match, names), piece)) if names else text


def _outside_signs(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but the signs."""
    pieces, at = [], 0
    for match in _SIGNS.finditer(text):
        pieces += [change(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*pieces, change(text[at:])])


def _link(match: re.Match[str]) -> str:
    """Links to a page stay, links that hold a query, an account or a token don't."""
    return LINK if _PRIVATE.search(match.group().partition("//")[2] or match.group()) else match.group()


def _network(match: re.Match[str]) -> str:
    """Valid addresses only: 12:30:45 is a time."""
    try:
        ipaddress.ip_address(match.group())
    except ValueError:
        return match.group()
    return ADDRESS


def _iban(match: re.Match[str]) -> str:
    """The longest beginning that passes the check, as words of letters may follow directly."""
    given = match.group()
    for end in range(len(given), 14, -1):
        plain = re.sub(r"[ -]", "", given[:end]).upper()
        if end < len(given) and given[end].isalnum() and given[end - 1].isalnum():
            continue  # not at the end of a group
        if 15 <= len(plain) <= 34 and plain.isascii() and is_iban(plain):
            return ACCOUNT + given[len(given[:end].rstrip(" -")) :]
    return given


def is_iban(plain: str) -> bool:
    """Whether capital letters and digits without blanks pass modulo 97."""
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _card(match: re.Match[str]) -> str:
    """Numbers that pass Luhn's check."""
    return CARD if is_card([int(sign) for sign in match.group() if sign.isdigit()]) else match.group()


def is_card(digits: list[int]) -> bool:
    """Whether digits pass Luhn's check: every second from the right doubled, of 10 and more the sum of the digits."""
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and any(digits)


def _phone(match: re.Match[str]) -> str:
    """Runs of 7 to 15 digits (E.164) that are neither dates nor amounts."""
    given = match.group()
    count = sum(sign.isdigit() for sign in given)
    if count > 15 or _DATE.match(given) or _AMOUNT.fullmatch(given):
        return given
    if _CURRENCY.search(match.string, max(0, match.start() - 5), match.start()):
        return given
    grouped = len(given) > count
    return PHONE if grouped or given[0] == "+" or count >= 9 or given[0] == "0" else given


def _name(match: re.Match[str], names: frozenset[str] | set[str]) -> str:
    """The sign for a known name that stands with a capital, or in a script that has none."""
    word = match.group()
    if _UNSPACED.search(word):
        return _unspaced(word, names)
    return NAME if (word[0].isupper() or word.upper() == word) and word.lower() in names else word


def _unspaced(word: str, names: frozenset[str] | set[str]) -> str:
    """Names inside a run of characters: the longest that fits, from the left."""
    pieces, at = [], 0
    while at < len(word):
        width = next((w for w in range(min(_LONGEST_UNSPACED, len(word) - at), 1, -1) if word[at : at + w] in names), 0)
        pieces.append(NAME if width else word[at])
        at += width or 1
    return word if NAME not in pieces else "".join(pieces)
