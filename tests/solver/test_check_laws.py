"""Laws of the parts that the checker stands on: orders of fractions, reach in graphs, rings of negative length."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solver.check.fair import ratio_ranks
from solver.check.graph import Graph, negative_ring
from solver.check.rows import grouped, repeated, sums
from solver.problem import TOTAL_MAX, Int64

NODES = 6
arcs = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=14)


def ints(values: list[int]) -> Int64:
    return np.array(values, dtype=np.int64)


def graph_of(pairs: list[tuple[int, int]]) -> Graph:
    return Graph(NODES, ints([tail for tail, _ in pairs]), ints([head for _, head in pairs]))


def reached(pairs: list[tuple[int, int]], start: int) -> set[int]:
    seen = {start}
    for _ in range(NODES):
        seen |= {head for tail, head in pairs if tail in seen}
    return seen


small = st.tuples(st.integers(0, 30), st.integers(1, 30))
near_each_other = st.tuples(st.integers(10**15 - 3, 10**15), st.integers(10**30 - 3, 10**30))


@given(st.lists(st.one_of(small, near_each_other), min_size=1))
def test_fractions_rank_as_they_compare(pairs: list[tuple[int, int]]) -> None:
    wide = np.array([over for over, _ in pairs], dtype=object), np.array([under for _, under in pairs], dtype=object)
    ranked = sorted(zip(ratio_ranks(*wide).tolist(), (Fraction(*pair) for pair in pairs), strict=True))
    assert all((a == b) == (one == other) and one <= other for (a, one), (b, other) in pairwise(ranked))


@given(st.lists(small, min_size=1))
def test_machine_integers_rank_as_wide_ones_do(pairs: list[tuple[int, int]]) -> None:
    over, under = [over for over, _ in pairs], [under for _, under in pairs]
    exact = sorted({Fraction(*pair) for pair in pairs})
    assert ratio_ranks(ints(over), ints(under)).tolist() == [exact.index(Fraction(*pair)) for pair in pairs]


@given(arcs, st.lists(st.integers(0, 9), min_size=NODES, max_size=NODES))
def test_values_spread_to_all_that_is_reached(pairs: list[tuple[int, int]], values: list[int]) -> None:
    graph = graph_of(pairs)
    reach = [reached(pairs, start) for start in range(NODES)]
    most = [max(values[start] for start in range(NODES) if node in reach[start]) for node in range(NODES)]
    bits = [0] * NODES
    for start in range(NODES):
        for node in reach[start]:
            bits[node] |= values[start]
    assert graph.spread(ints(values), np.maximum).tolist() == most
    assert graph.spread(ints(values), np.bitwise_or).tolist() == bits


@given(arcs)
def test_nodes_on_a_cycle_are_those_that_lead_back_to_themselves(pairs: list[tuple[int, int]]) -> None:
    back = [node for node in range(NODES) if any(node in reached(pairs, head) for tail, head in pairs if tail == node)]
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
    assert repeated(columns).tolist() == [place for place, row in enumerate(rows) if row in rows[:place]]
