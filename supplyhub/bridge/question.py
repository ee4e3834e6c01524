"""A snapshot of the database becomes the question that the solver answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

import solver
from supplyhub.domain.places import Level
from supplyhub.domain.planning import Snapshot

EPOCH = date(1970, 1, 1)
LEVELS = {Level(name): place for place, name in enumerate(solver.LEVELS)}


def ask(snapshot: Snapshot) -> solver.Problem:
    """The snapshot's columns as the arrays of a problem; node, row and lot order are the snapshot's."""
    nodes = {code: place for place, code in enumerate([*snapshot.division_code, *snapshot.depot_code])}
    return solver.Problem(
        divisions=solver.Divisions(
            codes=list(snapshot.division_code),
            names=list(snapshot.division_name),
            parent=whole(snapshot.division_parent),
            level=np.array([LEVELS[level] for level in snapshot.division_level], dtype=np.int8),
            metres_to_parent=whole(
                0 if parent < 0 else metres
                for parent, metres in zip(snapshot.division_parent, snapshot.division_metres, strict=True)
            ),
            population=whole(-1 if people is None else people for people in snapshot.division_population),
        ),
        depots=solver.Depots(
            codes=list(snapshot.depot_code),
            names=list(snapshot.depot_name),
            division=whole(snapshot.depot_division),
            metres_to_division=whole(snapshot.depot_metres),
            kind=list(snapshot.depot_kind),
        ),
        items=solver.Items(
            codes=list(snapshot.item_code),
            names=list(snapshot.item_name),
            pack_size=whole(snapshot.item_pack_size),
            weight_kg=[Decimal(grams) / 1000 for grams in snapshot.item_weight_g],
            unit=list(snapshot.item_unit),
            category=list(snapshot.item_category),
        ),
        stock=_stock(snapshot),
        demand=solver.Demand(
            ids=[str(line_id) for line_id in snapshot.demand_line_id],
            division=whole(snapshot.demand_division),
            item=whole(snapshot.demand_item),
            quantity=whole(snapshot.demand_units),
            priority=np.array(snapshot.demand_priority, dtype=np.int8),
            weight_numerator=whole(snapshot.demand_weight_thousandths),
            weight_denominator=1000,
        ),
        links=_links(snapshot, nodes),
        settings=solver.Settings(
            as_of=snapshot.options.as_of,
            release_reserves=snapshot.options.release_reserves,
            mutual_aid={level: Decimal(share) for level, share in snapshot.options.mutual_aid.items()},
            mutual_aid_basis=snapshot.options.mutual_aid_basis,
            mutual_aid_penalty_metres=snapshot.options.mutual_aid_penalty_metres,
        ),
    )


def whole(values: Iterable[int]) -> npt.NDArray[np.int64]:
    """Integers as an array of 64 bits."""
    return np.fromiter(values, dtype=np.int64)


def _stock(snapshot: Snapshot) -> solver.Stock:
    """The lots, then a row of quantity 0 for each floor: a floor counts in whichever row it stands."""
    floors = len(snapshot.floor_units)
    return solver.Stock(
        depot=whole([*snapshot.stock_depot, *snapshot.floor_depot]),
        item=whole([*snapshot.stock_item, *snapshot.floor_item]),
        quantity=whole([*snapshot.stock_units, *[0] * floors]),
        lot=[
            *(f"{code}#{lot_id}" for code, lot_id in zip(snapshot.stock_lot_code, snapshot.stock_lot_id, strict=True)),
            *["floor"] * floors,
        ],
        expires_on=np.array(
            [
                *(solver.NO_EXPIRY if day is None else (day - EPOCH).days for day in snapshot.stock_expires_on),
                *[solver.NO_EXPIRY] * floors,
            ],
            dtype=np.int32,
        ),
        reserve_floor=whole([*[0] * len(snapshot.stock_units), *snapshot.floor_units]),
    )


def _links(snapshot: Snapshot, nodes: dict[str, int]) -> solver.Links:
    return solver.Links(
        from_node=whole(nodes[code] for code in snapshot.way_from),
        to_node=whole(nodes[code] for code in snapshot.way_to),
        item=whole(snapshot.way_item),
        metres=whole(
            metres + penalty for metres, penalty in zip(snapshot.way_metres, snapshot.way_penalty_metres, strict=True)
        ),
        road_metres=whole(snapshot.way_metres),
        capacity=whole(-1 if units is None else units for units in snapshot.way_capacity_units),
        open=np.array(snapshot.way_open, dtype=bool),
        hours=[None if hours is None else Decimal(hours) / 1000 for hours in snapshot.way_hours_thousandths],
    )
