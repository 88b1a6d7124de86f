"""Which differences are called changes, in sentences: the mix, the groups, and where parts and total part ways."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cx_metrics.analyses.change_cells import OTHERS
from cx_metrics.analyses.change_parts import Parted
from cx_metrics.analyses.change_tables import ALL
from cx_metrics.analyses.change_words import Finding, Row, away, ends, signed, words
from cx_metrics.metrics.estimators import Z
from cx_metrics.scope import NOT_GIVEN
from cx_metrics.wording import amount, listing

_NAMED = 3  # groups in a sentence
_UNEVEN = 2.0  # heterogeneity of groups, in its standard errors, from which on they are told one by one
_SAME = 0.25  # of the largest; another dimension's mix of at least that tells the same story


def findings(found: Parted) -> list[Finding]:
    """The differences that are called changes, each in a sentence, largest contribution first, reversals after them.

    Of dimensions that tell the same story the one that explains most is told, and the others are named.
    """
    if found.change is None or found.parts.empty:
        return []
    if found.way != "mix":
        return _of_groups(found, "contribution" if found.way == "sum" else "difference")
    mix = _of_mix(found)
    return sorted([*mix, *_inside(found, mix)], key=lambda one: -abs(one.size)) + _reversals(found)


def _whole(found: Parted, part: str) -> dict[str, Row]:
    """A part of all groups together, by dimension."""
    own = found.parts[(found.parts["part"] == part) & (found.parts["group"] == ALL)]
    return {row["dimension"]: {str(name): x for name, x in row.items()} for row in own.to_dict("records")}


def _groups(found: Parted, part: str, dimension: str) -> list[Row]:
    """A part of each group of a dimension, largest first."""
    parts = found.parts
    own = parts[(parts["part"] == part) & (parts["group"] != ALL) & (parts["dimension"] == dimension)]
    rows = [{str(name): x for name, x in row.items()} for row in own.to_dict("records")]
    return sorted(rows, key=lambda row: -abs(row["size"]))


def _finding(found: Parted, row: Row, group: str, text: str, short: str) -> Finding:
    said = text[:1].upper() + text[1:] + "."
    ends_of = (row["size"], row["low"], row["high"])
    return Finding(found.metric.name, row["dimension"], group, row["part"], *ends_of, said, short)


def _sure(row: Row) -> float:
    """How large a clear part is at least: the end of its interval that is nearer to zero."""
    return float(min(abs(row["low"]), abs(row["high"])))


def _toward(x: float) -> str:
    return "down" if x < 0 else "up"


# --- mix -------------------------------------------------------------------------------------------------------------


def _of_mix(found: Parted) -> list[Finding]:
    clear = {name: row for name, row in _whole(found, "mix").items() if row["clear"]}
    if not clear:
        return []
    name, unit = max(clear, key=lambda name: _sure(clear[name])), found.metric.unit
    best, groups = clear[name], _groups(found, "mix", name)
    moved = [row for row in groups if row["clear"] and row["size"] * best["size"] > 0 and row["group"] != OTHERS]
    shifts = "; ".join(_shift(row, groups) for row in moved[: _NAMED - 1])
    short = f"the mix of {words(name)} took it {_toward(best['size'])} by {away(best, unit)}"
    short += f": {shifts}" if shifts else ""
    inside = _whole(found, "within")[name]
    verdict = "the figure changed, too" if inside["clear"] else "nothing changed clearly"
    reach = ends(inside["low"], inside["high"], unit)
    said = f"{short}; within the groups {verdict} ({signed(inside['size'], unit)}, {reach})"
    same = [row for other, row in clear.items() if other != name and row["size"] * best["size"] > 0
            and abs(row["size"]) >= _SAME * abs(best["size"])]  # fmt: skip
    if same:
        listed = listing([f"{words(row['dimension'])} ({signed(row['size'], unit)})" for row in same])
        said += f". Part of the same shift shows by {listed}: that overlaps with {words(name)} and does not add to it"
    return [_finding(found, best, moved[0]["group"] if moved else "", said, short)]


def _shift(row: Row, groups: Sequence[Row]) -> str:
    """A group's growth, and where its value lies: "more chat (12 % to 33 %), which is lowest"."""
    more = row["share_now"] > row["share_before"]
    levels = [_level(other) for other in groups if other["group"] != OTHERS]
    here = _level(row)
    place = "lowest" if here == min(levels) else "highest" if here == max(levels) else ""
    place = place or ("below the rest" if (row["size"] < 0) == more else "above the rest")
    shares = f"{row['share_before']:.0f} % to {row['share_now']:.0f} %"
    called = "with none given" if row["group"] == NOT_GIVEN else row["group"]
    return f"{'more' if more else 'less'} {called} ({shares}), which is {place}"


