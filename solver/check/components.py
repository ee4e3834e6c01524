"""Strongly connected components: nodes that lead to each other.

Most are joined by steps that lead there and back, all at once; other rings are rare and searched node by node.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from solver.check.rows import Ints

Onward = Mapping[int, Sequence[int]]


def there_and_back(tail: Ints, head: Ints, size: int) -> tuple[int, Ints]:
    """How many groups of nodes there are, joined by pairs of steps there and back; and the group of each node."""
    paired = np.flatnonzero(np.isin(tail * size + head, head * size + tail))
    tail, head, lowest = tail[paired], head[paired], np.arange(size)
    while True:
        # Each group hears of the lowest node that a neighbour has heard of.
        nearer = lowest.copy()
        np.minimum.at(nearer, lowest[tail], lowest[head])
        nearer = nearer[nearer]
        if np.array_equal(nearer, lowest):
            break
        lowest = nearer
    own = lowest == np.arange(size)
    return int(own.sum()), (np.cumsum(own) - 1)[lowest]


def searched(tail: Ints, head: Ints, size: int) -> tuple[int, Ints]:
    """How many components there are, and the component of each node."""
    label = np.full(size, -1)
    back, count = onward_of(head, tail), 0
    for node in reversed(left(onward_of(tail, head), range(size))):
        if label[node] < 0:
            label[node], waiting = count, [node]
            while waiting:
                new = [other for other in back.get(waiting.pop(), ()) if label[other] < 0]
                label[new] = count
                waiting += new
            count += 1
    return count, label


def onward_of(tail: Ints, head: Ints) -> Onward:
    """Where the steps from each node lead."""
    onward = dict[int, list[int]]()
    for one, other in zip(tail.tolist(), head.tolist(), strict=True):
        onward.setdefault(one, []).append(other)
    return onward


def left(onward: Onward, starts: Iterable[int]) -> list[int]:
    """Nodes that the starts lead to, as a search in depth leaves them: apart from rings, after all they lead to."""
    done, seen = list[int](), set[int]()
    for start in starts:
        path = [] if start in seen else [(start, iter(onward.get(start, ())))]
        seen.add(start)
        while path:
            node = next((node for node in path[-1][1] if node not in seen), None)
            if node is None:
                done.append(path.pop()[0])
            else:
                seen.add(node)
                path.append((node, iter(onward.get(node, ()))))
    return done
