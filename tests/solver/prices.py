"""Prices that prove least transport, done by hand: Bellman-Ford over the residual network of a plan's flows."""

from tests.solver import oracle
from tests.solver.oracle import SOURCE, Node, Pair
from tests.solver.reasons import Item

Step = tuple[Node, Node, int]


def prices(item: Item, carried: dict[Pair, int]) -> dict[Node, int]:
    """A price in metres for each node; they prove nothing where transport is not the least."""
    places = [row["code"] for row in [*item.tables.divisions, *item.tables.depots]]
    far = dict.fromkeys([SOURCE, *places], 0)
    steps = [*arc_steps(item, carried), *stock_steps(item, carried)]
    for _ in range(len(far)):
        for tail, head, metres in steps:
            far[head] = min(far[head], far[tail] + metres)
    return {place: far[place] - far[SOURCE] for place in places}


def arc_steps(item: Item, carried: dict[Pair, int]) -> list[Step]:
    """One pack more along each arc with room, one back off each that carries."""
    steps = []
    for (tail, head), arc in item.arcs.items():
        packs = carried.get((tail, head), 0)
        if arc.capacity is None or packs < arc.capacity:
            steps.append((tail, head, arc.metres))
        if packs:
            steps.append((head, tail, -arc.metres))
    return steps


def stock_steps(item: Item, carried: dict[Pair, int]) -> list[Step]:
    """To each depot that has packs left on offer, and back from each that ships."""
    steps = []
    for code in (row["code"] for row in item.tables.depots):
        sent = own_packs(code, carried)
        if sent < oracle.on_offer(item.tables, code, item.code):
            steps.append((SOURCE, code, 0))
        if sent:
            steps.append((code, SOURCE, 0))
    return steps


def own_packs(depot: Node, carried: dict[Pair, int]) -> int:
    """Packs that leave a depot and did not come to it."""
    return sum(packs * ((tail == depot) - (head == depot)) for (tail, head), packs in carried.items())


def written(item: Item, price: dict[Node, int]) -> dict[Node, int]:
    """The prices that need a row: those that are not the parent's and the way from it."""
    by_rule = {
        row["code"]: price[row["parent_code"]] + oracle.road_metres(item.tables, row)
        for row in item.tables.divisions
        if row["parent_code"]
    }
    return {node: metres for node, metres in price.items() if by_rule.get(node) != metres}


def prove(item: Item, carried: dict[Pair, int], rows: dict[Node, int]) -> bool:
    """Whether these rows, no more than are needed, give prices that prove least transport."""
    price = {SOURCE: 0, **rows}
    waiting = [row for row in item.tables.divisions if row["code"] not in rows]
    while waiting:
        ready = [row for row in waiting if row["parent_code"] in price]
        if not ready:
            return False
        for row in ready:
            price[row["code"]] = price[row["parent_code"]] + oracle.road_metres(item.tables, row)
        waiting = [row for row in waiting if row["code"] not in price]
    if any(row["code"] not in rows for row in item.tables.depots) or not rows.items() <= written(item, price).items():
        return False
    steps = [*arc_steps(item, carried), *stock_steps(item, carried)]
    return all(price[head] <= price[tail] + metres for tail, head, metres in steps)
