"""A ledger with a life behind it, sealed twice and exported; and what comes after the last seal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from supplyhub.domain.oversight import Findings, LedgerFault
from supplyhub.domain.stock import LotFacts, NewReceipt, NewReceiptLine, Reason
from supplyhub.domain.transfers import Arrival, ArrivalLine, NewTransfer, NewTransferLine
from supplyhub.persistence.oversight.agreement import LEDGER
from supplyhub.persistence.rows import Row
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service import oversight, transfers
from supplyhub.service.rollups import roll_up
from supplyhub.service.stock import post_receipt, reverse_posting
from supplyhub.service.unit_of_work import Hub, Work
from tests.persistence.planting import Ground, read_all, unguarded
from tests.service import test_planning as planned
from tests.service.test_stock import issue, perform, receive
from tests.world import COMMUNITY, COUNTY, NEIGHBOUR, NOW, TOWNSHIP, World, build_world


@dataclass(frozen=True)
class Sealed:
    """A ledger in a transaction without guards, what was exported of it at its last seal, and where to corrupt it."""

    connection: Connection
    whole: list[bytes]
    seals: list[bytes]
    grounds: dict[type[Row], Ground]
    last_movement: int = 0
    """The largest number of a movement that is sealed."""

    def prove(self) -> Findings:
        """What the verifier finds by itself."""
        return oversight.verify_ledger(Work(self.connection, EVERYWHERE, NOW), None)

    def is_found(self, exported: list[bytes]) -> bool:
        """Whether the verifier finds anything wrong, by itself or else beside an export."""
        return bool(self.prove().faults) or self.compare(exported) is not None

    def compare(self, exported: list[bytes]) -> LedgerFault | None:
        """What is not as an export says."""
        return oversight.compare_export(Work(self.connection, EVERYWHERE, NOW), exported)


@contextmanager
def sealed_life(hub: Hub, owner: Engine) -> Iterator[Sealed]:
    """All that stands is sealed, and may be corrupted."""
    live(build_world(hub))
    whole, seals = export(hub)
    hub.engine.dispose()
    with unguarded(owner) as connection:
        yield Sealed(connection, whole, seals, {row: Ground(row) for row in LEDGER})


@contextmanager
def life_beyond_the_seal(hub: Hub, owner: Engine) -> Iterator[Sealed]:
    """What may be corrupted is newer than the last seal, or was changed since."""
    world = build_world(hub)
    live(world)
    whole, seals = export(hub)
    with hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        before = {row: read_all(connection, row) for row in LEDGER}
        last = connection.exec_driver_sql("SELECT max(id) FROM movement").scalar_one()
    live_on(world)
    hub.engine.dispose()
    grounds = {row: Ground(row, before[row]) for row in LEDGER}
    with unguarded(owner) as connection:
        yield Sealed(connection, whole, seals, grounds, last)


def export(hub: Hub) -> tuple[list[bytes], list[bytes]]:
    """All lines, and the seals alone."""
    with hub.read(None, at=NOW) as work:
        return list(oversight.export_lines(work)), list(oversight.export_lines(work, seals_only=True))


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
    issue(world, "i-2", 1)  # the sums go up to an entry that moved something
    assert world.hub.write(oversight.seal_ledger, at=NOW)
    assert world.hub.write(oversight.seal_ledger, at=NOW) is None
    assert world.hub.write(roll_up, at=NOW)


def live_on(world: World) -> None:
    """After the last seal: new lots, accounts and notes, an issue, a reversal, an order held and one on its way."""
    world.hub.carry_out("noted", "n-2", lambda work: work.stock.add_note(work.stamp.posting_id, "雨"), at=NOW)
    for code in ("LATE-1", "LATE-2"):
        lot = LotFacts(world.item_id("suit"), world.division_id(COUNTY), code, origin="捐赠")
        new = NewReceipt(world.depot_id("T"), Reason.DONATION, (NewReceiptLine(lot, 80),))
        perform(world, "keeper", "post_receipt", code, lambda work, actor, new=new: post_receipt(work, actor, new))
    issue(world, "late-3", 2)
    wrong = receive(world, "late-4", 30).body["posting"]
    perform(
        world, "keeper", "reverse_posting", "late-5",
        lambda work, actor: reverse_posting(work, actor, wrong), reverses_id=wrong,
    )  # fmt: skip
    lines = (NewTransferLine(world.item_id("suit"), 5),)
    order = NewTransfer(world.depot_id("T"), world.division_id(TOWNSHIP), None, lines)
    for _ in range(3):
        made = planned.perform(world, "keeper", "make_transfer", lambda w, a: transfers.make_transfer(w, a, order))
    planned.perform(world, "keeper", "dispatch_transfer", lambda w, a: transfers.dispatch_transfer(w, a, made))
