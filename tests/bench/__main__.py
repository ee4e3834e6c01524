"""`make bench`: the province of the demo planned, against raw disk and against a split in proportion to what was asked.

Prints medians of several runs and ratios; nothing here passes or fails.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import solver
from supplyhub.bridge.question import ask
from supplyhub.demo.load import Hubei, load_province
from supplyhub.demo.plan import AID_PENALTY_METRES, MUTUAL_AID
from supplyhub.demo.province import PROVINCE
from supplyhub.domain.planning import RunOptions
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import upgrade
from supplyhub.service.unit_of_work import Hub


def main() -> None:
    """Load the province into a scratch database, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement; the median is printed")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        problem = _load(Path(scratch), datetime.now(UTC))
        _measure(problem, Path(scratch), runs)


def _load(scratch: Path, at: datetime) -> solver.Problem:
    engine = make_engine(f"sqlite:///{scratch / 'bench.db'}")
    upgrade(engine)
    hub = Hub(engine)
    load_province(hub, Hubei(at), at=at, done=lambda step: print(f"{step.title}: {step.count} in {step.seconds:.1f} s"))
    options = RunOptions(as_of=at.date(), mutual_aid=dict(MUTUAL_AID), mutual_aid_penalty_metres=AID_PENALTY_METRES)
    with hub.read(None, at=at, steady=True) as work:
        snapshot = work.planning.take_snapshot(work.places.get_division(PROVINCE), options)
    engine.dispose()
    return ask(snapshot)


def _median(runs: int, act: Callable[[], Any]) -> tuple[float, Any]:
    spent, result = [], None
    for _ in range(runs):
        started = time.perf_counter()
        result = act()
        spent.append(time.perf_counter() - started)
    return statistics.median(spent), result


def _measure(problem: solver.Problem, scratch: Path, runs: int) -> None:
    disk, _ = _median(runs, lambda: _raw_disk(problem, scratch))
    share, halves = _median(runs, lambda: _in_proportion(problem))
    solved, plan = _median(runs, lambda: solver.solve(problem))
    checked, faults = _median(runs, lambda: solver.check(problem, plan))
    written, _ = _median(runs, lambda: solver.write_instance(problem, scratch / "instance"))
    read, _ = _median(runs, lambda: solver.read_instance(scratch / "instance"))
    planned, _ = _median(runs, lambda: solver.write_plan(plan, problem, scratch / "plan"))
    table = Table(title=f"{len(problem.demand):,} request lines, medians of {runs} runs; faults found: {len(faults)}")
    for column in ("what", "seconds", "times raw disk", "class 1 coverage", "lowest level of class 1"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, seconds, granted in (
        ("raw .npy write + read of the demand (baseline)", disk, None),
        ("split in proportion, no ways, no proof (baseline)", share, halves),
        ("solve", solved, plan.granted),
        ("check", checked, None),
        ("write instance folder", written, None),
        ("read instance folder", read, None),
        ("write plan folder", planned, None),
    ):
        quality = ("", "") if granted is None else _quality(problem, granted)
        table.add_row(what, f"{seconds:.3f}", f"{seconds / disk:.0f}", *quality)
    Console().print(table)


def _raw_disk(problem: solver.Problem, scratch: Path) -> None:
    demand = problem.demand
    for name in ("division", "item", "quantity", "priority", "weight_numerator"):
        np.save(scratch / f"{name}.npy", getattr(demand, name))
        np.load(scratch / f"{name}.npy")


def _in_proportion(problem: solver.Problem) -> Any:
    """What a telephone split does: each item's whole stock by quantity asked, whoever asks and wherever they are."""
    stock, demand = problem.stock, problem.demand
    count = len(problem.items.codes)
    on_offer = np.bincount(stock.item, weights=stock.quantity, minlength=count)
    asked = np.bincount(demand.item, weights=demand.quantity, minlength=count)
    share = np.minimum(1.0, on_offer / np.maximum(asked, 1))
    packs = problem.items.pack_size[demand.item]
    return (demand.quantity * share[demand.item]).astype(np.int64) // packs * packs


def _quality(problem: solver.Problem, granted: Any) -> tuple[str, str]:
    first = problem.demand.priority == 1
    quantity = np.maximum(problem.demand.quantity[first], 1)
    fill = np.minimum(1.0, granted[first] / quantity)
    level = fill * problem.demand.weight_denominator / problem.demand.weight_numerator[first]
    return f"{granted[first].sum() / quantity.sum():.1%}", f"{level.min():.4f}"


if __name__ == "__main__":
    main()
