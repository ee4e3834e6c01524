"""Where items are solved: in this process, in worker processes, or on a cluster. The plan is the same everywhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Protocol, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

_AHEAD = 2
"""Questions handed out beyond those being answered: enough to keep everybody busy, few enough to stop soon."""


class Executor(Protocol):
    """Something that does the same for each of many questions, and gives the answers in the order of the questions.

    It takes questions only a little faster than it answers them, so that whoever asks can stop asking. `workers` is how
    many it answers at once.
    """

    @property
    def workers(self) -> int:
        """Questions answered at once."""

    def run(self, act: Callable[[Question], Answer], questions: Iterable[Question]) -> Iterator[Answer]:
        """The answers, each as soon as all before it have been given."""


class InProcess:
    """One after another, here."""

    workers = 1

    def run(self, act: Callable[[Question], Answer], questions: Iterable[Question]) -> Iterator[Answer]:
        """The answers, each worked out when it is asked for."""
        return map(act, questions)


class Processes:
    """Worker processes of this machine, started anew and not forked, so that nothing of this one is carried over."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(self, act: Callable[[Question], Answer], questions: Iterable[Question]) -> Iterator[Answer]:
        """The answers; the processes end with them."""
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            yield from in_turn(lambda question: pool.submit(act, question).result, questions, self.workers)


class Cluster:
    """The workers of a `distributed.Client` (extra `distributed`), on this machine or others."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def workers(self) -> int:
        """Threads of all workers of the cluster."""
        return sum(self._client.nthreads().values())

    def run(self, act: Callable[[Question], Answer], questions: Iterable[Question]) -> Iterator[Answer]:
        """The answers; the client stays open."""
        return in_turn(lambda question: self._client.submit(act, question, pure=False).result, questions, self.workers)


def in_turn(
    hand_out: Callable[[Question], Callable[[], Answer]], questions: Iterable[Question], workers: int
) -> Iterator[Answer]:
    """Answers in the order of the questions; `hand_out` gives what waits for an answer."""
    waiting: deque[Callable[[], Answer]] = deque()
    for question in questions:
        waiting.append(hand_out(question))
        if len(waiting) >= workers + _AHEAD:
            yield waiting.popleft()()
    while waiting:
        yield waiting.popleft()()
