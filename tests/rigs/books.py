"""What the clients of a rig were told, written down outside of everything that is killed."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from tests.rigs.errands import Errand


@dataclass(frozen=True)
class Told:
    """An answer as it came over the wire."""

    status: int
    body: bytes
    replayed: bool = False


@dataclass
class Book:
    """Every acknowledged errand with its key and answer, and what else was met with on the way."""

    acknowledged: dict[str, tuple[Errand, str, Told]] = field(default_factory=dict)
    lost_answers: int = 0
    """Answers of what was committed that never came, recognised when the same key was sent again."""
    lost_inside: int = 0
    """Commits whose outcome the server itself did not learn, and recognised when it sent them again."""
    retries: int = 0
    put_off: Counter[int] = field(default_factory=Counter)
    """Answers that ask to come again, by their status."""
    said: dict[int, bytes] = field(default_factory=dict)
    """The last words of each of these statuses."""
    faults: list[str] = field(default_factory=list)
    _lock: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Until so many more are acknowledged: a rig goes as fast as the machine does."""
        with self._lock:
            due = len(self.acknowledged) + more
            self._lock.wait_for(lambda: len(self.acknowledged) >= due or self.faults, seconds)

    def wait_for_put_off(self, status: int, more: int, seconds: float = 30) -> bool:
        """Until so many more were put off with this status; whether they were."""
        with self._lock:
            due = self.put_off[status] + more
            return self._lock.wait_for(lambda: self.put_off[status] >= due, seconds)

    def retry(self, told: Told | None) -> None:
        """A try without an answer (None), or with one that asks to come again."""
        with self._lock:
            if told is None:
                self.retries += 1
            else:
                self.put_off[told.status] += 1
                self.said[told.status] = told.body
            self._lock.notify_all()

    def note(self, errand: Errand, key: str, told: Told, tries: int) -> None:
        """The answer of an errand, whatever it is."""
        with self._lock:
            self.lost_answers += told.replayed and tries > 1
            self.lost_inside += told.replayed and tries == 1
            if told.status != 201:
                self.faults.append(f"{told.status} {told.body[:300]!r}")
            else:
                self.acknowledged[errand.mark] = errand, key, told
            self._lock.notify_all()

    def give_up(self, errand: Errand, tries: int) -> None:
        """No answer came in all the time there was."""
        with self._lock:
            self.faults.append(f"{errand.mark} was not answered in {tries} tries")

    def summary(self) -> str:
        """For the rig to print."""
        return (
            f"{len(self.acknowledged)} acknowledged, {self.lost_answers} answers lost and recognised on retry "
            f"(and {self.lost_inside} commits by the server's own retry), "
            f"{self.retries} tries unanswered, {self.put_off.total()} put off"
        )
