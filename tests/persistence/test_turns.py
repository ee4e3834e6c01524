"""Turns at writing go in the order in which they were asked for, one at a time; whoever gives up is passed over."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from supplyhub.persistence.races import TurnTaken
from supplyhub.persistence.turns import Line, Turns


def wait_until_waiting(line: Line, count: int) -> None:
    until = time.monotonic() + 10
    while len(line._waiting) < count and time.monotonic() < until:
        time.sleep(0.001)
    assert len(line._waiting) == count


def test_the_line_is_served_in_its_order() -> None:
    line, served = Line(), list[int]()
    assert line.acquire(1)

    def stand(number: int) -> None:
        assert line.acquire(30)
        served.append(number)
        line.release()

    threads = [threading.Thread(target=stand, args=(number,)) for number in range(16)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        wait_until_waiting(line, count)
    line.release()
    for thread in threads:
        thread.join()
    assert served == list(range(16))


def test_who_gives_up_is_passed_over() -> None:
    line, served = Line(), threading.Event()
    assert line.acquire(1)
    assert not line.acquire(0.01)
    thread = threading.Thread(target=lambda: (line.acquire(30), served.set(), line.release()))
    thread.start()
    wait_until_waiting(line, 1)
    line.release()
    thread.join()
    assert served.is_set()
    assert line.acquire(0)


def test_two_processes_take_turns_by_the_file(tmp_path: Path) -> None:
    """Two rights to one file, as two processes have them: each opens it anew, so the lock is not shared."""
    here, there = (Turns(str(tmp_path / "supplyhub.db"), wait_seconds=0.05) for _ in range(2))
    with here.turn(), pytest.raises(TurnTaken), there.turn():
        pass
    with there.turn():
        pass
