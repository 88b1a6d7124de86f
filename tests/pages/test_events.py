"""The Events page: what people enter is kept, listed, marked on the trends and can be withdrawn."""

from __future__ import annotations

import datetime

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.ledger import Ledger
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, opened, plain, shown, use, well

CONTACTS = [
    {"interaction_id": f"{i}", "customer_id": f"c{i}", "occurred_at": f"2026-0{1 + i % 6}-05", "channel": "web"}
    for i in range(120)
]
RELEASE_DAY = datetime.datetime(2026, 2, 1)
RELEASE = {"event_id": "E1", "occurred_at": "2026-02-01", "title": "Release 7", "kind": "release"}


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A warehouse with contacts from January to June and one event."""
    return filled(embedded, {"interactions": CONTACTS, "events": [RELEASE]})


def framed(page: str, **query: str) -> AppTest:
    """A page within the frame, over all data."""
    return well(opened("_main", period="all", **query).switch_page(f"{page}.py").run())


def pressed(test: AppTest, label: str) -> AppTest:
    return next(button for button in test.button if button.label == label).click().run()


def entered(test: AppTest, day: str, title: str, kind: str = "other") -> AppTest:
    test.date_input[0].set_value(datetime.date.fromisoformat(day))
    next(field for field in test.text_input if field.label.startswith("What happened")).set_value(title)
    next(field for field in test.selectbox if field.label == "Kind").set_value(kind)
    return pressed(test, "Enter")


def test_an_event_is_entered_listed_marked_and_withdrawn(kept: Ledger) -> None:
    test = opened("events")
    assert "1 event, 0 of them entered here; the newest is Release 7 (release) of 1 Feb 2026." in shown(test)
    test.text_input(key="who").set_value("Ann")
    test = well(entered(test, "2026-03-01", "New price list", "price"))
    assert "New price list is entered" in shown(test)
    (row,) = kept.events().to_dict("records")
    assert (row["title"], row["kind"], row["who"], str(row["occurred_at"])) == (
        "New price list", "price", "Ann", "2026-03-01 00:00:00",
    )  # fmt: skip
    table = test.dataframe[0].value
    assert list(table["title"]) == ["New price list", "Release 7"] and list(table["came_by"]) == ["entered", "csv"]

    trends = framed("trends", metric="contacts")
    assert "Events: **1** Release 7 (1 Feb 2026) · **2** New price list (1 Mar 2026)." in shown(trends)
    assert [note["text"] for note in charts(trends)[0]["layout"]["annotations"]] == ["1", "2"]
    assert "**2** New price list (1 Mar 2026)" in shown(framed("friction"))

    test = next(field for field in test.selectbox if field.label == "Event").set_value("1").run()
    test = well(pressed(test, "Withdraw"))
    assert "Event 1 is withdrawn." in shown(test) and "1 withdrawn" in shown(test)
    assert len(test.dataframe[0].value) == 2 and test.dataframe[0].value["withdrawn_by"].tolist()[0] == "Ann"
    assert "New price list" not in shown(framed("trends", metric="contacts"))
    assert list(kept.history()["action"]) == ["withdrawal", "event"]


def test_what_cannot_be_entered_is_one_sentence(kept: Ledger) -> None:
    for title, said in ((" ", "the title is empty"), ("release  7", "is there already")):
        test = entered(opened("events"), "2026-02-01", title)
        assert not test.exception and said in plain(test.error[0].value)
    assert kept.events().empty


def test_a_file_of_events(kept: Ledger) -> None:
    text = "date;title;kind\n2026-03-02;Störung im Café;outage\n2026-02-01;Release 7;release\nsoon;x;\n"
    test = opened("events")
    test.file_uploader[0].set_value([("own.csv", text.encode("cp1252"), "text/csv")])
    test = well(pressed(test.run(), "Enter these events"))
    assert "own.csv: 3 rows read = 1 entered + 1 already there + 1 set aside" in shown(test)
    assert test.dataframe[0].value.to_dict("records") == [
        {"line": 4, "reason": "'soon' cannot be read as a date; write it as 2026-05-01"}
    ]
    assert list(kept.events()["title"]) == ["Störung im Café"]


def test_a_file_that_cannot_be_read(kept: Ledger) -> None:
    for text, said in (("", "own.csv is empty"), ("a,b\n1,2\n", "has no column occurred_at or date")):
        test = opened("events")
        test.file_uploader[0].set_value([("own.csv", text.encode(), "text/csv")])
        test = pressed(test.run(), "Enter these events")
        assert not test.exception and said in plain(test.error[0].value)


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "No event is known yet" in shown(opened("events"))


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    for title in HOSTILE:
        kept.enter_events([{"occurred_at": RELEASE_DAY, "title": title, "kind": "other"}])
    test = opened("events")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [title for title in HOSTILE if title in written] and set(HOSTILE) <= set(
        test.dataframe[0].value["title"]
    )


def test_many_events_are_folded(kept: Ledger) -> None:
    kept.enter_events([{"occurred_at": RELEASE_DAY, "title": f"event {i}", "kind": "other"} for i in range(20)])
    test = framed("trends", metric="contacts")
    assert "The 21 events behind the marks" in [fold.label for fold in test.expander]
    assert len(charts(test)[0]["layout"]["annotations"]) == 21


def test_a_ledger_that_cannot_be_opened_leaves_the_trends_whole(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, url)
    monkeypatch.setenv("CX_LEDGER_URL", "sqlite:////proc/no such folder/ledger.db")
    test = framed("trends", metric="contacts")
    assert "Release 7" in shown(test) and "are not shown" in test.warning[0].value
