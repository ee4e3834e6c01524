"""The numbering of the tree: a law over random trees, and what a cycle gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.places import LEAF_GAP, number_tree


@given(st.lists(st.integers(-1, 30), min_size=1, max_size=30))
def test_descendants_are_exactly_the_interval(drawn: list[int]) -> None:
    parents = [min(parent, node - 1) for node, parent in enumerate(drawn)]
    lo, hi = number_tree(parents)

    def ancestors(node: int) -> set[int]:
        found = {node}
        while parents[node] >= 0:
            node = parents[node]
            found.add(node)
        return found

    for node in range(len(parents)):
        assert hi[node] - lo[node] >= LEAF_GAP
        for other in range(len(parents)):
            assert (lo[other] <= lo[node] < hi[other]) == (other in ancestors(node))


def test_a_cycle_is_named() -> None:
    with pytest.raises(ValueError, match=r"\[1, 2\]"):
        number_tree([-1, 2, 1])
