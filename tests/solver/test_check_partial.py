"""A plan that holds some items only is believed about those, and must say nothing of the others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver import Plan, read_plan, write_plan
from solver.check import check
from tests.solver import handmade
from tests.solver.corruptions.example import Example, example_of, with_columns
from tests.solver.same import assert_same

SEEDS = (7009, 7010, 7011, 7015, 7018)
"""Instances of two items, both of which have flows and sets."""


@pytest.mark.parametrize("items", [[0], [1], [0, 1], []])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_items_held_are_all_that_is_checked(seed: int, items: list[int], tmp_path: Path) -> None:
    problem, plan = example_of(seed).problem, held(example_of(seed), items)
    assert check(problem, plan) == []
    write_plan(plan, problem, tmp_path / "plan")
    again = read_plan(tmp_path / "plan", problem)
    assert_same(again, plan)
    assert check(problem, again) == []


def held(example: Example, items: list[int]) -> Plan:
    return handmade.holding(example.plan, example.problem, items)


COLUMNS = {
    "granted": "allocation.csv",
    "limited_by": "allocation.csv",
    "set": "allocation.csv",
    "shipments": "shipments.csv",
    "flows": "flows.csv",
    "limits": "limits.csv",
    "prices": "prices.csv",
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_said_of_an_item_that_is_not_held_is_refused(seed: int, column: str) -> None:
    example = example_of(seed)
    for item in (0, 1):
        plan = replace(held(example, [item]), **{column: getattr(example.plan, column)})
        faults = check(example.problem, plan)
        assert {fault.table for fault in faults} == {COLUMNS[column]}
        other = example.problem.items.codes[1 - item]
        assert all(f"does not hold item {other}" in fault.en for fault in faults)


def told(example: Example, **changed: Any) -> list[str]:
    """Columns of faults in the summary of a plan that holds the first item, with something else told there."""
    plan = held(example, [0])
    faults = check(example.problem, replace(plan, summary={**plan.summary, **changed}))
    assert {fault.table for fault in faults} == {"summary.json"}
    return [fault.column for fault in faults]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_summary_says_which_items_are_held(seed: int) -> None:
    example = example_of(seed)
    whole = example.plan.summary
    assert told(example, complete=True) == ["complete"]
    assert told(example, items_missing=[]) == ["items_missing"]
    assert told(example, items_missing=example.problem.items.codes[:1]) == ["items_missing[0]"]
    assert told(example, items=whole["items"]) == ["items"]
    assert told(example, items=whole["items"][1:])[0] == "items[0].item"


def test_an_item_that_is_held_and_has_no_rows_is_missed() -> None:
    example = example_of(SEEDS[0])
    nothing = held(example, [])
    faults = check(example.problem, replace(nothing, items=example.plan.items))
    named = {fault.table for fault in faults}
    assert {"prices.csv", "allocation.csv"} <= named


def test_items_that_cannot_be_held_are_refused() -> None:
    example = example_of(SEEDS[0])
    for items in ([1, 0], [0, 0], [0, 2], [-1, 0]):
        [fault, *_] = check(example.problem, replace(example.plan, items=handmade.ints(items)))
        assert (fault.table, fault.column) == ("summary.json", "items")


def test_sets_of_items_held_are_numbered_without_the_others() -> None:
    for seed in SEEDS:
        example = example_of(seed)
        plan = held(example, [1])
        shifted = with_columns(plan, "", set=(plan.set + (plan.set > 0)).astype(plan.set.dtype))
        assert {fault.table for fault in check(example.problem, shifted)} == {"allocation.csv"}
