"""Whether an item's grants travel the least pack-metres: its prices prove it in one pass (section 7 of the model)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.case import Case
from solver.check.residual import Residual
from solver.check.rings import negative_ring
from solver.check.rows import Ints, line
from solver.problem import Fault


@dataclass(frozen=True)
class Priced:
    """A plan's prices of one item by node, `metres`, those without a row by the rule; leaves only by a row.

    `row` is the row of prices.csv by node, -1 where there is none.
    """

    case: Case
    row: Ints
    metres: Ints

    def by_rule(self, division: Ints) -> Ints:
        """What each of these divisions' prices is without a row; all have a parent."""
        model = self.case.model
        return self.metres[model.tree.parent[division]] + model.problem.divisions.metres_to_parent[division]


def near_faults(case: Case, residual: Residual, rows: Ints) -> list[Fault]:
    """What is wrong with the prices in these rows, or with the flows where no prices could prove them."""
    priced = _priced(case, rows)
    faults = [*_missing_faults(priced), *_repeating_faults(priced)]
    if faults:
        return faults
    unproved = [*_arc_faults(priced), *_leaf_faults(priced), *_depot_faults(priced)]
    return list(_ring_faults(case, residual)) or unproved if unproved else []


def _priced(case: Case, rows: Ints) -> Priced:
    model, prices = case.model, case.plan.prices
    row, metres = np.full(model.nodes, -1), np.zeros(model.nodes, dtype=np.int64)
    row[prices.node[rows]] = rows
    metres[prices.node[rows]] = prices.price[rows]
    priced = Priced(case, row, metres)
    for level in model.inner_levels[1:]:
        plain = level[row[level] < 0]
        metres[plain] = priced.by_rule(plain)
    return priced


def _missing_faults(priced: Priced) -> Iterator[Fault]:
    """Roots and depots without a price."""
    model = priced.case.model
    roots, depots = np.flatnonzero(model.tree.parent < 0), np.arange(model.divisions, model.nodes)
    nodes = np.concatenate((roots, depots))
    for node in nodes[priced.row[nodes] < 0].tolist():
        zh, en = f"缺少 {model.code(node)} 的价格", f"no price of {model.code(node)}, a root or a depot"
        yield _fault(priced, node, zh, en)


def _repeating_faults(priced: Priced) -> Iterator[Fault]:
    """Rows that say what the rule says without them."""
    model = priced.case.model
    below = np.flatnonzero((priced.row[: model.divisions] >= 0) & (model.tree.parent >= 0))
    for node in below[priced.metres[below] == priced.by_rule(below)].tolist():
        zh = f"{model.code(node)} 的价格与上级价格加路程相同,不应单列"
        yield _fault(priced, node, zh, f"{model.code(node)} has the price of its parent and the way: it takes no row")


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
    return _fault(
        priced,
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
        yield _fault(
            priced, first + depot, f"{code} 的价格为 {said},而它{zh}", f"the price of {code} is {said}, but it {en}"
        )


def _fault(priced: Priced, node: int, zh: str, en: str) -> Fault:
    """A fault in the row of a node's price, or in that of the place above it from which its price is told."""
    model, code, source = priced.case.model, priced.case.question.code, node
    while priced.row[source] < 0 and source < model.divisions and model.tree.parent[source] >= 0:
        source = int(model.tree.parent[source])
    row = int(priced.row[source])
    if source != node:
        zh, en = f"{zh}(由 {model.code(source)} 的价格推得)", f"{en} (told from the price of {model.code(source)})"
    return Fault("prices.csv", "price", line(row) if row >= 0 else -1, f"物资 {code}:{zh}", f"item {code}: {en}")


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
