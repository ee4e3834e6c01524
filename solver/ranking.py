"""Who is next: the one total order over all packs of an item's requests, and the first K packs of it.

Pack j of a request (j packs before it) comes by class, then by its level before the pack (j / q) / w, then larger level
after it first, then by row (docs/allocation-model.md, section 4). With z = q * w that is: class, j / z, z, row.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from solver.packs import Requests
from solver.problem import Int8, Int64

_FLOAT_EXACT = 2**52
"""While max q * max z stays below this, j / z in float64 sorts as the exact fractions do."""
_FEW = 64
"""Packs of a segment that may be sorted rather than narrowed down further."""


@dataclass(frozen=True)
class Ranking:
    """The order over packs. `z` is float64; `exact_z` holds the same as Python integers where float64 is too coarse."""

    priority: Int8
    z: npt.NDArray[np.float64]
    exact_z: list[int] | None

    @classmethod
    def of(cls, requests: Requests) -> Ranking:
        """The order over the packs of these requests; those that want nothing have no pack in it."""
        wanted, weight = requests.wanted, requests.weight
        if not len(wanted):
            return cls(requests.priority, np.zeros(0), None)
        common = int(np.gcd.reduce(wanted)) or 1, int(np.gcd.reduce(weight))
        packs, weights = np.maximum(wanted // common[0], 1), weight // common[1]
        largest = int(packs.max()) * int(weights.max())
        if largest * int(wanted.max()) < _FLOAT_EXACT:
            return cls(requests.priority, (packs * weights).astype(np.float64), None)
        exact = [q * w for q, w in zip(packs.tolist(), weights.tolist(), strict=True)]
        shared = gcd(*exact)
        exact = [z // shared for z in exact]
        return cls(requests.priority, np.array(exact, dtype=np.float64), exact)

    def take_first(self, rows: Int64, segment: Int64, low: Int64, high: Int64, room: Int64) -> Int64:
        """How far each request comes when each segment takes its first `room` packs.

        `rows` are request numbers, ascending within a segment number; pack numbers run from `low` up to `high`
        (exclusive) for each of them, `room` is per segment. Returns a count between low and high for each row.
        """
        classes = segment * 4 + (self.priority[rows] - 1)
        order = np.argsort(classes, kind="stable")
        classes, packs = classes[order], (high - low)[order]
        sums = np.zeros(4 * len(room), dtype=np.int64)
        np.add.at(sums, classes, packs)
        table = sums.reshape(-1, 4)
        earlier = np.cumsum(table, axis=1) - table
        left = np.clip(room[:, None] - earlier, 0, table).ravel()
        reached = low.copy()
        full = left[classes] == sums[classes]
        reached[order[full]] = high[order[full]]
        split = np.flatnonzero(~full & (left[classes] > 0))
        if len(split):
            starts = np.diff(classes[split], prepend=-1) != 0
            chosen, group = order[split], np.cumsum(starts) - 1
            some = left[classes[split[starts]]]
            reached[chosen] = self._split(rows[chosen], group, low[chosen], high[chosen], some)
        return reached

    def _split(self, rows: Int64, group: Int64, low: Int64, high: Int64, room: Int64) -> Int64:
        """As take_first, for groups (ascending, each of one class) that take some of their packs but not all."""
        span = _Span(low.copy(), high.copy(), group, room.copy())
        for from_below in (True, False):
            self._narrow(rows, span, from_below)
        unsure = np.flatnonzero(span.most > span.have)
        many = (span.most - span.have)[unsure]
        entry = np.repeat(np.arange(len(unsure)), many)
        pack = span.have[unsure][entry] + np.arange(len(entry)) - np.repeat(np.cumsum(many) - many, many)
        order = self._sorted(rows[unsure][entry], group[unsure][entry], pack)
        entry = entry[order]
        ordered = group[unsure][entry]
        place = np.arange(len(entry)) - np.searchsorted(ordered, ordered)
        taken = entry[place < span.left[ordered]]
        span.have[unsure] += np.bincount(taken, minlength=len(unsure))
        return span.have

    def _narrow(self, rows: Int64, span: _Span, from_below: bool) -> None:
        """Close in on the level at which each group runs out, until few packs are unsure.

        Packs below a level x number ceil(x z) a request. In float64 that count is exact against j / z; where j / z
        itself is too coarse it may be off by two, so a level that neither surely fits nor surely exceeds the room moves
        only the side that is being closed, and the search is made once from below and once from above.
        """
        margin = 0 if self.exact_z is None else 2
        tried_low, tried_high = np.full(len(span.left), -np.inf), np.full(len(span.left), np.inf)
        # Levels closer than this leave every count of packs as it is.
        finest = 2.0**-53 / self.z[rows].max()
        near, interpolate = np.arange(len(rows)), True
        while True:
            near = near[span.most[near] > span.have[near]]
            first = np.flatnonzero(np.diff(span.group[near], prepend=-1))
            if not len(first):
                return
            number, z = span.group[near[first]], self.z[rows[near]]
            have, most = span.have[near], span.most[near]
            unsure = np.add.reduceat(most - have, first)
            bottom = np.maximum(np.minimum.reduceat(have / z, first), tried_low[number])
            top = np.minimum(np.maximum.reduceat((most - 1) / z, first), tried_high[number])
            # Straight-line guesses close in fast, halving makes sure that both sides do.
            part = np.clip(span.left[number] / unsure, 0.02, 0.98) if interpolate else 0.5
            level = bottom + (top - bottom) * part
            interpolate = not interpolate
            goes_on = (unsure > _FEW) & (bottom < level) & (level < top) & (top - bottom > finest)
            repeats = np.diff(np.append(first, len(near)))
            if not goes_on.all():
                near = near[np.repeat(goes_on, repeats)]
                continue
            below = _packs_below(np.repeat(level, repeats), z)
            least = np.clip(below - margin, have, most).astype(np.int64)
            greatest = np.clip(below + margin, have, most).astype(np.int64)
            fits = np.add.reduceat(greatest - have, first) <= span.left[number]
            exceeds = np.add.reduceat(least - have, first) >= span.left[number]
            span.most[near] = np.where(np.repeat(exceeds, repeats), greatest, most)
            gained = np.where(np.repeat(fits, repeats), least - have, 0)
            span.have[near] += gained
            span.left[number] -= np.add.reduceat(gained, first)
            rises = fits if from_below else ~exceeds
            tried_low[number[rises]] = level[rises]
            tried_high[number[~rises]] = level[~rises]

    def _sorted(self, rows: Int64, group: Int64, pack: Int64) -> Int64:
        """Positions of packs in the order of the model within each group; ties stay in the order given."""
        if self.exact_z is None:
            z = self.z[rows]
            return np.lexsort((z, pack / z, group))
        exact = [self.exact_z[row] for row in rows.tolist()]
        # Two different fractions j/z differ by 1/max(z)^2 at least: that many bits tell them apart, and no fewer.
        bits = 2 * max(exact, default=1).bit_length() + 1
        levels = [(j << bits) // z for j, z in zip(pack.tolist(), exact, strict=True)]
        keys = list(zip(group.tolist(), levels, exact, strict=True))
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


@dataclass
class _Span:
    """For each request: packs surely taken, and the most that may be; for each group: packs left to choose."""

    have: Int64
    most: Int64
    group: Int64
    left: Int64


def _packs_below(level: npt.NDArray[np.float64], z: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How many packs j = 0, 1, ... have j / z below the level, as float64 computes j / z."""
    below = np.ceil(level * z)
    below -= (below - 1) / z >= level
    below += below / z < level
    return below
