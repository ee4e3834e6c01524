"""The checker believes true plans and refuses wrong ones, naming what is wrong; no plan here is the solver's."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from solver import Fault, Plan, Problem, read_instance
from solver.check import check
from solver.problem import Int64
from tests.solver import handmade, instances, oracle
from tests.solver.corruptions.example import put, rows_of
from tests.solver.oracle import Row, Tables

SEEDS = range(1000, 1026)


@dataclass(frozen=True)
class Example:
    """A question, its rows, and a true plan."""

    seed: int
    tables: Tables
    problem: Problem
    plan: Plan


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    return list(true_plans(tmp_path_factory.mktemp("instances")))


def true_plans(folder: Path) -> Iterator[Example]:
    for seed in SEEDS:
        tables = instances.make(seed)
        instances.write(tables, folder / str(seed), seed)
        problem = read_instance(folder / str(seed))
        yield Example(seed, tables, problem, handmade.plan_by_hand(tables, problem))


def pack_of(example: Example, row: int) -> int:
    return int(example.problem.items.pack_size[example.problem.demand.item[row]])


def test_true_plans_are_found_true(examples: list[Example]) -> None:
    for example in examples:
        assert check(example.problem, example.plan) == [], example.seed


def test_lots_of_one_depot_may_go_to_either_request(examples: list[Example]) -> None:
    """Which request gets the earlier lot is the solver's own rule: any plan that empties lots in turn is true."""
    exchanged = 0
    for example in examples:
        rows = handmade.shipment_counts(example.plan)
        pairs = [(one, other) for one in rows for other in rows if one[0] < other[0] and one[1] == other[1]]
        item = example.problem.demand.item
        for one, other in pairs:
            if one[2] != other[2] and item[one[0]] == item[other[0]]:
                some = Counter(rows)
                units = min(some[one], some[other])
                some.subtract({one: units, other: units})
                some.update({(*one[:2], other[2], *one[3:]): units, (*other[:2], one[2], *other[3:]): units})
                plan = replace(example.plan, shipments=handmade.shipments(example.problem, some))
                assert check(example.problem, plan) == [], example.seed
                exchanged += 1
                break
    assert exchanged >= 3


def test_what_the_check_spends_its_time_on_is_told(examples: list[Example]) -> None:
    seconds = {"near": 1.0}
    check(examples[0].problem, examples[0].plan, seconds)
    assert set(seconds) == {"read", "feasible", "fair", "near", "reasons", "shipments", "totals"}
    assert seconds["near"] > 1


def said(faults: list[Fault]) -> list[str]:
    return [str(fault) for fault in faults]


@pytest.mark.parametrize("granting", [handmade.lower_classes_first, handmade.one_pack_idle])
def test_grants_that_can_be_shipped_but_are_not_fair_are_refused(
    granting: Callable[..., None], examples: list[Example]
) -> None:
    refused = 0
    for example in examples:
        plan = handmade.plan_by_hand(example.tables, example.problem, granting)
        unfair = plan.granted.tolist() != example.plan.granted.tolist()
        faults = check(example.problem, plan)
        assert any("not fair" in fault.en for fault in faults) == unfair, (example.seed, said(faults))
        assert {fault.table for fault in faults} <= {"allocation.csv"}
        refused += unfair
    assert refused >= 10


def test_fair_grants_that_travel_too_far_are_refused(examples: list[Example]) -> None:
    refused = 0
    for example in examples:
        plan = handmade.plan_by_hand(example.tables, example.problem, lengths=handmade.reversed_lengths)
        far = [item["pack_metres"] for item in plan.summary["items"]] != [
            item["pack_metres"] for item in example.plan.summary["items"]
        ]
        faults = check(example.problem, plan)
        assert any("not the least" in fault.en for fault in faults) == far, (example.seed, said(faults))
        assert {fault.table for fault in faults} <= {"flows.csv"}
        refused += far
    assert refused >= 3


def floors_released(tables: Tables) -> Tables:
    return replace(tables, settings={**tables.settings, "release_reserves": True})


def nothing_expired(tables: Tables) -> Tables:
    return replace(tables, settings={**tables.settings, "as_of": ""})


def roads_as_before(tables: Tables) -> Tables:
    return replace(tables, links=[row for row in tables.links if oracle.is_open(row)])


def roads_wide(tables: Tables) -> Tables:
    return replace(tables, links=[{**row, "capacity": ""} for row in tables.links])


def everything_lent(tables: Tables) -> Tables:
    shares = tables.settings.get("mutual_aid") or {}
    assert isinstance(shares, dict)
    lent = {"mutual_aid": dict.fromkeys(shares, 1.0), "mutual_aid_basis": "stock"}
    return replace(tables, settings={**tables.settings, **lent})


def all_weigh_the_same(tables: Tables) -> Tables:
    return replace(tables, demand=[{**row, "weight": ""} for row in tables.demand])


