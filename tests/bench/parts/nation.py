"""The whole country in one command: seconds, memory, and seconds a request beside Hubei's in the same run."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import solver
from tests.bench.clock import Time, median, say
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
    workers: int
    divisions: int
    requests: int
    spent: Spent

    @property
    def each(self) -> Time:
        """Microseconds of each request."""
        return self.spent.time.times(10**6 / self.requests)


def run(options: Options) -> None:
    """Hubei, then the nation; the file of the nation is made when it is first needed."""
    if options.divisions is None and not MADE.exists():
        say(f"making {MADE}: {make_nation(MADE):,} divisions")
    # Workers take longer to start than Hubei takes to plan: the nation is held to whatever costs least there.
    hubei = _measure("Hubei", HUBEI, options.items, sorted({1, options.workers}), HUBEI_RUNS)
    nation = _measure("the nation", options.divisions or MADE, options.items, [options.workers], 1)
    _show([*hubei, *nation])


def _show(sizes: Sequence[Size]) -> None:
    """A row a size, the last being the nation."""
    table = table_of(
        "`supplyhub plan`, all files, proof included",
        *("what", "workers", "divisions", "requests", *CLOCKS),
        *("processor us a request", "wall us a request", "peak GiB, processes added"),
    )
    for size in sizes:
        counts = (str(size.workers), f"{size.divisions:,}", f"{size.requests:,}")
        each = (f"{size.each.work:.2f}", f"{size.each.wall:.2f}")
        table.add_row(size.title, *counts, *clocks(size.spent.time), *each, f"{size.spent.peak_bytes / GIB:.2f}")
    *hubei, nation = sizes
    work = nation.each.work / min(size.each.work for size in hubei)
    wall = nation.each.wall / min(size.each.wall for size in hubei)
    gib, none = nation.spent.peak_bytes / GIB, [""] * 5
    table.add_row("the nation's over Hubei's least", *none, f"{work:.2f}", f"{wall:.2f}", "")
    table.add_row("at most", *none, f"{RATIO_LIMIT}", "", f"{MEMORY_LIMIT_GIB}")
    table.add_row("", *none, _met(work <= RATIO_LIMIT), "", _met(gib <= MEMORY_LIMIT_GIB))
    show(table)


def _measure(title: str, divisions: Path, items: int, workers: Sequence[int], runs: int) -> list[Size]:
    """One instance, planned by each number of workers."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "instance"
        # In a process of its own, so that what it took is given back before the clock runs.
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            count, requests = apart.submit(_write, divisions, items, folder).result()
        say(f"{title}: {requests:,} requests written")
        return [Size(title, number, count, requests, _plan(folder, number, runs)) for number in workers]


def _plan(folder: Path, workers: int, runs: int) -> Spent:
    words = ["plan", str(folder), "--out", str(folder.parent / "plan"), "--workers", str(workers)]
    found = [watch([sys.executable, "-m", "cli", *words], ROOT) for _ in range(runs)]
    spent = Spent(median(one.time for one in found), max(one.peak_bytes for one in found))
    say(f"workers: {workers}, {spent.time.wall:.1f} s, {spent.peak_bytes / GIB:.2f} GiB")
    return spent


def _write(divisions: Path, items: int, folder: Path) -> tuple[int, int]:
    problem = make_instance(divisions, items)
    solver.write_instance(problem, folder)
    return len(problem.divisions), len(problem.demand)


def _met(reached: bool) -> str:
    return "met" if reached else "not met"
