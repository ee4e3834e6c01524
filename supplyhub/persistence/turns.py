"""Taking turns at writing SQLite: in line within a process, then by a lock on a file between processes.

SQLite lets one writer in at a time, and its own busy handler starves whoever sleeps longest between two looks. Here a
waiting writer looks often, so a gap of a few milliseconds between two transactions of somebody else is enough.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from supplyhub.persistence.races import TurnTaken

LOOK_SECONDS = 0.004
"""How long a waiting process sleeps before it looks again whether it is its turn."""


class Turns:
    """The right to write one SQLite file; none is needed for a database in memory (`path` empty)."""

    def __init__(self, path: str, wait_seconds: float) -> None:
        self._path = f"{path}-turn" if path else ""
        self._wait_seconds = wait_seconds
        self._line = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Write while this is open; raises TurnTaken after the wait."""
        until = time.monotonic() + self._wait_seconds
        if not self._line.acquire(timeout=self._wait_seconds):
            raise TurnTaken
        try:
            if not self._path:
                yield
                return
            # Opened anew each time: a lock belongs to an open file, and an open file would be carried over a fork.
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._lock(file, until)
                yield
            finally:
                os.close(file)
        finally:
            self._line.release()

    def _lock(self, file: int, until: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TurnTaken from None
                time.sleep(LOOK_SECONDS)
            else:
                return
