"""Our own seconds, by what they buy: solve and check in memory, then the commands with all their files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import solver
from tests.bench.case import Answer, Case
from tests.bench.clock import Time, medians, say, timed

GRANTING = frozenset({"prepare", "network", "grants"})
SHIPPING = frozenset({"shipments", "lots"})
CHECKING_SHIPMENTS = frozenset({"shipments", "totals"})
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Target:
    """A part of the work, and the share of the divisor's time that it may take."""

    name: str
    title: str
    limit: int

    @property
    def moonshot(self) -> int:
        """Twice as fast again."""
        return 2 * self.limit


TARGETS = (
    Target("grants", "grants only", 400),
    Target("proved", "with transport, prices, reasons and proof", 150),
    Target("shipped", "with shipments and lots", 100),
    Target("planned", "the command `supplyhub plan`, all files", 30),
    Target("checked", "and a separate `supplyhub check`", 20),
)


@dataclass(frozen=True)
class Ours:
    """Median times of each target and of each phase, and the plan."""

    targets: dict[str, Time]
    phases: dict[str, Time]
    plan: solver.Plan


def in_memory(problem: solver.Problem, runs: int) -> Ours:
    """Solve and check, several times; what is left over between phases is charged to whatever contains it."""
    targets, phases = [], []
    for _ in range(runs):
        solved, plan = timed(partial(solver.solve, problem))
        checked, (faults, checking) = timed(partial(_check, problem, plan))
        if faults:
            raise AssertionError(f"the plan is not true: {faults[0]}")
        shipping = solved.of_wall(_sum(plan.seconds, SHIPPING)) + checked.of_wall(_sum(checking, CHECKING_SHIPMENTS))
        whole = solved + checked
        granting = solved.of_wall(_sum(plan.seconds, GRANTING))
        targets.append({"grants": granting, "proved": whole - shipping, "shipped": whole})
        phases.append({**_named("solve", plan.seconds, solved), **_named("check", checking, checked)})
    found = medians(targets)
    say(f"ours in memory: {found['shipped'].wall:.2f} s, median of {runs}")
    return Ours(found, medians(phases), plan)


def commands(problem: solver.Problem, scratch: Path, runs: int) -> dict[str, Time]:
    """`supplyhub plan` on an instance folder, and that with `supplyhub check` after it."""
    solver.write_instance(problem, scratch / "instance")
    targets = []
    for _ in range(runs):
        planned, _ = timed(lambda: call("plan", scratch / "instance", "--out", scratch / "plan"))
        checked, _ = timed(lambda: call("check", scratch / "instance", scratch / "plan"))
        targets.append({"planned": planned, "checked": planned + checked})
    found = medians(targets)
    say(f"the commands: {found['checked'].wall:.2f} s, median of {runs}")
    return found


def call(*words: str | Path) -> None:
    """One `supplyhub` command, of the code beside this, in its own process. Raises RuntimeError with what it said."""
    done = subprocess.run([sys.executable, "-m", "cli", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"supplyhub {' '.join(map(str, words))}: {done.stderr}")


def granted_by(plan: solver.Plan, cases: Sequence[Case]) -> list[Answer]:
    """Our plan for some items as the baselines answer."""
    metres = {item["item"]: int(item["pack_metres"]) for item in plan.summary["items"]}
    return [Answer(plan.granted[case.row] // case.pack_size, metres[case.code]) for case in cases]


def raw_disk(problem: solver.Problem, plan: solver.Plan, scratch: Path) -> None:
    """Write and read every column of numbers of question and answer as .npy: no program that keeps files is faster."""
    asked = (problem.divisions, problem.depots, problem.stock, problem.demand)
    tables = (*asked, plan, plan.shipments, plan.flows, plan.limits, plan.prices)
    columns = [column for table in tables for column in vars(table).values() if isinstance(column, np.ndarray)]
    for number, column in enumerate(columns):
        np.save(scratch / f"{number}.npy", column)
    for number in range(len(columns)):
        np.load(scratch / f"{number}.npy")


def _check(problem: solver.Problem, plan: solver.Plan) -> tuple[list[solver.Fault], dict[str, float]]:
    spent: dict[str, float] = {}
    return solver.check(problem, plan, seconds=spent), spent


def _sum(seconds: Mapping[str, float], phases: frozenset[str]) -> float:
    return sum(spent for phase, spent in seconds.items() if phase in phases)


def _named(what: str, seconds: Mapping[str, float], whole: Time) -> dict[str, Time]:
    return {f"{what} {phase}": whole.of_wall(spent) for phase, spent in seconds.items()}
