"""The twenty lines of docs/ledger.md, which anybody may run on an export: they pass a true one and refuse any other."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.persistence.sealing import export, live
from tests.world import build_world

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
CHECK = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)


@pytest.fixture(scope="module")
def whole(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """All lines of a ledger with a life behind it."""
    path = tmp_path_factory.mktemp("exported") / "exported.db"
    shutil.copyfile(sqlite_template, path)
    hub = Hub(make_engine(f"sqlite:///{path}"))
    live(build_world(hub))
    lines, _ = export(hub)
    hub.engine.dispose()
    return lines


def check(lines: list[bytes], folder: Path) -> subprocess.CompletedProcess[str]:
    assert CHECK is not None
    (folder / "check.py").write_text(CHECK[1], encoding="utf-8")
    (folder / "ledger.jsonl").write_bytes(b"".join(lines))
    command = [sys.executable, "-I", "check.py", "ledger.jsonl"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_it_is_twenty_lines_and_passes_what_is_true(whole: list[bytes], tmp_path: Path) -> None:
    assert CHECK is not None
    assert len(CHECK[1].splitlines()) <= 20
    done = check(whole, tmp_path)
    assert (done.returncode, done.stdout[:14]) == (0, "2 seals hold; ")


@pytest.mark.parametrize("turn", range(12))
def test_it_refuses_a_changed_digit_anywhere_below_the_last_seal(whole: list[bytes], tmp_path: Path, turn: int) -> None:
    random, lines = Random(turn), list(whole)
    row = random.randrange(len(lines) - 1)
    digits = [found.start() for found in re.finditer(rb"\d", lines[row])]
    place = random.choice(digits)
    other = b"7" if lines[row][place : place + 1] != b"7" else b"3"
    lines[row] = lines[row][:place] + other + lines[row][place + 1 :]
    assert check(lines, tmp_path).returncode


def test_it_refuses_lines_left_out_or_in_another_order(whole: list[bytes], tmp_path: Path) -> None:
    assert check(whole[1:], tmp_path).returncode
    assert check([whole[1], whole[0], *whole[2:]], tmp_path).returncode
