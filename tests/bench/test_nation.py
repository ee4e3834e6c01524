"""The nation's file is a tree, and what a command takes is measured with all that it starts."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.bench.memory import watch
from tests.bench.nation import furnish, list_divisions

GUANGDONG = {
    "provinces": 'code,name\n44,"广东省"\n',
    "cities": 'code,name,provinceCode\n4401,"广州市",44\n4419,"东莞市",44\n',
    "areas": 'code,name,cityCode\n440103,"荔湾区",4401\n441900,"东莞市",4419\n',
    "streets": 'code,name,areaCode\n440103001,"沙面街道",440103\n441900003,"东城街道",441900\n',
    "villages": 'code,name,streetCode\n440103001001,"翠洲社区",440103001\n441900003001,"岗贝社区",441900003\n',
}
MIB = 2**20
HUNGRY = f"import time; held = bytearray({64 * MIB}); time.sleep(0.3)"
PARENT = f"import subprocess, sys; held = bytearray({64 * MIB}); subprocess.run([sys.executable, '-c', {HUNGRY!r}])"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Two cities as the package lists them; one of them has no counties."""
    for table, rows in GUANGDONG.items():
        (tmp_path / f"{table}.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def test_a_middle_that_stands_for_nothing_is_left_out(package: Path) -> None:
    """The street of a city without counties answers to the city."""
    parent_of = dict(list_divisions(package).select("code", "parent_code").iter_rows())
    assert parent_of["441900003000"] == "441900000000"
    assert parent_of["440103001000"] == "440103000000"
    assert parent_of["440000000000"] == ""
    assert len(parent_of) == 8


def test_people_of_a_place_are_those_below_it(package: Path) -> None:
    """From the communities up to the province."""
    tree = furnish(list_divisions(package), np.random.default_rng(1))
    people = dict(tree.select("code", "population").iter_rows())
    assert people["440000000000"] == people["440103001001"] + people["441900003001"] > 0
    assert people["441900000000"] == people["441900003001"]


def test_every_place_but_a_root_has_a_way(package: Path) -> None:
    """Hubei's lengths."""
    tree = furnish(list_divisions(package), np.random.default_rng(1))
    assert tree.filter(tree["km_to_parent"].is_null())["code"].to_list() == ["440000000000"]


def test_memory_counts_what_a_command_starts(tmp_path: Path) -> None:
    """A process and its child, 64 MiB each."""
    assert watch([sys.executable, "-c", PARENT], tmp_path).peak_bytes > 128 * MIB


def test_a_command_that_fails_is_heard(tmp_path: Path) -> None:
    """What it said is in the error."""
    with pytest.raises(RuntimeError, match="no such thing"):
        watch([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path)
