"""From where and over what: the flow of least pack-metres that ships the grants, its ways, and the lots they take.

Below a hub, nearest stock first is least transport wherever no depot is farther from its division than the arc above
that division is long; the core is one minimum-cost flow (docs/allocation-model.md, section 5).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from solver.hubs import Hubs
from solver.network import TICKS_PER_HOUR, Arcs, Network
from solver.packs import Offers, Requests, changes, in_order, sums_before, sums_by
from solver.plan import HOURS_DECIMALS
from solver.problem import Bool, Int64
from solver.transport import Priced, cheapest_flow

TICKS_PER_THOUSANDTH = TICKS_PER_HOUR // 10**HOURS_DECIMALS


@dataclass(frozen=True)
class Carried:
    """Packs over each arc of a network, and packs that leave each node's own shelves."""

    flow: Int64
    shipped: Int64


@dataclass(frozen=True)
class Deliveries:
    """Packs of one depot's stock that reach one request over ways of the same metres and thousandths of an hour.

    `request` is a position in the item's requests. Sorted by request, depot, lot (first expired first), metres, hours;
    no two rows are alike in all of these.
    """

    request: Int64
    depot: Int64
    stock_row: Int64
    packs: Int64
    metres: Int64
    hours_thousandths: Int64


def least_transport(network: Network, offered: Int64, needed: Int64) -> Carried:
    """Packs over each arc such that `needed` packs reach each node with the fewest pack-metres.

    `offered` and `needed` are packs per node; what is needed must be feasible. The flow carries no cycle.
    """
    arcs, hubs = network.arcs, network.roads.near_hubs
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
    shelf = np.flatnonzero((offered > 0) & (hubs.round_of[hubs.home] > 0))
    shelf = shelf[np.lexsort((shelf, hubs.home_metres[shelf], hubs.home[shelf]))]
    before = sums_before(hubs.home[shelf], offered[shelf])
    shipped[shelf] = np.clip(used[hubs.home[shelf]] - before, 0, offered[shelf])
    fills = shelf[hubs.home_arc[shelf] >= 0]
    flow[hubs.home_arc[fills]] = shipped[fills]
    return missing


def _use_core(arcs: Arcs, hubs: Hubs, offered: Int64, missing: Int64, flow: Int64, shipped: Int64) -> None:
    """Fill `flow` and `shipped` in the core: one minimum-cost flow from a source that feeds every shelf."""
    number, source = hubs.core_number, len(hubs.core)
    shelf = np.flatnonzero((offered > 0) & (number[hubs.home] >= 0))
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

    Requests stand at divisions; depot d is node `depots_from + d` of the problem.
    The earlier lots of a depot go to the higher classes, then to the earlier requests.
    """
    streams = _traced(network, carried, requests, granted)
    request, depot = streams.request, network.roads.inner[streams.source] - depots_from
    metres = streams.metres + network.roads.gate_metres[requests.place[request]]
    ticks = streams.ticks + network.roads.gate_ticks[requests.place[request]]
    depots = len(offers.offered)
    by_class = in_order(requests.priority[request].astype(np.int64), 8)
    order = by_class[in_order(depot[by_class], depots)]
    used = np.zeros(depots, dtype=np.int64)
    stores = network.roads.inner >= depots_from
    used[network.roads.inner[stores] - depots_from] = carried.shipped[stores]
    sent = np.clip(used[offers.depot] - sums_before(offers.depot, offers.packs), 0, offers.packs)
    way, lot, taken = _paired(streams.packs[order], sent)
    way = order[way]
    back = in_order(request[way], len(requests))
    way, lot, taken = way[back], lot[back], taken[back]
    thousandths = (ticks[way] + TICKS_PER_THOUSANDTH // 2) // TICKS_PER_THOUSANDTH
    keys = (request[way], depot[way], lot, metres[way], thousandths)
    first = changes(keys)
    return Deliveries(
        request=keys[0][first],
        depot=keys[1][first],
        stock_row=offers.stock_row[keys[2][first]],
        packs=np.add.reduceat(taken, first) if len(first) else taken,
        metres=keys[3][first],
        hours_thousandths=keys[4][first],
    )


@dataclass(frozen=True)
class Streams:
    """Packs on their way: where they came from, over how many metres and ticks, and which request they are for.

    On the way `request` holds the node they have come to.
    """

    request: Int64
    source: Int64
    metres: Int64
    ticks: Int64
    packs: Int64

    def where(self, kept: Bool | Int64) -> Streams:
        """The streams at these places, or those marked."""
        return Streams(*(getattr(self, column.name)[kept] for column in fields(self)))

    @classmethod
    def joined(cls, parts: list[Streams]) -> Streams:
        """All parts' streams, one after another."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))


