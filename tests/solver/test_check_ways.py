"""Shipments are the flows taken apart into ways: small networks where several ways lead to one place."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver import Flows, Plan, Problem, Shipments, read_instance, solve
from solver.check import check
from solver.check.apart import Arc, Walker, can_be_walked
from solver.check.case import Case, case_of, question_of
from solver.check.dealt import follows_the_rule
from solver.check.model import Model
from solver.check.rows import split_by
from tests.solver import handmade, instances
from tests.solver.oracle import Row, Tables


def division(code: str) -> Row:
    blank = dict.fromkeys(instances.COLUMNS["divisions"], "")
    return {**blank, "code": code, "name": code, "level": "county"}


def depot(code: str) -> Row:
    return {**dict.fromkeys(instances.COLUMNS["depots"], ""), "code": code, "name": code}


def lot(depot_code: str, packs: int) -> Row:
    blank = dict.fromkeys(instances.COLUMNS["stock"], "")
    return {**blank, "depot_code": depot_code, "item_code": "I", "quantity": str(packs)}


def request(place: str, packs: int) -> Row:
    blank = dict.fromkeys(instances.COLUMNS["demand"], "")
    return {**blank, "division_code": place, "item_code": "I", "quantity": str(packs)}


def link(ends: str, packs: int, hours: str = "", km: str = "10") -> Row:
    tail, head = ends.split(">")
    blank = dict.fromkeys(instances.COLUMNS["links"], "")
    return {**blank, "from_code": tail, "to_code": head, "km": km, "capacity": str(packs), "hours": hours}


def network(places: str, stock: dict[str, int], wanted: dict[str, int], links: list[Row]) -> Tables:
    item = {**dict.fromkeys(instances.COLUMNS["items"], ""), "code": "I", "name": "I"}
    return Tables(
        divisions=[division(code) for code in places],
        depots=[depot(code) for code in stock],
        items=[item],
        stock=[lot(code, packs) for code, packs in stock.items()],
        demand=[request(place, packs) for place, packs in wanted.items()],
        links=links,
        settings={"as_of": ""},
    )


def asked(tables: Tables, folder: Path) -> tuple[Problem, Plan]:
    instances.write(tables, folder / "instance", seed=0)
    problem = read_instance(folder / "instance")
    return problem, handmade.plan_by_hand(tables, problem)


def with_shipments(plan: Plan, rows: list[tuple[int, int, int, int, int, int]]) -> Plan:
    """The plan with these rows (request, depot, lot, quantity, metres, thousandths of an hour) as its shipments."""
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]
    return replace(plan, shipments=Shipments(*columns))


def two_ways(hours: str = "") -> Tables:
    """D reaches A over X or over Y, both 20 km, 2 packs each; one leg over Y may take hours of its own."""
    links = [link("D>X", 2), link("X>A", 9), link("D>Y", 2, hours), link("Y>A", 9)]
    return network("AXY", {"D": 4}, {"A": 4}, links)


def test_packs_over_ways_of_one_length_and_time_may_share_a_row(tmp_path: Path) -> None:
    problem, plan = asked(two_ways(), tmp_path)
    assert plan.shipments.quantity.tolist() == [4]
    assert check(problem, plan) == []


@pytest.mark.parametrize(("metres", "thousandths"), [(20_001, 664), (20_000, 665)])
def test_a_row_over_several_ways_still_has_their_metres_and_hours(
    metres: int, thousandths: int, tmp_path: Path
) -> None:
    problem, plan = asked(two_ways(), tmp_path)
    assert plan.shipments.hours_thousandths.tolist() == [664]
    assert {fault.table for fault in check(problem, with_shipments(plan, [(0, 0, 0, 4, metres, thousandths)]))} == {
        "shipments.csv"
    }


def test_ways_of_one_length_are_told_apart_by_their_hours(tmp_path: Path) -> None:
    problem, plan = asked(two_ways(hours="2.5"), tmp_path)
    assert sorted(plan.shipments.hours_thousandths.tolist()) == [664, 2832]
    assert check(problem, plan) == []
    one_way = with_shipments(plan, [(0, 0, 0, 4, 20_000, 664)])
    assert {fault.table for fault in check(problem, one_way)} == {"flows.csv"}


def test_shipments_that_add_up_but_leave_an_arc_unused_are_refused(tmp_path: Path) -> None:
    """D and E each carry one pack to P and one to Q; both to one place, the sums and lengths would be the same."""
    links = [link(f"{depot}>{place}", 1) for depot in "DE" for place in "PQ"]
    problem, plan = asked(network("PQ", {"D": 2, "E": 2}, {"P": 2, "Q": 2}, links), tmp_path)
    assert check(problem, plan) == []
    crossed = with_shipments(plan, [(0, 0, 0, 2, 10_000, 332), (1, 1, 1, 2, 10_000, 332)])
    faults = check(problem, crossed)
    assert len(faults) == 4
    assert {fault.table for fault in faults} == {"flows.csv"}


def by_hours(*hours: str) -> Tables:
    """D reaches A over as many places, 10 km and 2 packs each, in so many hours."""
    places = [f"W{number}" for number in range(len(hours))]
    links = [link(f"D>{place}", 2, said) for place, said in zip(places, hours, strict=True)]
    links += [link(f"{place}>A", 9, "0", km="0") for place in places]
    tables = network("A", {"D": 2 * len(hours)}, {"A": 2 * len(hours)}, links)
    return replace(tables, divisions=[*tables.divisions, *map(division, places)])


def test_a_way_that_nobody_says_is_missed_where_others_are_alike(tmp_path: Path) -> None:
    """Two ways of an hour carry 4 packs; 6 over them leave the one of nine hours unused, metres being the same."""
    problem, plan = asked(by_hours("1", "1", "9"), tmp_path)
    assert sorted(zip(plan.shipments.hours_thousandths.tolist(), plan.shipments.quantity.tolist(), strict=True)) == [
        (1000, 4),
        (9000, 2),
    ]
    assert check(problem, plan) == []
    [fault] = check(problem, with_shipments(plan, [(0, 0, 0, 6, 10_000, 1000)]))
    assert fault.en.endswith("no way of taking the flows apart gives them")


def test_ways_of_other_lengths_do_not_make_up_for_each_other(tmp_path: Path) -> None:
    links = [link(f"D>{place}", 2, km=km) for place, km in zip("VWXYZ", ("10", "10", "20", "30", "30"), strict=True)]
    links += [link(f"{place}>A", 9, "0", km="0") for place in "VWXYZ"]
    problem, plan = asked(network("AVWXYZ", {"D": 10}, {"A": 10}, links), tmp_path)
    assert check(problem, plan) == []
    split = with_shipments(plan, [(0, 0, 0, 5, 10_000, 332), (0, 0, 0, 5, 30_000, 695)])
    [fault] = check(problem, split)
    assert fault.table == "shipments.csv"


def test_depots_whose_packs_come_over_ways_that_are_alike_are_told_apart(tmp_path: Path) -> None:
    """Two of D's three packs go to X and one to Y, E's the other way round; all of D's to X would add up too."""
    via = {"P": "DX", "Q": "DX", "R": "DY", "S": "EY", "T": "EY", "U": "EX"}
    links = [link(f"{ends[0]}>{place}", 1) for place, ends in via.items()]
    links += [link(f"{place}>{ends[1]}", 9) for place, ends in via.items()]
    problem, plan = asked(network("XY" + "".join(via), {"D": 3, "E": 3}, {"X": 3, "Y": 3}, links), tmp_path)
    assert check(problem, plan) == []
    swapped = with_shipments(plan, [(0, 0, 0, 3, 20_000, 664), (1, 1, 1, 3, 20_000, 664)])
    assert {fault.table for fault in check(problem, swapped)} <= {"shipments.csv", "flows.csv"} != set()


