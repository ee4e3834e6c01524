"""Clients that cost next to nothing: one loop over plain sockets, so that what is measured is the server."""

from __future__ import annotations

import selectors
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

LENGTH = b"content-length:"


@dataclass
class Load:
    """What came of a while of posting: answers by status, and how long each took, in seconds."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.waits) / self.seconds


class _Client:
    """One connection that sends its next request as soon as the last one is answered."""

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests, self._came, self._sent_at = requests, b"", 0.0

    def send(self) -> None:
        self._came, self._sent_at = b"", perf_counter()
        self.socket.sendall(next(self._requests))

    def read(self) -> tuple[int, float] | None:
        """Status and seconds of an answer that is whole by now."""
        self._came += self.socket.recv(1 << 20)
        head, parted, body = self._came.partition(b"\r\n\r\n")
        if not parted:
            return None
        place = head.lower().find(LENGTH) + len(LENGTH)
        if len(body) < int(head[place:].split(b"\r\n", 1)[0]):
            return None
        return int(head[9:12]), perf_counter() - self._sent_at


def run_clients(
    address: tuple[str, int],
    clients: int,
    make: Callable[[int], bytes],
    *,
    seconds: float = 60,
    most: int | None = None,
) -> Load:
    """So many clients at once for so long, or for so many answers; `make(n)` is the n-th request."""
    requests = (make(number) for number in count())
    load = Load(seconds)
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = _Client(address, requests)
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        until = perf_counter() + seconds
        while perf_counter() < until and (most is None or len(load.waits) < most):
            for key, _ in selector.select(0.1):
                answer = key.data.read()
                if answer is not None:
                    load.statuses[answer[0]] += 1
                    load.waits.append(answer[1])
                    key.data.send()
        for key in list(selector.get_map().values()):
            with suppress(OSError):
                key.data.socket.shutdown(socket.SHUT_RDWR)
            key.data.socket.close()
    return load
