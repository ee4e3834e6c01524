"""Who gets how much: exact leximin in whole packs, class by class (docs/allocation-model.md, section 4).

The rule is the greedy one of a polymatroid: pack after pack in the order of `ranking`, each granted if it can
still be shipped. Hubs settle what lies below them. The core is split by minimum cuts: the first K packs of a piece
of network are tried as if nothing stood in the way; where they cannot all be shipped, the cut parts the places that
are short, which get at most these packs and all that the cut lets in, from the others, which get at least theirs and
owe what crosses the cut.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ortools.graph.python.max_flow import SimpleMaxFlow

from solver.hubs import Hubs
from solver.network import Arcs, Network
from solver.packs import Requests, connected, sums_by
from solver.problem import Bool, Int64
from solver.ranking import Ranking

_FLOW_MAX = 2**62
"""Most packs one maximum flow may ship: half of what the engine counts in."""


class EngineFailed(RuntimeError):
    """OR-Tools did not solve a flow that always has an answer."""


def grant(network: Network, packs: Int64, requests: Requests, place: Int64) -> Int64:
    """Packs granted to each request, given the packs on offer at each node and the node where each request stands."""
    hubs, arcs = network.roads.hubs, network.arcs
    ranking = Ranking.of(requests)
    stock = sums_by(hubs.home, packs, network.nodes)
    granted, node = _settle_hubs(arcs, hubs, stock, requests.wanted, place, ranking)
    rows = np.flatnonzero((granted < requests.wanted) & (hubs.core_number[node] >= 0))
    inner = arcs.where(hubs.core_arcs)
    inner = replace(inner, tail=hubs.core_number[inner.tail], head=hubs.core_number[inner.head])
    low, high = granted[rows], requests.wanted[rows]
    granted[rows] = grant_core(inner, stock[hubs.core], ranking, rows, hubs.core_number[node[rows]], low, high)
    return granted


def _settle_hubs(
    arcs: Arcs, hubs: Hubs, stock: Int64, wanted: Int64, place: Int64, ranking: Ranking
) -> tuple[Int64, Int64]:
    """From the bottom up, a hub's packs go to the first packs asked for below it that nobody took.

    Returns the packs granted so far, and the node at which each request stands for the rest.
    """
    here, beyond = np.arange(len(stock)), np.arange(len(stock))
    for settled in reversed(hubs.rounds):
        fed = settled[hubs.inlet[settled] >= 0]
        beyond[fed] = here[arcs.tail[hubs.inlet[fed]]]
        # A hub without packs is passed by: those below it ask at the next one that has some.
        here[settled] = np.where(stock[settled] > 0, settled, beyond[settled])
    granted = np.zeros(len(wanted), dtype=np.int64)
    node = here[place]
    for number in range(1, len(hubs.rounds) + 1):
        round_of = hubs.round_of[node]
        rows = np.flatnonzero((round_of == number) & (stock[node] > 0) & (granted < wanted))
        if len(rows):
            asks = np.zeros(len(stock), dtype=np.bool_)
            asks[node[rows]] = True
            hub, number_of = np.flatnonzero(asks), np.cumsum(asks) - 1
            granted[rows] = ranking.take_first(rows, number_of[node[rows]], granted[rows], wanted[rows], stock[hub])
        passed = round_of == number
        node[passed] = beyond[node[passed]]
    return granted, node


def grant_core(arcs: Arcs, supply: Int64, ranking: Ranking, rows: Int64, node: Int64, low: Int64, high: Int64) -> Int64:
    """How far each of the rows comes, from `low` packs at least up to `high`, over any arcs.

    `rows` are request numbers, ascending; `node` is where each asks; `supply` is packs on offer at each node.
    """
    reached = low.copy()
    supply, due = supply.copy(), np.zeros(len(supply), dtype=np.int64)
    # Requests still to be settled: their places in `rows`, and all that is known of each.
    some = np.flatnonzero(high > low)
    rows, at, low, high = rows[some], node[some], low[some], high[some]
    while len(some):
        piece, pieces = connected(arcs.tail, arcs.head, len(supply))
        room = sums_by(piece, supply - due, pieces)
        tried = ranking.take_first(rows, piece[at], low, high, room)
        more = sums_by(at, tried - low, len(supply))
        unmet, source_side = _ship(arcs, supply, due + more, piece)
        short = np.zeros(pieces, dtype=np.bool_)
        short[piece[unmet]] = True

        # In a piece that is short, what can be supplied gets what it tried for at least, the other side at most.
        rises, split = source_side[at], short[piece[at]]
        reached[some] = low = np.where(rises | ~split, tried, low)
        high = np.where(rises, high, tried)
        due += np.where(source_side, more, 0)
        crosses = source_side[arcs.tail] != source_side[arcs.head]
        cut = np.flatnonzero(crosses & source_side[arcs.tail] & short[piece[arcs.tail]])
        np.add.at(due, arcs.tail[cut], arcs.capacity[cut])
        np.add.at(supply, arcs.head[cut], arcs.capacity[cut])
        kept = np.flatnonzero(split & (high > low))
        some, rows, at, low, high = some[kept], rows[kept], at[kept], low[kept], high[kept]
        asks = np.zeros(pieces, dtype=np.bool_)
        asks[piece[at]] = True
        supply, due = supply * asks[piece], due * asks[piece]
        arcs = arcs.where(np.flatnonzero(~crosses & asks[piece[arcs.tail]]))
    return reached


def _ship(arcs: Arcs, supply: Int64, want: Int64, piece: Int64) -> tuple[Bool, Bool]:
    """Ship as much as can be: which nodes stay short of what they want, and the source side of a minimum cut."""
    if supply.astype(np.float64).sum() < _FLOW_MAX:
        return _ship_at_once(arcs, supply, want)
    # Packs that cross a cut count on both sides of it: only piece by piece is the sum sure to stay in range.
    unmet, source_side = np.zeros(len(supply), dtype=np.bool_), np.zeros(len(supply), dtype=np.bool_)
    for number in np.unique(piece[want > 0]).tolist():
        inside = piece == number
        some = _ship_at_once(
            arcs.where(np.flatnonzero(inside[arcs.tail])), np.where(inside, supply, 0), np.where(inside, want, 0)
        )
        unmet |= some[0]
        source_side |= some[1] & inside
    return unmet, source_side


def _ship_at_once(arcs: Arcs, supply: Int64, want: Int64) -> tuple[Bool, Bool]:
    source, sink = len(supply), len(supply) + 1
    gives, takes = np.flatnonzero(supply > 0), np.flatnonzero(want > 0)
    unmet, source_side = want > 0, np.zeros(len(supply), dtype=np.bool_)
    if not len(gives) or not len(takes):
        return unmet, source_side
    flow = SimpleMaxFlow()
    flow.add_arcs_with_capacity(np.full(len(gives), source), gives, supply[gives])
    arrives = flow.add_arcs_with_capacity(takes, np.full(len(takes), sink), want[takes])
    flow.add_arcs_with_capacity(arcs.tail, arcs.head, arcs.capacity)
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise EngineFailed(f"maximum flow: {status}")
    unmet[takes] = flow.flows(arrives) < want[takes]
    cut = np.array(flow.get_source_side_min_cut(), dtype=np.int64)
    source_side[cut[cut < len(supply)]] = True
    return unmet, source_side
