"""Plans made without the solver, from the flows of `oracle`: true ones, and ones that are wrong in one respect only."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from solver import LIMITS, MODEL_VERSION, Flows, Limits, Plan, Prices, Problem, Shipments, input_digest
from solver.problem import Bool, Int64
from tests.solver import oracle
from tests.solver.oracle import Arc, Asked, Node, Pair, Residual, Tables
from tests.solver.prices import prices, written
from tests.solver.reasons import Item, Set, sets
from tests.solver.small import ints

Carried = dict[Pair, int]
Way = tuple[int, Node, int, Fraction]
Row = tuple[int, ...]


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
    ship(requests, residual)


def ship(requests: list[Asked], residual: Residual) -> None:
    """Send to all requests what they are granted."""
    for request in requests:
        for _ in range(request.granted):
            assert residual.add_pack(request.place)


def as_they_are(arcs: dict[Pair, Arc]) -> dict[Pair, Arc]:
    return arcs


@dataclass
class Part:
    """One item of a plan: its rows of shipments, flows and prices, its sets, and its summary."""

    item: Item
    shipments: Counter[Row]
    flows: list[Row]
    prices: list[Row]
    sets: list[Set]
    summary: dict[str, Any]


def plan_by_hand(
    tables: Tables,
    problem: Problem,
    granting: Callable[[list[Asked], Residual], None] = by_the_rule,
    lengths: Callable[[dict[Pair, Arc]], dict[Pair, Arc]] = as_they_are,
) -> Plan:
    """A plan of the instance, granted as `granting` does, over ways that are the least if arcs had these lengths."""
    parts = []
    for number, code in enumerate(problem.items.codes):
        arcs, closed = oracle.arcs_of(tables, code)
        residual, requests = oracle.residual_of(tables, code, arcs), oracle.requests_of(tables, code)
        granting(requests, residual)
        for request in requests:
            request.priority = abs(request.priority)
        parts.append(part_by_hand(problem, number, Item(tables, code, arcs, closed, residual, requests), lengths))
    return assembled(problem, parts)


def part_by_hand(
    problem: Problem, number: int, item: Item, lengths: Callable[[dict[Pair, Arc]], dict[Pair, Arc]]
) -> Part:
    """The item's part of a plan, carried over ways that are the least if arcs had these lengths."""
    codes, arcs = problem.node_codes(), item.arcs
    size = oracle.pack_size(item.tables, item.code)
    carried = oracle.least_transport(item.tables, item.code, lengths(arcs), item.requests)[1]
    carried = without_rings({arc: packs for arc, packs in carried.items() if packs and arc in arcs})
    packs = ways(arcs, set(problem.depots.codes), carried, item.requests)
    price = written(item, prices(item, carried))
    return Part(
        item,
        shipment_rows(item.tables, problem, number, packs),
        sorted((number, codes.index(tail), codes.index(head), some * size) for (tail, head), some in carried.items()),
        sorted((number, codes.index(node), metres) for node, metres in price.items()),
        sets(item),
        item_summary(problem, number, sum(some * arcs[arc].metres for arc, some in carried.items()), item.requests),
    )


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


