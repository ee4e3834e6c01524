"""Malformed arrays are refused at construction, with table, column and row, all of them at once."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as some

from solver import Fault, MalformedProblem, Problem, Settings
from tests.solver import small


def sound() -> Problem:
    places = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("A", "township", 5))
    links = [{"from": "A", "to": "P", "metres": 5}, {"from": "P", "to": "B", "capacity": 2, "hours": Decimal("1.5")}]
    return small.problem(places, [("P", 5), ("A", 3), ("-X", 2)], [("B", 4), ("A", 2), ("P", 0)], links)


def refused(**changed: Any) -> list[tuple[str, str, int]]:
    """Where faults are found when some tables of a sound problem are exchanged."""
    problem = sound()
    with pytest.raises(MalformedProblem) as refusal:
        Problem(**{name: changed.get(name, getattr(problem, name)) for name in vars(problem)})
    for fault in refusal.value.faults:
        assert fault.zh
        assert fault.en in str(refusal.value)
    return [(fault.table, fault.column, fault.row) for fault in refusal.value.faults]


def with_value(table: Any, column: str, row: int, value: Any) -> Any:
    """The table with one value of a column changed."""
    values = list(getattr(table, column)) if isinstance(getattr(table, column), list) else getattr(table, column).copy()
    values[row] = value
    return replace(table, **{column: values})


@pytest.mark.parametrize(
    ("table", "column", "row", "value"),
    [
        ("divisions", "parent", 2, 9),
        ("divisions", "parent", 1, -2),
        ("divisions", "level", 0, 5),
        ("divisions", "metres_to_parent", 1, -1),
        ("divisions", "codes", 1, "a b"),
        ("divisions", "codes", 1, "a>b"),
        ("divisions", "codes", 1, ""),
        ("divisions", "codes", 2, "P"),
        ("depots", "codes", 0, "P"),
        ("depots", "division", 2, 3),
        ("depots", "metres_to_division", 0, 10**11),
        ("depots", "kind", 1, "private"),
        ("items", "pack_size", 0, 0),
        ("items", "weight_kg", 0, Decimal("NaN")),
        ("items", "weight_kg", 0, Decimal("-1")),
        ("stock", "depot", 0, 3),
        ("stock", "item", 1, 1),
        ("stock", "quantity", 1, -1),
        ("stock", "quantity", 1, 10**15 + 1),
        ("stock", "reserve_floor", 2, -3),
        ("demand", "ids", 1, "R0"),
        ("demand", "ids", 1, ""),
        ("demand", "division", 0, -1),
        ("demand", "quantity", 2, -7),
        ("demand", "priority", 0, 0),
        ("demand", "priority", 0, 5),
        ("demand", "weight_numerator", 0, 0),
        ("demand", "weight_numerator", 0, 10**11),
        ("demand", "ids", 0, 7),
        ("demand", "ids", 2, None),
        ("divisions", "names", 1, "half \ud800"),
        ("items", "unit", 0, b"box"),
        ("items", "weight_kg", 0, 0.25),
        ("items", "weight_kg", 0, None),
        ("links", "hours", 1, "1.5"),
        ("links", "from_node", 0, 6),
        ("links", "item", 0, 1),
        ("links", "metres", 0, -4),
        ("links", "capacity", 1, -2),
        ("links", "hours", 1, Decimal("Infinity")),
        ("links", "hours", 1, Decimal("0.1234567")),
    ],
)
def test_one_wrong_value_is_named_by_table_column_and_row(table: str, column: str, row: int, value: Any) -> None:
    changed = with_value(getattr(sound(), table), column, row, value)
    assert refused(**{table: changed}) == [(table, column, row)]
    values = getattr(changed, column)
    if isinstance(values, list) and all(isinstance(text, str) and text.isascii() for text in values):
        assert refused(**{table: replace(changed, **{column: pl.Series(values)})}) == [(table, column, row)]


@given(some.text(some.characters(exclude_categories=("Cs",)), min_size=1, max_size=5))
def test_a_code_holds_no_space_and_no_mark_that_remedies_use(code: str) -> None:
    """The rule is polars'; what a space is, Python says."""
    if re.fullmatch(r"[^\s,@>]+", code) is None:
        assert refused(items=with_value(sound().items, "codes", 0, code)) == [("items", "codes", 0)]
    else:
        replace(sound(), items=with_value(sound().items, "codes", 0, code))


def test_hours_within_which_something_is_needed_have_a_range() -> None:
    demand = replace(sound().demand, needed_within_hours_millionths=small.ints([-1, -2, 10**11 + 1]))
    assert refused(demand=demand) == [("demand", "needed_within_hours_millionths", row) for row in (1, 2)]


