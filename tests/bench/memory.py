"""A command with its time and its peak memory, worker processes added up."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import ONE_THREAD
from tests.bench.clock import Time, timed

PAGE = 4096
EVERY_SECONDS = 0.02


@dataclass(frozen=True)
class Spent:
    """Its time, workers included, and the most bytes resident at one moment in the process and all below it.

    Pages that processes share count once for each: rather too much than too little. Peaks shorter than
    EVERY_SECONDS may be missed.
    """

    time: Time
    peak_bytes: int


def watch(command: Sequence[str], folder: Path) -> Spent:
    """Run it in a folder, with as many threads as it likes. Raises RuntimeError, with what it said, where it fails."""
    spent, peak = timed(lambda: _run(command, folder))
    return Spent(spent, peak)


def _run(command: Sequence[str], folder: Path) -> int:
    peak, free = 0, {name: value for name, value in os.environ.items() if name not in ONE_THREAD}
    heard: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, cwd=folder, env=free, **heard) as running:
        while running.poll() is None:
            peak = max(peak, sum(_resident(pid) for pid in _family(running.pid)))
            time.sleep(EVERY_SECONDS)
        said = running.stdout.read() if running.stdout else ""
    if running.returncode:
        raise RuntimeError(f"{' '.join(command)}: {said}")
    return peak


def _family(pid: int) -> Iterator[int]:
    """A process and all that it started, as far as they still live."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(children).split():
            yield from _family(int(child))


def _resident(pid: int) -> int:
    """Bytes in memory; none for a process that just ended."""
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * PAGE if fields else 0


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
