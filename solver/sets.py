"""Sets of unfilled requests of all items and pieces, numbered together, with all their remedies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solver.limits import ItemLimits
from solver.packs import in_order
from solver.plan import Limits
from solver.problem import Int32, Int64, Problem

Part = tuple[Int64, Int64, ItemLimits]
"""Nodes of the problem that a piece holds, rows of the requests there, and what limits them."""


@dataclass(frozen=True)
class Sets:
    """The set of each request of the problem, from 1, 0 where it got all; and the sets."""

    number: Int32
    limits: Limits


@dataclass
class _Set:
    item: int
    first: int
    requests: int
    packs_missing: int
    reason: int
    higher_class: int
    forms: str
    stock: int

    def join(self, other: _Set) -> None:
        """Become one with a set of another piece, over which no common place can reach."""
        self.first = min(self.first, other.first)
        self.requests += other.requests
        self.packs_missing += other.packs_missing
        self.stock = -1


def gather_sets(problem: Problem, parts: Mapping[int, Sequence[Part]]) -> Sets:
    """All sets, numbered by their first requests."""
    found: list[_Set] = []
    number = np.zeros(len(problem.demand), dtype=np.int64)
    for item, of_item in parts.items():
        alike: dict[tuple[str, int, int], int] = {}
        for nodes, rows, limits in of_item:
            places = [_place(found, alike, one) for one in _sets(item, nodes, rows, limits)]
            short = limits.set >= 0
            number[rows[short]] = np.array(places, dtype=np.int64)[limits.set[short]] + 1
    order = np.argsort(np.array([one.first for one in found], dtype=np.int64), kind="stable")
    rank = np.zeros(len(found) + 1, dtype=np.int64)
    rank[order + 1] = np.arange(1, len(found) + 1)
    number = rank[number]
    ordered = [found[place] for place in order.tolist()]
    return Sets(number.astype(np.int32), _limits(problem, ordered, number))


def _sets(item: int, nodes: Int64, rows: Int64, limits: ItemLimits) -> list[_Set]:
    stock = np.where(limits.stock < 0, -1, nodes[limits.stock])
    columns = (rows[limits.first], limits.requests, limits.packs_missing, limits.reason, limits.higher_class)
    lists = (column.tolist() for column in columns)
    return [_Set(item, *some) for some in zip(*lists, limits.forms, stock.tolist(), strict=True)]


def _place(found: list[_Set], alike: dict[tuple[str, int, int], int], one: _Set) -> int:
    """Where the set stands among those found; what two pieces say alike is one set."""
    key = one.forms, one.reason, one.higher_class
    if key in alike:
        found[alike[key]].join(one)
    else:
        alike[key] = len(found)
        found.append(one)
    return alike[key]


def _limits(problem: Problem, sets: Sequence[_Set], number: Int64) -> Limits:
    rows = in_order(number, len(sets) + 1)
    ends = np.cumsum(np.bincount(number, minlength=len(sets) + 1))
    codes = problem.divisions.codes
    remedies = []
    for place, one in enumerate(sets):
        at = [one.stock]
        if one.stock < 0:
            at = np.unique(problem.demand.division[rows[ends[place] : ends[place + 1]]]).tolist()
        remedies.append(" ".join(filter(None, [one.forms, *sorted(f"stock@{codes[division]}" for division in at)])))
    return Limits(
        item=np.array([one.item for one in sets], dtype=np.int64),
        requests=np.array([one.requests for one in sets], dtype=np.int64),
        packs_missing=np.array([one.packs_missing for one in sets], dtype=np.int64),
        limited_by=np.array([one.reason for one in sets], dtype=np.int8),
        higher_class=np.array([one.higher_class for one in sets], dtype=np.int8),
        remedies=remedies,
    )
