"""The application as a rig's server loads it: opened as in production, and ready to die at the worst moments.

The rig puts a file named after a moment into the server's folder; the first process that comes to this moment takes it
away and kills itself with SIGKILL, so that nothing depends on how fast the machine is.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event

from supplyhub import start
from supplyhub.app import create_app
from supplyhub.config import read_config
from supplyhub.persistence.engine import make_engine
from supplyhub.service import unit_of_work
from supplyhub.service.unit_of_work import Answer, Command, Hub, Post
from tests.rigs.children import wait_until

FOLDER = "SUPPLYHUB_RIG_FOLDER"
"""Where orders are put."""

NAIVE, PIECEMEAL, SYNCHRONOUS = "SUPPLYHUB_RIG_NAIVE", "SUPPLYHUB_RIG_PIECEMEAL", "SUPPLYHUB_RIG_SYNCHRONOUS"
"""What a rig plants: a server that leaves every retry to its clients; one that commits statement by statement; and what
SQLite is told of `synchronous` behind the product's back.
"""

PAGES_MAX = "pages-max"
"""The order that a SQLite file grows no further than so many pages, as on a disk that is full."""

BEFORE_COMMIT, AFTER_COMMIT = "before-commit", "after-commit"
"""All is written and nothing is committed; all is committed and nobody was told."""


def order_death(folder: Path, moment: str) -> None:
    """Have a process of the server in this folder die at this moment, and wait until it has come to that."""
    order = folder / moment
    order.touch()
    wait_until(lambda: not order.exists(), f"a process that comes to {moment}", 60)


def _die_if_told(moment: str) -> None:
    try:
        os.unlink(Path(os.environ[FOLDER]) / moment)
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _before_commit(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        _die_if_told(BEFORE_COMMIT)


class WayOut:
    """The WSGI application, and what may happen to an answer of it that is on its way out."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._inner(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            _die_if_told(AFTER_COMMIT)
        return answer


def _limit_pages(connection: Connection) -> None:
    order = Path(os.environ[FOLDER]) / PAGES_MAX
    pages = order.read_text(encoding="ascii") if order.exists() else "4294967294"
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


class Alone(Hub):
    """Nothing is carried out together, and so nothing again."""

    def perform_together(self, command: Command, sent: Any, act: Callable[[Sequence[Post]], list[Answer]]) -> Answer:
        """Without the queue."""
        return self.perform(command, lambda work: act([Post(work, command.actor, sent)])[0])


def make_app() -> Flask:
    """What a rig's server is to serve."""
    config = read_config()
    start.open_to_serve(config).engine.dispose()
    app = create_app(config)
    if NAIVE in os.environ:
        unit_of_work.TRIES = 1
        app.extensions["supplyhub"] = Alone(make_engine(config.database_url))
    _plant(app.extensions["supplyhub"].engine)
    app.wsgi_app = WayOut(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _plant(engine: Engine) -> None:
    """Listen for the orders of the rig, and do what it was told to plant."""
    event.listen(engine, "commit", _before_commit)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _limit_pages)
    if PIECEMEAL in os.environ:
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("COMMIT"))
    if SYNCHRONOUS in os.environ:
        pragma = f"PRAGMA synchronous = {os.environ[SYNCHRONOUS]}"
        event.listen(engine, "connect", lambda connection, _record: connection.execute(pragma))
