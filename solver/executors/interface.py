"""What every executor does, and how far it runs ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Shared = TypeVar("Shared")
Question = TypeVar("Question")
Answer = TypeVar("Answer")

AHEAD = 2
"""Questions taken beyond those being answered: enough to keep everybody busy, few enough to stop soon."""


class Executor(Protocol):
    """Something that does the same for each of many questions, and gives the answers in the order of the questions.

    It takes a question only when it is about to be answered, or nearly so: whoever asks stops all by asking no more.
    Closing the iterator of answers drops what is being answered.
    """

    @property
    def workers(self) -> int:
        """Questions answered at once."""

    @property
    def peak_kib(self) -> int:
        """Memory that workers of this machine have held beside this process, each one's most added up."""

    def run(
        self, act: Callable[[Shared, Question], Answer], shared: Shared, questions: Iterable[Question]
    ) -> Iterator[Answer]:
        """`act(shared, question)` for each question, each answer as soon as all before it have been given.

        `shared` is sent to each worker once, a question to one worker. What `act` raises is raised here. A worker that
        is lost costs time and nothing else: what it was asked is answered by another, or here.
        """
