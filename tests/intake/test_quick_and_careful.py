"""The engine reads clean files by itself, everything else goes row by row through Python: both ways give the same rows."""

import csv
import re
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cx_metrics.intake.plan import Plan
from tests.intake.reading import outcome

COLUMNS = ("message_id", "interaction_id", "author", "text", "sent_at")
PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ODD = st.sampled_from((
    "", " ", "\t", "\u00a0", "\u3000", '"', '""', ',', "a,b", "a\nb", "a\r\nb", "\r", "'", '"quoted"', ' "x" ', "null",
    "NaN", "=1+1", "ä", "😀", "مرحبا", "\u2028", "\x0b", "\x85", "\\", '\\"', "#", "x" * 300,
))  # fmt: skip
CELLS = st.one_of(ODD, PLAIN, st.sampled_from(("1", "2")))
ROWS = st.lists(
    st.tuples(CELLS, CELLS, st.one_of(st.sampled_from(("agent", "Customer", "bot")), CELLS), CELLS,
              st.one_of(st.sampled_from(("2024-01-05", "2024-01-05T10:00:00+02:00", "1704448800", "5.1.2024")), CELLS)),
    max_size=20,
)  # fmt: skip


def plan(path: Path) -> Plan:
    return Plan("test", "messages", path, {name: name for name in COLUMNS})


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ROWS, st.sampled_from(",;\t|"), st.sampled_from(("\n", "\r\n")), st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
)
def test_same_rows_both_ways(
    tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str, end: str, quoting: int
) -> None:
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
        writer.writerows([COLUMNS, *rows])
    assert outcome(plan(path)) == outcome(plan(path), careful=True)


GOOD = """{}
1,7,agent,"Hello, ""you""\nthere",2024-01-05
2,7,customer,,
3,7,bot,"x",2024-01-06
""".format(",".join(COLUMNS))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(GOOD.index("\n") + 1, len(GOOD)), st.sampled_from('",; \n\r\t\0\xe91'), st.booleans()),
        max_size=4,
    )
)
def test_same_rows_both_ways_with_slips_of_the_pen(tmp_path: Path, slips: list[tuple[int, str, bool]]) -> None:
    text = GOOD
    for place, sign, instead in slips:
        text = text[:place] + sign + text[place + instead :]
    assume(not re.search('" +[^ ,\r\n]', text))  # the engine takes what follows for part of the cell
    path = tmp_path / "messages.csv"
    path.write_bytes(text.encode())
    assert outcome(plan(path)) == outcome(plan(path), careful=True)
