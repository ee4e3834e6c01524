"""Why a request got less: what, had there been one more of it, would have let one more pack through (section 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from solver.network import AID, LINK, Network
from solver.packs import Offers, Requests, distinct
from solver.plan import LIMITS
from solver.problem import Bool, Int8, Int64
from solver.ways import Carried


@dataclass(frozen=True)
class Steps:
    """A directed graph in which reach is asked for often: where each node's steps lead, node after node."""

    first: Int64
    onward: Int64

    @classmethod
    def of(cls, tail: Int64, head: Int64, nodes: int) -> Steps:
        """The graph of these steps."""
        graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes)).tocsr()
        return cls(graph.indptr.astype(np.int64), graph.indices.astype(np.int64))

    def reached(self, seeds: Int64) -> Bool:
        """Nodes that can be reached from any of the seeds, seeds included."""
        found = np.zeros(len(self.first) - 1, dtype=np.bool_)
        front = distinct(seeds)
        while len(front):
            found[front] = True
            start, many = self.first[front], self.first[front + 1] - self.first[front]
            offset = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            nearby = self.onward[np.repeat(start, many) + offset]
            front = distinct(nearby[~found[nearby]])
        return found


def limited_by(
    network: Network, offers: Offers, carried: Carried, requests: Requests, granted: Int64, depots_from: int
) -> Int8:
    """Index into LIMITS for each request, 0 where it is filled. Depot d is node `depots_from + d`.

    One pack more at a place helps a request that the residual network can be walked to from there.
    """
    limits = np.zeros(len(requests), dtype=np.int8)
    short = np.flatnonzero(granted < requests.wanted)
    if not len(short):
        return limits
    arcs, flow = network.arcs, carried.flow
    room, back = flow < arcs.capacity, flow > 0
    residual = Steps.of(
        np.concatenate([arcs.tail[room], arcs.head[back]]),
        np.concatenate([arcs.head[room], arcs.tail[back]]),
        network.nodes,
    )
    left_over = depots_from + np.flatnonzero(offers.offered > carried.shipped[depots_from:])
    supplied = residual.reached(left_over)
    full = ~room & supplied[arcs.tail]
    helps = {
        "reserve-floor": depots_from + np.flatnonzero(offers.withheld),
        "closed": network.removed_head[supplied[network.removed_tail]],
        "mutual-aid": arcs.head[full & (arcs.kind == AID)],
        "link-capacity": arcs.head[full & (arcs.kind == LINK)],
    }
    reason = np.full(network.nodes, LIMITS.index("stock"), dtype=np.int8)
    stores = depots_from + np.flatnonzero(offers.held)
    if len(stores):
        reason[~Steps.of(arcs.tail, arcs.head, network.nodes).reached(stores)] = LIMITS.index("no-way")
    for name in reversed(helps):
        reason[residual.reached(helps[name])] = LIMITS.index(name)
    limits[short] = reason[requests.division[short]]
    return limits