def _traced(network: Network, carried: Carried, requests: Requests, granted: Int64) -> Streams:
    """Node by node, what comes in is dealt out; sorted by request, then by metres, ticks and source.

    What came the shorter way goes first to the higher classes, then to the earlier requests, then onward, node by node.
    """
    arcs, place = network.arcs, network.roads.gate[requests.place]
    carrying, asking = np.flatnonzero(carried.flow > 0), np.flatnonzero(granted > 0)
    carrying = carrying[in_order(arcs.head[carrying], network.nodes)]
    step = _steps(arcs.tail[carrying], arcs.head[carrying], network.nodes)
    # Nodes numbered in the order in which they are dealt with; outlets of a turn keep the order they stand in.
    last = int(step.max(initial=0))
    rank = np.empty(network.nodes, dtype=np.int64)
    rank[in_order(step, last + 1)] = np.arange(network.nodes)
    outlet = np.concatenate([asking, carrying])
    at = np.concatenate([place[asking], arcs.tail[carrying]])
    turn = np.concatenate([requests.priority[asking].astype(np.int64), np.full(len(carrying), 5)])
    leaves = np.concatenate([granted[asking], carried.flow[carrying]])
    order = in_order(rank[at] * 8 + turn, network.nodes * 8)
    bounds = np.append(0, np.cumsum(np.bincount(step[at], minlength=last + 1)))

    source = np.flatnonzero(carried.shipped > 0)
    none = np.zeros(len(source), dtype=np.int64)
    waiting, ends = Streams(source, source, none, none, carried.shipped[source]), []
    for number in range(last + 1):
        here = order[bounds[number] : bounds[number + 1]]
        now = step[waiting.request] == number
        arrived = _merged(waiting.where(now), rank)
        stream, way, dealt = _paired(arrived.packs, leaves[here])
        to = outlet[here[way]]
        stays = here[way] < len(asking)
        met = stream[stays]
        ends.append(Streams(to[stays], arrived.source[met], arrived.metres[met], arrived.ticks[met], dealt[stays]))
        arc, stream = to[~stays], stream[~stays]
        metres, ticks = arrived.metres[stream] + arcs.metres[arc], arrived.ticks[stream] + arcs.ticks[arc]
        onward = Streams(arcs.head[arc], arrived.source[stream], metres, ticks, dealt[~stays])
        waiting = Streams.joined([waiting.where(~now), onward])
    found = Streams.joined(ends)
    # A request is dealt with at one node, at which its streams came sorted.
    return found.where(in_order(found.request, len(requests)))


def _merged(streams: Streams, rank: Int64) -> Streams:
    """Streams by rank of their node, metres, ticks and source; those alike in all of these made one."""
    streams = streams.where(np.lexsort((streams.source, streams.ticks, streams.metres, rank[streams.request])))
    if not len(streams.packs):
        return streams
    first = changes((streams.request, streams.metres, streams.ticks, streams.source))
    one = streams.where(first)
    return replace(one, packs=np.add.reduceat(streams.packs, first))


def _steps(tail: Int64, head: Int64, nodes: int) -> Int64:
    """Length, in arcs, of the longest way to each node: a node is dealt with after all that feed it."""
    step = np.zeros(nodes, dtype=np.int64)
    while True:
        later = step.copy()
        np.maximum.at(later, head, step[tail] + 1)
        if np.array_equal(later, step):
            return step
        step = later


def _paired(gives: Int64, takes: Int64) -> tuple[Int64, Int64, Int64]:
    """Deal two lists of packs of one total against each other in order: giver, taker and packs of each dealing."""
    ends = np.concatenate([np.cumsum(gives), np.cumsum(takes)])
    order = np.argsort(ends, kind="stable")
    ends, gave = ends[order], order < len(gives)
    packs = np.diff(ends, prepend=0)
    dealt = np.flatnonzero(packs)
    # Whose packs had ended before this dealing began is done with.
    givers_done: Int64 = np.cumsum(gave) - gave
    return givers_done[dealt], (np.arange(len(ends)) - givers_done)[dealt], packs[dealt]
