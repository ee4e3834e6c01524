"""Shipments are the flows taken apart into ways: small networks where several ways lead to one place."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solver import Flows, Plan, Problem, Shipments, read_instance
from solver.check import check
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
