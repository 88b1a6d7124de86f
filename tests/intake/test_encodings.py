"""Files in any encoding: those that say what they are, those that do not, and those with a few spoilt bytes."""

from pathlib import Path

import pytest

from cx_metrics.intake.plan import IntakeError
from tests.intake.reading import CONTACTS, both_ways, channels, contacts, outcome

ROW = "1,2024-01-05,wéb – “ok”,5\n"
POLISH = "".join(f"{n},2024-01-05,{text},5\n" for n, text in enumerate(
    ("obsługa była bardzo miła", "przesyłka dotarła za późno", "nie polecam tego sklepu", "wszystko w porządku")))  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", "read as utf-16"),
        ("utf-16-le", "not UTF-8, read as utf_16_le"),
        ("cp1252", "not UTF-8, read as cp1252"),
    ],
)
def test_encoding_is_found(tmp_path: Path, encoding: str, note: str) -> None:
    found = both_ways(contacts(tmp_path, ROW, encoding=encoding))
    assert (channels(found), found.aside, found.note) == (["wéb – “ok”"], [], note)


def test_latin_1_is_read_as_its_superset(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, "1,2024-01-05,Größe,5\n", encoding="latin-1"))
    assert (channels(found), found.note) == (["Größe"], "not UTF-8, read as cp1252")


def test_polish_windows_encoding_is_found_by_its_letters(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, POLISH, encoding="cp1250"))
    assert (channels(found)[0], found.note) == ("obsługa była bardzo miła", "not UTF-8, read as cp1250")


def test_one_spoilt_line_of_utf_8_is_set_aside(tmp_path: Path) -> None:
    good = f"{CONTACTS}\n" + "".join(f"{n},2024-01-05,wéb,5\n" for n in range(5))
    found = both_ways(contacts(tmp_path, good.encode() + b"9,2024-01-05,w\xe9b,5\n"))
    assert (found.read, len(found.rows)) == (6, 5)
    assert found.aside == [(7, "the row contains bytes that are not UTF-8; save the file as UTF-8")]


def test_a_spoilt_cell_that_nothing_is_taken_from_does_no_harm(tmp_path: Path) -> None:
    body = "interaction_id,occurred_at,remark\n1,2024-01-05,é\n2,2024-01-05,é\n3,2024-01-05,".encode() + b"\xe9\n"
    assert len(both_ways(contacts(tmp_path, body)).rows) == 3


def test_nul_bytes_are_set_aside(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, "1,2024-01-05,w\0eb,5\n2,2024-01-05,web,5\n"))
    assert (channels(found), found.aside) == (["web"], [(2, "the row contains a NUL byte; remove it")])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "interactions.csv is empty; export it again"),
        (b"\xef\xbb\xbf", "interactions.csv is empty; export it again"),
        (b"\xff\xfe", "interactions.csv is empty; export it again"),
        (b"\n\n  \r\n", "interactions.csv is empty; export it again"),
        (f"{CONTACTS}\n{ROW}".encode("utf-16") + b"\0", "interactions.csv cannot be read as utf-16; save it as UTF-8"),
        (b"PK\x03\x04 a workbook, named wrongly \xff",
         "interactions.csv is not a text file, whatever its name says; export it as CSV, JSON or .xlsx"),
        (bytes(range(256)) * 20,
         "interactions.csv is not a text file, whatever its name says; export it as CSV, JSON or .xlsx"),
    ],
)  # fmt: skip
def test_files_without_text(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(IntakeError) as error:
        outcome(contacts(tmp_path, content))
    assert str(error.value) == sentence


def test_emoji_right_to_left_text_and_formulas_are_kept_as_they_are(tmp_path: Path) -> None:
    texts = ["😀👩‍👩‍👧", "مرحبا بالعالم", "=1+1", "-1+1|cmd", "@SUM(A1)", "line\u2028separator", "a\x0bb"]
    found = both_ways(contacts(tmp_path, "".join(f"{n},2024-01-05,{text},\n" for n, text in enumerate(texts))))
    assert channels(found) == texts
