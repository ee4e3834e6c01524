"""What links.csv adds to the arcs of section 3 of the allocation model, and what it takes away."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.check.arcs import HOUR, Arcs, arcs_of, road_hours
from solver.check.rows import Ints, grouped
from solver.problem import UNLIMITED, Links


@dataclass(frozen=True)
class LinkRows:
    """Rows of links.csv with their ends among the inner nodes, and hours of their own or by the rule."""

    links: Links
    tail: Ints
    head: Ints

    @cached_property
    def hours(self) -> Ints:
        """Hours of each link's arc."""
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
