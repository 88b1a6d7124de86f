"""Within and mix: by hand, against statsmodels, properties of the parts, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.oaxaca import OaxacaBlinder
from statsmodels.stats.proportion import confint_proportions_2indep

from cx_metrics.metrics.decomposition import NONE, OF_SHARE, Cells, contributions, decompose, differences, evidence
from tests.benchmarks.coverage_changes import CASES, coverage, drawn, truth


def shares(n: list[list[float]], value: list[list[float]]) -> Cells:
    """Groups of shares: n and per cent, before and now."""
    rows, hits = np.array(n, dtype=float), np.array(n, dtype=float) * np.nan_to_num(np.array(value, dtype=float))
    return Cells(rows, rows, hits, rows, hits, 100 * hits, OF_SHARE)


def test_only_the_mix_moved() -> None:
    found = decompose(shares([[85, 15], [120, 80]], [[80, 60], [80, 60]]))
    assert found["within"].size == pytest.approx([0, 0, 0])
    assert found["mix"].size[-1] == pytest.approx(-5)  # 25 points of share went to where it is 20 points worse
    centre = (77 + 72) / 2
    assert found["mix"].size[:2] == pytest.approx([-0.25 * (80 - centre), 0.25 * (60 - centre)])


def test_only_the_groups_moved() -> None:
    found = decompose(shares([[10, 30], [20, 60]], [[50, 70], [60, 66]]))
    assert found["within"].size == pytest.approx([2.5, -3, -0.5])
    assert found["mix"].size == pytest.approx([0, 0, 0])


def test_both_moved() -> None:
    """By hand: shares 50/50 -> 20/80, values 80, 60 -> 90, 50; each part at the mean of before and now."""
    found = decompose(shares([[50, 50], [20, 80]], [[80, 60], [90, 50]]))
    assert found["within"].size == pytest.approx([3.5, -6.5, -3])
    assert found["mix"].size[-1] == pytest.approx(-0.3 * 85 + 0.3 * 55)
    assert found["within"].size[-1] + found["mix"].size[-1] == pytest.approx((0.2 * 90 + 0.8 * 50) - 70)


def test_a_group_of_one_period_is_mix() -> None:
    """A third group comes with a fifth of the rows at 30; the others stay as they are: totals 70 -> 62, centre 66."""
    found = decompose(shares([[50, 50, 0], [40, 40, 20]], [[80, 60, np.nan], [80, 60, 30]]))
    assert found["within"].size == pytest.approx([0, 0, 0, 0])
    assert found["mix"].size == pytest.approx([-0.1 * (80 - 66), -0.1 * (60 - 66), 0.2 * (30 - 66), -8])
    assert np.isnan(found["within"].low[2]) and np.isnan(found["within"].p[2]) and found["mix"].p[2] < 0.01


def test_like_the_reimers_decomposition_of_statsmodels() -> None:
    """With one indicator per group Oaxaca's explained part at the mean coefficients (Reimers 1983) is the mix."""
    rng = np.random.default_rng(3)
    before, now = rng.choice(3, 300, p=[0.5, 0.3, 0.2]), rng.choice(3, 400, p=[0.2, 0.3, 0.5])
    y = [rng.normal([60, 50, 30], 10)[before], rng.normal([62, 45, 35], 10)[now]]
    x = np.column_stack([np.repeat([0, 1], [300, 400]), np.eye(3)[np.concatenate([before, now])]])
    model = OaxacaBlinder(np.concatenate(y), x, 0, hasconst=True, swap=False)
    explained = model.two_fold(two_fold_type="reimers").params[1]
    counts = np.stack([np.bincount(before, minlength=3), np.bincount(now, minlength=3)]).astype(float)
    total, spread = (np.stack([np.bincount(g, v**k, 3) for g, v in ((before, y[0]), (now, y[1]))]) for k in (1, 2))
    found = decompose(Cells(counts, counts, total, counts, total, spread))
    assert abs(found["mix"].size[-1]) == pytest.approx(abs(explained), rel=1e-6)


SUMS = st.lists(
    st.tuples(st.integers(0, 5000), st.integers(0, 5000), st.floats(0, 1), st.floats(0, 1), st.floats(0.3, 3)),
    min_size=2, max_size=8,
)  # fmt: skip


