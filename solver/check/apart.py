"""Whether what is left of an item's flows can be taken apart into the ways that are left to walk, by trying."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

TRIES_MAX = 20_000
DEPTH_MAX = 400
"""Steps after which trying is given up: the answer is then not known."""


class GivenUp(Exception):
    """Too much to try."""


@dataclass(frozen=True)
class Walker:
    """Packs at a node on their way back to a depot: metres still to go, hours walked, hours they must have in all.

    `skip`: so many of the arcs into the node have been tried for these packs already.
    """

    node: int
    origin: int
    metres: int
    hours: int
    said: int
    packs: int
    skip: int = 0


@dataclass(frozen=True)
class Arc:
    """An arc that still carries packs which nobody has walked."""

    number: int
    tail: int
    head: int
    metres: int
    hours: int


def can_be_walked(
    walkers: Iterable[Walker],
    arcs: Iterable[Arc],
    carried: Mapping[int, int],
    downstream_first: Sequence[int],
    fits: Callable[[Walker], bool],
) -> bool | None:
    """Whether the walkers can all go home over arcs that carry just their packs; None where that takes too many tries.

    `carried`: packs left by arc; `downstream_first`: nodes, each before those from which packs come to it; `fits`:
    whether some way home may have the metres and hours that a walker has left, or is where it stands.
    """
    try:
        return _Search(arcs, carried, downstream_first, fits).walk(list(walkers), 0)
    except GivenUp:
        return None


class _Search:
    """Node by node, whoever stands there is sent over the arcs into it, until each has carried what it must."""

    def __init__(
        self,
        arcs: Iterable[Arc],
        carried: Mapping[int, int],
        downstream_first: Sequence[int],
        fits: Callable[[Walker], bool],
    ) -> None:
        self.into: dict[int, list[Arc]] = defaultdict(list)
        for arc in arcs:
            self.into[arc.head].append(arc)
        self.left, self.fits, self.tries = dict(carried), fits, 0
        self.order = list(downstream_first)
        self.turn = {node: place for place, node in enumerate(self.order)}

    def walk(self, walkers: list[Walker], done: int) -> bool:
        """Whether these walkers, all there are, can use up what is left; nodes of turns before `done` are settled."""
        self.tries += 1
        if self.tries > TRIES_MAX or len(walkers) > DEPTH_MAX:
            raise GivenUp
        waiting = _together([one for one in walkers if one.node != one.origin])
        if not waiting:
            return not any(self.left.values())
        first = min(waiting, key=lambda one: (self.turn[one.node], one.origin, one.metres, one.said, one.hours))
        turn = self.turn[first.node]
        if any(self.left[arc.number] for node in self.order[done:turn] for arc in self.into.get(node, ())):
            return False
        others = [one for one in waiting if one is not first]
        arcs = self.into.get(first.node, [])[first.skip :]
        room = sum(self.left[arc.number] for arc in arcs)
        for place, arc in enumerate(arcs, start=first.skip + 1):
            if room < first.packs:
                return False
            room -= self.left[arc.number]
            ahead = replace(
                first, node=arc.tail, metres=first.metres - arc.metres, hours=first.hours + arc.hours, skip=0
            )
            most = min(first.packs, self.left[arc.number]) if self.fits(ahead) else 0
            for packs in range(most, 0, -1):
                behind = [replace(first, packs=first.packs - packs, skip=place)] if packs < first.packs else []
                self.left[arc.number] -= packs
                if self.walk([*others, *behind, replace(ahead, packs=packs)], turn):
                    return True
                self.left[arc.number] += packs
        return False


def _together(walkers: Iterable[Walker]) -> list[Walker]:
    """Walkers alike in all but their packs made one."""
    packs: dict[Walker, int] = defaultdict(int)
    for one in walkers:
        packs[replace(one, packs=0)] += one.packs
    return [replace(one, packs=some) for one, some in packs.items()]
