"""Where items are solved makes no difference to the plan, and a worker that is lost makes none either."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solver import Executor, InProcess, Plan, Problem, Processes, solve, write_plan
from tests.solver import small
from tests.solver.several import provinces


def name_of(executor: Executor) -> str:
    return f"{type(executor).__name__}-{executor.workers}"


def files(plan: Plan, problem: Problem, folder: Path) -> dict[str, bytes]:
    """The bytes of all files that may not differ between two runs."""
    write_plan(plan, problem, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "run.json"}


def triple(shared: int, question: int) -> int:
    return 3 * question + shared


@pytest.mark.parametrize("executor", [InProcess(), Processes(3)], ids=name_of)
@pytest.mark.parametrize("questions", [0, 20])
def test_answers_come_in_the_order_of_the_questions(executor: Executor, questions: int) -> None:
    assert list(executor.run(triple, 1, range(questions))) == [3 * number + 1 for number in range(questions)]


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=name_of)
def test_questions_are_taken_hardly_faster_than_they_are_answered(executor: Executor) -> None:
    taken: list[int] = []

    def questions() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    for given, _ in enumerate(executor.run(triple, 0, questions()), start=1):
        assert len(taken) <= given + 2 * executor.workers + 2


@pytest.mark.parametrize(("seeds", "workers"), [(range(3, 4), [3]), (range(100, 112), [1, 2, 3])], ids=str)
def test_every_number_of_workers_writes_the_same_bytes(
    seeds: range, workers: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pieces as small as can be, as if each of these handfuls of places were a province.
    monkeypatch.setattr("solver.pieces._NODES", 1)
    problem = provinces(seeds, tmp_path / "instance")
    here = files(solve(problem), problem, tmp_path / "here")
    for number in workers:
        assert files(solve(problem, executor=Processes(number)), problem, tmp_path / str(number)) == here


def test_two_provinces_of_real_size_are_pieces_and_write_the_same_bytes(tmp_path: Path) -> None:
    one, other = ({name: name[0] for name in [f"{root}{n}" for n in range(20_000)]} for root in "PQ")
    places = small.divisions(P="", Q="", **one, **other)
    requests = [(name, 1 + number % 9, 1 + number % 4) for number, name in enumerate(places.codes[::97])]
    problem = small.problem(places, [("P", 300), ("Q", 400), ("P97", 5)], requests)
    here, there = solve(problem), solve(problem, executor=Processes(2))
    assert files(there, problem, tmp_path / "there") == files(here, problem, tmp_path / "here")


@dataclass(frozen=True)
class Fatal:
    """Does as it is told, except that the process that is asked a certain question is killed, unless it is `here`."""

    act: Callable[[Any, Any], Any]
    here: int
    deadly: Callable[[Any], bool]

    def __call__(self, shared: Any, question: Any) -> Any:
        if self.deadly(question) and os.getpid() != self.here:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.act(shared, question)


def is_seven(question: int) -> bool:
    return question == 7


def is_any(question: object) -> bool:
    return True


def asks_for_the_second_item(question: Any) -> bool:
    return bool(question.item == 1)


@pytest.mark.parametrize(("deadly", "lost"), [(is_seven, 1), (is_any, 2)])
def test_what_a_killed_worker_was_asked_is_answered_all_the_same(deadly: Callable[[int], bool], lost: int) -> None:
    workers = Processes(2)
    answers = workers.run(Fatal(triple, os.getpid(), deadly), 0, range(20))
    assert list(answers) == [3 * number for number in range(20)]
    assert workers.lost == lost
    assert active_children() == []


class OnceKilled(Processes):
    """Workers of which one is killed over the second item."""

    def run(self, act: Callable[[Any, Any], Any], shared: Any, questions: Iterable[Any]) -> Iterator[Any]:
        return super().run(Fatal(act, os.getpid(), asks_for_the_second_item), shared, questions)


def test_a_plan_is_the_same_when_a_worker_is_killed(tmp_path: Path) -> None:
    problem = provinces(range(300, 310), tmp_path / "instance")
    workers = OnceKilled(2)
    here, there = solve(problem), solve(problem, executor=workers)
    assert workers.lost == 1
    assert files(there, problem, tmp_path / "there") == files(here, problem, tmp_path / "here")


def refuse_five(shared: int, question: int) -> int:
    if question == 5:
        raise ValueError("five")
    return question


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=name_of)
def test_what_goes_wrong_in_a_worker_is_raised_here(executor: Executor) -> None:
    with pytest.raises(ValueError, match="five"):
        list(executor.run(refuse_five, 0, range(10)))
    assert active_children() == []


def sleep_after_the_first(shared: int, question: int) -> int:
    if question:
        time.sleep(3600)
    return question


def test_workers_are_ended_at_once_when_nobody_waits_for_their_answers() -> None:
    answers = iter(Processes(2).run(sleep_after_the_first, 0, range(10)))
    assert next(answers) == 0
    assert len(active_children()) == 2
    del answers
    assert active_children() == []


def is_deaf_to_interrupts(shared: int, question: int) -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_workers_never_see_ctrl_c() -> None:
    """A terminal sends it to all processes; only the one that asked decides what it means."""
    assert list(Processes(2).run(is_deaf_to_interrupts, 0, range(6))) == [True] * 6


def hold_much(shared: int, question: int) -> int:
    return int(np.ones(shared, dtype=np.int64).sum())


def test_memory_of_all_workers_is_counted() -> None:
    workers = Processes(2)
    list(workers.run(hold_much, 2**24, range(6)))
    assert workers.peak_kib > 2 * 2**24 * 8 // 1024
