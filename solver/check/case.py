"""One item of a plan laid beside what the model allows it."""

from dataclasses import dataclass

import numpy as np

from solver.check.arcs import Arcs
from solver.check.graph import Graph
from solver.check.model import Model
from solver.check.rows import Bools, Ints, sums
from solver.check.stock import Offer, Requests
from solver.plan import Plan


@dataclass(frozen=True)
class Question:
    """What the model says of one item; `at` is the inner node at which each request is met, `capacity` packs by arc."""

    model: Model
    item: int
    offer: Offer
    requests: Requests
    at: Ints
    arcs: Arcs
    capacity: Ints

    @property
    def size(self) -> int:
        """Units of a pack."""
        return int(self.model.problem.items.pack_size[self.item])

    @property
    def code(self) -> str:
        """Code of the item."""
        return self.model.problem.items.codes[self.item]


def question_of(model: Model, item: int) -> Question:
    """Read what the problem says of an item."""
    offer, requests, arcs = model.stock.offer(item), model.stock.requests(item), model.arcs(item)
    capacity = model.capacity(item, arcs, offer, requests)
    return Question(model, item, offer, requests, model.home[requests.place], arcs, capacity)


@dataclass(frozen=True)
class Case:
    """One item of a plan, in packs.

    `flows` and `shipments` are rows of the plan that are about the item; `granted` by request. `stands`: whether an
    open arc stands where each flow row goes; `arc`: that arc, -1 for the one into a leaf. `carried` by arc between
    inner nodes; `came` and `left` by node.
    """

    question: Question
    plan: Plan
    flows: Ints
    shipments: Ints
    granted: Ints
    stands: Bools
    arc: Ints
    carried: Ints
    came: Ints
    left: Ints

    @property
    def model(self) -> Model:
        """What all items share."""
        return self.question.model

    @property
    def sent(self) -> Ints:
        """Packs that leave each depot's own stock, by the flows."""
        return (self.left - self.came)[self.model.divisions :]

    def support(self) -> tuple[Ints, Graph]:
        """Arcs between inner nodes that carry, and the graph they make."""
        arcs = np.flatnonzero(self.carried > 0)
        return arcs, Graph(len(self.model.inner), self.question.arcs.tail[arcs], self.question.arcs.head[arcs])


def case_of(question: Question, plan: Plan, flows: Ints, shipments: Ints) -> Case:
    """Lay an item of the plan beside its question."""
    model, size = question.model, question.size
    tail, head, packs = plan.flows.from_node[flows], plan.flows.to_node[flows], plan.flows.quantity[flows] // size
    to_leaf = model.leaf[head]
    stands = np.zeros(len(flows), dtype=np.bool_)
    stands[to_leaf] = model.tree.parent[head[to_leaf]] == tail[to_leaf]
    arc = np.full(len(flows), -1)
    inner = np.flatnonzero(~to_leaf)
    arc[inner] = question.arcs.find(model.number[tail[inner]], model.number[head[inner]])
    stands[inner] = arc[inner] >= 0
    used = np.flatnonzero(arc >= 0)
    return Case(
        question,
        plan,
        flows,
        shipments,
        plan.granted[question.requests.rows] // size,
        stands,
        arc,
        sums(arc[used], packs[used], len(question.arcs.key)),
        sums(head[stands], packs[stands], model.nodes),
        sums(tail[stands], packs[stands], model.nodes),
    )
