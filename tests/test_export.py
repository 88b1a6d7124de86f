"""What leaves the product as text."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cx_metrics.export import figure_rows, plain, rows, safe_csv, to_json, to_table

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "|cmd", "＝1+1", "-2+3+cmd|' /C calc'!A0")


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


class TestCsv:
    @pytest.mark.parametrize("formula", FORMULAS)
    def test_no_text_is_a_formula(self, formula: str) -> None:
        assert parsed(safe_csv(pd.DataFrame({"comment": [formula]})))[1] == [f"'{formula}"]
        assert parsed(safe_csv(pd.DataFrame({formula: ["x"]})))[0] == [f"'{formula}"]
        categories = pd.DataFrame({"comment": pd.Categorical([formula, "fine"])})
        assert parsed(safe_csv(categories))[1] == [f"'{formula}"]

    @pytest.mark.parametrize("text", ["fine\r=1+1", "\r=1+1", "fine\r\n=1+1"])
    def test_no_text_begins_a_row_of_its_own(self, text: str) -> None:
        assert len(parsed(safe_csv(pd.DataFrame({"comment": [text]})))) == 2

    @given(text=st.text(max_size=12))
    def test_other_texts_stay_but_for_their_line_ends(self, text: str) -> None:
        frame = pd.DataFrame({"a": ["x"], "comment": pd.Series([text], dtype=object)})
        kept = text.replace("\r\n", "\n").replace("\r", "\n")
        assert parsed(safe_csv(frame))[1][1] in (kept, f"'{kept}")

    def test_numbers_and_times_stay(self) -> None:
        frame = pd.DataFrame({"n": [-5, 3], "x": [-0.5, np.nan], "at": pd.to_datetime(["2024-03-05 10:00", None])})
        assert safe_csv(frame).splitlines() == ["n,x,at", "-5,-0.5,2024-03-05 10:00:00", "3,,"]

    def test_the_frame_itself_is_not_changed(self) -> None:
        frame = pd.DataFrame({"comment": ["=1"]})
        safe_csv(frame)
        assert frame["comment"].tolist() == ["=1"]


class TestJson:
    @pytest.mark.parametrize(
        ("cell", "known"),
        [
            (None, None), (float("nan"), None), (float("inf"), None), (np.float64("nan"), None),
            (np.float32("nan"), None), (pd.NaT, None), (pd.NA, None), (np.datetime64("NaT"), None), (np.int64(3), 3),
            (np.float32(0.5), 0.5),
            (np.bool_(True), True), (Decimal("1.5"), 1.5), (Decimal("NaN"), None), (3.0, 3.0), ("text", "text"),
            (date(2024, 3, 5), "2024-03-05"), (datetime(2024, 3, 5, 10), "2024-03-05T10:00:00"),
            (pd.Timestamp("2024-03-05"), "2024-03-05"), (pd.Timestamp("2024-03-05 10:00"), "2024-03-05T10:00:00"),
            (np.datetime64("2024-03-05T10:00", "ns"), "2024-03-05T10:00:00"),
        ],
    )  # fmt: skip
    def test_cells(self, cell: Any, known: Any) -> None:
        assert plain(cell) == known
        assert type(plain(cell)) is type(known)
        assert json.loads(to_json([cell])) == [known] or isinstance(cell, float)

    def test_frames(self) -> None:
        frame = pd.DataFrame({
            "period": pd.to_datetime(["2024-01-01", None]), "group": ["a", None], "n": [3, 4], "value": [0.5, np.nan],
        })  # fmt: skip
        assert json.loads(to_json(rows(frame))) == [
            {"period": "2024-01-01", "group": "a", "n": 3, "value": 0.5},
            {"period": None, "group": None, "n": 4, "value": None},
        ]
        assert rows(pd.DataFrame({"n": []})) == []

    def test_text_stays_readable(self) -> None:
        assert to_json({"größe": "1 €"}) == '{\n  "größe": "1 €"\n}'


def test_figures_say_suppressed_only_where_they_are() -> None:
    frame = pd.DataFrame({
        "channel": ["web", "phone", "chat"], "n": [20.0, np.nan, 7.0], "value": [1.5, None, None],
        "suppressed": [False, True, True],
    })  # fmt: skip
    found = figure_rows(frame)
    assert found == [
        {"channel": "web", "n": 20, "value": 1.5},
        {"channel": "phone", "n": None, "value": None, "suppressed": True},
        {"channel": "chat", "n": 7, "value": None, "suppressed": True},
    ]
    assert isinstance(found[0]["n"], int)


def test_tables() -> None:
    assert to_table(pd.DataFrame({"n": []})) == "(no rows)"
    lines = to_table(pd.DataFrame({"group": ["a", "b"], "value": [1234.5, None]})).splitlines()
    assert [line.split() for line in lines] == [["group", "value"], ["a", "1,234.50"], ["b"]]
