"""Rings of negative length: what a plan that is not the least transport would save by sending packs another way."""

import numpy as np

from solver.check.graph import Graph
from solver.check.rows import Ints


def negative_ring(graph: Graph, length: Ints) -> tuple[Ints, int]:
    """Nodes of a ring of negative length, in order, and that length; no nodes if there is none.

    Bellman-Ford from every node at once: arcs out of what has just come nearer are tried again until nothing
    comes nearer. The arcs by which nodes came nearest close a ring only where a ring is negative.
    """
    near = np.zeros(graph.size, dtype=np.int64)
    came = np.full(graph.size, -1, dtype=np.int64)
    nearer, rounds = np.arange(graph.size), 0
    while len(nearer):
        arcs = graph.leaving(nearer)
        reach = near[graph.tail[arcs]] + length[arcs]
        better = reach < near[graph.head[arcs]]
        arcs, reach = arcs[better], reach[better]
        order = np.lexsort((arcs, reach, graph.head[arcs]))
        nearer, first = np.unique(graph.head[arcs][order], return_index=True)
        near[nearer], came[nearer] = reach[order][first], arcs[order][first]
        rounds += 1
        # Looking for a ring costs as much as some rounds: look after 1, 2, 4, 8 ... of them.
        if rounds & (rounds - 1) == 0 and len(ring := _ring_of(graph, came)):
            return graph.tail[ring], int(length[ring].sum())
    return nearer, 0


def _ring_of(graph: Graph, came: Ints) -> Ints:
    """Arcs of a ring, in order, where each node is come to by the arc `came` (-1: by none); empty if none closes."""
    before = np.arange(graph.size)
    before[came >= 0] = graph.tail[came[came >= 0]]
    for _ in range(graph.size.bit_length()):
        before = before[before]
    on_ring = before[came[before] >= 0]
    if not len(on_ring):
        return on_ring
    start = node = int(on_ring[0])
    arcs: list[int] = []
    while not arcs or node != start:
        arcs.append(int(came[node]))
        node = int(graph.tail[arcs[-1]])
    return np.array(arcs[::-1], dtype=np.int64)
