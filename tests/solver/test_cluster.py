"""The same plan from a cluster: two worker processes of their own on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver import Cluster, check, solve
from tests.solver.several import provinces
from tests.solver.test_executors import Fatal, files, is_seven, refuse_five, triple
from tests.solver.test_partial import command

NOT_INSTALLED = "the extra `distributed` is not installed; .ci/run installs it and runs these tests"
distributed = pytest.importorskip("distributed", reason=NOT_INSTALLED)
dask = pytest.importorskip("dask", reason=NOT_INSTALLED)
pytestmark = pytest.mark.filterwarnings("default::ResourceWarning", "default::DeprecationWarning")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        # A question that kills its worker is handed to no second one.
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            # No page to watch it on; the port for health checks is any that is free.
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_cluster_answers_in_the_order_of_the_questions(client: Any) -> None:
    assert Cluster(client).workers == 2
    assert list(Cluster(client).run(triple, 1, range(20))) == [3 * number + 1 for number in range(20)]
    assert list(Cluster(client).run(triple, 1, [])) == []


def test_a_cluster_writes_the_same_bytes(client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.pieces._NODES", 1)
    problem = provinces(range(400, 412), tmp_path / "instance")
    here, there = solve(problem), solve(problem, executor=Cluster(client))
    assert files(there, problem, tmp_path / "there") == files(here, problem, tmp_path / "here")


def test_a_cancelled_run_on_a_cluster_holds_what_is_done(client: Any, tmp_path: Path) -> None:
    problem = provinces(range(420, 432), tmp_path / "instance")
    done: list[str] = []
    plan = solve(
        problem,
        executor=Cluster(client),
        progress=lambda number, of, code: done.append(code),
        cancelled=lambda: len(done) >= 3,
    )
    assert 3 <= len(plan.items) == len(done) < len(problem.items)
    assert not plan.summary["complete"]
    assert check(problem, plan) == []


def test_what_goes_wrong_on_a_cluster_is_raised_here(client: Any) -> None:
    with pytest.raises(ValueError, match="five"):
        list(Cluster(client).run(refuse_five, 0, range(10)))


def wait_for_file(path: str, question: int) -> int:
    while question and not os.path.exists(path):
        time.sleep(0.05)
    return question


def unfinished(dask_scheduler: Any) -> list[str]:
    return [key for key, task in dask_scheduler.tasks.items() if task.state in ("waiting", "queued", "processing")]


def test_what_nobody_waits_for_is_cancelled(client: Any, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    answers = iter(Cluster(client).run(wait_for_file, str(flag), range(4)))
    assert next(answers) == 0
    assert client.run_on_scheduler(unfinished)
    del answers
    # The scheduler hears of it in its own time; without being told it would wait for the file for ever.
    while client.run_on_scheduler(unfinished):
        time.sleep(0.05)
    flag.touch()


def test_what_a_killed_worker_was_asked_is_answered_all_the_same(client: Any) -> None:
    answers = Cluster(client).run(Fatal(triple, os.getpid(), is_seven), 0, range(20))
    assert list(answers) == [3 * number for number in range(20)]


def test_the_command_plans_on_a_cluster(client: Any, tmp_path: Path) -> None:
    problem = provinces(range(440, 444), tmp_path / "instance")
    here = files(replace(solve(problem), proved=True), problem, tmp_path / "here")
    address = client.scheduler.address
    run = command("plan", tmp_path / "instance", "--out", tmp_path / "there", "--cluster", address)
    output, errors = run.communicate()
    assert (run.returncode, output.strip()) == (0, str(tmp_path / "there")), errors
    assert {path.name: path.read_bytes() for path in (tmp_path / "there").iterdir() if path.name in here} == here
