"""Prices that prove nothing, or are told where none is needed; others that prove as much are found out by hand."""

from functools import partial
from random import Random

import numpy as np

from solver import Plan
from tests.solver import oracle, prices, reasons
from tests.solver.corruptions.example import Corrupted, Corruption, Example, names_of, with_columns

PRICE_MAX = 2**61
"""The model's bound of a price, either way."""


def prices_prove(example: Example, plan: Plan) -> bool:
    """Whether other prices prove the same flows, each item's by hand."""
    codes, rows = example.problem.node_codes(), plan.prices
    bounded = all(abs(price) <= PRICE_MAX for price in rows.price.tolist())
    if not (set(rows.node.tolist()) <= set(range(len(codes))) and bounded and in_order(plan)):
        return False
    said = dict[str, dict[str, int]]()
    for node, item, price in zip(rows.node.tolist(), rows.item.tolist(), rows.price.tolist(), strict=True):
        said.setdefault(example.problem.items.codes[item], {})[codes[node]] = price
    return all(
        prices.prove(reasons.item_by_the_rule(example.tables, code), carried(example, plan, code), said.get(code, {}))
        for code in example.problem.items.codes
    )


def in_order(plan: Plan) -> bool:
    """Whether prices stand by item and node, each once."""
    keys = list(zip(plan.prices.item.tolist(), plan.prices.node.tolist(), strict=True))
    return keys == sorted(set(keys))


def carried(example: Example, plan: Plan, item: str) -> dict[tuple[str, str], int]:
    """Packs over each arc of an item."""
    codes, size = example.problem.node_codes(), oracle.pack_size(example.tables, item)
    some = plan.flows.item == example.problem.items.codes.index(item)
    ends = zip(plan.flows.from_node[some].tolist(), plan.flows.to_node[some].tolist(), strict=True)
    packs = (plan.flows.quantity[some] // size).tolist()
    return {(codes[tail], codes[head]): number for (tail, head), number in zip(ends, packs, strict=True)}


def prices_shifted(example: Example, random: Random) -> Corrupted:
    """All prices of an item higher or lower by as much."""
    item = random.randrange(len(example.problem.items))
    prices = example.plan.prices
    shifted = prices.price + np.where(prices.item == item, random.choice((-1, 1, 1000, -(10**6))), 0)
    changed = with_columns(example.plan, "prices", price=shifted)
    return Corrupted(changed, frozenset({f"item {example.problem.items.codes[item]}"}), prices_prove(example, changed))


def price_added(differs_by: tuple[int, ...], example: Example, random: Random) -> Corrupted | None:
    """A row for a division that has none: what the rule gives it, or another price."""
    rows = example.plan.prices
    told = set(zip(rows.item.tolist(), rows.node.tolist(), strict=True))
    items, nodes = range(len(example.problem.items)), range(len(example.problem.divisions))
    free = [(item, node) for item in items for node in nodes if (item, node) not in told]
    if not free:
        return None
    item, node = random.choice(free)
    price = by_rule(example, item, node) + random.choice(differs_by)
    row = sorted([*told, (item, node)]).index((item, node))
    values = {"node": node, "item": item, "price": price}
    columns = {name: np.insert(getattr(rows, name), row, value) for name, value in values.items()}
    changed = with_columns(example.plan, "prices", **columns)
    return Corrupted(changed, frozenset(names_of(example, changed, "prices", row)), prices_prove(example, changed))


def by_rule(example: Example, item: int, node: int) -> int:
    """The price of a division without a row."""
    rows, divisions = example.plan.prices, example.problem.divisions
    told = np.flatnonzero((rows.item == item) & (rows.node == node))
    if len(told):
        return int(rows.price[told[0]])
    return by_rule(example, item, int(divisions.parent[node])) + int(divisions.metres_to_parent[node])


PRICES: dict[str, Corruption] = {
    "prices shifted": prices_shifted,
    "a price that needs no row": partial(price_added, (0,)),
    "a price of its own": partial(price_added, (1, -1, 1000, -1000)),
}
