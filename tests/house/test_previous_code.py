"""The code of the previous migration on the schema after it: who still runs it while others migrate does no harm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.conftest import Tell

ROOT = Path(__file__).parents[2]
NEWEST = sorted((ROOT / "migrations" / "versions").glob("*.py"))[-1]
TESTS = os.environ.get("SUPPLYHUB_PREVIOUS_TESTS", "tests/journeys/test_order_to_arrival.py")
"""Tests of its own that it must pass: these post, read, transfer, and prove the ledger after each."""


WORKERS = os.environ.get("SUPPLYHUB_PREVIOUS_WORKERS", "0")


def git(*arguments: str) -> bytes:
    """What git says; nothing where there is no git or no history."""
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def find_previous() -> str:
    """The last commit before the newest migration, "" where the history does not reach back to it."""
    path = str(NEWEST.relative_to(ROOT))
    if not git("ls-files", path):
        return "HEAD" if git("rev-parse", "HEAD") else ""
    added = git("log", "--diff-filter=A", "--format=%H", "--", path).decode().split()
    return git("rev-parse", "--verify", "--quiet", f"{added[-1]}^").decode().strip() if added else ""


def test_the_previous_code_works_on_the_schema_after_it(tmp_path: Path, tell: Tell) -> None:
    previous = find_previous()
    if not previous:
        pytest.skip("the code before the newest migration is not here: no git, or a history that is cut off")
    with tarfile.open(fileobj=BytesIO(git("archive", previous))) as archive:
        archive.extractall(tmp_path, filter="data")
    old = [path.stem for path in sorted((tmp_path / "migrations" / "versions").glob("*.py"))]
    assert NEWEST.stem not in old
    # With today's migrations in its place, whatever it makes or opens is at the schema after.
    shutil.rmtree(tmp_path / "migrations")
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    compile_texts = ["-m", "babel.messages.frontend", "-q", "compile", "-d", "supplyhub/translations"]
    subprocess.run([sys.executable, *compile_texts], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", WORKERS, *TESTS.split()],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    tell(f"the code of {previous[:10]} ({old[-1]}) on {NEWEST.stem}: {done.stdout.splitlines()[-1]}")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"\d+ passed", done.stdout)
