"""Residual network of one item's plan: where one pack can still go, one more along an arc or one back off it."""

from dataclasses import dataclass

import numpy as np

from solver.check.case import Case
from solver.check.graph import Graph
from solver.check.rows import Ints


@dataclass(frozen=True)
class Residual:
    """Steps of one pack between inner nodes and the node all stock lies at, `stock`, and their metres.

    Metres are less than 0 where a pack comes back.
    """

    graph: Graph
    metres: Ints
    stock: int


def residual_of(case: Case) -> Residual:
    """The network of the plan with the packs it sends taken off; stock left on offer leads to its depot."""
    arcs, stock, depots = case.question.arcs, len(case.model.inner), case.model.depot_nodes()
    room, carries = np.flatnonzero(case.carried < case.question.capacity), np.flatnonzero(case.carried > 0)
    left, ships = depots[case.sent < case.question.offer.on_offer], depots[case.sent > 0]
    tail = np.concatenate((arcs.tail[room], arcs.head[carries], np.full(len(left), stock), ships))
    head = np.concatenate((arcs.head[room], arcs.tail[carries], left, np.full(len(ships), stock)))
    free = np.zeros(len(left) + len(ships), dtype=np.int64)
    metres = np.concatenate((arcs.metres[room], -arcs.metres[carries], free))
    return Residual(Graph(stock + 1, tail, head), metres, stock)
