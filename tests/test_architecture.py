"""The rules of the house: which way imports point, what each part may know, how long things may get."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cx_metrics.model import metadata

ROOT = Path(__file__).resolve().parents[1]

# A part imports from its own level or from below. Parts of one level may know each other, but never in a circle.
LEVELS = {
    "sample_data": 0,  # makes files as other tools export them, so it knows nothing of the product
    "cx_metrics.wording": 0,  # numbers in words: knows no data, so that charts and reports can use it too
    "cx_metrics.export": 0,  # frames as text for other programs: knows no data either
    "cx_metrics.dialect": 0,
    "cx_metrics.columns": 0,  # how the columns of the model are declared
    "cx_metrics.summaries": 0,  # the tables that an import notes its counts in
    "cx_metrics.measures": 0,  # the columns that are computed at import
    "cx_metrics.texts": 0,  # the columns and tables that judging texts fills
    "cx_metrics.judges": 0,  # texts to judgements: knows no data
    "cx_metrics.model": 0,
    "cx_metrics.scope": 0,
    "cx_metrics.settings": 0,  # where the two stores and the journey are; opens none of them
    "cx_metrics.notice_settings": 0,  # who is told what
    "cx_metrics.journey": 0,  # the company's own stages, channels and limits
    "cx_metrics.charts": 0,  # frames as drawings: never asks for data
    "cx_metrics.warehouse": 1,
    "cx_metrics.ledger_tables": 1,
    "cx_metrics.migrations": 1,  # how a ledger comes to its newest version
    "cx_metrics.ledger": 1,
    "cx_metrics.metrics": 2,
    "cx_metrics.intake": 3,
    "cx_metrics.enrich": 3,
    "cx_metrics.analyses": 4,
    "cx_metrics.report": 5,
    "cx_metrics.commands_analyse": 5,
    "cx_metrics.commands_events": 5,
    "cx_metrics.commands_initiatives": 5,
    "cx_metrics.commands_interventions": 5,
    "cx_metrics.commands_judge": 5,
    "cx_metrics.commands_ledger": 5,
    "cx_metrics.commands_notices": 5,
    "cx_metrics.commands_rules": 5,
    "cx_metrics.commands_predictions": 5,
    "cx_metrics.commands": 5,  # what the command line's commands do
    "cx_metrics.cli": 6,
    "pages": 5,
    "app": 6,
}
STRANGERS = {"cx_metrics.report", "cx_metrics.cli", "pages"}  # of these, none imports another
LAYOUT = {
    ".ci", ".gitignore", ".pre-commit-config.yaml", ".streamlit", "CHANGELOG.md", "LICENSE", "README.md", "app.py",
    "cx_metrics", "pages", "pyproject.toml", "sample_data", "tests",
}  # fmt: skip
LONGEST = {"pages": 80}  # lines of a file; elsewhere 250
LONGEST_FUNCTION = 40
VAGUE = {"base", "common", "core", "helper", "helpers", "manager", "misc", "shared", "util", "utils"}

ENGINES = re.compile(
    r"duck_?db|postgres|psycopg|sqlite|my_?sql|maria_?db|snowflake|bigquery|redshift|databricks|py_?spark|trino|clickhouse",
    re.IGNORECASE,
)
STATEMENT = re.compile(r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bdelete\s+from\b|\bupdate\b.+\bset\b", re.IGNORECASE)
LOCKS = re.compile(r"(uv|poetry|pdm)\.lock|Pipfile(\.lock)?|pylock\..*toml|(requirements|constraints).*\.txt")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|NotImplemented(Error)?)\b")
PLACES = re.compile(  # a package registry or a mirror of one, or a folder of somebody's machine
    r"pypi\.org|pythonhosted|npmjs|proxy\.golang|index[-_]url|artifactory|jfrog|\bmirrors?[./]\w"
    r"|(?<![\w.~-])/(work|home|root|Users|mnt|srv)/\w|[A-Z]:\\+Users",
    re.IGNORECASE,
)


# --- reading the tree ------------------------------------------------------------------------------------------------


def modules(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    return [path for folder in folders for path in sorted(ROOT.joinpath(folder).rglob("*.py"))]


LIBRARY, PAGES = modules("cx_metrics"), modules("pages")
ALL = [*LIBRARY, *PAGES, ROOT / "app.py", *modules("sample_data")]


def name_of(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in ALL}


@functools.cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """The modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path}: imports are written in full"
            longer = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in longer.values()}
    return frozenset(found)


