"""Real servers of a rig: gunicorn with forked workers, and what `supplyhub serve` starts, over a database."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rigs.children import Child, wait_until
from tests.rigs.web import FOLDER

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"


def settings(url: str, folder: Path, planted: str = "") -> dict[str, str]:
    """The environment of a server over this database, in production; with something planted if told."""
    return {
        **os.environ,
        **({planted: "1"} if planted else {}),
        FOLDER: str(folder),
        "SUPPLYHUB_DATABASE_URL": url,
        "SUPPLYHUB_SECRET_KEY": "of-a-rig-only-" * 4,
        "SUPPLYHUB_MODE": "production",
    }


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        return int(listening.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as calling:
        return calling.connect_ex((HOST, port)) == 0


class Server(Child):
    """A web server on a port of its own."""

    def __init__(self, command: list[str], port: int, log: Path, environment: dict[str, str]) -> None:
        super().__init__(command, log, cwd=ROOT, env=environment)
        self.address = HOST, port

    def start(self) -> None:
        """Start it again after it was killed, on the same port."""
        super().start()
        self.wait()

    def wait(self) -> None:
        """Until it takes connections; raises with its last words where it ended instead."""
        wait_until(lambda: listens(self.address[1]) or self.process.poll() is not None, "a server that listens")
        if self.process.poll() is not None:
            raise RuntimeError(self.said())


@contextmanager
def gunicorn(url: str, folder: Path, *, workers: int = 2, threads: int = 4, planted: str = "") -> Iterator[Server]:
    """gunicorn as the deployment guide starts it: loaded once, forked, threads in each worker."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "-c", "python:supplyhub.gunicorn_settings", "tests.rigs.web:make_app()",
        "--workers", str(workers), "--threads", str(threads), "--bind", f"{HOST}:{port}",
        "--worker-tmp-dir", str(folder), "--log-level", "warning",
    ]  # fmt: skip
    environment = {**settings(url, folder, planted), "PROMETHEUS_MULTIPROC_DIR": str(folder / "counts")}
    server = Server(command, port, folder / "gunicorn.log", environment)
    try:
        server.wait()
        yield server
    finally:
        server.end()


@contextmanager
def serve(url: str, folder: Path) -> Iterator[Server]:
    """`supplyhub serve` without its planning worker."""
    port = free_port()
    command = [sys.executable, "-c", "from cli import main; main()", "serve", "--no-worker", "--port", str(port)]
    server = Server(command, port, folder / "serve.log", settings(url, folder))
    try:
        server.wait()
        yield server
    finally:
        server.end()
