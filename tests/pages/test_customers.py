"""Customers: found by what one knows of them, followed over all channels, read word by word; texts stay texts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.timeline import KINDS, history
from cx_metrics.warehouse import Warehouse
from pages._marks import marked
from tests.conftest import Embedded, Tables
from tests.pages.opened import HOSTILE, filled, opened, plain, shown, use, well

ANN: Tables = {
    "customers": [{"customer_id": "C-1", "name": " ".join(HOSTILE), "email": "ann@x.org", "segment": HOSTILE[0]}],
    "identities": [{"source_customer_key": "crm-7", "customer_id": "C-1"}],
    "interactions": [
        {"interaction_id": "I-1", "customer_id": "C-1", "occurred_at": "2026-01-05", "channel": HOSTILE[4], "reason": HOSTILE[0],
         "outcome": "unresolved"},
        {"interaction_id": "I-2", "customer_id": "C-2", "occurred_at": "2026-02-05", "channel": "web"},
        {"interaction_id": "I-3", "occurred_at": "2026-02-06", "channel": "web"},
    ],
    "messages": [
        {"message_id": str(n), "interaction_id": "I-1", "sent_at": "2026-01-05", "author": "agent", "text": text}
        for n, text in enumerate(HOSTILE)
    ],
    "survey_answers": [{"answer_id": "S-1", "customer_id": "C-1", "instrument": "csat", "score": 1, "comment": HOSTILE[1],
                        "answered_at": "2026-01-06"}],
}  # fmt: skip


@pytest.fixture
def ann(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> Warehouse:
    """The pages show a customer whose texts are hostile."""
    return use(monkeypatch, filled(embedded, ANN))


def found(test: AppTest) -> list[str]:
    """Keys of the customers in the table of results."""
    return list(test.dataframe[0].value["customer_id"]) if len(test.dataframe) else []


def texts(test: AppTest) -> list[str]:
    return [element.value for element in test.text]


def spec(test: AppTest) -> dict[str, Any]:
    """The timeline chart as Plotly gets it."""
    (chart,) = test.get("plotly_chart")
    return dict(json.loads(chart.proto.spec))


# --- finding ---------------------------------------------------------------------------------------------------------


def test_a_search_is_in_the_link(company: Warehouse) -> None:
    test = opened("customers", q="kuipers gijs")
    assert found(test) == ["C-000001"] and "1 found" in shown(test)
    assert test.text_input[0].value == "kuipers gijs"


def test_before_a_search_the_newest(company: Warehouse) -> None:
    assert len(found(opened("customers"))) == 50


def test_a_search_leaves_the_customer(company: Warehouse) -> None:
    test = opened("customers", customer="C-000001", contact="I-1")
    well(test.text_input[0].set_value("kuipers").run())
    assert "C-000001" in found(test)
    assert not {"customer", "contact"} & set(test.query_params)


@pytest.mark.parametrize("text", [*HOSTILE, "%", "nobody"])
def test_nobody_found(company: Warehouse, text: str) -> None:
    assert " ".join(text.split()) in shown(opened("customers", q=text))


def test_no_customer_of_that_key(company: Warehouse) -> None:
    assert "“C-9”" in shown(opened("customers", customer="C-9"))


def test_anonymous_data(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    answers = [{"answer_id": "1", "instrument": "nps", "score": 9, "answered_at": "2026-01-01"}]
    use(monkeypatch, filled(embedded, {"survey_answers": answers}))
    assert "anonymous" in shown(opened("customers"))


def test_nothing_imported(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    use(monkeypatch, filled(embedded, {}))
    assert "There are no data yet" in shown(opened("customers"))


# --- following -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["customers", "_main"])
@pytest.mark.parametrize("key", ["C-1", "crm-7", "ANN@x.org"])
def test_a_link_opens_the_timeline(ann: Warehouse, page: str, key: str) -> None:
    test = opened(page, customer=key)
    if page == "_main":
        test.query_params["customer"] = key
        test = well(test.switch_page("customers.py").run())
    assert plain(test.subheader[0].value) == " ".join(" ".join(HOSTILE).split())
    assert "1 contact on 1 channel since 5 Jan 2026 and 1 survey question" in shown(test)
    assert texts(test)[0] == f"C-1 · ann@x.org · {HOSTILE[0]} · also crm-7 (csv)"
    assert list(test.dataframe[0].value["key"]) == ["S-1", "I-1"]


def test_a_customer_that_only_contacts_name(ann: Warehouse) -> None:
    test = opened("customers", customer="C-2")
    assert plain(test.subheader[0].value) == "C-2" and texts(test) == [""]


def test_texts_in_the_chart_are_escaped(ann: Warehouse) -> None:
    drawn = json.dumps(spec(opened("customers", customer="C-1"))["data"])
    assert "&lt;script&gt;" in drawn and "<script" not in drawn


def test_history_is_cut_only_when_asked(company: Warehouse) -> None:
    key = "C-000111"
    whole = opened("customers", customer=key)
    assert len(whole.dataframe[0].value) == history(company, key).total
    assert "The period and the filters above do not apply" in shown(whole)
    for cut in (well(whole.toggle[0].set_value(True).run()), opened("customers", customer=key, cut="true")):
        assert "The filters above do not apply" in shown(cut)
        assert len(cut.dataframe[0].value) < history(company, key).total


def test_the_newest_of_very_many(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    contacts = [{"interaction_id": str(n), "customer_id": "c", "occurred_at": "2026-01-05"} for n in range(2_100)]
    use(monkeypatch, filled(embedded, {"interactions": contacts}))
    test = opened("customers", customer="c")
    assert len(test.dataframe[0].value) == 2_000
    assert "the newest 2,000 of 2,100 rows" in shown(test) and "2,100 contacts" in shown(test)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_conversation_word_by_word(ann: Warehouse) -> None:
    test = opened("customers", customer="C-1", contact="I-1")
    assert texts(test)[2:] == list(HOSTILE)
    assert [message.name for message in test.chat_message] == ["agent"] * len(HOSTILE)
    assert "unresolved, 05 Jan 2026" in shown(test)
    ring = spec(test)["data"][-1]
    assert ring["marker"]["symbol"] == "circle-open" and len(ring["x"]) == 1
    assert test.session_state["rows"]["selection"]["rows"] == [1]


def test_a_comment_word_by_word(ann: Warehouse) -> None:
    assert texts(opened("customers", customer="C-1", survey="S-1"))[-1] == HOSTILE[1]


def test_a_contact_alone_leads_to_its_customer(ann: Warehouse) -> None:
    test = opened("customers", contact="I-1")
    assert texts(test)[0].startswith("C-1 · ") and texts(test)[-1] == HOSTILE[-1]


def test_a_contact_of_nobody_known(ann: Warehouse) -> None:
    test = opened("customers", contact="I-3")
    assert "Web: contact" in shown(test) and "no text" in shown(test)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_or_not_theirs(ann: Warehouse, kind: str) -> None:
    for key in ("x", "I-2"):
        assert len(texts(opened("customers", customer="C-1", **{kind: key}))) == 1


def test_back_to_the_search(ann: Warehouse) -> None:
    test = well(opened("customers", customer="C-1", contact="I-1").button[0].click().run())
    assert set(found(test)) == {"C-1", "C-2"}
    assert not {"customer", "contact"} & set(test.query_params)


# --- what the words show ---------------------------------------------------------------------------------------------


def test_words_that_show_something_are_marked_and_stay_texts(
    monkeypatch: pytest.MonkeyPatch, embedded: Embedded
) -> None:
    said = [
        ("customer", "I am fed up <b>now</b>!"),
        ("agent", "I am so sorry that it broke."),
        ("customer", "Thank you!"),
    ]
    messages = [
        {
            "message_id": str(n),
            "interaction_id": "I-1",
            "sent_at": f"2026-01-05 10:0{n}",
            "author": author,
            "text": text,
        }
        for n, (author, text) in enumerate(said)
    ]
    use(monkeypatch, filled(embedded, {**ANN, "messages": messages}))
    test = opened("customers", contact="I-1")
    first, reply, last = [element.proto.body for element in test.get("html")]
    assert re.search("<mark title='frustration'[^>]*>fed up</mark>", first) and "&lt;b&gt;now&lt;/b&gt;" in first
    assert "<mark title='emotional'" in reply and "<mark title='gratitude'" in last
    assert any("fed up" in element.value and "frustration" in element.value for element in test.caption)
    assert len(test.get("plotly_chart")) == 2, "the timeline, and the course of the mood"


def test_marks_follow_the_words_however_they_are_broken() -> None:
    shown = re.sub(" style='[^']*'", "", marked("fed\n up & FED UP", {"frustration": ["fed up"]}))
    assert shown == "<mark title='frustration'>fed\n up</mark> &amp; <mark title='frustration'>FED UP</mark>"
    assert marked("<script>", {}) == "&lt;script&gt;"
