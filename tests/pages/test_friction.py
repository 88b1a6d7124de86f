"""The Friction page."""

from __future__ import annotations

import pytest

from cx_metrics.analyses.stuck import stuck
from cx_metrics.scope import Scope
from tests.conftest import Embedded
from tests.pages.opened import filled, opened, plain, shown, small_company, use, well


@pytest.fixture(autouse=True)
def company(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, small_company())


def test_the_answer_comes_first_and_the_rest_follows() -> None:
    page = opened("friction")
    told = shown(page)
    assert plain(page.markdown[0].value).startswith("##### Friction rate: ")
    assert "What goes wrong most often" in told and "cx-metrics analyse friction" in page.code[0].value
    assert "no industry standard" in told


def test_a_cell_lists_its_contacts(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = use(monkeypatch, small_company())
    page = opened("friction", at_stage="pay", at_channel="chat", period="all")
    assert "contacts with any signal: pay, chat" in shown(page)
    listed = next(frame.value for frame in page.dataframe if "interaction_id" in frame.value)
    assert set(listed["stage"]) == {"pay"} and set(listed["channel"]) == {"chat"} and listed["signals"].ne("").all()
    assert len(listed) <= stuck(warehouse, Scope(filters=(("stage", ("pay",)), ("channel", ("chat",))))).total


def test_choices_are_kept_in_the_link() -> None:
    page = opened("friction", count="cases", signal="long_wait")
    assert page.selectbox(key="count").value == "cases" and page.selectbox(key="signal").value == "long_wait"
    assert "Long wait rate, cases" in shown(page)
    assert "--count cases --signal long_wait" in page.code[0].value
    page.selectbox(key="signal").select("").run()
    assert "signal" not in page.query_params and "Friction rate, cases" in shown(well(page))


def test_limits_move_every_figure() -> None:
    usual = opened("_main")
    assert not usual.exception
    page = opened("_main", wait_seconds="5000", repeat_days="2", period="all")
    page.switch_page("friction.py").run()
    told = shown(well(page))
    assert "longer than 5,000" in told or "5000" in page.code[0].value
    assert "--limit wait_seconds=5000" in page.code[0].value and "--limit repeat_days=2" in page.code[0].value
    assert "younger than 2 days" in told


def test_nonsense_in_a_link_is_ignored() -> None:
    page = opened("friction", count="spoons", signal="boredom", at_stage="moon", wait_seconds="many")
    assert page.selectbox(key="count").value == "contacts" and page.selectbox(key="signal").value == ""


def test_few_contacts(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    rows = [{"interaction_id": f"i{i}", "occurred_at": f"2024-01-0{i + 1}", "customer_id": "c"} for i in range(3)]
    use(monkeypatch, filled(embedded, {"interactions": rows}))
    assert "too few contacts" in shown(opened("friction"))


def test_no_data_at_all(monkeypatch: pytest.MonkeyPatch, embedded: Embedded) -> None:
    use(monkeypatch, filled(embedded, {}))
    assert "There are no data yet" in shown(opened("friction"))
