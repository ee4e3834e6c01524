"""Random lives of stock against a plain model, on both databases.

SUPPLYHUB_LIVES says how many lives of how many steps there are on each (3 of 20 unless told, as 3x20).
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.conftest import Cluster, Tell, run_sql
from tests.rigs.life_machine import LifeOfStock
from tests.world import World, build_world

LIVES, STEPS = map(int, os.environ.get("SUPPLYHUB_LIVES", "3x20").split("x"))
Opened = tuple[World, Callable[[], None]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def open_world(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Opened]:
    """Makes small worlds, each on a database of its own."""
    if request.param == "postgresql":
        return lambda: open_on_postgresql(request.getfixturevalue("postgresql"))
    template: Path = request.getfixturevalue("sqlite_template")

    def open_on_sqlite() -> Opened:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(template, path)
        hub = Hub(make_engine(f"sqlite:///{path}"), patience=lambda _: None)

        def close() -> None:
            hub.engine.dispose()
            for file in tmp_path.glob(f"{path.name}*"):
                file.unlink()

        return build_world(hub), close

    return open_on_sqlite


def open_on_postgresql(cluster: Cluster) -> Opened:
    """A small world on a clone of the template, as the service reaches it."""
    name = f"{cluster.template}_{uuid.uuid4().hex[:8]}"
    run_sql(cluster.server, f'CREATE DATABASE "{name}" TEMPLATE "{cluster.template}" OWNER "{cluster.owner}"')
    hub = Hub(make_engine(cluster.url(name, cluster.service)), patience=lambda _: None)

    def close() -> None:
        hub.engine.dispose()
        run_sql(cluster.server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    return build_world(hub), close


def test_random_lives_agree_with_the_model(
    open_world: Callable[[], Opened], request: pytest.FixtureRequest, tell: Tell
) -> None:
    steps: dict[str, int] = {}
    machine = type("Machine", (LifeOfStock,), {"open_world": staticmethod(open_world), "steps": steps})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    told = ", ".join(f"{verb} {count}" for verb, count in sorted(steps.items()))
    tell(f"{LIVES} lives of {STEPS} steps on {request.node.callspec.id}: {told}")
