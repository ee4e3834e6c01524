"""The first day: what stands on the shelves when an installation begins, and what depots hold back."""

from __future__ import annotations

from supplyhub.domain.column_faults import find_date_faults, find_repeats, find_taken, find_unknown, must_be_sound
from supplyhub.domain.columns import FloorColumns, StockColumns
from supplyhub.domain.stock import AccountKey, AccountKind, LotFacts, NewMovement, Reason, on_hand
from supplyhub.service.ledger import move
from supplyhub.service.unit_of_work import Work


def import_stock(work: Work, columns: StockColumns) -> int:
    """Post opening stock from the opening accounts to the shelves, in one posting; how many lines moved units."""
    depots = work.places.map_depots(columns.depot_code)
    divisions = work.places.map_divisions([*columns.owner_code, *columns.earmark_code])
    items = work.catalogue.map_items()
    must_be_sound(
        columns,
        find_repeats(columns, _shelves(columns), "depot_code"),
        find_unknown(columns, columns.depot_code, depots, "depot_code"),
        find_unknown(columns, columns.item_code, items, "item_code"),
        find_unknown(columns, columns.owner_code, divisions, "owner_code"),
        find_unknown(columns, columns.earmark_code, divisions, "earmark_code"),
        find_date_faults(columns),
    )
    lots = [
        LotFacts(
            item_id=items[columns.item_code[row]].id,
            owner_id=divisions[owner].id if owner else depots[depot].custodian_id,
            code=columns.lot[row],
            earmark_id=divisions[columns.earmark_code[row]].id if columns.earmark_code[row] else None,
            produced_on=columns.produced_on[row],
            expires_on=columns.expires_on[row],
            origin=columns.origin[row],
        )
        for row, (depot, owner) in enumerate(zip(columns.depot_code, columns.owner_code, strict=True))
    ]
    rows = zip(columns.depot_code, lots, columns.quantity_units, columns.condition, strict=True)
    movements = [
        NewMovement(
            AccountKey(AccountKind.OPENING, depots[code].division_id),
            on_hand(depots[code], condition),
            lot.item_id,
            lot,
            units,
            Reason.OPENING,
        )
        for code, lot, units, condition in rows
        if units > 0
    ]
    return len(move(work, movements))


def _shelves(columns: StockColumns) -> list[tuple[object, ...]]:
    """What makes two lines of opening stock the same shelf and lot."""
    return list(
        zip(
            columns.depot_code, columns.item_code, columns.lot, columns.owner_code, columns.produced_on,
            columns.expires_on, columns.origin, columns.earmark_code, columns.condition, strict=True,
        )
    )  # fmt: skip


def import_floors(work: Work, columns: FloorColumns) -> int:
    """Set what depots hold back of an item (保底); how many floors."""
    depots, items = work.places.map_depots(columns.depot_code), work.catalogue.map_items()
    pairs = list(zip(columns.depot_code, columns.item_code, strict=True))
    depot_codes = {depot.id: code for code, depot in depots.items()}
    item_codes = {item.id: code for code, item in items.items()}
    taken = {
        (depot_codes[depot_id], item_codes[item_id])
        for depot_id, item_id in work.reserves.list_floor_keys()
        if depot_id in depot_codes
    }
    must_be_sound(
        columns,
        find_repeats(columns, pairs, "depot_code"),
        find_taken(columns, pairs, taken, "depot_code"),
        find_unknown(columns, columns.depot_code, depots, "depot_code"),
        find_unknown(columns, columns.item_code, items, "item_code"),
    )
    work.reserves.add_floors(
        {
            "depot_id": [depots[code].id for code in columns.depot_code],
            "item_id": [items[code].id for code in columns.item_code],
            "quantity_units": columns.quantity_units,
        }
    )
    return len(pairs)
