"""Where one pack can still go in a plan: one more along an arc with room, or one back off an arc that carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from solver.network import Arcs
from solver.packs import in_order
from solver.problem import Int64

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class Residual:
    """Steps of one pack between nodes, sorted by head; metres are less than 0 where a pack comes back."""

    nodes: int
    tail: Int64
    head: Int64
    metres: Int64

    @classmethod
    def of(cls, arcs: Arcs, flow: Int64, nodes: int) -> Residual:
        """The steps that this flow leaves."""
        room, back = np.flatnonzero(flow < arcs.capacity), np.flatnonzero(flow > 0)
        return cls.sorted(
            np.concatenate([arcs.tail[room], arcs.head[back]]),
            np.concatenate([arcs.head[room], arcs.tail[back]]),
            np.concatenate([arcs.metres[room], -arcs.metres[back]]),
            nodes,
        )

    @classmethod
    def sorted(cls, tail: Int64, head: Int64, metres: Int64, nodes: int) -> Residual:
        """These steps by their heads."""
        order = in_order(head, nodes)
        return cls(nodes, tail[order], head[order], metres[order])

    def spread(self, values: npt.NDArray[Kind], join: np.ufunc) -> npt.NDArray[Kind]:
        """At each node (axis 0) the values of all nodes from which it can be reached, itself among them, joined.

        `join` is a ufunc for which joining twice changes nothing: np.bitwise_or, np.minimum, np.logical_or.
        """
        spread = values.copy()
        first = np.flatnonzero(np.diff(self.head, prepend=-1))
        head, tail = self.head[first], self.tail
        while len(head):
            before = spread[head]
            after = join(before, join.reduceat(spread[tail], first, axis=0))
            if np.array_equal(before, after):
                break
            spread[head] = after
        return spread
