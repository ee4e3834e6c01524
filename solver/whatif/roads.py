"""Roads that are cut or mended, and limits of links: changes of links.csv (docs/allocation-model.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from solver.problem import LEVELS, QUANTITY_MAX, Bool, Int64, Links, Tables, taken
from solver.whatif.codes import Codes, Wrong

_ALL = -1
"""The item of a row that stands for every item."""


@dataclass(frozen=True)
class _Road:
    """A way from one node to another; for every item, or for one."""

    from_code: str
    to_code: str
    item_code: str | None = None

    def _unknown(self, codes: Codes) -> list[Wrong]:
        return list(codes.unknown(from_code=self.from_code, to_code=self.to_code, item_code=self.item_code))

    def _ends(self, codes: Codes) -> tuple[int, int]:
        return codes.nodes[self.from_code], codes.nodes[self.to_code]

    def _item(self, codes: Codes) -> int:
        return _ALL if self.item_code is None else codes.items[self.item_code]

    def _rows(self, links: Links, codes: Codes) -> Int64:
        """Rows of links of this way: all of them, or the one that names the item."""
        tail, head = self._ends(codes)
        between = (links.from_node == tail) & (links.to_node == head)
        return np.flatnonzero(between if self.item_code is None else between & (links.item == self._item(codes)))


@dataclass(frozen=True)
class CloseRoad(_Road):
    """A road is cut, in this direction: nothing goes from the one place straight to the other."""

    kind: ClassVar = "close-road"

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Codes that nothing has, or a road that is not there."""
        unknown = self._unknown(codes)
        yield from unknown
        if not unknown and not self._stands(tables, codes):
            zh = f"没有从 {self.from_code} 到 {self.to_code} 的路可断"
            yield Wrong("from_code", zh, f"no road leads from {self.from_code} to {self.to_code}")

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Closed rows of links; one more where none speaks for the items meant."""
        links, rows = tables.links, self._rows(tables.links, codes)
        is_open = links.open.copy()
        is_open[rows] = False
        links = replace(links, open=is_open)
        if self._item(codes) not in links.item[rows]:
            links = _with_closed(links, *self._ends(codes), self._item(codes))
        return replace(tables, links=links)

    def _stands(self, tables: Tables, codes: Codes) -> bool:
        """Whether anything of the items meant can go this way: the row that names an item decides for it, else the one
        for every item, else the tree.
        """
        links = tables.links
        between = replace(self, item_code=None)._rows(links, codes)
        decides = dict(zip(links.item[between].tolist(), links.open[between].tolist(), strict=True))
        by_default = decides.get(_ALL, stands_in_tree(tables, *self._ends(codes)))
        if self.item_code is not None:
            return bool(decides.get(self._item(codes), by_default))
        return bool(by_default or any(decides.values()))


@dataclass(frozen=True)
class OpenRoad(_Road):
    """A cut road is mended, in this direction: what stood there before stands again, else the link as it is written."""

    kind: ClassVar = "open-road"

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Codes that nothing has, or a road that is not cut."""
        unknown = self._unknown(codes)
        yield from unknown
        if not unknown and not len(self._closed(tables.links, codes)):
            zh = f"links 中没有从 {self.from_code} 到 {self.to_code} 的断路"
            yield Wrong("from_code", zh, f"links closes no road from {self.from_code} to {self.to_code}")

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """No closed row where the road stands without it; else the row opened, with the length that it names."""
        links, closed = tables.links, self._closed(tables.links, codes)
        is_open, kept = links.open.copy(), np.ones(len(links), dtype=np.bool_)
        is_open[closed] = True
        kept[closed[self._stands_without(tables, codes, closed)]] = False
        return replace(tables, links=taken(replace(links, open=is_open), np.flatnonzero(kept)))

    def _stands_without(self, tables: Tables, codes: Codes, closed: Int64) -> Bool:
        """Whether the tree has the road, or for a row that names an item the row for every item does."""
        links, in_tree = tables.links, stands_in_tree(tables, *self._ends(codes))
        general = [row for row in replace(self, item_code=None)._rows(links, codes) if links.item[row] == _ALL]
        if not general:
            return np.full(len(closed), in_tree, dtype=np.bool_)
        # Without an item named, the row for every item is open or gone once this change is made.
        for_one = bool(links.open[general[0]]) if self.item_code is not None else True
        return np.where(links.item[closed] == _ALL, in_tree, for_one)

    def _closed(self, links: Links, codes: Codes) -> Int64:
        rows = self._rows(links, codes)
        return rows[~links.open[rows]]


@dataclass(frozen=True)
class ChangeCapacity(_Road):
    """Another limit of a link that stands in links.csv, in units; None for no limit."""

    kind: ClassVar = "link-capacity"
    capacity: int | None = field(kw_only=True)

    def wrongs(self, tables: Tables, codes: Codes) -> Iterator[Wrong]:
        """Codes that nothing has, a link that is not there, a limit that is none."""
        unknown = self._unknown(codes)
        yield from unknown
        if self.capacity is not None and not 0 <= self.capacity <= QUANTITY_MAX:
            en = f"{self.capacity} is not in 0 to {QUANTITY_MAX}"
            yield Wrong("capacity", f"{self.capacity} 不在 0 至 {QUANTITY_MAX} 之间", en)
        if not unknown and not len(self._open_rows(tables.links, codes)):
            zh = f"links 中没有从 {self.from_code} 到 {self.to_code} 的通路"
            yield Wrong("from_code", zh, f"links has no open road from {self.from_code} to {self.to_code}")

    def apply(self, tables: Tables, codes: Codes) -> Tables:
        """Another number in the rows of the link."""
        links = tables.links
        capacity = links.capacity.copy()
        capacity[self._open_rows(links, codes)] = -1 if self.capacity is None else self.capacity
        return replace(tables, links=replace(links, capacity=capacity))

    def _open_rows(self, links: Links, codes: Codes) -> Int64:
        rows = self._rows(links, codes)
        return rows[links.open[rows]]


def stands_in_tree(tables: Tables, tail: int, head: int) -> bool:
    """Whether the tree has an arc between two nodes: from a depot or a parent down, or up where mutual aid lends."""
    divisions, count = tables.divisions, len(tables.divisions)
    if head >= count:
        return False
    if tail >= count:
        return bool(tables.depots.division[tail - count] == head)
    lends = LEVELS[divisions.level[tail]] in tables.settings.mutual_aid
    return bool(divisions.parent[head] == tail or (lends and divisions.parent[tail] == head))


def _with_closed(links: Links, tail: int, head: int, item: int) -> Links:
    return Links(
        from_node=np.append(links.from_node, tail),
        to_node=np.append(links.to_node, head),
        item=np.append(links.item, item),
        metres=np.append(links.metres, 0),
        road_metres=np.append(links.road_metres, 0),
        capacity=np.append(links.capacity, -1),
        open=np.append(links.open, np.False_),
        hours=[*links.hours, None],
    )
