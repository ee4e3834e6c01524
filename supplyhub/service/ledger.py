"""The one way stock ever moves, for every verb that moves some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import Balance, BalanceKey, Entry, LotFacts, Movement, NewMovement, Posted, Stamp, apply
from supplyhub.service.unit_of_work import Work


class Wish(NamedTuple):
    """What a posting wants to move; `lines` says of which line of a document each movement is."""

    work: Work
    movements: Sequence[NewMovement]
    lines: Sequence[int] = ()


def move(work: Work, wanted: Sequence[NewMovement], lines: Sequence[int] = ()) -> list[Posted]:
    """Move what the one posting of a transaction wants to."""
    return move_all([Wish(work, wanted, lines)])[0]


def move_all(wishes: Sequence[Wish]) -> list[list[Posted]]:
    """Number lots and accounts, lock the balances in one order, apply, write: the one way stock ever moves.

    The postings are of one transaction: all move what they want to, or none does; in the order of their numbers, which
    is that of the feed, so that no entry comes there before what it rests on.
    """
    stock = wishes[0].work.stock
    wanted = [movement for wish in wishes for movement in wish.movements]
    lots = stock.make_lots({one.lot for one in wanted if isinstance(one.lot, LotFacts)})
    accounts = stock.make_accounts({key for source, target, *_ in wanted for key in (source, target)})
    floored = {account_id for key, account_id in accounts.items() if key.floored}

    def numbered(wanted: NewMovement) -> Movement:
        source, target, item_id, lot, units, reason, reserved = wanted
        lot_id = lots[lot] if isinstance(lot, LotFacts) else lot
        return Movement(accounts[source], accounts[target], item_id, lot_id, units, reason, reserved)

    moving = [(wish, list(map(numbered, wish.movements))) for wish in wishes]
    seen = stock.lock_balances(
        (account_id, lot_id, item_id)
        for _, movements in moving
        for source_id, target_id, item_id, lot_id, *_ in movements
        for account_id in (source_id, target_id)
        if account_id in floored
    )
    now, entered, answers = seen, list[tuple[Stamp, list[Entry]]](), dict[int, list[Posted]]()
    for wish, movements in sorted(moving, key=lambda one: one[0].work.stamp.posting_id):
        stamp = wish.work.stamp
        now, entries = apply(stamp, now, movements, wish.lines)
        entered.append((stamp, entries))
        answers[stamp.posting_id] = [_posted(entry, now) for entry in entries]
    stock.post_entries(seen, now, entered)
    return [answers[wish.work.stamp.posting_id] for wish in wishes]


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
