"""Lint and annotations, so that one test command covers them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> tuple[int, str]:
    """Exit code and output of a module run as a command in the repository."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    code, output = run("ruff", "check", "--no-cache", "--output-format=concise", ".")
    assert code == 0, output


def test_mypy_finds_nothing() -> None:
    code, output = run("mypy", "--no-error-summary", "--cache-dir", os.devnull)
    assert code == 0, output
