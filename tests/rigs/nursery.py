"""Writers of a rig: whoever connects gets a process of his own, which does errands through the whole application."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from tests.rigs.books import Told
from tests.rigs.children import kill
from tests.rigs.errands import DEPOT, Errand
from tests.rigs.forking import ForkServer, fork_for_each
from tests.rigs.scenes import Scene
from tests.rigs.servers import settings
from tests.rigs.web import make_app


class Writer:
    """A connection that is a process: a new one whenever the last was killed."""

    def __init__(self, path: Path, token: str) -> None:
        self._path, self._token = path, token
        self._line: socket.socket | None = None
        self.pid = 0
        """The number of the process at the other end; 0 while there is none."""

    def send(self, errand: Errand, key: str) -> Told:
        """Have the process do an errand; raises OSError when it is killed over it."""
        try:
            if self._line is None:
                self._line = socket.socket(socket.AF_UNIX)
                self._line.connect(str(self._path))
                self.pid = int(self._hear())
            asked = {"path": errand.path, "body": errand.body.decode(), "key": key, "token": self._token}
            self._line.sendall(json.dumps(asked).encode() + b"\n")
            told = json.loads(self._hear())
        except OSError:
            self.close()
            raise
        return Told(told["status"], told["body"].encode(), told["replayed"])

    def _hear(self) -> bytes:
        assert self._line is not None
        heard = b""
        while not heard.endswith(b"\n"):
            part = self._line.recv(65536)
            if not part:
                raise ConnectionError("the writer is gone")
            heard += part
        return heard

    def close(self) -> None:
        """Hang up; the process ends by itself."""
        self.pid = 0
        if self._line is not None:
            self._line.close()
        self._line = None

    def kill(self) -> bool:
        """SIGKILL the process; whether there was one."""
        number, self.pid = self.pid, 0
        if number:
            kill(number)
        return bool(number)


class Nursery(ForkServer):
    """The program at whose socket writers over a database are to be had."""

    def __init__(self, scene: Scene, folder: Path, environment: Mapping[str, str]) -> None:
        self._token = scene.token
        command = [sys.executable, "-m", "tests.rigs.nursery", scene.token]
        super().__init__(command, folder, {**settings(scene.url, folder), **environment})

    def make_writer(self) -> Writer:
        """One of its writers."""
        return Writer(self.path, self._token)


@contextmanager
def nursery(scene: Scene, folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Nursery]:
    """Writers over a database, started with this added to their environment."""
    with Nursery(scene, folder, environment or {}).running() as home:
        yield home


def work_for(line: socket.socket, app: Flask) -> None:
    """Do what is asked at this end until nobody asks."""
    line.sendall(f"{os.getpid()}\n".encode())
    with line.makefile("r", encoding="utf-8") as asking:
        for text in asking:
            asked = json.loads(text)
            answer = app.test_client().post(
                asked["path"],
                data=asked["body"],
                content_type="application/json",
                headers={"Authorization": f"Bearer {asked['token']}", "Idempotency-Key": asked["key"]},
            )
            told = {
                "status": answer.status_code,
                "body": answer.get_data(as_text=True),
                "replayed": answer.headers.get("Idempotent-Replayed") == "true",
            }
            line.sendall(json.dumps(told).encode() + b"\n")


def warm(app: Flask, token: str) -> None:
    """Do something without a note once, so that no writer spends its short life on what is done the first time."""
    answer = app.test_client().post(
        "/api/v1/receipts",
        json={"depot": DEPOT, "lines": [{"item": "suit", "quantity": 1}]},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "warm-" + token[:20]},
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    app.extensions["supplyhub"].engine.dispose()  # no connection is carried over a fork


def main(token: str, path: Path) -> None:
    """Fork a writer for each who comes."""
    app = make_app()
    warm(app, token)
    fork_for_each(path, lambda line: work_for(line, app))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
