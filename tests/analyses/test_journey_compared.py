"""Two groups side by side: against the oracle and scipy, and in words."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cx_metrics.analyses.journey_compared import MEASURES, MIX, comparison
from cx_metrics.analyses.journey_groups import groups
from cx_metrics.scope import NOT_GIVEN, Scope, ScopeError
from cx_metrics.warehouse import Warehouse
from tests.analyses import journey_oracle as oracle
from tests.conftest import Embedded, MakeWarehouse
from tests.metrics.company import tables
from tests.metrics.oracle import ORACLES, facts_of

START = datetime(2024, 3, 4)
ALL = Scope(date(2024, 1, 1), date(2025, 12, 31), "none")
PAIRS = (("channel", "chat", NOT_GIVEN), ("segment", "home", "business"), ("outcome", "resolved", "unresolved"))
Row = dict[str, Any]


@pytest.fixture(scope="session")
def facts() -> dict[str, pd.DataFrame]:
    return facts_of(tables())


@pytest.fixture(scope="module")
def company(embedded: Embedded) -> Warehouse:
    return embedded.warehouse(tables())


@pytest.mark.parametrize("compare", PAIRS, ids=lambda pair: pair[0])
def test_against_plain_pandas(
    compare: tuple[str, str, str], company: Warehouse, facts: dict[str, pd.DataFrame]
) -> None:
    rows = comparison(company, ALL, "stage", compare).tables["comparison"].set_index("measure")
    p = []
    sides = [Scope(ALL.start, ALL.end, "none", ((compare[0], (value,)),)) for value in compare[1:]]
    wholes = [oracle.cases(facts["contacts"], side) for side in sides]
    measured = [{name: _values(whole, name) for name in MEASURES if name != "hours"} for whole in wholes]
    for name, (words, _) in MEASURES.items():
        row = rows.loc[words]
        if name == "hours":
            for end, side in zip(("one", "other"), sides, strict=True):
                first = facts["contacts"][[row_["inside"] for row_ in _marked(facts["contacts"], side)]]
                n, value = ORACLES["resolution_median"].figure(first)
                assert row[f"n_{end}"] == n and row[end] == pytest.approx(value, nan_ok=True)
            continue
        one, other = (pd.Series(side[name], dtype=float) for side in measured)
        scale = 1 if name == "contacts" else 100
        assert (row["n_one"], row["n_other"]) == (len(one), len(other))
        assert (row["one"], row["other"]) == pytest.approx((scale * one.mean(), scale * other.mean()))
        assert row["difference"] == pytest.approx(scale * (one.mean() - other.mean()))
        assert row["p"] == pytest.approx(_p(name, one, other), rel=1e-6, abs=1e-12)
        p.append(row["p"])
    given = rows["p"].dropna()
    ranked = given.sort_values()
    assert rows.loc[ranked.index[0], "p_holm"] == pytest.approx(min(1.0, len(given) * ranked.iloc[0]))
    assert (rows["clear"] == (rows["p_holm"] < 0.05)).all() and len(p) == 5


def _marked(contacts: pd.DataFrame, side: Scope) -> list[Row]:
    by_key = {row["interaction_id"]: row for row in oracle.ordered(contacts, side)}
    return [by_key[key] for key in contacts["interaction_id"]]


def _values(whole: list[list[Row]], name: str) -> list[float]:
    """The measure of each case of which it can be said."""
    if name == "contacts":
        return [len(case) for case in whole]
    if name == "channels":
        return [len(set(oracle.places(case, "channel")) - {NOT_GIVEN}) > 1 for case in whole]
    if name == "loops":
        return [bool(oracle.loops([case])[2]) for case in whole]
    ends = [case[-1]["outcome"] for case in whole]
    return [end == name for end in ends if isinstance(end, str)]


def _p(name: str, one: pd.Series, other: pd.Series) -> float:
    if name == "contacts":
        return float(stats.ttest_ind(one, other, equal_var=False).pvalue)
    table = [[side.sum(), len(side) - side.sum()] for side in (one, other)]
    if 0 in np.sum(table, axis=0):
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def test_the_mix_of_moves(company: Warehouse, facts: dict[str, pd.DataFrame]) -> None:
    found = comparison(company, ALL, "stage", ("segment", "home", "business")).tables
    counts = []
    for value in ("home", "business"):
        whole = oracle.cases(facts["contacts"], Scope(ALL.start, ALL.end, "none", (("segment", (value,)),)))
        moves = [tuple(oracle.places(case[:2], "stage")) for case in whole if len(case) > 1]
        counts.append(pd.Series(moves).value_counts())
    table = pd.DataFrame(counts).fillna(0).to_numpy()
    row = found["comparison"].set_index("measure").loc[MIX]
    assert (row["n_one"], row["n_other"]) == tuple(table.sum(axis=1))
    assert np.outer(table.sum(axis=1), table.sum(axis=0)).min() / table.sum() >= 5  # nothing is pooled here
    assert row["p"] == pytest.approx(stats.chi2_contingency(table).pvalue)
    sides = oracle.shown(found["comparison_moves"], ("from", "to"))
    for key, shown in sides.items():
        for count, end in zip(counts, ("one", "other"), strict=True):
            assert shown[f"n_{end}"] != shown[f"n_{end}"] or shown[f"n_{end}"] == count[key]
            share = shown[end]
            assert share != share or share == pytest.approx(100 * count[key] / count.sum())
    assert found["comparison_moves"]["one"].notna().any()


def log(*ways: tuple[str, int], outcome: str = "resolved") -> list[Row]:
    """So many cases of each way, an hour between contacts, five minutes each; the last one ends so."""
    rows = []
    for way, size in ways:
        names = way.split()
        for copy, place in itertools.product(range(size), range(len(names))):
            at = START + timedelta(hours=place)
            case = f"{way} {copy}"
            rows.append({
                "interaction_id": f"{case} {place}", "customer_id": case, "case_id": case, "occurred_at": at,
                "ended_at": at + timedelta(minutes=5), "channel": names[place], "reason": "r",
                "outcome": outcome if place == len(names) - 1 else "unresolved",
            })  # fmt: skip
    return rows


def test_in_words(make_warehouse: MakeWarehouse) -> None:
    """By hand: 2 contacts for 80 of 100 by chat and 40 of 100 by phone, each on one channel; 65 min against 5 min."""
    rows = log(("chat", 20), ("chat chat", 80), ("phone", 60), ("phone phone", 40))
    found = comparison(make_warehouse({"interactions": rows}), ALL, "channel", ("channel", "chat", "phone"))
    table = found.tables["comparison"].set_index("measure")
    assert table.loc["contacts per case", ["one", "other", "difference"]].tolist() == pytest.approx([1.8, 1.4, 0.4])
    assert table.loc["cases with more than one channel", "p"] == 1
    assert table["clear"].to_dict() == {words: words == "contacts per case" or words == MIX or "time" in words
                                        for words in table.index}  # fmt: skip
    assert found.sentences[0].startswith(
        "chat and phone differ clearly in contacts per case (1.80 against 1.40: +0.40, +0.27 to +0.53), median time until "
        "resolved (1.1 h against 5 min: +1.0 h, "
    )
    assert found.sentences[0].endswith(
        "and where the second contact takes place; no clear difference in cases with more than one channel, cases with a "
        "loop, cases resolved and cases abandoned."
    )
    moves = found.tables["comparison_moves"].set_index(["from", "to"])
    assert moves.loc[("chat", "chat"), ["one", "n_one"]].tolist() == [100, 80]
    assert pd.isna(moves.loc[("chat", "chat"), "n_other"])


def test_places_are_compared_by_where_they_go(make_warehouse: MakeWarehouse) -> None:
    """Chat and phone both go on to e-mail: as groups of their own channel their first contacts cannot be alike."""
    rows = log(("chat email", 60), ("phone email", 60))
    warehouse = make_warehouse({"interactions": rows})
    alone = comparison(warehouse, ALL, "channel", ("channel", "chat", "phone"))
    assert alone.tables["comparison"].set_index("measure").loc[MIX].isna()["p"]  # a single kind of move
    assert alone.sentences[0].startswith("chat and phone: no clear difference in contacts per case")


def test_small_groups_are_not_compared(make_warehouse: MakeWarehouse) -> None:
    rows = log(("chat", 29), ("phone", 100), ("store", 4))
    warehouse = make_warehouse({"interactions": rows})
    found = comparison(warehouse, ALL, "channel", ("channel", "chat", "phone"))
    assert found.tables["comparison"]["p"].isna().all() and "too few cases to compare" in found.sentences[0]
    assert found.tables["comparison"].set_index("measure").loc["contacts per case", "one"] == 1
    hidden = comparison(warehouse, ALL, "channel", ("channel", "phone", "store")).tables["comparison"]
    assert hidden[["n_one", "n_other"]].isna().all(axis=None)
    assert groups(warehouse, ALL, "channel") == ("phone",)


def test_groups_come_by_size_and_without_their_own_filter(make_warehouse: MakeWarehouse) -> None:
    rows = [*log(("chat", 40), ("phone", 90)), *({**row, "channel": None} for row in log(("web", 35)))]
    warehouse = make_warehouse({"interactions": rows})
    scope = Scope(ALL.start, ALL.end, "none", (("channel", ("chat",)), ("reason", ("r",))))
    assert groups(warehouse, scope, "channel") == ("phone", "chat", NOT_GIVEN)
    assert groups(warehouse, scope, "reason") == ("r",)
    found = comparison(warehouse, scope, "channel", ("channel", "phone", NOT_GIVEN)).tables["comparison"]
    assert found.loc[0, ["n_one", "n_other"]].tolist() == [90, 35]
    with pytest.raises(ScopeError, match="no dimension 'mood'"):
        groups(warehouse, scope, "mood")
