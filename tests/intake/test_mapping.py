"""The mapping file: every key of its format, and one sentence for every mistake in it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cx_metrics.cli import main
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.intake.plan import IntakeError
from tests.intake.reading import Outcome, outcome

ANSWERS = """
[[load]]
table     = "survey_answers"
file      = "answers-*.csv"
columns   = { answer_id = ["year", "RESPNUM"], score = "Q7ALL", answered_at = "INTDATE", customer_id = ["year", "RESPNUM"] }
constants = { instrument = "csat", respondent = "customer", scale_min = 1, scale_max = 5, year = "2018" }
values    = { score = { "6" = "", "0" = "", "good" = "5" } }
times     = { answered_at = "%m/%d/%Y" }
skip      = { score = "missing" }
"""
CONTACTS = (
    '[[load]]\ntable = "interactions"\nfile = "a.csv"\ncolumns = { interaction_id = "id", occurred_at = "day" }\n'
)
ROWS = "id,day,channel\n1,2024-01-05,web\n"


def mapped(folder: Path, mapping: str, files: dict[str, str | bytes], elsewhere: Path | None = None) -> list[Outcome]:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    return [outcome(plan) for plan in mapping_plans(folder / "m.toml", elsewhere)]


def given(found: Outcome, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in names) for row in found.rows]


def test_columns_constants_values_times_and_skip(tmp_path: Path) -> None:
    rows = "RESPNUM,Q7ALL,INTDATE\n1,4,05/31/2018\n2,6,05/31/2018\n3,good,06/01/2018\n4,,06/01/2018\n5,7,06/01/2018\n6,3,31.5.18\n"
    found = mapped(tmp_path, ANSWERS, {"answers-1.csv": rows, "answers-2.csv": rows.splitlines()[0], "other.csv": "x"})
    assert [one.read for one in found] == [6, 0]
    assert given(found[0], "answer_id", "customer_id", "score", "scale_max", "instrument") == [
        ("2018-1", "2018-1", 4, 5, "csat"), ("2018-3", "2018-3", 5, 5, "csat"),
    ]  # fmt: skip
    assert [str(row["answered_at"]) for row in found[0].rows] == ["2018-05-31 00:00:00", "2018-06-01 00:00:00"]
    assert found[0].skipped == 2
    assert found[0].aside == [
        (6, "score 7.0 is outside its scale 1.0 to 5.0"),
        (7, "answered_at '31.5.18' cannot be read as %m/%d/%Y"),
    ]


def test_a_joined_key_is_missing_when_a_part_is(tmp_path: Path) -> None:
    mapping = CONTACTS.replace('"id"', '["id", "channel"]')
    found = mapped(tmp_path, mapping, {"a.csv": f"{ROWS}2,2024-01-05,\n"})[0]
    assert (given(found, "interaction_id"), found.aside) == ([("1-web",)], [(3, "interaction_id is missing")])


def test_times_in_a_time_zone(tmp_path: Path) -> None:
    mapping = CONTACTS + 'times = { occurred_at = ["%d.%m.%Y %H:%M", "%Y-%m-%d"] }\ntimezone = "Europe/Berlin"\n'
    found = mapped(tmp_path, mapping, {"a.csv": "id,day\n1,05.07.2024 12:00\n2,2024-01-05\n"})[0]
    assert [str(row["occurred_at"]) for row in found.rows] == ["2024-07-05 10:00:00", "2024-01-04 23:00:00"]


def test_a_time_zone_does_not_move_times_that_say_theirs(tmp_path: Path) -> None:
    rows = "id,day\n1,2024-07-05 12:00\n2,2024-07-05T12:00Z\n3,1720180800\n"
    found = mapped(tmp_path, CONTACTS + 'timezone = "America/New_York"', {"a.csv": rows})[0]
    assert [str(row["occurred_at"])[11:16] for row in found.rows] == ["16:00", "12:00", "12:00"]


def test_skip_by_value_and_by_a_column_that_is_not_loaded(tmp_path: Path) -> None:
    mapping = CONTACTS + 'skip = { kind = ["test", "preview"], occurred_at = "missing" }'
    rows = "id,day,kind\n1,2024-01-05,real\n2,2024-01-05,test\n3,x,preview\n4,n/a,real\n5,x,\n"
    found = mapped(tmp_path, mapping, {"a.csv": rows})[0]
    assert (given(found, "interaction_id"), found.skipped, [line for line, _ in found.aside]) == ([("1",)], 3, [6])


def test_an_unreadable_row_is_not_skipped(tmp_path: Path) -> None:
    found = mapped(tmp_path, CONTACTS + 'skip = { channel = "missing" }', {"a.csv": f"{ROWS}2,2024-01-05\n"})[0]
    assert (found.skipped, found.aside) == (0, [(3, "the row has 2 cells where the header has 3")])


def test_files_without_a_header_aligned_with_blanks(tmp_path: Path) -> None:
    mapping = CONTACTS + 'header = ["id", "day", "n"]\ndelimiter = "space"\ntimes = { occurred_at = "%Y%m%d" }\n'
    found = mapped(tmp_path, mapping, {"a.csv": " 0004 19970101  2\n\n 0005 19970118   \n  0006\t19970119 1\n"})[0]
    assert given(found, "interaction_id") == [("0004",), ("0006",)]
    assert found.aside == [(3, "the row has 2 cells where the header has 3")]


@pytest.mark.parametrize(("delimiter", "sign"), [("tab", "\t"), ("semicolon", ";"), ("^", "^")])
def test_delimiter_and_encoding(tmp_path: Path, delimiter: str, sign: str) -> None:
    mapping = CONTACTS.replace(" }", ', channel = "c,d" }') + f'delimiter = "{delimiter}"\nencoding = "cp1250"\n'
    found = mapped(
        tmp_path,
        mapping,
        {"a.csv": "id,day,c,d\n1,2024-01-05,łź\n".replace(",", sign).replace(f"c{sign}d", "c,d").encode("cp1250")},
    )[0]
    assert given(found, "channel") == [("łź",)]


def test_several_loads_on_one_file_and_explode(tmp_path: Path) -> None:
    mapping = """
