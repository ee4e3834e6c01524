"""What rigs share: a PostgreSQL of their own and a scene on it or on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rigs.clusters import Cluster, cluster_of_its_own, find_programs
from tests.rigs.scenes import Scene, set_scene


@pytest.fixture(scope="session")
def programs() -> Path:
    """Where PostgreSQL's programs are, or the reason why a rig is left out."""
    found = find_programs()
    if found is None:
        pytest.skip("left out: PostgreSQL's programs (initdb, postgres) are not installed here")
    return found


@pytest.fixture(scope="module")
def cluster(programs: Path) -> Iterator[Cluster]:
    """A PostgreSQL that the rigs of one file may kill."""
    with cluster_of_its_own(programs) as cluster:
        yield cluster


@pytest.fixture
def postgresql_scene(cluster: Cluster) -> Iterator[Scene]:
    """The small world in a fresh database of that cluster."""
    cluster.run("CREATE DATABASE scene")
    yield set_scene(cluster.url("scene"), cluster.owner_url("scene"))
    cluster.run("DROP DATABASE IF EXISTS scene WITH (FORCE)")


@pytest.fixture
def sqlite_scene(tmp_path: Path) -> Scene:
    """The small world in a fresh file."""
    return set_scene(f"sqlite:///{tmp_path / 'scene.db'}")
