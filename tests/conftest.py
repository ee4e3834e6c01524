"""What every test may ask for: an empty migrated database on each engine, and the proof of the ledger after it."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import upgrade
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.world import World, build_world

NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
PG_URL = "SUPPLYHUB_TEST_PG_URL"


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


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[sa.URL]:
    """An empty migrated PostgreSQL database, made once and cloned for each test."""
    url = sa.make_url(os.environ[PG_URL]).set(drivername="postgresql+psycopg")
    name = f"supplyhub_test_{uuid.uuid4().hex[:12]}"
    _run_sql(url, f'CREATE DATABASE "{name}"')
    engine = make_engine(url.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()
    yield url.set(database=name)
    _run_sql(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run_sql(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty, migrated database of each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "supplyhub.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template: sa.URL = request.getfixturevalue("postgresql_template")
    name = f"{template.database}_{uuid.uuid4().hex[:8]}"
    _run_sql(template.set(database="postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{template.database}"')
    yield template.set(database=name).render_as_string(hide_password=False)
    _run_sql(template.set(database="postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


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
