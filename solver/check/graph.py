"""Directed graphs as arrays: what reaches what, and whether a way round has negative length."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """Arcs `tail[a] -> head[a]` between nodes 0..size-1."""

    size: int
    tail: Ints
    head: Ints

    @cached_property
    def first(self) -> Ints:
        """first[n]..first[n+1] are the places in `by_tail` of the arcs that leave node n."""
        return np.searchsorted(self.tail[self.by_tail], np.arange(self.size + 1)).astype(np.int64)

    @cached_property
    def by_tail(self) -> Ints:
        return np.argsort(self.tail, kind="stable").astype(np.int64)

    def leaving(self, nodes: Ints) -> Ints:
        """Arcs that leave any of `nodes`."""
        counts = self.first[nodes + 1] - self.first[nodes]
        skipped = np.repeat(self.first[nodes] - np.cumsum(counts) + counts, counts)
        return self.by_tail[skipped + np.arange(len(skipped))]

    @cached_property
    def components(self) -> tuple[int, Ints]:
        """How many strongly connected components there are, and the component of each node."""
        arcs = csr_array((np.ones(len(self.tail), dtype=np.int8), (self.tail, self.head)), (self.size, self.size))
        count, label = connected_components(arcs, directed=True, connection="strong")
        return int(count), label.astype(np.int64)

    @cached_property
    def layers(self) -> list[tuple[Ints, Ints]]:
        """Arcs between components, in layers: what enters a component comes before what leaves it."""
        count, label = self.components
        tail, head = label[self.tail], label[self.head]
        between = Graph(count, tail[tail != head], head[tail != head])
        waiting = np.bincount(between.head, minlength=count)
        ready, layers = np.flatnonzero(waiting == 0), []
        while len(ready):
            arcs = between.leaving(ready)
            heads = between.head[arcs]
            layers.append((between.tail[arcs], heads))
            np.subtract.at(waiting, heads, 1)
            ready = np.unique(heads[waiting[heads] == 0])
        return layers

    def spread(self, values: Ints, join: Callable[..., object]) -> Ints:
        """At each node `values` joined over all nodes that reach it, itself among them.

        `join` is np.maximum or np.bitwise_or, or np.add in a forest, where no two ways join the same nodes.
        Values are one per node and not negative; 0 adds nothing.
        """
        count, label = self.components
        joined = np.zeros(count, dtype=np.int64)
        at = join.at  # type: ignore[attr-defined]  # a ufunc, typed here by how it is called
        at(joined, label, values)
        for tail, head in self.layers:
            at(joined, head, joined[tail])
        return joined[label]

    def on_cycle(self) -> Ints:
        """Nodes that some way leads back to."""
        count, label = self.components
        looped = np.bincount(label, minlength=count)[label] > 1
        looped[self.tail[self.tail == self.head]] = True
        return np.flatnonzero(looped)


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
