"""One item as every baseline is given it: the network as arrays and whole packs, made ready before any clock runs.

Read from the problem by docs/allocation-model.md, without links and without the solver, so that what the solver does
faster or otherwise is nowhere lent to a baseline, and nothing is charged to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

import solver

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
UNLIMITED = int(np.iinfo(np.int64).max)


@dataclass(frozen=True)
class Case:
    """Nodes are N divisions, then D depots. `packs` on offer at each node, R requests in the order of the demand.

    `tail`, `head`, `capacity`, `metres`: A arcs, first the `down` ones without capacity (depot to division, parent to
    child), then mutual aid. `parent` is -1 for a root, `depth` 0. `wanted` in packs, `kilograms` of one, `row` in the
    demand.
    """

    code: str
    pack_size: int
    kilograms: float
    parent: Ints
    depth: Ints
    metres_up: Ints
    depot_division: Ints
    depot_metres: Ints
    packs: Ints
    tail: Ints
    head: Ints
    capacity: Ints
    metres: Ints
    down: int
    row: Ints
    division: Ints
    wanted: Ints
    priority: Ints
    weight: Floats

    @property
    def divisions(self) -> int:
        """How many nodes are divisions; depots follow."""
        return len(self.parent)

    @property
    def offered(self) -> Ints:
        """Packs on offer in each depot."""
        return self.packs[self.divisions :]

    @property
    def shippable(self) -> int:
        """A bound on what may move at all; a capacity above it is none."""
        return int(min(self.packs.sum(), self.wanted.sum()))

    def reordered(self, order: Ints) -> Case:
        """The same, its requests in another order."""
        return replace(
            self,
            row=self.row[order],
            division=self.division[order],
            wanted=self.wanted[order],
            priority=self.priority[order],
            weight=self.weight[order],
        )


@dataclass(frozen=True)
class Answer:
    """What a baseline grants, in packs; `pack_metres` where it also says from where and over what."""

    granted: Ints
    pack_metres: int | None = None


@dataclass(frozen=True)
class Baseline:
    """A way to do the job, or the part of it that `job` names."""

    title: str
    job: str
    ship: Callable[[Case], Answer]


def case_of(problem: solver.Problem, item: int) -> Case:
    """The arrays of one item. Raises ValueError for a problem with links."""
    if len(problem.links):
        raise ValueError("baselines know no links")
    tree, depots, demand = problem.divisions, problem.depots, problem.demand
    stands, child = np.flatnonzero(depots.division >= 0), np.flatnonzero(tree.parent >= 0)
    offered, depth = _offered(problem, item), _depths(tree.parent)
    lender, lent = _mutual_aid(problem, depth, offered)
    penalty = problem.settings.mutual_aid_penalty_metres
    row = np.flatnonzero(demand.item == item)
    down = len(stands) + len(child)
    pack = int(problem.items.pack_size[item])
    return Case(
        code=problem.items.codes[item],
        pack_size=pack,
        kilograms=float(problem.items.weight_kg[item]) * pack,
        parent=tree.parent,
        depth=depth,
        metres_up=tree.metres_to_parent,
        depot_division=depots.division,
        depot_metres=depots.metres_to_division,
        packs=np.concatenate([np.zeros(len(tree), dtype=np.int64), offered]),
        tail=np.concatenate([len(tree) + stands, tree.parent[child], lender]),
        head=np.concatenate([depots.division[stands], child, tree.parent[lender]]),
        capacity=np.concatenate([np.full(down, UNLIMITED), lent]),
        metres=np.concatenate(
            [depots.metres_to_division[stands], tree.metres_to_parent[child], tree.metres_to_parent[lender] + penalty]
        ),
        down=down,
        row=row,
        division=demand.division[row],
        wanted=-(-demand.quantity[row] // pack),
        priority=demand.priority[row].astype(np.int64),
        weight=demand.weight_numerator[row] / demand.weight_denominator,
    )


def sums(group: Ints, values: Ints, groups: int) -> Ints:
    """Exact sums of int64 values by group number."""
    found = np.zeros(groups, dtype=np.int64)
    np.add.at(found, group, values)
    return found


def sums_before(group: Ints, values: Ints) -> Ints:
    """For each entry, the sum of the earlier values of its group; groups ascend."""
    total = np.cumsum(values) - values
    return total - total[np.searchsorted(group, group, side="left")]


def _depths(parent: Ints) -> Ints:
    depth, above = np.zeros(len(parent), dtype=np.int64), parent.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parent[above], -1)
    return depth


def _offered(problem: solver.Problem, item: int) -> Ints:
    """Whole packs of lots that are not expired, less the floor, at each depot."""
    stock, pack, depots = problem.stock, int(problem.items.pack_size[item]), len(problem.depots)
    mine = stock.item == item
    fresh = mine & (stock.expires_on > problem.as_of_day())
    floor = np.zeros(depots, dtype=np.int64)
    if not problem.settings.release_reserves:
        np.maximum.at(floor, stock.depot[mine], stock.reserve_floor[mine])
    held = sums(stock.depot[fresh], stock.quantity[fresh] // pack, depots)
    return np.asarray(np.maximum(held - -(-floor // pack), 0), dtype=np.int64)


def _mutual_aid(problem: solver.Problem, depth: Ints, offered: Ints) -> tuple[Ints, Ints]:
    """The divisions that lend upward and the packs they may lend: floor(share x packs on offer below them)."""
    tree, depots = problem.divisions, problem.depots
    stands = depots.division >= 0
    below = sums(depots.division[stands], offered[stands], len(tree))
    for level in range(int(depth.max(initial=0)), 0, -1):
        rows = np.flatnonzero(depth == level)
        np.add.at(below, tree.parent[rows], below[rows])
    lends = np.flatnonzero(tree.parent >= 0)
    shares = [Fraction(problem.settings.mutual_aid.get(level, 0)) for level in solver.LEVELS]
    lends = lends[np.array([share > 0 for share in shares])[tree.level[lends]]]
    packs = zip(below[lends].tolist(), tree.level[lends].tolist(), strict=True)
    return lends, np.array([int(held * shares[level]) for held, level in packs], dtype=np.int64)
