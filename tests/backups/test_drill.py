"""The drill: a backup made while many post, restored by the documented commands, holds all acknowledged before it."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.service.oversight import seal_ledger
from tests.calling import Caller, make_callers
from tests.world import NOW, World

CLIENTS = 8
POSTS = int(os.environ.get("SUPPLYHUB_DRILL_POSTS", "40"))
"""How many receipts are acknowledged before the backup begins, and how many more after it is done."""
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Acknowledged:
    """A receipt that was answered: when, under which key, with what."""

    at: float
    key: str
    number: int
    body: str


def body_of(number: int) -> dict[str, object]:
    """What a client sends, each time a little different."""
    return {"depot": "A1", "lines": [{"item": "mask", "quantity": 1 + number % 50, "lot": f"DRILL-{number % 40}"}]}


def environment(database_url: str) -> dict[str, str]:
    """The settings of a demo, which may be served from a database without checksums."""
    return {
        **os.environ, "SUPPLYHUB_DATABASE_URL": database_url, "SUPPLYHUB_MODE": "demo", "SUPPLYHUB_LANGUAGE": "en",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


def run(database_url: str, *arguments: str) -> str:
    """What a command says that must succeed."""
    command = [sys.executable, "-m", "cli", *arguments]
    done = subprocess.run(
        command, env=environment(database_url), cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@contextmanager
def served(database_url: str) -> Iterator[int]:
    """The real server in a process of its own; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "cli", "serve", "--no-worker", "--port", str(port)]
    with subprocess.Popen(command, env=environment(database_url), cwd=ROOT, stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            server.terminate()


class Crowd:
    """Clients that post without a pause, and note what was acknowledged and when."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._over = port, threading.Event()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._noted = list[Acknowledged]()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._posting = [self._pool.submit(self._post_on, client) for client in range(CLIENTS)]

    def _post_on(self, client: int) -> None:
        number = client
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not self._over.is_set():
            key, number = str(uuid.uuid4()), number + CLIENTS
            line.request(
                "POST", "/api/v1/receipts", json.dumps(body_of(number)), {**self._headers, "Idempotency-Key": key}
            )
            answer = line.getresponse()
            said = answer.read().decode()
            assert answer.status == 201, said
            self._noted.append(Acknowledged(time.monotonic(), key, number, said))
        line.close()

    def go_on(self, posts: int) -> None:
        """Wait until so many more were acknowledged."""
        enough = len(self._noted) + posts
        while len(self._noted) < enough and not any(posting.done() for posting in self._posting):
            time.sleep(0.01)

    def stop(self) -> list[Acknowledged]:
        """All that was acknowledged."""
        self._over.set()
        for posting in self._posting:
            posting.result()
        return self._noted


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it(
    world: World, database_url: str, empty: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = make_callers(world, database_url).caller("keeper").token
    file, into = tmp_path / "drill.zip", empty()
    with served(database_url) as port:
        crowd = Crowd(port, token)
        crowd.go_on(POSTS)
        world.hub.write(seal_ledger, at=NOW)
        began = time.monotonic()
        run(database_url, "backup", "--out", str(file))
        took = time.monotonic() - began
        crowd.go_on(POSTS)
        acknowledged = crowd.stop()
    before = [one for one in acknowledged if one.at < began]
    during = sum(began <= one.at < began + took for one in acknowledged)
    started = time.monotonic()
    assert "Restored and proved" in run(database_url, "restore", str(file), "--into", into)
    restored = time.monotonic() - started
    assert "0 faults" in run(into, "ledger", "verify")
    again = replayed(into, token, before)
    with capsys.disabled():
        print(
            f"\nbackup drill, {sa.make_url(database_url).get_backend_name()}: {CLIENTS} clients, {len(acknowledged)} "
            f"receipts acknowledged, {len(before)} before the backup began, {during} during its {took:.1f} s; restored "
            f"and proved in {restored:.1f} s; {again} of the {len(before)} answered again as they had been"
        )
    assert len(before) >= POSTS
    assert during
    assert again == len(before)


def replayed(into: str, token: str, noted: list[Acknowledged]) -> int:
    """How many keys are answered as they were, word for word, by what was restored."""
    app = create_app(Config(into, secrets.token_hex(32), "demo"))
    caller, same = Caller(app, token), 0
    for one in noted:
        answer = caller.call("POST", "/receipts", json=body_of(one.number), headers={"Idempotency-Key": one.key})
        same += answer.headers.get("Idempotent-Replayed") == "true" and answer.get_data(as_text=True) == one.body
    app.extensions["supplyhub"].engine.dispose()
    return same
