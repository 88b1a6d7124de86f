"""Difference in differences: the definitions' example, and statsmodels on the same rows."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from cx_metrics.metrics.differences import clustered_error, difference


def cells(rows: pd.DataFrame, keys: tuple[str, ...] = ("unit", "treated", "post")) -> pd.DataFrame:
    """Sums per unit and cell of rows with unit, treated, post, y."""
    squared = rows.assign(square=rows["y"] ** 2).groupby(list(keys), as_index=False)
    return squared.agg(n=("y", "size"), total=("y", "sum"), squares=("square", "sum"))


def example() -> pd.DataFrame:
    values = {(1, 0): (10, 11), (1, 1): (15, 18), (0, 0): (9, 10), (0, 1): (12, 13)}
    rows = [(f"{t}{k}", t, p, float(y)) for (t, p), own in values.items() for k, y in enumerate(own)]
    return pd.DataFrame(rows, columns=["unit", "treated", "post", "y"])


def made(seed: int, units: int, rows: int) -> pd.DataFrame:
    """Rows of units that differ from each other; some units are in both groups."""
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, units, rows)
    treated = np.where(rng.random(rows) < 0.1, 1 - unit % 2, unit % 2)
    post = rng.integers(0, 2, rows)
    y = 3 * post + 2 * treated * post + rng.normal(size=units)[unit] + rng.normal(size=rows)
    return pd.DataFrame({"unit": unit, "treated": treated, "post": post, "y": y})


def test_the_example_of_the_definitions() -> None:
    found = difference(cells(example()))
    assert found.value == 3.0
    assert found.means == (9.5, 12.5, 10.5, 16.5)
    assert found.n == (2, 2, 2, 2)
    assert found.units == 4


@pytest.mark.parametrize(("seed", "units", "rows"), [(1, 12, 200), (2, 60, 150), (3, 5, 40)])
def test_effect_and_errors_equal_those_of_statsmodels(seed: int, units: int, rows: int) -> None:
    data = made(seed, units, rows)
    model = smf.ols("y ~ treated + post + treated:post", data)
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": data["unit"]})
    found = difference(cells(data))
    assert found.value == pytest.approx(clustered.params["treated:post"], abs=1e-10)
    assert found.clustered == pytest.approx(clustered.bse["treated:post"], rel=1e-10)
    assert found.plain == pytest.approx(model.fit().bse["treated:post"], rel=1e-10)


def test_several_rows_of_one_unit_are_the_same_unit() -> None:
    data = made(4, 20, 100).assign(week=lambda rows: np.arange(len(rows)) % 7)
    assert difference(cells(data, ("unit", "treated", "post", "week"))).clustered == pytest.approx(
        difference(cells(data)).clustered
    )


def test_an_empty_cell_is_an_error() -> None:
    data = example()
    with pytest.raises(ValueError, match="no rows"):
        difference(cells(data[(data["treated"] == 0) | (data["post"] == 0)]))


def test_one_unit_says_nothing_about_its_spread() -> None:
    assert math.isnan(clustered_error(1.0, 1, 100.0))
    assert math.isnan(clustered_error(1.0, 4, 4.0))