@settings(max_examples=25)
@given(SUMS)
def test_the_parts_add_up_to_the_change(rows: list[tuple[int, int, float, float, float]]) -> None:
    n = np.array([[a for a, *_ in rows], [b for _, b, *_ in rows]], dtype=float)
    n[:, 0] += 1
    n = n[:, n.sum(axis=0) > 0]
    value, weight = (
        100 * np.array([[r[2] for r in rows], [r[3] for r in rows]])[:, : n.shape[1]],
        np.array([r[4] for r in rows])[: n.shape[1]],
    )
    size = n * weight
    total, squares = size * value, size * weight
    cells = Cells(n, size, total, squares, squares * value, 100 * squares * value, OF_SHARE)
    found = decompose(cells)
    change = total[1].sum() / size[1].sum() - total[0].sum() / size[0].sum()
    assert found["within"].size[:-1].sum() + found["mix"].size[:-1].sum() == pytest.approx(change, abs=1e-9)
    assert found["within"].size[-1] + found["mix"].size[-1] == pytest.approx(change, abs=1e-9)
    back = decompose(
        Cells(*(getattr(cells, x)[::-1] for x in ("n", "size", "total", "squares", "skew", "spread")), OF_SHARE)
    )
    assert back["mix"].size == pytest.approx(-found["mix"].size, abs=1e-9)


def test_one_group_has_the_interval_of_a_difference() -> None:
    """Near the score interval (Newcombe) that statsmodels gives."""
    found = differences(shares([[90, 40], [110, 60]], [[80, 97.5], [60, 90]]))
    for place, (low, high) in enumerate(
        confint_proportions_2indep(x1, n1, x0, n0, method="newcomb")
        for x1, n1, x0, n0 in ((66, 110, 72, 90), (54, 60, 39, 40))
    ):
        assert (found.low[place], found.high[place]) == pytest.approx((100 * low, 100 * high), abs=1.6)


def test_contributions_add_up() -> None:
    found = contributions(np.array([[10.0, 50], [30, 40]]), np.array([[10.0, 50], [30, 40]]))
    assert found.size == pytest.approx([20, -10, 10])
    assert found.high - found.size == pytest.approx(1.959964 * np.sqrt([40, 90, 130]))


def test_evidence_is_a_standardised_sum_of_squares() -> None:
    assert evidence(8.0, 2) == pytest.approx(3) and evidence(0.0, 0) == -np.inf


def test_a_dimension_that_determines_the_value_has_no_variance_within() -> None:
    assert shares([[50, 50], [20, 80]], [[0, 100], [0, 100]]).within_variance() == pytest.approx(0)
    assert shares([[50, 50], [20, 80]], [[70, 70], [70, 70]]).within_variance() == pytest.approx(1)


@pytest.mark.parametrize("name", ["shares, small", "weighted shares", "means, small"])
def test_intervals_hold_the_truth(name: str) -> None:
    """100 data sets: of an interval that covers 95 % fewer than 87 hold the truth once in a thousand."""
    found = coverage(100, {name: CASES[name]})
    assert found["covered"].mean() == pytest.approx(95, abs=3)
    assert found["covered"].min() >= 87


def test_the_spread_of_the_parts_is_what_it_says() -> None:
    case, rng = CASES["shares"], np.random.default_rng(2)
    found = [decompose(drawn(rng, case)) for _ in range(100)]
    for part, true in truth(case).items():
        sizes = np.array([one[part].size for one in found])
        said = np.mean([(one[part].high - one[part].low) / 2 / 1.96 for one in found], axis=0)
        assert sizes.mean(axis=0) == pytest.approx(true, abs=0.6)
        assert said / sizes.std(axis=0, ddof=1) == pytest.approx(1, abs=0.3)


def test_means_without_spread_have_no_interval() -> None:
    n, total = np.array([[20.0, 20], [20, 20]]), np.array([[100.0, 60], [100, 60]])
    found = decompose(Cells(n, n, total, n, total, total * total / n, NONE))
    assert found["within"].size == pytest.approx([0, 0, 0]) and np.isnan(found["within"].p).all()