def shipment_rows(tables: Tables, problem: Problem, item: int, packs: list[Way]) -> Counter[Row]:
    """Units by request, depot, lot, metres and hours; each depot's lots leave it first expired first."""
    code, rows = problem.items.codes[item], Counter[Row]()
    size = oracle.pack_size(tables, code)
    lots = {}
    for depot in {depot for _, depot, _, _ in packs}:
        sent = sum(one == depot for _, one, _, _ in packs) * size
        taken = oracle.first_expired(tables, depot, code, sent)
        lots[depot] = iter([lot for lot, units in taken.items() for _ in range(units // size)])
    for row, depot, metres, hours in packs:
        place = list(problem.depots.codes).index(depot)
        lot = lot_row(problem, place, item, next(lots[depot]))
        rows[row, place, lot, metres, math.floor(hours * 1000 + Fraction(1, 2))] += size
    return rows


def lot_row(problem: Problem, depot: int, item: int, lot: str) -> int:
    stock = problem.stock
    names = zip(stock.depot.tolist(), stock.item.tolist(), stock.lot, strict=True)
    return list(names).index((depot, item, lot))


def shipments(problem: Problem, rows: Counter[Row]) -> Shipments:
    """Rows by request, depot, lot (first expired first), metres, hours; none without units."""
    days, names = problem.stock.expires_on.tolist(), problem.stock.lot

    def key(row: Row) -> tuple[Any, ...]:
        request, depot, lot, metres, hours = row
        return request, depot, days[lot], names[lot], metres, hours

    ordered = sorted(+rows, key=key)
    demand_row, depot, stock_row, metres, hours = columns(ordered, 5)
    return Shipments(demand_row, depot, stock_row, ints([rows[row] for row in ordered]), metres, hours)


def shipment_counts(plan: Plan) -> Counter[Row]:
    """Units by request, depot, lot, metres and hours, as a plan has them."""
    some = plan.shipments
    keys = zip(
        *(column.tolist() for column in (some.demand_row, some.depot, some.stock_row)),
        *(column.tolist() for column in (some.metres, some.hours_thousandths)),
        strict=True,
    )
    return Counter(dict(zip(keys, some.quantity.tolist(), strict=True)))


def item_summary(problem: Problem, item: int, pack_metres: int, requests: list[Asked]) -> dict[str, Any]:
    size, weight = int(problem.items.pack_size[item]), problem.items.weight_kg[item]
    classes = [
        class_summary(problem, size, priority, [one for one in requests if one.priority == priority])
        for priority in sorted({request.priority for request in requests})
    ]
    tonne_km = plain(pack_metres * size * weight / 10**6)
    return {"item": problem.items.codes[item], "tonne_km": tonne_km, "pack_metres": pack_metres, "classes": classes}


def plain(number: Decimal) -> str:
    """The decimal without exponent or trailing zeros."""
    return f"{number.normalize():f}"


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


def assembled(problem: Problem, parts: list[Part]) -> Plan:
    """The whole plan, all rows in the order in which plans are written."""
    granted = {
        request.row: request.granted * oracle.pack_size(part.item.tables, part.item.code)
        for part in parts
        for request in part.item.requests
    }
    numbered = sorted((one for part in parts for one in part.sets), key=lambda one: one.rows[0])
    in_set = {row: (number, one) for number, one in enumerate(numbered, start=1) for row in one.rows}
    flow_item, from_node, to_node, packs = columns([row for part in parts for row in part.flows], 4)
    price_item, node, price = columns([row for part in parts for row in part.prices], 3)
    reasons = [LIMITS.index(in_set[row][1].limited_by) if row in in_set else 0 for row in range(len(granted))]
    return Plan(
        granted=ints([granted[row] for row in range(len(granted))]),
        limited_by=np.array(reasons, dtype=np.int8),
        set=np.array([in_set[row][0] if row in in_set else 0 for row in range(len(granted))], dtype=np.int32),
        limits=limits(problem, numbered),
        shipments=shipments(problem, sum((part.shipments for part in parts), Counter())),
        flows=Flows(from_node, to_node, flow_item, packs),
        prices=Prices(node, price_item, price),
        items=np.arange(len(problem.items)),
        summary={
            "model_version": MODEL_VERSION,
            "input_digest": input_digest(problem),
            "complete": True,
            "items_missing": [],
            "tonne_km": plain(sum((Decimal(part.summary["tonne_km"]) for part in parts), Decimal(0))),
            "items": [part.summary for part in parts],
        },
    )


def limits(problem: Problem, numbered: list[Set]) -> Limits:
    return Limits(
        item=ints([problem.items.codes.index(one.item) for one in numbered]),
        requests=ints([len(one.rows) for one in numbered]),
        packs_missing=ints([one.packs_missing for one in numbered]),
        limited_by=np.array([LIMITS.index(one.limited_by) for one in numbered], dtype=np.int8),
        higher_class=np.array([one.higher_class for one in numbered], dtype=np.int8),
        remedies=[" ".join(one.remedies) for one in numbered],
    )


def columns(rows: list[Row], count: int) -> list[Int64]:
    return [ints([row[column] for row in rows]) for column in range(count)]


def holding(plan: Plan, problem: Problem, items: list[int]) -> Plan:
    """A true plan less all that it says of other items: what a run that ended early leaves."""
    codes = [problem.items.codes[item] for item in items]
    asked, sets = np.isin(problem.demand.item, items), np.isin(plan.limits.item, items)
    number = np.append(0, np.cumsum(sets) * sets)[plan.set]
    told = [summary for summary in plan.summary["items"] if summary["item"] in codes]
    return replace(
        plan,
        granted=np.where(asked, plan.granted, 0),
        limited_by=np.where(asked, plan.limited_by, 0).astype(np.int8),
        set=number.astype(np.int32),
        limits=kept(plan.limits, sets),
        shipments=kept(plan.shipments, asked[plan.shipments.demand_row]),
        flows=kept(plan.flows, np.isin(plan.flows.item, items)),
        prices=kept(plan.prices, np.isin(plan.prices.item, items)),
        items=ints(items),
        summary={
            **plan.summary,
            "complete": len(items) == len(problem.items),
            "items_missing": [code for code in problem.items.codes if code not in codes],
            "tonne_km": plain(sum((Decimal(summary["tonne_km"]) for summary in told), Decimal(0))),
            "items": told,
        },
    )


def kept(table: Any, rows: Bool) -> Any:
    """The table with these of its rows."""
    columns = {
        name: values[rows] if isinstance(values, np.ndarray) else [values[row] for row in np.flatnonzero(rows).tolist()]
        for name, values in vars(table).items()
    }
    return replace(table, **columns)
