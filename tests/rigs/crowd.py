"""A crowd of clients: a thread and a connection each, all sending at the same moment."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from typing import Any

CLIENTS = 64


@dataclass(frozen=True)
class Call:
    """One command: who sends it, where, and what; under a key of its own unless told."""

    token: str
    path: str
    body: Any = None
    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    if_match: str = "*"
    method: str = "POST"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The name of the refusal, "" where it is none."""
        return str(self.json["type"]).removeprefix("/problems/") if self.status >= 400 else ""


class Crowd:
    """So many clients over the servers at these ports; each keeps its connection."""

    def __init__(self, ports: Sequence[int], pool: ThreadPoolExecutor) -> None:
        self._ports, self._pool = ports, pool
        self._own = threading.local()
        self._turn = count()
        self._opened: list[HTTPConnection] = []

    def at_once(self, calls: Sequence[Call]) -> list[Reply]:
        """Every call by a client of its own, all let go at the same moment; the replies in the calls' order."""
        gate = threading.Barrier(len(calls), timeout=60)
        return list(self._pool.map(lambda call: self._send(call, gate), calls))

    def one(self, call: Call, status: int = 201) -> Reply:
        """A single call that must be answered with this status."""
        [reply] = self.at_once([call])
        assert reply.status == status, reply.body.decode()
        return reply

    def close(self) -> None:
        """Close every connection."""
        for connection in self._opened:
            connection.close()

    def _send(self, call: Call, gate: threading.Barrier) -> Reply:
        connection = self._connection()
        headers = {"Authorization": f"Bearer {call.token}", "Accept-Language": "en"}
        if call.method == "POST":
            headers |= {"Idempotency-Key": call.key, "If-Match": call.if_match, "Content-Type": "application/json"}
        body = None if call.body is None else json.dumps(call.body).encode()
        gate.wait()
        connection.request(call.method, f"/api/v1{call.path}", body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._own, "connection"):
            port = self._ports[next(self._turn) % len(self._ports)]
            self._own.connection = HTTPConnection("127.0.0.1", port, timeout=60)
            self._own.connection.connect()
            self._opened.append(self._own.connection)
        return self._own.connection  # type: ignore[no-any-return]


@contextmanager
def gathered(ports: Sequence[int], clients: int = CLIENTS) -> Iterator[Crowd]:
    """A crowd, sent home in the end."""
    with ThreadPoolExecutor(clients) as pool:
        crowd = Crowd(ports, pool)
        try:
            yield crowd
        finally:
            crowd.close()
