"""One item of one piece: grants first, then ways, then what proves and explains them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from solver.grants import grant
from solver.limits import ItemLimits, find_limits
from solver.network import Ground, Network
from solver.packs import Offers, Requests, in_order, sums_by
from solver.prices import find_prices, price_rows
from solver.problem import Int64
from solver.residual import Residual
from solver.summary import pack_metres
from solver.ways import Carried, Deliveries, deliveries, least_transport


@dataclass(frozen=True)
class ItemQuestion:
    """All that the answer for one item of a piece depends on; it can be sent to another process."""

    ground: Ground
    item: int
    offers: Offers
    requests: Requests


@dataclass(frozen=True)
class ItemAnswer:
    """One item's part of a plan, in packs, over the rows and nodes of its piece.

    `granted` by request; `flows`: tail, head, packs; `prices`: node, price; `metres`: packs times metres, summed;
    `seconds` by phase.
    """

    granted: Int64
    limits: ItemLimits
    deliveries: Deliveries
    flows: tuple[Int64, Int64, Int64]
    prices: tuple[Int64, Int64]
    metres: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class Clock:
    """Seconds spent in each phase."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to the phase."""
        start = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


def solve_item(question: ItemQuestion) -> ItemAnswer:
    """The answer for one item of a piece."""
    clock, ground, offers, requests = Clock(), question.ground, question.offers, question.requests
    divisions = ground.divisions
    with clock.phase("network"):
        wanted = sums_by(requests.place, requests.wanted, divisions)
        network = ground.network(question.item, offers.offered, wanted)
        packs = np.concatenate([np.zeros(divisions, dtype=np.int64), offers.offered])[network.roads.inner]
        place = network.roads.gate[requests.place]
    with clock.phase("grants"):
        granted = grant(network, packs, requests, place)
    with clock.phase("ways"):
        carried = least_transport(network, packs, sums_by(place, granted, network.nodes))
        flows, metres = _all_flows(network, carried, requests, granted, divisions)
    with clock.phase("prices"):
        residual = Residual.of(network.arcs, carried.flow, network.nodes)
        price = price_rows(ground, network, find_prices(network, residual, carried, packs))
    with clock.phase("limits"):
        limits = find_limits(ground, network, residual, carried, offers, requests, granted)
    with clock.phase("shipments"):
        shipments = deliveries(network, carried, offers, requests, granted, divisions)
    return ItemAnswer(granted, limits, shipments, flows, price, metres, clock.seconds)


def _all_flows(
    network: Network, carried: Carried, requests: Requests, granted: Int64, divisions: int
) -> tuple[tuple[Int64, Int64, Int64], int]:
    """Arcs that carry, plain ones included, by tail and head; and the sum of packs times metres."""
    roads, arcs = network.roads, network.arcs
    needed = sums_by(requests.place, granted, divisions)
    for outermost in roads.plain:
        np.add.at(needed, roads.above[outermost], needed[outermost])
    plain = np.concatenate([*roads.plain, np.zeros(0, dtype=np.int64)])
    plain = plain[needed[plain] > 0]
    used = np.flatnonzero(carried.flow)
    tail = np.concatenate([roads.inner[arcs.tail[used]], roads.above[plain]])
    head = np.concatenate([roads.inner[arcs.head[used]], plain])
    packs = np.concatenate([carried.flow[used], needed[plain]])
    length = np.concatenate([arcs.metres[used], roads.gate_metres[plain] - roads.gate_metres[roads.above[plain]]])
    order = in_order(head, divisions + len(carried.flow))
    order = order[in_order(tail[order], int(tail.max(initial=0)) + 1)]
    return (tail[order], head[order], packs[order]), pack_metres(packs, length)
