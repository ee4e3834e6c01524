"""Journeys run through HTTP, on each engine in turn; the ledger must prove itself after every one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.calling import Callers, make_callers
from tests.world import World


@pytest.fixture
def api(world: World, database_url: str) -> Iterator[Callers]:
    """The application over a small world of its own."""
    callers = make_callers(world, database_url)
    yield callers
    callers.app.extensions["supplyhub"].engine.dispose()
