"""What the solver takes and gives, beside the tools that could be used instead, on one instance in one run."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import solver
from tests.bench.baselines import DIVISOR, MODULES, baselines_of
from tests.bench.case import Answer, Baseline, Case, case_of
from tests.bench.clock import Time, median, say, timed
from tests.bench.instances import make_instance
from tests.bench.options import Options
from tests.bench.ours import commands, granted_by, in_memory, raw_disk
from tests.bench.quality import error_of, quality_of
from tests.bench.tables import Row, show_phases, show_ratios, show_rows


def run(options: Options) -> None:
    """Baselines first, then ours, then the tables."""
    problem = make_instance(options.tree, options.items)
    say(f"{len(problem.demand):,} requests for {len(problem.items)} items in {len(problem.divisions):,} divisions")
    cases = [case_of(problem, item) for item in range(options.baseline_items)]
    measured = {module: _measure(module, cases, options.baseline_runs) for module in MODULES}
    with tempfile.TemporaryDirectory() as scratch:
        ours = in_memory(problem, options.runs)
        targets = {**ours.targets, **commands(problem, Path(scratch), options.runs)}
        store = partial(raw_disk, problem, ours.plan, Path(scratch))
        disk = median(timed(store)[0] for _ in range(options.runs))
    exact = granted_by(ours.plan, cases)
    scale = len(problem.demand) / sum(len(case.row) for case in cases)
    rows = {module: [_row(found, cases, exact, scale) for found in measured[module]] for module in MODULES}
    divisor, harder = [*(row.time for row in rows[DIVISOR]), None, None][:2]
    mine = Row("ours, all of it", "fair, near, any network, proved", targets["shipped"], quality_of(cases, exact))
    show_rows([*(row for found in rows.values() for row in found), mine], divisor, _measured_on(problem, scale))
    show_phases(ours.phases)
    show_ratios(targets, disk, divisor, harder)


@dataclass(frozen=True)
class Measured:
    """Time and answers of a baseline for the items it was run on."""

    baseline: Baseline
    time: Time
    answers: list[Answer]


def _measure(module: str, cases: Sequence[Case], runs: int) -> list[Measured]:
    try:
        offered = baselines_of(module)
    except ImportError as missing:
        say(f"without {module}: {missing}")
        return []
    return [_run(baseline, cases, runs) for baseline in offered]


def _run(baseline: Baseline, cases: Sequence[Case], runs: int) -> Measured:
    """Item by item, so that one that takes long says how far it is."""
    spent, answers = Time(0, 0), list[Answer]()
    for number, case in enumerate(cases, start=1):
        found = [timed(partial(baseline.ship, case)) for _ in range(runs)]
        spent += (once := median(time for time, _ in found))
        answers.append(found[-1][1])
        if once.wall > 1:
            say(f"{baseline.title}: {once.work:.2f} processor s, {once.wall:.2f} s, item {number} of {len(cases)}")
    return Measured(baseline, spent, answers)


def _row(found: Measured, cases: Sequence[Case], exact: Sequence[Answer], scale: float) -> Row:
    quality, error = quality_of(cases, found.answers), error_of(cases, found.answers, exact)
    return Row(found.baseline.title, found.baseline.job, found.time.times(scale), quality, error)


def _measured_on(problem: solver.Problem, scale: float) -> str:
    """What the times of baselines were measured on; never silent about scaling."""
    requests = f"{len(problem.demand):,} requests for {len(problem.items)} items"
    if scale == 1:
        return requests
    return f"{requests}; baselines run on {len(problem.demand) / scale:,.0f} and scaled x {scale:.2f}, worth of those"
