"""The shared state of one generation: its random streams, its switched-on truths and drawing by shares."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sample_data.truths import TRUTHS

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """Seed and left-out truths of one generation."""

    seed: int
    without: frozenset[str]

    def has(self, truth: str) -> bool:
        """Whether the truth of this name is in the data."""
        if truth not in TRUTHS:
            raise KeyError(truth)
        return truth not in self.without

    def stream(self, name: str) -> np.random.Generator:
        """An own random stream per part, so that a change in one part leaves the draws of the others alone."""
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])


def draw(rng: np.random.Generator, shares: Sequence[float] | Floats, count: int) -> Ints:
    """`count` positions drawn by `shares` (need not sum to 1)."""
    bounds = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(bounds, rng.random(count) * bounds[-1], side="right").astype(np.int64)


def draw_by_row(rng: np.random.Generator, shares: Floats) -> Ints:
    """One position per row of `shares` (n x k, each row summing to 1)."""
    picks = rng.random(len(shares))[:, None]
    return np.minimum((picks > np.cumsum(shares, axis=1)).sum(axis=1), shares.shape[1] - 1)


def lognormal(rng: np.random.Generator, median: float | Floats, sigma: float, count: int) -> Floats:
    """`count` lognormal values with the given median(s)."""
    return median * np.exp(sigma * rng.standard_normal(count))
