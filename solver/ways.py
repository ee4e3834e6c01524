"""From where and over what: the flow of least pack-metres that ships the grants, its ways, and the lots they take.

Below a hub, nearest stock first is least transport wherever no depot is farther from its division than the arc above
that division is long; the core is one minimum-cost flow (docs/allocation-model.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.hubs import Hubs, find_hubs
from solver.network import Arcs, Network
from solver.packs import Offers, Requests, distinct, sums_before, sums_by
from solver.problem import Int64
from solver.transport import Priced, cheapest_flow


@dataclass(frozen=True)
class Carried:
    """Packs over each arc of a network, and packs that leave each node's own shelves."""

    flow: Int64
    shipped: Int64


@dataclass(frozen=True)
class Deliveries:
    """Packs of one depot's stock that reach one request over ways of the same metres and ticks.

    `request` is a position in the item's requests, `lot` a position in its offers; sorted by depot.
    """

    request: Int64
    depot: Int64
    lot: Int64
    packs: Int64
    metres: Int64
    ticks: Int64


def least_transport(network: Network, offered: Int64, needed: Int64) -> Carried:
    """Packs over each arc such that `needed` packs reach each node with the fewest pack-metres.

    `offered` and `needed` are packs per node; what is needed must be feasible. The flow carries no cycle.
    """
    arcs = network.arcs
    hubs = find_hubs(network, offered, nearest_first=True)
    flow = np.zeros(len(arcs), dtype=np.int64)
    shipped = np.zeros(network.nodes, dtype=np.int64)
    missing = _use_hubs(arcs, hubs, offered, needed, flow, shipped)
    if missing.any():
        _use_core(arcs, hubs, offered, missing, flow, shipped)
    return Carried(flow, shipped)


def _use_hubs(arcs: Arcs, hubs: Hubs, offered: Int64, needed: Int64, flow: Int64, shipped: Int64) -> Int64:
    """Fill `flow` and `shipped` below the core, nearest shelf first. Returns what the core still has to bring."""
    missing = needed.copy()
    stock = sums_by(hubs.home, offered, len(offered))
    used = np.zeros(len(offered), dtype=np.int64)
    for settled in hubs.rounds:
        used[settled] = np.minimum(stock[settled], missing[settled])
        missing[settled] -= used[settled]
        fed = settled[hubs.inlet[settled] >= 0]
        flow[hubs.inlet[fed]] = missing[fed]
        np.add.at(missing, arcs.tail[hubs.inlet[fed]], missing[fed])
        missing[settled] = 0
    shelf = np.flatnonzero((offered > 0) & ~hubs.core[hubs.home])
    shelf = shelf[np.lexsort((shelf, hubs.home_metres[shelf], hubs.home[shelf]))]
    before = sums_before(hubs.home[shelf], offered[shelf])
    shipped[shelf] = np.clip(used[hubs.home[shelf]] - before, 0, offered[shelf])
    fills = shelf[hubs.home_arc[shelf] >= 0]
    flow[hubs.home_arc[fills]] = shipped[fills]
    return missing


def _use_core(arcs: Arcs, hubs: Hubs, offered: Int64, missing: Int64, flow: Int64, shipped: Int64) -> None:
    """Fill `flow` and `shipped` in the core: one minimum-cost flow from a source that feeds every shelf."""
    number = np.cumsum(hubs.core) - 1
    source = int(number[-1]) + 1
    shelf = np.flatnonzero((offered > 0) & hubs.core[hubs.home])
    home_arc = hubs.home_arc[shelf]
    inner = hubs.core_arcs
    priced = Priced(
        tail=np.concatenate([np.full(len(shelf), source), number[arcs.tail[inner]]]),
        head=np.concatenate([number[hubs.home[shelf]], number[arcs.head[inner]]]),
        capacity=np.concatenate([offered[shelf], arcs.capacity[inner]]),
        metres=np.concatenate([hubs.home_metres[shelf], arcs.metres[inner]]),
    )
    carried = cheapest_flow(priced, source + 1, source, np.append(missing[hubs.core], 0))
    shipped[shelf] = carried[: len(shelf)]
    flow[inner] = carried[len(shelf) :]
    fills = home_arc >= 0
    flow[home_arc[fills]] = shipped[shelf[fills]]


