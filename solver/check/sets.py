"""The true sets of an item: unfilled requests that the same remedies would help, and what section 7 says of each."""

from dataclasses import dataclass

import numpy as np

from solver.check.case import Case
from solver.check.graph import Graph
from solver.check.reasons import reason_faults, reasons_of
from solver.check.remedies import AT_ONCE, helping, reached, remedies_of
from solver.check.residual import Residual
from solver.check.rows import Bools, Ints, lined_up, split_by, sums
from solver.plan import LIMITS
from solver.problem import CLASSES, Fault

NO_CLASS = CLASSES[-1] + 1


@dataclass(frozen=True)
class Sets:
    """Sets of one item in the order of their first requests: `rows` of demand are in the sets of these `number`s.

    `first` is each set's first row of demand; the others are columns of limits.csv.
    """

    item: int
    rows: Ints
    number: Ints
    first: Ints
    requests: Ints
    packs_missing: Ints
    limited_by: Ints
    higher_class: Ints
    remedies: list[str]


@dataclass(frozen=True)
class Short:
    """Requests of one item that got less than they want: their places in its requests, and the inner node of each."""

    case: Case
    graph: Graph
    request: Ints
    at: Ints

    @property
    def row(self) -> Ints:
        """Rows of demand."""
        return self.case.question.requests.rows[self.request]

    @property
    def place(self) -> Ints:
        """The division that asks."""
        return self.case.question.requests.place[self.request]

    @property
    def missing(self) -> Ints:
        """Packs wanted and not granted."""
        return (self.case.question.requests.wanted - self.case.granted)[self.request]

    @property
    def higher(self) -> Bools:
        """Whether a pack could come from a request of a higher class."""
        best = _best_class(self.case, self.graph)[self.at]
        higher: Bools = best < self.case.question.requests.priority[self.request]
        return higher


def sets_of(case: Case, residual: Residual) -> tuple[Sets, list[Fault]]:
    """The true sets of an item that is granted fairly, and the requests whose reason is said wrong."""
    request = np.flatnonzero(case.granted < case.question.requests.wanted)
    short = Short(case, residual.graph, request, case.question.at[request])
    remedies, higher = remedies_of(case, residual), short.higher
    reason = reasons_of(case, residual.graph, remedies)[short.at]
    nodes, node = _distinct(short.at, residual.graph.size)
    alike, names = helping(residual.graph, remedies, nodes)
    number, first = _by_first((alike[node] * len(LIMITS) + reason) * 2 + higher)
    texts = zip(alike[node[first]].tolist(), _stock(short, number, len(first)), strict=True)
    sets = Sets(
        item=case.question.item,
        rows=short.row,
        number=number,
        first=short.row[first],
        requests=np.bincount(number, minlength=len(first)),
        packs_missing=sums(number, short.missing, len(first)),
        limited_by=reason[first],
        higher_class=higher[first].astype(np.int64),
        remedies=[" ".join(filter(None, (names[forms], stock))) for forms, stock in texts],
    )
    return sets, list(reason_faults(case, request, reason))


def _distinct(values: Ints, size: int) -> tuple[Ints, Ints]:
    """The values (0 to size - 1) without repeats, ascending, and the place of each among them."""
    held = np.zeros(size, dtype=np.bool_)
    held[values] = True
    return np.flatnonzero(held), (np.cumsum(held) - 1)[values]


def _best_class(case: Case, graph: Graph) -> Ints:
    """The highest class from which a pack could come to each node, NO_CLASS where none could."""
    has = np.flatnonzero(case.granted > 0)
    urgency = np.zeros(graph.size, dtype=np.int64)
    np.maximum.at(urgency, case.question.at[has], NO_CLASS - case.question.requests.priority[has])
    return NO_CLASS - graph.spread(urgency, np.maximum)


def _by_first(key: Ints) -> tuple[Ints, Ints]:
    """A number for each key in the order in which keys first stand, and where that is."""
    order = lined_up(key)
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    turn = np.argsort(order[starts])
    rank, number = np.empty_like(turn), np.empty_like(order)
    rank[turn] = np.arange(len(turn))
    number[order] = np.repeat(rank, np.diff(starts, append=len(order)))
    return number, order[starts][turn]


def _stock(short: Short, number: Ints, sets: int) -> list[str]:
    """Of each set the remedies stock@: at the lowest common division if that reaches all, else where each asks."""
    model, place = short.case.model, short.place
    low, high = np.full(sets, model.divisions), np.full(sets, -1)
    np.minimum.at(low, number, model.tree.first[place])
    np.maximum.at(high, number, model.tree.first[place])
    common = model.tree.common(low, high)
    common[~_reach_all(short, number, common)] = -1
    members = split_by(number, sets) if (common < 0).any() else []
    texts = []
    for one, division in enumerate(common.tolist()):
        at = [division] if division >= 0 else _distinct(place[members[one]], model.divisions)[0].tolist()
        texts.append(" ".join(sorted(f"stock@{model.code(division)}" for division in at)))
    return texts


def _reach_all(short: Short, number: Ints, common: Ints) -> Bools:
    """Whether a pack at each set's common division could come to every request of the set."""
    reach = common >= 0
    start = short.case.model.home[common]
    for low in range(0, len(common), AT_ONCE):
        some = np.flatnonzero((number >= low) & (number < low + AT_ONCE) & reach[number])
        bits, one = reached(short.graph, start[low : low + AT_ONCE], short.at[some]), number[some] - low
        comes = bits[np.arange(len(some)), one // 64] >> (one % 64) & 1
        reach[number[some[comes == 0]]] = False
    return reach
