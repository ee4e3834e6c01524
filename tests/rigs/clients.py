"""Clients of a rig: threads that post over HTTP, keep each key until they are answered, and never give up early."""

from __future__ import annotations

import http.client
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from tests.rigs.books import Book, Told
from tests.rigs.errands import Errand, make_errands

PATIENCE_SECONDS = 60
"""So long a client tries one errand; more than any restart takes."""

ANSWER_SECONDS = 20
"""So long it waits for one answer: longer than five tries of the server's own."""

COME_AGAIN = frozenset({503, 507})
"""Statuses that ask for the same key again: busy or away, and no room."""

PAUSE_SECONDS_MAX = 0.2
"""It pauses longer from try to try, but not longer than this: a rig has no time to lose."""

Send = Callable[[Errand, str], Told]


class Connection(Protocol):
    """A way to whoever does errands."""

    def send(self, errand: Errand, key: str) -> Told:
        """The answer; raises OSError or HTTPException where none comes."""

    def close(self) -> None:
        """Hang up."""


class Wire:
    """One kept connection to a server; opened anew whenever it broke."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self._address, self._token = address, token
        self._connection: http.client.HTTPConnection | None = None

    def send(self, errand: Errand, key: str) -> Told:
        """Post it under a key; raises OSError or HTTPException where no answer comes."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._address, timeout=ANSWER_SECONDS)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            self._connection.request("POST", errand.path, errand.body, headers)
            response = self._connection.getresponse()
            return Told(response.status, response.read(), response.headers.get("Idempotent-Replayed") == "true")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def keep_key(errand: Errand) -> str:
    """A key made before the first try, and kept."""
    return errand.mark


def fresh_key(_errand: Errand) -> str:
    """The naive client: a key for each try."""
    return str(uuid.uuid4())


def run_errand(
    send: Send, errand: Errand, book: Book, choose_key: Callable[[Errand], str], hopeless: threading.Event
) -> None:
    """Try until it is answered, or until there is no hope of that."""
    tries, until = 0, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and not hopeless.is_set():
        tries, key = tries + 1, choose_key(errand)
        try:
            told = send(errand, key)
        except (OSError, http.client.HTTPException):
            book.retry(None)
        else:
            if told.status not in COME_AGAIN:
                book.note(errand, key, told, tries)
                return
            book.retry(told)
        time.sleep(random.uniform(0.5, 1) * min(0.01 * 2**tries, PAUSE_SECONDS_MAX))
    book.give_up(errand, tries)


@contextmanager
def clients_at_work(
    connections: Sequence[Connection], choose_key: Callable[[Errand], str] = keep_key
) -> Iterator[Book]:
    """A client on each connection posts without pause; at the end each finishes the errand it is on."""
    book, over, hopeless = Book(), threading.Event(), threading.Event()

    def work(seed: int, connection: Connection) -> None:
        for errand in make_errands(seed):
            if over.is_set():
                break
            run_errand(connection.send, errand, book, choose_key, hopeless)
        connection.close()

    threads = [threading.Thread(target=work, args=one, name=f"client {one[0]}") for one in enumerate(connections)]
    for thread in threads:
        thread.start()
    try:
        yield book
    except BaseException:  # what they wait for may never come
        hopeless.set()
        raise
    finally:
        over.set()
        for thread in threads:
            thread.join()
