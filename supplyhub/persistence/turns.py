"""Taking turns at writing SQLite: in a fair line within a process, then by a lock on a file between processes.

SQLite lets one writer in at a time, and its own busy handler starves whoever sleeps longest between two looks. Here a
waiting writer looks often, so a gap of a few milliseconds between two transactions of somebody else is enough.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from supplyhub.persistence.races import TurnTaken

LOOK_SECONDS = 0.004
"""How long a waiting process sleeps before it looks again whether it is its turn."""


class Line:
    """A lock that is handed on in the order in which it was asked for; Python's own goes to whoever is quickest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, wait_seconds: float) -> bool:
        """Wait for the turn; whether it came in time."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            ticket = threading.Event()
            self._waiting.append(ticket)
        if ticket.wait(wait_seconds):
            return True
        with self._guard:
            if ticket.is_set():  # handed on at the very moment the wait was over
                return True
            self._waiting.remove(ticket)
            return False

    def release(self) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._guard:
            self._taken = bool(self._waiting)
            if self._waiting:
                self._waiting.popleft().set()


class Turns:
    """The right to write one SQLite file; none is needed for a database in memory (`path` empty).

    `waited` is told how long each turn was waited for.
    """

    def __init__(self, path: str, wait_seconds: float, waited: Callable[[float], None] = lambda _: None) -> None:
        self._path = f"{path}-turn" if path else ""
        self._wait_seconds = wait_seconds
        self._waited = waited
        self._line = Line()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Write while this is open; raises TurnTaken after the wait."""
        begun = time.monotonic()
        until = begun + self._wait_seconds
        if not self._line.acquire(self._wait_seconds):
            raise TurnTaken
        try:
            if not self._path:
                self._waited(time.monotonic() - begun)
                yield
                return
            # Opened anew each time: a lock belongs to an open file, and an open file would be carried over a fork.
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                self._lock(file, until)
                self._waited(time.monotonic() - begun)
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
