"""gunicorn's processes share the connections that are kept, though one of them always wakes first."""

from __future__ import annotations

import http.client
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.calling import Callers
from tests.serving import served

CONNECTIONS, LEAST = 16, 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_process_has_all_connections(api: Callers, database_url: str) -> None:
    with served("gunicorn", database_url) as server, ExitStack() as kept:
        _wait_for_all(server.process.pid)
        for _ in range(CONNECTIONS):
            line = kept.enter_context(closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)))
            line.request("GET", "/health/live")
            assert line.getresponse().read()
        shares = _connections(server.process.pid, server.port)
    assert sum(shares.values()) == CONNECTIONS
    assert min(shares.values()) >= LEAST, shares


def _wait_for_all(master: int) -> None:
    """Until both children watch their own pipe and the port."""
    until = time.monotonic() + 20
    while sum(_watched(child) >= 2 for child in _children(master)) < 2:
        assert time.monotonic() < until, "a process does not take connections"
        time.sleep(0.01)


def _watched(process: str) -> int:
    return sum(info.read_text().count("tfd:") for info in Path(f"/proc/{process}/fdinfo").iterdir())


def _children(master: int) -> list[str]:
    return Path(f"/proc/{master}/task/{master}/children").read_text().split()


def _connections(master: int, port: int) -> dict[int, int]:
    """How many of a port's connections each child of a process has, as Linux tells it in /proc."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    accepted = {f"socket:[{line[9]}]" for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "01"}
    return {int(child): len(_open_files(child) & accepted) for child in _children(master)}


def _open_files(process: str) -> set[str]:
    return {str(link.readlink()) for link in Path(f"/proc/{process}/fd").iterdir()}
