"""The part of a network that can be settled from below, hub by hub, and the core that is left.

A node whose only way in is one arc without capacity, and whose arcs out lead only to settled nodes, is settled:
what lies there can serve only what lies below it, and what it cannot serve passes up through one door, as if asked
for above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.network import Arcs, Network
from solver.packs import distinct
from solver.problem import UNLIMITED, Bool, Int64


@dataclass(frozen=True)
class Hubs:
    """How the nodes of a network hang together, for one pass from the bottom up.

    `home`: the node where a node's packs lie, which is the division for a depot that only fills it, else itself;
    `home_arc`: the arc there, else -1; `home_metres`: its length, else 0.
    `rounds`: settled nodes, those below before those above. `inlet`: the arc into a settled node, -1 for none.
    `core`: nodes that are not settled; `core_arcs`: the arcs between them that can carry.
    """

    home: Int64
    home_arc: Int64
    home_metres: Int64
    rounds: list[Int64]
    inlet: Int64
    core: Bool
    core_arcs: Int64


def find_hubs(network: Network, packs: Int64, *, nearest_first: bool = False) -> Hubs:
    """Settle what can be settled, given the packs on offer at each node.

    With `nearest_first` a node stays in the core where one of its depots is farther than the arc above it is long: only
    elsewhere is using up the packs below the shortest transport too.
    """
    arcs, nodes = network.arcs, network.nodes
    carries = (arcs.capacity > 0) & (arcs.tail != arcs.head)
    into = np.bincount(arcs.head[carries], minlength=nodes)
    carries &= (into[arcs.tail] > 0) | (packs[arcs.tail] > 0)
    into = np.bincount(arcs.head[carries], minlength=nodes)
    out = np.bincount(arcs.tail[carries], minlength=nodes)
    fills_one = (into == 0) & (out == 1)
    home, home_arc = np.arange(nodes), np.full(nodes, -1, dtype=np.int64)
    simple = np.flatnonzero(carries & fills_one[arcs.tail] & (arcs.capacity == UNLIMITED))
    home[arcs.tail[simple]] = arcs.head[simple]
    home_arc[arcs.tail[simple]] = simple
    home_metres = np.zeros(nodes, dtype=np.int64)
    home_metres[arcs.tail[simple]] = arcs.metres[simple]
    carries[simple] = False

    into = np.bincount(arcs.head[carries], minlength=nodes)
    out = np.bincount(arcs.tail[carries], minlength=nodes)
    inlet = np.full(nodes, -1, dtype=np.int64)
    alive = np.flatnonzero(carries)
    inlet[arcs.head[alive]] = alive
    wide = np.zeros(nodes, dtype=np.bool_)
    wide[arcs.head[alive]] = arcs.capacity[alive] == UNLIMITED
    one_door = (into == 0) | ((into == 1) & wide)
    one_door &= home_arc < 0
    if nearest_first:
        farthest, above = np.zeros(nodes, dtype=np.int64), np.full(nodes, UNLIMITED)
        np.maximum.at(farthest, arcs.head[simple], arcs.metres[simple])
        above[arcs.head[alive]] = arcs.metres[alive]
        one_door &= farthest <= above
    rounds = _rounds(arcs, one_door, inlet, out)
    core = home_arc < 0
    for settled in rounds:
        core[settled] = False
    inlet[core] = -1
    return Hubs(
        home, home_arc, home_metres, rounds, inlet, core, alive[core[arcs.tail[alive]] & core[arcs.head[alive]]]
    )


def _rounds(arcs: Arcs, one_door: Bool, inlet: Int64, out: Int64) -> list[Int64]:
    """Settled nodes, round by round: first those with nothing below, then those with only settled nodes below."""
    left = out.copy()
    rounds = []
    ready = np.flatnonzero(one_door & (left == 0))
    while len(ready):
        rounds.append(ready)
        above = arcs.tail[inlet[ready[inlet[ready] >= 0]]]
        np.subtract.at(left, above, 1)
        above = distinct(above)
        ready = above[one_door[above] & (left[above] == 0)]
    return rounds
