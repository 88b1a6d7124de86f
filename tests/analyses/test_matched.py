"""Comparisons within strata: by hand, against plain pandas, and free of what they match on."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cx_metrics.analyses.matched import compare

Z = stats.norm.ppf(0.975)


def cells(values: pd.DataFrame, *strata: str) -> pd.DataFrame:
    """Values (strata, treated, x) as the sums that `compare` asks for."""
    with_squares = values.assign(squares=values["x"] ** 2)
    sums = with_squares.groupby([*strata, "treated"], dropna=False).agg(n=("x", "size"), total=("x", "sum"),
                                                                       squares=("squares", "sum"))  # fmt: skip
    return sums.reset_index().astype({"n": float, "total": float})


def given(rows: list[tuple[str, int, list[float]]]) -> pd.DataFrame:
    """Values from (stratum, treated, values)."""
    return pd.DataFrame([(place, side, x) for place, side, values in rows for x in values],
                        columns=["place", "treated", "x"])  # fmt: skip


def test_by_hand() -> None:
    """Strata a (2 treated of 3) and b (1 of 3): differences 2 and -1, so (2 * 2 - 1) / 3 = 1."""
    found = compare(
        cells(given([("a", 1, [5, 7]), ("a", 0, [3, 4, 5]), ("b", 1, [1]), ("b", 0, [1, 3]), ("c", 1, [9, 9]),
                     ("d", 0, [0, 0, 0])]), "place"), ["place"])  # fmt: skip
    assert found.difference == pytest.approx((2 * (6 - 4) + 1 * (1 - 2)) / 3)
    assert (found.treated.mean, found.untreated.mean) == pytest.approx(((5 + 7 + 1) / 3, (2 * 4 + 2) / 3))
    assert (found.treated.n, found.untreated.n) == (3, 5)
    assert (found.treated.left_out, found.untreated.left_out) == (2, 3)
    assert (found.strata, found.strata_left_out) == (2, 2)
    # b has one treated: its variance is the pooled one of the treated, which is that of a, 2
    treated = (2 / 3) ** 2 * 2 / 2 + (1 / 3) ** 2 * 2 / 1
    untreated = (2 / 3) ** 2 * 1 / 3 + (1 / 3) ** 2 * 2 / 2
    half = Z * math.sqrt(treated + untreated)
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half))
    assert found.treated.high - found.treated.mean == pytest.approx(Z * math.sqrt(treated))


def test_without_strata_it_is_the_plain_difference() -> None:
    random = np.random.default_rng(1)
    one, other = random.normal(3, 2, 40), random.normal(2, 5, 25)
    found = compare(cells(given([("a", 1, one.tolist()), ("b", 0, other.tolist())]), "place"), [])
    assert found.difference == pytest.approx(one.mean() - other.mean())
    half = Z * math.sqrt(one.var(ddof=1) / 40 + other.var(ddof=1) / 25)
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half))
    assert (found.strata, found.treated.left_out) == (1, 0)


def test_against_plain_pandas() -> None:
    random = np.random.default_rng(2)
    values = pd.DataFrame({
        "reason": random.choice(["x", "y", None], 3000), "channel": random.choice(list("abcdefgh"), 3000),
        "treated": random.integers(0, 2, 3000), "x": random.integers(-1, 2, 3000),
    })  # fmt: skip
    values = values[(values["channel"] != "h") | (values["treated"] == 1)]
    found = compare(cells(values, "reason", "channel"), ["reason", "channel"])
    total, variance, count = 0.0, 0.0, 0
    for _, stratum in values.groupby(["reason", "channel"], dropna=False):
        one, other = (stratum.loc[stratum["treated"] == side, "x"] for side in (1, 0))
        if len(one) and len(other):
            total += len(one) * (one.mean() - other.mean())
            variance += len(one) ** 2 * (one.var() / len(one) + other.var() / len(other))
            count += len(one)
    assert found.difference == pytest.approx(total / count)
    assert found.high - found.difference == pytest.approx(Z * math.sqrt(variance) / count)
    assert found.strata_left_out == 3 and found.treated.left_out == (values["channel"] == "h").sum()


def test_it_removes_what_it_matches_on() -> None:
    """The treated sit where values are high; within places the truth is 0.5."""
    random = np.random.default_rng(3)
    place = random.integers(0, 5, 20_000)
    treated = (random.random(20_000) < 0.1 + 0.15 * place).astype(int)
    values = pd.DataFrame(
        {"place": place, "treated": treated, "x": place + 0.5 * treated + random.normal(0, 1, 20_000)}
    )
    raw, matched = compare(cells(values, "place"), []), compare(cells(values, "place"), ["place"])
    assert raw.low > 1.0
    assert matched.low < 0.5 < matched.high and matched.high - matched.low < 0.15 and matched.clear


def test_the_interval_holds_the_truth() -> None:
    """95 % of 200 small samples of shares, as far as chance lets 200 say."""
    random, held = np.random.default_rng(4), 0
    shares = np.array([[0.4, 0.6], [0.7, 0.8], [0.2, 0.5]])  # untreated, treated
    sizes = np.array([[30, 12], [20, 25], [40, 8]])
    truth = ((shares[:, 1] - shares[:, 0]) * sizes[:, 1]).sum() / sizes[:, 1].sum()
    for _ in range(200):
        hits = random.binomial(sizes, shares).astype(float)
        rows = [(place, side, sizes[place, side], hits[place, side], hits[place, side])
                for place in range(3) for side in (0, 1)]  # fmt: skip
        found = compare(pd.DataFrame(rows, columns=["place", "treated", "n", "total", "squares"]), ["place"])
        held += found.low <= truth <= found.high
    assert 0.91 <= held / 200 <= 0.98


@pytest.mark.parametrize("rows", [[], [("a", 1, [1.0, 2.0])], [("a", 0, [1.0])], [("a", 1, [1.0]), ("b", 0, [1.0])]])
def test_nothing_to_compare(rows: list[tuple[str, int, list[float]]]) -> None:
    found = compare(cells(given(rows), "place"), ["place"])
    assert math.isnan(found.difference) and math.isnan(found.low) and not found.clear
    assert (found.treated.n, found.untreated.n, found.strata) == (0, 0, 0)
    assert found.treated.left_out + found.untreated.left_out == sum(len(values) for *_, values in rows)


def test_one_on_each_side_has_no_interval() -> None:
    found = compare(cells(given([("a", 1, [3.0]), ("a", 0, [1.0])]), "place"), ["place"])
    assert found.difference == 2 and math.isnan(found.low) and math.isnan(found.high)
