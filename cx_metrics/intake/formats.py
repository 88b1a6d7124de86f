"""All formats that can be imported, and how paths become plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cx_metrics.intake.mapping import mapping_plans
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.records import check_readable
from cx_metrics.intake.source import Source
from cx_metrics.intake.sources import canonical, qualtrics, zendesk

SOURCES: dict[str, Source] = {source.name: source for source in (canonical.SOURCE, zendesk.SOURCE, qualtrics.SOURCE)}
DATA_FILES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".parquet", ".pq")


def plans_for(name: str, paths: Sequence[Path], mapping: Path | None = None) -> list[Plan]:
    """The plans for files or folders in a named format, or in the format that each is recognised as ("auto").

    Raises IntakeError when the format, a path or the content does not fit.
    """
    if mapping is not None:
        if name not in ("csv", "auto"):
            raise IntakeError(f"a mapping file goes with csv, not with {name}")
        folders: Sequence[Path | None] = paths or [None]
        return [plan for folder in folders for plan in mapping_plans(mapping, folder)]
    if name != "auto" and name not in SOURCES:
        raise IntakeError(f"there is no source {name!r}; there are: auto, {', '.join(SOURCES)}")
    files = _files(paths)
    if name != "auto":
        return SOURCES[name].plans(files)
    found: dict[str, list[Path]] = {}
    for file in files:
        found.setdefault(recognised(file), []).append(file)
    return [plan for source, theirs in found.items() for plan in SOURCES[source].plans(theirs)]


def recognised(file: Path) -> str:
    """The name of the format that a file is in. Raises IntakeError when it is none."""
    for source in SOURCES.values():
        if source.recognises(file):
            return source.name
    check_readable(file)
    raise IntakeError(
        f"{file.name} is in no format known here ({', '.join(SOURCES)}); name the format, or describe the file in a "
        "mapping file (--mapping)"
    )


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in DATA_FILES)
            if not inside:
                raise IntakeError(f"the folder {path} holds no data files ({', '.join(DATA_FILES)})")
            files += inside
        elif path.is_file():
            files.append(path)
        else:
            raise IntakeError(f"there is no file or folder {path}")
    if not files:
        raise IntakeError("nothing to import: name a file or a folder")
    return files
