"""Whether an item is granted by the rule: no pack can move to a request that comes before the one that has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.case import Case
from solver.check.levels import comparable, ranks, scales
from solver.check.residual import Residual
from solver.check.rows import Bools, Ints, line
from solver.problem import Fault


@dataclass(frozen=True)
class Packs:
    """Of each request the last pack it got and the next it would get, where there is one, in the order of section 4.

    `owner` is the request; packs are ordered by `keys`, the first key first: class, level before the pack, and of two
    packs that start at one level the one that lifts its request higher, which has the smaller scale; then row.
    The first `given` are last packs, the others next packs.
    """

    owner: Ints
    given: int
    keys: tuple[NDArray[Any], ...]

    def before(self, some: Ints, others: Ints) -> Bools:
        """Whether each of some packs comes before the other at its place."""
        before, alike = np.zeros(len(some), dtype=np.bool_), np.ones(len(some), dtype=np.bool_)
        for key in self.keys:
            one, other = key[some], key[others]
            before |= alike & (one < other)
            alike &= one == other
        return before

    def latest(self, group: Ints, groups: int) -> Ints:
        """The last of the given packs in each group, by the group of each request; -1 where there is none."""
        packs = np.arange(self.given)
        for key in self.keys:
            most = np.full(groups, -1, dtype=key.dtype)
            np.maximum.at(most, group[self.owner[packs]], key[packs])
            packs = packs[key[packs] == most[group[self.owner[packs]]]]
        latest = np.full(groups, -1)
        latest[group[self.owner[packs]]] = packs
        return latest


def packs_of(case: Case) -> Packs:
    """Line up the last pack and the next pack of every request."""
    requests, scale = case.question.requests, scales(case)
    has, lacks = np.flatnonzero(case.granted > 0), np.flatnonzero(case.granted < requests.wanted)
    owner = np.concatenate((has, lacks))
    before = np.concatenate((case.granted[has] - 1, case.granted[lacks])).astype(scale.dtype, copy=False)
    levels, scale = comparable(before, scale[owner]), scale[owner]
    small = ranks(scale.tolist()) if scale.dtype == object else scale
    return Packs(owner, len(has), (requests.priority[owner], levels, small, owner))


def fair_faults(case: Case, residual: Residual) -> Iterator[Fault]:
    """Requests that could have a pack that stands idle, or one that comes later in the order."""
    packs, at = packs_of(case), case.question.at
    latest = packs.latest(at, residual.graph.size)
    givers = latest[latest >= 0]
    givers = givers[np.lexsort([key[givers] for key in reversed(packs.keys)])]
    idle, turn = len(givers) + 1, np.zeros(residual.graph.size, dtype=np.int64)
    turn[at[packs.owner[givers]]] = np.arange(1, idle)
    turn[residual.stock] = idle
    following = np.arange(packs.given, len(packs.owner))
    offered = residual.graph.spread(turn, np.maximum)[at[packs.owner[following]]]
    unfair = offered == idle
    others = np.flatnonzero((offered > 0) & ~unfair)
    unfair[others] = packs.before(following[others], givers[offered[others] - 1])
    for place in np.flatnonzero(unfair).tolist():
        giver = -1 if offered[place] == idle else int(packs.owner[givers[offered[place] - 1]])
        yield _fault(case, int(packs.owner[following[place]]), giver)


def _fault(case: Case, request: int, giver: int) -> Fault:
    rows, ids = case.question.requests.rows, case.model.problem.demand.ids
    row, granted = int(rows[request]), int(case.granted[request]) * case.question.size
    zh, en = "仍有可发库存能运到", "stock left on offer could be shipped to it"
    if giver >= 0:
        name = ids[int(rows[giver])]
        zh, en = f"应先于申请 {name} 的最后一包", f"its next pack comes before the last pack of request {name}"
    return Fault(
        "allocation.csv",
        "granted",
        line(row),
        f"申请 {ids[row]} 获 {granted},分配不公:{zh}",
        f"request {ids[row]} is granted {granted}, which is not fair: {en}",
    )
