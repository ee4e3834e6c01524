"""One question after another, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from solver.executors.interface import Answer, Question, Shared


class InProcess:
    """One after another, here."""

    workers, peak_kib = 1, 0

    def run(
        self, act: Callable[[Shared, Question], Answer], shared: Shared, questions: Iterable[Question]
    ) -> Iterator[Answer]:
        """The answers, each worked out when it is asked for."""
        return (act(shared, question) for question in questions)
