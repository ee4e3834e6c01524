"""A database of the bench's own: on the server that the tests were given, else in a cluster made for this run."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import admit, upgrade
from tests.conftest import PASSWORD, PG_URL
from tests.rigs.clusters import cluster_of_its_own, find_programs


def find_pgbench() -> Path | None:
    """pgbench, beside PostgreSQL's other programs or on the path."""
    folder = find_programs()
    beside = folder / "pgbench" if folder else None
    found = shutil.which("pgbench")
    return beside if beside is not None and beside.exists() else Path(found) if found else None


@dataclass(frozen=True)
class Database:
    """The addresses of a migrated database: for who owns it, and for the service, which its policies bind."""

    owner: str
    service: str


@contextmanager
def database() -> Iterator[Database]:
    """An empty migrated database and both its roles, gone in the end."""
    with ExitStack() as stack:
        server = sa.make_url(os.environ.get(PG_URL) or stack.enter_context(_cluster()))
        name = f"supplyhub_bench_{uuid.uuid4().hex[:12]}"
        for role in ("owner", "service"):
            _run(server, f"CREATE ROLE \"{name}_{role}\" LOGIN PASSWORD '{PASSWORD}'")
            stack.callback(_run, server, f'DROP ROLE "{name}_{role}"')
        _run(server, f'CREATE DATABASE "{name}" OWNER "{name}_owner"')
        stack.callback(_run, server, f'DROP DATABASE "{name}" WITH (FORCE)')
        addresses = [_address(server, name, f"{name}_{role}") for role in ("owner", "service")]
        engine = make_engine(addresses[0])
        upgrade(engine)
        admit(engine, f"{name}_service")
        engine.dispose()
        yield Database(*addresses)


def _address(server: sa.URL, name: str, role: str) -> str:
    url = server.set(drivername="postgresql", database=name, username=role, password=PASSWORD)
    return url.render_as_string(hide_password=False)


@contextmanager
def _cluster() -> Iterator[str]:
    """A cluster on the disk, since commits that touch none would flatter everybody."""
    programs = find_programs()
    assert programs is not None, "PostgreSQL's programs were found before"
    with cluster_of_its_own(programs, Path(tempfile.gettempdir())) as cluster:
        yield cluster.owner_url("postgres")


def _run(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
