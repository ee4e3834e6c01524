"""Work that outlasts a request: what a worker is handed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Beat(StrEnum):
    """What a worker learns when it says that it still lives."""

    GO_ON = "go_on"
    CANCELLED = "cancelled"  # somebody asked to stop
    LOST = "lost"  # the lease ran out and the job is another worker's now
    LEFT = "left"  # the worker itself was told to stop, and did not finish in time: the next one begins anew


@dataclass(frozen=True)
class Job:
    """A claimed job; `given_up` when so many workers were lost over it that it must not be tried again."""

    id: int
    kind: str
    subject_id: int
    attempt: int
    given_up: bool
