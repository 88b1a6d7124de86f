"""The model's variance between groups, which groups are shown as biased, and what a grouping takes from others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cx_metrics.analyses.estimate_bias import ALL, Bias, between_variance, judged

Rows = list[tuple[str, str, float, float, float]]


def table(rows: Rows) -> pd.DataFrame:
    """by, g0, n, bias, error as `biases` gives them."""
    made = pd.DataFrame(rows, columns=["by", "g0", "n", "bias", "error"])
    return made.assign(g1="\0", behind=40)


def test_between_variance_by_hand() -> None:
    # b = 3 and -3 with variance 4 each: 9 / (4 + t) = 1, so t = 5. With b = 1: chance is enough.
    assert between_variance(np.array([3.0, -3.0]), np.array([4.0, 4.0])) == pytest.approx(5)
    assert between_variance(np.array([1.0, -1.0]), np.array([4.0, 4.0])) == 0
    assert between_variance(np.array([]), np.array([])) == 0


def test_between_variance_is_the_reference_librarys_where_the_mean_is_zero() -> None:
    from statsmodels.stats.meta_analysis import combine_effects

    half = np.array([6.0, 2.0, 5.0, 0.5])
    effect, variance = np.concatenate([half, -half]), np.tile([2.0, 3.0, 1.0, 4.0], 2)
    reference = combine_effects(effect, variance, method_re="iterated", atol=1e-12)
    # The library takes the mean out and so has one degree of freedom less: sum b^2 / (v + t) = k - 1.
    found = between_variance(effect, variance)
    assert (effect**2 / (variance + found)).sum() == pytest.approx(8)
    assert (effect**2 / (variance + reference.tau2)).sum() == pytest.approx(7) and found < reference.tau2


def test_biased_groups_are_flagged_together() -> None:
    found = judged(table([("team", "off", 100, 8.0, 2.0), ("team", "fine", 100, 2.0, 1.9), ("team", "few", 29, 30.0, 1.0)]),
                   table([]))  # fmt: skip
    flagged = found.table.set_index("group")
    assert list(flagged.index) == ["off", "fine"] and found.left_out == 1
    assert flagged["biased"].to_dict() == {"off": True, "fine": False}
    assert flagged.loc["off", "p_holm"] == pytest.approx(2 * flagged.loc["off", "p"])
    assert flagged.loc["off", "low"] == pytest.approx(8 - 2.0227 * 2, abs=1e-3)


def test_one_tiny_group_takes_another_with_it() -> None:
    rows: Rows = [("team", "a", 100, 0.0, 2.0), ("team", "b", 40, 0.0, 2.0), ("team", "tiny", 3, 0.0, 2.0)]
    assert list(judged(table(rows), table([])).table["group"]) == ["a"]
    assert list(judged(table([*rows, ("team", "small", 12, 0.0, 2.0)]), table([])).table["group"]) == ["a", "b"]
    assert judged(table(rows[2:]), table([])).table.empty


def test_what_a_grouping_takes() -> None:
    later = [("stage", f"s{place}", 50.0, 3.0, 1.0) for place in range(4)] + [("region", "N", 50.0, 9.0, 1.0)]
    found = judged(table([*later, (ALL, "\0", 200.0, 2.0, 1.0)]), table([("team", "x", 90.0, 5.0, 0.0)]))
    assert found.of("stage") == (pytest.approx(8), 4)
    assert found.of("region") == found.of("stage")  # one region tells nothing of how far regions lie apart
    assert found.of(ALL) == (pytest.approx(3 + 8 / 4), 4)
    nothing = Bias(found.table, 0, {"stage": 0.0}, {"stage": 1}, 2.0)
    assert nothing.of("team") == (2.0, 1)
