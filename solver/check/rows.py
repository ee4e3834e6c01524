"""Rows of tables taken together: their order, sums that never wrap round, rows that are alike, lines of files."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.problem import TOTAL_MAX

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Column = NDArray[Any]


def line(row: int) -> int:
    """Line of a table's row in its file: the header is line 1."""
    return row + 2


def lined_up(*keys: Ints) -> Ints:
    """Rows by the first key, then by the next; rows alike in all keys as they stand. Keys are 0 or more.

    Sixteen bits at a time, which numpy sorts by counting.
    """
    order = np.arange(len(keys[0]))
    for key in reversed(keys):
        for shift in range(0, int(key.max(initial=0)).bit_length(), 16):
            digit = (key[order] >> shift & 0xFFFF).astype(np.uint16)
            order = order[np.argsort(digit, kind="stable")]
    return order


def split_by(key: Ints, size: int) -> list[Ints]:
    """For each key from 0 to size - 1 its rows, as they stand."""
    return np.split(lined_up(key), np.cumsum(np.bincount(key, minlength=size))[:-1])


def not_after(*columns: Column) -> tuple[Ints, Ints]:
    """Rows that stand after one they should stand before by these columns, first column first; and rows repeated."""
    open_rows, wrong = np.arange(1, len(columns[0])), []
    for column in columns:
        here, before = column[open_rows], column[open_rows - 1]
        wrong.append(open_rows[here < before])
        open_rows = open_rows[here == before]
    return np.sort(np.concatenate(wrong)), open_rows


def sums(index: Ints, values: Ints, size: int) -> Ints:
    """Sum of the values (0 to TOTAL_MAX) of each index; TOTAL_MAX, more than any true sum, where it is that or more.

    Where they could wrap round to an innocent number, the halves of a hostile plan's numbers are added apart.
    """
    high, low = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    if int(values.max(initial=0)) * len(values) < TOTAL_MAX:
        # A view has numpy's own int64, which arrays that came from another process have not: adding is slow without.
        np.add.at(low, index, values.view(np.int64))
        return low
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
