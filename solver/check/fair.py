"""Whether an item is granted by the rule: no pack can move to a request that comes before the one that has it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.graph import Ints
from solver.check.residual import Residual
from solver.check.rows import line
from solver.check.shipped import Case
from solver.problem import Fault

EXACT_MAX = 2**52


def ratio_ranks(numerator: Ints, denominator: Ints) -> Ints:
    """Rank of each fraction, equal fractions sharing one; numerators 0 or more, denominators more than 0.

    Floats rank fractions exactly while numerator x denominator stays below 2**52: two that differ, differ by more
    than their rounding. Beyond that each is scaled to a whole number so large that different ones stay different.
    """
    common = np.gcd(numerator, denominator)
    over, under = numerator // common, denominator // common
    if int(over.max(initial=0)) * int(under.max(initial=1)) < EXACT_MAX:
        return np.unique(over.astype(np.float64) / under.astype(np.float64), return_inverse=True)[1]
    shift = 2 * int(under.max()).bit_length()
    scaled = [(int(a) << shift) // int(b) for a, b in zip(over, under, strict=True)]
    place = {value: rank for rank, value in enumerate(sorted(set(scaled)))}
    return np.array([place[value] for value in scaled], dtype=np.int64)


def level_parts(case: Case) -> tuple[Ints, Ints]:
    """Packs granted and wanted x weight (in the common denominator) of each request that wants packs.

    Python's integers where the product leaves int64.
    """
    weight = case.model.problem.demand.weight_numerator[case.requests.rows]
    wide = int(case.requests.wanted.max(initial=0)) * int(weight.max(initial=0)) >= 2**62
    kind = object if wide else np.int64
    return case.granted.astype(kind), case.requests.wanted.astype(kind) * weight.astype(kind)


@dataclass(frozen=True)
class Order:
    """Places in the one order of section 4, from 1: of the last pack a request got and of the next it would get.

    0 where there is no such pack. `owner` is the request whose pack stands at each place.
    """

    last: Ints
    next: Ints
    owner: Ints


def order_of(case: Case) -> Order:
    """Line up the last pack and the next pack of every request."""
    wanted, count = case.requests.wanted, len(case.requests.rows)
    packs, scale = level_parts(case)
    has, lacks = np.flatnonzero(case.granted > 0), np.flatnonzero(case.granted < wanted)
    owner = np.concatenate((has, lacks))
    before = np.concatenate((packs[has] - 1, packs[lacks]))
    rows = case.requests.rows[owner]
    # Of two packs that start at one level, the one that lifts its request higher comes first: the smaller scale.
    keys = (
        rows,
        np.unique(scale[owner], return_inverse=True)[1],
        ratio_ranks(before, scale[owner]),
        case.model.problem.demand.priority[rows],
    )
    line_up = np.lexsort(keys)
    place = np.empty(len(owner), dtype=np.int64)
    place[line_up] = np.arange(1, len(owner) + 1)
    last, following = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    last[has], following[lacks] = place[: len(has)], place[len(has) :]
    return Order(last, following, np.concatenate(([-1], owner[line_up])))


def fair_faults(case: Case, residual: Residual) -> Iterator[Fault]:
    """Requests that could have a pack that stands idle, or one that comes later in the order."""
    order, requests = order_of(case), case.requests
    idle = len(order.owner)
    latest = np.zeros(residual.graph.size, dtype=np.int64)
    np.maximum.at(latest, requests.place, order.last)
    latest[residual.stock] = idle
    offered = residual.graph.spread(latest, np.maximum)[requests.place]
    demand = case.model.problem.demand
    for place in np.flatnonzero((order.next > 0) & (offered > order.next)).tolist():
        row = int(requests.rows[place])
        name, granted = demand.ids[row], int(case.granted[place]) * case.size
        if offered[place] == idle:
            zh, en = "仍有可发库存能运到", "stock left on offer could be shipped to it"
        else:
            giver = demand.ids[int(requests.rows[order.owner[offered[place]]])]
            zh, en = f"应先于申请 {giver} 的最后一包", f"its next pack comes before the last pack of request {giver}"
        yield Fault(
            "allocation.csv",
            "granted",
            line(row),
            f"申请 {name} 获 {granted},分配不公:{zh}",
            f"request {name} is granted {granted}, which is not fair: {en}",
        )
