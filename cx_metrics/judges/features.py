"""What a text is made of for a judge that learns (words, pairs, faces), and how well two groups are told apart."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from scipy import stats

_LONGEST = 4_000  # characters of a text that are read
_LONGEST_WORD = 30
_TOKENS = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]"  # scripts without blanks: sign by sign, pairs do the rest
    "|[^\\W\\d_]+|[\u2600-\u27bf\U0001f300-\U0001faff]|[!?]{2,}|[:;=]-?[)(DP/|]"
)
_MARKS = re.compile("[\u0300-\u036f]")
_NOISE = re.compile(r"https?://\S+|\S+@\S+|@\w+|<\w+>")


def features(text: str) -> list[str]:
    """Small-letter words without accents, so that "ótimo" and "otimo" are one, and pairs of neighbours."""
    folded = unicodedata.normalize("NFKD", _NOISE.sub(" ", text[:_LONGEST]).lower())
    words = [word[:_LONGEST_WORD] for word in _TOKENS.findall(_MARKS.sub("", folded))]
    return words + [f"{first} {second}" for first, second in itertools.pairwise(words)]


def auc(good: Sequence[bool], moods: Sequence[float]) -> tuple[float, float, float] | None:
    """How often a good comment has the better mood than a bad one (ties count half), with a 95 % interval.

    The interval is DeLong's (DeLong, DeLong & Clarke-Pearson 1988) by midranks (Sun & Xu 2014), cut to 0..1.
    None with fewer than two of either kind.
    """
    values, is_good = np.asarray(moods, dtype=float), np.asarray(good, dtype=bool)
    upper, lower = values[is_good], values[~is_good]
    m, n = len(upper), len(lower)
    if min(m, n) < 2:
        return None
    ranks = stats.rankdata(np.concatenate((upper, lower)))
    of_upper = (ranks[:m] - stats.rankdata(upper)) / n
    of_lower = 1 - (ranks[m:] - stats.rankdata(lower)) / m
    value = float(of_upper.mean())
    half = 1.959964 * float(np.sqrt(of_upper.var(ddof=1) / m + of_lower.var(ddof=1) / n))
    return value, max(0.0, value - half), min(1.0, value + half)