def test_all_faults_come_at_once() -> None:
    problem = sound()
    demand = with_value(with_value(problem.demand, "quantity", 0, -1), "priority", 2, 9)
    stock = with_value(problem.stock, "quantity", 1, -5)
    assert refused(demand=demand, stock=stock) == [
        ("stock", "quantity", 1),
        ("demand", "quantity", 0),
        ("demand", "priority", 2),
    ]


@pytest.mark.parametrize(
    ("table", "column", "array"),
    [
        ("demand", "quantity", np.zeros(2, dtype=np.int64)),
        ("demand", "quantity", np.zeros(3, dtype=np.float64)),
        ("demand", "quantity", np.zeros((3, 1), dtype=np.int64)),
        ("divisions", "parent", None),
        ("stock", "depot", np.int64(3)),
        ("demand", "division", [0, 1, 2]),
        ("stock", "lot", ["a"]),
        ("stock", "lot", pl.Series(["a", "b"])),
        ("stock", "lot", pl.Series([1, 2, 3])),
        ("stock", "lot", pl.Series(["a", "b", "c"], dtype=pl.Categorical)),
        ("stock", "lot", None),
        ("stock", "lot", ("a", "b", "c")),
        ("links", "hours", None),
        ("items", "weight_kg", []),
        ("demand", "needed_within_hours_millionths", np.zeros(2, dtype=np.int64)),
        ("demand", "needed_within_hours_millionths", [1, 2, 3]),
        ("divisions", "level", np.zeros(3, dtype=np.int64)),
    ],
)
def test_a_column_of_another_shape_or_type_is_named(table: str, column: str, array: Any) -> None:
    assert refused(**{table: replace(getattr(sound(), table), **{column: array})}) == [(table, column, -1)]


def test_a_ring_of_parents_is_named_by_all_its_members() -> None:
    divisions = replace(sound().divisions, parent=small.ints([-1, 2, 1]))
    assert refused(divisions=divisions) == [("divisions", "parent", 1), ("divisions", "parent", 2)]


def test_a_lot_and_a_link_stand_once() -> None:
    problem = sound()
    stock = replace(problem.stock, depot=small.ints([0, 0, 2]), lot=["L", "L", "L"])
    links = replace(problem.links, from_node=small.ints([0, 0]), to_node=small.ints([1, 1]))
    assert refused(stock=stock, links=links) == [("stock", "lot", 1), ("links", "to_node", 1)]


def test_totals_that_no_sum_could_hold_are_refused() -> None:
    problem = sound()
    many = 5000
    demand = replace(
        problem.demand,
        ids=[str(number) for number in range(many)],
        division=np.zeros(many, dtype=np.int64),
        item=np.zeros(many, dtype=np.int64),
        quantity=np.full(many, 10**15, dtype=np.int64),
        priority=np.ones(many, dtype=np.int8),
        weight_numerator=np.ones(many, dtype=np.int64),
    )
    assert refused(demand=demand) == [("demand", "quantity", -1)]


@pytest.mark.parametrize(
    ("settings", "column"),
    [
        (Settings(mutual_aid={"village": Decimal(1)}), "mutual_aid"),
        (Settings(mutual_aid={"county": Decimal("1.01")}), "mutual_aid"),
        (Settings(mutual_aid={"county": Decimal("NaN")}), "mutual_aid"),
        (Settings(mutual_aid_basis="need"), "mutual_aid_basis"),
        (Settings(mutual_aid_penalty_metres=-1), "mutual_aid_penalty_metres"),
    ],
)
def test_settings_that_mean_nothing_are_named(settings: Settings, column: str) -> None:
    assert refused(settings=settings) == [("settings", column, -1)]


def test_weights_need_a_power_of_ten_below_them() -> None:
    assert refused(demand=replace(sound().demand, weight_denominator=50)) == [("demand", "weight_denominator", -1)]


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        (Fault("demand", "quantity", 16, "", ""), "demand.quantity[16]"),
        (Fault("settings", "mutual_aid", -1, "", ""), "settings.mutual_aid"),
        (Fault("demand.csv", "quantity", 18, "", ""), "demand.csv:18 quantity"),
        (Fault("stock.csv", "", -1, "", ""), "stock.csv"),
        (Fault("demand.csv.gz", "quantity", 18, "", ""), "demand.csv.gz:18 quantity"),
    ],
)
def test_a_fault_says_where(fault: Fault, where: str) -> None:
    assert fault.where == where