def deliveries(
    network: Network, carried: Carried, offers: Offers, requests: Requests, granted: Int64, depots_from: int
) -> Deliveries:
    """Split the flow into ways, and give their packs out of each depot's lots, first expired first.

    Depot d is node `depots_from + d`.
    The earlier lots of a depot go to the higher classes, then to the earlier requests.
    """
    keys, packs = _traced(network, carried, requests, granted)
    request, depot, metres, ticks = keys
    depot -= depots_from
    order = np.lexsort((ticks, metres, request, requests.priority[request], depot))
    used = np.clip(
        carried.shipped[depots_from + offers.depot] - sums_before(offers.depot, offers.packs), 0, offers.packs
    )
    way, lot, taken = _paired(packs[order], used)
    way = order[way]
    return Deliveries(request[way], depot[way], lot, taken, metres[way], ticks[way])


def _traced(network: Network, carried: Carried, requests: Requests, granted: Int64) -> tuple[list[Int64], Int64]:
    """Columns request, depot, metres, ticks and the packs of each: node by node, what comes in is dealt out.

    What came the shorter way goes first to the higher classes, then to the earlier requests, then onward.
    """
    arcs = network.arcs
    carrying, asking = np.flatnonzero(carried.flow > 0), np.flatnonzero(granted > 0)
    step = _steps(arcs.tail[carrying], arcs.head[carrying], network.nodes)
    outlet = np.concatenate([asking, carrying])
    place = np.concatenate([requests.division[asking], arcs.tail[carrying]])
    onward = np.arange(len(outlet)) >= len(asking)
    turn = np.concatenate([requests.priority[asking].astype(np.int64), np.full(len(carrying), 5)])
    leaves = np.concatenate([granted[asking], carried.flow[carrying]])
    # Nodes numbered in the order in which they are dealt with; outlets of a turn keep the order they stand in.
    rank = np.empty(network.nodes, dtype=np.int64)
    rank[np.argsort(step, kind="stable")] = np.arange(network.nodes)
    order = np.argsort(rank[place] * 8 + turn, kind="stable")
    bounds = np.searchsorted(step[place][order], np.arange(int(step.max(initial=0)) + 2))

    source = np.flatnonzero(carried.shipped > 0)
    none = np.zeros(len(source), dtype=np.int64)
    waiting = [(np.stack([source, none, none, source]), carried.shipped[source])]
    ends = []
    for number in range(len(bounds) - 1):
        here = order[bounds[number] : bounds[number + 1]]
        streams, packs = (np.concatenate(parts, axis=-1) for parts in zip(*waiting, strict=True))
        now = step[streams[0]] == number
        (_, metres, ticks, depot), arrived = merged(streams[:, now], packs[now])
        stream, way, dealt = _paired(arrived, leaves[here])
        to = outlet[here[way]]
        goes = onward[here[way]]
        ends.append((np.stack([to, depot[stream], metres[stream], ticks[stream]])[:, ~goes], dealt[~goes]))
        arc, stream = to[goes], stream[goes]
        further = (arcs.head[arc], metres[stream] + arcs.metres[arc], ticks[stream] + arcs.ticks[arc])
        waiting = [(streams[:, ~now], packs[~now]), (np.stack([*further, depot[stream]]), dealt[goes])]
    found, packs = (np.concatenate(parts, axis=-1) for parts in zip(*ends, strict=True))
    return list(found), packs


def _steps(tail: Int64, head: Int64, nodes: int) -> Int64:
    """Length, in arcs, of the longest way to each node: a node is dealt with after all that feed it."""
    step = np.zeros(nodes, dtype=np.int64)
    while True:
        later = step.copy()
        np.maximum.at(later, head, step[tail] + 1)
        if np.array_equal(later, step):
            return step
        step = later


def merged(keys: Int64, packs: Int64) -> tuple[Int64, Int64]:
    """Columns sorted by their rows of keys, the first row first; equal columns made one, their packs added up."""
    order = np.lexsort(keys[::-1])
    keys, packs = keys[:, order], packs[order]
    if not len(packs):
        return keys, packs
    first = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
    return keys[:, first], np.add.reduceat(packs, first)


def _paired(gives: Int64, takes: Int64) -> tuple[Int64, Int64, Int64]:
    """Deal two lists of packs of one total against each other in order: giver, taker and packs of each dealing."""
    given, taken = np.cumsum(gives), np.cumsum(takes)
    ends = distinct(np.concatenate([given, taken]))
    ends = ends[ends > 0]
    starts = np.append(0, ends[:-1]) if len(ends) else ends
    return np.searchsorted(given, starts, "right"), np.searchsorted(taken, starts, "right"), ends - starts