@pytest.mark.parametrize("seed", range(40))
def test_the_solver_deals_out_by_the_rule(seed: int, tmp_path: Path) -> None:
    """Worked out anew by the checker, the shipments are the same ones; with a pack moved they are others."""
    instances.write(instances.make(seed), tmp_path / "instance", seed)
    problem = read_instance(tmp_path / "instance")
    plan = solve(problem)
    assert all(follows_the_rule(case) for case in cases(problem, plan))
    if len(plan.shipments):
        other = replace(plan, shipments=replace(plan.shipments, metres=plan.shipments.metres + 1))
        assert not all(follows_the_rule(case) for case in cases(problem, other))


def cases(problem: Problem, plan: Plan) -> list[Case]:
    """Each item of a plan as the checker lays it out."""
    model, items = Model(problem), len(problem.items)
    flows, shipments = split_by(plan.flows.item, items), split_by(problem.demand.item[plan.shipments.demand_row], items)
    return [case_of(question_of(model, item), plan, flows[item], shipments[item]) for item in range(items)]


@given(st.randoms(use_true_random=False), st.integers(1, 6), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_taken_apart_in_any_way_is_found_again(random: Random, ways: int, depots: int) -> None:
    """Packs walked at random from depots over two layers of places: the flows they make can be taken apart so."""
    layers = [range(depots), range(10, 10 + ways), range(20, 20 + ways), range(30, 32)]
    length = {(one, other): random.randrange(3) for a, b in pairwise(layers) for one in a for other in b}
    flow, said = Counter[tuple[int, int]](), Counter[tuple[int, int, int]]()
    for _ in range(random.randrange(1, 9)):
        way = [random.choice(layer) for layer in layers]
        legs = list(pairwise(way))
        flow.update(legs)
        said[way[0], way[-1], sum(length[leg] for leg in legs)] += 1
    arcs = [Arc(number, *leg, length[leg], 0) for number, leg in enumerate(flow)]
    carried = dict(enumerate(flow.values()))
    order = [node for layer in reversed(layers) for node in layer]
    far: dict[tuple[int, int], set[int]] = {(one, one): {0} for one in layers[0]}
    for leg, metres in length.items():
        for start in layers[0]:
            far.setdefault((start, leg[1]), set()).update(way + metres for way in far.get((start, leg[0]), ()))

    def may_be_home(one: Walker) -> bool:
        return one.metres in far.get((one.origin, one.node), ())

    walkers = [Walker(end, start, metres, 0, 0, packs) for (start, end, metres), packs in said.items()]
    assert can_be_walked(walkers, arcs, carried, order, may_be_home) is True
    longer = [replace(walkers[0], metres=walkers[0].metres + 7), *walkers[1:]]
    assert can_be_walked(longer, arcs, carried, order, may_be_home) is False


def test_a_chain_of_many_ways_is_checked_without_telling_all_apart(tmp_path: Path) -> None:
    """16 forks in a row are 65,536 ways of different hours; none is named, the sums are held."""
    places = [f"V{step}" for step in range(17)] + [f"{side}{step}" for step in range(16) for side in "XY"]
    links = [link("D>V0", 65_536)]
    for step in range(16):
        for number, side in enumerate("XY"):
            hours = str(2**step * 0.001 * number)
            links += [link(f"V{step}>{side}{step}", 1, hours), link(f"{side}{step}>V{step + 1}", 1)]
    tables = replace(network("", {"D": 2}, {"V16": 2}, links), divisions=[division(code) for code in places])
    problem, plan = asked(tables, tmp_path)
    assert check(problem, plan) == []
    wrong = replace(plan, shipments=replace(plan.shipments, metres=plan.shipments.metres + 1))
    assert check(problem, wrong)


def test_packs_that_go_round_for_nothing_are_refused_even_where_it_costs_nothing(tmp_path: Path) -> None:
    links = [link("D>A", 9), link("A>B", 9, km="0"), link("B>A", 9, km="0")]
    problem, plan = asked(network("AB", {"D": 4}, {"A": 4}, links), tmp_path)
    ends = np.array([[0, 1], [1, 0]], dtype=np.int64)
    ring = Flows(
        from_node=np.append(ends[0], plan.flows.from_node),
        to_node=np.append(ends[1], plan.flows.to_node),
        item=np.append([0, 0], plan.flows.item),
        quantity=np.append([1, 1], plan.flows.quantity),
    )
    [fault] = check(problem, replace(plan, flows=ring))
    assert "circle among A B" in fault.en


def test_a_depot_that_ships_what_the_flows_take_from_another_is_named(tmp_path: Path) -> None:
    links = [link(f"{depot}>P", 9) for depot in "DE"]
    problem, plan = asked(network("P", {"D": 4, "E": 4}, {"P": 6}, links), tmp_path)
    by_depot = dict(zip(plan.shipments.depot.tolist(), plan.shipments.quantity.tolist(), strict=True))
    least = min(by_depot.values())
    moved = replace(
        plan.shipments, quantity=plan.shipments.quantity + np.where(plan.shipments.quantity == least, 1, -1)
    )
    faults = check(problem, replace(plan, shipments=moved))
    assert [fault.en.partition(", ")[2] for fault in faults] == [
        f"the flows take {by_depot[depot]} from its stock" for depot in sorted(by_depot)
    ]
