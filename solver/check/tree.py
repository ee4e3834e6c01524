"""The tree of divisions: who stands below whom, told by spans of one order in which each stands before all below it."""

import numpy as np

from solver.check.graph import Graph
from solver.check.rows import Ints


class Tree:
    """Rows of a forest by level and by span; `parent` is -1 for a root.

    `levels`: rows by depth, roots first. What stands below a row, itself among it, has `first` from the row's own
    to the one before its `end`.
    """

    def __init__(self, parent: Ints) -> None:
        self.parent, rows = parent, len(parent)
        # One root above all roots makes one tree of the forest.
        above = np.where(parent < 0, rows, parent)
        down = Graph(rows + 1, above, np.arange(rows))
        levels = [np.array([rows])]
        while len(below := down.head[down.leaving(levels[-1])]):
            levels.append(below)
        self.levels = levels[1:]
        first, size = np.full(rows + 1, -1), np.ones(rows + 1, dtype=np.int64)
        for level in reversed(self.levels):
            np.add.at(size, above[level], size[level])
        for level in self.levels:
            first[level] = first[above[level]] + 1 + _before(above[level], size[level])
        self.first, self.end = first[:-1], (first + size)[:-1]
        self._row_at = np.argsort(self.first)

    def total_below(self, place: Ints, values: Ints, rows: Ints) -> Ints:
        """Sum of the values whose places stand at or below each of these rows."""
        at = np.zeros(len(self.parent), dtype=np.int64)
        np.add.at(at, self.first[place], values)
        total = np.append(0, np.cumsum(at))
        below: Ints = total[self.end[rows]] - total[self.first[rows]]
        return below

    def common(self, low: Ints, high: Ints) -> Ints:
        """The lowest row that has both places of the order at or below it, -1 where none has."""
        row = self._row_at[low]
        while (apart := (row >= 0) & (self.end[row] <= high)).any():
            row = np.where(apart, self.parent[row], row)
        return row


def _before(parent: Ints, size: Ints) -> Ints:
    """For each row of a level the sum of the sizes of its siblings that stand before it; siblings stand together."""
    before = np.cumsum(size) - size
    eldest = np.flatnonzero(np.diff(parent, prepend=-1))
    return before - np.repeat(before[eldest], np.diff(eldest, append=len(parent)))
