"""What tests of backups ask for: a world with a sealed ledger, and empty databases of its engine to restore into."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from supplyhub.service.oversight import seal_ledger
from tests.conftest import Cluster
from tests.world import NOW, World


@pytest.fixture
def sealed(world: World) -> World:
    """The small world, all that it posted sealed."""
    while world.hub.write(seal_ledger, at=NOW):
        pass
    return world


@pytest.fixture
def empty(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes one empty database after another, of the same owner; its address for the owner."""
    made = list[str]()
    if database_url.startswith("sqlite"):
        yield lambda: f"sqlite:///{tmp_path}/empty-{uuid.uuid4().hex[:6]}/restored.db"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")

    def make() -> str:
        made.append(f"{cluster.template}_{uuid.uuid4().hex[:8]}")
        _run(cluster.server, f'CREATE DATABASE "{made[-1]}" TEMPLATE template0 OWNER "{cluster.owner}"')
        return cluster.url(made[-1], cluster.owner)

    yield make
    for name in made:
        _run(cluster.server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def role(request: pytest.FixtureRequest, database_url: str) -> str:
    """The role that serves; none on SQLite."""
    if database_url.startswith("sqlite"):
        return ""
    return str(request.getfixturevalue("postgresql").service)


def _run(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
