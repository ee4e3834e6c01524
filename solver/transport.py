"""Least transport over a core: minimum-cost flow by the engine, or in Python integers beyond its range."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from solver.grants import EngineFailed
from solver.problem import Int64

_ENGINE_MAX = 2**61
"""The engine scales costs by its nodes and sums capacities at a node; both must stay well inside int64."""


@dataclass(frozen=True)
class Priced:
    """Arcs with capacities in packs and lengths in metres."""

    tail: Int64
    head: Int64
    capacity: Int64
    metres: Int64


def cheapest_flow(arcs: Priced, nodes: int, source: int, needed: Int64) -> Int64:
    """Packs over each arc that bring `needed` packs to each node from `source` with the fewest pack-metres.

    Needs are feasible by construction. The flow carries no cycle, not even one without length.
    """
    total = int(needed.sum())
    capacity = np.minimum(arcs.capacity, total)
    degree = int(max(np.bincount(arcs.tail).max(initial=0), np.bincount(arcs.head).max(initial=0)))
    longest = int(arcs.metres.max(initial=0))
    fits = total * (degree + 1) < _ENGINE_MAX and (longest + 1) * (nodes + 1) ** 2 < _ENGINE_MAX
    solve = _engine_flow if fits else _wide_flow
    flow = solve(Priced(arcs.tail, arcs.head, capacity, arcs.metres), nodes, source, needed)
    return _without_cycles(arcs, nodes, flow)


def _engine_flow(arcs: Priced, nodes: int, source: int, needed: Int64) -> Int64:
    engine = SimpleMinCostFlow()
    places = engine.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, arcs.capacity, arcs.metres)
    supplies = -needed
    supplies[source] += needed.sum()
    engine.set_nodes_supplies(np.arange(nodes), supplies)
    status = engine.solve()
    if status != engine.OPTIMAL:
        raise EngineFailed(f"minimum-cost flow: {status}")
    return np.array(engine.flows(places), dtype=np.int64)


def _wide_flow(arcs: Priced, nodes: int, source: int, needed: Int64) -> Int64:
    """Successive shortest ways, each filled as far as it goes, in integers of any size."""
    graph = _Residual(arcs, nodes)
    missing = needed.tolist()
    while any(missing):
        target, way = graph.shortest_way(source, missing)
        packs = min(missing[target], *(graph.room[step] for step in way))
        missing[target] -= packs
        for step in way:
            graph.room[step] -= packs
            graph.room[step ^ 1] += packs
    return np.array(graph.room[1::2], dtype=np.int64)


class _Residual:
    """What room is left on each arc (step 2k) and what could be sent back (step 2k + 1)."""

    def __init__(self, arcs: Priced, nodes: int) -> None:
        self.room: list[int] = []
        self._end: list[int] = []
        self._metres: list[int] = []
        self._steps: list[list[int]] = [[] for _ in range(nodes)]
        self._price = [0] * nodes
        columns = (arcs.tail.tolist(), arcs.head.tolist(), arcs.capacity.tolist(), arcs.metres.tolist())
        for tail, head, capacity, metres in zip(*columns, strict=True):
            for start, end, room, length in ((tail, head, capacity, metres), (head, tail, 0, -metres)):
                self._steps[start].append(len(self.room))
                self.room.append(room)
                self._end.append(end)
                self._metres.append(length)

    def shortest_way(self, source: int, missing: list[int]) -> tuple[int, list[int]]:
        """The nearest node that misses packs and the steps to it, by Dijkstra over reduced lengths."""
        price, inlet, done = self._price, {source: -1}, dict[int, int]()
        queue = [(0, source, -1)]
        while queue:
            metres, node, step = heappop(queue)
            if node in done:
                continue
            done[node], inlet[node] = metres, step
            if missing[node]:
                break
            for onward in self._steps[node]:
                end = self._end[onward]
                if self.room[onward] and end not in done:
                    reduced = self._metres[onward] + price[node] - price[end]
                    heappush(queue, (metres + reduced, end, onward))
        for reached, distance in done.items():
            price[reached] += distance - metres
        way, at = [], node
        while at != source:
            way.append(inlet[at])
            at = self._end[inlet[at] ^ 1]
        return node, way


def _without_cycles(arcs: Priced, nodes: int, flow: Int64) -> Int64:
    """The same packs to the same nodes, with nothing sent in a circle: least flow leaves only circles of no length."""
    while True:
        inside = _leading_on(arcs, nodes, np.flatnonzero(flow > 0))
        if not len(inside):
            return flow
        onward = dict(zip(arcs.tail[inside].tolist(), inside.tolist(), strict=True))
        circle: dict[int, int] = {}
        node = int(arcs.tail[inside[0]])
        while node not in circle:
            circle[node] = onward[node]
            node = int(arcs.head[onward[node]])
        steps = list(circle.values())[list(circle).index(node) :]
        flow[steps] -= flow[steps].min()


def _leading_on(arcs: Priced, nodes: int, some: Int64) -> Int64:
    """Those of the arcs that others of them lead to and on from, to the last: none where nothing goes in a circle."""
    while True:
        tail, head = arcs.tail[some], arcs.head[some]
        comes, goes = np.bincount(head, minlength=nodes) > 0, np.bincount(tail, minlength=nodes) > 0
        kept = comes[tail] & goes[head]
        if kept.all():
            return some
        some = some[kept]
