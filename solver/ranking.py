"""Who is next: the one total order over all packs of an item's requests, and the first K packs of it.

Pack j of a request (j packs before it) comes by class, then by its level before the pack (j / q) / w, then larger level
after it first, then by row (docs/allocation-model.md, section 4). With z = q * w that is: class, j / z, z, row.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
import numpy.typing as npt

from solver.packs import Requests, in_order, runs
from solver.problem import CLASSES, Bool, Int8, Int64

Floats = npt.NDArray[np.float64]

_FLOAT_EXACT = 2**52
"""While max q * max z stays below this, j / z in float64 sorts as the exact fractions do."""
_HALVE_EVERY = 6
"""Guesses are good but may creep; one in so many halves what is in doubt."""
_FEW, _FEW_IN_ALL = 4, 2000
"""Packs that may as well be sorted as narrowed down further: so many a segment, or so many in all segments."""


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
        packs, weights, most = np.maximum(wanted, 1), weight, int(wanted.max())
        if most * most * int(weight.max()) >= _FLOAT_EXACT:
            packs, weights = packs // (int(np.gcd.reduce(wanted)) or 1), weight // int(np.gcd.reduce(weight))
            packs = np.maximum(packs, 1)
        if int(packs.max()) * int(weights.max()) * most < _FLOAT_EXACT:
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
        reached = low.copy()
        key = segment * len(CLASSES) + (self.priority[rows] - 1)
        order = in_order(key, len(CLASSES) * len(room))
        members = np.bincount(key, minlength=len(CLASSES) * len(room))
        some = np.flatnonzero(members)
        starts = np.cumsum(members[some]) - members[some]
        packs = (high - low)[order]
        sums = np.zeros(len(members), dtype=np.int64)
        sums[some] = np.add.reduceat(packs, starts) if len(some) else 0
        table = sums.reshape(-1, len(CLASSES))
        left = np.minimum(np.maximum(room[:, None] - (np.cumsum(table, axis=1) - table), 0), table).ravel()
        full = order[np.repeat(left[some] == sums[some], members[some])]
        reached[full] = high[full]
        part = (left[some] > 0) & (left[some] < sums[some])
        if part.any():
            chosen = order[np.repeat(part, members[some])]
            span = _Span(
                low[chosen], high[chosen], np.repeat(np.arange(part.sum()), members[some][part]), left[some[part]]
            )
            reached[chosen] = self._split(rows[chosen], span)
        return reached

    def _split(self, rows: Int64, span: _Span) -> Int64:
        """As take_first, for groups (ascending, each of one class) that take some of their packs but not all."""
        for from_below in (True,) if self.exact_z is None else (True, False):
            self._narrow(rows, span, from_below)
        unsure = np.flatnonzero((span.most > span.have) & (span.left > 0)[span.group])
        many = (span.most - span.have)[unsure]
        entry = np.repeat(np.arange(len(unsure)), many)
        pack = span.have[unsure][entry] + np.arange(len(entry)) - np.repeat(np.cumsum(many) - many, many)
        order = self._sorted(rows[unsure][entry], span.group[unsure][entry], pack)
        entry = entry[order]
        ordered = span.group[unsure][entry]
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
        # Levels closer than this leave every count of packs as it is.
        finest = 2.0**-53 / self.z[rows].max()
        near = np.flatnonzero((span.most > span.have) & (span.left > 0)[span.group])
        z, group, turn = self.z[rows[near]], span.group[near], 0
        tried = _Tried.of(span, z, group)
        while len(near):
            have, most = span.have[near], span.most[near]
            first, members = runs(group)
            number = group[first]
            left, unsure = span.left[number], np.add.reduceat(most - have, first)
            bottom = np.maximum(np.minimum.reduceat(have / z, first), tried.low[number])
            top = np.minimum(np.maximum.reduceat((most - 1) / z, first), tried.high[number])
            level = tried.guess(number, members, bottom, top, halve=turn % _HALVE_EVERY == _HALVE_EVERY - 1)
            turn += 1
            goes_on = (unsure > _FEW) & (bottom < level) & (level < top) & (top - bottom > finest)
            if unsure[goes_on].sum() <= _FEW_IN_ALL:
                return
            below = _packs_below(np.repeat(level, members), z)
            least = greatest = _between(have, below - margin, most)
            gains = most_gains = np.add.reduceat(least - have, first)
            if margin:
                greatest = _between(have, below + margin, most)
                most_gains = np.add.reduceat(greatest - have, first)
            fits, exceeds = goes_on & (most_gains <= left), goes_on & (gains >= left)
            speed = np.add.reduceat(np.where((below >= have) & (below <= most), z, 0), first)
            most = np.where(np.repeat(exceeds, members), greatest, most)
            have = np.where(np.repeat(fits, members), least, have)
            span.most[near], span.have[near] = most, have
            span.left[number] -= np.where(fits, gains, 0)
            tried.note(number, level, left - gains, speed, fits if from_below else ~exceeds)
            kept = (most > have) & np.repeat(goes_on & (span.left[number] > 0), members)
            near, z, group = near[kept], z[kept], group[kept]

    def _sorted(self, rows: Int64, group: Int64, pack: Int64) -> Int64:
        """Positions of packs in the order of the model within each group; ties stay in the order given."""
        if self.exact_z is None:
            z = self.z[rows]
            order = np.lexsort((z, pack / z))
            return order[in_order(group[order], int(group.max(initial=0)) + 1)]
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


@dataclass
class _Tried:
    """What each group has learnt: the highest level that fits and the lowest that does not; and of the level
    that came nearest, how many packs it fell short by (less than 0: was over) and how many more a higher one takes.
    """

    low: Floats
    high: Floats
    last: Floats
    short: Floats
    speed: Floats

    @classmethod
    def of(cls, span: _Span, z: Floats, group: Int64) -> _Tried:
        """Nothing tried yet: as if all requests were to rise together from level 0."""
        groups = len(span.left)
        speed = np.maximum(np.bincount(group, z, minlength=groups), 1)
        return cls(np.full(groups, -np.inf), np.full(groups, np.inf), np.zeros(groups), span.left.astype(float), speed)

    def guess(self, number: Int64, members: Int64, bottom: Floats, top: Floats, *, halve: bool) -> Floats:
        """A level to try for each group: where the nearest one's speed leads, and a little beyond, so that both sides
        close in; half-way where that leads out of the bounds, and now and then in any case.
        """
        half = (bottom + top) / 2
        if halve:
            return half
        short = self.short[number]
        beyond = np.where(short > 0, 0.5, -0.5) * (1 + np.sqrt(members))
        level = self.last[number] + (short + beyond) / np.maximum(self.speed[number], 1)
        return np.where((bottom < level) & (level < top), level, half)

    def note(self, number: Int64, level: Floats, short: Int64, speed: Floats, rises: Bool) -> None:
        """Learn from the level tried: `rises` where the one sought is not below it."""
        nearer = np.abs(short) < np.abs(self.short[number])
        near = number[nearer]
        self.last[near], self.short[near], self.speed[near] = level[nearer], short[nearer], speed[nearer]
        self.low[number[rises]] = level[rises]
        self.high[number[~rises]] = level[~rises]


def _between(low: Int64, packs: Floats, high: Int64) -> Int64:
    """Packs as integers, not below low and not above high."""
    return np.minimum(np.maximum(packs, low), high).astype(np.int64)


def _packs_below(level: Floats, z: Floats) -> Floats:
    """How many packs j = 0, 1, ... have j / z below the level, as float64 computes j / z."""
    below = np.ceil(level * z)
    below -= (below - 1) / z >= level
    below += below / z < level
    return below
