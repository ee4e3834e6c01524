"""Plans made without the solver, from the flows of `oracle`: true ones, and ones that are wrong in one respect only."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from solver import LIMITS, MODEL_VERSION, Flows, Limits, Plan, Prices, Problem, Shipments, input_digest
from tests.solver import oracle
from tests.solver.oracle import Arc, Asked, Node, Pair, Residual, Tables

Carried = dict[Pair, int]
Way = tuple[int, Node, int, Fraction]
Shipment = tuple[Any, ...]
Flow = tuple[int, int, int, int]


def by_the_rule(requests: list[Asked], residual: Residual) -> None:
    oracle.grant(requests, residual)


def lower_classes_first(requests: list[Asked], residual: Residual) -> None:
    """Grants that can be shipped, but to the wrong requests: classes are served from 4 up to 1."""
    for request in requests:
        request.priority = -request.priority
    oracle.grant(requests, residual)


def one_pack_idle(requests: list[Asked], residual: Residual) -> None:
    """Grants by the rule, but one pack less in all: the last request that got any gives one back."""
    oracle.grant(requests, residual.copy())
    some = [request for request in requests if request.granted]
    if some:
        some[-1].granted -= 1
    for request in requests:
        for _ in range(request.granted):
            residual.add_pack(request.place)


def plan_by_hand(
    tables: Tables,
    problem: Problem,
    granting: Callable[[list[Asked], Residual], None] = by_the_rule,
    near: bool = True,
) -> Plan:
    """A plan of the instance, granted as `granting` does, over the least transport or over long ways."""
    granted, reasons = [0] * len(tables.demand), [""] * len(tables.demand)
    shipments: list[Shipment] = []
    flows: list[Flow] = []
    items = []
    codes = problem.node_codes()
    for number, item in enumerate(problem.items.codes):
        arcs, closed = oracle.arcs_of(tables, item)
        residual, requests = oracle.residual_of(tables, item, arcs), oracle.requests_of(tables, item)
        size = oracle.pack_size(tables, item)
        granting(requests, residual)
        for request in requests:
            request.priority = abs(request.priority)
            granted[request.row] = request.granted * size
            if request.granted < request.wanted:
                reasons[request.row] = oracle.reason(tables, item, arcs, closed, residual, request.place)
        carried = oracle.least_transport(tables, item, arcs if near else reversed_lengths(arcs), requests)[1]
        carried = without_rings({arc: packs for arc, packs in carried.items() if packs and arc in arcs})
        flows += [
            (codes.index(tail), codes.index(head), number, packs * size) for (tail, head), packs in carried.items()
        ]
        shipments += shipment_rows(tables, problem, number, ways(arcs, set(problem.depots.codes), carried, requests))
        pack_metres = sum(packs * arcs[arc].metres for arc, packs in carried.items())
        items.append(item_summary(problem, number, pack_metres, requests))
    return assembled(problem, granted, reasons, shipments, flows, items)


def reversed_lengths(arcs: dict[Pair, Arc]) -> dict[Pair, Arc]:
    """Arcs of which the longest look short, so that the nearest way is the last to be taken."""
    longest = max((arc.metres for arc in arcs.values()), default=0)
    return {pair: replace(arc, metres=longest - arc.metres) for pair, arc in arcs.items()}


def without_rings(carried: Carried) -> Carried:
    """The flow less what only goes round in rings."""
    while ring := find_ring(carried):
        least = min(carried[arc] for arc in ring)
        for arc in ring:
            carried[arc] -= least
        carried = {arc: packs for arc, packs in carried.items() if packs}
    return carried


def find_ring(carried: Carried) -> list[Pair]:
    for start in {tail for tail, _ in carried}:
        ways: dict[Node, list[Pair]] = {start: []}
        queue = [start]
        for node in queue:
            for arc in carried:
                if arc[0] == node and arc[1] == start:
                    return [*ways[node], arc]
                if arc[0] == node and arc[1] not in ways:
                    ways[arc[1]] = [*ways[node], arc]
                    queue.append(arc[1])
    return []


def ways(arcs: dict[Pair, Arc], depots: set[Node], carried: Carried, requests: list[Asked]) -> list[Way]:
    """The flow taken apart pack by pack: (row of demand, depot, metres, hours) of each pack."""
    left = dict(carried)
    own = {
        depot: sum(packs * ((tail == depot) - (head == depot)) for (tail, head), packs in left.items())
        for depot in depots
    }
    found = []
    for request in requests:
        for _ in range(request.granted):
            node, metres, hours = request.place, 0, Fraction(0)
            while not own.get(node):
                arc = next(arc for arc, packs in left.items() if arc[1] == node and packs)
                left[arc] -= 1
                metres, hours, node = metres + arcs[arc].metres, hours + arcs[arc].hours, arc[0]
            own[node] -= 1
            found.append((request.row, node, metres, hours))
    return found


def shipment_rows(tables: Tables, problem: Problem, item: int, packs: list[Way]) -> list[Shipment]:
    """Packs of one item as rows of shipments; each depot's lots leave it first expired first."""
    code, rows = problem.items.codes[item], Counter[Shipment]()
    size = oracle.pack_size(tables, code)
    lots = {}
    for depot in {depot for _, depot, _, _ in packs}:
        sent = sum(one == depot for _, one, _, _ in packs) * size
        taken = oracle.first_expired(tables, depot, code, sent)
        lots[depot] = iter([lot for lot, units in taken.items() for _ in range(units // size)])
    for row, depot, metres, hours in packs:
        place = list(problem.depots.codes).index(depot)
        stock = problem.stock
        names = zip(stock.depot.tolist(), stock.item.tolist(), stock.lot, strict=True)
        lot = list(names).index((place, item, next(lots[depot])))
        rows[row, place, lot, metres, math.floor(hours * 1000 + Fraction(1, 2))] += size
    return [(*key, units) for key, units in rows.items()]


def item_summary(problem: Problem, item: int, pack_metres: int, requests: list[Asked]) -> dict[str, Any]:
    size, weight = int(problem.items.pack_size[item]), problem.items.weight_kg[item]
    classes = [
        class_summary(problem, size, priority, [one for one in requests if one.priority == priority])
        for priority in sorted({request.priority for request in requests})
    ]
    tonne_km = str(pack_metres * size * weight / 10**6)
    return {"item": problem.items.codes[item], "tonne_km": tonne_km, "pack_metres": pack_metres, "classes": classes}


def class_summary(problem: Problem, size: int, priority: int, requests: list[Asked]) -> dict[str, Any]:
    granted, wanted = sum(one.granted for one in requests), sum(one.wanted for one in requests)
    levels = [Fraction(one.granted, one.wanted) / one.weight for one in requests if one.wanted]
    return {
        "priority": priority,
        "requests": len(requests),
        "requested": sum(int(problem.demand.quantity[one.row]) for one in requests),
        "granted": granted * size,
        "fill": str((Decimal(granted) / wanted if wanted else Decimal(1)).quantize(Decimal("0.000001"), ROUND_DOWN)),
        "lowest_level": "/".join(map(str, min(levels).as_integer_ratio())) if levels else None,
    }


def assembled(
    problem: Problem,
    granted: list[int],
    reasons: list[str],
    shipments: list[Shipment],
    flows: list[Flow],
    items: list[dict[str, Any]],
) -> Plan:
    rows = [list(column) for column in zip(*shipments, strict=True)] or [[]] * 6
    arcs = [list(column) for column in zip(*flows, strict=True)] or [[]] * 4
    demand_row, depot, stock_row, metres, hours, quantity = rows
    none = np.zeros(0, dtype=np.int64)
    return Plan(
        granted=np.array(granted, dtype=np.int64),
        limited_by=np.array([LIMITS.index(reason) for reason in reasons], dtype=np.int8),
        set=np.zeros(len(granted), dtype=np.int32),
        shipments=Shipments(
            demand_row=np.array(demand_row, dtype=np.int64),
            depot=np.array(depot, dtype=np.int64),
            stock_row=np.array(stock_row, dtype=np.int64),
            quantity=np.array(quantity, dtype=np.int64),
            metres=np.array(metres, dtype=np.int64),
            hours_thousandths=np.array(hours, dtype=np.int64),
        ),
        flows=Flows(*[np.array(column, dtype=np.int64) for column in arcs]),
        limits=Limits(none, none, none, none.astype(np.int8), none.astype(np.int8), []),
        prices=Prices(none, none, none),
        items=np.arange(len(problem.items)),
        summary={
            "model_version": MODEL_VERSION,
            "input_digest": input_digest(problem),
            "complete": True,
            "items_missing": [],
            "tonne_km": str(sum(Decimal(item["tonne_km"]) for item in items)),
            "items": items,
        },
    )
