"""Worker processes of this machine, each answering one question at a time over a pipe of its own.

Python's own pools would do but for two things: one loses all its workers with the first that is killed, the other waits
for that one for ever; and neither can be told to drop what it is doing before Python 3.14.
"""

from __future__ import annotations

import pickle
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic

from solver.executors.interface import AHEAD, Answer, Question, Shared
from solver.executors.memory import peak_kib

_LOST = (EOFError, OSError)
"""What a pipe says of a worker that is gone."""


class Processes:
    """Worker processes of this machine, started anew and not forked, so that nothing of this one is carried over.

    Each takes a second to start: they pay where solving takes several. `lost` counts those that ended on their own;
    `peak_kib` is the most memory each of them has held, summed over all of the last run.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.lost = self.peak_kib = 0

    def run(
        self, act: Callable[[Shared, Question], Answer], shared: Shared, questions: Iterable[Question]
    ) -> Iterator[Answer]:
        """The answers; the processes end with them."""
        crew = _Crew(act, shared)
        try:
            yield from crew.answers(questions, self.workers)
        finally:
            self.lost += crew.lost
            self.peak_kib = sum(crew.peaks.values())
            crew.dismiss()


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pipe: Connection


class _Crew(Generic[Shared, Question, Answer]):
    """Workers that are idle or busy, with what each is busy with, and answers that wait for their turn."""

    def __init__(self, act: Callable[[Shared, Question], Answer], shared: Shared) -> None:
        self._act, self._shared = act, shared
        self._idle: list[_Worker] = []
        self._busy: dict[Connection, tuple[_Worker, int, Question]] = {}
        self._done: dict[int, Answer] = {}
        self.lost, self.peaks = 0, dict[str, int]()

    def answers(self, questions: Iterable[Question], workers: int) -> Iterator[Answer]:
        """The answers in the order of the questions; a question is taken when there is a worker for it."""
        given = 0
        for number, question in enumerate(questions):
            if not number:
                self._hire(workers)
            self._hand_out(number, question)
            while self._busy and (not self._idle or len(self._busy) + len(self._done) >= workers + AHEAD):
                self._collect()
            while given in self._done:
                yield self._done.pop(given)
                given += 1
        while self._busy:
            self._collect()
        yield from (self._done[number] for number in sorted(self._done))

    def dismiss(self) -> None:
        """Let the idle ones go home, and end the others at once."""
        busy = [worker for worker, *_ in self._busy.values()]
        for worker in busy:
            worker.process.terminate()
        for worker in [*self._idle, *busy]:
            worker.pipe.close()
            worker.process.join()

    def _hire(self, workers: int) -> None:
        """Start all of them before any is spoken to: each needs a second before it listens."""
        # It is started with the first worker otherwise, and then lets interrupts through again (Python 3.11).
        resource_tracker.ensure_running()
        with _interrupts_held_back():
            self._idle = [_start() for _ in range(workers)]
        task = pickle.dumps((self._act, self._shared), protocol=pickle.HIGHEST_PROTOCOL)
        for worker in list(self._idle):
            try:
                worker.pipe.send_bytes(task)
            except _LOST:
                self._idle.remove(worker)
                self._give_up(worker)

    def _hand_out(self, number: int, question: Question) -> None:
        if not self._idle:
            self._done[number] = self._act(self._shared, question)
            return
        worker = self._idle.pop()
        try:
            worker.pipe.send(question)
        except _LOST:
            self._give_up(worker)
            self._hand_out(number, question)
        else:
            self._busy[worker.pipe] = worker, number, question

    def _collect(self) -> None:
        """Wait until somebody answers, or is lost."""
        ready = wait(self._busy)
        for pipe in [pipe for pipe in self._busy if pipe in ready]:
            worker, number, question = self._busy.pop(pipe)
            try:
                answer, error, self.peaks[worker.process.name] = pipe.recv()
            except _LOST:
                self._give_up(worker)
                # It may have been too much for the worker's memory; with one worker fewer it may fit.
                self._done[number] = self._act(self._shared, question)
                continue
            self._idle.append(worker)
            if error is not None:
                raise error
            self._done[number] = answer

    def _give_up(self, worker: _Worker) -> None:
        self.lost += 1
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()


def _start() -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_answer_all, args=(theirs,), daemon=True)
    process.start()
    # With this end of theirs closed, the pipe tells when the worker is gone.
    theirs.close()
    return _Worker(process, ours)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started in here never see Ctrl-C, which a terminal sends to all: this process decides what it means."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _answer_all(pipe: Connection) -> None:
    """What a worker does: answer question after question until the pipe is closed."""
    try:
        act, shared = pipe.recv()
        while True:
            pipe.send((*_answer(act, shared, pipe.recv()), peak_kib()))
    except _LOST:
        return


def _answer(act: Callable[[Any, Any], Any], shared: Any, question: Any) -> tuple[Any, Exception | None]:
    try:
        return act(shared, question), None
    except Exception as error:
        error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return None, error