source = "shop"
[[load]]
table   = "interactions"
file    = "talks.jsonl"
columns = { interaction_id = "id", occurred_at = "begun.at" }
[[load]]
table   = "messages"
file    = "talks.jsonl"
explode = "messages"
columns = { message_id = ["id", "messages.position"], interaction_id = "id", author = "messages.by", text = "messages.text" }
"""
    talk = (
        '{"id": "c1", "begun": {"at": "2024-01-05"}, "messages": [{"by": "customer", "text": "hi"}, {"by": "agent"}]}\n'
    )
    contacts, said = mapped(tmp_path, mapping, {"talks.jsonl": talk})
    assert given(contacts, "interaction_id") == [("c1",)]
    assert given(said, "message_id", "author", "text") == [("c1-1", "customer", "hi"), ("c1-2", "agent", None)]
    assert {plan.source for plan in mapping_plans(tmp_path / "m.toml")} == {"shop"}


def test_rows_without_a_key_are_known_by_file_and_place(tmp_path: Path) -> None:
    found = mapped(
        tmp_path, CONTACTS.replace('interaction_id = "id", ', ""), {"a.csv": ROWS * 1 + ROWS.splitlines()[1]}
    )[0]
    assert given(found, "interaction_id") == [("a-1",), ("a-2",)]


def test_rows_that_add_up(tmp_path: Path) -> None:
    """Every row counts as loaded; a key with an unusable row is set aside as a whole, for half a sum is no sum."""
    mapping = """
