"""What every test may ask for: an empty migrated database on each engine, and the proof of the ledger after it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import admit, upgrade
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.world import World, build_world

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
PG_URL = "SUPPLYHUB_TEST_PG_URL"
PASSWORD = "tests-only"
"""Of the roles that tests make, where the server asks for one."""


def pytest_report_header() -> str:
    """Say on which engines this run tests, and why not on both."""
    if os.environ.get(PG_URL):
        return "databases: SQLite and PostgreSQL"
    return (
        f"databases: SQLite only; tests on PostgreSQL are left out, since {PG_URL} names no server (.ci/run brings one)"
    )


Tell: TypeAlias = Callable[[str], None]
"""Says a line of what a rig ran, in the summary of the run."""


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Lines for the end of the run: what was run and how often, wherever it was run."""
    return lambda line: request.node.user_properties.append(("told", line))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what rigs told."""
    reports = [report for found in terminalreporter.stats.values() for report in found if hasattr(report, "when")]
    told = [line for r in reports if r.when == "teardown" for name, line in r.user_properties if name == "told"]
    if told:
        terminalreporter.section("what was run")
        for line in told:
            terminalreporter.write_line(line)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests out that need the server nobody named; the header says so."""
    if os.environ.get(PG_URL):
        return
    left_out = [item for item in items if item.get_closest_marker("postgresql")]
    items[:] = [item for item in items if not item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server with two roles of our own, not above its rules: who owns databases, and who serves them."""

    server: sa.URL
    template: str
    owner: str
    service: str

    def url(self, database: str, role: str) -> str:
        """The address of a database for a role."""
        named = self.server.set(database=database, username=role, password=PASSWORD)
        return named.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """Both roles, and an empty migrated database, made once and cloned for each test."""
    server = sa.make_url(os.environ[PG_URL]).set(drivername="postgresql+psycopg")
    name = f"supplyhub_test_{uuid.uuid4().hex[:12]}"
    cluster = Cluster(server, name, f"{name}_owner", f"{name}_service")
    for role in (cluster.owner, cluster.service):
        run_sql(server, f"CREATE ROLE \"{role}\" LOGIN CREATEDB PASSWORD '{PASSWORD}'")
    run_sql(server, f'CREATE DATABASE "{name}" OWNER "{cluster.owner}"')
    engine = make_engine(cluster.url(name, cluster.owner))
    upgrade(engine)
    admit(engine, cluster.service)
    engine.dispose()
    yield cluster
    run_sql(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    for role in (cluster.service, cluster.owner):
        run_sql(server, f'DROP ROLE "{role}"')


def run_sql(url: sa.URL, statement: str) -> None:
    """One statement outside of any transaction."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty, migrated database of each engine in turn; on PostgreSQL as the service reaches it."""
    if request.param == "sqlite":
        path = tmp_path / "supplyhub.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"{cluster.template}_{uuid.uuid4().hex[:8]}"
    run_sql(cluster.server, f'CREATE DATABASE "{name}" TEMPLATE "{cluster.template}" OWNER "{cluster.owner}"')
    yield cluster.url(name, cluster.service)
    run_sql(cluster.server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def owner_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """That database for who owns it: migrations, and whatever a test does past the rules that bind the service."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return database_url
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.url(url.database or "", cluster.owner)


@pytest.fixture
def owner(owner_url: str) -> Iterator[sa.Engine]:
    """The owner's way into that database."""
    engine = make_engine(owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def hub(database_url: str) -> Iterator[Hub]:
    """The way into that database; whatever the test wrote, the ledger must prove itself afterwards."""
    hub = Hub(make_engine(database_url))
    yield hub
    with hub.read(None, at=NOW) as work:
        verification = verify_ledger(work, None)
    hub.engine.dispose()
    assert verification.faults == []


@pytest.fixture
def world(hub: Hub) -> World:
    """The small world of world.py on that database."""
    return build_world(hub)