def _level(row: Row) -> float:
    known = [x for x in (row["value_before"], row["value_now"]) if x == x]
    return float(sum(known) / len(known))


# --- groups ----------------------------------------------------------------------------------------------------------


def _inside(found: Parted, mix: Sequence[Finding]) -> list[Finding]:
    """What changed within groups. Where most of the change is mix, only within the groups of that dimension: what
    changes within those of others is the same mix once more."""
    whole = _whole(found, "within")
    only = [one.dimension for one in mix if abs(one.size) > abs(whole[one.dimension]["size"])]
    names = only or list(whole)
    clear = [whole[name] for name in names if whole[name]["clear"]]
    if not clear or max(_uneven(found, "within", name) for name in names) >= _UNEVEN:
        return _of_groups(found, "within", names)
    row = max(clear, key=_sure)
    went = f"it went {_toward(row['size'])} by {away(row, found.metric.unit)}"
    short = f"within groups of {words(row['dimension'])} {went}, about alike in each"
    text = short if only else f"{short}; groups of other dimensions do not stand out, either"
    return [_finding(found, row, ALL, text, short)]


def _of_groups(found: Parted, part: str, names: Sequence[str] = ()) -> list[Finding]:
    """The groups that changed clearly, of the dimension (of these; none: any) in which they stand out most."""
    dimensions = list(names) or list(dict.fromkeys(found.parts["dimension"]))
    clear = {name: [row for row in _groups(found, part, name) if row["clear"] and row["group"] != OTHERS]
             for name in dimensions}  # fmt: skip
    there = [name for name, rows in clear.items() if rows]
    if not there:
        return []
    rows = clear[max(there, key=lambda name: _uneven(found, part, name))][:_NAMED]
    texts = [_group_text(row, found.metric.unit) for row in rows]
    return [_finding(found, row, row["group"], text, text) for row, text in zip(rows, texts, strict=True)]


def _group_text(row: Row, unit: str) -> str:
    dimension = words(row["dimension"])
    place = f"{dimension} {row['group']}" if row["group"] != NOT_GIVEN else f"what has no {dimension}"
    known = row["value_before"] == row["value_before"] and row["value_now"] == row["value_now"]
    course = f" from {amount(row['value_before'], unit)} to {amount(row['value_now'], unit)}" if known else ""
    if row["part"] == "difference":
        return f"{place} went{course}, a change of {signed(row['size'], unit)} ({ends(row['low'], row['high'], unit)})"
    itself = " itself" if row["part"] == "within" else ""
    return f"{place}{itself} went{course}, which took the total {_toward(row['size'])} by {away(row, unit)}"


def _uneven(found: Parted, part: str, name: str) -> float:
    """How far the groups of a dimension change apart, beyond chance: heterogeneity of their own changes of value
    (Cochran's Q), standardised."""
    weights: list[float] = []
    changes: list[float] = []
    for row in _groups(found, part, name):
        share = 1.0 if part == "difference" else (row["share_before"] + row["share_now"]) / 200
        error = (row["high"] - row["low"]) / (2 * Z)
        if row["p"] == row["p"] and error > 0 and share > 0:
            weights.append((share / error) ** 2)
            changes.append(row["size"] / share)
    k = len(changes)
    if k < 2:
        return -math.inf
    middle = sum(w * x for w, x in zip(weights, changes, strict=True)) / sum(weights)
    q = sum(w * (x - middle) ** 2 for w, x in zip(weights, changes, strict=True))
    return (q - (k - 1)) / math.sqrt(2 * (k - 1))


# --- reversals -------------------------------------------------------------------------------------------------------


def _reversals(found: Parted) -> list[Finding]:
    """Dimensions within whose groups the figure moved against its total (Simpson 1951); the surest is told."""
    assert found.change is not None
    if not found.change.clear:
        return []
    sign, unit, mix = math.copysign(1.0, found.change.value), found.metric.unit, _whole(found, "mix")
    against: list[tuple[float, Finding]] = []
    for name, row in _whole(found, "within").items():
        groups = [group for group in _groups(found, "within", name) if group["p"] == group["p"]]
        every = len(groups) > 1 and mix[name]["clear"] and all(group["size"] * sign < 0 for group in groups)
        if row["size"] * sign >= 0 or not (row["clear"] or every):
            continue
        whole, other = ("rose", "fell") if sign > 0 else ("fell", "rose")
        where = f"{'in every group' if every else 'within groups'} of {words(name)}"
        reach = f"{signed(row['size'], unit)}, {ends(row['low'], row['high'], unit)}"
        text = f"Simpson's reversal: as a whole the figure {whole}, but {where} it {other} ({reach}); mix outweighs it"
        reversal = _finding(found, row | {"part": "reversal"}, ALL, text, text)
        against.append((_sure(row) if row["clear"] else 0.0, reversal))
    return [max(against, key=lambda one: one[0])[1]] if against else []
