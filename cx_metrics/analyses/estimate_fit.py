"""A linear model of satisfaction from grouped answers, and how sure its estimates are.

The coefficients are weighted least squares on distinct combinations, which equals least squares on the answers. Their
errors allow for what answers of one customer share: sums of the scores x e over random groups that keep each customer
whole (Liang and Zeger 1986; groups as clusters, Wolter 2007), added up by the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa
from scipy.special import stdtrit

from cx_metrics.analyses.estimate_design import Design, summed
from cx_metrics.warehouse import Warehouse

Array = npt.NDArray[np.float64]
_MANY = 1e9


@dataclass(frozen=True)
class Fit:
    """coefficients: points of 0-100, (p,), of the design's columns. bread: inverse of X'X, (p, p). n: answers.

    rmse: spread of the answers around the model, points. pull: what each random group adds to each coefficient, (g, p);
    groups: their names. The sum of its squares is the variance.
    """

    design: Design
    coefficients: Array
    bread: Array
    n: float
    rmse: float
    pull: Array
    groups: tuple[str, ...]

    def expected(self, traits: Array) -> Array:
        """Estimates for rows of traits, (r, p), in points of 0-100."""
        found: Array = traits @ self.coefficients
        return found

    def variance(self, traits: Array) -> Array:
        """Their variances, (r,)."""
        found: Array = (self.correction * (traits @ self.pull.T) ** 2).sum(axis=-1)
        return found

    @property
    def correction(self) -> float:
        """For few groups and used up degrees of freedom, as the reference library has it."""
        groups, p = len(self.groups), len(self.coefficients)
        return groups / max(groups - 1, 1) * (self.n - 1) / max(self.n - p, 1)


def fitted(used: Design, combinations: pd.DataFrame) -> Fit:
    """The model without `pull`. combinations: x_<name>, n, y (sum of the answers), yy (sum of their squares)."""
    from statsmodels.regression.linear_model import WLS  # takes seconds to import, and only models need it

    n, y, yy = (combinations[name].to_numpy(dtype=float) for name in ("n", "y", "yy"))
    matrix = used.matrix(combinations)
    found = WLS(y / n, matrix, weights=n).fit()
    coefficients = np.asarray(found.params, dtype=float)
    expected = matrix @ coefficients
    left = float((yy - 2 * expected * y + n * expected**2).sum())
    rmse = float(np.sqrt(max(left, 0.0) / max(n.sum() - matrix.shape[1], 1)))
    bread = np.asarray(found.normalized_cov_params, dtype=float)
    return Fit(used, coefficients, bread, float(n.sum()), rmse, np.zeros((0, len(coefficients))), ())


def with_errors(warehouse: Warehouse, fit: Fit, rows: sa.Select[tuple[object, ...]]) -> Fit:
    """The same with `pull`. rows: the answers it was fitted on (y, grp, x_<name>)."""
    given = rows.subquery("answers")
    residual = given.c.y - fit.design.expected(given, fit.coefficients)
    columns: list[sa.ColumnElement[float]] = [sa.literal(1.0, sa.Double), *fit.design.expressions(given)]
    traits = sa.select(given.c.grp, residual.label("e"), *summed(columns, "c")).subquery("traits")
    scores = [
        sa.cast(sa.func.sum(traits.c.e * traits.c[f"c{place}"]), sa.Double).label(f"s{place}")
        for place in range(len(columns))
    ]
    found = warehouse.read(sa.select(traits.c.grp, *scores).group_by(traits.c.grp).order_by(traits.c.grp))
    pull = found.iloc[:, 1:].to_numpy(dtype=float) @ fit.bread
    return Fit(fit.design, fit.coefficients, fit.bread, fit.n, fit.rmse, pull, tuple(found["grp"]))


def degrees(variances: Array, freedom: Array) -> Array:
    """Degrees of freedom of a sum of independent variances, (k, r), each with its own, (k, r): Satterthwaite 1946."""
    parts = (variances**2 / np.maximum(freedom, 1)).sum(axis=0)
    total = variances.sum(axis=0)
    found: Array = np.divide(total**2, parts, out=np.full_like(total, _MANY), where=parts > 0)
    return found


def half_width(error: Array, freedom: Array) -> Array:
    """Half of a 95 % interval from standard errors and their degrees of freedom (Student's t)."""
    return np.asarray(stdtrit(np.minimum(freedom, _MANY), 0.975) * error, dtype=float)
