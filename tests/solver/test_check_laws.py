"""Laws of the parts that the checker stands on: fractions, orders, sums, reach in graphs, spans of trees, rings."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solver.check.graph import Graph
from solver.check.levels import comparable
from solver.check.remedies import Remedies, helping, reached, unpacked
from solver.check.rings import negative_ring
from solver.check.rows import grouped, lined_up, not_after, split_by, sums
from solver.check.tree import Tree
from solver.problem import TOTAL_MAX
from tests.solver.small import ints

NODES = 6
arcs = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=14)
nodes = st.lists(st.integers(0, NODES - 1), max_size=70)


def graph_of(pairs: list[tuple[int, int]]) -> Graph:
    return Graph(NODES, ints([tail for tail, _ in pairs]), ints([head for _, head in pairs]))


def reach_of(pairs: list[tuple[int, int]], start: int) -> set[int]:
    seen = {start}
    for _ in range(NODES):
        seen |= {head for tail, head in pairs if tail in seen}
    return seen


small = st.tuples(st.integers(0, 30), st.integers(1, 30))
near_each_other = st.tuples(st.integers(10**15 - 3, 10**15), st.integers(10**30 - 3, 10**30))
large = st.tuples(st.integers(2**31 - 3, 2**31), st.integers(2**61 - 3, 2**61))


@given(st.one_of(st.lists(st.one_of(small, near_each_other), min_size=1), st.lists(large, min_size=1)))
def test_fractions_compare_as_they_should(pairs: list[tuple[int, int]]) -> None:
    wide = np.array([over for over, _ in pairs], dtype=object), np.array([under for _, under in pairs], dtype=object)
    ordered = sorted(zip(comparable(*wide).tolist(), (Fraction(*pair) for pair in pairs), strict=True))
    assert all((a == b) == (one == other) and one <= other for (a, one), (b, other) in pairwise(ordered))


@given(st.lists(st.one_of(small, large), min_size=1))
def test_machine_integers_compare_as_wide_ones_do(pairs: list[tuple[int, int]]) -> None:
    over, under = [over for over, _ in pairs], [under for _, under in pairs]
    told = comparable(ints(over), ints(under)).tolist()
    exact = [Fraction(*pair) for pair in pairs]
    for one in range(len(pairs)):
        for other in range(len(pairs)):
            assert (told[one] < told[other]) == (exact[one] < exact[other])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**40)), min_size=1))
def test_rows_line_up_by_the_first_key_then_the_next(rows: list[tuple[int, int]]) -> None:
    order = lined_up(ints([first for first, _ in rows]), ints([second for _, second in rows]))
    assert order.tolist() == sorted(range(len(rows)), key=lambda row: (rows[row], row))


@given(st.lists(st.integers(0, 3)))
def test_rows_split_by_their_key(keys: list[int]) -> None:
    assert [part.tolist() for part in split_by(ints(keys), 4)] == [
        [row for row, one in enumerate(keys) if one == key] for key in range(4)
    ]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1))
def test_rows_out_of_their_order_are_told_from_rows_repeated(rows: list[tuple[int, int]]) -> None:
    early, again = not_after(ints([first for first, _ in rows]), ints([second for _, second in rows]))
    assert early.tolist() == [row for row in range(1, len(rows)) if rows[row] < rows[row - 1]]
    assert again.tolist() == [row for row in range(1, len(rows)) if rows[row] == rows[row - 1]]


@given(arcs, st.lists(st.integers(0, 9), min_size=NODES, max_size=NODES))
def test_values_spread_to_all_that_is_reached(pairs: list[tuple[int, int]], values: list[int]) -> None:
    graph = graph_of(pairs)
    reach = [reach_of(pairs, start) for start in range(NODES)]
    most = [max(values[start] for start in range(NODES) if node in reach[start]) for node in range(NODES)]
    bits = [0] * NODES
    for start in range(NODES):
        for node in reach[start]:
            bits[node] |= values[start]
    assert graph.spread(ints(values), np.maximum).tolist() == most
    assert graph.spread(ints(values), np.bitwise_or).tolist() == bits


@given(arcs, nodes, st.permutations(range(NODES)))
def test_starts_reach_what_they_reach_however_many_they_are(
    pairs: list[tuple[int, int]], starts: list[int], order: list[int]
) -> None:
    bits = unpacked(reached(graph_of(pairs), ints(starts), ints(order)), len(starts))
    assert bits.tolist() == [[node in reach_of(pairs, start) for start in starts] for node in order]


@given(arcs, nodes)
def test_nodes_are_alike_where_the_same_helps(pairs: list[tuple[int, int]], starts: list[int]) -> None:
    names = [f"r{number:02}" for number in range(len(starts))]
    alike, texts = helping(graph_of(pairs), Remedies(names, ints(starts), ints(starts)), np.arange(NODES))
    for node in range(NODES):
        help_here = [name for name, start in zip(names, starts, strict=True) if node in reach_of(pairs, start)]
        assert texts[alike[node]] == " ".join(help_here)


@given(arcs)
def test_nodes_on_a_cycle_are_those_that_lead_back_to_themselves(pairs: list[tuple[int, int]]) -> None:
    back = [node for node in range(NODES) if any(node in reach_of(pairs, head) for tail, head in pairs if tail == node)]
    assert graph_of(pairs).on_cycle().tolist() == back


@given(arcs, st.data())
def test_a_ring_of_negative_length_is_found_where_there_is_one(
    pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    length = data.draw(st.lists(st.integers(-4, 9), min_size=len(pairs), max_size=len(pairs)))
    ring, metres = negative_ring(graph_of(pairs), ints(length))
    far = [0] * NODES
    for _ in range(NODES):
        for (tail, head), metre in zip(pairs, length, strict=True):
            far[head] = min(far[head], far[tail] + metre)
    goes_on = any(far[tail] + metre < far[head] for (tail, head), metre in zip(pairs, length, strict=True))
    assert (len(ring) > 0) == goes_on
    assert (metres < 0) == goes_on
    if goes_on:
        around = [*ring.tolist(), int(ring[0])]
        assert all(step in pairs for step in pairwise(around))


def above(parent: list[int], row: int) -> list[int]:
    found = [row]
    while parent[found[-1]] >= 0:
        found.append(parent[found[-1]])
    return found


@given(st.integers(1, 9).flatmap(lambda rows: st.tuples(*(st.integers(-1, row - 1) for row in range(rows)))), st.data())
def test_spans_of_a_tree_tell_who_stands_below_and_above(parents: tuple[int, ...], data: st.DataObject) -> None:
    # Any order of rows: a child may stand before its parent.
    rows = len(parents)
    place = data.draw(st.permutations(range(rows)))
    parent = [0] * rows
    for row, one in enumerate(parents):
        parent[place[row]] = place[one] if one >= 0 else -1
    tree, values = Tree(ints(parent)), data.draw(st.lists(st.integers(0, 9), min_size=rows, max_size=rows))
    assert sorted(row for level in tree.levels for row in level.tolist()) == list(range(rows))
    below = [sum(values[other] for other in range(rows) if row in above(parent, other)) for row in range(rows)]
    assert tree.total_below(np.arange(rows), ints(values), np.arange(rows)).tolist() == below
    some = data.draw(st.lists(st.integers(0, rows - 1), min_size=1))
    low, high = (ints([pick(tree.first[row] for row in some)]) for pick in (min, max))
    shared = [row for row in above(parent, some[0]) if all(row in above(parent, other) for other in some)]
    assert tree.common(low, high).tolist() == [shared[0] if shared else -1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, TOTAL_MAX))))
def test_sums_are_exact_or_stop_at_the_most_there_can_be(rows: list[tuple[int, int]]) -> None:
    index, values = [index for index, _ in rows], [value for _, value in rows]
    exact = [sum(value for one, value in rows if one == index) for index in range(4)]
    assert sums(ints(index), ints(values), 4).tolist() == [min(total, TOTAL_MAX) for total in exact]


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"))))
def test_rows_alike_share_a_group(rows: list[tuple[int, str]]) -> None:
    columns = ints([number for number, _ in rows]), np.array([text for _, text in rows], dtype="U1")
    first, group = grouped(columns)
    assert [rows[first[number]] for number in group.tolist()] == rows
    assert len(first) == len(set(rows))
