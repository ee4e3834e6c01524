"""A keeper's direct transfer: ordered, and held on the shelf, in one go."""

from __future__ import annotations

from collections.abc import Sequence

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import (
    Fault,
    InvalidInput,
    words,
)
from supplyhub.domain.stock import (
    hold,
    on_hand,
)
from supplyhub.domain.transfers import (
    NewTransfer,
    OrderStatus,
)
from supplyhub.service.ledger import must_know_lots
from supplyhub.service.picking import Picking
from supplyhub.service.unit_of_work import Work


def make_transfer(work: Work, actor: Actor, transfer: NewTransfer) -> int:
    """Order goods from a depot to another depot or to a division, and hold them; the order's id."""
    depot = work.places.get_depot_by_id(transfer.from_depot_id)
    actor.must_keep("make_transfer", depot.custodian_id)
    if transfer.to_depot_id == depot.id:
        raise InvalidInput(faults=[Fault("to_depot", words("a depot cannot send to itself"))])
    must_know_lots(work, depot, [(line.lot_id, line.item_id) for line in transfer.lines])
    target = work.everywhere.get_division_by_id(transfer.to_division_id)
    [order_id] = work.transfers.add_orders(
        {
            "plan_id": [None], "from_depot_id": [depot.id], "from_pos": [depot.pos],
            "to_division_id": [target.id], "to_depot_id": [transfer.to_depot_id], "pos": [target.lo],
            "status": [OrderStatus.APPROVED.value], "note": [transfer.note], "made_by": [actor.user_id],
            "made_at": [work.at], "version": [1],
        }
    )  # fmt: skip
    picking = Picking(work, depot, for_division_id=target.id)
    taken = picking.take_all([(line.item_id, line.quantity_units, line.lot_id) for line in transfer.lines])
    wanted = [
        (line.item_id, lot_id, units)
        for line, lots in zip(transfer.lines, taken, strict=True)
        for lot_id, units in lots
    ]
    line_ids = work.transfers.add_lines(
        {
            "order_id": [order_id] * len(wanted),
            "line": list(range(1, len(wanted) + 1)),
            "request_line_id": [None] * len(wanted),
            "division_id": [target.id] * len(wanted),
            "item_id": [item_id for item_id, _, _ in wanted],
            "lot_id": [lot_id for _, lot_id, _ in wanted],
            "quantity_units": [units for _, _, units in wanted],
        }
    )
    _hold_all(work, depot, wanted, line_ids)
    return order_id


def _hold_all(work: Work, depot: Depot, wanted: Sequence[tuple[int, int, int]], line_ids: Sequence[int]) -> None:
    """Reserve (item, lot, units) on a depot's shelf for order lines, all or nothing."""
    key = on_hand(depot)
    account_id = work.stock.make_accounts([key])[key]
    seen = work.stock.lock_balances((account_id, lot_id, item_id) for item_id, lot_id, _ in wanted)
    now = dict(seen)
    for _, lot_id, units in wanted:
        now[account_id, lot_id] = hold(now[account_id, lot_id], units)
    work.stock.save_balances(seen, now)
    work.stock.add_reservations(
        [account_id] * len(wanted), [lot_id for _, lot_id, _ in wanted], [units for _, _, units in wanted], line_ids
    )
