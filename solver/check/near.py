"""Whether an item's grants travel the least pack-metres: its prices prove it in one pass (section 7 of the model)."""

from collections.abc import Iterator

import numpy as np

from solver.check.case import Case
from solver.check.prices import Priced, priced_of, row_faults
from solver.check.residual import Residual
from solver.check.rings import negative_ring
from solver.check.rows import Ints
from solver.problem import Fault


def near_faults(case: Case, residual: Residual, rows: Ints) -> list[Fault]:
    """What is wrong with the prices in these rows, or with the flows where no prices could prove them."""
    priced = priced_of(case, rows)
    if faults := row_faults(priced):
        return faults
    unproved = [*_arc_faults(priced), *_leaf_faults(priced), *_depot_faults(priced)]
    return list(_ring_faults(case, residual)) or unproved if unproved else []


def _arc_faults(priced: Priced) -> Iterator[Fault]:
    """Arcs with room over which the price rises by more than their length; arcs that carry, by less."""
    case, arcs, inner = priced.case, priced.case.question.arcs, priced.case.model.inner
    tail, head = inner[arcs.tail], inner[arcs.head]
    rise = priced.metres[head] - priced.metres[tail] - arcs.metres
    steep = (rise > 0) & (case.carried < case.question.capacity)
    flat = (rise < 0) & (case.carried > 0)
    for arc in np.flatnonzero(steep | flat).tolist():
        yield _rise_fault(priced, int(tail[arc]), int(head[arc]), int(arcs.metres[arc]))


def _leaf_faults(priced: Priced) -> Iterator[Fault]:
    """The same of arcs into leaves, which always have room; only leaves with a row can break it."""
    model, case = priced.case.model, priced.case
    leaves = np.flatnonzero((priced.row >= 0) & model.leaf)
    rise = priced.metres[leaves] - priced.by_rule(leaves)
    for leaf in leaves[(rise > 0) | ((rise < 0) & (case.came[leaves] > 0))].tolist():
        metres = int(model.problem.divisions.metres_to_parent[leaf])
        yield _rise_fault(priced, int(model.tree.parent[leaf]), leaf, metres)


def _rise_fault(priced: Priced, tail: int, head: int, metres: int) -> Fault:
    ends, price = [priced.case.model.code(node) for node in (tail, head)], priced.metres
    way, low, high = ">".join(ends), int(price[tail]), int(price[head])
    zh, en = ("高于", "above") if high > low + metres else ("低于", "below")
    why = ("此路尚有运力", "has room") if high > low + metres else ("此路正在运送", "carries")
    return priced.fault(
        head,
        f"{ends[1]} 的价格 {high} {zh} {ends[0]} 的价格 {low} 加路程 {metres},而{why[0]}({way})",
        f"the price {high} of {ends[1]} is {en} {low} of {ends[0]} and {metres} metres, but {way} {why[1]}",
    )


def _depot_faults(priced: Priced) -> Iterator[Fault]:
    """Depots with packs left and a price above 0, or that ship at a price below 0."""
    case, first = priced.case, priced.case.model.divisions
    price = priced.metres[first:]
    dear = (price > 0) & (case.sent < case.question.offer.on_offer)
    for depot in np.flatnonzero(dear | ((price < 0) & (case.sent > 0))).tolist():
        code, said = case.model.code(first + depot), int(price[depot])
        zh, en = ("仍有可发库存", "has packs left on offer") if said > 0 else ("正在发出", "ships")
        zh, en = f"{code} 的价格为 {said},而它{zh}", f"the price of {code} is {said}, but it {en}"
        yield priced.fault(first + depot, zh, en)


def _ring_faults(case: Case, residual: Residual) -> Iterator[Fault]:
    """A ring along which packs would be sent anew over fewer metres, if there is one."""
    ring, metres = negative_ring(residual.graph, residual.metres)
    if not len(ring):
        return
    around = np.append(ring, ring[0]).tolist()
    way = ">".join("*" if node == residual.stock else case.model.code(int(case.model.inner[node])) for node in around)
    code = case.question.code
    yield Fault(
        "flows.csv",
        "quantity",
        -1,
        f"物资 {code} 的运输不是最省:沿 {way} 改道,每包少走 {-metres} 米(* 为可发库存)",
        f"transport of item {code} is not the least: rerouting along {way} saves {-metres} metres a pack "
        f"(* is stock on offer)",
    )
