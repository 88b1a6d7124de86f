"""Sharing a whole out over what caused it together: Shapley's value, exact over all subsets."""

from __future__ import annotations

import functools
import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def shapley(worth: Array) -> Array:
    """Each player's part (..., k) of what all k players bring about; the parts sum to worth[all] - worth[none].

    worth: what every subset brings about, (..., 2^k); player j takes part in the subsets whose number has bit j set.
    A part is what the player adds to a subset, averaged over the orders in which all may have come (Shapley 1953).
    """
    players = int(worth.shape[-1]).bit_length() - 1
    if worth.shape[-1] != 2**players:
        raise ValueError(f"{worth.shape[-1]} is not the number of subsets of any set")
    parts: Array = worth @ _weights(players)
    return parts


def members(players: int) -> Array:
    """Which players take part in which subset: 0 or 1, (2^k, k), in the order of `shapley`'s worth."""
    numbers = np.arange(2**players)
    return ((numbers[:, None] >> np.arange(players)) & 1).astype(float)


@functools.lru_cache(maxsize=16)
def _weights(players: int) -> Array:
    """What each subset's worth counts for each player, (2^k, k)."""
    inside = members(players)
    size = inside.sum(axis=1).astype(int)
    orders = [math.factorial(s) * math.factorial(players - s - 1) / math.factorial(players) for s in range(players)]
    joining = np.array([0.0, *orders])[size]  # weight of a subset as seen by those in it, who joined the others last
    waiting = np.array([*orders, 0.0])[size]  # as seen by those outside, who could join now
    weights: Array = inside * joining[:, None] - (1 - inside) * waiting[:, None]
    return weights
