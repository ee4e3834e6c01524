"""docs/example in packs: what the model says of it by hand, what a plan grants, and what else the document plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from solver import Plan, Problem
from solver.problem import no_links
from tests.docs.document import DOCS
from tests.solver import oracle
from tests.solver.oracle import Asked, Pair, Tables

EXAMPLE, ITEM = DOCS / "example", "suit"
HIGHER_SHARE, MORE_UNITS = Decimal("0.7"), 70
"""What counties may lend, and what the West-depot has more, in two of the plans that the document makes besides."""


def wishes(rows: Tables, plan: Plan) -> list[Asked]:
    """Requests in packs, with what the plan grants them."""
    asked = oracle.requests_of(rows, ITEM)
    size = oracle.pack_size(rows, ITEM)
    return [replace(one, granted=int(plan.granted[one.row]) // size) for one in asked]


def carried(problem: Problem, plan: Plan) -> dict[Pair, int]:
    """Packs over each arc of the plan."""
    codes, flows = problem.node_codes(), plan.flows
    ends = zip(flows.from_node, flows.to_node, flows.quantity // problem.items.pack_size[0], strict=True)
    return {(codes[tail], codes[head]): int(packs) for tail, head, packs in ends}


def turns(asked: list[Asked]) -> Iterator[tuple[Fraction, Asked, int, bool]]:
    """Packs in the order in which the rule comes to them: level before, request, which pack, whether it is granted.

    A request that once cannot be served is not come to again, so its packs granted are its first ones.
    """
    packs = [replace(one, granted=before) for one in asked for before in range(min(one.granted + 1, one.wanted))]
    total = {one.row: one.granted for one in asked}
    for pack in sorted(packs, key=Asked.next_pack):
        yield pack.next_pack()[1], pack, pack.granted + 1, pack.granted < total[pack.row]


def what_ifs(problem: Problem) -> list[Problem]:
    """The example, and what else the document plans."""
    settings, more = problem.settings, problem.stock.quantity.copy()
    more[list(problem.stock.lot).index("E")] += MORE_UNITS
    return [
        problem,
        replace(problem, settings=replace(settings, release_reserves=True)),
        replace(problem, links=no_links()),
        replace(problem, settings=replace(settings, mutual_aid={"county": HIGHER_SHARE})),
        replace(problem, stock=replace(problem.stock, quantity=more)),
    ]
