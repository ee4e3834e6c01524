"""The answers of all items and pieces put together into one plan of the whole problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solver.digest import input_digest
from solver.item import ItemAnswer
from solver.packs import Requests, in_order
from solver.pieces import Piece
from solver.plan import Flows, Plan, Prices, Shipments, decimal_text
from solver.problem import MODEL_VERSION, Int64, Problem
from solver.sets import Sets, gather_sets
from solver.summary import exact_sum, item_summary, tonne_km


@dataclass(frozen=True)
class Part:
    """One item's answer over one piece, and the requests that it answers, both in rows of the piece."""

    piece: Piece
    requests: Requests
    answer: ItemAnswer

    @property
    def rows(self) -> Int64:
        """The requests' rows of the whole problem."""
        return self.piece.demand[self.requests.row]


def gather(problem: Problem, parts: Mapping[int, Sequence[Part]], seconds: dict[str, float]) -> Plan:
    """The plan that holds the items named in `parts`, each with its parts in the order of the pieces."""
    items = np.array(sorted(parts), dtype=np.int64)
    held = [part for item in items.tolist() for part in parts[item]]
    pack = problem.items.pack_size[problem.demand.item]
    granted = np.zeros(len(problem.demand), dtype=np.int64)
    limited_by = np.zeros(len(problem.demand), dtype=np.int8)
    for part in held:
        granted[part.rows] = part.answer.granted * pack[part.rows]
        limited_by[part.rows] = part.answer.limits.limited_by
        for phase, spent in part.answer.seconds.items():
            seconds[phase] = seconds.get(phase, 0.0) + spent
    sets: Sets = gather_sets(
        problem,
        {item: [(part.piece, part.rows, part.answer.limits) for part in parts[item]] for item in items.tolist()},
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
    """All items' shipments in the order of the demand file."""
    given = [part.answer.deliveries for part in held]
    row = _joined([part.rows[some.request] for part, some in zip(held, given, strict=True)])
    depot = _joined([_depots(problem, part, some.depot) for part, some in zip(held, given, strict=True)])
    lot = _joined([part.piece.stock[some.stock_row] for part, some in zip(held, given, strict=True)])
    packs, metres, hours = (
        _joined([getattr(some, column) for some in given]) for column in ("packs", "metres", "hours_thousandths")
    )
    # A request belongs to one item and one piece, whose shipments are sorted already.
    order = in_order(row, len(problem.demand))
    row = row[order]
    quantity = packs[order] * problem.items.pack_size[problem.demand.item[row]]
    return Shipments(row, depot[order], lot[order], quantity, metres[order], hours[order])


def _depots(problem: Problem, part: Part, depot: Int64) -> Int64:
    """Depots of the whole problem, of those of a piece."""
    return part.piece.nodes[len(part.piece.tables.divisions) + depot] - len(problem.divisions)


def _flows(problem: Problem, parts: Mapping[int, Sequence[Part]], items: Sequence[int]) -> Flows:
    """Flows by item, then by their ends."""
    columns = []
    for item in items:
        tail, head = (_joined([part.piece.nodes[part.answer.flows[end]] for part in parts[item]]) for end in (0, 1))
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
        node = _joined([part.piece.nodes[part.answer.prices[0]] for part in parts[item]])
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
    """Requests of an item and packs granted to them, in rows of the whole problem."""
    first = parts[0]
    if len(parts) == 1:
        return replace(first.requests, row=first.rows), first.answer.granted
    names = ("place", "wanted", "priority", "weight")
    columns = (np.concatenate([getattr(part.requests, name) for part in parts]) for name in names)
    requests = Requests(np.concatenate([part.rows for part in parts]), *columns)
    return requests, np.concatenate([part.answer.granted for part in parts])
