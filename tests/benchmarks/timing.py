"""Ratios: how long ours takes against a reference, measured side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ratio:
    """ours, reference: seconds. target: what ours / reference may be at most, or, with `faster`, how many times less
    than the reference ours has to take."""

    name: str
    ours: float
    reference: float
    target: float
    faster: bool = False

    @property
    def value(self) -> float:
        return self.reference / self.ours if self.faster else self.ours / self.reference

    @property
    def ok(self) -> bool:
        return self.value >= self.target if self.faster else self.value <= self.target

    def __str__(self) -> str:
        sign = ">=" if self.faster else "<="
        verdict = "ok" if self.ok else ("under" if self.faster else "over")
        times = f"ours {self.ours:8.3f} s   reference {self.reference:8.3f} s"
        return f"{self.name:42s} {times}   {self.value:7.2f}x (target {sign} {self.target:g}x)   {verdict}"


def taken(work: Callable[[], Any]) -> float:
    """Seconds that one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def side_by_side(ours: Callable[[], Any], reference: Callable[[], Any], times: int = 5) -> tuple[float, float]:
    """The best times of both, called in turn so that both meet the same machine; the first round only warms up."""
    rounds = [(taken(ours), taken(reference)) for _ in range(times + 1)][1:]
    return min(first for first, _ in rounds), min(second for _, second in rounds)
