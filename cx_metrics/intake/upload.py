"""Files that come through a browser: kept under plain names in a folder of their own, and nothing outside it is read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from cx_metrics.intake.formats import plans_for, recognised
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.intake.plan import IntakeError, Plan

_LONGEST = 120  # characters of a name


def plain_name(name: str) -> str:
    """A file name without path parts and without signs that some system takes for more than letters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*').strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[: _LONGEST - len(suffix)]}{dot}{suffix}" if stem else kept[:_LONGEST] or "file"


def keep(files: Iterable[tuple[str, IO[bytes]]], folder: Path) -> list[Path]:
    """Write files, [(name, content)], into a folder; a name that comes again gets a number. Returns their paths."""
    kept: list[Path] = []
    for name, content in files:
        path = folder / plain_name(name)
        number = 2
        while path.exists():
            path = folder / f"{Path(plain_name(name)).stem}-{number}{path.suffix}"
            number += 1
        content.seek(0)
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
        kept.append(path)
    return kept


def unknown(files: Sequence[Path]) -> list[Path]:
    """Those files that are in no format known here."""
    found = []
    for file in files:
        try:
            recognised(file)
        except IntakeError:
            found.append(file)
    return found


def upload_plans(files: Sequence[Path], source: str, mapping: Path | None = None) -> list[Plan]:
    """The plans for uploaded files, all in one folder: those that the mapping file describes, and the rest in the format
    `source` ("auto": the one each is recognised as). Raises IntakeError.

    A mapping file can name any file of the machine that it is read on; here it may name uploaded ones only.
    """
    if not files:
        raise IntakeError("nothing to import: choose a file")
    mapped = mapping_plans(mapping, files[0].parent) if mapping else []
    for plan in mapped:
        if plan.file.resolve() not in {file.resolve() for file in files}:
            raise IntakeError(f"the mapping file names {plan.file.name}, which is not among the uploaded files")
    rest = [file for file in files if file.resolve() not in {plan.file.resolve() for plan in mapped}]
    return [*mapped, *(plans_for(source, rest) if rest else [])]
