"""Records of delimited text, and which of them suffer from a quote that is not closed."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

csv.field_size_limit(2**31 - 1)  # cells of any length are read; whether they may be so long is for validation

_END = "\x00end"  # a last line that shows whether a quote was left open
_MOST_LINES = 10_000  # of one quoted cell: beyond, its quote was never meant to stay open


class _Lines:
    """Lines of a file that can be given back. taken: those since it was cleared."""

    def __init__(self, file: Iterator[str]) -> None:
        self._file, self._waiting = file, deque[str]()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) > _MOST_LINES:
            raise csv.Error
        self.taken.append(self._waiting.popleft() if self._waiting else next(self._file))
        return self.taken[-1]

    def give_back(self) -> None:
        """All that were taken but the first."""
        self._waiting.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def parsed(file: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str], str | None]]:
    """Records as (line, cells, problem).

    A quote within a cell is forgiven; one that is not closed, or only by a quote of another row, costs its line and not
    what follows.
    """
    lines, number = _Lines(file), 1
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        lines.taken.clear()
        problem = None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if len(lines.taken) > 1 or _is_open(lines.taken[0], delimiter):
                problem = "a quote that opens in this row is never closed"
            lines.give_back()
            cells = next(csv.reader(lines.taken, delimiter=delimiter, skipinitialspace=True))
        yield number, cells, problem
        number += len(lines.taken)


def _is_open(line: str, delimiter: str) -> bool:
    """Whether a quote is still open where a line ends."""
    marked = next(csv.reader([line, _END], delimiter=delimiter, skipinitialspace=True))
    return marked[-1].endswith(_END)
