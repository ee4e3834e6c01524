"""The one way stock ever moves, for every verb that moves some."""

from __future__ import annotations

from collections.abc import Sequence

from supplyhub.domain.stock import Movement, NewMovement, apply
from supplyhub.service.unit_of_work import Work


def move(work: Work, wanted: Sequence[NewMovement]) -> list[Movement]:
    """Number the accounts, lock the balances in one order, apply, write: the one way stock ever moves."""
    keys = [key for movement in wanted for key in (movement.from_key, movement.to_key)]
    accounts = work.stock.make_accounts(keys)
    movements = [
        Movement(accounts[m.from_key], accounts[m.to_key], m.item_id, m.lot_id, m.quantity_units, m.reason, m.reserved)
        for m in wanted
    ]
    seen = work.stock.lock_balances(
        (key, accounts[key], m.lot_id, m.item_id) for m in wanted for key in (m.from_key, m.to_key)
    )
    now, entries = apply(work.stamp, seen, movements)
    work.stock.save_balances(seen, now)
    work.stock.add_entries(work.stamp, entries)
    return movements
