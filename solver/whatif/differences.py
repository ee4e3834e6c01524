"""What a variant gives otherwise than its base does: by item, place and class, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction

import numpy as np

from solver.gather import Part
from solver.packs import changes, in_order, sums_by
from solver.problem import LEVELS, Bool, Divisions, Int8, Int64, Problem
from solver.whatif.asking import Outcome

_CLASS_NUMBERS = 5
_TOGETHER = 2.0**62
"""Sums that stay below this fit into int64 with room to spare."""


@dataclass(frozen=True)
class Side:
    """What one plan has for each group: packs granted; the lowest level (g / q) / w of any of its requests, None where
    nothing is wanted; and packs times metres of what comes to it.

    Of levels that are equal to fifteen digits any may be taken for the lowest.
    """

    packs: Int64
    lowest: list[Fraction | None]
    pack_metres: list[int]


@dataclass(frozen=True)
class Differences:
    """Groups of requests, a row for each item, place and class, sorted by these.

    A request counts in the class that the variant gives it, before and after. `division` is -1 for all places together;
    `requests`: how many, of which so many got `more` or `fewer` packs; `requested` in units, `wanted` in packs.
    """

    item: Int64
    division: Int64
    priority: Int8
    requests: Int64
    more: Int64
    fewer: Int64
    requested: Int64
    wanted: Int64
    before: Side
    after: Side

    def __len__(self) -> int:
        return len(self.item)


def differences(base: Outcome, other: Outcome, level: str = "county") -> Differences:
    """Groups by place at a level of the tree in which anything is different; of items that both hold.

    A place that lies higher than the level, or has nothing above it there, stands for itself.
    """
    items = [item for item in _held_by_both(base, other) if _is_solved_again(base.parts[item], other.parts[item])]
    found = _compared(base, other, items, places_at(base.problem.divisions, level))
    return _where(found, _differs(found))


def totals(base: Outcome, other: Outcome) -> Differences:
    """All places together, of every item that both hold, different or not."""
    nowhere = np.full(len(base.problem.divisions), -1, dtype=np.int64)
    return _compared(base, other, _held_by_both(base, other), nowhere)


def places_at(divisions: Divisions, level: str) -> Int64:
    """For each division, the first from itself upward that stands at the level or higher, or is a root."""
    lowest = LEVELS.index(level)
    place = np.arange(len(divisions))
    while (climbs := (divisions.level[place] > lowest) & (divisions.parent[place] >= 0)).any():
        place = np.where(climbs, divisions.parent[place], place)
    return place


def _held_by_both(base: Outcome, other: Outcome) -> list[int]:
    return sorted(base.parts.keys() & other.parts.keys())


def _is_solved_again(before: Sequence[Part], after: Sequence[Part]) -> bool:
    answers = zip(before, after, strict=False)
    return len(before) != len(after) or any(one.answer is not two.answer for one, two in answers)


def _compared(base: Outcome, other: Outcome, items: Sequence[int], place: Int64) -> Differences:
    problem, demand = other.problem, other.problem.demand
    held = np.zeros(len(problem.items), dtype=np.bool_)
    held[list(items)] = True
    rows = np.flatnonzero(held[demand.item])
    item, division, priority = demand.item[rows], place[demand.division[rows]], demand.priority[rows]
    key = ((item, len(held)), (division + 1, len(place) + 1), (priority.astype(np.int64), _CLASS_NUMBERS))
    groups, first = _Groups.of(rows, key)
    packs = [_packs(outcome, items) for outcome in (base, other)]
    more, fewer = (np.bincount(groups.of_row[rows[kept]], minlength=len(first)) for kept in _changed(packs, rows))
    return Differences(
        item=item[first],
        division=division[first],
        priority=priority[first],
        requests=groups.sums(np.ones(len(rows), dtype=np.int64)),
        more=more,
        fewer=fewer,
        requested=groups.sums(demand.quantity[rows]),
        wanted=groups.sums(_wanted(problem, rows)),
        before=_side(base, items, groups, packs[0]),
        after=_side(other, items, groups, packs[1]),
    )


def _changed(packs: Sequence[Int64], rows: Int64) -> tuple[Bool, Bool]:
    before, after = packs[0][rows], packs[1][rows]
    return after > before, after < before


def _wanted(problem: Problem, rows: Int64) -> Int64:
    quantity, item = problem.demand.quantity[rows], problem.demand.item[rows]
    return -(-quantity // problem.items.pack_size[item])


@dataclass(frozen=True)
class _Groups:
    """The requests that are compared, by their rows, and the group of each row of the demand that is among them."""

    rows: Int64
    of_row: Int64
    count: int

    @classmethod
    def of(cls, rows: Int64, keys: Sequence[tuple[Int64, int]]) -> tuple[_Groups, Int64]:
        """Groups of rows with equal keys, in the order of the keys (each with its size), and their first places."""
        order = np.arange(len(rows))
        for key, size in reversed(keys):
            order = order[in_order(key[order], size)]
        starts = changes([key[order] for key, _ in keys]) if len(rows) else order
        of_row = np.full(int(rows.max(initial=-1)) + 1, -1, dtype=np.int64)
        of_row[rows[order]] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
        return cls(rows, of_row, len(starts)), order[starts]

    def sums(self, values: Int64) -> Int64:
        """Sums by group; one value a row."""
        return sums_by(self.of_row[self.rows], values, self.count)


def _packs(outcome: Outcome, items: Sequence[int]) -> Int64:
    """Packs granted to each request of the problem, of these items."""
    packs = np.zeros(len(outcome.problem.demand), dtype=np.int64)
    for part in (part for item in items for part in outcome.parts[item]):
        packs[part.requests.row] = part.answer.granted
    return packs


def _side(outcome: Outcome, items: Sequence[int], groups: _Groups, packs: Int64) -> Side:
    packs = packs[groups.rows]
    return Side(groups.sums(packs), _lowest(outcome.problem, groups, packs), _pack_metres(outcome, items, groups))


def _lowest(problem: Problem, groups: _Groups, packs: Int64) -> list[Fraction | None]:
    wanted, weight = _wanted(problem, groups.rows), problem.demand.weight_numerator[groups.rows]
    asks = np.flatnonzero(wanted)
    group, packs, wanted, weight = groups.of_row[groups.rows[asks]], packs[asks], wanted[asks], weight[asks]
    level = packs / (wanted.astype(np.float64) * weight)
    least = np.full(groups.count, np.inf)
    np.minimum.at(least, group, level)
    row = np.full(groups.count, -1, dtype=np.int64)
    lowest = np.flatnonzero(level == least[group])
    row[group[lowest]] = lowest
    scale = problem.demand.weight_denominator
    return [
        Fraction(int(packs[at]) * scale, int(wanted[at]) * int(weight[at])) if at >= 0 else None for at in row.tolist()
    ]


def _pack_metres(outcome: Outcome, items: Sequence[int], groups: _Groups) -> list[int]:
    """Packs times metres of all that is delivered to each group, exact beyond int64 too."""
    row, packs, metres = _deliveries(outcome, items)
    group = groups.of_row[row]
    if packs.astype(np.float64) @ metres.astype(np.float64) < _TOGETHER:
        sums: list[int] = sums_by(group, packs * metres, groups.count).tolist()
        return sums
    total = [0] * groups.count
    for place, p, m in zip(group.tolist(), packs.tolist(), metres.tolist(), strict=True):
        total[place] += p * m
    return total


def _deliveries(outcome: Outcome, items: Sequence[int]) -> tuple[Int64, Int64, Int64]:
    """Request's row, packs and metres of everything that is delivered."""
    none = np.zeros(0, dtype=np.int64)
    row, packs, metres = [none], [none], [none]
    for part in (part for item in items for part in outcome.parts[item]):
        some = part.answer.deliveries
        row.append(part.requests.row[some.request])
        packs.append(some.packs)
        metres.append(some.metres)
    return np.concatenate(row), np.concatenate(packs), np.concatenate(metres)


def _differs(found: Differences) -> Bool:
    differs = (found.more > 0) | (found.fewer > 0)
    for before, after in (
        (found.before.lowest, found.after.lowest),
        (found.before.pack_metres, found.after.pack_metres),
    ):
        differs |= np.array([one != other for one, other in zip(before, after, strict=True)], dtype=np.bool_)
    return differs


def _where(found: Differences, kept: Bool) -> Differences:
    rows = np.flatnonzero(kept).tolist()
    names = [column.name for column in fields(found) if column.name not in ("before", "after")]
    before, after = (
        Side(side.packs[kept], [side.lowest[row] for row in rows], [side.pack_metres[row] for row in rows])
        for side in (found.before, found.after)
    )
    return Differences(**{name: getattr(found, name)[kept] for name in names}, before=before, after=after)
