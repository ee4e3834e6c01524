"""Small problems in a line or two: places by name, numbers by position, everything else as usual."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from solver import NO_EXPIRY, Demand, Depots, Divisions, Items, Links, Problem, Settings, Stock
from solver.problem import LEVELS, Int64

EPOCH = date(1970, 1, 1)


def ints(values: Sequence[int]) -> Int64:
    return np.array(values, dtype=np.int64)


def days(day: date | None) -> int:
    return NO_EXPIRY if day is None else (day - EPOCH).days


def divisions(**parents: str | tuple[str, str, int]) -> Divisions:
    """Each division's parent ("" for a root), or its parent, level and metres to it."""
    full = {code: (given, "community", 1000) if isinstance(given, str) else given for code, given in parents.items()}
    codes = list(full)
    return Divisions(
        codes=codes,
        names=codes,
        parent=ints([codes.index(parent) if parent else -1 for parent, _, _ in full.values()]),
        level=np.array([LEVELS.index(level) for _, level, _ in full.values()], dtype=np.int8),
        metres_to_parent=ints([metres if parent else 0 for parent, _, metres in full.values()]),
        population=ints([-1] * len(codes)),
    )


def problem(
    places: Divisions,
    lots: Sequence[tuple[Any, ...]],
    requests: Sequence[tuple[Any, ...]],
    links: Sequence[Mapping[str, Any]] = (),
    settings: Settings | None = None,
    away: Mapping[str, int] | None = None,
    pack: int = 1,
) -> Problem:
    """One item I. Lots: (place, quantity, [expires, floor]); a depot "D" + place stands wherever a lot does, and
    "-" + name is a depot without a division. Requests: (place, quantity, [class, weight in hundredths]).
    `away` gives metres from a depot to its division."""
    stands = list(dict.fromkeys(lot[0] for lot in lots))
    codes = ["D" + place.removeprefix("-") for place in stands]
    depots = Depots(
        codes=codes,
        names=codes,
        division=ints([-1 if place.startswith("-") else places.codes.index(place) for place in stands]),
        metres_to_division=ints([(away or {}).get(place, 0) for place in stands]),
        kind=["government"] * len(stands),
    )
    full_lots = [(place, quantity, *(list(rest) + [None, 0][len(rest) :])) for place, quantity, *rest in lots]
    stock = Stock(
        depot=ints([stands.index(lot[0]) for lot in full_lots]),
        item=ints([0] * len(lots)),
        quantity=ints([lot[1] for lot in full_lots]),
        lot=[f"L{number}" for number in range(len(lots))],
        expires_on=np.array([days(lot[2]) for lot in full_lots], dtype=np.int32),
        reserve_floor=ints([lot[3] for lot in full_lots]),
    )
    asked = [(place, quantity, *(list(rest) + [4, 100][len(rest) :])) for place, quantity, *rest in requests]
    demand = Demand(
        ids=[f"R{number}" for number in range(len(asked))],
        division=ints([places.codes.index(row[0]) for row in asked]),
        item=ints([0] * len(asked)),
        quantity=ints([row[1] for row in asked]),
        priority=np.array([row[2] for row in asked], dtype=np.int8),
        weight_numerator=ints([row[3] for row in asked]),
        weight_denominator=100,
    )
    items = Items(["I"], ["item"], ints([pack]), [Decimal("0.25")], ["box"], [""])
    nodes = places.codes + codes
    return Problem(places, depots, items, stock, demand, some_links(nodes, links), settings or Settings())


def some_links(nodes: Sequence[str], links: Sequence[Mapping[str, Any]]) -> Links:
    """Each link a mapping: from, to, and if need be metres, road, capacity, open, hours."""
    return Links(
        from_node=ints([nodes.index(link["from"]) for link in links]),
        to_node=ints([nodes.index(link["to"]) for link in links]),
        item=ints([-1] * len(links)),
        metres=ints([link.get("metres", 0) for link in links]),
        road_metres=ints([link.get("road", link.get("metres", 0)) for link in links]),
        capacity=ints([link.get("capacity", -1) for link in links]),
        open=np.array([link.get("open", True) for link in links], dtype=np.bool_),
        hours=[link.get("hours") for link in links],
    )
