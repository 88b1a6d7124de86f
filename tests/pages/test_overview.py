"""Overview: the figures are those of the metrics, and what lacks data says which."""

from __future__ import annotations

import datetime
import itertools
import shlex

import pytest

from cx_metrics.cli import main
from cx_metrics.metrics.catalog import METRICS, data_period, figures
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval
from tests.conftest import Embedded, Tables
from tests.pages.opened import HOSTILE, filled, last_year, opened, shown, use

HEADLINE = {metric.title: metric for metric in METRICS.values() if metric.headline}
WAY_IN = ("overview", "_main")  # the page alone, and within the frame


@pytest.mark.parametrize("page", WAY_IN)
def test_cards_show_what_the_metrics_say(page: str, company: Warehouse) -> None:
    test, scope = opened(page), last_year(company)
    assert {card.label for card in test.metric} == HEADLINE.keys()
    for card in test.metric:
        metric = HEADLINE[card.label]
        row = figures(company, metric, scope).iloc[0]
        assert card.value == ("hidden" if row["suppressed"] else amount(row["value"], metric.unit)), metric.name
        assert card.help == metric.definition
        noted = f"95 %: {interval(row['low'], row['high'], metric.unit)}"
        assert any(
            line.startswith(noted) and f"n = {amount(row['n'], 'count')}" in line for line in shown(test).split("\n")
        )


def test_filters_apply_to_every_card(company: Warehouse) -> None:
    scope = Scope(last_year(company).start, last_year(company).end, filters=(("channel", ("phone",)),))
    test = opened("_main", channel="phone")
    able = {title: metric for title, metric in HEADLINE.items() if "channel" in metric.dimensions}
    counted = {title for title, metric in able.items() if figures(company, metric, scope).iloc[0]["n"] != 0}
    assert {card.label for card in test.metric} == counted
    for card in test.metric:
        row = figures(company, HEADLINE[card.label], scope).iloc[0]
        assert card.value == ("hidden" if row["suppressed"] else amount(row["value"], HEADLINE[card.label].unit))
    assert "Not shown, because the filter does not apply to them" in shown(test)


def test_without_a_comparison_nothing_has_changed(company: Warehouse) -> None:
    compared, alone = opened("_main"), opened("_main", compare="none")
    assert any(card.delta for card in compared.metric) and not any(card.delta for card in alone.metric)
    assert "change:" in shown(compared) and "change:" not in shown(alone)


def test_the_command_gives_the_same_figure(company: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    (command,) = opened("_main", period="90d", compare="none").code
    program, *arguments = shlex.split(command.value)
    assert program == "cx-metrics" and main([*arguments, "--format", "csv"]) == 0
    row = dict(zip(*(line.split(",") for line in capsys.readouterr().out.splitlines()), strict=True))
    _, last = data_period(company) or pytest.fail("no data")
    expected = figures(company, METRICS[arguments[1]], Scope(last - datetime.timedelta(days=89), last)).iloc[0]
    assert float(row["n"]) == expected["n"] and float(row["value"]) == pytest.approx(expected["value"])


@pytest.mark.parametrize("page", WAY_IN)
def test_without_data(page: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, embedded.new_url())
    test = opened(page)
    assert "There are no data yet" in shown(test) and not test.metric


ONE = {
    "interactions": [{"interaction_id": "1", "customer_id": "c", "occurred_at": "2026-01-05", "channel": "phone"}],
    "survey_answers": [
        {"answer_id": "1", "customer_id": "c", "instrument": "csat", "score": 5, "answered_at": "2026-01-05"}
    ],
    "orders": [{"order_id": "1", "customer_id": "c", "ordered_at": "2026-01-05", "amount": 10, "currency": "EUR"}],
    "subscriptions": [{"subscription_id": "1", "customer_id": "c", "started_at": "2026-01-05", "monthly_amount": 5}],
}


@pytest.mark.parametrize(("page", "table"), list(zip(itertools.cycle(WAY_IN), ONE, strict=False)))
def test_a_single_row(page: str, table: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, filled(embedded, {table: ONE[table]}))
    test = opened(page)
    assert {card.value for card in test.metric} <= {"hidden", "–"}
    assert "too few data" in shown(test)


MANY: dict[str, Tables] = {
    "survey_answers": {
        "survey_answers": [{**ONE["survey_answers"][0], "answer_id": f"{i}", "customer_id": f"c{i}"} for i in range(40)]
    },
    "interactions": {
        "interactions": [
            {**ONE["interactions"][0], "interaction_id": f"{i}", "customer_id": f"c{i}", "outcome": "resolved"}
            for i in range(40)
        ]
    },
    "orders": {"orders": [{**ONE["orders"][0], "order_id": f"{i}", "customer_id": f"c{i}"} for i in range(40)]},
}


@pytest.mark.parametrize("table", MANY)
def test_one_kind_of_data(table: str, embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = use(monkeypatch, filled(embedded, MANY[table]))
    test, text = opened("_main"), ""
    text = shown(test)
    cards = {card.label for card in test.metric}
    for title, metric in HEADLINE.items():
        counted = figures(warehouse, metric, Scope()).iloc[0]["n"]
        assert (title in cards) == (counted != 0), title
        assert (f"{title} needs {metric.needs}." in text.replace("**", "")) == (counted == 0), title
    assert any(card.value not in ("hidden", "–") for card in test.metric)
    assert "stood at" in text


def test_hostile_texts_stay_texts(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    one = ONE["interactions"][0]
    rows = [
        {**one, "interaction_id": f"{name}-{i}", "customer_id": f"c{i}", "channel": name, "team": name}
        for name in HOSTILE
        for i in range(12)
    ]
    use(monkeypatch, filled(embedded, {"interactions": rows}))
    for name in HOSTILE:
        test = opened("_main", channel=name, team=name)
        assert test.multiselect(key="channel").value == [name]
        (command,) = test.code
        assert f"channel={name}" in shlex.split(command.value)
        assert not [text.value for text in (*test.markdown, *test.caption) if name in text.value]
