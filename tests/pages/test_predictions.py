"""The Predictions page: what a team expects is recorded, kept, and marked against what came."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.prediction_entry import coming
from cx_metrics.ledger import Ledger
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, opened, plain, shown, use, well

ANSWERS = [
    {"answer_id": f"{month}-{i}", "customer_id": f"c{i}-{month}", "instrument": "csat", "team": "North",
     "score": 5 if i < satisfied else 1, "answered_at": f"2026-0{month}-{1 + i:02}"}
    for month, satisfied in ((1, 12), (2, 15), (3, 12), (4, 1)) for i in range(20)
]  # fmt: skip
TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with a team's answers: 60 % satisfied in January, 75 % in February, 60 % in March."""
    return filled(embedded, {"survey_answers": ANSWERS})


def predict(ledger: Ledger, month: int, expected: float, at: str, **other: Any) -> None:
    """Put a prediction into the ledger: North's CSAT in a month of 2026."""
    row = {"who": "Ann", "team": "North", "metric": "csat", "first_day": datetime.date(2026, month, 1),
           "last_day": datetime.date(2026, month, 28), "filters": '{"team": ["North"]}', "expected": expected,
           "low": expected - 10, "high": expected + 10, "note": "", **other}  # fmt: skip
    ledger.predict(row, datetime.datetime.fromisoformat(at))


def recorded(test: AppTest, **fields: Any) -> AppTest:
    """The page after its form was filled and sent. fields: label -> value."""
    for label, value in fields.items():
        elements = (*test.selectbox, *test.text_input, *test.number_input, *test.date_input)
        next(field for field in elements if field.label.startswith(label.replace("_", " "))).set_value(value)
    return next(button for button in test.button if button.label == "Record").click().run()


def test_an_empty_ledger_says_how_to_begin(kept: Ledger) -> None:
    test = opened("predictions")
    assert plain(test.markdown[0].value).startswith(
        "##### No team has recorded a prediction yet: record what you expect"
    )
    assert not test.get("plotly_chart") and not test.dataframe
    assert "Nothing here can be edited or deleted." in shown(test)


def test_the_form_records_for_the_next_month(kept: Ledger) -> None:
    test = recorded(opened("predictions"), Team="North", Your_name="Ann", Figure="csat", Expected=81.5)
    test = well(test)
    assert "Recorded: North expects customer satisfaction (CSAT) of 81.5 %" in shown(test)
    (row,) = kept.predictions().to_dict("records")
    assert (row["team"], row["who"], row["metric"], row["expected"]) == ("North", "Ann", "csat", 81.5)
    assert (row["first_day"], row["last_day"]) == next(iter(coming(TODAY).values()))
    assert json.loads(row["filters"]) == {"team": ["North"]}
    assert list(test.dataframe[0].value["team"]) == ["North"] and "1 is open" in shown(test)
    assert list(test.dataframe[-1].value["status"]) == ["open"]


def test_a_period_of_ones_own_and_a_range(kept: Ledger) -> None:
    test = opened("predictions")
    test.segmented_control[0].set_value("from … to …").run()
    first, last = TODAY + datetime.timedelta(days=10), TODAY + datetime.timedelta(days=20)
    test.date_input[0].set_value(first)
    test.date_input[1].set_value(last)
    well(recorded(test, Team="North", Figure="nps", Expected=-5.0, **{"90 % sure: from": -10.0, "90 % sure: to": 0.0}))
    (row,) = kept.predictions().to_dict("records")
    assert (row["first_day"], row["last_day"], row["low"], row["high"]) == (first, last, -10, 0)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"Team": "North"}, "the expected value is empty"),
        ({"Expected": 80.0}, "the team is empty"),
        ({"Team": "North", "Your_name": " ", "Expected": 80.0}, "the name is empty"),
        ({"Team": "North", "Figure": "csat", "Expected": 180.0}, "180 is no value of csat"),
        ({"Team": "North", "Figure": "csat", "Expected": 80.0, "90 % sure: to": 85.0}, "a range has two ends"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(fields: dict[str, Any], said: str, kept: Ledger) -> None:
    test = recorded(opened("predictions"), **fields)
    assert not test.exception and said in plain(test.error[0].value)
    assert kept.predictions().empty


def test_a_period_that_has_begun_is_refused(kept: Ledger) -> None:
    test = opened("predictions")
    test.segmented_control[0].set_value("from … to …").run()
    test.date_input[0].set_value(TODAY)
    test = recorded(test, Team="North", Figure="csat", Expected=80.0)
    assert f"the period has begun on {TODAY} already" in plain(test.error[0].value) and kept.predictions().empty


def test_marked_predictions_are_drawn_and_kept(kept: Ledger) -> None:
    predict(kept, 2, 70, "2026-01-20")
    predict(kept, 3, 90, "2026-02-20")
    predict(kept, 3, 62, "2026-02-21")
    predict(kept, 3, 60, "2026-03-01")
    test = opened("predictions")
    assert "2 predictions are marked, 0 are open; a team is ranked from 30 on, and North has the most (2)" in shown(
        test
    )
    assert "Not counted: 1 entered too late to count and 1 replaced by a later one." in shown(test)
    _, points = charts(test)[0]["data"]
    assert sorted(points["text"]) == [
        "North, csat<br>1 Feb 2026 to 28 Feb 2026<br>expected 70.0 % (60.0 to 80.0 %), came 75.0 % (53.1 to 88.8 %)",
        "North, csat<br>1 Mar 2026 to 28 Mar 2026<br>expected 62.0 % (52.0 to 72.0 %), came 60.0 % (38.7 to 78.1 %)",
    ]
    table = test.dataframe[-1].value
    assert (
        table["status"].tolist() == ["late", "marked", "replaced", "marked"] and len(test.get("download_button")) == 3
    )
    assert test.code[0].value.splitlines()[1].startswith("cx-metrics analyse predictions --from")
    assert test.dataframe[0].value["n"].tolist() == [2]


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("predictions"))


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    for name in HOSTILE:
        predict(
            kept,
            2,
            70,
            "2026-01-20",
            team=name,
            note=name,
            who=name,
            filters=json.dumps({"channel": [name, "", "(not given)"]}),
        )
    test = opened("predictions")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [name for name in HOSTILE if name in written] and HOSTILE[-1] in set(test.dataframe[-1].value["team"])
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec and "<b>" not in chart.proto.spec
