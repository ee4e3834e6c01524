"""Work that outlasts a request: what a worker is handed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A claimed job; `given_up` when so many workers were lost over it that it must not be tried again."""

    id: int
    kind: str
    subject_id: int
    attempt: int
    given_up: bool
