"""What remedies would give: each held against the changed instance, written by hand and solved anew."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from solver import Plan, Problem, Settings, read_instance, solve
from solver.explain import Effect, Explanation, Teller, explain_request, explain_set, only_item
from tests.solver import instances, small
from tests.solver.oracle import Tables

SEEDS = range(24)
ALL = 1_000


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[Tables], Problem]:
    """The question of an instance, through its folder."""
    asked = []

    def ask(tables: Tables) -> Problem:
        asked.append(tables)
        instances.write(tables, tmp_path / str(len(asked)), len(asked))
        return read_instance(tmp_path / str(len(asked)))

    return ask


def by_hand(tables: Tables, item: str, effect: Effect, missing: dict[str, int]) -> Tables:
    """The instance in which the remedies are true; `missing` are units by the division that asks."""
    changed = deepcopy(tables)
    for remedy in effect.remedies:
        form, _, where = remedy.partition("@")
        if form == "floor":
            for row in changed.stock:
                if (row["depot_code"], row["item_code"]) == (where, item):
                    row["reserve_floor"] = "0"
        elif form == "stock":
            units = missing[where] if len(effect.remedies) > 1 else sum(missing.values())
            add_stock(changed, item, where, units)
        else:
            open_way(changed, item, *where.split(">"))
    return changed


def add_stock(tables: Tables, item: str, place: str, units: int) -> None:
    code = f"new-{place}"
    tables.depots.append({"code": code, "name": "", "division_code": place, "km_to_division": "", "kind": ""})
    tables.stock.append(
        {
            "depot_code": code,
            "item_code": item,
            "quantity": str(units),
            "lot": "",
            "expires_on": "",
            "reserve_floor": "",
        }
    )


def open_way(tables: Tables, item: str, start: str, end: str) -> None:
    """A row for the item alone, which wins over a row for every item."""
    tables.links[:] = [
        row for row in tables.links if (row["from_code"], row["to_code"], row["item_code"]) != (start, end, item)
    ]
    blank = dict.fromkeys(("penalty_km", "capacity", "open", "hours"), "")
    tables.links.append({"from_code": start, "to_code": end, "item_code": item, "km": "7", **blank})


def missing_units(problem: Problem, plan: Plan, mine: np.ndarray) -> dict[str, int]:
    size = problem.items.pack_size[problem.demand.item]
    short = -(-problem.demand.quantity // size) * size - plan.granted
    found: dict[str, int] = {}
    for row in np.flatnonzero(mine & (short > 0)).tolist():
        place = problem.divisions.codes[int(problem.demand.division[row])]
        found[place] = found.get(place, 0) + int(short[row])
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_remedy_would_give_is_what_a_new_solve_gives(seed: int, ask: Callable[[Tables], Problem]) -> None:
    tables = instances.make(seed)
    problem = ask(tables)
    plan = solve(problem)
    for number in range(1, min(len(plan.limits), 3) + 1):
        members = plan.set == number
        one = np.zeros(len(members), dtype=np.bool_)
        one[np.flatnonzero(members)[-1]] = True
        for mine, found in (
            (members, explain_set(problem, plan, number, most=ALL)),
            (one, explain_request(problem, plan, int(np.flatnonzero(one)[0]), most=ALL)),
        ):
            hold(tables, problem, plan, mine, found, ask)


def hold(
    tables: Tables,
    problem: Problem,
    plan: Plan,
    mine: np.ndarray,
    found: Explanation,
    ask: Callable[[Tables], Problem],
) -> None:
    """Before is the plan, after is the changed instance; and what helps one helps all taken together."""
    of_item, size = problem.demand.item == found.item, int(problem.items.pack_size[found.item])
    named = plan.limits.remedies[plan.set[mine][0] - 1].split()
    assert found.granted == plan.granted[mine].sum() // size
    assert found.asked_units == problem.demand.quantity[mine].sum()
    assert found.wanted == (-(-problem.demand.quantity[mine] // size)).sum()
    for effect in found.effects:
        code, missing = problem.items.codes[found.item], missing_units(problem, plan, mine)
        after = solve(ask(by_hand(tables, code, effect, missing))).granted
        others = of_item & ~mine
        assert effect.granted == after[mine].sum() // size, effect
        assert effect.more == np.count_nonzero(after[others] > plan.granted[others])
        assert effect.less == np.count_nonzero(after[others] < plan.granted[others])
        more = after[of_item].sum() - plan.granted[of_item].sum()
        if set(effect.remedies) <= set(named) or effect.units:
            assert more > 0
        else:  # a closed road beyond empty shelves: shared out anew, some may come that way, and nobody is worse off
            assert effect.remedies[0].startswith("open@")
            assert more >= 0
            assert (after[of_item] != plan.granted[of_item]).any()


@pytest.mark.parametrize("seed", range(60))
def test_where_nobody_lends_released_floors_and_new_stock_take_from_nobody(
    seed: int, ask: Callable[[Tables], Problem]
) -> None:
    tables = instances.make(seed)
    tables.settings.pop("mutual_aid", None)
    problem = ask(tables)
    plan = solve(problem)
    for number in range(1, len(plan.limits) + 1):
        found = explain_set(problem, plan, number)
        for effect in found.effects:
            if effect.units:
                assert effect.less == 0
                assert effect.granted >= found.granted


def test_one_item_by_itself_is_answered_as_among_others(ask: Callable[[Tables], Problem]) -> None:
    for seed in SEEDS:
        problem = ask(instances.make(seed))
        plan = solve(problem)
        for item in range(len(problem.items)):
            alone = solve(only_item(problem, item))
            rows = problem.demand.item == item
            assert alone.granted.tolist() == plan.granted[rows].tolist()
            assert alone.limits.remedies == [
                remedies for of, remedies in zip(plan.limits.item, plan.limits.remedies, strict=True) if of == item
            ]


PAIR = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("P", "county", 5))


def explained(problem: Problem, row: int = 0, most: int = ALL) -> tuple[Explanation, list[tuple[str, str]]]:
    """What is found for a request, and the sentences about it."""
    found = explain_request(problem, solve(problem), row, most=most)
    return found, [tuple(Teller(problem, found).effect(effect)) for effect in found.effects]


def test_a_floor_that_would_help() -> None:
    problem = small.problem(PAIR, [("P", 85, None, 25)], [("A", 100), ("B", 0)])
    found, told = explained(problem)
    assert Teller(problem, found).got() == (
        "此项需求得 60 / 100 box，即 60%。",
        "This request got 60 of 100 boxes: 60 %.",
    )
    assert (found.limited_by, found.higher_class, found.untried) == ("reserve-floor", False, 0)
    assert told == [
        (
            "若在A增加 40 box，可由 60% 升至 100%；其他需求不变。",
            "Adding 40 boxes at A would lift this from 60 % to 100 %; no other request would change.",
        ),
        (
            "若DP放出保底 25 box，可由 60% 升至 85%；其他需求不变。",
            "Releasing 25 boxes held back at DP would lift this from 60 % to 85 %; no other request would change.",
        ),
    ]


def test_what_others_would_get_is_told() -> None:
    problem = small.problem(PAIR, [("P", 8, None, 4)], [("A", 40, 2), ("B", 3, 1)])
    _, told = explained(problem, row=0)
    assert told[-1][1].startswith("Releasing 4 boxes held back at DP would lift this from 2.5 % to 12.5 %")
    lender = Settings(mutual_aid={"county": Decimal("0.1")})
    lent = small.problem(PAIR, [("A", 10)], [("A", 8, 2), ("B", 5, 1)], settings=lender)
    _, told = explained(lent, row=1)
    assert (
        "若A借给P不设上限，可由 20% 升至 100%；另有 1 项需求少得。",
        "Letting A lend to P without limit would lift this from 20 % to 100 %; 1 other request would get less.",
    ) in told


def test_roads_links_and_what_changes_nothing() -> None:
    cut = small.problem(PAIR, [("P", 9)], [("A", 4, 2)], [{"from": "P", "to": "A", "open": False}])
    assert explained(cut)[1][0][1].startswith("Reopening the road from P to A would lift this from 0 % to 100 %")
    full = small.problem(PAIR, [("A", 9)], [("B", 6, 2), ("B", 1, 1)], [{"from": "A", "to": "B", "capacity": 1}])
    found, told = explained(full)
    assert found.higher_class
    assert told[0][0] == "若A至B的线路不限运量，可由 0% 升至 100%；其他需求不变。"
    behind = small.problem(PAIR, [("P", 3, None, 1)], [("A", 900, 2), ("A", 9, 1)])
    assert explained(behind)[1][-1] == (
        "若DP放出保底 1 box，仍为 0%；另有 1 项需求多得。",
        "Releasing 1 box held back at DP would leave this at 0 %; 1 other request would get more.",
    )


def test_a_gain_too_small_for_per_cent_is_told_in_units() -> None:
    problem = small.problem(PAIR, [("P", 5002, None, 1)], [("A", 10000)])
    assert "可由 5,001 升至 5,002 box" in explained(problem)[1][-1][0]


def test_many_floors_are_tried_together_too_and_those_not_tried_are_counted() -> None:
    places = small.divisions(P=("", "city", 0), **dict.fromkeys("ABCDE", ("P", "county", 5)))
    lots = [(place, 90, None, floor) for place, floor in zip("ABCDE", (1, 9, 5, 7, 3), strict=True)]
    problem = small.problem(places, lots, [("P", 500)], [{"from": place, "to": "P"} for place in "ABCDE"])
    found, told = explained(problem, most=3)
    assert found.untried == 3
    assert [effect.remedies for effect in found.effects if len(effect.remedies) == 1] == [
        ("stock@P",), ("floor@DB",), ("floor@DD",),
    ]  # fmt: skip
    assert told[1][1].startswith("Releasing 25 boxes held back at DA, DB, DC and 2 more depots would lift this")


def test_lenders_with_most_left_are_tried_first() -> None:
    places = small.divisions(P=("", "city", 0), **dict.fromkeys("ABC", ("P", "county", 5)))
    lots = [(place, quantity) for place, quantity in zip("ABC", (100, 300, 200), strict=True)]
    lender = Settings(mutual_aid={"county": Decimal("0.1")})
    problem = small.problem(places, lots, [("P", 900)], settings=lender)
    found, _ = explained(problem, most=2)
    assert {effect.remedies for effect in found.effects} == {("aid@B>P",), ("stock@P",)}
    assert found.untried == 2


def test_what_got_everything_has_nothing_to_be_helped_with() -> None:
    problem = small.problem(PAIR, [("P", 9)], [("A", 4), ("A", 0)])
    for row in (0, 1):
        found, _ = explained(problem, row=row)
        assert (found.limited_by, found.effects, found.untried) == ("", (), 0)
    assert Teller(problem, found).got()[1] == "This request got 0 of 0 boxes: 100 %."


def test_stock_is_put_where_it_is_missing_if_no_place_reaches_all() -> None:
    places = small.divisions(P="", Q="")
    problem = small.problem(places, [("P", 1), ("Q", 1)], [("P", 5), ("Q", 7)])
    plan = solve(problem)
    [both] = explain_set(problem, plan, 1).effects
    assert (both.remedies, both.units, both.granted) == (("stock@P", "stock@Q"), 10, 12)
    [mine] = explain_request(problem, plan, 1).effects
    assert (mine.remedies, mine.units, mine.granted) == (("stock@Q",), 6, 7)


def test_remedies_that_name_nothing_here_are_passed_over() -> None:
    problem = small.problem(PAIR, [("P", 3)], [("A", 9)])
    plan = solve(problem)
    invented = "aid@X>Y floor@P floor@X link@A open@ spell@A stock@DP swift"
    forged = replace(plan, limits=replace(plan.limits, remedies=[invented]))
    assert [effect.remedies for effect in explain_set(problem, forged, 1).effects] == [("stock@A",)]


def test_a_closed_road_is_tried_where_all_stock_is_given_out() -> None:
    """No pack lies ready for A, so that opening its road is no remedy; yet it is what keeps everything from it."""
    cut = small.problem(PAIR, [("P", 6)], [("A", 4), ("B", 9)], [{"from": "P", "to": "A", "open": False}])
    assert solve(cut).limits.remedies[0] == "stock@A"
    found, told = explained(cut)
    assert found.limited_by == "no-way"
    assert told[-1] == (
        "若P至A的道路恢复通行，可由 0% 升至 50%；另有 1 项需求少得。",
        "Reopening the road from P to A would lift this from 0 % to 50 %; 1 other request would get less.",
    )


def test_what_is_missing_is_put_where_it_is_missing_too() -> None:
    """Further up it would go to others first."""
    behind = small.problem(PAIR, [("P", 3)], [("A", 9, 2), ("A", 2, 1), ("B", 90, 1), ("B", 4, 2)])
    found, _ = explained(behind)
    assert [(effect.remedies, effect.granted) for effect in found.effects] == [(("stock@A",), 7), (("stock@P",), 0)]
