"""From where and over what: least transport, ways without circles, first expired first, hours by road."""

from datetime import date
from decimal import Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from solver import Plan, Problem, Settings, check, hours_text, solve
from solver.transport import Priced, cheapest_flow
from tests.solver import small

PLACES = 6


def shipped(problem: Problem, plan: Plan) -> list[tuple[str, str, str, int, int, str]]:
    """Request, depot, lot, units, metres and hours of each shipment."""
    rows = plan.shipments
    return [
        (
            problem.demand.ids[row],
            problem.depots.codes[depot],
            problem.stock.lot[lot],
            int(units),
            int(metres),
            hours_text(int(time)),
        )
        for row, depot, lot, units, metres, time in zip(
            rows.demand_row, rows.depot, rows.stock_row, rows.quantity, rows.metres, rows.hours_thousandths, strict=True
        )
    ]


AN_ARC = some.tuples(some.integers(0, PLACES), some.integers(0, PLACES), some.integers(0, 9), some.integers(0, 50))


@settings(max_examples=150, deadline=None)
@given(some.lists(AN_ARC, max_size=25), some.lists(some.integers(0, 6), min_size=PLACES, max_size=PLACES))
def test_beyond_the_range_of_the_engine_transport_is_as_short(
    drawn: list[tuple[int, int, int, int]], needs: list[int]
) -> None:
    # A way of 100 metres to each place makes every need feasible.
    arcs = [(PLACES, place, 100, 100) for place in range(PLACES)] + [arc for arc in drawn if arc[0] != arc[1]]
    tail, head, capacity, metres = (small.ints(column) for column in zip(*arcs, strict=True))
    needed = small.ints([*needs, 0])
    stretched = metres * 10**16
    usual = cheapest_flow(Priced(tail, head, capacity, metres), PLACES + 1, PLACES, needed)
    wide = cheapest_flow(Priced(tail, head, capacity, stretched), PLACES + 1, PLACES, needed)
    for flow in (usual, wide):
        balance = np.zeros(PLACES + 1, dtype=np.int64)
        np.add.at(balance, head, flow)
        np.subtract.at(balance, tail, flow)
        assert balance[:PLACES].tolist() == needs
        assert ((flow >= 0) & (flow <= capacity)).all()
    assert usual @ metres == wide @ metres


@settings(max_examples=60, deadline=None)
@given(some.lists(some.integers(0, 9), min_size=8, max_size=8), some.sampled_from(["0", "0.5", "1"]))
def test_nothing_travels_in_a_circle_where_roads_have_no_length(numbers: list[int], share: str) -> None:
    places = small.divisions(P=("", "city", 0), A=("P", "county", 0), B=("P", "county", 0), C=("A", "county", 0))
    lots = [(place, numbers[number]) for number, place in enumerate(places.codes)]
    requests = [(place, numbers[4 + number]) for number, place in enumerate(places.codes)]
    links = [{"from": "A", "to": "B"}, {"from": "B", "to": "A"}]
    problem = small.problem(places, lots, requests, links, Settings(mutual_aid={"county": Decimal(share)}))
    plan = solve(problem)
    assert not check(problem, plan)
    later = dict[int, set[int]]()
    for tail, head in zip(plan.flows.from_node.tolist(), plan.flows.to_node.tolist(), strict=True):
        later.setdefault(tail, set()).add(head)
    for start in later:
        reached, front = set[int](), later[start]
        while front:
            reached |= front
            front = set().union(*(later.get(node, set()) for node in front)) - reached
        assert start not in reached


def test_nearest_first_even_where_the_depot_above_is_nearer_than_the_own_one() -> None:
    places = small.divisions(P="", A=("P", "county", 10))
    problem = small.problem(places, [("P", 5), ("A", 5)], [("A", 5)], away={"A": 400, "P": 3})
    assert shipped(problem, solve(problem)) == [("R0", "DP", "L0", 5, 13, "0.300")]


def test_first_expired_first_out_and_the_earlier_lots_to_the_higher_class() -> None:
    places = small.divisions(P="")
    lots = [("P", 4, None), ("P", 3, date(2020, 5, 1)), ("P", 5, date(2020, 3, 1)), ("P", 9, date(2020, 1, 26))]
    requests = [("P", 2, 3), ("P", 4, 1), ("P", 3, 2)]
    problem = small.problem(places, lots, requests, settings=Settings(as_of=date(2020, 1, 26)))
    plan = solve(problem)
    by_request = [(request, lot, units) for request, _, lot, units, _, _ in shipped(problem, plan)]
    # L3 has expired on the day; L2 goes first, and first to class 1.
    assert by_request == [("R0", "L1", 1), ("R0", "L0", 1), ("R1", "L2", 4), ("R2", "L2", 1), ("R2", "L1", 2)]


def test_floors_hold_back_the_lots_that_expire_last() -> None:
    places = small.divisions(P="")
    lots = [("P", 10, date(2020, 5, 1), 7), ("P", 10, date(2020, 3, 1), 3)]
    problem = small.problem(places, lots, [("P", 99)], pack=2)
    plan = solve(problem)
    # Ten packs, a floor of ceil(7 / 2) = 4: the five of March and one of May.
    assert [(lot, units) for _, _, lot, units, _, _ in shipped(problem, plan)] == [("L1", 10), ("L0", 2)]
    released = solve(small.problem(places, lots, [("P", 99)], pack=2, settings=Settings(release_reserves=True)))
    assert released.granted.tolist() == [20]


def test_hours_count_legs_of_positive_length_and_leave_penalties_out() -> None:
    places = small.divisions(P="", A=("P", "county", 5500), B=("A", "township", 0))
    links = [
        {"from": "DP", "to": "A", "metres": 30_000, "road": 11_000},
        {"from": "A", "to": "B", "metres": 100, "road": 100, "hours": Decimal("1.25")},
        {"from": "DP", "to": "P", "open": False},
    ]
    problem = small.problem(places, [("P", 2)], [("A", 1), ("B", 1)], links)
    ways = [(request, metres, hours) for request, _, _, _, metres, hours in shipped(problem, solve(problem))]
    assert ways == [("R0", 30_000, "0.350"), ("R1", 30_100, "1.600")]


def test_two_ways_of_different_length_are_two_shipments() -> None:
    places = small.divisions(P="", A=("P", "county", 1000), B=("A", "township", 1000))
    links = [{"from": "P", "to": "B", "metres": 100, "capacity": 3}]
    problem = small.problem(places, [("P", 10)], [("B", 10)], links)
    assert [(units, metres) for _, _, _, units, metres, _ in shipped(problem, solve(problem))] == [(3, 100), (7, 2000)]


def test_tonne_km_is_the_same_sum_in_weight() -> None:
    places = small.divisions(P="", A=("P", "county", 12_345))
    plan = solve(small.problem(places, [("P", 30)], [("A", 30)], pack=10))
    # 3 packs x 12,345 m; 30 boxes of 0.25 kg over 12.345 km.
    assert plan.summary["items"][0]["pack_metres"] == 3 * 12_345
    assert plan.summary["tonne_km"] == "0.0925875"
