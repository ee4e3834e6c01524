"""The checker believes true plans and refuses wrong ones, naming what is wrong; no plan here is the solver's."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from solver import LIMITS, Fault, Flows, MalformedPlan, Plan, Problem, read_instance, read_plan, write_plan
from solver.check import check
from solver.problem import Int64
from tests.solver import handmade, instances, oracle
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


def put(plan: Plan, table: str, column: str, row: int, value: int | str) -> Plan:
    """The plan with one number (or text) changed."""
    owner: Any = getattr(plan, table) if table else plan
    values = getattr(owner, column).astype(object)
    values[row] = value
    changed = replace(owner, **{column: values.astype(getattr(owner, column).dtype)})
    return replace(plan, **{table: changed}) if table else changed


def pick(plan: Plan, table: str, random: Random) -> int | None:
    """Any row of a table, None if it has none."""
    rows = len(getattr(plan, table)) if table else len(plan.granted)
    return random.randrange(rows) if rows else None


def pack_of(example: Example, table: str, row: int) -> int:
    plan, demand = example.plan, example.problem.demand
    item = {
        "": lambda: demand.item[row],
        "shipments": lambda: demand.item[plan.shipments.demand_row[row]],
        "flows": lambda: plan.flows.item[row],
    }[table]()
    return int(example.problem.items.pack_size[item])


Corruption = Callable[[Example, Random], Plan | None]


def packs_more(table: str, column: str, packs: int, example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, table, random)
    if row is None:
        return None
    number = int(getattr(getattr(example.plan, table) if table else example.plan, column)[row])
    return put(example.plan, table, column, row, number + packs * pack_of(example, table, row))


def broken_pack(table: str, column: str, example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, table, random)
    if row is None or pack_of(example, table, row) == 1:
        return None
    number = int(getattr(getattr(example.plan, table) if table else example.plan, column)[row])
    return put(example.plan, table, column, row, number + 1)


def metre_more(example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, "shipments", random)
    if row is None:
        return None
    return put(example.plan, "shipments", "metres", row, int(example.plan.shipments.metres[row]) + 1)


def moment_more(example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, "shipments", random)
    if row is None:
        return None
    thousandths = int(example.plan.shipments.hours_thousandths[row])
    return put(example.plan, "shipments", "hours_thousandths", row, thousandths + 1)


def another(table: str, column: str, count: Callable[[Problem], int], example: Example, random: Random) -> Plan | None:
    """Another row of the problem in place of the one that stands there."""
    row, others = pick(example.plan, table, random), count(example.problem)
    if row is None or others < 2:
        return None
    value = int(getattr(getattr(example.plan, table), column)[row])
    return put(example.plan, table, column, row, (value + random.randrange(1, others)) % others)


def another_reason(example: Example, random: Random) -> Plan | None:
    row = random.randrange(len(example.plan.granted))
    reason = int(example.plan.limited_by[row])
    return put(example.plan, "", "limited_by", row, (reason + random.randrange(1, len(LIMITS))) % len(LIMITS))


def without_row(table: str, example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, table, random)
    if row is None:
        return None
    owner: Any = getattr(example.plan, table)
    less = {name: np.delete(values, row) for name, values in vars(owner).items()}
    return replace(example.plan, **{table: replace(owner, **less)})


def row_twice(table: str, example: Example, random: Random) -> Plan | None:
    row = pick(example.plan, table, random)
    if row is None:
        return None
    owner: Any = getattr(example.plan, table)
    more = {name: np.append(values, values[row]) for name, values in vars(owner).items()}
    return replace(example.plan, **{table: replace(owner, **more)})


def later_lot(example: Example, random: Random) -> Plan | None:
    """A pack of the lot that expires first stays, one of a lot that was to stay goes."""
    plan, stock = example.plan, example.problem.stock
    shipped = set(plan.shipments.stock_row.tolist())
    for row in range(len(plan.shipments)):
        lot = int(plan.shipments.stock_row[row])
        for other in range(len(stock)):
            if other not in shipped and (stock.depot[other], stock.item[other]) == (stock.depot[lot], stock.item[lot]):
                return put(plan, "shipments", "stock_row", row, other)
    return None


def round_trip(example: Example, random: Random) -> Plan | None:
    """A pack that goes up and comes down again for nothing."""
    codes = example.problem.node_codes()
    for number, item in enumerate(example.problem.items.codes):
        arcs, _ = oracle.arcs_of(example.tables, item)
        for (tail, head), arc in arcs.items():
            if (head, tail) in arcs and all(
                one.capacity is None or one.capacity > 0 for one in (arc, arcs[head, tail])
            ):
                ring = [(codes.index(a), codes.index(b)) for a, b in ((tail, head), (head, tail))]
                return with_flow(example.plan, number, ring, int(example.problem.items.pack_size[number]))
    return None


def with_flow(plan: Plan, item: int, arcs: list[tuple[int, int]], units: int) -> Plan:
    """The plan with `units` more over each of the arcs."""
    flows = plan.flows
    rows = list(zip(flows.from_node.tolist(), flows.to_node.tolist(), flows.item.tolist(), strict=True))
    quantities = dict(zip(rows, flows.quantity.tolist(), strict=True))
    for tail, head in arcs:
        quantities[tail, head, item] = quantities.get((tail, head, item), 0) + units
    table = [np.array(column, dtype=np.int64) for column in zip(*quantities, strict=True)]
    quantity = np.array(list(quantities.values()), dtype=np.int64)
    return replace(plan, flows=Flows(from_node=table[0], to_node=table[1], item=table[2], quantity=quantity))


ROWS_OF: dict[str, Callable[[Problem], int]] = {
    "demand": lambda problem: len(problem.demand),
    "depots": lambda problem: len(problem.depots),
    "nodes": lambda problem: problem.nodes(),
    "items": lambda problem: len(problem.items),
    "stock": lambda problem: len(problem.stock),
}

# What is done to a true plan, and the files of which at least one must be named.
CORRUPTIONS: dict[str, tuple[Corruption, set[str]]] = {
    "a pack granted more": (partial(packs_more, "", "granted", 1), {"allocation.csv"}),
    "a pack granted less": (partial(packs_more, "", "granted", -1), {"allocation.csv"}),
    "a broken pack granted": (partial(broken_pack, "", "granted"), {"allocation.csv"}),
    "another reason": (another_reason, {"allocation.csv"}),
    "a pack shipped more": (partial(packs_more, "shipments", "quantity", 1), {"allocation.csv", "shipments.csv"}),
    "a pack shipped less": (partial(packs_more, "shipments", "quantity", -1), {"allocation.csv", "shipments.csv"}),
    "a broken pack shipped": (partial(broken_pack, "shipments", "quantity"), {"shipments.csv"}),
    "a metre more": (metre_more, {"shipments.csv"}),
    "a thousandth of an hour more": (moment_more, {"shipments.csv"}),
    "another request's shipment": (
        partial(another, "shipments", "demand_row", ROWS_OF["demand"]),
        {"allocation.csv", "shipments.csv"},
    ),
    "another depot's shipment": (partial(another, "shipments", "depot", ROWS_OF["depots"]), {"shipments.csv"}),
    "another lot": (partial(another, "shipments", "stock_row", ROWS_OF["stock"]), {"shipments.csv"}),
    "a later lot": (later_lot, {"shipments.csv"}),
    "a shipment left out": (partial(without_row, "shipments"), {"allocation.csv", "flows.csv"}),
    "a shipment twice": (partial(row_twice, "shipments"), {"shipments.csv"}),
    "a pack carried more": (partial(packs_more, "flows", "quantity", 1), {"flows.csv"}),
    "a pack carried less": (partial(packs_more, "flows", "quantity", -1), {"flows.csv"}),
    "a broken pack carried": (partial(broken_pack, "flows", "quantity"), {"flows.csv"}),
    "a flow from elsewhere": (partial(another, "flows", "from_node", ROWS_OF["nodes"]), {"flows.csv"}),
    "a flow to elsewhere": (partial(another, "flows", "to_node", ROWS_OF["nodes"]), {"flows.csv"}),
    "a flow of another item": (partial(another, "flows", "item", ROWS_OF["items"]), {"flows.csv"}),
    "a flow left out": (partial(without_row, "flows"), {"flows.csv"}),
    "a flow twice": (partial(row_twice, "flows"), {"flows.csv"}),
    "a round trip": (round_trip, {"flows.csv"}),
}


def test_true_plans_are_found_true(examples: list[Example]) -> None:
    for example in examples:
        assert check(example.problem, example.plan) == [], example.seed


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corrupted_plan_is_refused(name: str, examples: list[Example]) -> None:
    corrupt, files = CORRUPTIONS[name]
    refused = 0
    for example in examples:
        wrong = corrupt(example, Random(example.seed))
        if wrong is not None:
            faults = check(example.problem, wrong)
            assert {fault.table for fault in faults} & files, (example.seed, said(faults))
            assert all(fault.zh and fault.en for fault in faults)
            refused += 1
    assert refused >= 3


def said(faults: list[Fault]) -> list[str]:
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("file", "column"),
    [("allocation", "priority"), ("allocation", "requested"), ("allocation", "granted"), ("allocation", "fill"),
     ("allocation", "set"), ("shipments", "quantity"), ("shipments", "metres"), ("shipments", "hours"),
     ("flows", "quantity")],
)  # fmt: skip
def test_one_number_changed_by_hand_is_named(file: str, column: str, examples: list[Example], tmp_path: Path) -> None:
    refused = 0
    for example in examples:
        write_plan(example.plan, example.problem, tmp_path / "plan")
        if change_a_number(tmp_path / "plan" / f"{file}.csv", column, Random(example.seed)):
            faults = faults_of_folder(tmp_path / "plan", example.problem)
            # The reader holds the sentences of limits.csv against all other files: they may be the first not to fit.
            named = {f"{file}.csv", "limits.csv"} & {fault.table for fault in faults}
            assert named or any("shipments add up" in fault.en for fault in faults), example.seed
            refused += 1
    assert refused >= 10


def change_a_number(path: Path, column: str, random: Random) -> bool:
    """Add one to the last digit of a number in the column; False if there is no row."""
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows:
        return False
    row = random.choice(rows)
    digits = len(row[column].partition(".")[2])
    row[column] = f"{Decimal(row[column] or 0) + Decimal(1).scaleb(-digits)}"
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return True


def faults_of_folder(folder: Path, problem: Problem) -> list[Fault]:
    """What reading the plan folder refuses, or else what checking it finds."""
    try:
        return check(problem, read_plan(folder, problem))
    except MalformedPlan as malformed:
        return list(malformed.faults)


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
        plan = handmade.plan_by_hand(example.tables, example.problem, near=False)
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
            size = pack_of(example, "", row)
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
        row = pick(example.plan, table, Random(example.seed))
        if row is not None:
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
