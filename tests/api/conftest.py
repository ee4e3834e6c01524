"""What API tests ask for: an application on each engine, and one still world that every refusal must leave as it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from supplyhub.persistence.engine import make_engine
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.calling import Callers, make_callers
from tests.world import NOW, World, build_world


@pytest.fixture
def api(world: World, database_url: str) -> Iterator[Callers]:
    """The application over a small world of its own, on each engine in turn."""
    callers = make_callers(world, database_url)
    yield callers
    callers.app.extensions["supplyhub"].engine.dispose()


@pytest.fixture(scope="session")
def one_still_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callers]:
    """A small world that is built once, for tests that must not change anything."""
    path = tmp_path_factory.mktemp("still") / "supplyhub.db"
    shutil.copyfile(sqlite_template, path)
    url = f"sqlite:///{path}"
    hub = Hub(make_engine(url))
    callers = make_callers(build_world(hub), url)
    yield callers
    callers.app.extensions["supplyhub"].engine.dispose()
    hub.engine.dispose()


@pytest.fixture
def still(one_still_world: Callers) -> Iterator[Callers]:
    """The still world; after the test the ledger proves itself and holds what it held before."""
    before = _state(one_still_world.world)
    yield one_still_world
    assert _state(one_still_world.world) == before


def _state(world: World) -> tuple[int, int, int, int, int]:
    with world.hub.read(None, at=NOW) as work:
        proof = verify_ledger(work, None)
        assert proof.faults == []
        documents = len(work.requests.list_requests()) + len(work.planning.list_runs())
        postings = len(work.stock.list_postings(limit=1000))
        return proof.movements, proof.balances, documents, len(work.transfers.list_orders()), postings
