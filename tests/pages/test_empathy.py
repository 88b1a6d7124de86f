"""The page of empathy: the figures of the analysis, replies to read, nominations, one person's own scores."""

from __future__ import annotations

import datetime
import shlex

import pytest
from streamlit.testing.v1 import AppTest

from cx_metrics.analyses.empathy import empathy
from cx_metrics.analyses.empathy_examples import examples
from cx_metrics.charts.empathy import KINDS
from cx_metrics.ledger import Ledger
from cx_metrics.ledger_tables import nominations
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.judged_company import company, judge
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, ROOT, charts, filled, opened, plain, shown, use, well

SCOPE = Scope(datetime.date(2026, 1, 1), datetime.date(2026, 4, 30))


@pytest.fixture(scope="module")
def url(embedded: Embedded) -> str:
    """A judged company in which some names are hostile."""
    tables, of_contacts, of_messages = company(150)
    for row in tables["interactions"]:
        if row["team"] == "Care":
            row.update(team=HOSTILE[0], reason=HOSTILE[1])
    for row in of_messages:
        if row["message_id"].endswith("-1") and not row["scripted"]:
            row["text"] = f"{row['text']} {HOSTILE[3]}"
    found = filled(embedded, tables)
    judge(Warehouse(found), of_contacts, of_messages, ("ann",))
    return found


def empathy_page(**query: str) -> AppTest:
    """The page over all four months."""
    test = AppTest.from_file(str(ROOT / "pages" / "empathy.py"), default_timeout=60)
    test.session_state["scope"] = SCOPE
    for name, value in query.items():
        test.query_params[name] = value
    return well(test.run())


def test_it_shows_the_analysis(kept: Ledger, url: str) -> None:
    test, warehouse = empathy_page(), Warehouse(url)
    found = empathy(warehouse, (), SCOPE)
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    kinds = found.tables["kinds"]
    drawn = kinds[(kinds["by"] == "team") & kinds["figure"].isin(list(KINDS))]
    assert sum(len(trace["hovertext"]) for trace in charts(test)[0]["data"]) == len(drawn)
    assert [trace["name"] for trace in charts(test)[0]["data"]][2] == "cognitive (indicative)"
    told = charts(test)[0]["data"][0]["hovertext"]
    strong = charts(well(test.selectbox(key="grade").set_value("_strong").run()))[0]["data"]
    assert strong[0]["hovertext"] != told and len(strong) == 3 and "_strong" in test.query_params["grade"]
    assert text.count("kappa not measured yet") == 4  # beside each kind, feeling twice
    assert shlex.split(test.code[-1].value)[:4] == ["cx-metrics", "analyse", "empathy", "--from"]


def test_hostile_texts_stay_texts(kept: Ledger) -> None:
    test = empathy_page(by="team")
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not [name for name in HOSTILE if name in written] and HOSTILE[3] in plain(written)
    for chart in test.get("plotly_chart"):
        assert "<script" not in chart.proto.spec


def test_a_reply_is_nominated_once(kept: Ledger, url: str) -> None:
    warehouse = Warehouse(url)
    first = examples(warehouse, SCOPE).iloc[0]
    test = empathy_page(situation=first["situation"])
    assert ":blue-background[how hard it is]" in " ".join(text.value for text in test.markdown)
    names = [field for field in test.text_input if field.label.startswith("Who wrote it")]
    names[0].set_value("Käthe")
    well(next(button for button in test.button if button.label == "Nominate").click().run())
    assert "Käthe is nominated" in shown(test)
    (row,) = kept.rows(nominations).to_dict("records")
    assert (row["message_id"], row["situation"]) == (first["message_id"], first["situation"])
    assert "Ann" not in row["reply"] + row["customer_said"] and row["customer_said"].startswith("[name] here")
    test = next(button for button in test.button if button.label == "Nominate").click().run()
    assert "nominated already" in plain(test.error[0].value) and len(kept.rows(nominations)) == 1


def test_one_persons_own_scores(kept: Ledger) -> None:
    test = empathy_page()
    asked = next(field for field in test.text_input if field.label == "Key of an agent")
    well(asked.set_value("Stores-0").run())
    table = next(frame.value for frame in test.dataframe if "own, 95 %" in frame.value)
    assert table["n"].iloc[-1] == "25" and set(table["team, 95 %"]) == {"–"}
    assert "Not compared with the team" in shown(test) and "agent" not in dict(test.query_params)
    well(next(field for field in test.text_input if field.label == "Key of an agent").set_value("x").run())
    assert "Nobody with the key x replied" in shown(test)


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.empty_url())
    for page in ("empathy", "scripts", "labels", "wall"):
        assert "There are no data yet" in shown(opened(page))


def test_without_replies(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "i", "occurred_at": "2026-01-01"}]}))
    assert "needs agents' replies" in shown(opened("empathy"))
    assert "needs agents' replies" in shown(opened("scripts"))
    assert "no further reply to label" in shown(opened("labels"))
