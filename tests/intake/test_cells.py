"""What cells may say: each wrong one sets its row aside with a reason that names the column, the text and the rule."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cx_metrics.intake.plan import Plan
from tests.intake.reading import Outcome, both_ways, channels, contacts

DAY = "2024-01-05"
NO_TIME = "cannot be read as a time; write 2024-05-31 or name its format under `times`"


def table(folder: Path, name: str, header: str, *rows: str) -> Outcome:
    path = folder / f"{name}.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return both_ways(Plan("test", name, path, {column: column for column in header.split(",")}))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-01-05", datetime(2024, 1, 5)),
        ("2024/1/5", datetime(2024, 1, 5)),
        ("2024-01-05T10:00", datetime(2024, 1, 5, 10)),
        ("2024-01-05 10:00:00", datetime(2024, 1, 5, 10)),
        ("2024-01-05T10:00:00.123456", datetime(2024, 1, 5, 10, 0, 0, 123456)),
        ("2024-01-05T10:00:00Z", datetime(2024, 1, 5, 10)),
        ("2024-01-05T10:00:00.5z", datetime(2024, 1, 5, 10, 0, 0, 500000)),
        ("2024-01-05 10:00:00 UTC", datetime(2024, 1, 5, 10)),
        ("2024-01-05T10:00:00+02:00", datetime(2024, 1, 5, 8)),
        ("2024-01-05 10:00:00 +0200", datetime(2024, 1, 5, 8)),
        ("2024-01-05T10:00-0330", datetime(2024, 1, 5, 13, 30)),
        ("2024-01-05T10:00+02", datetime(2024, 1, 5, 8)),
        ("1704448800", datetime(2024, 1, 5, 10)),
        ("1704448800.5", datetime(2024, 1, 5, 10, 0, 0, 500000)),
        ("1704448800123", datetime(2024, 1, 5, 10, 0, 0, 123000)),
        ("1704448800123456", datetime(2024, 1, 5, 10, 0, 0, 123456)),
    ],
)
def test_times_that_are_read(tmp_path: Path, text: str, time: datetime) -> None:
    found = table(tmp_path, "interactions", "interaction_id,occurred_at", f"1,{text}")
    assert (found.rows, found.aside) == ([{"interaction_id": "1", "occurred_at": time}], [])


def test_times_of_many_kinds_in_one_column(tmp_path: Path) -> None:
    found = table(tmp_path, "interactions", "interaction_id,occurred_at,ended_at",
                  f"1,{DAY},", "2,1704448800,2024-01-05T13:00+02:00", f"3,{DAY}Z,n/a", "4,2024-01-05T10:00:00Z,x")  # fmt: skip
    assert [row["occurred_at"].hour for row in found.rows] == [0, 10]
    assert [row.get("ended_at") for row in found.rows] == [None, datetime(2024, 1, 5, 11)]
    assert found.aside == [(4, f"occurred_at '{DAY}Z' {NO_TIME}"), (5, f"ended_at 'x' {NO_TIME}")]


@pytest.mark.parametrize(
    "text", ["05/01/2024", "5.1.2024", "20240105", "2024-02-30", "2024-01-05T25:00", "99999999999999", "-1", "1e9",
             "2024-W01-1", "2024-01-05 10:00 PM", "tomorrow", "١٧٠٤٤٤٨٨٠٠"],
)  # fmt: skip
def test_times_that_are_not_guessed(tmp_path: Path, text: str) -> None:
    found = table(tmp_path, "interactions", "interaction_id,occurred_at", f"1,{text}")
    assert found.aside == [(2, f"occurred_at '{text}' {NO_TIME}")]


def test_times_that_cannot_have_happened(tmp_path: Path) -> None:
    tomorrow, later = (f"{datetime.now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (0.5, 2.5))
    found = table(tmp_path, "interactions", "interaction_id,occurred_at,ended_at",
                  "1,1969-12-31,", f"2,{later},", f"3,{tomorrow},", f"4,{DAY},2024-01-04", "5,n/a,", "6,,")  # fmt: skip
    assert [row["interaction_id"] for row in found.rows] == ["3"]
    assert found.aside == [
        (2, "occurred_at '1969-12-31' lies before 1970"),
        (3, f"occurred_at '{later}' lies in the future"),
        (5, "ended_at lies before occurred_at"),
        (6, "occurred_at is missing"),
        (7, "occurred_at is missing"),
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5.0), (" 7.5 ", 7.5), ("1e3", 1000.0), ("+.5", 0.5), ("01:02:03", 3723.0), ("125:00:00.5", 450000.5),
     ("", None), ("nan", None), ("NULL", None), ("n/a", None), ("-", None)],
)  # fmt: skip
def test_numbers_that_are_read(tmp_path: Path, text: str, number: float | None) -> None:
    found = both_ways(contacts(tmp_path, f"1,{DAY},web,{text}\n"))
    assert ([row.get("wait_seconds") for row in found.rows], found.aside) == ([number], [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"1,5"', "wait_seconds '1,5' is not a number"),
        ("inf", "wait_seconds 'inf' is not a number"),
        ("1e400", "wait_seconds '1e400' is not a number"),
        ("0x1F", "wait_seconds '0x1F' is not a number"),
        ("1 000", "wait_seconds '1 000' is not a number"),
        ("5%", "wait_seconds '5%' is not a number"),
        ("12:30", "wait_seconds '12:30' is not a number"),  # minutes or hours?
        ("-00:00:01", "wait_seconds '-00:00:01' is not a number"),
        ("-5", "wait_seconds '-5' is below 0"),
    ],
)
def test_numbers_that_are_not(tmp_path: Path, text: str, reason: str) -> None:
    assert both_ways(contacts(tmp_path, f"1,{DAY},web,{text}\n")).aside == [(2, reason)]


def test_whole_numbers(tmp_path: Path) -> None:
    found = table(tmp_path, "interactions", "interaction_id,occurred_at,transfers",
                  f"1,{DAY},3.0", f"2,{DAY},1.5", f"3,{DAY},{'9' * 20}", f"4,{DAY},1e300", f"5,{DAY},-1")  # fmt: skip
    assert [row["transfers"] for row in found.rows] == [3]
    assert found.aside == [
        (3, "transfers '1.5' is not a whole number"),
        (4, f"transfers '{'9' * 20}' is too large"),
        (5, "transfers '1e300' is too large"),
        (6, "transfers '-1' is below 0"),
    ]


def test_numbers_between_bounds(tmp_path: Path) -> None:
    found = table(tmp_path, "interactions", "interaction_id,occurred_at,sentiment_start,sentiment_end",
                  f"1,{DAY},-1,1", f"2,{DAY},-1.01,0", f"3,{DAY},0,1.2")  # fmt: skip
    assert [(row["sentiment_start"], row["sentiment_end"]) for row in found.rows] == [(-1, 1)]
    assert found.aside == [(3, "sentiment_start '-1.01' is below -1"), (4, "sentiment_end '1.2' is above 1")]


def test_missing_and_blank_keys(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f',{DAY},a,\n  ,{DAY},b,\n\u3000,{DAY},c,\n" \t",{DAY},d,\n'))
    assert found.aside == [(line, "interaction_id is missing") for line in (2, 3, 4, 5)]


def test_long_cells_are_text_but_no_names(tmp_path: Path) -> None:
    found = both_ways(contacts(tmp_path, f"{'x' * 100_000},{DAY},a,\n2,{DAY},{'y' * 201},\n3,{DAY},{'z' * 200},\n"))
    assert channels(found) == ["z" * 200]
    assert found.aside == [
        (2, f"interaction_id '{'x' * 60}' ... is longer than 200 characters"),
        (3, f"channel '{'y' * 60}' ... is longer than 200 characters"),
    ]


@pytest.mark.parametrize("length", [100_000, 3_000_000])
def test_long_texts_are_kept(tmp_path: Path, length: int) -> None:
    found = table(tmp_path, "messages", "message_id,interaction_id,author,text", f"1,1,agent,{'é' * length}")
    assert [len(row["text"]) for row in found.rows] == [length]


def test_closed_vocabularies_are_compared_without_case(tmp_path: Path) -> None:
    found = table(tmp_path, "messages", "message_id,interaction_id,author", "1,1,AGENT", "2,1,robot", "3,1,")
    assert [row["author"] for row in found.rows] == ["agent"]
    assert found.aside == [(3, "author 'robot' is none of: customer, agent, bot"), (4, "author is missing")]


def test_scores_and_their_scales(tmp_path: Path) -> None:
    rows = {
        "csat,6,,": "score 6.0 is outside its scale 1.0 to 5.0",
        "csat,0,,": "score 0.0 is outside its scale 1.0 to 5.0",
        "nps,11,,": "score 11.0 is outside its scale 0.0 to 10.0",
        "ces,0,,": "score 0.0 is outside its scale 1.0 to 7.0",
        "nps,5,0,5": "nps is asked on a scale up to 10; give scale_max 10",
        "csat,3,5,1": "scale_min is not below scale_max",
        "smile,3,,": "instrument 'smile' is none of: csat, nps, ces, expectation, perception, belief, "
                     "believed_expectation, importance, resolved",
        ",3,,": "instrument is missing",
    }  # fmt: skip
    fine = ["csat,5,,", "NPS,0,,", "ces,7,,", "csat,10,1,10", "perception,n/a,,"]
    lines = [f"{n},{row},{DAY},2024-01-04" for n, row in enumerate([*rows, *fine])]
    found = table(
        tmp_path, "survey_answers", "answer_id,instrument,score,scale_min,scale_max,answered_at,invited_at", *lines
    )
    assert [reason for _, reason in found.aside] == list(rows.values())
    assert [(row.get("score"), row["scale_min"], row["scale_max"]) for row in found.rows] == [
        (5, 1, 5), (0, 0, 10), (7, 1, 7), (10, 1, 10), (None, 1, 5),
    ]  # fmt: skip


def test_answers_without_an_answer(tmp_path: Path) -> None:
    found = table(tmp_path, "survey_answers", "answer_id,instrument,score,answered_at,invited_at,comment",
                  f"1,csat,4,,{DAY},", f"2,csat,,{DAY},,", f"3,csat,,,{DAY},", f"4,csat,,{DAY},,no number")  # fmt: skip
    assert [row["answer_id"] for row in found.rows] == ["3", "4"]
    assert found.aside == [
        (2, "the answer has a score but no answered_at"),
        (3, "the row has no score, no comment and no invited_at: nothing was asked or answered"),
    ]


def test_repeated_keys(tmp_path: Path) -> None:
    """The first stands; the same again is a duplicate, something else is set aside; what was wrong itself counts not."""
    rows = (f"1,{DAY},a,-1\n1,{DAY},a,5\n1,{DAY} 00:00:00,a,5.0\n1,{DAY},a,6\n2,{DAY},a,\n1,{DAY},a,5\n",)
    found = both_ways(contacts(tmp_path, *rows))
    assert ([row["interaction_id"] for row in found.rows], found.duplicates) == (["1", "2"], 2)
    assert found.aside == [
        (2, "wait_seconds '-1' is below 0"),
        (5, "interaction_id '1' occurs earlier in the file with other values; keep one of the rows"),
    ]
