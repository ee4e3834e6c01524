"""Arcs of section 3 of the allocation model: depots to divisions, down, mutual aid upward, and what links.csv changes.

Places that only receive, over one arc of the tree, are left out (see `Model`): all arcs here are between inner nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.check.graph import Graph
from solver.check.rows import Ints, grouped
from solver.problem import UNLIMITED, Links

# Hours are whole numbers of this unit: 1/55000 h (one metre of road) and 1/10**6 h (a link's own hours) both fit.
HOUR = 11_000_000
LEG_HOURS = HOUR * 15 // 100
METRE_HOURS = HOUR // 55_000


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


@dataclass(frozen=True)
class LinkRows:
    """Rows of links.csv with their ends among the inner nodes, and hours of their own or by the rule."""

    links: Links
    tail: Ints
    head: Ints

    @cached_property
    def hours(self) -> Ints:
        ruled = road_hours(self.links.metres, self.links.road_metres)
        own = zip(self.links.hours, ruled.tolist(), strict=True)
        return np.array([rule if named is None else int(named * HOUR) for named, rule in own], dtype=np.int64)

    def applied(self, base: Arcs, item: int) -> Arcs:
        """The arcs after links.csv: of two rows for one direction the one that names the item counts."""
        links = self.links
        rows = np.flatnonzero((links.item == -1) | (links.item == item))
        key = self.tail[rows] * base.size + self.head[rows]
        order = np.lexsort((links.item[rows] == -1, key))
        ruling = order[grouped((key[order],))[0]]
        closing = ruling[~links.open[rows[ruling]]]
        stood = np.isin(key[closing], np.concatenate((base.key, key[links.open[rows]])))
        closed, added = rows[closing[stood]], rows[ruling[links.open[rows[ruling]]]]
        kept = np.flatnonzero(~np.isin(base.key, key))
        of_links = self._columns(added)
        columns = {name: np.concatenate((getattr(base, name)[kept], column)) for name, column in of_links.items()}
        return arcs_of(base.size, columns, self.tail[closed], self.head[closed])

    def _columns(self, rows: Ints) -> dict[str, Ints]:
        return {
            "tail": self.tail[rows],
            "head": self.head[rows],
            "metres": self.links.metres[rows],
            "hours": self.hours[rows],
            "lender": np.full(len(rows), -1),
            "link": rows,
        }

    def capacity(self, rows: Ints, size: int) -> Ints:
        """Packs of `size` units that these links can carry."""
        units = self.links.capacity[rows]
        return np.where(units < 0, UNLIMITED, units // size)


def road_hours(metres: Ints, road_metres: Ints) -> Ints:
    """Hours of arcs, in 1/HOUR: a leg is an arc of positive length; a penalty is length, but no road."""
    return np.where(metres > 0, LEG_HOURS + METRE_HOURS * road_metres, 0)
