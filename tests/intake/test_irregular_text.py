"""Delimited text that is not laid out as it should be: each row that suffers is named, the others are loaded."""

import os
from pathlib import Path

import pytest

from cx_metrics.intake.plan import IntakeError
from cx_metrics.intake.sources.canonical import SOURCE
from tests.intake.reading import CONTACTS, both_ways, channels, contacts, outcome

DAY = "2024-01-05"
OPEN = "a quote that opens in this row is never closed"
NO_TIME = "occurred_at '{}' cannot be read as a time; write 2024-05-31 or name its format under `times`"


@pytest.mark.parametrize("body", ["", "\n\n", ",,,\n , ,\u00a0,\u3000\n"])
def test_a_header_alone_is_a_file_without_rows(tmp_path: Path, body: str) -> None:
    found = both_ways(contacts(tmp_path, body))
    assert (found.read, found.rows, found.aside) == (0, [], [])


def test_blank_lines_and_rows_of_empty_cells_are_no_rows(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"1,{DAY},web,5\n\n,,,\n  \n2,{DAY},app,x\n , ,\t,\n\x1a"))
    assert (found.read, channels(found)) == (2, ["web"])
    assert found.aside == [(6, "wait_seconds 'x' is not a number")]


def test_blank_lines_before_the_header(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"\r\n,,\r\n{CONTACTS}\r\n1,{DAY},web,5\r\n2,x,web,5\r\n".encode()))
    assert (channels(found), found.aside) == (["web"], [(5, NO_TIME.format("x"))])


def test_rows_with_more_and_fewer_cells(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"1,{DAY},web,5,9\n2\n3,{DAY},app,5\n4,{DAY},chat,5,,\n"))
    assert channels(found) == ["app", "chat"]
    assert found.aside == [
        (2, "the row has 5 cells where the header has 4"),
        (3, "the row has 1 cell where the header has 4"),
    ]


def test_a_trailing_delimiter_is_no_column(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"1,{DAY},web,5,\n2,{DAY},app,5\n", header=f"{CONTACTS},"))
    assert channels(found) == ["web", "app"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, end: str) -> None:
    found = both_ways(contacts(tmp_path, f"{CONTACTS}\n1,{DAY},web,5\n2,x,app,5\n".replace("\n", end).encode()))
    assert (channels(found), found.aside) == (["web"], [(3, NO_TIME.format("x"))])


def test_line_ends_of_several_kinds(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"1,{DAY},a,5\r\n2,{DAY},b,5\r3,{DAY},c,5\n4,x,d,5"))
    assert (channels(found), found.aside) == (["a", "b", "c"], [(5, NO_TIME.format("x"))])


def test_line_numbers_count_the_line_breaks_within_cells(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f'1,{DAY},"a\nb\r\nc",5\n2,x,"\n\n",5\n3,y,web,5\n'))
    assert channels(found) == ["a\nb\r\nc"]
    assert found.aside == [(5, NO_TIME.format("x")), (8, NO_TIME.format("y"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    body = delimiter.join(["1", DAY, '"a,b;c\td|e"', "5"])
    found = both_ways(contacts(tmp_path, body, header=CONTACTS.replace(",", delimiter)))
    assert channels(found) == ["a,b;c\td|e"]


def test_an_open_quote_costs_its_row_and_no_other(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f'1,{DAY},"web,5\n2,{DAY},app,5\n3,{DAY},"chat",5\n4,{DAY},"phone,5\n'))
    assert (channels(found), found.aside) == (["app", "chat"], [(2, OPEN), (5, OPEN)])


def test_an_open_quote_before_very_many_lines(tmp_path: Path) -> None:
    rows = "".join(f"{n},{DAY},web,5\n" for n in range(2, 25_000))
    found = outcome(contacts(tmp_path, f'1,{DAY},"web,5\n{rows}'))
    assert (len(found.rows), found.aside) == (24_998, [(2, OPEN)])


def test_quotes_within_a_cell_are_forgiven(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f'1,{DAY},we"b,5\n2,{DAY},"a"b,5\n3, "{DAY}" , "x" ,5\n4,{DAY},"a ""b""",5\n'))
    assert channels(found) == ['we"b', "ab", "x", 'a "b"']


def test_column_names_in_other_case_and_with_odd_signs(tmp_path: Path) -> None:
    found = both_ways(
        contacts(tmp_path, f"1,{DAY},a,b,c,d\n", header='INTERACTION_ID, Occurred_At ,"a\nb:%",x\'y,"q""",Channel')
    )
    assert (channels(found), found.note) == (["d"], "columns not used: a\nb:%, x'y, q\"")


def test_unused_columns_may_share_a_name(tmp_path: Path) -> None:
    assert channels(
        both_ways(contacts(tmp_path, f"1,{DAY},web,a,b\n", header="interaction_id,occurred_at,channel,x,X"))
    ) == ["web"]


def test_many_unused_columns_are_not_all_listed(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(40)]
    found = outcome(
        contacts(tmp_path, f"1,{DAY},{','.join(names)}\n", header=f"interaction_id,occurred_at,{','.join(names)}")
    )
    assert found.note == f"columns not used: {', '.join(names[:12])} and 28 more"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("interaction_id,channel",
         "interactions.csv lacks the column 'occurred_at', which interactions cannot do without; it has: interaction_id, channel"),
        ("interaction_id,occurred_at,channel,Channel",
         "interactions.csv has the column 'channel' more than once; rename all but one of them"),
        ('interaction_id,occurred_at,"channel', "interactions.csv: a quote that opens in the first line is never closed"),
        ('{"interaction_id": 1}',
         "interactions.csv holds JSON, where delimited text was expected; name it .json or .jsonl"),
    ],
)  # fmt: skip
def test_headers_that_cannot_be_used(tmp_path: Path, header: str, sentence: str) -> None:
    with pytest.raises(IntakeError) as error:
        outcome(contacts(tmp_path, f"1,{DAY},web,app\n", header=header))
    assert str(error.value) == sentence


def test_names_in_brackets_are_no_json(tmp_path: Path) -> None:
    found = outcome(contacts(tmp_path, f"web,1,{DAY}\n", header="[channel],interaction_id,occurred_at"))
    assert (len(found.rows), found.note) == (1, "columns not used: [channel]")


@pytest.mark.parametrize("name", ["interactions (1)", "interactions_2024", "Interactions.2024", "interactions'q", "interactions[1]*?",
                                  "interactions-ü😀", "interactions {a,b}:%"])  # fmt: skip
def test_file_names_that_mean_something_to_programs(tmp_path: Path, name: str) -> None:
    (tmp_path / "interactions-1.csv").write_text("interaction_id,occurred_at\n9,2024-01-05\n")
    path = tmp_path / "a [1]*" / f"{name}.csv"
    path.parent.mkdir()
    path.write_text(f"{CONTACTS}\n1,{DAY},web,5\n2,x,app,5\n")
    found = both_ways(SOURCE.plans([path])[0])
    assert (channels(found), found.aside) == (["web"], [(3, NO_TIME.format("x"))])


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/interactions-caf\xe9.csv"))
    path.write_text(f"{CONTACTS}\n1,{DAY},web,5\n")
    with pytest.raises(IntakeError) as error:
        outcome(SOURCE.plans([path])[0])
    assert str(error.value) == f"the path {str(path)!r} cannot be written as text; rename the file or its folder"
