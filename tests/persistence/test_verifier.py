"""The verifier finds what was planted: a ledger changed behind its back, column by column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from supplyhub.persistence.engine import make_engine
from supplyhub.service import transfers
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.service.test_planning import approve, ask, orders, perform, plan
from tests.world import COMMUNITY, NEIGHBOUR, NOW, build_world

CORRUPTIONS = [
    "UPDATE balance SET on_hand = on_hand + 1 WHERE on_hand > 0",
    "UPDATE balance SET version = version + 1 WHERE on_hand > 0",
    "UPDATE balance SET hash = zeroblob(32) WHERE on_hand > 0",
    "UPDATE balance SET reserved = reserved + 1 WHERE on_hand > reserved",
    "UPDATE balance SET reserved = 0",
    "DELETE FROM balance WHERE on_hand > 0",
    "UPDATE movement SET quantity_units = quantity_units + 1 WHERE id = 2",
    "UPDATE movement SET reason = 'count' WHERE id = 2",
    "UPDATE movement SET to_after = to_after + 1 WHERE id = 2",
    "UPDATE movement SET to_version = to_version + 1 WHERE id = 2",
    "UPDATE movement SET to_hash = zeroblob(32) WHERE id = 2",
    "UPDATE movement SET line = line + 100 WHERE id = 2",
    "UPDATE movement SET lot_id = 1 WHERE id = 2",
    "DELETE FROM movement WHERE id = 2",
    "UPDATE posting SET actor_id = actor_id + 1 WHERE verb = 'import_stock'",
    "UPDATE posting SET verb = 'post_issue' WHERE verb = 'import_stock'",
    "UPDATE posting SET recorded_at = recorded_at + 1 WHERE verb = 'import_stock'",
    "UPDATE reservation SET state = 'released'",
    "UPDATE reservation SET quantity_units = quantity_units + 1",
    "DELETE FROM reservation",
    "UPDATE transfer_order SET status = 'received' WHERE status = 'dispatched'",
    "UPDATE request_line SET ordered_units = ordered_units - 1 WHERE ordered_units > 0",
    "UPDATE order_line SET lost_units = 1",
]


@pytest.fixture(scope="module")
def lived(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has seen receipts, a plan, held orders and one on its way."""
    path = tmp_path_factory.mktemp("lived") / "lived.db"
    shutil.copyfile(sqlite_template, path)
    hub = Hub(make_engine(f"sqlite:///{path}"))
    world = build_world(hub)
    ask(world, (COMMUNITY, "mask", 100, 1), (NEIGHBOUR, "quilt", 10, 2))
    approve(world, plan(world))
    first = orders(world)[0]
    perform(world, "keeper", "dispatch_transfer", lambda w, a: transfers.dispatch_transfer(w, a, first.id))
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    hub.engine.dispose()
    return path


def verify(path: Path, corruption: str = "") -> list[str]:
    """The faults found after a corruption that the database's own guards were taken away for."""
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        if corruption:
            assert connection.exec_driver_sql(corruption).rowcount > 0, "the corruption changed nothing"
    with Hub(engine).read(None, at=NOW) as work:
        faults = verify_ledger(work, None).faults
    engine.dispose()
    return [str(fault) for fault in faults]


def test_what_was_not_touched_is_found_true(lived: Path) -> None:
    assert verify(lived) == []


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_what_was_planted_is_found(lived: Path, tmp_path: Path, corruption: str) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    assert verify(path, corruption)
