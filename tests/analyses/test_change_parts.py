"""Changes taken apart on a server, against the metrics' own oracle and plain numpy."""

from __future__ import annotations

import functools
import itertools
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses import change_cells
from cx_metrics.analyses.change_cells import OTHERS, sums_by
from cx_metrics.analyses.change_parts import CROSS, Parted, parted, way
from cx_metrics.analyses.change_tables import ALL, COLUMNS
from cx_metrics.metrics.catalog import METRICS, figures
from cx_metrics.metrics.estimators import Quantile
from cx_metrics.scope import NOT_GIVEN, Scope
from cx_metrics.warehouse import Warehouse
from tests.analyses.random_company import random_company
from tests.conftest import Embedded, Server
from tests.metrics.company import tables
from tests.metrics.oracle import ORACLES, facts_of, under

SCOPE = Scope(date(2024, 8, 20), date(2025, 3, 10))
SHORT = Scope(date(2024, 8, 20), date(2024, 10, 10))
DIMENSIONS = ("stage", "channel", "reason", "segment", "country")
PLAIN = ("csat", "nps", "csat_mean", "transfer_rate")
KINDS = (*PLAIN, "csat_weighted", "wait_median", "contacts", "repeat_purchase", "active_customers", "resolution_median")


@pytest.fixture(scope="module")
def company(server: Server) -> Warehouse:
    """The random company of the metrics' tests."""
    return random_company(server)


@functools.cache
def found(company: Warehouse, name: str) -> Parted:
    """The change of a metric, computed once per engine."""
    earlier = SCOPE.before() or pytest.fail("no period before")
    return parted(company, METRICS[name], SCOPE, earlier, DIMENSIONS)


@functools.cache
def oracle(name: str, scope: Scope, dimension: str) -> dict[str, tuple[float, float]]:
    """n and value of each group, by the oracle."""
    cells = ORACLES[name].figures(_facts(), scope, (dimension,), None)
    return {
        NOT_GIVEN if key[0] is None or key[0] != key[0] else str(key[0]): tuple(figure) for key, figure in cells.items()
    }


@functools.cache
def _facts() -> dict[str, pd.DataFrame]:
    return under(facts_of(tables()), SCOPE.limits)


@pytest.mark.parametrize("name", KINDS)
def test_the_parts_add_up(name: str, company: Warehouse) -> None:
    one = found(company, name)
    assert list(one.parts.columns) == list(COLUMNS) and one.change is not None
    if one.way in ("none", "apart"):
        assert not (one.parts["group"] == ALL).any()
        return
    change = (one.now.value or 0) - (one.before.value or 0)
    assert len(one.parts) and len(one.two_way) and one.pair is not None
    for table, (_, own) in itertools.product((one.parts, one.two_way), one.parts.groupby("dimension")):
        rows = own if table is one.parts else table
        for whole in (True, False):
            assert rows.loc[(rows["group"] == ALL) == whole, "size"].sum() == pytest.approx(change, abs=1e-8, rel=1e-12)


@pytest.mark.parametrize("name", PLAIN)
def test_within_and_mix_are_those_of_the_oracle(name: str, company: Warehouse) -> None:
    one = found(company, name)
    earlier = SCOPE.before() or pytest.fail("no period before")
    assert one.way == "mix" and one.parts["dimension"].nunique() >= 3
    for dimension, own in one.parts.groupby("dimension"):
        stand = set(own["group"]) - {ALL, OTHERS}
        sums = {group: np.zeros((2, 2)) for group in [*stand, *({OTHERS} & set(own["group"]))]}
        for period, scope in enumerate((earlier, SCOPE)):
            for group, (n, value) in oracle(name, scope, str(dimension)).items():
                sums[group if group in stand else OTHERS][period] += (n, n * value if n else 0.0)
        n = np.array([s[:, 0] for s in sums.values()]).T
        value = np.array([s[:, 1] for s in sums.values()]).T / np.where(n > 0, n, np.nan)
        value = np.where(np.isnan(value), value[::-1], value)
        share = n / n.sum(axis=1, keepdims=True)
        within = (value[1] - value[0]) * share.mean(axis=0)
        mix = (share[1] - share[0]) * (value.mean(axis=0) - (share * value).sum(axis=1).mean())
        for part, wanted in (("within", within), ("mix", mix)):
            rows = own[own["part"] == part].set_index("group")
            assert [rows.loc[group, "size"] for group in sums] == pytest.approx(list(wanted), abs=1e-7)
            assert rows.loc[ALL, "size"] == pytest.approx(wanted.sum(), abs=1e-7)


