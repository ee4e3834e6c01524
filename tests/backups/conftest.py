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
def database_url(request: pytest.FixtureRequest, database_url: str) -> str:
    """The database for its owner: who serves it is not shown all that a backup must hold."""
    url = sa.make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return database_url
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.url(str(url.database), cluster.owner)


@pytest.fixture
def sealed(world: World) -> World:
    """The small world, all that it posted sealed."""
    while world.hub.write(seal_ledger, at=NOW):
        pass
    return world


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes one empty database after another, beside the one the test writes."""
    url, made = sa.make_url(database_url), list[str]()

    def make() -> str:
        if url.get_backend_name() == "sqlite":
            made.append(str(tmp_path / f"empty-{len(made)}" / "restored.db"))
            return f"sqlite:///{made[-1]}"
        made.append(f"{url.database}_{uuid.uuid4().hex[:6]}")
        _run(url, f'CREATE DATABASE "{made[-1]}" TEMPLATE template0')
        return url.set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    if url.get_backend_name() == "postgresql":
        for name in made:
            _run(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _run(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
