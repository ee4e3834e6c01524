"""The part of a network that can be settled from below, hub by hub, and the core that is left.

A node whose only way in is one arc without capacity, and whose arcs out lead only to settled nodes, is settled:
what lies there can serve only what lies below it, and what it cannot serve passes up through one door, as if asked
for above. How much lies where does not matter for this, so it is worked out once for many items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solver.packs import distinct
from solver.problem import UNLIMITED, Bool, Int64


@dataclass(frozen=True)
class Hubs:
    """How the nodes of a network hang together, for one pass from the bottom up.

    `home`: the node where a node's packs lie, which is the division for a depot that only fills it, else itself;
    `home_arc`: the arc there, else -1; `home_metres`: its length, else 0.
    `rounds`: settled nodes, those below before those above; `round_of` their number from 1, 0 in the core.
    `inlet`: the arc into a settled node, -1 for none.
    `core`: nodes that are not settled and whose packs lie there; `core_number`: their places in it, -1 for others;
    `core_arcs`: the arcs between them.
    """

    home: Int64
    home_arc: Int64
    home_metres: Int64
    rounds: list[Int64]
    round_of: Int64
    inlet: Int64
    core: Int64
    core_number: Int64
    core_arcs: Int64


def find_hubs(
    tail: Int64, head: Int64, wide: Bool, metres: Int64, nodes: int, *, settle: bool, nearest_first: bool = False
) -> Hubs:
    """Settle what can be settled; `wide` marks the arcs without capacity. Without `settle` all is core.

    With `nearest_first` a node stays in the core where one of its depots is farther than the arc above it is long: only
    elsewhere is using up the packs below the shortest transport too.
    """
    joins = tail != head
    into, out = (np.bincount(ends[joins], minlength=nodes) for ends in (head, tail))
    fills_one = (into == 0) & (out == 1)
    home, home_arc = np.arange(nodes), np.full(nodes, -1, dtype=np.int64)
    simple = np.flatnonzero(joins & fills_one[tail] & wide)
    home[tail[simple]] = head[simple]
    home_arc[tail[simple]] = simple
    home_metres = np.zeros(nodes, dtype=np.int64)
    home_metres[tail[simple]] = metres[simple]
    joins[simple] = False

    arcs = np.flatnonzero(joins)
    into, out = (np.bincount(ends[arcs], minlength=nodes) for ends in (head, tail))
    inlet, by_wide = np.full(nodes, -1, dtype=np.int64), np.zeros(nodes, dtype=np.bool_)
    inlet[head[arcs]] = arcs
    by_wide[head[arcs]] = wide[arcs]
    one_door = settle & ((into == 0) | ((into == 1) & by_wide)) & (home_arc < 0)
    if nearest_first:
        farthest, above = np.zeros(nodes, dtype=np.int64), np.full(nodes, UNLIMITED)
        np.maximum.at(farthest, head[simple], metres[simple])
        above[head[arcs]] = metres[arcs]
        one_door &= farthest <= above
    rounds = _rounds(tail, one_door, inlet, out)
    round_of = np.zeros(nodes, dtype=np.int64)
    for number, settled in enumerate(rounds, start=1):
        round_of[settled] = number
    inner = (home_arc < 0) & (round_of == 0)
    inlet[inner] = -1
    core = np.flatnonzero(inner)
    core_number = np.full(nodes, -1, dtype=np.int64)
    core_number[core] = np.arange(len(core))
    core_arcs = arcs[inner[tail[arcs]] & inner[head[arcs]]]
    return Hubs(home, home_arc, home_metres, rounds, round_of, inlet, core, core_number, core_arcs)


def _rounds(tail: Int64, one_door: Bool, inlet: Int64, out: Int64) -> list[Int64]:
    """Settled nodes, round by round: first those with nothing below, then those with only settled nodes below."""
    left = out.copy()
    rounds = []
    ready = np.flatnonzero(one_door & (left == 0))
    while len(ready):
        rounds.append(ready)
        above = tail[inlet[ready[inlet[ready] >= 0]]]
        np.subtract.at(left, above, 1)
        above = distinct(above)
        ready = above[one_door[above] & (left[above] == 0)]
    return rounds
