"""Kaplan-Meier and the log-rank test against published leukaemia figures and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from cx_metrics.metrics.estimators import Z
from cx_metrics.metrics.survival_curve import Durations, kaplan_meier, log_rank

# Freireich et al. 1963, weeks in remission; a plus in the literature is a 0 here
DRUG = [(6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1), (17, 0), (19, 0),
        (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0)]  # fmt: skip
PLACEBO = [(week, 1) for week in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]
Rows = list[tuple[int, int]]
rows_of = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=2, max_size=40)


def counted(rows: Rows) -> Durations:
    times = sorted({time for time, _ in rows})
    ended = [sum(over for at, over in rows if at == time) for time in times]
    seen = [sum(at == time for at, _ in rows) for time in times]
    return Durations(*(np.array(column, dtype=float) for column in (times, ended, seen)))


def test_published_survival() -> None:
    """Kalbfleisch and Prentice, Kleinbaum: S(6) 0.857 +- 0.076, S(10) 0.753, S(23) 0.448; 21 and 15 at risk."""
    found = kaplan_meier(counted(DRUG)).at(np.array([0.0, 6.0, 10.0, 23.0, 24.0]))
    assert found.survival == pytest.approx([1.0, 0.857, 0.753, 0.448, 0.448], abs=5e-4)
    assert found.at_risk.tolist() == [21, 21, 15, 6, 5]
    assert kaplan_meier(counted(DRUG)).first_below(0.5)[0] == 23
    assert kaplan_meier(counted(PLACEBO)).first_below(0.5)[0] == 8


def test_published_log_rank() -> None:
    """Chi squared 16.79; 9 left with the drug where 19.3 were expected, 21 where 10.7 were."""
    found = log_rank([counted(DRUG), counted(PLACEBO)])
    assert found is not None and found.statistic == pytest.approx(16.79, abs=5e-3) and found.freedom == 1
    assert found.p == pytest.approx(4.17e-5, rel=1e-2)
    assert found.expected == pytest.approx([19.25, 10.75], abs=5e-3) and found.observed.tolist() == [9, 21]


def test_the_log_log_interval_by_hand() -> None:
    """S = 18/21 after 6 weeks; Greenwood's sum 3 / (21 x 18)."""
    found = kaplan_meier(counted(DRUG))
    s, spread = 18 / 21, np.sqrt(3 / (21 * 18))
    width = np.exp(Z * spread / abs(np.log(s)))
    assert (found.low[0], found.high[0]) == pytest.approx((s**width, s ** (1 / width)))


@given(rows_of)
def test_curves_as_of_statsmodels(rows: Rows) -> None:
    time, status = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    found = kaplan_meier(counted(rows))
    if not status.any():
        assert (found.survival == 1).all()
        return
    other = SurvfuncRight(time, status)
    mine = found.at(np.asarray(other.surv_times, dtype=float))
    assert mine.survival == pytest.approx(other.surv_prob) and mine.at_risk == pytest.approx(other.n_risk)
    assert (found.low <= found.survival + 1e-12).all() and (found.survival <= found.high + 1e-12).all()
    assert (np.diff(found.survival) <= 1e-12).all()


@given(rows_of, rows_of, rows_of)
def test_the_log_rank_test_as_of_statsmodels(one: Rows, two: Rows, three: Rows) -> None:
    groups = [one, two, three]
    found = log_rank([counted(rows) for rows in groups])
    time, status = (np.array(column, dtype=float) for column in zip(*(one + two + three), strict=True))
    group = np.repeat([0, 1, 2], [len(rows) for rows in groups])
    if found is None or found.freedom < 2:
        return  # a group that is gone before the first end has nothing to say; statsmodels fails there
    statistic, p = survdiff(time, status, group)
    assert found.statistic == pytest.approx(float(statistic), rel=1e-6, abs=1e-9)
    assert found.p == pytest.approx(float(p), rel=1e-6, abs=1e-12)
    assert found.observed.sum() == pytest.approx(found.expected.sum())


def test_nobody_left() -> None:
    assert log_rank([counted([(3, 0), (5, 0)]), counted([(4, 0)])]) is None