def all_of_one_class(tables: Tables) -> Tables:
    return replace(tables, demand=[{**row, "priority": "4"} for row in tables.demand])


@pytest.mark.parametrize(
    "change",
    [floors_released, nothing_expired, roads_as_before, roads_wide, everything_lent, all_weigh_the_same,
     all_of_one_class],
)  # fmt: skip
def test_the_true_plan_of_another_question_is_refused(
    change: Callable[[Tables], Tables], examples: list[Example]
) -> None:
    refused = 0
    for example in examples:
        plan = handmade.plan_by_hand(change(example.tables), example.problem)
        if plan.granted.tolist() != example.plan.granted.tolist():
            assert check(example.problem, plan), example.seed
            refused += 1
    assert refused >= 3


def test_more_than_was_wanted_is_refused(examples: list[Example]) -> None:
    """All of it can be shipped; it is simply more than the request asks for."""
    refused = 0
    for example in examples:
        for row in range(len(example.problem.demand)):
            less = [{**one} for one in example.tables.demand]
            size = pack_of(example, row)
            less[row]["quantity"] = str(max(0, int(less[row]["quantity"]) - 2 * size))
            if int(example.plan.granted[row]) > int(less[row]["quantity"]):
                demand = replace(example.problem.demand, quantity=quantities(less))
                faults = check(replace(example.problem, demand=demand), example.plan)
                assert any(fault.row == row + 2 and "more than" in fault.en for fault in faults), said(faults)
                refused += 1
    assert refused >= 10


def quantities(rows: list[Row]) -> Int64:
    return np.array([int(row["quantity"]) for row in rows], dtype=np.int64)


def test_units_that_are_no_whole_packs_are_refused(examples: list[Example]) -> None:
    """The true plan of the same question without packs."""
    refused = 0
    for example in examples:
        items = [{**row, "pack_size": "1"} for row in example.tables.items]
        plan = handmade.plan_by_hand(replace(example.tables, items=items), example.problem)
        broken = plan.granted % example.problem.items.pack_size[example.problem.demand.item] != 0
        lines = {fault.row for fault in check(example.problem, plan) if "not whole packs" in fault.en}
        assert lines >= set((np.flatnonzero(broken) + 2).tolist())
        refused += bool(broken.any())
    assert refused >= 3


def test_a_summary_that_is_not_that_of_the_rows_is_refused(examples: list[Example]) -> None:
    for example in examples:
        for name in ("pack_metres", "tonne_km", "classes"):
            item = {**example.plan.summary["items"][0]}
            item[name] = {"pack_metres": item["pack_metres"] + 1, "tonne_km": "NaN", "classes": []}[name]
            summary = {**example.plan.summary, "items": [item, *example.plan.summary["items"][1:]]}
            faults = check(example.problem, replace(example.plan, summary=summary))
            assert [fault.table for fault in faults] == ["summary.json"]
            assert name in faults[0].column


@pytest.mark.parametrize("number", [-1, -(2**63), 2**63 - 1, 2**62])
@pytest.mark.parametrize(
    ("table", "column"),
    [("", "granted"), ("shipments", "quantity"), ("shipments", "demand_row"), ("shipments", "depot"),
     ("shipments", "stock_row"), ("shipments", "metres"), ("flows", "quantity"), ("flows", "from_node"),
     ("flows", "to_node"), ("flows", "item")],
)  # fmt: skip
def test_numbers_that_no_plan_can_hold_are_refused(
    table: str, column: str, number: int, examples: list[Example]
) -> None:
    for example in examples[:10]:
        rows = rows_of(example.plan, table)
        if rows:
            row = Random(example.seed).randrange(rows)
            assert check(example.problem, put(example.plan, table, column, row, number))


def test_hours_that_are_no_hours_are_refused(examples: list[Example]) -> None:
    example = next(example for example in examples if len(example.plan.shipments))
    [fault, *_] = check(example.problem, put(example.plan, "shipments", "hours_thousandths", 0, -1))
    assert (fault.table, fault.column, fault.row) == ("shipments.csv", "hours", 2)


def test_columns_of_unequal_length_are_refused(examples: list[Example]) -> None:
    plan = examples[0].plan
    shorter = replace(plan, granted=plan.granted[1:])
    text = replace(plan, limited_by=plan.limited_by.astype(np.float64))
    for wrong in (shorter, text):
        assert {fault.table for fault in check(examples[0].problem, wrong)} == {"allocation.csv"}


def test_sums_of_a_hostile_plan_do_not_wrap_round(examples: list[Example]) -> None:
    """Four flows of 2**62 that a machine integer would add up to nothing."""
    example = next(example for example in examples if len(example.plan.flows))
    plan = example.plan
    for _ in range(4):
        flows = {name: np.append(values, values[0]) for name, values in vars(plan.flows).items()}
        flows["quantity"][-1] = 2**62
        plan = replace(plan, flows=type(plan.flows)(**flows))
    assert any(fault.table == "flows.csv" for fault in check(example.problem, plan))
