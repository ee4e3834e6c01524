"""The workers of a dask cluster, on this machine or others (extra `distributed`)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import Any

from solver.executors.interface import AHEAD, Answer, Question, Shared

_PATIENCE_SECONDS = 10.0
"""How often, while waiting for an answer, to see whether the cluster has any workers left."""


class Cluster:
    """The workers of a `distributed.Client`. They must have this package, of this version.

    A cluster runs whatever it is sent: keep its ports where only those reach it who may run programs there. What its
    workers hold in memory is its own to tell.
    """

    peak_kib = 0

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def workers(self) -> int:
        """Threads of all workers of the cluster."""
        return sum(self._client.nthreads().values())

    def run(
        self, act: Callable[[Shared, Question], Answer], shared: Shared, questions: Iterable[Question]
    ) -> Iterator[Answer]:
        """The answers; the client stays open."""
        waiting: deque[tuple[Question, Any]] = deque()
        kept: Any = None
        try:
            for question in questions:
                kept = kept or self._send(shared)
                waiting.append((question, kept and self._client.submit(act, kept, question, pure=False)))
                if len(waiting) >= self.workers + AHEAD:
                    yield self._answer(act, shared, *waiting.popleft())
            while waiting:
                yield self._answer(act, shared, *waiting.popleft())
        finally:
            self._client.cancel([future for _, future in waiting if future])

    def _send(self, shared: Shared) -> Any:
        """A copy for every worker; none while workers are coming and going."""
        try:
            [kept] = self._client.scatter([shared], broadcast=True, hash=False)
        except (OSError, TimeoutError):
            return None
        return kept

    def _answer(
        self, act: Callable[[Shared, Question], Answer], shared: Shared, question: Question, future: Any
    ) -> Answer:
        """What the cluster answers; worked out here where it has lost the question, or has no workers."""
        from distributed import KilledWorker

        while future:
            try:
                answer: Answer = future.result(timeout=_PATIENCE_SECONDS)
                return answer
            except TimeoutError:
                if self.workers:
                    continue
            except (CancelledError, KilledWorker):
                pass
            future.cancel()
            break
        return act(shared, question)
