"""What would help where: every floor, full or closed arc of which one more would bring a pack to a node (section 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from solver.check.case import Case
from solver.check.graph import Graph
from solver.check.residual import Residual
from solver.check.rows import Bools, Ints, grouped

FORMS = ("floor", "open", "aid", "link")
# Remedies whose reach is told at once: 16 words of 64 bits for each node, so that many links need no more memory.
AT_ONCE = 1024


@dataclass(frozen=True)
class Remedies:
    """Remedies of one item sorted by name: one more arrives at inner node `node`; `form` is a place in FORMS."""

    names: list[str]
    node: Ints
    form: Ints


def remedies_of(case: Case, residual: Residual) -> Remedies:
    """Everything of which one more would bring a pack to some node from stock that is there."""
    found = sorted(_found(case, residual))
    numbers = np.array([number for _, *number in found], dtype=np.int64).reshape(-1, 2)
    return Remedies([name for name, *_ in found], numbers[:, 0], numbers[:, 1])


def _found(case: Case, residual: Residual) -> Iterator[tuple[str, int, int]]:
    """(name, node, form): floors that withhold, and arcs to whose tail stock on offer has a way."""
    question, arcs, model = case.question, case.question.arcs, case.model
    at_stock = np.zeros(residual.graph.size, dtype=np.int64)
    at_stock[residual.stock] = 1
    rich = residual.graph.spread(at_stock, np.maximum) > 0
    floors = model.depot_nodes()[question.offer.withheld > 0]
    yield from ((f"floor@{code}", node, 0) for code, node in zip(model.codes(floors), floors.tolist(), strict=True))
    full = case.carried >= question.capacity
    lends, links = np.flatnonzero(full & (arcs.lender >= 0)), np.flatnonzero(full & (arcs.link >= 0))
    for form, tail, head in (
        (1, arcs.closed_tail, arcs.closed_head),
        (2, arcs.tail[lends], arcs.head[lends]),
        (3, arcs.tail[links], arcs.head[links]),
    ):
        some = np.flatnonzero(rich[tail])
        for one, other, node in zip(model.codes(tail[some]), model.codes(head[some]), head[some].tolist(), strict=True):
            yield f"{FORMS[form]}@{one}>{other}", node, form


def forms_at(graph: Graph, remedies: Remedies) -> Ints:
    """At each node, a bit for each form of the remedies that help there."""
    seeds = np.zeros(graph.size, dtype=np.int64)
    np.bitwise_or.at(seeds, remedies.node, 1 << remedies.form)
    return graph.spread(seeds, np.bitwise_or)


def reached(graph: Graph, starts: Ints, nodes: Ints) -> Ints:
    """Bit k % 64 of word k // 64 in the row of each of the nodes: whether it is reached from start k."""
    bits = np.zeros((graph.size, -(-len(starts) // 64)), dtype=np.int64)
    number = np.arange(len(starts))
    np.bitwise_or.at(bits, (starts, number // 64), np.left_shift(np.int64(1), number % 64))
    return graph.spread(bits, np.bitwise_or)[nodes]


def unpacked(bits: Ints, count: int) -> Bools:
    """The first `count` bits of each row, one by one."""
    return np.unpackbits(bits.astype("<i8").view(np.uint8), axis=1, bitorder="little")[:, :count].astype(np.bool_)


def helping(graph: Graph, remedies: Remedies, nodes: Ints) -> tuple[Ints, list[str]]:
    """A number for each of the nodes, one for all where the same remedies help, and their names by number."""
    parts = []
    for low in range(0, len(remedies.names), AT_ONCE):
        names = np.array(remedies.names[low : low + AT_ONCE], dtype=object)
        bits = reached(graph, remedies.node[low : low + AT_ONCE], nodes)
        first, number = grouped(tuple(bits.T))
        parts.append((number, [list(names[row]) for row in unpacked(bits[first], len(names))]))
    if not parts:
        return np.zeros(len(nodes), dtype=np.int64), [""]
    first, alike = grouped([number for number, _ in parts])
    texts = [" ".join(name for number, names in parts for name in names[number[node]]) for node in first.tolist()]
    return alike, texts
