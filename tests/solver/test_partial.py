"""A run that is cancelled or runs out of time: a true plan of the items that are done, and it says which these are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as some

import solver
from cli import main
from solver import (
    Demand,
    Fault,
    Items,
    Plan,
    Problem,
    Processes,
    Stock,
    check,
    read_instance,
    read_plan,
    solve,
    write_instance,
    write_plan,
)
from solver.plan import LIMITS
from tests.solver import instances, small
from tests.solver.several import provinces

ROOT = Path(__file__).parents[2]
PARTIAL, ENDED = 3, 130


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory) -> Problem:
    """A dozen provinces of a handful of places, two dozen items."""
    return provinces(range(500, 512), tmp_path_factory.mktemp("partial") / "instance")


@pytest.fixture(scope="module")
def whole(problem: Problem) -> Plan:
    return solve(problem)


def stopped_after(problem: Problem, items: int, workers: int = 0) -> Plan:
    done: list[str] = []
    return solve(
        problem,
        progress=lambda number, of, code: done.append(code),
        cancelled=lambda: len(done) >= items,
        executor=Processes(workers) if workers else None,
    )


def said_of(problem: Problem, plan: Plan, item: int) -> dict[str, object]:
    """Everything a plan says of one item, sets by their first requests instead of their numbers."""
    mine = np.flatnonzero(problem.demand.item == item)
    number = np.where(plan.set[mine] > 0, plan.set[mine] - plan.set[mine][plan.set[mine] > 0].min(initial=1), -1)
    shipped = np.isin(plan.shipments.demand_row, mine)
    tables = {
        "shipments": (plan.shipments, shipped),
        "flows": (plan.flows, plan.flows.item == item),
        "prices": (plan.prices, plan.prices.item == item),
        "limits": (plan.limits, plan.limits.item == item),
    }
    said: dict[str, object] = {
        f"{name}.{column}": np.array(values)[rows].tolist()
        for name, (table, rows) in tables.items()
        for column, values in vars(table).items()
    }
    code = problem.items.codes[item]
    return said | {
        "granted": plan.granted[mine].tolist(),
        "limited_by": plan.limited_by[mine].tolist(),
        "alike": [np.flatnonzero(number == one).tolist() for one in np.unique(number)],
        "summary": [entry for entry in plan.summary["items"] if entry["item"] == code],
    }


@settings(max_examples=25, deadline=None)
@given(items=some.integers(0, 24))
def test_what_is_done_is_as_in_the_whole_plan_and_what_is_not_is_nothing(
    items: int, problem: Problem, whole: Plan
) -> None:
    plan = stopped_after(problem, items)
    held = plan.items.tolist()
    assert held == list(range(min(items, len(problem.items))))
    for item in range(len(problem.items)):
        if item in held:
            assert said_of(problem, plan, item) == said_of(problem, whole, item)
        else:
            rows = problem.demand.item == item
            assert not plan.granted[rows].any()
            assert not plan.set[rows].any()
            assert set(np.array(LIMITS)[plan.limited_by[rows]]) <= {""}
            assert item not in plan.flows.item
            assert item not in plan.prices.item
            assert item not in plan.limits.item
    missing = [code for item, code in enumerate(problem.items.codes) if item not in held]
    assert plan.summary["items_missing"] == missing
    assert plan.summary["complete"] == (not missing)
    assert check(problem, plan) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_a_partial_folder_is_read_back_and_true(workers: int, problem: Problem, tmp_path: Path) -> None:
    plan = stopped_after(problem, 5, workers)
    assert 5 <= len(plan.items) < len(problem.items)
    write_plan(plan, problem, tmp_path / "plan")
    found = read_plan(tmp_path / "plan", problem)
    assert found.items.tolist() == plan.items.tolist()
    assert check(problem, found) == []


def test_no_time_at_all_is_an_empty_true_plan(problem: Problem) -> None:
    plan = solve(problem, seconds_max=0)
    assert not len(plan.items)
    assert not plan.granted.any()
    assert plan.summary["items_missing"] == problem.items.codes
    assert check(problem, plan) == []


def test_time_enough_is_the_whole_plan(problem: Problem, whole: Plan) -> None:
    plan = solve(problem, seconds_max=3600)
    assert plan.summary == whole.summary
    assert plan.summary["complete"]


# --- the command -----------------------------------------------------------------------------------------------


def command(*arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "SUPPLYHUB_LANGUAGE": "en", "PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "cli", *map(str, arguments)]
    return subprocess.Popen(line, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


@pytest.fixture(scope="module")
def long_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many items that solving takes some seconds, though each is small."""
    folder = tmp_path_factory.mktemp("long") / "instance"
    write_instance(many_items(2000), folder)
    return folder


