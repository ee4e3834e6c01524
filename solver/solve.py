"""From a problem to its plan: each item alone, grants first, then ways, then reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from solver.digest import input_digest
from solver.grants import grant
from solver.limits import limited_by
from solver.network import TICKS_PER_HOUR, Roads
from solver.packs import Offers, Requests, offers_by_item, requests_by_item, sums_by
from solver.plan import HOURS_DECIMALS, Flows, Plan, Shipments, decimal_text
from solver.problem import MODEL_VERSION, Int8, Int64, Problem
from solver.summary import exact_sum, item_summary, pack_metres, tonne_km
from solver.ways import deliveries, least_transport, merged

Progress = Callable[[int, int, str], None]


class Cancelled(Exception):
    """Somebody asked to stop; there is no plan."""


def solve(problem: Problem, *, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None) -> Plan:
    """The plan of a problem, as docs/allocation-model.md defines it.

    `progress(done, of, item code)` is called after each item, `cancelled()` before each. Raises Cancelled.
    """
    clock = _Clock()
    with clock.phase("prepare"):
        offers, requests, roads = offers_by_item(problem), requests_by_item(problem), Roads(problem)
    answers = []
    for item, code in enumerate(problem.items.codes):
        if cancelled is not None and cancelled():
            raise Cancelled(f"before item {code}")
        answers.append(_solve_item(problem, roads, item, offers[item], requests[item], clock))
        if progress is not None:
            progress(item + 1, len(problem.items), code)
    with clock.phase("gather"):
        return _plan(problem, requests, answers, clock)


@dataclass(frozen=True)
class _Answer:
    """One item's part of the plan, in packs.

    `shipments`: request row, depot, stock row, metres, thousandths of an hour; `flows`: tail, head, item, packs.
    """

    granted: Int64
    limits: Int8
    shipments: Int64
    shipped: Int64
    flows: Int64
    metres: int


class _Clock:
    """Seconds spent in each phase, summed over items."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of the block to the phase."""
        start = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


def _solve_item(
    problem: Problem, roads: Roads, item: int, offers: Offers, requests: Requests, clock: _Clock
) -> _Answer:
    divisions = len(problem.divisions)
    with clock.phase("network"):
        wanted = sums_by(requests.division, requests.wanted, divisions)
        network = roads.network(item, offers.offered, wanted)
        packs = np.concatenate([np.zeros(divisions, dtype=np.int64), offers.offered])
    with clock.phase("grants"):
        granted = grant(network, packs, requests)
    with clock.phase("ways"):
        needed = sums_by(requests.division, granted, network.nodes)
        carried = least_transport(network, packs, needed)
    with clock.phase("shipments"):
        found = deliveries(network, carried, offers, requests, granted, divisions)
        thousandths = _rounded_hours(found.ticks)
        keys = (requests.row[found.request], found.depot, offers.stock_row[found.lot], found.metres, thousandths)
        shipments, shipped = merged(np.stack(keys), found.packs)
    with clock.phase("limits"):
        limits = limited_by(network, offers, carried, requests, granted, divisions)
    used = np.flatnonzero(carried.flow)
    arcs = network.arcs
    flows, quantity = merged(np.stack([arcs.tail[used], arcs.head[used]]), carried.flow[used])
    flows = np.vstack([flows, np.full(len(quantity), item), quantity])
    return _Answer(granted, limits, shipments, shipped, flows, pack_metres(arcs, carried.flow))


def _rounded_hours(ticks: Int64) -> Int64:
    """Ticks in thousandths of an hour, halves up."""
    unit = TICKS_PER_HOUR // 10**HOURS_DECIMALS
    rounded: Int64 = (ticks + unit // 2) // unit
    return rounded


def _plan(problem: Problem, requests: list[Requests], answers: list[_Answer], clock: _Clock) -> Plan:
    granted = np.zeros(len(problem.demand), dtype=np.int64)
    limits = np.zeros(len(problem.demand), dtype=np.int8)
    for asked, answer in zip(requests, answers, strict=True):
        granted[asked.row] = answer.granted
        limits[asked.row] = answer.limits
    pack = problem.items.pack_size
    flows = np.concatenate([np.zeros((4, 0), dtype=np.int64), *(answer.flows for answer in answers)], axis=1)
    return Plan(
        granted=granted * pack[problem.demand.item],
        limited_by=limits,
        set=np.zeros(len(problem.demand), dtype=np.int32),
        shipments=_shipments(problem, answers),
        flows=Flows(flows[0], flows[1], flows[2], flows[3] * pack[flows[2]]),
        summary=_summary(problem, requests, answers),
        seconds=clock.seconds,
    )


def _shipments(problem: Problem, answers: list[_Answer]) -> Shipments:
    """All items' shipments in the order of the demand file."""
    none = np.zeros((5, 0), dtype=np.int64)
    keys = np.concatenate([none, *(answer.shipments for answer in answers)], axis=1)
    packs = np.concatenate([none[0], *(answer.shipped for answer in answers)])
    # A request belongs to one item, whose shipments are sorted already.
    order = np.argsort(keys[0], kind="stable")
    row, depot, stock_row, metres, thousandths = keys[:, order]
    quantity = packs[order] * problem.items.pack_size[problem.demand.item[row]]
    return Shipments(row, depot, stock_row, quantity, metres, thousandths)


def _summary(problem: Problem, requests: list[Requests], answers: list[_Answer]) -> dict[str, Any]:
    by_item = tonne_km(problem, [answer.metres for answer in answers])
    items = [
        item_summary(problem, item, asked, answer.granted, answer.metres, carried)
        for item, (asked, answer, carried) in enumerate(zip(requests, answers, by_item, strict=True))
    ]
    return {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(problem),
        "tonne_km": decimal_text(exact_sum(by_item)),
        "items": items,
    }
