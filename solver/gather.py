"""The answers of all items and pieces put together into one plan of the whole problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from solver.digest import input_digest
from solver.item import ItemAnswer
from solver.packs import Requests, in_order
from solver.plan import Flows, Plan, Prices, Shipments, decimal_text
from solver.problem import MODEL_VERSION, Int64, Problem
from solver.sets import gather_sets
from solver.summary import exact_sum, item_summary, tonne_km


@dataclass(frozen=True)
class Part:
    """One item's answer over one piece: its requests in rows of the whole problem, all else in nodes of the piece.

    `nodes`: the problem's node for each of the piece, the first `divisions` of which are divisions.
    """

    nodes: Int64
    divisions: int
    requests: Requests
    answer: ItemAnswer


def gather(problem: Problem, parts: Mapping[int, Sequence[Part]], seconds: dict[str, float]) -> Plan:
    """The plan that holds the items named in `parts`, each with its parts in the order of the pieces."""
    items = np.array(sorted(parts), dtype=np.int64)
    held = [part for item in items.tolist() for part in parts[item]]
    pack = problem.items.pack_size[problem.demand.item]
    granted = np.zeros(len(problem.demand), dtype=np.int64)
    limited_by = np.zeros(len(problem.demand), dtype=np.int8)
    for part in held:
        granted[part.requests.row] = part.answer.granted * pack[part.requests.row]
        limited_by[part.requests.row] = part.answer.limits.limited_by
        for phase, spent in part.answer.seconds.items():
            seconds[phase] = seconds.get(phase, 0.0) + spent
    sets = gather_sets(
        problem,
        {
            item: [(part.nodes, part.requests.row, part.answer.limits) for part in parts[item]]
            for item in items.tolist()
        },
    )
    return Plan(
        granted=granted,
        limited_by=limited_by,
        set=sets.number,
        limits=sets.limits,
        shipments=_shipments(problem, held),
        flows=_flows(problem, parts, items.tolist()),
        prices=_prices(parts, items.tolist()),
        items=items,
        summary=_summary(problem, parts, items.tolist()),
        seconds=seconds,
    )


def _joined(columns: Sequence[Int64]) -> Int64:
    return np.concatenate([np.zeros(0, dtype=np.int64), *columns])


def _shipments(problem: Problem, held: Sequence[Part]) -> Shipments:
    """All items' shipments in the order of the demand file.

    A request belongs to one item and one piece, whose shipments stand in that order already: each goes to a place that
    can be counted, and nothing needs to be sorted.
    """
    many = np.zeros(len(problem.demand), dtype=np.int64)
    for part in held:
        many[part.requests.row] = np.bincount(part.answer.deliveries.request, minlength=len(part.requests))
    before = np.cumsum(many) - many
    columns = [np.empty(int(many.sum()), dtype=np.int64) for _ in range(6)]
    for part in held:
        some = part.answer.deliveries
        row = part.requests.row[some.request]
        place = before[row] + np.arange(len(row)) - np.searchsorted(some.request, some.request)
        depot = part.nodes[part.divisions + some.depot] - len(problem.divisions)
        quantity = some.packs * problem.items.pack_size[problem.demand.item[row]]
        found = (row, depot, some.stock_row, quantity, some.metres, some.hours_thousandths)
        for column, values in zip(columns, found, strict=True):
            column[place] = values
    return Shipments(*columns)


def _flows(problem: Problem, parts: Mapping[int, Sequence[Part]], items: Sequence[int]) -> Flows:
    """Flows by item, then by their ends."""
    columns = []
    for item in items:
        tail, head = (_joined([part.nodes[part.answer.flows[end]] for part in parts[item]]) for end in (0, 1))
        packs = _joined([part.answer.flows[2] for part in parts[item]])
        if len(parts[item]) > 1:
            order = in_order(head, problem.nodes())
            order = order[in_order(tail[order], problem.nodes())]
            tail, head, packs = tail[order], head[order], packs[order]
        columns.append((tail, head, np.full(len(tail), item), packs * problem.items.pack_size[item]))
    return Flows(*(_joined([some[place] for some in columns]) for place in range(4)))


def _prices(parts: Mapping[int, Sequence[Part]], items: Sequence[int]) -> Prices:
    """Prices by item, then by node."""
    columns = []
    for item in items:
        node = _joined([part.nodes[part.answer.prices[0]] for part in parts[item]])
        price = _joined([part.answer.prices[1] for part in parts[item]])
        order = np.argsort(node, kind="stable")
        columns.append((node[order], np.full(len(node), item), price[order]))
    return Prices(*(_joined([some[place] for some in columns]) for place in range(3)))


def _summary(problem: Problem, parts: Mapping[int, Sequence[Part]], items: Sequence[int]) -> dict[str, Any]:
    metres = [sum(part.answer.metres for part in parts[item]) for item in items]
    carried = tonne_km(problem, items, metres)
    return {
        "model_version": MODEL_VERSION,
        "input_digest": input_digest(problem),
        "complete": len(items) == len(problem.items),
        "items_missing": [code for item, code in enumerate(problem.items.codes) if item not in parts],
        "tonne_km": decimal_text(exact_sum(carried)),
        "items": [
            item_summary(problem, item, *_asked(parts[item]), pack_metres, weight)
            for item, pack_metres, weight in zip(items, metres, carried, strict=True)
        ],
    }


def _asked(parts: Sequence[Part]) -> tuple[Requests, Int64]:
    """Requests of an item and packs granted to them."""
    first = parts[0]
    if len(parts) == 1:
        return first.requests, first.answer.granted
    names = ("row", "place", "wanted", "priority", "weight")
    columns = (np.concatenate([getattr(part.requests, name) for part in parts]) for name in names)
    requests = Requests(*columns)
    return requests, np.concatenate([part.answer.granted for part in parts])