def part_of(module: str) -> str:
    """The part of the house that a module belongs to: a key of LEVELS."""
    return ".".join(module.split(".")[: 2 if module.startswith("cx_metrics.") else 1])


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions of a file, those inside others too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@functools.cache
def tracked() -> tuple[Path, ...]:
    """The files of the repository: those that git has or would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return tuple(path for path in map(ROOT.joinpath, sorted(set(listed) - {""})) if path.is_file())


def written(pattern: re.Pattern[str], paths: Iterable[Path]) -> list[str]:
    """Where a pattern occurs, as "path:line: text"; this file is left out, for it must name what it forbids."""
    found = []
    for path in paths:
        if path == Path(__file__).resolve() or path.suffix in {".csv", ".json", ".png", ".xlsx", ".parquet"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if match := pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match.group()}")
    return found


# --- imports ---------------------------------------------------------------------------------------------------------


def test_every_part_has_a_level() -> None:
    assert {part_of(name) for name in MODULES} - {"cx_metrics"} <= LEVELS.keys()


def test_imports_point_downward() -> None:
    wrong = []
    for name, path in MODULES.items():
        own = part_of(name)
        for other in {part_of(module) for module in imported(path)} & LEVELS.keys() - {own}:
            if LEVELS[other] > LEVELS[own] or {own, other} <= STRANGERS or "sample_data" in (own, other):
                wrong.append(f"{name} imports {other}")
    assert not wrong


def test_nothing_imports_in_a_circle() -> None:
    graph = {name: imported(path) & MODULES.keys() for name, path in MODULES.items()}
    while free := {name for name, needed in graph.items() if not needed & graph.keys()}:
        graph = {name: needed for name, needed in graph.items() if name not in free}
    assert not graph


def test_the_library_runs_without_the_dashboard() -> None:
    dashboard = {"streamlit", "starlette"}
    assert not [str(path) for path in LIBRARY if dashboard & {name.split(".")[0] for name in imported(path)}]


def test_pages_only_draw() -> None:
    wrong = []
    for path in PAGES:
        computing = {"sqlalchemy", "plotly", "duckdb", "sqlite3", "psycopg"}
        wrong += [f"{path.name} imports {name}" for name in imported(path) if name.split(".")[0] in computing]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Name) and node.id in {"sa", "go", "px"}:
                wrong.append(f"{path.name}:{node.lineno}: {node.id}")
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.search(node.value):
                wrong.append(f"{path.name}:{node.lineno}: {node.value}")
    assert not wrong


def test_only_the_dialect_names_engines() -> None:
    assert not written(ENGINES, [path for path in [*LIBRARY, *PAGES] if path.name != "dialect.py"])


# --- sizes and names -------------------------------------------------------------------------------------------------


def test_files_stay_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ALL}
    limits = {path: LONGEST.get(path.parent.name, 250) for path in ALL}
    assert not {name_of(path): length for path, length in lengths.items() if length > limits[path]}


def test_functions_stay_short() -> None:
    lengths = {
        f"{name_of(path)}.{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for path in ALL for function in functions(path)
    }  # fmt: skip
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def test_names_say_what_is_inside() -> None:
    assert not [str(path) for path in tracked() if path.suffix == ".py" and path.stem.strip("_") in VAGUE]


def test_the_top_level_is_fixed() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} == LAYOUT


# --- words -----------------------------------------------------------------------------------------------------------


def test_modules_say_what_they_are_for() -> None:
    assert not [name for name, path in MODULES.items() if not ast.get_docstring(tree(path))]


def test_public_names_say_what_they_do() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = {
        f"{name_of(path)}.{node.name}": node
        for path in LIBRARY for node in tree(path).body if isinstance(node, kinds) and not node.name.startswith("_")
    }  # fmt: skip
    assert not [name for name, node in public.items() if not ast.get_docstring(node)]


def test_every_dependency_says_what_for_and_is_not_pinned() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    wanted = {
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    }
    assert not [entry for entry in wanted if not re.fullmatch(r"[\w\[\].-]+>=[\d.]+", entry)]
    assert not wanted - set(re.findall(r'^\s+"([^"]+)",\s+# \S+', text, re.MULTILINE))


def test_every_table_and_column_is_explained() -> None:
    assert not [table.name for table in metadata.sorted_tables if not table.comment]
    assert not [str(column) for table in metadata.sorted_tables for column in table.columns if not column.comment]


# --- what the repository holds ---------------------------------------------------------------------------------------


def test_nothing_is_left_unfinished() -> None:
    assert not written(UNFINISHED, tracked())


def test_there_are_no_lock_files() -> None:
    assert not [str(path) for path in tracked() if LOCKS.fullmatch(path.name)]


def test_no_registry_and_no_machine_is_named() -> None:
    assert not written(PLACES, tracked())


def test_the_build_server_runs_the_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (pattern,) = re.findall(r"grep -E '(.+?)' README\.md", script)
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (command,) = [line for line in lines if re.search(pattern, line)]
    assert command == "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/pytest"
