"""What is sealed and exported cannot be changed unseen: corruptions of every column of every table of the ledger.

SUPPLYHUB_CORRUPTIONS says how many are planted (150 unless told), all columns and kinds in turn.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from supplyhub.domain.stock import Reason
from supplyhub.domain.transfers import Arrival, ArrivalLine
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    FeedRow,
    LotRow,
    MovementRow,
    PostingNoteRow,
    PostingRow,
    ReservationRow,
    SealRow,
)
from supplyhub.service import oversight, transfers
from supplyhub.service.stock import reverse_posting
from supplyhub.service.unit_of_work import Hub
from tests.persistence.planting import ROW_KINDS, change_a_value, change_rows, plant
from tests.service import test_planning as planned
from tests.service.test_stock import issue, perform, receive
from tests.world import COMMUNITY, NEIGHBOUR, NOW, World, build_world

PLANTED = int(os.environ.get("SUPPLYHUB_CORRUPTIONS", "150"))
LEDGER = (
    AccountRow, AnswerRow, BalanceRow, FeedRow, LotRow, MovementRow, PostingNoteRow, PostingRow, ReservationRow,
    SealRow,
)  # fmt: skip
TABLES = [row.__tablename__ for row in LEDGER]
KINDS = [
    *(("changed", row.__tablename__, column.name) for row in LEDGER for column in row.__table__.c),
    *((kind, table, "") for table in TABLES for kind in ROW_KINDS),
]
TRIES = 40


@dataclass(frozen=True)
class Sealed:
    """A database whose ledger is sealed, and what was exported of it: all lines, and the seals alone."""

    path: Path
    whole: list[bytes]
    seals: list[bytes]


@pytest.fixture(scope="module")
def sealed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    path = tmp_path_factory.mktemp("sealed") / "sealed.db"
    shutil.copyfile(sqlite_template, path)
    hub = Hub(make_engine(f"sqlite:///{path}"))
    live(build_world(hub))
    assert hub.write(oversight.seal_ledger, at=NOW) is None
    with hub.read(None, at=NOW) as work:
        whole, seals = (list(oversight.export_lines(work, seals_only=only)) for only in (False, True))
    with hub.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    hub.engine.dispose()
    return Sealed(path, whole, seals)


def live(world: World) -> None:
    """Receipts, an issue, a reversal, a plan, orders cancelled, on their way and received with a loss; two seals."""
    world.hub.carry_out("noted", "n-1", lambda work: work.stock.add_note(work.stamp.posting_id, "先到先点"), at=NOW)
    receive(world, "r-1", 120)
    issue(world, "i-1", 5)
    wrong = receive(world, "r-2", 60).body["posting"]
    perform(
        world, "keeper", "reverse_posting", "x-1",
        lambda work, actor: reverse_posting(work, actor, wrong), reverses_id=wrong,
    )  # fmt: skip
    assert world.hub.write(oversight.seal_ledger, at=NOW)
    planned.ask(world, (COMMUNITY, "mask", 2_000, 1), (NEIGHBOUR, "quilt", 10, 2), (NEIGHBOUR, "suit", 10, 1))
    planned.approve(world, planned.plan(world))
    kept = {world.depot_id(code) for code in ("A1", "T")}
    mine = [order.id for order in planned.orders(world) if order.from_depot_id in kept]
    assert len(mine) == 2
    for order_id in mine:
        planned.perform(
            world, "keeper", "dispatch_transfer", lambda w, a, o=order_id: transfers.dispatch_transfer(w, a, o)
        )
    loss = Arrival((ArrivalLine(1, 3, Reason.MISSING),), note="四件破损")
    planned.perform(world, "township", "receive_transfer", lambda w, a: transfers.receive_transfer(w, a, mine[0], loss))
    others = [order.id for order in planned.orders(world) if order.id not in mine]
    planned.perform(world, "planner", "cancel_transfer", lambda w, a: transfers.cancel_transfer(w, a, others[0]))
    assert world.hub.write(oversight.seal_ledger, at=NOW)


def test_what_is_much_is_sealed_part_by_part_to_the_same_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On both databases: a seal for each posting, and the lines of one are those of the other."""
    receive(world, "r-1", 120)
    issue(world, "i-1", 5)
    monkeypatch.setattr(oversight, "SEALED_BYTES", 1)
    seals = 0
    while world.hub.write(oversight.seal_ledger, at=NOW):
        seals += 1
    with world.hub.read(None, at=NOW) as work:
        assert [seal.upto_seq for seal in work.oversight.list_seals()] == list(range(1, seals + 1))
        assert work.oversight.last_seq() == seals > 2
        assert oversight.verify_ledger(work, None).faults == []
        assert oversight.compare_export(work, list(oversight.export_lines(work))) is None


def faults(path: Path, exported: list[bytes]) -> list[str]:
    """What the verifier finds, by itself and beside an export."""
    engine = make_engine(f"sqlite:///{path}")
    with Hub(engine).read(None, at=NOW) as work:
        found = list(oversight.verify_ledger(work, None).faults)
        beside = oversight.compare_export(work, exported)
    engine.dispose()
    return [str(fault) for fault in [*found, beside] if fault is not None]


def test_what_was_not_touched_is_as_exported(sealed: Sealed) -> None:
    assert faults(sealed.path, sealed.whole) == faults(sealed.path, sealed.seals) == []


@pytest.mark.parametrize("number", range(PLANTED))
def test_what_was_planted_below_a_seal_is_found(
    sealed: Sealed, tmp_path: Path, number: int, record_property: Callable[[str, object], None]
) -> None:
    (kind, table, column), path = KINDS[number % len(KINDS)], tmp_path / "corrupt.db"
    for turn in range(TRIES):
        random = Random(f"{number} {turn}")
        shutil.copyfile(sealed.path, path)
        done = plant(path, change_a_value(table, column, random) if column else change_rows(kind, table, random))
        if done:
            break
    else:
        pytest.fail(f"{table}.{column} {kind}: none of {TRIES} could be planted")
    assert faults(path, random.choice((sealed.whole, sealed.seals))), done
    record_property(f"{PLANTED} corruptions below a seal, {len(KINDS)} columns and kinds", {kind: 1})
