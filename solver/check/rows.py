"""Rows of tables taken together: sums that never wrap round, rows that are alike, lines of files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.check.graph import Ints
from solver.problem import TOTAL_MAX

Column = NDArray[Any]


def line(row: int) -> int:
    """Line of a table's row in its file: the header is line 1."""
    return row + 2


def sums(index: Ints, values: Ints, size: int) -> Ints:
    """Sum of the values (0 to TOTAL_MAX) of each index; TOTAL_MAX, more than any true sum, where it is that or more.

    The halves of a hostile plan's numbers are added apart, so that no sum wraps round to an innocent one.
    """
    high, low = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(high, index, values >> 31)
    np.add.at(low, index, values & (2**31 - 1))
    high += low >> 31
    return np.where(high >= 2**31, TOTAL_MAX, (np.minimum(high, 2**31) << 31) + (low & (2**31 - 1)))


def grouped(columns: Sequence[Column]) -> tuple[Ints, Ints]:
    """Rows alike in all columns: (the first row of each group, the group of each row)."""
    order = np.lexsort(tuple(columns)).astype(np.int64)
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = False
    for column in columns:
        new[1:] |= column[order][1:] != column[order][:-1]
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    return order[new], group


def repeated(columns: Sequence[Column]) -> Ints:
    """Rows that are alike with an earlier one in all columns."""
    first, _ = grouped(columns)
    return np.setdiff1d(np.arange(len(columns[0])), first)
