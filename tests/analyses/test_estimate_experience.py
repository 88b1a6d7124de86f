"""Experience carried over from satisfaction: a difference or a line, judged on stages left out one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from cx_metrics.analyses.estimate_experience import link, predicted

SMALL = np.full(4, 0.01)


def test_a_difference_by_hand() -> None:
    # Told minus satisfaction: -11, -9, -10, -10. Left out: against the mean of the other three, -4/3, 4/3, 0, 0.
    found = link(np.array([49.0, 61.0, 70.0, 80.0]), np.array([60.0, 70.0, 80.0, 90.0]), SMALL)
    assert (found.slope, found.constant, found.freedom) == (1.0, pytest.approx(-10), 3)
    assert found.error == pytest.approx(np.sqrt(2 * (4 / 3) ** 2 / 4))
    value, error = predicted(found, np.array([75.0]), np.array([4.01]))
    assert value[0] == pytest.approx(65) and error[0] == pytest.approx(np.sqrt(found.error**2 + 4))


def test_a_line_is_that_of_stages_left_out_one_at_a_time() -> None:
    satisfaction = np.array([50.0, 55, 62, 70, 81, 90])
    told = 10 + 0.5 * satisfaction + np.array([1.0, -1, 0.5, -0.5, 1, -1])
    found = link(told, satisfaction, np.full(6, 0.01))
    errors = []
    for place in range(6):
        rest = np.arange(6) != place
        slope, constant = np.polyfit(satisfaction[rest], told[rest], 1)
        errors.append(told[place] - constant - slope * satisfaction[place])
    assert found.error == pytest.approx(np.sqrt(np.mean(np.square(errors)))) and found.freedom == 4
    assert (found.slope, found.constant) == pytest.approx(np.polyfit(satisfaction, told, 1))
    others = [told[np.arange(6) != place].mean() - told[place] for place in range(6)]
    assert found.error_mean == pytest.approx(np.sqrt(np.mean(np.square(others))))
    near, far = predicted(found, np.array([68.0, 120.0]), np.full(2, 0.01))[1]
    assert far > near == pytest.approx(found.error)
