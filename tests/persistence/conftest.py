"""A database of each engine for a whole file of tests, and its owner's way past everything that guards it."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.conftest import Cluster, run_sql


@dataclass(frozen=True)
class House:
    """The service's way into a database, and the owner's."""

    hub: Hub
    owner: sa.Engine


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An empty migrated database, made once for the tests of a file."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("house") / "house.db"
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, path)
        yield from _open(f"sqlite:///{path}", f"sqlite:///{path}")
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"{cluster.template}_{uuid.uuid4().hex[:8]}"
    run_sql(cluster.server, f'CREATE DATABASE "{name}" TEMPLATE "{cluster.template}" OWNER "{cluster.owner}"')
    yield from _open(cluster.url(name, cluster.service), cluster.url(name, cluster.owner))
    run_sql(cluster.server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _open(service: str, owner: str) -> Iterator[House]:
    house = House(Hub(make_engine(service)), make_engine(owner))
    yield house
    house.hub.engine.dispose()
    house.owner.dispose()
