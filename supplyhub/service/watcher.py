"""Who is told what the unit of work does, so that it can be counted; this one does not listen."""

from __future__ import annotations


class Watcher:
    """Its methods are called in the thread of the command, and must be quick."""

    def performed(self, verb: str, *, replayed: bool) -> None:
        """A command was carried out, or answered again as before."""

    def shared(self, count: int) -> None:
        """So many commands were carried out in one transaction."""

    def retried(self, cause: str) -> None:
        """A transaction lost a race, for a cause such as `DeadlockDetected`, and may be run again."""

    def waited(self, seconds: float) -> None:
        """A writer of SQLite got its turn after so long."""


UNWATCHED = Watcher()
