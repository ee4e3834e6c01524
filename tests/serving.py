"""Real servers in processes of their own, and clients that post to them and note what was acknowledged."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
METRICS_TOKEN = "only-for-tests-" * 2
SERVERS = {
    "waitress": ("-m", "cli", "serve", "--no-worker", "--port"),
    "gunicorn": ("-m", "gunicorn", "-c", "python:supplyhub.gunicorn_settings", "supplyhub.wsgi:app", "--bind"),
}


def environment(database_url: str) -> dict[str, str]:
    """Settings of a server; a demo's on PostgreSQL, whose test servers may have no checksums."""
    mode = "production" if database_url.startswith("sqlite") else "demo"
    return {
        **os.environ, "SUPPLYHUB_DATABASE_URL": database_url, "SUPPLYHUB_MODE": mode, "SUPPLYHUB_LANGUAGE": "en",
        "SUPPLYHUB_SECRET_KEY": "0123456789abcdef" * 2, "SUPPLYHUB_METRICS_TOKEN": METRICS_TOKEN,
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def run(database_url: str, *arguments: str, **settings: str) -> str:
    """What a command says that must succeed, with more settings (`APP_ROLE`)."""
    command = [sys.executable, "-m", "cli", *arguments]
    more = {f"SUPPLYHUB_{name}": value for name, value in settings.items()}
    done = subprocess.run(
        command, env={**environment(database_url), **more}, cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@dataclass(frozen=True)
class Server:
    """A server that answers."""

    process: subprocess.Popen[bytes]
    port: int

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """A read: status and body."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        said = answer.read().decode()
        line.close()
        return answer.status, said


@contextmanager
def served(kind: str, database_url: str, log: IO[bytes] | int = subprocess.DEVNULL) -> Iterator[Server]:
    """A real server, ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}" if kind == "gunicorn" else str(port)
    command = [sys.executable, *SERVERS[kind], address]
    with subprocess.Popen(
        command, env=environment(database_url), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
    ) as process:  # fmt: skip
        try:
            _await(process, port)
            yield Server(process, port)
        finally:
            process.terminate()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {process.poll()}")


@dataclass(frozen=True)
class Acknowledged:
    """A receipt that was answered: when, under which key and request id, with what."""

    at: float
    key: str
    number: int
    request_id: str
    body: str


def body_of(number: int) -> dict[str, object]:
    """What a client sends, each time a little different."""
    return {"depot": "A1", "lines": [{"item": "mask", "quantity": 1 + number % 50, "lot": f"DRILL-{number % 40}"}]}


def _is_open(line: http.client.HTTPConnection) -> bool:
    """Whether somebody listens at the other end."""
    try:
        line.connect()
    except OSError:
        return False
    return True


@dataclass
class Crowd:
    """Clients that post without a pause over lines they keep, and note what was acknowledged, and what was cut off."""

    port: int
    token: str
    clients: int = 8
    noted: list[Acknowledged] = field(default_factory=list)
    cut_off: list[str] = field(default_factory=list)
    """Requests that were sent over a line on which the server had answered before, and not answered."""
    at_the_door: int = 0
    """Requests over new lines that were never taken in: the kernel had accepted them, the server had not."""
    other: list[str] = field(default_factory=list)
    """Answers that were no acknowledgement."""

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(self.clients)
        self._posting = [self._pool.submit(self._post_on, client) for client in range(self.clients)]

    def _post_on(self, number: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
            while not self._over.is_set():
                number, fresh = number + self.clients, line.sock is None
                if fresh and not _is_open(line):
                    return
                try:
                    self._post(line, str(uuid.uuid4()), number)
                except (OSError, http.client.HTTPException) as error:
                    line.close()
                    if fresh:
                        self.at_the_door += 1
                    else:
                        self.cut_off.append(repr(error))

    def _post(self, line: http.client.HTTPConnection, key: str, number: int) -> None:
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key
        }  # fmt: skip
        line.request("POST", "/api/v1/receipts", json.dumps(body_of(number)), headers)
        answer = line.getresponse()
        said = answer.read().decode()
        if answer.status == 201:
            request_id = answer.headers["X-Request-ID"]
            self.noted.append(Acknowledged(time.monotonic(), key, number, request_id, said))
        else:
            self.other.append(f"{answer.status} {said}")

    def go_on(self, posts: int) -> None:
        """Wait until so many more were acknowledged."""
        enough = len(self.noted) + posts
        while len(self.noted) < enough and not all(posting.done() for posting in self._posting):
            time.sleep(0.01)

    def stop(self) -> list[Acknowledged]:
        """All that was acknowledged."""
        self._over.set()
        for posting in self._posting:
            posting.result()
        self._pool.shutdown()
        return self.noted
