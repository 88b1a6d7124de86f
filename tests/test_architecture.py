"""The rules of the house: which way imports point, what each part may know, how long things may get."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cx_metrics.model import metadata

ROOT = Path(__file__).resolve().parents[1]

# What may be imported lies on the same level or below. Parts of one level may know each other, but never in a circle.
LEVELS = {
    "cx_metrics.wording": 0,  # numbers in words: knows no data, so that charts and reports can use it too
    "cx_metrics.export": 0,  # frames as text for other programs: knows no data either
    "cx_metrics.dialect": 0,
    "cx_metrics.model": 0,
    "cx_metrics.scope": 0,
    "cx_metrics.charts": 0,  # frames as drawings: never asks for data
    "cx_metrics.settings": 1,  # names the two stores in the engines' words, opens neither
    "cx_metrics.warehouse": 1,
    "cx_metrics.ledger": 1,
    "cx_metrics.metrics": 2,
    "cx_metrics.intake": 3,
    "cx_metrics.enrich": 3,
    "cx_metrics.analyses": 4,
    "cx_metrics.report": 5,
    "cx_metrics.cli": 5,
    "pages": 5,
    "app": 6,
    "sample_data": 0,  # makes files as other tools export them, so it knows nothing of the product
}
APART = {frozenset({"cx_metrics.cli", "pages"}), frozenset({"cx_metrics.report", "pages"})}  # on one level, but strangers
LAYOUT = {
    ".ci", ".gitignore", ".pre-commit-config.yaml", ".streamlit", "CHANGELOG.md", "LICENSE", "README.md", "app.py",
    "cx_metrics", "pages", "pyproject.toml", "sample_data", "tests",
}  # fmt: skip
ENGINES = re.compile(
    r"duck_?db|postgres|psycopg|sqlite|my_?sql|maria_?db|snowflake|bigquery|redshift|databricks|\bspark\b|trino|clickhouse",
    re.IGNORECASE,
)
LONGEST = {"cx_metrics": 250, "sample_data": 250, "pages": 80}  # lines of a file
LONGEST_FUNCTION = 40
VAGUE = {"base", "common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
LOCKS = re.compile(r"(^|/)(uv\.lock|poetry\.lock|pdm\.lock|Pipfile(\.lock)?|pylock\..*toml|requirements.*\.txt|constraints.*\.txt)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented(Error)?)\b")
PLACES = re.compile(  # a package registry or mirror, or a folder of somebody's machine
    r"pypi\.org|pythonhosted|registry\.npmjs|npmjs\.org|proxy\.golang|index[-_]url|artifactory|nexus|jfrog|[/.]mirrors?[/.]"
    r"|(?<![\w.])/(work|home|root|Users|mnt|opt|srv)/\w|[A-Z]:\\Users",
    re.IGNORECASE,
)


def modules(*folders: str) -> Iterator[Path]:
    """Python files under the folders, and app.py."""
    for folder in folders:
        yield from sorted(ROOT.joinpath(folder).rglob("*.py")) if folder != "app" else [ROOT / "app.py"]


PRODUCT = tuple(modules("cx_metrics", "pages", "app"))
ALL = (*PRODUCT, *modules("sample_data"))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {name_of(path) for path in ALL}


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in the file; own ones down to the module."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            base = node.module or ""
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in NAMES else base for alias in node.names}
    return frozenset(found)


def part_of(module: str) -> str:
    """The part of the house that a module belongs to: the key of LEVELS."""
    pieces = module.split(".")
    return ".".join(pieces[:2]) if pieces[0] == "cx_metrics" else pieces[0]


def names(paths: list[str] | set[str]) -> str:
    return "\n" + "\n".join(sorted(paths))


@functools.cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository: those that git knows or would take."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return tuple(ROOT / name for name in sorted(set(listed.stdout.split("\0"))) if name and (ROOT / name).is_file())


def texts() -> Iterator[tuple[Path, str]]:
    """Text files of the repository that people wrote."""
    for path in tracked():
        if path.suffix not in {".csv", ".json", ".png", ".xlsx", ".parquet"}:
            yield path, path.read_text(encoding="utf-8")


# --- imports ---------------------------------------------------------------------------------------------------------


def test_every_part_has_a_level() -> None:
    parts = {part_of(name) for name in NAMES} - {"cx_metrics"}
    assert parts <= LEVELS.keys(), f"without a level: {parts - LEVELS.keys()}"


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_imports_point_downward(path: Path) -> None:
    own = part_of(name_of(path))
    for module in imported(path):
        other = part_of(module)
        if other not in LEVELS or own == "cx_metrics":
            continue
        assert LEVELS[other] <= LEVELS[own], f"{own} imports {module}, which lies above it"
        assert frozenset({own, other}) not in APART, f"{own} imports {module}"
        assert own == other or "sample_data" not in (own, other), f"{own} imports {module}"


def test_no_imports_in_a_circle() -> None:
    graph = {name_of(path): imported(path) & NAMES for path in ALL}
    while free := {name for name, needed in graph.items() if not needed & graph.keys() - {name}}:
        graph = {name: needed for name, needed in graph.items() if name not in free}
    assert not graph, f"in a circle: {sorted(graph)}"


@pytest.mark.parametrize("path", list(modules("cx_metrics")), ids=name_of)
def test_the_library_runs_without_the_dashboard(path: Path) -> None:
    assert not {name for name in imported(path) if name.split(".")[0] in {"streamlit", "starlette"}}


@pytest.mark.parametrize("path", list(modules("pages")), ids=name_of)
def test_pages_only_draw(path: Path) -> None:
    known = {name.split(".")[0] for name in imported(path)}
    assert not known & {"sqlalchemy", "plotly", "sqlite3", "duckdb", "psycopg"}, "pages ask analyses and charts"
    for node in ast.walk(tree(path)):
        assert not (isinstance(node, ast.Name) and node.id in {"sa", "go", "px"}), f"line {node.lineno}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WITH)\b.*\b(FROM|INTO|SET|AS)\b", node.value), node.value


@pytest.mark.parametrize("path", list(modules("cx_metrics", "pages")), ids=name_of)
def test_only_the_dialect_names_engines(path: Path) -> None:
    if path == ROOT / "cx_metrics" / "dialect.py":
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    assert not [f"{number}: {line}" for number, line in enumerate(lines, start=1) if ENGINES.search(line)]


# --- sizes and names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_files_stay_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST.get(path.relative_to(ROOT).parts[0], 250)


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_functions_stay_short(path: Path) -> None:
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lengths = {f"{node.name}, line {node.lineno}": (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def test_names_say_what_is_inside() -> None:
    vague = [path for path in tracked() if path.suffix == ".py" and path.stem.strip("_") in VAGUE]
    assert not vague


def test_the_top_level_is_fixed() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= LAYOUT


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_modules_say_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", list(modules("cx_metrics")), ids=name_of)
def test_public_names_say_what_they_do(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in tree(path).body if isinstance(node, kinds) and not node.name.startswith("_")]
    assert not [node.name for node in public if not ast.get_docstring(node)]


def test_every_dependency_says_what_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    commented = set(re.findall(r'^\s+"([^"]+)",\s+# \S+', text, flags=re.MULTILINE))
    assert not set(wanted) - commented


def test_the_versions_of_dependencies_are_not_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert not [entry for entry in wanted if not re.fullmatch(r"[\w\[\].-]+>=[\d.]+", entry)]


def test_every_table_and_column_is_explained() -> None:
    assert not [table.name for table in metadata.sorted_tables if not table.comment]
    assert not [str(column) for table in metadata.sorted_tables for column in table.columns if not column.comment]


# --- what the repository holds ---------------------------------------------------------------------------------------


def test_nothing_is_left_unfinished() -> None:
    own = Path(__file__).resolve()
    assert not [path for path, text in texts() if path != own and UNFINISHED.search(text)]


def test_no_lock_files() -> None:
    assert not [path for path in tracked() if LOCKS.search(path.as_posix())]


def test_no_registry_and_no_machine_is_named() -> None:
    own = Path(__file__).resolve()
    found = [(str(path.relative_to(ROOT)), PLACES.search(text)) for path, text in texts() if path != own]
    assert not [(name, match.group()) for name, match in found if match]


def test_the_build_server_runs_the_command_of_the_readme() -> None:
    commands = re.findall(r"^python3 -m venv .*pytest$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert commands == ["python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script and ".venv/bin/pytest" not in script.replace(".*pytest", "")
