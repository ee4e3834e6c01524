"""What the solver takes and gives, beside the tools that could be used instead, on one instance in one run."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import solver
from tests.bench.baselines import DIVISOR, MODULES, baselines_of
from tests.bench.case import Answer, Baseline, Case, case_of
from tests.bench.clock import repeated, say, timed
from tests.bench.instances import make_instance
from tests.bench.options import Options
from tests.bench.ours import Ours, commands, in_memory, raw_disk
from tests.bench.quality import quality_of
from tests.bench.tables import Row, show_phases, show_ratios, show_rows


def run(options: Options) -> None:
    """Baselines first, then ours, then the tables."""
    problem = make_instance(options.tree, options.items)
    say(f"{len(problem.demand):,} requests for {len(problem.items)} items in {len(problem.divisions):,} divisions")
    cases = [case_of(problem, item) for item in range(options.baseline_items)]
    rows = {
        module: [_measure(problem, cases, baseline, options.baseline_runs) for baseline in _offered(module)]
        for module in MODULES
    }
    with tempfile.TemporaryDirectory() as scratch:
        ours = in_memory(problem, options.runs)
        spent = {**ours.seconds, **commands(problem, Path(scratch), options.runs)}
        disk, _ = repeated("raw disk", options.runs, lambda: raw_disk(problem, ours.plan, Path(scratch)))
    mine = Row("ours", "fair, exact, all networks", spent["shipped"], quality_of(cases, _granted(ours, cases)))
    divisor = next((row.seconds for row in rows[DIVISOR]), None)
    show_rows([*(row for found in rows.values() for row in found), mine], divisor, _measured_on(problem, cases))
    show_phases(ours.phases)
    show_ratios(spent, disk, divisor)


def _offered(module: str) -> Sequence[Baseline]:
    try:
        return baselines_of(module)
    except ImportError as missing:
        say(f"without {module}: {missing}")
        return ()


def _measure(problem: solver.Problem, cases: Sequence[Case], baseline: Baseline, runs: int) -> Row:
    """Item by item, so that one that takes long says how far it is; scaled by requests to all items."""
    spent, answers = [], list[Answer]()
    for number, case in enumerate(cases, start=1):
        found = [timed(partial(baseline.ship, case)) for _ in range(runs)]
        seconds = statistics.median(once for once, _ in found)
        spent.append(seconds)
        answers.append(found[-1][1])
        if seconds > 1:
            say(f"{baseline.title}: {seconds:.2f} s, item {number} of {len(cases)}")
    scale = len(problem.demand) / sum(len(case.row) for case in cases)
    return Row(baseline.title, baseline.job, sum(spent) * scale, quality_of(cases, answers))


def _granted(ours: Ours, cases: Sequence[Case]) -> list[Answer]:
    """Our plan for the baselines' items, in packs."""
    metres = {item["item"]: int(item["pack_metres"]) for item in ours.plan.summary["items"]}
    return [Answer(ours.plan.granted[case.row] // case.pack_size, metres[case.code]) for case in cases]


def _measured_on(problem: solver.Problem, cases: Sequence[Case]) -> str:
    """What the seconds of baselines were measured on; never silent about scaling."""
    run, all_of_them = sum(len(case.row) for case in cases), len(problem.demand)
    if run == all_of_them:
        return f"{all_of_them:,} requests"
    return f"{all_of_them:,} requests; baselines run on {run:,} and scaled x {all_of_them / run:.2f}, quality on those"
