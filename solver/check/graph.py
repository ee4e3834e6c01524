"""Directed graphs as arrays: what reaches what."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.check.components import searched, there_and_back
from solver.check.rows import Ints, lined_up


@dataclass(frozen=True)
class Layer:
    """Steps from components all of whose givers are known to others: `tail` by head, `first` of each of `heads`."""

    tail: Ints
    first: Ints
    heads: Ints


@dataclass(frozen=True)
class Graph:
    """Arcs `tail[a] -> head[a]` between nodes 0..size-1."""

    size: int
    tail: Ints
    head: Ints

    @cached_property
    def first(self) -> Ints:
        """first[n]..first[n+1] are the places in `by_tail` of the arcs that leave node n."""
        return np.append(0, np.cumsum(np.bincount(self.tail, minlength=self.size)))

    @cached_property
    def by_tail(self) -> Ints:
        return lined_up(self.tail)

    def leaving(self, nodes: Ints) -> Ints:
        """Arcs that leave any of `nodes`, node by node."""
        counts = self.first[nodes + 1] - self.first[nodes]
        skipped = np.repeat(self.first[nodes] - np.cumsum(counts) + counts, counts)
        return self.by_tail[skipped + np.arange(len(skipped))]

    @cached_property
    def components(self) -> tuple[int, Ints]:
        """How many strongly connected components there are, and the component of each node."""
        label, between = self._condensed
        return between.size, label

    @property
    def layers(self) -> list[Layer]:
        """Arcs between components, in layers: what enters a component comes before what leaves it."""
        return self._condensed[1].peeled[0]

    @cached_property
    def _condensed(self) -> "tuple[Ints, Graph]":
        """The component of each node, and the graph of components."""
        if not self.peeled[1].any():
            return np.arange(self.size), self
        count, group = there_and_back(self.tail, self.head, self.size)
        between = self._between(count, group)
        rest = between.on_rings
        if not len(rest):
            return group, between
        number = np.full(count, -1)
        number[rest] = np.arange(len(rest))
        tail, head = number[between.tail], number[between.head]
        inside = np.flatnonzero((tail >= 0) & (head >= 0))
        rings, ring = searched(tail[inside], head[inside], len(rest))
        apart = np.flatnonzero(number < 0)
        number[rest], number[apart] = ring, rings + np.arange(len(apart))
        return number[group], self._between(rings + len(apart), number[group])

    def _between(self, count: int, group: Ints) -> "Graph":
        """The graph of groups of nodes."""
        tail, head = group[self.tail], group[self.head]
        apart = np.flatnonzero(tail != head)
        return Graph(count, tail[apart], head[apart])

    @property
    def on_rings(self) -> Ints:
        """Nodes that lie on a ring, or on a way from one to another."""
        ahead = self.peeled[1] > 0
        return np.flatnonzero(ahead & (Graph(self.size, self.head, self.tail).peeled[1] > 0) if ahead.any() else ahead)

    @cached_property
    def peeled(self) -> tuple[list[Layer], Ints]:
        """Arcs in layers, each from nodes that all arcs into are in layers before; how many are left into each node."""
        waiting, layers = np.bincount(self.head, minlength=self.size), []
        ready = np.flatnonzero(waiting == 0)
        while len(arcs := self.leaving(ready)):
            arcs = arcs[lined_up(self.head[arcs])]
            first = np.flatnonzero(np.diff(self.head[arcs], prepend=-1))
            heads = self.head[arcs[first]]
            layers.append(Layer(self.tail[arcs], first, heads))
            waiting[heads] -= np.diff(first, append=len(arcs))
            ready = heads[waiting[heads] == 0]
        return layers, waiting

    def spread(self, values: Ints, join: np.ufunc) -> Ints:
        """At each node (axis 0) `values` joined over all nodes that reach it, itself among them.

        `join` is np.maximum or np.bitwise_or. Values are not negative; 0 adds nothing.
        """
        count, label = self.components
        joined = np.zeros((count, *values.shape[1:]), dtype=np.int64)
        some = np.flatnonzero(values if values.ndim == 1 else values.any(axis=1))
        join.at(joined, label[some], values[some])
        for layer in self.layers:
            arrived = join.reduceat(joined[layer.tail], layer.first, axis=0)
            joined[layer.heads] = join(joined[layer.heads], arrived)
        return joined[label]

    def on_cycle(self) -> Ints:
        """Nodes that some way leads back to."""
        if not len(self.on_rings):
            return self.on_rings
        count, label = self.components
        looped = np.bincount(label, minlength=count)[label] > 1
        looped[self.tail[self.tail == self.head]] = True
        return np.flatnonzero(looped)