def many_items(items: int) -> Problem:
    """The same small question about each of many items."""
    one = small.problem(small.divisions(P="", A="P", B="P"), [("P", 5), ("A", 3)], [("A", 4), ("B", 9)])
    codes, item = [f"I{number}" for number in range(items)], np.repeat(np.arange(items), 2)
    lots = {name: np.tile(column, items) for name, column in vars(one.stock).items() if name not in ("item", "lot")}
    asked = ("division", "quantity", "priority", "weight_numerator")
    return replace(
        one,
        items=Items(codes, codes, np.ones(items, dtype=np.int64), [Decimal(1)] * items, ["box"] * items, [""] * items),
        stock=Stock(item=item, lot=[*one.stock.lot] * items, **lots),
        demand=Demand(
            ids=[f"R{row}" for row in range(2 * items)],
            item=item,
            weight_denominator=one.demand.weight_denominator,
            **{name: np.tile(getattr(one.demand, name), items) for name in asked},
        ),
    )


def await_line(run: subprocess.Popen[str], start: str) -> None:
    """Wait until the command says a line that begins so."""
    assert run.stderr is not None
    while not run.stderr.readline().startswith(start):
        assert run.poll() is None


def test_ctrl_c_leaves_a_true_plan_of_what_is_done(long_instance: Path, tmp_path: Path) -> None:
    run = command("plan", long_instance, "--out", tmp_path / "plan")
    await_line(run, "Solving")
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate()
    assert run.returncode == PARTIAL
    assert "Stopping: nothing further is begun" in errors
    problem = read_instance(long_instance)
    found = read_plan(tmp_path / "plan", problem)
    assert 0 < len(found.items) < len(problem.items)
    assert f"holds {len(found.items)} of 2000 items" in errors
    assert check(problem, found) == []
    assert json.loads((tmp_path / "plan" / "summary.json").read_text("utf-8"))["proved"]


def test_a_second_ctrl_c_ends_at_once_and_leaves_nothing(long_instance: Path, tmp_path: Path) -> None:
    run = command("plan", long_instance, "--out", tmp_path / "plan", "--workers", 2)
    await_line(run, "Solving")
    run.send_signal(signal.SIGINT)
    await_line(run, "Stopping: nothing further is begun")
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate()
    assert run.returncode == ENDED
    assert "nothing was written" in errors
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_what_is_solved_is_checked_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instances.write(instances.make(3), tmp_path / "instance", 3)

    def check_and_be_interrupted(problem: Problem, plan: Plan) -> list[Fault]:
        os.kill(os.getpid(), signal.SIGINT)
        return check(problem, plan)

    monkeypatch.setattr(solver, "check", check_and_be_interrupted)
    done = CliRunner().invoke(main, ["plan", str(tmp_path / "instance"), "--out", str(tmp_path / "plan")])
    assert done.exit_code == 0, done.output
    problem = read_instance(tmp_path / "instance")
    assert read_plan(tmp_path / "plan", problem).summary["complete"]


def test_ctrl_c_before_anything_is_solved_ends_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def be_interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(solver, "read_instance", be_interrupted)
    done = CliRunner().invoke(main, ["--lang", "en", "plan", str(tmp_path), "--out", str(tmp_path / "plan")])
    assert (done.exit_code, done.output) == (ENDED, "Ended by Ctrl-C; nothing was written.\n")
    done = CliRunner().invoke(main, ["--lang", "zh_Hans", "check", str(tmp_path), str(tmp_path)])
    assert (done.exit_code, done.output) == (ENDED, "已由 Ctrl-C 中止。\n")


def test_the_checker_says_what_a_partial_plan_lacks(tmp_path: Path) -> None:
    instances.write(instances.make(3), tmp_path / "instance", 3)
    command("plan", tmp_path / "instance", "--out", tmp_path / "plan", "--seconds-max", 0).communicate()
    said, _ = command("check", tmp_path / "instance", tmp_path / "plan").communicate()
    assert said.startswith("The plan is true. The plan holds 0 of ")


def test_the_time_limit_is_kept_by_the_command(tmp_path: Path) -> None:
    instances.write(instances.make(3), tmp_path / "instance", 3)
    run = command("plan", tmp_path / "instance", "--out", tmp_path / "plan", "--seconds-max", 0)
    output, errors = run.communicate()
    assert run.returncode == PARTIAL
    assert output.strip() == str(tmp_path / "plan")
    assert "it lacks" in errors
    problem = read_instance(tmp_path / "instance")
    assert check(problem, read_plan(tmp_path / "plan", problem)) == []


def test_run_json_says_workers_and_the_memory_of_all(tmp_path: Path) -> None:
    instances.write(instances.make(3), tmp_path / "instance", 3)
    said = {}
    for workers in (1, 2):
        run = command("plan", tmp_path / "instance", "--out", tmp_path / str(workers), "--workers", workers)
        run.communicate()
        assert run.returncode == 0
        said[workers] = json.loads((tmp_path / str(workers) / "run.json").read_text("utf-8"))
        assert said[workers]["workers"] == workers
    assert said[2]["peak_memory_mib"] > 1.5 * said[1]["peak_memory_mib"]
