"""Closed roads that lie between stock and those who ask: opened, one of them would let some of it through."""

from __future__ import annotations

import numpy as np

from solver.network import Ground
from solver.packs import offers_by_item
from solver.plan import LIMITS, Plan
from solver.problem import Bool, Int64, Tables
from solver.residual import Residual


def closed_between(ground: Ground, item: int, stored: Bool, asks: Int64) -> list[str]:
    """Names `A>B` of the closed arcs of an item that begin where goods of some depot can come, whatever the capacities,
    and end where one of the divisions that ask can be reached; `stored` by depot.
    """
    roads = ground.roads(item)
    arcs, nodes = roads.arcs, len(roads.inner)
    full, asking = np.zeros(nodes, dtype=np.bool_), np.zeros(nodes, dtype=np.bool_)
    stores = np.flatnonzero(roads.inner >= ground.divisions)
    full[stores] = stored[roads.inner[stores] - ground.divisions]
    asking[roads.gate[asks]] = True
    supplied = Residual.sorted(arcs.tail, arcs.head, arcs.metres, nodes).spread(full, np.logical_or)
    leads_there = Residual.sorted(arcs.head, arcs.tail, arcs.metres, nodes).spread(asking, np.logical_or)
    rows = np.flatnonzero(supplied[roads.removed_tail] & leads_there[roads.removed_head])
    ends = (roads.inner[side[rows]].tolist() for side in (roads.removed_tail, roads.removed_head))
    return sorted(f"{ground.codes[tail]}>{ground.codes[head]}" for tail, head in zip(*ends, strict=True))


def closed_ways(problem: Tables, plan: Plan) -> list[list[str]]:
    """The closed roads between stock and the requests of each set to which no way leads; none for other sets."""
    cut_off = np.flatnonzero(plan.limits.limited_by == LIMITS.index("no-way")).tolist()
    found: list[list[str]] = [[] for _ in range(len(plan.limits))]
    if cut_off:
        ground, offers = Ground(problem), offers_by_item(problem)
        for row in cut_off:
            asks, item = problem.demand.division[plan.set == row + 1], int(plan.limits.item[row])
            found[row] = closed_between(ground, item, offers[item].held > 0, asks)
    return found
