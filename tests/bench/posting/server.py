"""The product's application for gunicorn, and beside it a route of the bench that only lets the caller in and reads.

`application()` is what gunicorn calls; `serving` starts it as the deployment guide says and stops it in the end.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, Response

ROOT = Path(__file__).parents[3]
URL, PROCESSES = "SUPPLYHUB_BENCH_URL", 2
ONLY_READ = "/bench/receipts"


def application() -> Flask:
    """The application with the bench's own route in front: who calls, may he, is the body right; nothing else."""
    from flask import g

    from supplyhub import logs
    from supplyhub.api.bodies import StrictParser
    from supplyhub.api.door import find_caller
    from supplyhub.app import create_app
    from supplyhub.config import Config
    from supplyhub.schemas.stock import NewReceiptSchema

    logs.set_up("production")
    app = create_app(Config(os.environ[URL], "bench-only-" * 4, "production"))
    parser = StrictParser()

    @app.post(ONLY_READ)
    @parser.use_args(NewReceiptSchema, location="json")
    def read_receipt(sent: Mapping[str, Any]) -> Response:
        g.actor = find_caller()
        g.actor.must("post_receipt")
        return Response(str(len(sent["lines"])), 200)

    return app


@contextmanager
def serving(database_url: str) -> Iterator[tuple[str, int]]:
    """The address of gunicorn with two processes over a database."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    bind = ["--bind", f"{address[0]}:{address[1]}", "--workers", str(PROCESSES), "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:supplyhub.gunicorn_settings", *bind]
    command.append("tests.bench.posting.server:application()")
    with tempfile.TemporaryFile() as log:
        environment = {**os.environ, URL: database_url}
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(address)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def _wait_for(address: tuple[str, int]) -> None:
    for _ in range(300):
        try:
            socket.create_connection(address).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")
