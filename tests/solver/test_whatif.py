"""What if: a variant's plan is the one of its own question, and what a change leaves as it is, is not solved again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from solver import Plan, Problem, Processes, Settings, check, solve
from solver.packs import offers_by_item
from solver.problem import LEVELS
from solver.whatif import (
    AddStock,
    Change,
    ChangeBasis,
    ChangeCapacity,
    ChangeRequest,
    ChangeShare,
    CloseRoad,
    Differences,
    MalformedVariants,
    OpenRoad,
    ReleaseReserves,
    Variant,
    differences,
    totals,
    what_if,
)
from solver.whatif.variants import changed
from tests.solver import small
from tests.solver.several import provinces
from tests.solver.test_executors import files


def some_change(random: Random, problem: Problem) -> Change:
    """Any change, most of them lawful: codes are real, roads may not be there."""
    codes = problem.node_codes()
    item, depot = random.choice(problem.items.codes), random.choice(list(problem.depots.codes))
    links = problem.links
    road = random.sample(codes, 2)
    if len(links) and random.random() < 0.8:
        row = random.randrange(len(links))
        road = [codes[links.from_node[row]], codes[links.to_node[row]]]
    elif random.random() < 0.8:
        child = random.choice(np.flatnonzero(problem.divisions.parent >= 0).tolist())
        road = [codes[problem.divisions.parent[child]], codes[child]]
    named = random.choice([None, None, item])
    makers: list[Callable[[], Change]] = [
        ReleaseReserves,
        lambda: ReleaseReserves(depot_codes=(depot,)),
        lambda: ReleaseReserves(item_codes=(item,), depot_codes=(depot, random.choice(list(problem.depots.codes)))),
        lambda: AddStock(depot, item, random.randint(1, 40)),
        lambda: AddStock(depot, item, random.randint(1, 40), "new", date(2025, 1, random.randint(1, 28))),
        lambda: ChangeRequest(random.choice(list(problem.demand.ids)), priority=random.randint(1, 4)),
        lambda: ChangeRequest(random.choice(list(problem.demand.ids)), weight=Decimal(random.randint(1, 4000)) / 1000),
        lambda: ChangeShare(random.choice(LEVELS[1:]), random.choice([None, Decimal("0.4"), Decimal(1)])),
        lambda: ChangeBasis(random.choice(["stock", "surplus"])),
        lambda: CloseRoad(*road, named),
        lambda: OpenRoad(*road, named),
        lambda: ChangeCapacity(*road, named, capacity=random.choice([None, 0, 7])),
    ]
    return random.choice(makers)()


def lawful(problem: Problem, variant: Variant) -> bool:
    try:
        changed(problem, [variant])
    except MalformedVariants:
        return False
    return True


def some_variants(random: Random, problem: Problem) -> list[Variant]:
    tried = [
        Variant(f"variant {number}", tuple(some_change(random, problem) for _ in range(random.randint(1, 3))))
        for number in range(16)
    ]
    return [variant for variant in tried if lawful(problem, variant)]


@pytest.mark.parametrize("seed", range(600, 610))
def test_a_variant_has_the_plan_of_its_own_question(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solver.pieces._NODES", 1)
    random = Random(seed)
    problem = provinces(random.sample(range(10_000), random.randint(1, 4)), tmp_path / "instance")
    variants = some_variants(random, problem)
    found = what_if(problem, variants)
    assert len(variants) > 3
    assert found.base.solved.tolist() == list(range(len(problem.items)))
    for place, (outcome, other) in enumerate(
        zip([found.base, *found.variants], [problem, *changed(problem, variants)], strict=True)
    ):
        true = files(solve(other), other, tmp_path / f"fresh {place}")
        assert files(outcome.plan, outcome.problem, tmp_path / f"found {place}") == true, outcome.name


def test_worker_processes_find_the_same(tmp_path: Path) -> None:
    random = Random(7)
    problem = provinces(range(620, 624), tmp_path / "instance")
    variants = some_variants(random, problem)
    here, there = what_if(problem, variants), what_if(problem, variants, executor=Processes(2))
    for place, (one, other) in enumerate(zip(here.variants, there.variants, strict=True)):
        assert one.solved.tolist() == other.solved.tolist()
        folders = tmp_path / f"here {place}", tmp_path / f"there {place}"
        assert files(one.plan, one.problem, folders[0]) == files(other.plan, other.problem, folders[1])


# --- what is solved again ----------------------------------------------------------------------------------------


@pytest.fixture
def two_provinces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problem:
    """Two pieces, the items of each asked for in it alone; V0, D0 and so on end in the number of the province."""
    monkeypatch.setattr("solver.pieces._NODES", 1)
    return provinces([631, 634], tmp_path / "instance")


def solved_again(problem: Problem, *changes: Change) -> list[str]:
    [outcome] = what_if(problem, [Variant("changed", changes)]).variants
    return [problem.items.codes[item] for item in outcome.solved.tolist()]


def a_floor(problem: Problem) -> tuple[str, str]:
    """Depot and item of a floor that holds something back."""
    for item, offers in enumerate(offers_by_item(problem)):
        for depot in np.flatnonzero(offers.withheld).tolist():
            return problem.depots.codes[depot], problem.items.codes[item]
    raise AssertionError("no floor holds anything back")


def test_only_the_item_that_a_change_is_about_is_solved_again(two_provinces: Problem) -> None:
    problem = two_provinces
    depot, item = a_floor(problem)
    request = int(np.flatnonzero(problem.demand.item == 0)[0])
    other = int(np.flatnonzero((problem.demand.item == 1) & (problem.demand.priority != 1))[0])
    assert len(problem.items) > 2
    assert solved_again(problem) == []
    assert solved_again(problem, AddStock(depot, item, 50)) == [item]
    assert solved_again(problem, ReleaseReserves((depot,), (item,))) == [item]
    assert solved_again(problem, ChangeRequest(problem.demand.ids[other], priority=1)) == [problem.items.codes[1]]
    # All weights are written with more decimals then, and are what they were.
    finer = ChangeRequest(problem.demand.ids[request], weight=Decimal("0.987654321"))
    assert solved_again(problem, finer) == [problem.items.codes[0]]


def test_a_change_that_changes_nothing_solves_nothing_again(two_provinces: Problem) -> None:
    problem = two_provinces
    row = int(problem.demand.priority.argmax())
    same = ChangeRequest(problem.demand.ids[row], priority=int(problem.demand.priority[row]))
    assert solved_again(problem, same, ChangeBasis(problem.settings.mutual_aid_basis)) == []


def test_a_cut_road_is_solved_again_where_it_is_and_mended_it_is_as_before(two_provinces: Problem) -> None:
    problem = two_provinces
    codes = problem.node_codes()
    named = set(problem.links.to_node.tolist())
    child = next(row for row in np.flatnonzero(problem.divisions.parent >= 0).tolist() if row not in named)
    road = codes[problem.divisions.parent[child]], codes[child]
    province = codes[child].split(".")[1]
    one = problem.items.codes[0]
    assert solved_again(problem, CloseRoad(*road, one)) == [one]
    found = what_if(problem, [Variant("cut", (CloseRoad(*road),))])
    [outcome] = found.variants
    for item in outcome.solved.tolist():
        kept = [new.answer is old.answer for new, old in zip(outcome.parts[item], found.base.parts[item], strict=True)]
        inside = [codes[part.nodes[0]].split(".")[1] == province for part in outcome.parts[item]]
        assert [not one for one in kept] == inside
    assert solved_again(problem, CloseRoad(*road), OpenRoad(*road)) == []


def test_mutual_aid_is_everybodys_business(two_provinces: Problem) -> None:
    share = Decimal("0.123")
    assert solved_again(two_provinces, ChangeShare("county", share)) == two_provinces.items.codes


def test_a_cancelled_what_if_holds_what_is_done(two_provinces: Problem) -> None:
    problem, items = two_provinces, len(two_provinces.items)
    variants = [Variant("one", (AddStock(*a_floor(problem), 50),)), Variant("all", (ChangeShare("city", Decimal(1)),))]
    groups = items + 1 + items
    for after in range(groups + 1):
        done: list[str] = []
        found = what_if(
            problem,
            variants,
            progress=lambda number, of, name: done.append(name),  # noqa: B023
            cancelled=lambda: len(done) >= after,  # noqa: B023
        )
        assert len(done) == after
        assert len(found.base.parts) == min(after, items)
        one, every = found.variants
        assert len(one.parts) == (items if after > items else max(min(after, items) - 1, 0))
        assert len(every.parts) == max(after - items - 1, 0)
        for outcome in (found.base, one, every):
            assert check(outcome.problem, outcome.plan) == []
    assert done == ["base"] * items + ["one"] + ["all"] * items


# --- what changes do ---------------------------------------------------------------------------------------------


@pytest.fixture
def roads() -> Problem:
    """P has stock and leads to A and B; a link leads from A to B and is narrow, and the road back is cut."""
    places = small.divisions(P=("", "city", 0), A=("P", "county", 7), B=("P", "county", 9))
    links = [
        {"from": "A", "to": "B", "metres": 3, "capacity": 2},
        {"from": "B", "to": "A", "metres": 4, "open": False},
        {"from": "P", "to": "B", "metres": 50, "open": False},
    ]
    shares = Settings(mutual_aid={"county": Decimal("0.5")})
    return small.problem(places, [("P", 5), ("A", 6)], [("A", 4), ("B", 9)], links, shares)


def made(problem: Problem, *changes: Change) -> Problem:
    [other] = changed(problem, [Variant("changed", changes)])
    return other


def granted(problem: Problem, *changes: Change) -> list[int]:
    return solve(made(problem, *changes)).granted.tolist()


def test_roads_are_cut_and_mended_and_links_widened(roads: Problem) -> None:
    assert granted(roads) == [4, 2]
    assert granted(roads, ChangeCapacity("A", "B", capacity=None)) == [4, 7]
    assert granted(roads, ChangeCapacity("A", "B", capacity=1)) == [4, 1]
    assert granted(roads, OpenRoad("P", "B")) == [4, 7]
    assert granted(roads, CloseRoad("A", "B")) == [4, 0]
    assert granted(roads, CloseRoad("DA", "A"), CloseRoad("DP", "P")) == [0, 0]
    # The tree's road is back with the tree's length, the link that is nowhere else with its own.
    assert made(roads, OpenRoad("P", "B")).links.metres.tolist() == [3, 4]
    mended = made(roads, OpenRoad("B", "A")).links
    assert (mended.metres.tolist(), mended.open.tolist()) == ([3, 4, 50], [True, True, False])


def test_a_road_is_cut_for_one_item_and_mended_for_it(roads: Problem) -> None:
    cut = made(roads, CloseRoad("A", "B", "I"))
    assert solve(cut).granted.tolist() == [4, 0]
    assert cut.links.item.tolist() == [-1, -1, -1, 0]
    assert made(cut, OpenRoad("A", "B", "I")).links.item.tolist() == [-1, -1, -1]
    # While the row for every item stays closed, an item's own row is opened and not taken away.
    both = made(roads, CloseRoad("P", "A", "I"), CloseRoad("P", "A"))
    mended = made(both, OpenRoad("P", "A", "I")).links
    assert (mended.item.tolist(), mended.open.tolist()) == ([-1, -1, -1, 0, -1], [True, False, False, True, False])
    assert len(made(both, OpenRoad("P", "A")).links) == 3


def test_stock_joins_its_lot_or_stands_as_a_new_one() -> None:
    problem = small.problem(small.divisions(P=""), [("P", 4, date(2025, 3, 1))], [("P", 9)])
    more = made(problem, AddStock("DP", "I", 2, "L0"), AddStock("DP", "I", 3), AddStock("DP", "I", 1, "what-if"))
    assert more.stock.quantity.tolist() == [6, 4]
    assert list(more.stock.lot) == ["L0", "what-if"]
    assert more.stock.expires_on.tolist() == [small.days(date(2025, 3, 1)), small.days(None)]


def test_classes_weights_shares_and_floors_are_as_they_are_changed() -> None:
    places = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("P", "county", 5))
    problem = small.problem(places, [("A", 10, None, 4)], [("A", 9), ("B", 9)])
    assert granted(problem) == [6, 0]
    assert granted(problem, ReleaseReserves()) == [9, 0]
    assert granted(problem, ChangeShare("county", Decimal("0.5"))) == [3, 3]
    assert granted(problem, ChangeShare("county", Decimal("0.5")), ChangeBasis("surplus")) == [6, 0]
    all_shared = ChangeShare("county", Decimal(1))
    assert granted(problem, all_shared, ChangeRequest("R1", priority=1)) == [0, 6]
    assert granted(problem, all_shared, ChangeRequest("R1", weight=Decimal(2))) == [2, 4]
    assert granted(problem, all_shared, ChangeShare("county", None)) == [6, 0]
    assert made(problem, ChangeRequest("R1", weight=Decimal("1.2345"))).demand.weight_numerator.tolist() == [
        10_000,
        12_345,
    ]


# --- what is wrong -----------------------------------------------------------------------------------------------


def test_every_fault_of_every_variant_is_said_at_once(roads: Problem) -> None:
    variants = [
        Variant("one", (AddStock("DX", "I", 0), CloseRoad("B", "P", "J"), ReleaseReserves(("DP", "A"), ("I", "J")))),
        Variant("two", (OpenRoad("P", "A"), CloseRoad("B", "A"), ChangeCapacity("P", "A", capacity=-1))),
        Variant("two", (ChangeRequest("R9"), ChangeRequest("R0", priority=5, weight=Decimal("1e-10")))),
        Variant("a/b", (ChangeShare("village", Decimal(2)), ChangeBasis("need"))),
        Variant("base", (AddStock("DP", "I", 1, "L0", date(2020, 1, 1)),)),
    ]
    with pytest.raises(MalformedVariants) as refused:
        what_if(roads, variants)
    assert sorted(fault.where.removeprefix("variants.json ") for fault in refused.value.faults) == [
        "variants[0].changes[0].depot_code",
        "variants[0].changes[0].quantity",
        "variants[0].changes[1].item_code",
        "variants[0].changes[2].depot_codes[1]",
        "variants[0].changes[2].item_codes[1]",
        "variants[1].changes[0].from_code",
        "variants[1].changes[1].from_code",
        "variants[1].changes[2].capacity",
        "variants[1].changes[2].from_code",
        "variants[2].changes[0].id",
        "variants[2].changes[0].priority",
        "variants[2].changes[1].priority",
        "variants[2].changes[1].weight",
        "variants[2].name",
        "variants[3].changes[0].level",
        "variants[3].changes[0].share",
        "variants[3].changes[1].basis",
        "variants[3].name",
        "variants[4].changes[0].expires_on",
        "variants[4].name",
    ]
    assert all(fault.zh and fault.en for fault in refused.value.faults)


# --- what is different -------------------------------------------------------------------------------------------


def by_hand(before: Plan, after: Plan, problem: Problem, place: list[int]) -> dict[tuple[int, int, int], list[Any]]:
    """Requests, how many got more and fewer, and of each plan units, lowest level and pack-metres, group by group."""
    groups: dict[tuple[int, int, int], list[Any]] = {}
    demand = problem.demand
    for row in range(len(demand)):
        item = int(demand.item[row])
        key = item, place[int(demand.division[row])], int(demand.priority[row])
        group = groups.setdefault(key, [0, 0, 0, [0, []], [0, []], 0, 0])
        units = [int(plan.granted[row]) for plan in (before, after)]
        group[0] += 1
        group[1] += units[1] > units[0]
        group[2] += units[1] < units[0]
        pack = int(problem.items.pack_size[item])
        wanted = -(-int(demand.quantity[row]) // pack)
        for side, got in zip(group[3:5], units, strict=True):
            side[0] += got
            if wanted:
                weight = Fraction(int(demand.weight_numerator[row]), demand.weight_denominator)
                side[1].append(Fraction(got // pack, wanted) / weight)
        for number, plan in ((5, before), (6, after)):
            mine = plan.shipments.demand_row == row
            group[number] += int((plan.shipments.quantity[mine] // pack * plan.shipments.metres[mine]).sum())
    return groups


def as_by_hand(problem: Problem, found: Differences) -> dict[tuple[int, int, int], list[Any]]:
    groups = {}
    for row in range(len(found)):
        pack = int(problem.items.pack_size[found.item[row]])
        key = int(found.item[row]), int(found.division[row]), int(found.priority[row])
        groups[key] = [int(found.requests[row]), int(found.more[row]), int(found.fewer[row])]
        groups[key] += [[int(side.packs[row]) * pack, side.lowest[row]] for side in (found.before, found.after)]
        groups[key] += [side.pack_metres[row] for side in (found.before, found.after)]
    return groups


@pytest.mark.parametrize("seed", range(640, 652))
def test_differences_are_those_counted_by_hand(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    problem = provinces([seed, seed + 1], tmp_path / "instance")
    # Weights stay: by hand, levels before and after are reckoned with the same ones.
    variants = [
        Variant(one.name, tuple(change for change in one.changes if getattr(change, "weight", None) is None))
        for one in some_variants(random, problem)
    ]
    found, level = what_if(problem, variants), random.choice(LEVELS)
    place = places_by_hand(problem, level)
    for outcome in found.variants:
        groups = by_hand(found.base.plan, outcome.plan, outcome.problem, place)
        true = {
            key: [*rest, [before[0], min(before[1], default=None)], [after[0], min(after[1], default=None)], *metres]
            for key, (*rest, before, after, one, other) in groups.items()
            for metres in [(one, other)]
        }
        different = {key: group for key, group in true.items() if any(group[1:3]) or differs(group)}
        assert as_by_hand(problem, differences(found.base, outcome, level)) == different
        whole = totals(found.base, outcome)
        assert set(whole.division.tolist()) == {-1}
        assert whole.requests.sum() == len(problem.demand)
        assert sum(whole.after.pack_metres) == sum(one["pack_metres"] for one in outcome.plan.summary["items"])
        assert whole.more.sum() == (outcome.plan.granted > found.base.plan.granted).sum()


def differs(group: list[Any]) -> bool:
    return bool(group[3] != group[4] or group[5] != group[6])


def places_by_hand(problem: Problem, level: str) -> list[int]:
    """For each division, the first on the way up from it that stands no lower than the level; roots stand anyhow."""
    place = []
    for row in range(len(problem.divisions)):
        while problem.divisions.level[row] > LEVELS.index(level) and problem.divisions.parent[row] >= 0:
            row = int(problem.divisions.parent[row])
        place.append(row)
    return place


def test_sums_beyond_int64_are_exact() -> None:
    places = small.divisions(P=("", "province", 0), A=("P", "county", 10**10))
    problem = small.problem(places, [("P", 10**12)], [("A", 10**12), ("A", 10**12, 1)])
    found = what_if(problem, [Variant("more", (AddStock("DP", "I", 10**11),))])
    whole = totals(found.base, found.variants[0])
    assert whole.before.pack_metres == [10**22, 0]
    assert whole.after.pack_metres == [10**22, 10**21]
