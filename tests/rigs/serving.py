"""Real servers for rigs: processes of their own over one database, each with threads, reached over sockets.

Run as a program it is one such server: the product's application, and beside it the planted naive routes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
THREADS = 16
SECRET = "rigs-only-" * 4


@contextmanager
def serving(database_url: str, processes: int = 2) -> Iterator[list[int]]:
    """The ports of so many server processes over one database, stopped in the end."""
    with ExitStack() as stack:
        servers = [_start(database_url) for _ in range(processes)]
        for server in servers:
            stack.callback(_stop, server)
        yield [_port_of(server) for server in servers]


def _start(database_url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.rigs.serving"], cwd=ROOT, env={**os.environ, "RIG_DATABASE_URL": database_url},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _port_of(server: subprocess.Popen[str]) -> int:
    assert server.stdout is not None
    return int(server.stdout.readline())


def _stop(server: subprocess.Popen[str]) -> None:
    server.terminate()
    server.wait(timeout=30)
    assert server.stdout is not None
    server.stdout.close()


def main() -> None:
    """Serve on a free port of this machine, and say on which."""
    import logging

    import waitress
    from waitress.server import BaseWSGIServer

    from supplyhub.app import create_app
    from supplyhub.commands.waitress_server import Channel
    from supplyhub.config import Config
    from tests.rigs import naive

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # sixty-four at once do queue up
    app = create_app(Config(os.environ["RIG_DATABASE_URL"], SECRET, "production", metrics_token=SECRET))
    naive.register(app)
    BaseWSGIServer.channel_class = Channel
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=THREADS, ident=None, backlog=1024)
    print(server.effective_port, flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads a line a request: a full pipe waits
    server.run()


if __name__ == "__main__":
    main()
