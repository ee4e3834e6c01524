"""The whole country in one command: seconds, memory, and seconds a request beside Hubei's in the same run."""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import solver
from tests.bench.clock import median, say
from tests.bench.instances import HUBEI, make_instance
from tests.bench.memory import Spent, watch
from tests.bench.nation import make_nation
from tests.bench.options import Options
from tests.bench.ours import ROOT
from tests.bench.tables import CLOCKS, clocks, show, table_of

MADE = ROOT / "var" / "bench" / "nation.csv.gz"
RATIO_LIMIT = 1.3
MEMORY_LIMIT_GIB = 5
HUBEI_RUNS = 3
GIB = 2**30


@dataclass(frozen=True)
class Size:
    """An instance and what planning it took."""

    title: str
    divisions: int
    requests: int
    spent: Spent

    @property
    def microseconds(self) -> float:
        """On the wall, of each request: workers are there to shorten it."""
        return self.spent.time.wall / self.requests * 10**6


def run(options: Options) -> None:
    """Hubei, then the nation; the file of the nation is made when it is first needed."""
    if options.divisions is None and not MADE.exists():
        say(f"making {MADE}: {make_nation(MADE):,} divisions")
    hubei = _measure("Hubei", HUBEI, options, HUBEI_RUNS)
    nation = _measure("the nation", options.divisions or MADE, options, 1)
    table = table_of(
        f"`supplyhub plan --workers {options.workers}`, all files, proof included",
        *("what", "divisions", "requests", *CLOCKS, "wall microseconds a request", "peak GiB, processes added"),
    )
    for size in (hubei, nation):
        figures = (*clocks(size.spent.time), f"{size.microseconds:.2f}", f"{size.spent.peak_bytes / GIB:.2f}")
        table.add_row(size.title, f"{size.divisions:,}", f"{size.requests:,}", *figures)
    ratio, gib = nation.microseconds / hubei.microseconds, nation.spent.peak_bytes / GIB
    table.add_row("the nation's over Hubei's", "", "", "", "", f"{ratio:.2f}", "")
    table.add_row("at most", "", "", "", "", f"{RATIO_LIMIT}", f"{MEMORY_LIMIT_GIB}")
    table.add_row("", "", "", "", "", _met(ratio <= RATIO_LIMIT), _met(gib <= MEMORY_LIMIT_GIB))
    show(table)


def _measure(title: str, divisions: Path, options: Options, runs: int) -> Size:
    with tempfile.TemporaryDirectory() as scratch:
        # In a process of its own, so that what it took is given back before the clock runs.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            count, requests = apart.submit(_write, divisions, options.items, Path(scratch) / "instance").result()
        say(f"{title}: {requests:,} requests written")
        words = ["plan", str(Path(scratch) / "instance"), "--out", str(Path(scratch) / "plan")]
        command = [sys.executable, "-m", "cli", *words, "--workers", str(options.workers)]
        found = [watch(command, ROOT) for _ in range(runs)]
    spent = Spent(median(one.time for one in found), max(one.peak_bytes for one in found))
    say(f"{title}: {spent.time.wall:.1f} s, {spent.peak_bytes / GIB:.2f} GiB")
    return Size(title, count, requests, spent)


def _write(divisions: Path, items: int, folder: Path) -> tuple[int, int]:
    problem = make_instance(divisions, items)
    solver.write_instance(problem, folder)
    return len(problem.divisions), len(problem.demand)


def _met(reached: bool) -> str:
    return "met" if reached else "not met"
