"""Prices prove least transport: which rows there must be, and what each of them may say."""

from dataclasses import replace

import numpy as np
import pytest

from solver import Fault, Plan, Problem, solve
from solver.check import check
from tests.solver import small
from tests.solver.small import ints

# P and its depot, 3 metres away; below it A, which gets all there is, and B, which gets nothing.
PROBLEM = small.problem(
    small.divisions(P=("", "county", 0), A=("P", "township", 10), B=("P", "township", 20)),
    [("P", 5)],
    [("A", 5, 1), ("B", 5, 2)],
    away={"P": 3},
)
P, A, B, DEPOT = range(4)


def priced(rows: dict[int, int], problem: Problem = PROBLEM) -> tuple[Problem, Plan]:
    """The plan with a price for each of these nodes."""
    nodes = sorted(rows)
    plan = solve(problem)
    prices = replace(
        plan.prices,
        node=ints(nodes),
        item=np.zeros(len(nodes), dtype=np.int64),
        price=ints([rows[node] for node in nodes]),
    )
    return problem, replace(plan, prices=prices)


@pytest.mark.parametrize(
    "rows",
    [{P: 3, DEPOT: 0}, {P: 103, DEPOT: 100}, {P: 3, B: 0, DEPOT: 0}, {P: 3, B: -9, DEPOT: 0}],
)
def test_prices_that_prove_the_plan_are_believed(rows: dict[int, int]) -> None:
    assert check(*priced(rows)) == []


WRONG = {
    "no price of P, a root or a depot": {DEPOT: 0},
    "no price of DP, a root or a depot": {P: 3},
    "A has the price of its parent and the way": {P: 3, A: 13, DEPOT: 0},
    "the price 14 of A is above 3 of P and 10 metres, but P>A has room": {P: 3, A: 14, DEPOT: 0},
    "the price 12 of A is below 3 of P and 10 metres, but P>A carries": {P: 3, A: 12, DEPOT: 0},
    "the price 24 of B is above 3 of P and 20 metres, but P>B has room": {P: 3, B: 24, DEPOT: 0},
    "the price 4 of P is above 0 of DP and 3 metres, but DP>P has room": {P: 4, DEPOT: 0},
    "the price 2 of P is below 0 of DP and 3 metres, but DP>P carries": {P: 2, DEPOT: 0},
    "the price of DP is -1, but it ships": {P: 2, DEPOT: -1},
}


@pytest.mark.parametrize("words", WRONG)
def test_a_price_that_proves_nothing_is_named(words: str) -> None:
    [fault] = check(*priced(WRONG[words]))
    assert (fault.table, words in fault.en) == ("prices.csv", True), fault.en


def test_a_depot_with_packs_left_has_no_price_above_nothing() -> None:
    plenty = small.problem(PROBLEM.divisions, [("P", 50)], [("A", 5)], away={"P": 3})
    [fault] = check(*priced({P: 4, DEPOT: 1}, plenty))
    assert "the price of DP is 1, but it has packs left on offer" in fault.en


def test_a_price_told_from_one_above_names_that_row() -> None:
    """B hangs on Q, whose own price is wrong for the depot below it."""
    places = small.divisions(P="", Q=("P", "county", 10), B=("Q", "township", 20))
    problem = small.problem(places, [("P", 5), ("B", 5)], [("B", 20)])
    plan = solve(problem)
    wrong = replace(plan.prices, price=plan.prices.price + np.where(plan.prices.node == 0, 1, 0))
    faults = check(problem, replace(plan, prices=wrong))
    assert faults
    assert all(fault.table == "prices.csv" for fault in faults)
    assert any("told from the price of P" in fault.en and fault.row == 2 for fault in faults)


def flows_over(problem: Problem, plan: Plan, ways: list[tuple[int, int]]) -> list[Fault]:
    """What is said of the plan with all its packs over other arcs."""
    ordered = sorted(ways)
    flows = replace(
        plan.flows,
        from_node=ints([tail for tail, _ in ordered]),
        to_node=ints([head for _, head in ordered]),
        item=ints([0] * len(ways)),
        quantity=ints([5] * len(ways)),
    )
    return check(problem, replace(plan, flows=flows))


def test_where_a_shorter_way_was_open_the_flows_are_at_fault_and_not_the_prices() -> None:
    places = small.divisions(P="", A=("P", "county", 1000))
    links = [{"from": "DP", "to": "A", "metres": 10}]
    problem = small.problem(places, [("P", 5)], [("A", 5)], links)
    faults = flows_over(problem, solve(problem), [(2, 0), (0, 1)])
    [far] = [fault for fault in faults if fault.table in ("flows.csv", "prices.csv") and "least" in fault.en]
    assert far.table == "flows.csv"
    assert "saves 990 metres a pack" in far.en
    assert not any(fault.table == "prices.csv" for fault in faults)
