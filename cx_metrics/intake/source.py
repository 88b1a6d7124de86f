"""What a source is: a format that it recognises, and how its files become plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cx_metrics.intake.plan import Plan


@dataclass(frozen=True)
class Source:
    """A file format of a vendor.

    name: what `cx-metrics import NAME` says. title: for people. files: which files it takes, one line for people.
    recognises: whether one file is of this format; never raises. plans: the plans of several files, all of this
    format; raises IntakeError for a file that is not.
    """

    name: str
    title: str
    files: str
    recognises: Callable[[Path], bool]
    plans: Callable[[Sequence[Path]], list[Plan]]
