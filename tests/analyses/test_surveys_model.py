"""The model of who answers: which traits come in, and which of their values stand alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cx_metrics.analyses.surveys_model import kept, model, strength


def cells(**sizes: tuple[float, float]) -> pd.DataFrame:
    """One combination for each region: asked, answered."""
    return pd.DataFrame({"region": list(sizes), "asked": [n for n, _ in sizes.values()],
                         "answered": [hits for _, hits in sizes.values()]})  # fmt: skip


def test_strength_against_scipy() -> None:
    asked, answered = np.array([200.0, 100.0, 50.0]), np.array([50.0, 10.0, 20.0])
    table = np.array([answered, asked - answered])
    reference = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert strength(asked, answered) == pytest.approx(reference.statistic - 2 * 2)
    assert strength([100, 50], [100, 50]) == 0 == strength([], [])
    assert strength([100, 50], [50, 0]) > 0  # a value without any answer is no error


def test_values_stand_alone_from_seven_expected_on() -> None:
    asked = pd.Series({"a": 36.0, "b": 34.0, "c": 200.0})
    assert kept(asked, 0.2) == ["c", "a"] == kept(asked, 0.8)


def test_small_values_stand_together() -> None:
    found = model(cells(big=(400, 100), small=(60, 15), tiny=(20, 2), least=(21, 3)), ["region"])
    assert found.used == ("region",)
    # compared with the largest: the small one, and the two least ones together
    assert found.design.tolist() == [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 0, 1]]


def test_a_rest_that_is_too_small_stands_with_the_largest() -> None:
    found = model(cells(big=(400, 100), small=(100, 10), tiny=(3, 2)), ["region"])
    assert found.design.tolist() == [[1, 0], [1, 1], [1, 0]]


def test_the_strongest_traits_come_in_as_long_as_there_are_answers() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"weak": rng.choice(list("xyz"), 400), "strong": rng.choice(list("ab"), 400), "one": "same"})
    frame["asked"], frame["answered"] = 1.0, (rng.random(400) < np.where(frame["strong"] == "a", 0.2, 0.02)) * 1.0
    found = model(frame, ["weak", "strong", "one"])
    assert found.used == ("strong", "weak") and found.left_out == () and found.design.shape == (400, 4)
    few = frame.assign(answered=frame["answered"].where(frame["answered"].cumsum() <= 16, 0.0))
    assert model(few, ["weak", "strong", "one"]).design.shape[1] <= 2
    assert model(few, ["weak"]).left_out == ("weak",)