[[load]]
table   = "orders"
file    = "paid.csv"
columns = { order_id = "order", amount = "paid", ordered_at = "day", currency = "in" }
sum     = ["amount"]
"""
    rows = ["1,10.1,EUR", "1,20.2,EUR", "2,5,EUR", "3,1,EUR", "3,x,EUR", "4,1,EUR", "4,1,USD", "1,0.7,EUR"]
    text = "order,paid,in,day\n" + "".join(f"{row},2024-01-05\n" for row in rows)
    found = mapped(tmp_path, mapping, {"paid.csv": text})[0]
    assert given(found, "order_id", "amount") == [("1", 31.0), ("1", 31.0), ("2", 5.0), ("1", 31.0)]
    assert found.aside == [
        (5, "another row of order_id '3' cannot be used, and they add up"),
        (6, "amount 'x' is not a number"),
        (7, "another row of order_id '4' cannot be used, and they add up"),
        (8, "order_id '4' occurs earlier in the file with other values; keep one of the rows"),
    ]


def test_paths_are_relative_to_the_mapping_file_or_given(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "a.csv").write_text(ROWS)
    mapping = tmp_path / "one" / "m.toml"
    for file, folder in (("../two/a.csv", None), ("a.csv", tmp_path / "two"), ("*.csv", tmp_path / "two" / "a.csv"),
                         (str(tmp_path / "two" / "*.csv"), None)):  # fmt: skip
        mapping.write_text(CONTACTS.replace("a.csv", file))
        assert [plan.file.name for plan in mapping_plans(mapping, folder)] == ["a.csv"]


def test_a_workbook_comes_back_from_quarantine_as_csv(tmp_path: Path) -> None:
    pd.DataFrame({"id": [1], "day": ["2024-01-05"]}).to_excel(tmp_path / "a.xlsx", index=False)
    (tmp_path / "m.toml").write_text(CONTACTS.replace("a.csv", "a.xlsx"))
    (tmp_path / "mended").mkdir()
    (tmp_path / "mended" / "a.csv").write_text(ROWS)
    assert [plan.file.name for plan in mapping_plans(tmp_path / "m.toml")] == ["a.xlsx"]
    assert [plan.file.name for plan in mapping_plans(tmp_path / "m.toml", tmp_path / "mended")] == ["a.csv"]


def without(text: str, part: str) -> str:
    assert part in text
    return text.replace(part, "")


LOAD = "m.toml, [[load]] 1: "
MISTAKES = {
    "": "m.toml has no [[load]]; describe at least one file",
    "load = [1]": LOAD + "must be a table",
    "[[load]": "m.toml is not valid TOML: Expected ']]' at the end of an array declaration (at line 1, column 7)",
    without(CONTACTS, 'table = "interactions"\n'): LOAD + "'table' is missing",
    CONTACTS.replace("interactions", "calls"):
        LOAD + "there is no table 'calls'; there are: customers, identities, interactions, messages, survey_answers, "
        "orders, subscriptions, events, touchpoint_owners",
    CONTACTS + "colums = 1":
        LOAD + "'colums' is not known; there are: columns, completes, constants, delimiter, encoding, explode, file, "
        "header, party, skip, source, sum, table, times, timezone, values",
    CONTACTS.replace("{ interaction", "{ happened_at = 'day', interaction"):
        LOAD + "interactions has no column 'happened_at'; it has: interaction_id, customer_id, case_id, occurred_at, "
        "ended_at, channel, stage, touchpoint, reason, initiated_by, handled_by, team, agent_id, wait_seconds, "
        "handle_seconds, transfers, reopens, outcome, promised_at, sentiment_start, sentiment_end",
    without(CONTACTS, ', occurred_at = "day"'):
        LOAD + "interactions cannot do without 'occurred_at'; name the column or constant it comes from",
    CONTACTS.replace('"id"', "5"): LOAD + "columns.interaction_id must be the name of a column of the file, or a list of them",
    CONTACTS.replace('"id"', "[]"): LOAD + "columns.interaction_id must be the name of a column of the file, or a list of them",
    CONTACTS.replace('"day"', '"Day"'): "a.csv has no column 'Day', which interactions.occurred_at is taken from; it has: id, day, channel",
    CONTACTS + 'constants = { occurred_at = "x" }': LOAD + "'occurred_at' is given both as a column and as a constant",
    CONTACTS + 'values = { channel = "x" }': LOAD + 'values.channel must be a table like { "old" = "new" }',
    CONTACTS + 'times = { occurred_at = "%Q" }':
        LOAD + "times.occurred_at must be a format like %d.%m.%Y %H:%M, or a list of them",
    CONTACTS + 'skip = "missing"': LOAD + "skip must be a table like { name = ... }",
    CONTACTS + 'skip = { kind = "missing" }': "a.csv has no column 'kind'; it has: id, day, channel",
    CONTACTS + 'timezone = "Mars"': LOAD + "there is no time zone 'Mars'; write it like Europe/Berlin",
    CONTACTS + 'encoding = "klingon"': "the encoding 'klingon' given for a.csv is not known",
    CONTACTS + 'encoding = "utf-16"': "a.csv cannot be read as utf-16; save it as UTF-8",
    CONTACTS + 'delimiter = "||"':
        LOAD + "delimiter is one character, or one of: space, tab, comma, semicolon, pipe",
    CONTACTS + 'delimiter = ";"':
        "a.csv has no column 'id', which interactions.interaction_id is taken from; it has: id,day,channel",
    CONTACTS + 'header = "id"': LOAD + "header must be a list of names",
    CONTACTS + 'explode = "messages"': "a.csv has no list 'messages' to explode; it has: id, day, channel",
    CONTACTS + 'party = "second"': LOAD + "party is first (your own data) or third (others')",
    CONTACTS + 'sum = ["occurred_at"]': LOAD + "sum takes columns of numbers that the file gives, 'occurred_at' is none",
    CONTACTS + "completes = 1": LOAD + "completes must be true or false",
    without(CONTACTS, 'interaction_id = "id", ') + "completes = true": LOAD + "completes needs the key 'interaction_id'",
    CONTACTS.replace("a.csv", "."): LOAD + "there is no file . in {folder}",
    CONTACTS.replace("a.csv", "b*.csv"): LOAD + "there is no file b*.csv in {folder}",
}  # fmt: skip


@pytest.mark.parametrize("mapping", MISTAKES)
def test_mistakes(tmp_path: Path, mapping: str) -> None:
    with pytest.raises(IntakeError) as error:
        mapped(tmp_path, mapping, {"a.csv": ROWS})
    assert str(error.value) == MISTAKES[mapping].replace("{folder}", str(tmp_path))


def test_a_folder_without_the_files_or_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, sentence in ((tmp_path / "empty", "{} holds none of the files that m.toml describes"),
                             (tmp_path / "none", "there is no file or folder {}")):  # fmt: skip
        with pytest.raises(IntakeError) as error:
            mapped(tmp_path, CONTACTS, {"a.csv": ROWS}, folder)
        assert str(error.value) == sentence.format(folder)


def test_check_says_what_would_happen_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CX_DATA_FOLDER", str(tmp_path / "data"))
    (tmp_path / "a.csv").write_text(f"{ROWS}2,x,web\n1,2024-01-05,app\n")
    (tmp_path / "m.toml").write_text(CONTACTS)
    assert main(["import", "csv", "--mapping", str(tmp_path / "m.toml"), "--check"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "a.csv -> interactions: 3 rows read = 1 would load + 1 quarantined + 1 duplicates + 0 skipped",
        "    line 3: occurred_at 'x' cannot be read as a time; write 2024-05-31 or name its format under `times`",
    ]
    assert not (tmp_path / "data").exists()
