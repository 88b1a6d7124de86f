"""Files that come through a browser: kept under plain names in a folder of their own; nothing outside it is read."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cx_metrics.intake.formats import plans_for, recognised
from cx_metrics.intake.guess import guess
from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.intake.plan import IntakeError, Plan

TYPES = ("csv", "tsv", "txt", "json", "jsonl", "ndjson", "xlsx", "xlsm", "parquet", "pq")  # what file names end with
_LONGEST = 120  # characters of a name


def plain_name(name: str) -> str:
    """A file name without path parts and without signs that some system takes for more than letters."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*').strip(". ")
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[: _LONGEST - len(suffix)]}{dot}{suffix}" if stem else kept[:_LONGEST] or "file"


@dataclass(frozen=True)
class Upload:
    """Files that one person brought. ids: what they were known by on the way. place: the folder that holds them, gone
    when nobody holds the upload any more. unknown: those in no format known here."""

    ids: tuple[str, ...]
    place: tempfile.TemporaryDirectory[str]
    files: tuple[Path, ...]
    unknown: tuple[Path, ...]

    def guess(self) -> str:
        """A mapping file to start from, for the files that need one. Raises IntakeError."""
        return guess(self.unknown or self.files)

    def plans(self, source: str, mapping: str | None = None, name: str = "mapping.toml") -> list[Plan]:
        """The plans for the files: those that a mapping (the text of a mapping file, with its name) describes, and the
        rest in the format `source` ("auto": the one each is recognised as). Raises IntakeError.

        A mapping file can name any file of the machine that it is read on; here it may name uploaded ones only.
        """
        if mapping is None:
            return plans_for(source, self.files)
        described = Path(self.place.name) / plain_name(name)
        described.write_text(mapping, encoding="utf-8")
        folder = self.files[0].parent
        try:
            mapped = mapping_plans(described, folder)
        except IntakeError as error:
            raise IntakeError(str(error).replace(str(folder), "the upload")) from None
        for plan in mapped:
            if plan.file.resolve() not in self.files:
                raise IntakeError(f"the mapping file names {plan.file.name}, which is not among the uploaded files")
        rest = [file for file in self.files if file not in {plan.file.resolve() for plan in mapped}]
        return [*mapped, *(plans_for(source, rest) if rest else [])]


def receive(files: Sequence[tuple[str, str, IO[bytes]]]) -> Upload:
    """Keep files, [(id, name, content)], under plain names; a name that comes again gets a number."""
    place = tempfile.TemporaryDirectory(prefix="cx-upload-")
    folder = Path(place.name).resolve() / "files"
    folder.mkdir()
    kept: list[Path] = []
    for _, name, content in files:
        path, number = folder / plain_name(name), 2
        while path.exists():
            path, number = folder / f"{Path(plain_name(name)).stem}-{number}{path.suffix}", number + 1
        content.seek(0)
        with path.open("wb") as file:
            shutil.copyfileobj(content, file)
        kept.append(path)
    ids = tuple(identifier for identifier, *_ in files)
    return Upload(ids, place, tuple(kept), tuple(file for file in kept if not _is_known(file)))


def _is_known(file: Path) -> bool:
    try:
        return bool(recognised(file))
    except IntakeError:
        return False
