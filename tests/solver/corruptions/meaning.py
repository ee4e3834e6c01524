"""Plans that can be carried out as they stand and are wrong all the same: by hand, with flows, lots and sums right."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import numpy as np

from tests.solver import handmade, oracle
from tests.solver.corruptions.example import Corrupted, Corruption, Example
from tests.solver.oracle import SOURCE, Arc, Asked, Pair, Residual

Granting = Callable[[Random, list[Asked], Residual], None]


def pack_moved(random: Random, requests: list[Asked], residual: Residual) -> None:
    """A pack is another request's, to which it could be shipped."""
    tried = residual.copy()
    oracle.grant(requests, tried)
    pairs = [(one, other) for one in requests for other in requests if one.granted and other.granted < other.wanted]
    random.shuffle(pairs)
    for giver, taker in pairs:
        if giver is not taker and oracle.helps(tried, (SOURCE, giver.place), taker.place):
            giver.granted, taker.granted = giver.granted - 1, taker.granted + 1
            break
    handmade.ship(requests, residual)


def pack_idle(random: Random, requests: list[Asked], residual: Residual) -> None:
    """A pack stays in stock that somebody could use."""
    oracle.grant(requests, residual.copy())
    some = [request for request in requests if request.granted]
    if some:
        random.choice(some).granted -= 1
    handmade.ship(requests, residual)


def mistaken(attribute: str, seen: Callable[[Any], Any], _: Random, requests: list[Asked], residual: Residual) -> None:
    """Something about all requests is taken for something else while they are granted."""
    kept = [getattr(request, attribute) for request in requests]
    for request in requests:
        setattr(request, attribute, seen(getattr(request, attribute)))
    oracle.grant(requests, residual.copy())
    for request, value in zip(requests, kept, strict=True):
        setattr(request, attribute, value)
    handmade.ship(requests, residual)


def unfair(granting: Granting, example: Example, random: Random) -> Corrupted:
    """A plan granted otherwise. A request that gets less than it should is to be named."""
    plan = handmade.plan_by_hand(example.tables, example.problem, partial(granting, random))
    fewer = np.flatnonzero(plan.granted < example.plan.granted).tolist()
    names = frozenset(f"request {example.problem.demand.ids[row]}" for row in fewer)
    return Corrupted(plan, names, true=plan.granted.tolist() == example.plan.granted.tolist())


def far(example: Example, random: Random) -> Corrupted:
    """Grants by the rule, over ways that are the shortest only to somebody who has all lengths wrong."""

    def drawn(arcs: dict[Pair, Arc]) -> dict[Pair, Arc]:
        return {pair: replace(arc, metres=random.choice((0, 1, 1000))) for pair, arc in arcs.items()}

    plan = handmade.plan_by_hand(example.tables, example.problem, lengths=drawn)
    items = zip(plan.summary["items"], example.plan.summary["items"], strict=True)
    farther = [one["item"] for one, least in items if one["pack_metres"] > least["pack_metres"]]
    return Corrupted(plan, frozenset(f"item {code}" for code in farther), true=not farther)


def later_lot(example: Example, random: Random) -> Corrupted | None:
    """A shipment, or some packs of it, out of a lot that should have gone later."""
    plan, choices = example.plan, lots_that_could_go(example)
    if not choices:
        return None
    row, lot, left = random.choice(choices)
    rows = handmade.shipment_counts(plan)
    request, depot, _, *way = key = list(rows)[row]
    size = int(example.problem.items.pack_size[example.problem.demand.item[request]])
    units = random.randint(1, min(left, rows[key]) // size) * size
    rows[key] -= units
    rows[request, depot, lot, *way] += units
    changed = replace(plan, shipments=handmade.shipments(example.problem, rows))
    return Corrupted(changed, frozenset({f"depot {example.problem.depots.codes[depot]}"}))


def lots_that_could_go(example: Example) -> list[tuple[int, int, int]]:
    """(row of shipments, another lot of its depot that has units left, how many)."""
    stock, rows = example.problem.stock, example.plan.shipments
    left = stock.quantity.copy()
    np.subtract.at(left, rows.stock_row, rows.quantity)
    pack = example.problem.items.pack_size[stock.item]
    fresh = np.flatnonzero((left >= pack) & (stock.expires_on > example.problem.as_of_day())).tolist()
    return [
        (row, lot, int(left[lot]))
        for row, taken in enumerate(rows.stock_row.tolist())
        for lot in fresh
        if lot != taken and (stock.depot[lot], stock.item[lot]) == (stock.depot[taken], stock.item[taken])
    ]


MEANINGS: dict[str, Corruption] = {
    "a pack moved": partial(unfair, pack_moved),
    "a pack left idle": partial(unfair, pack_idle),
    "ties broken the other way": partial(unfair, partial(mistaken, "row", lambda row: -row)),
    "weights forgotten": partial(unfair, partial(mistaken, "weight", lambda _: 1)),
    "classes forgotten": partial(unfair, partial(mistaken, "priority", lambda _: 1)),
    "a longer way": far,
    "a later lot": later_lot,
}
