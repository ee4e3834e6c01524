"""Scratch databases to measure on: a SQLite file, and one on the PostgreSQL server that somebody names."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import admit, upgrade
from tests.bench.clock import say

PG_URL = "SUPPLYHUB_TEST_PG_URL"
PASSWORD = "bench-only"


@dataclass(frozen=True)
class Scratch:
    """A migrated empty database: its address for who owns it, and for the service, which row-level security binds."""

    owner: str
    service: str


def scratch_databases() -> Iterator[tuple[str, Callable[[], AbstractContextManager[Scratch]]]]:
    """The databases that can be had, by name; each call opens a fresh one."""
    yield "SQLite", _sqlite
    if os.environ.get(PG_URL):
        yield "PostgreSQL", _postgresql
    else:
        say(f"without PostgreSQL: {PG_URL} names no server")


@contextmanager
def _sqlite() -> Iterator[Scratch]:
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'bench.db'}"
        _migrate(url)
        yield Scratch(url, url)


@contextmanager
def _postgresql() -> Iterator[Scratch]:
    server = sa.make_url(os.environ[PG_URL]).set(drivername="postgresql+psycopg")
    name = f"supplyhub_bench_{uuid.uuid4().hex[:12]}"
    owner, service = f"{name}_owner", f"{name}_service"
    for role in (owner, service):
        _run_sql(server, f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{PASSWORD}'")
    _run_sql(server, f'CREATE DATABASE "{name}" OWNER "{owner}"')
    urls = [
        server.set(database=name, username=role, password=PASSWORD).render_as_string(hide_password=False)
        for role in (owner, service)
    ]
    try:
        _migrate(urls[0], service)
        yield Scratch(*urls)
    finally:
        _run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        for role in (service, owner):
            _run_sql(server, f'DROP ROLE "{role}"')


def _migrate(url: str, service: str = "") -> None:
    engine = make_engine(url)
    upgrade(engine)
    admit(engine, service)
    engine.dispose()


def _run_sql(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
