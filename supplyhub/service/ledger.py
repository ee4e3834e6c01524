"""The one way stock ever moves, for every verb that moves some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import Balance, BalanceKey, Entry, Movement, NewMovement, Posted, apply
from supplyhub.service.unit_of_work import Work


def move(work: Work, wanted: Sequence[NewMovement], lines: Sequence[int] = ()) -> list[Posted]:
    """Number the accounts, lock the balances in one order, apply, write: the one way stock ever moves.

    `lines` says of which line of a document each movement is.
    """
    accounts = work.stock.make_accounts({key for source, target, *_ in wanted for key in (source, target)})
    movements = [
        Movement(accounts[source], accounts[target], item_id, lot_id, units, reason, reserved)
        for source, target, item_id, lot_id, units, reason, reserved in wanted
    ]
    floored = {account_id for key, account_id in accounts.items() if key.floored}
    seen = work.stock.lock_balances(
        (account_id, lot_id, item_id)
        for source_id, target_id, item_id, lot_id, *_ in movements
        for account_id in (source_id, target_id)
        if account_id in floored
    )
    now, entries = apply(work.stamp, seen, movements, lines)
    work.stock.post_entries(work.stamp, seen, now, entries)
    return [_posted(entry, now) for entry in entries]


def _posted(entry: Entry, now: Mapping[BalanceKey, Balance]) -> Posted:
    line, moved, source, target = entry
    balance = now[moved.to_account_id if target else moved.from_account_id, moved.lot_id]
    side = target or source
    receipt = side.hash.hex() if side else ""
    return Posted(
        line, balance.item_code, moved.lot_id, balance.lot_code, moved.quantity_units, moved.reason.value, receipt
    )


def must_know_lots(work: Work, depot: Depot, named: Sequence[tuple[int | None, int | None]]) -> dict[int, int]:
    """The item of each lot that lines name, as (lot id, item id), either None where it is not said.

    A lot is known to a depot once it stood there; a foreign one answers like one that does not exist.
    """
    items = work.stock.map_depot_lots(depot.id, (lot_id for lot_id, _ in named if lot_id is not None))
    message = words("no lot {lot_id} of this item stands, or stood, in this depot; its shelves list the lots")
    faults = [
        Fault(f"lines[{place}].lot_id", message, {"lot_id": lot_id})
        for place, (lot_id, item_id) in enumerate(named)
        if lot_id is not None and (lot_id not in items or item_id not in (None, items[lot_id]))
    ]
    if faults:
        raise InvalidInput(faults=faults)
    return items
