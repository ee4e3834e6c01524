"""What happens in a made-up ledger: shelves are opened, lots used up, orders run, the rest is trade."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TypeAlias

from supplyhub.domain.stock import AccountKey, AccountKind, Movement, Reason, on_hand
from supplyhub.service.unit_of_work import Hub, Work
from tests.bench.ledgers.land import Land, draw_slots
from tests.bench.ledgers.size import BEGAN, Size
from tests.bench.ledgers.writer import AT_ONCE, Writer

OPENED_UNITS, TRADED_UNITS = 1_000_000, 3
Slot: TypeAlias = tuple[int, int, int]
"""A shelf and a lot: depot and item by their places in the land, and the lot's id."""


def open_shelves(hub: Hub, size: Size, land: Land, writer: Writer) -> None:
    """Stock from the opening accounts onto each shelf."""
    _fill(hub, list(_slots(size.balances, 0, size, land)), land, writer)


def use_up(hub: Hub, size: Size, land: Land, writer: Writer) -> None:
    """Lots of their own that come and go, and leave an empty balance."""
    slots = list(_slots(size.spent, size.lots_per_item, size, land))
    used = _accounts(hub, land, AccountKind.USED, {place for place, _, _ in slots})
    moves = _fill(hub, slots, land, writer)
    gone = [_to(used[place], move, Reason.USE) for (place, _, _), move in zip(slots, moves, strict=True)]
    writer.add("post_issue", gone)


def _fill(hub: Hub, slots: list[Slot], land: Land, writer: Writer) -> list[Movement]:
    places = {place for place, _, _ in slots}
    shelves, opening = _accounts(hub, land, None, places), _accounts(hub, land, AccountKind.OPENING, places)
    moves = []
    for place, item, lot_id in slots:
        writer.open((shelves[place], lot_id), land.item_ids[item], land.depots[place].pos)
        move = Movement(opening[place], shelves[place], land.item_ids[item], lot_id, OPENED_UNITS, Reason.OPENING)
        moves.append(move)
    writer.add("import_stock", moves)
    return moves


def _slots(count: int, first_lot: int, size: Size, land: Land) -> Iterator[Slot]:
    """So many pairs of a depot and a lot, each once."""
    for place, item, number in draw_slots(count, first_lot, size):
        yield place, item, land.lots[item, number]


def run_orders(hub: Hub, size: Size, land: Land, writer: Writer) -> None:
    """Orders from a shelf to the place of another depot, dispatched and received there for use."""
    random, stocked = Random(1), list(_slots(size.balances, 0, size, land))
    shelves = _accounts(hub, land, None, {place for place, _, _ in stocked})
    for start in range(0, size.closed_orders, AT_ONCE // 2):
        count = min(AT_ONCE // 2, size.closed_orders - start)
        chosen = [random.choice(stocked) for _ in range(count)]
        targets = [random.randrange(size.depots) for _ in chosen]
        transit = hub.write(lambda w, c=chosen, t=targets: _add_orders(w, land, shelves, c, t), at=BEGAN)  # type: ignore[misc]
        used = _accounts(hub, land, AccountKind.USED, set(targets))
        out, home = [], []
        for (place, item, lot_id), target, account in zip(chosen, targets, transit, strict=True):
            writer.open((account, lot_id), land.item_ids[item], land.depots[target].pos)
            move = Movement(shelves[place], account, land.item_ids[item], lot_id, TRADED_UNITS, Reason.TRANSFER)
            out.append(move)
            home.append(_to(used[target], move, Reason.USE))
        writer.add("dispatch_transfer", out)
        writer.add("receive_transfer", home)


def _add_orders(work: Work, land: Land, shelves: dict[int, int], chosen: list[Slot], targets: list[int]) -> list[int]:
    """Orders as they stand once received, with their lines and holds; their transit accounts."""
    ends = [(land.depots[place], land.depots[target]) for (place, _, _), target in zip(chosen, targets, strict=True)]
    count = len(ends)
    orders = work.transfers.add_orders(
        {
            "plan_id": [None] * count, "from_depot_id": [source.id for source, _ in ends],
            "from_pos": [source.pos for source, _ in ends], "to_division_id": [end.division_id for _, end in ends],
            "to_depot_id": [None] * count, "pos": [end.pos for _, end in ends], "status": ["received"] * count,
            "note": [""] * count, "made_by": [1] * count, "made_at": [BEGAN] * count, "version": [3] * count,
        }
    )  # fmt: skip
    lots = [lot_id for _, _, lot_id in chosen]
    line_ids = work.transfers.add_lines(
        {
            "order_id": orders, "line": [1] * count, "request_line_id": [None] * count,
            "division_id": [end.division_id for _, end in ends], "item_id": [land.item_ids[i] for _, i, _ in chosen],
            "lot_id": lots, "quantity_units": [TRADED_UNITS] * count,
        }
    )  # fmt: skip
    work.stock.add_reservations([shelves[place] for place, _, _ in chosen], lots, [TRADED_UNITS] * count, line_ids)
    work.stock.end_reservations(line_ids, "consumed")
    keys = [
        AccountKey(AccountKind.TRANSIT, end.division_id, order_id=order_id)
        for (_, end), order_id in zip(ends, orders, strict=True)
    ]
    ids = work.stock.make_accounts(keys)
    return [ids[key] for key in keys]


def trade(hub: Hub, size: Size, land: Land, writer: Writer) -> None:
    """Small issues and deliveries in turn, at shelves drawn at random, until there are as many movements as asked."""
    random, stocked, turn = Random(2), list(_slots(size.balances, 0, size, land)), 0
    shelves = _accounts(hub, land, None, {place for place, _, _ in stocked})
    while writer.count < size.movements:
        drawn = random.choices(stocked, k=min(AT_ONCE, size.movements - writer.count))
        arrives = bool(turn % 2)
        kind, reason = (AccountKind.SUPPLIER, Reason.DELIVERY) if arrives else (AccountKind.USED, Reason.USE)
        others = _accounts(hub, land, kind, {place for place, _, _ in drawn})
        moves = []
        for place, item, lot_id in drawn:
            ends = (others[place], shelves[place]) if arrives else (shelves[place], others[place])
            moves.append(Movement(*ends, land.item_ids[item], lot_id, TRADED_UNITS, reason))
        writer.add("post_receipt" if arrives else "post_issue", moves)
        turn += 1


def _accounts(hub: Hub, land: Land, kind: AccountKind | None, places: set[int]) -> dict[int, int]:
    """An account for each of these depots, by their place in the land: its shelf, or one of its division."""
    depots = {place: land.depots[place] for place in sorted(places)}
    keys = {place: AccountKey(kind, depot.division_id) if kind else on_hand(depot) for place, depot in depots.items()}
    ids = hub.write(lambda work: work.stock.make_accounts(keys.values()), at=BEGAN)
    return {place: ids[key] for place, key in keys.items()}


def _to(account_id: int, move: Movement, reason: Reason) -> Movement:
    """The same units on from where a movement has brought them."""
    return Movement(move.to_account_id, account_id, move.item_id, move.lot_id, move.quantity_units, reason)
