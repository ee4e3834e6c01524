"""How gunicorn serves: `gunicorn -c python:supplyhub.gunicorn_settings supplyhub.wsgi:app`."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.http.errors import InvalidHeader, UnsupportedTransferCoding
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Threads; a process leaves a new connection for a moment to those that have fewer.

    The kernel wakes them all, and whoever runs already is there first: of sixteen connections that are kept, thirteen
    or all were found with one process while the other had nothing to do.
    """

    def accept(self, listener: Any) -> None:
        """Take a new connection if it is still there after a wait that grows with what this process has."""
        time.sleep(min(self.nr_conns * A_CONNECTION_SECONDS, LONGEST_SECONDS))
        super().accept(listener)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what could not be read; a transfer coding that there is not is the sender's fault, not one of ours."""
        fault = InvalidHeader("Transfer-Encoding", req) if isinstance(exc, UnsupportedTransferCoding) else exc
        super().handle_error(req, client, addr, fault)


SILENCE_SECONDS = 10
"""So long may a client be silent in the middle of a request; its thread then serves others."""
A_CONNECTION_SECONDS, LONGEST_SECONDS = 0.0001, 0.001
COUNTS = "supplyhub-counts-"

bind = "127.0.0.1:8000"
worker_class = Worker
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
preload_app = True
"""The application is made once and its memory shared; it closes its connections before the workers are forked."""
graceful_timeout = 30
"""Seconds in which a stopping worker answers what it has accepted."""
timeout = 120
keepalive = 75
"""Longer than a proxy keeps its connections (nginx: 60), so that it is not we who close one it is about to use."""
control_socket_disable = True
"""It would stand in the home directory, and whoever reaches it can stop the service."""
errorlog = "-"
accesslog = None
"""Each request has its line from us, without its query."""
logger_class = "supplyhub.gunicorn_settings.Log"


class Log(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own words through our logs rather than in a format of their own."""

    def setup(self, cfg: Any) -> None:
        """Leave the handlers to whoever set logging up."""
        self.loglevel = self.LOG_LEVELS.get(cfg.loglevel.lower(), self.LOG_LEVELS["info"])
        self.error_log.setLevel(self.loglevel)
        self.error_log.propagate = True


def empty_counts() -> None:
    """A folder in which the processes count together; what an earlier start has counted is gone."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=COUNTS)
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.db"):
        left.unlink(missing_ok=True)


empty_counts()  # before the application is imported: the counters look for the folder when they are made


def when_ready(server: Any) -> None:
    """What is accepted takes this over from the socket that listens: reads wait no longer than that."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("@ll", SILENCE_SECONDS, 0))


def on_exit(_server: Any) -> None:
    """Nothing is left of a folder that was made for this start."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith(COUNTS):
        shutil.rmtree(folder, ignore_errors=True)


def post_worker_init(_worker: Any) -> None:
    """A worker has all it will ever load."""
    from supplyhub.start import settle

    settle()


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what only a living process can say."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has no types for this one
