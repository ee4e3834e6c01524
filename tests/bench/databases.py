"""Databases to measure on: a SQLite file, and one on the PostgreSQL that was named, else in a cluster for this run."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import admit, upgrade
from tests.bench.clock import say
from tests.conftest import PASSWORD, PG_URL, run_sql
from tests.rigs.clusters import cluster_of_its_own, find_programs


@dataclass(frozen=True)
class Database:
    """A migrated empty database: its address for who owns it, and for the service, which row-level security binds."""

    owner: str
    service: str


def databases() -> Iterator[tuple[str, Callable[[], AbstractContextManager[Database]]]]:
    """The databases that can be had, by name; each call opens a fresh one."""
    yield "SQLite", on_sqlite
    if os.environ.get(PG_URL) or find_programs():
        yield "PostgreSQL", on_postgresql
    else:
        say(f"without PostgreSQL: {PG_URL} names no server, and its programs are not here")


def find_pgbench() -> Path | None:
    """pgbench, beside PostgreSQL's other programs or on the path."""
    folder = find_programs()
    beside = folder / "pgbench" if folder else None
    found = shutil.which("pgbench")
    return beside if beside is not None and beside.exists() else Path(found) if found else None


@contextmanager
def on_sqlite() -> Iterator[Database]:
    """A file."""
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{Path(scratch) / 'bench.db'}"
        _migrate(url)
        yield Database(url, url)


@contextmanager
def on_postgresql() -> Iterator[Database]:
    """A database and both its roles, gone in the end."""
    with ExitStack() as stack:
        server = sa.make_url(os.environ.get(PG_URL) or stack.enter_context(_cluster()))
        server = server.set(drivername="postgresql+psycopg")
        name = f"supplyhub_bench_{uuid.uuid4().hex[:12]}"
        owner, service = f"{name}_owner", f"{name}_service"
        for role in (owner, service):
            run_sql(server, f"CREATE ROLE \"{role}\" LOGIN PASSWORD '{PASSWORD}'")
            stack.callback(run_sql, server, f'DROP ROLE "{role}"')
        run_sql(server, f'CREATE DATABASE "{name}" OWNER "{owner}"')
        stack.callback(run_sql, server, f'DROP DATABASE "{name}" WITH (FORCE)')
        named = server.set(drivername="postgresql", database=name, password=PASSWORD)
        urls = [named.set(username=role).render_as_string(hide_password=False) for role in (owner, service)]
        _migrate(urls[0], service)
        yield Database(*urls)


@contextmanager
def _cluster() -> Iterator[str]:
    """A cluster on the disk, since commits that touch none would flatter everybody."""
    programs = find_programs()
    assert programs is not None, "PostgreSQL's programs were found before"
    with cluster_of_its_own(programs, Path(tempfile.gettempdir())) as cluster:
        yield cluster.owner_url("postgres")


def _migrate(url: str, service: str = "") -> None:
    engine = make_engine(url)
    upgrade(engine)
    admit(engine, service)
    engine.dispose()
