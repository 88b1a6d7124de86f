"""The page of what came of stepping in: the analysis' sentences and tables, choices in the URL, words for nothing."""

from __future__ import annotations

import datetime

import pytest

from cx_metrics.analyses.recoveries import recoveries
from cx_metrics.analyses.recoveries_words import WORDS
from cx_metrics.analyses.rules import shipped
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded
from tests.pages.opened import HOSTILE, charts, filled, last_year, opened, plain, shown, use, well

START = datetime.datetime(2026, 1, 5)
DAY = datetime.timedelta(days=1)


def test_it_shows_the_analysis(company: Warehouse) -> None:
    test, found = opened("recoveries"), recoveries(company, last_year(company), shipped().rules, ())
    text = shown(test)
    for sentence in (*found.sentences, *found.assumptions):
        assert sentence in text
    (command,) = test.code
    assert command.value.startswith("cx-metrics analyse recoveries --from ")


def test_without_data(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    assert "There are no data yet" in shown(opened("recoveries"))
    use(monkeypatch, filled(embedded, {"interactions": [{"interaction_id": "last", "occurred_at": START}]}))
    assert "No rule found a moment in this scope" in shown(opened("recoveries"))


def test_figures_choices_and_hostile_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 customers have to say everything again, of whom 20 are called the day after; the data go on for 50 days."""
    rows = [{"interaction_id": "last", "occurred_at": START + 50 * DAY}]
    texts = []
    for number in range(40):
        own = {"customer_id": f"c{number}", "channel": HOSTILE[0], "team": HOSTILE[1], "reason": HOSTILE[2]}
        rows.append({**own, "interaction_id": f"m{number}", "occurred_at": START, "handled_by": "human"})
        texts.append({"message_id": f"m{number}", "interaction_id": f"m{number}", "author": "customer",
                      "text": "As I already told your colleague, it does not work."})  # fmt: skip
        if number < 20:
            call = {"initiated_by": "company", "handled_by": "human", "occurred_at": START + DAY}
            rows.append({**own, "interaction_id": f"k{number}", **call})
    use(monkeypatch, filled(embedded, {"interactions": rows, "messages": texts}))
    test = opened("recoveries", recovery="came_back", recovery_by="team")
    assert "Of 20 moments after which a person of ours contacted the customer" in shown(test)
    effects, _, counts, balance = (table.value for table in test.dataframe)
    assert effects["team of the moment"].tolist() == ["all", HOSTILE[1]]
    assert effects["contacted by a person"].str.startswith("0.0 % (").all()
    assert counts["contacted by a person"].tolist() == ["20", "20"]
    assert f"channel {HOSTILE[0]}" in set(balance["what"])
    (chart,) = charts(test)
    assert {trace["name"] for trace in chart["data"]} == {"contacted by a person", "comparable, contacted by nobody"}
    written = " ".join(text.value for text in (*test.markdown, *test.caption))
    assert not any(name in written or name in plain(written) for name in HOSTILE[:3])
    assert "<script" not in str(chart) and "<b>" not in str(chart)
    well(test.selectbox(key="recovery").set_value("recovered").run())
    assert "recovery" not in dict(test.query_params)
    assert set(test.dataframe[1].value["what came of it"]) == set(WORDS.values())