@pytest.mark.parametrize("name", ["wait_median"])
def test_quantiles_are_reweighted(name: str, company: Warehouse) -> None:
    """Against the definition, on the rows themselves."""
    one, metric = found(company, name), METRICS[name]
    kind = metric.kind
    assert isinstance(kind, Quantile)
    earlier = SCOPE.before() or pytest.fail("no period before")
    column = "wait_seconds"
    contacts = facts_of(tables())["contacts"]
    contacts = contacts[contacts[column].notna()]
    own = one.parts[(one.parts["dimension"] == "channel")].set_index(["part", "group"])
    stand = {group for _, group in own.index} - {ALL, OTHERS}
    label = contacts["channel"].where(contacts["channel"].notna(), NOT_GIVEN)
    contacts = contacts.assign(group=label.where(label.isin(stand), OTHERS))
    periods = [contacts[(contacts["occurred_at"] >= pd.Timestamp(s.start)) & (contacts["occurred_at"] < pd.Timestamp(s.end) + timedelta(days=1))] for s in (earlier, SCOPE)]  # fmt: skip

    def at(values: int, shares: int) -> float:
        weight = periods[shares]["group"].value_counts(normalize=True) / periods[values]["group"].value_counts()
        rows = periods[values].assign(w=periods[values]["group"].map(weight)).sort_values(column)
        upto = (rows["w"].cumsum() / rows["w"].sum() * len(rows)).to_numpy()
        place = kind.q * (len(rows) - 1)
        low, high = (rows[column].to_numpy()[np.searchsorted(upto, rank - 1e-6)] for rank in (np.floor(place) + 1, np.ceil(place) + 1))  # fmt: skip
        return float(low + (place - np.floor(place)) * (high - low))

    within = ((at(1, 1) - at(0, 1)) + (at(1, 0) - at(0, 0))) / 2
    assert own.loc[("within", ALL), "size"] == pytest.approx(within)
    assert own.loc[("within", ALL), "low"] < within < own.loc[("within", ALL), "high"]


def test_the_ways(company: Warehouse) -> None:
    wanted = {"csat": "mix", "csat_mean": "mix", "wait_p90": "mix", "contacts": "sum", "revenue": "sum",
              "repeat_purchase": "apart", "active_customers": "apart", "resolution_median": "none"}  # fmt: skip
    assert {name: way(METRICS[name]) for name in wanted} == wanted


def test_no_count_that_is_hidden_elsewhere_can_be_worked_out(company: Warehouse) -> None:
    earlier = SHORT.before() or pytest.fail("no period before")
    one = parted(company, METRICS["csat"], SHORT, earlier, DIMENSIONS)
    seen = 0
    assert one.pair is not None
    for period, scope in (("now", SHORT), ("before", earlier)):
        for by in (*((name,) for name in one.parts["dimension"].unique()), one.pair):
            cells = figures(company, one.metric, scope, by)
            hidden = cells[cells["n"].isna()]
            names = {
                CROSS.join(NOT_GIVEN if x is None or x != x else str(x) for x in row)
                for row in hidden[list(by)].to_numpy()
            }
            table = one.parts[one.parts["dimension"] == by[0]] if len(by) == 1 else one.two_way
            assert not names & set(table["group"])
            counts = table.loc[table["group"] != ALL, f"n_{period}"]
            assert ((counts == 0) | (counts >= 10)).all()
            seen += len(names)
    assert seen > 5


# --- many values, and values that are texts ----------------------------------------------------------------------------


def test_more_values_than_stand_alone(embedded: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_cells, "_MOST", 3)
    rows = []
    for place, (name, n) in enumerate((("a", 40), ("b", 35), ("c", 30), ("d", 20), ("e", 12), (None, 25))):
        for i in range(n * 2):
            at = datetime(2026, 1, 5) + timedelta(days=31 * (i % 2))
            rows.append({"interaction_id": f"{place}-{i}", "occurred_at": at, "reason": name, "channel": "chat", "outcome": "resolved" if i % 3 else "unresolved"})  # fmt: skip
    warehouse = embedded.warehouse({"interactions": rows})
    scope = Scope(date(2026, 2, 1), date(2026, 2, 28))
    earlier = Scope(date(2026, 1, 4), date(2026, 1, 31))
    one = parted(warehouse, METRICS["contacts"], scope, earlier, ("reason",), two_way=False)
    assert list(one.parts["group"]) == ["a", "b", "c", OTHERS, ALL]
    assert one.parts["n_now"].tolist() == [40, 35, 30, 57, 162]
    sums = sums_by(warehouse, METRICS["contacts"], scope, earlier, [("reason", "channel")], {"reason": ["a", NOT_GIVEN], "channel": ["chat"]})  # fmt: skip
    assert sums[sums["period"] == 1].set_index("reason")["n"].to_dict() == {"a": 40, NOT_GIVEN: 25, OTHERS: 97}
