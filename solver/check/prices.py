"""A plan's prices of one item: a row where the rule needs one, none where it does not (section 7 of the model)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.case import Case
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

    def fault(self, node: int, zh: str, en: str) -> Fault:
        """A fault in the row of a node's price, or in that of the place above it from which its price is told."""
        model, code, source = self.case.model, self.case.question.code, node
        while self.row[source] < 0 and source < model.divisions and model.tree.parent[source] >= 0:
            source = int(model.tree.parent[source])
        row = int(self.row[source])
        if source != node:
            zh, en = f"{zh}(由 {model.code(source)} 的价格推得)", f"{en} (told from the price of {model.code(source)})"
        return Fault("prices.csv", "price", line(row) if row >= 0 else -1, f"物资 {code}:{zh}", f"item {code}: {en}")


def priced_of(case: Case, rows: Ints) -> Priced:
    """The prices in these rows, and those that follow from them."""
    model, prices = case.model, case.plan.prices
    row, metres = np.full(model.nodes, -1), np.zeros(model.nodes, dtype=np.int64)
    row[prices.node[rows]] = rows
    metres[prices.node[rows]] = prices.price[rows]
    priced = Priced(case, row, metres)
    for level in model.inner_levels[1:]:
        plain = level[row[level] < 0]
        metres[plain] = priced.by_rule(plain)
    return priced


def row_faults(priced: Priced) -> list[Fault]:
    """Rows that are missing, and rows that are one too many."""
    return [*_missing_faults(priced), *_repeating_faults(priced)]


def _missing_faults(priced: Priced) -> Iterator[Fault]:
    """Roots and depots without a price."""
    model = priced.case.model
    roots, depots = np.flatnonzero(model.tree.parent < 0), np.arange(model.divisions, model.nodes)
    nodes = np.concatenate((roots, depots))
    for node in nodes[priced.row[nodes] < 0].tolist():
        zh, en = f"缺少 {model.code(node)} 的价格", f"no price of {model.code(node)}, a root or a depot"
        yield priced.fault(node, zh, en)


def _repeating_faults(priced: Priced) -> Iterator[Fault]:
    """Rows that say what the rule says without them."""
    model = priced.case.model
    below = np.flatnonzero((priced.row[: model.divisions] >= 0) & (model.tree.parent >= 0))
    for node in below[priced.metres[below] == priced.by_rule(below)].tolist():
        zh = f"{model.code(node)} 的价格与上级价格加路程相同,不应单列"
        yield priced.fault(node, zh, f"{model.code(node)} has the price of its parent and the way: it takes no row")
