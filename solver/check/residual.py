"""Residual network of one item's plan: where one pack can still go, one more along an arc or one back off it."""

from dataclasses import dataclass

import numpy as np

from solver.check.graph import Graph, Ints
from solver.check.shipped import Case


@dataclass(frozen=True)
class Residual:
    """Steps of one pack and their metres (less than 0 where it comes back); `stock` is the node all stock lies at."""

    graph: Graph
    metres: Ints
    stock: int


def residual_of(case: Case) -> Residual:
    """The network of the plan with the packs it sends taken off; stock left on offer leads to its depot."""
    arcs, offer, stock = case.arcs, case.offer.on_offer, case.model.nodes
    depots = case.model.divisions + np.arange(case.model.depots)
    room, carries = np.flatnonzero(case.carried < arcs.capacity), np.flatnonzero(case.carried > 0)
    left, ships = depots[case.sent < offer], depots[case.sent > 0]
    tail = np.concatenate((arcs.tail[room], arcs.head[carries], np.full(len(left), stock), ships))
    head = np.concatenate((arcs.head[room], arcs.tail[carries], left, np.full(len(ships), stock)))
    free = np.zeros(len(left) + len(ships), dtype=np.int64)
    metres = np.concatenate((arcs.metres[room], -arcs.metres[carries], free))
    return Residual(Graph(stock + 1, tail, head), metres, stock)
