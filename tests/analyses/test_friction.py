"""Where customers get stuck, on contacts that can be counted by hand, and on the sample company."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.friction import episode_rule, friction, ranked_signals
from cx_metrics.analyses.sensitivity import sensitivity
from cx_metrics.analyses.shifts import shifts
from cx_metrics.analyses.stuck import signals_of, stuck
from cx_metrics.journey import Limits
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.conftest import Embedded, MakeWarehouse

START = datetime(2024, 3, 4, 9)
_numbers = itertools.count(1)
Row = dict[str, Any]


def contact(**more: Any) -> Row:
    """A resolved contact of a customer of its own, without any signal."""
    number = next(_numbers)
    return {
        "interaction_id": f"i{number:05}", "customer_id": f"c{number}", "case_id": f"k{number}", "occurred_at": START,
        "stage": "use", "channel": "email", "reason": "invoice", "outcome": "resolved", "handled_by": "human",
        "wait_seconds": 10, "transfers": 0, "reopens": 0, **more,
    }  # fmt: skip


def contacts() -> list[Row]:
    """Pay by chat: 8 of 20 abandoned, 4 of them transferred as well; pay by phone: 3 of 40 transferred; buy by web: 4."""
    chat, phone = {"stage": "pay", "channel": "chat"}, {"stage": "pay", "channel": "phone"}
    rows = [contact(**chat, outcome="abandoned", transfers=1) for _ in range(4)]
    rows += [contact(**chat, outcome="abandoned") for _ in range(4)] + [contact(**chat) for _ in range(12)]
    rows += [contact(**phone, transfers=2) for _ in range(3)] + [contact(**phone) for _ in range(37)]
    rows += [contact(stage="buy", channel="web") for _ in range(4)]
    rows += [contact(stage=None, channel=None) for _ in range(12)]
    return [*rows, contact(occurred_at=START + timedelta(days=30), stage="end", channel="end")]


@pytest.fixture(scope="module")
def counted(make_shared_warehouse: MakeWarehouse) -> Warehouse:
    return make_shared_warehouse({"interactions": contacts()})


SCOPE = Scope(date(2024, 3, 1), date(2024, 3, 31), "none")


def test_the_map_hides_small_cells_and_names_missing_places(counted: Warehouse) -> None:
    cells = friction(counted, SCOPE).tables["cells"]
    found = {(row["stage"], row["channel"]): (row["n"], row["value"]) for row in cells.to_dict("records")}
    assert found[("pay", "chat")] == (20, 40) and found[("pay", "phone")] == (40, pytest.approx(7.5))
    assert found[(NOT_GIVEN, NOT_GIVEN)] == (12, 0)
    n, value = found[("buy", "web")]
    assert pd.isna(n) and pd.isna(value)
    assert list(cells["stage"])[:1] == ["buy"], "stages come in journey order"


def test_signals_are_ranked_by_how_many_contacts_have_them(counted: Warehouse) -> None:
    ranked = ranked_signals(counted, SCOPE)
    shares = dict(zip(ranked["signal"], ranked["of_all"], strict=True))
    assert list(ranked["signal"])[:2] == ["abandonment", "transfer"]
    assert shares["abandonment"] == pytest.approx(100 * 8 / 76) and shares["transfer"] == pytest.approx(100 * 7 / 76)
    assert ranked.set_index("signal")["n"]["negative_sentiment"] == 0  # the data cannot show it


def test_sentences_name_the_place_and_the_signal(counted: Warehouse) -> None:
    told = " ".join(friction(counted, SCOPE).sentences)
    assert "pay by chat" not in told, "20 contacts are not ranked"
    assert "abandonment 10.5 %" in told and "Friction rate: 14.5 %" in told


@pytest.mark.parametrize("unit, share", [("contacts", 40), ("cases", 40), ("customers", 40)])
def test_what_is_counted(counted: Warehouse, unit: str, share: float) -> None:
    cells = friction(counted, SCOPE, unit).tables["cells"].set_index(["stage", "channel"])
    assert cells["value"][("pay", "chat")] == share


def test_one_signal(counted: Warehouse) -> None:
    total = friction(counted, SCOPE, signal="transfer").tables["total"]
    assert (total["n"][0], total["value"][0]) == (76, pytest.approx(100 * 7 / 76))
    with pytest.raises(ScopeError, match="no signal 'boredom'; there are: long_wait"):
        friction(counted, SCOPE, signal="boredom")


def test_the_contacts_behind_a_cell(counted: Warehouse) -> None:
    place = Scope(SCOPE.start, SCOPE.end, filters=(("stage", ("pay",)), ("channel", ("chat",))))
    found = stuck(counted, place)
    assert found.total == 8 and set(found.rows["signals"]) == {"abandonment", "transfer, abandonment"}
    assert stuck(counted, place, "transfer").total == 4
    assert len(stuck(counted, place, most=3).rows) == 3
    hits = friction(counted, SCOPE).tables["cells"].set_index(["stage", "channel"]).loc[("pay", "chat")]
    assert found.counted == round(hits["n"] * hits["value"] / 100)
    without = stuck(counted, Scope(filters=(("stage", (NOT_GIVEN,)),)))
    assert without.total == 0 and list(without.rows.columns) == list(found.rows.columns)


def test_signals_of_one_customer(make_warehouse: MakeWarehouse) -> None:
    rows = [
        contact(interaction_id="a", customer_id="ann", wait_seconds=90_000),
        contact(interaction_id="b", customer_id="ann", occurred_at=START + timedelta(days=2), channel="phone"),
        contact(interaction_id="c", customer_id="bob", occurred_at=START + timedelta(days=20)),
    ]
    warehouse = make_warehouse({"interactions": rows})
    assert signals_of(warehouse, "ann", Limits()) == {"a": "long wait, repeat contact"}
    assert signals_of(warehouse, "ann", Limits(repeat_days=1, written_wait_hours=48)) == {}
    assert signals_of(warehouse, "bob", Limits()) == {}


def test_the_order_of_places_under_other_weights(make_warehouse: MakeWarehouse) -> None:
    """Chat has many abandoned contacts, phone fewer, which were transferred and reopened as well; store none."""
    rows = [contact(channel="chat", outcome="abandoned" if i < 20 else "resolved") for i in range(40)]
    rows += [contact(channel="phone", transfers=int(i < 15), reopens=int(i < 15)) for i in range(40)]
    rows += [contact(channel="store") for _ in range(40)] + [
        contact(channel="web", outcome="abandoned") for _ in range(29)
    ]
    rows += [contact(occurred_at=START + timedelta(days=30))]
    table = sensitivity(make_warehouse({"interactions": rows}), Scope(SCOPE.start, date(2024, 3, 5))).set_index(
        "weights"
    )
    assert next(iter(table["worst"])) == "use by chat" and table["rank_correlation"].iloc[0] == 1
    assert table["worst"]["every signal counts"] == "use by phone"
    assert table["worst"]["without abandonment"] == "use by phone"
    assert table["rank_correlation"]["every signal counts"] == pytest.approx(0.5)
    assert "without loop" not in table.index, "a signal that never occurs weighs nothing"


def _weeks(shares: dict[str, list[float]], per_week: int, seed: int) -> list[Row]:
    dice, names = np.random.default_rng(seed), list(shares)
    rows = []
    for week in range(len(shares[names[0]])):
        chosen = dice.choice(names, per_week, p=[shares[name][week] for name in names])
        rows += [contact(channel=str(name), occurred_at=START + timedelta(days=7 * week)) for name in chosen]
    return rows


def test_contacts_that_move_to_another_channel(embedded: Embedded) -> None:
    before, after = {"chat": 0.2, "phone": 0.6, "web": 0.2}, {"chat": 0.5, "phone": 0.3, "web": 0.2}
    shares = {name: [before[name]] * 14 + [after[name]] * 14 for name in before}
    found = shifts(embedded.warehouse({"interactions": _weeks(shares, 150, seed=3)}), SCOPE)
    assert set(found["channel"]) == {"chat", "phone"}
    moved = START + timedelta(days=14 * 7)
    assert all(abs(pd.Timestamp(week) - moved) <= timedelta(days=7) for week in found["period"])
    chat = found[found["channel"] == "chat"].iloc[0]
    assert chat["before"] == pytest.approx(20, abs=4) and chat["after"] == pytest.approx(50, abs=4)
    still = {name: [share] * 28 for name, share in before.items()}
    assert shifts(embedded.warehouse({"interactions": _weeks(still, 150, seed=4)}), SCOPE).empty


def test_nothing_moves_within_one_channel(counted: Warehouse) -> None:
    assert shifts(counted, Scope(filters=(("channel", ("chat",)),))).empty


def test_the_rule_of_cases_is_told(embedded: Embedded, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    warehouse = embedded.warehouse({"interactions": [contact()]})
    assert "no more than 72 hours" in episode_rule(warehouse) and "journey.toml" not in episode_rule(warehouse)
    (tmp_path / "journey.toml").write_text("episode_hours = 5")
    monkeypatch.setenv("CX_JOURNEY_FILE", str(tmp_path / "journey.toml"))
    assert "72 hours" in episode_rule(warehouse) and "journey.toml says 5 hours" in episode_rule(warehouse)


def test_nothing_to_say_without_contacts(empty_warehouse: Warehouse) -> None:
    found = friction(empty_warehouse, SCOPE)
    assert found.sentences == ("There are too few contacts for a figure here (n = 0).",)
    assert found.to_dict()["tables"]["cells"] == [] and found.assumptions
