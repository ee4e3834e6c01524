"""The verifier finds what was planted: a ledger changed behind its back, column by column."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from supplyhub.domain.oversight import FAULTS_KEPT, Findings
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
    return [str(fault) for fault in faults_of(path, *filter(None, [corruption])).faults]


def test_what_was_not_touched_is_found_true(lived: Path) -> None:
    assert verify(lived) == []


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_what_was_planted_is_found(lived: Path, tmp_path: Path, corruption: str) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    assert verify(path, corruption)


def faults_of(path: Path, *corruptions: str) -> Findings:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for corruption in corruptions:
            assert connection.execute(corruption).rowcount > 0, "the corruption changed nothing"
        connection.commit()
    engine = make_engine(f"sqlite:///{path}")
    with Hub(engine).read(None, at=NOW) as work:
        found = verify_ledger(work, None)
    engine.dispose()
    return found


def test_a_fault_says_depot_item_lot_and_version(lived: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    [fault] = faults_of(path, "UPDATE movement SET to_after = to_after + 1 WHERE line = 9").faults
    assert (fault.kind, fault.depot, fault.item, fault.lot, fault.version) == ("movement", "B1", "mask", "B1-2097", 1)
    assert "depot B1, item mask, lot B1-2097, lot number" in str(fault)
    assert "the entry says 778 after it, the sum is 777" in str(fault)


def test_of_a_chain_only_the_first_fault_is_told(lived: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    spoilt = "(SELECT max(from_account_id) FROM movement WHERE from_version > 1)"
    found = faults_of(
        path,
        f"UPDATE movement SET to_hash = zeroblob(32) WHERE to_account_id = {spoilt}",
        f"UPDATE movement SET from_version = from_version + 5 WHERE from_account_id = {spoilt}",
        f"UPDATE balance SET hash = zeroblob(32) WHERE account_id = {spoilt}",
    )
    assert len({(fault.account_id, fault.lot_id) for fault in found.faults}) == len(found.faults)
    assert {fault.version for fault in found.faults} == {1}


def test_a_hundred_faults_are_kept_and_all_are_counted(lived: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    numbers = "WITH n AS (SELECT 90001 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 90250) SELECT i, i FROM n"
    found = faults_of(path, f"INSERT INTO unnumbered {numbers}")
    assert (len(found.faults), found.fault_count) == (FAULTS_KEPT, 250)
    assert str(found.faults[0]).endswith("there is no posting 90001")


def test_what_cannot_even_be_read_is_a_fault(lived: Path, tmp_path: Path) -> None:
    path = tmp_path / "corrupt.db"
    shutil.copyfile(lived, path)
    found = faults_of(path, "UPDATE lot SET code = CAST(x'ff' AS TEXT) WHERE id = 1")
    assert any("identity" in str(fault) or "cannot be read" in str(fault) for fault in found.faults)


def test_the_proof_ends_where_whoever_hears_of_it_stops_it(lived: Path) -> None:
    heard = []

    def told(check: str, done: int, of: int) -> None:
        heard.append((check, done, of))
        if check == "lots":
            raise InterruptedError

    with Hub(make_engine(f"sqlite:///{lived}")).read(None, at=NOW) as work, pytest.raises(InterruptedError):
        verify_ledger(work, None, told)
    assert heard[:2] == [("chains", 0, 0), ("chains", 0, 1)]
    assert heard[-1] == ("lots", 0, 0)
