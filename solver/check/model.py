"""A problem read as sections 2 and 3 of the allocation model say: the one intended duplicate of the package.

It shares no code with the rooms that make plans. What all items share is read once.
"""

from functools import cached_property

import numpy as np

from solver.check.arcs import Arcs, before_links
from solver.check.links import LinkRows
from solver.check.rows import Bools, Ints
from solver.check.stock import Offer, Requests, Stock
from solver.check.tree import Tree
from solver.problem import LEVELS, UNLIMITED, Problem


class Model:
    """Nodes, arcs and capacities of a problem.

    A *leaf* is a division that only receives, over the tree's arc from its parent, which has no capacity: no child,
    no depot, no lending and no link touches it. Whatever reaches its parent reaches it, and what comes back from it
    comes back to its parent; so all that is asked about ways is asked of the other nodes, the *inner* ones.

    `leaf`: of each node; `inner`: the node of each inner node; `number`: the inner node of each node, -1 for a leaf;
    `home`: the inner node of each division or, for a leaf, of its parent; `inner_levels`: inner divisions by depth,
    roots first.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.divisions, self.depots = len(problem.divisions), len(problem.depots)
        self.nodes = self.divisions + self.depots
        self.tree, self.stock = Tree(problem.divisions.parent), Stock(problem)
        self.leaf = self._leaves()
        self.inner = np.flatnonzero(~self.leaf)
        self.number = np.where(self.leaf, -1, np.cumsum(~self.leaf) - 1)
        parent = problem.divisions.parent
        self.home = self.number[np.where(self.leaf[: self.divisions], parent, np.arange(self.divisions))]
        self.inner_levels = [level[~self.leaf[level]] for level in self.tree.levels]
        self._known: dict[int, Arcs] = {}

    def code(self, node: int) -> str:
        """Code of a division or depot."""
        place, problem = node - self.divisions, self.problem
        return str(problem.divisions.codes[node] if place < 0 else problem.depots.codes[place])

    def codes(self, inner: Ints) -> list[str]:
        """Codes of inner nodes."""
        return [self.code(node) for node in self.inner[inner].tolist()]

    def depot_nodes(self) -> Ints:
        """The inner node of each depot."""
        return self.number[self.divisions :]

    def arcs(self, item: int) -> Arcs:
        """Open arcs of an item between inner nodes; the same ones for all items that no link names."""
        named = item if (self.problem.links.item == item).any() else -1
        if named not in self._known:
            self._known[named] = self._links.applied(self._before_links, item)
        return self._known[named]

    def capacity(self, item: int, arcs: Arcs, offer: Offer, requests: Requests) -> Ints:
        """Packs of an item that each arc can carry."""
        capacity = np.full(len(arcs.key), UNLIMITED)
        lends, links = np.flatnonzero(arcs.lender >= 0), np.flatnonzero(arcs.link >= 0)
        capacity[lends] = self._aid_capacity(arcs.lender[lends], offer, requests)
        capacity[links] = self._links.capacity(arcs.link[links], int(self.problem.items.pack_size[item]))
        return capacity

    def _leaves(self) -> Bools:
        links = self.problem.links
        busy = (self.problem.divisions.parent, self.problem.depots.division, links.from_node, links.to_node)
        leaf = np.ones(self.nodes + 1, dtype=np.bool_)
        # No parent and no division are row -1: the last one here, which is nobody's.
        leaf[np.concatenate((*busy, self._lenders, np.arange(self.divisions, self.nodes)))] = False
        leaf[np.flatnonzero(self.problem.divisions.parent < 0)] = False
        return leaf[:-1]

    @cached_property
    def _lenders(self) -> Ints:
        divisions = self.problem.divisions
        lends = np.isin(divisions.level, [LEVELS.index(name) for name in self.problem.settings.mutual_aid])
        return np.flatnonzero(lends & (divisions.parent >= 0))

    @cached_property
    def _before_links(self) -> Arcs:
        divisions = self.problem.divisions
        children = np.flatnonzero((divisions.parent >= 0) & ~self.leaf[: self.divisions])
        return before_links(self.problem, self.number, children, self._lenders)

    @cached_property
    def _links(self) -> LinkRows:
        links = self.problem.links
        return LinkRows(links, self.number[links.from_node], self.number[links.to_node])

    def _aid_capacity(self, lenders: Ints, offer: Offer, requests: Requests) -> Ints:
        """Packs that each lender may send up: its share of what lies below it, or of what is left over there."""
        placed, settings = np.flatnonzero(self.problem.depots.division >= 0), self.problem.settings
        base = self.tree.total_below(self.problem.depots.division[placed], offer.on_offer[placed], lenders)
        if settings.mutual_aid_basis == "surplus":
            base = np.maximum(0, base - self.tree.total_below(requests.place, requests.wanted, lenders))
        shares = {LEVELS.index(name): share.as_integer_ratio() for name, share in settings.mutual_aid.items()}
        ratios = (shares[level] for level in self.problem.divisions.level[lenders].tolist())
        lent = [packs * over // under for packs, (over, under) in zip(base.tolist(), ratios, strict=True)]
        return np.array(lent, dtype=np.int64)
