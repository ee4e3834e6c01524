"""Arcs of section 3 of the allocation model: depots to divisions, down, mutual aid upward.

Places that only receive, over one arc of the tree, are left out (see `Model`): all arcs here are between inner nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.check.graph import Graph
from solver.check.rows import Ints
from solver.problem import Problem

# Hours are whole numbers of this unit: 1/55000 h (one metre of road) and 1/10**6 h (a link's own hours) both fit.
HOUR = 11_000_000
LEG_HOURS = HOUR * 15 // 100
METRE_HOURS = HOUR // 55_000
THOUSANDTH = HOUR // 1000


@dataclass(frozen=True)
class Arcs:
    """Open arcs sorted by `key` (tail x size + head), whatever they can carry; and the arcs that are closed.

    `lender` is the division that lends over an arc of mutual aid, `link` the row of links.csv that an arc stands for,
    -1 for all others.
    """

    size: int
    key: Ints
    tail: Ints
    head: Ints
    metres: Ints
    hours: Ints
    lender: Ints
    link: Ints
    closed_tail: Ints
    closed_head: Ints

    @cached_property
    def graph(self) -> Graph:
        """Where ways lead, whatever the arcs can carry."""
        return Graph(self.size, self.tail, self.head)

    def find(self, tail: Ints, head: Ints) -> Ints:
        """The arc from each tail to each head, -1 where none stands; an end is -1 where it is no inner node."""
        key = np.where((tail < 0) | (head < 0), -1, tail * self.size + head)
        place = np.searchsorted(self.key, key)
        stands = place < len(self.key)
        stands[stands] = self.key[place[stands]] == key[stands]
        return np.where(stands, place, -1)


def arcs_of(size: int, columns: Mapping[str, Ints], closed_tail: Ints, closed_head: Ints) -> Arcs:
    """Arcs with these columns (all but the key), put in order."""
    key = columns["tail"] * size + columns["head"]
    order = np.argsort(key, kind="stable")
    return Arcs(
        size,
        key[order],
        **{name: column[order] for name, column in columns.items()},
        closed_tail=closed_tail,
        closed_head=closed_head,
    )


def before_links(problem: Problem, number: Ints, children: Ints, lenders: Ints) -> Arcs:
    """Arcs as they stand before links.csv is read: from depots, down to `children`, and up from `lenders`.

    `number` is the inner node of each node.
    """
    depots, divisions = problem.depots, problem.divisions
    placed, up = np.flatnonzero(depots.division >= 0), divisions.metres_to_parent
    parts = (
        (len(divisions) + placed, depots.division[placed], depots.metres_to_division[placed]),
        (divisions.parent[children], children, up[children]),
        (lenders, divisions.parent[lenders], up[lenders]),
    )
    tail, head, road = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    lender = np.concatenate((np.full(len(tail) - len(lenders), -1), lenders))
    metres = road + np.where(lender >= 0, problem.settings.mutual_aid_penalty_metres, 0)
    columns = {
        "tail": number[tail],
        "head": number[head],
        "metres": metres,
        "hours": road_hours(metres, road),
        "lender": lender,
        "link": np.full(len(tail), -1),
    }
    return arcs_of(int(number.max(initial=-1)) + 1, columns, tail[:0], head[:0])


def road_hours(metres: Ints, road_metres: Ints) -> Ints:
    """Hours of arcs, in 1/HOUR: a leg is an arc of positive length; a penalty is length, but no road."""
    return np.where(metres > 0, LEG_HOURS + METRE_HOURS * road_metres, 0)
