"""Why a request got less: one case for each reason, in the order in which the first that holds is named."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from solver import LIMITS, Plan, Settings, solve
from tests.solver import small


def reasons(plan: Plan) -> list[str]:
    return [LIMITS[limit] for limit in plan.limited_by.tolist()]


def test_a_filled_request_and_one_for_nothing_have_no_reason() -> None:
    problem = small.problem(small.divisions(P=""), [("P", 3)], [("P", 3), ("P", 0)])
    assert reasons(solve(problem)) == ["", ""]


def test_stock_where_nothing_else_would_help() -> None:
    problem = small.problem(small.divisions(P=""), [("P", 3)], [("P", 4)])
    assert reasons(solve(problem)) == ["stock"]


@pytest.mark.parametrize(
    ("floor", "release", "reason"), [(2, False, "reserve-floor"), (2, True, "stock"), (0, False, "stock")]
)
def test_reserve_floor_where_something_is_withheld(floor: int, release: bool, reason: str) -> None:
    lots = [("P", 5, None, floor)]
    problem = small.problem(small.divisions(P=""), lots, [("P", 9)], settings=Settings(release_reserves=release))
    assert reasons(solve(problem)) == [reason]


def test_a_floor_over_an_empty_shelf_withholds_nothing() -> None:
    lots = [("P", 0, None, 50), ("P", 9, date(2020, 1, 1), 0)]
    settings_of_the_day = Settings(as_of=date(2020, 1, 26))
    problem = small.problem(small.divisions(P=""), lots, [("P", 9)], settings=settings_of_the_day)
    assert reasons(solve(problem)) == ["stock"]


PAIR = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("P", "county", 5))


def test_closed_where_the_stock_lies_behind_the_cut() -> None:
    links = [{"from": "P", "to": "A", "open": False}]
    assert reasons(solve(small.problem(PAIR, [("P", 9)], [("A", 5), ("B", 4)], links))) == ["closed", ""]


def test_a_cut_that_hides_no_stock_is_not_the_reason() -> None:
    links = [{"from": "P", "to": "A", "open": False}]
    assert reasons(solve(small.problem(PAIR, [("P", 4), ("A", 1)], [("A", 5), ("B", 9)], links))) == ["stock", "stock"]


def test_mutual_aid_where_the_lender_has_given_its_share() -> None:
    aid = Settings(mutual_aid={"county": Decimal("0.2")})
    plan = solve(small.problem(PAIR, [("A", 20)], [("A", 5), ("B", 9)], settings=aid))
    assert plan.granted.tolist() == [5, 4]
    assert reasons(plan) == ["", "mutual-aid"]


def test_link_capacity_where_the_link_is_full() -> None:
    links = [{"from": "A", "to": "B", "capacity": 3}]
    plan = solve(small.problem(PAIR, [("A", 20)], [("A", 5), ("B", 9)], links))
    assert plan.granted.tolist() == [5, 3]
    assert reasons(plan) == ["", "link-capacity"]


def test_where_two_things_are_in_the_way_at_once_neither_is_the_reason() -> None:
    # All that A may give fills the link: a pack more on either side of the link stops at the other.
    links = [{"from": "A", "to": "B", "capacity": 3}]
    plan = solve(small.problem(PAIR, [("A", 9, None, 6)], [("B", 9)], links))
    assert plan.granted.tolist() == [3]
    assert reasons(plan) == ["stock"]


def test_no_way_where_the_item_lies_out_of_reach() -> None:
    plan = solve(small.problem(PAIR, [("A", 20)], [("B", 9)]))
    assert reasons(plan) == ["no-way"]


def test_a_way_of_no_capacity_is_a_way() -> None:
    links = [{"from": "A", "to": "B", "capacity": 0}]
    plan = solve(small.problem(PAIR, [("A", 20, None, 20)], [("B", 9)], links))
    assert reasons(plan) == ["stock"]


def test_less_than_a_pack_is_nothing_of_the_item() -> None:
    plan = solve(small.problem(PAIR, [("A", 9)], [("B", 9)], pack=10))
    assert reasons(plan) == ["stock"]


@settings(max_examples=80, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 9), some.integers(0, 9), some.integers(0, 14)), min_size=3, max_size=3))
def test_a_floor_is_the_reason_exactly_where_one_pack_less_of_it_lets_one_more_through(
    drawn: list[tuple[int, int, int]],
) -> None:
    aid, names = Settings(mutual_aid={"county": Decimal("0.5")}), PAIR.codes
    requests = [(name, wanted) for name, (_, _, wanted) in zip(names, drawn, strict=True)]

    def total(floors: list[int], of: list[tuple[str, int]]) -> tuple[int, list[str]]:
        lots = [(name, held, None, floor) for name, (held, _, _), floor in zip(names, drawn, floors, strict=True)]
        # Lenders' shares move with floors; a link of a fixed capacity does not.
        links = [{"from": name, "to": "P", "metres": 5, "capacity": 2} for name in ("A", "B")]
        plan = solve(small.problem(PAIR, lots, of, links, aid))
        return int(plan.granted.sum()), reasons(plan)

    floors = [floor for _, floor, _ in drawn]
    granted, why = total(floors, requests)
    helps = False
    for place, (held, floor, _) in enumerate(drawn):
        withheld = min(held, floor)
        if withheld:
            lowered = list(floors)
            lowered[place] = withheld - 1
            helps |= total(lowered, requests)[0] > granted
    assert helps == ("reserve-floor" in why)


def test_reasons_are_named_in_the_order_of_the_model() -> None:
    assert LIMITS == ("", "reserve-floor", "closed", "mutual-aid", "link-capacity", "no-way", "stock")
