"""Which groups clearly have a higher share than the rest, of many that are looked at together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cx_metrics.analyses.cells import RANKED
from cx_metrics.metrics.proportions import holm, ratio_above

ALARM = 0.05  # chance that any group stands out that does not differ by as much as the margin


def standing_out(groups: pd.DataFrame, hits: str, margin: float, shown: int) -> pd.DataFrame:
    """The groups with rest_share, ratio, p, p_holm and stands_out; where either count is too small they are missing.

    groups: n, rest_n (all others), `hits` and rest_<hits> (how many of each). rest_share: per cent, of a rest of at
    least `shown`. ratio: the group's share / rest_share. p: one-sided, of a ratio of at most `margin`, where both have
    at least 30; p_holm: adjusted for the number of groups compared; stands_out: p_holm <= ALARM.
    """
    counts = groups[[hits, "n", f"rest_{hits}", "rest_n"]].astype(float)
    own, n, others, rest_n = counts.to_numpy().T
    rest = (100 * counts[f"rest_{hits}"] / counts["rest_n"]).where(counts["rest_n"] >= shown)
    compared = (counts["n"] >= RANKED) & (counts["rest_n"] >= RANKED)
    p = pd.Series(ratio_above(own, n, others, rest_n, margin), index=groups.index).where(compared)
    ratio = (100 * counts[hits] / counts["n"] / rest).replace([np.inf, -np.inf], np.nan)
    adjusted = holm(p)
    clear = np.nan_to_num(adjusted, nan=1.0) <= ALARM
    return groups.assign(rest_share=rest, ratio=ratio, p=p, p_holm=adjusted, stands_out=clear)
