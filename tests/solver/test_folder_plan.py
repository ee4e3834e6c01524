"""The plan folder's rows: kept in the order of the files, and refused where nothing could be made of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver import MalformedPlan, Plan, Problem, read_instance, read_plan, solve, write_plan
from tests.solver import instances, small


@pytest.fixture
def planned(tmp_path: Path) -> tuple[Problem, Plan, Path]:
    """A plan with several rows in each of its tables, and its folder."""
    instances.write(instances.make(2003), tmp_path / "instance", 0)
    problem = read_instance(tmp_path / "instance")
    plan = replace(solve(problem), proved=True)
    assert min(map(len, (plan.shipments, plan.flows, plan.limits, plan.prices))) > 1
    write_plan(plan, problem, tmp_path / "plan")
    return problem, plan, tmp_path / "plan"


def change(path: Path, changed: Callable[[list[str]], list[str]]) -> None:
    """Change the lines below the header."""
    header, *lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([header, *changed(lines)]) + "\n", encoding="utf-8")


def refused(folder: Path, problem: Problem) -> list[tuple[str, int, str]]:
    with pytest.raises(MalformedPlan) as refusal:
        read_plan(folder, problem)
    assert all(fault.zh and fault.en for fault in refusal.value.faults)
    return [(fault.table, fault.row, fault.column) for fault in refusal.value.faults]


def turned_round(lines: list[str]) -> list[str]:
    return lines[::-1]


@pytest.mark.parametrize(("table", "column"), [("shipments", "demand_row"), ("flows", "to_node"), ("prices", "node")])
def test_rows_stay_in_the_order_of_the_file(table: str, column: str, planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    change(folder / f"{table}.csv", turned_round)
    for name, value in vars(getattr(plan, table)).items():
        assert vars(getattr(read_plan(folder, problem), table))[name].tolist() == value.tolist()[::-1]


def test_requests_in_another_order_are_refused_line_by_line(planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    change(folder / "allocation.csv", lambda lines: [lines[1], lines[0], *lines[2:]])
    assert refused(folder, problem) == [("allocation.csv", 2, "id"), ("allocation.csv", 3, "id")]


def test_sets_are_numbered_in_their_order(planned: tuple[Problem, Plan, Path]) -> None:
    problem, plan, folder = planned
    change(folder / "limits.csv", turned_round)
    lines = [2 + place for place in range(len(plan.limits)) if 2 * place + 1 != len(plan.limits)]
    assert refused(folder, problem) == [("limits.csv", line, "set") for line in lines]


def test_a_set_that_32_bits_do_not_hold_is_not_another_set(planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    change(folder / "allocation.csv", lambda lines: [f"{lines[0].rpartition(',')[0]},{2**32 + 1}", *lines[1:]])
    assert refused(folder, problem) == [("allocation.csv", 2, "set")]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("limits", "item_code", "nothing"),
        ("limits", "requests", "many"),
        ("limits", "packs_missing", "1.5"),
        ("limits", "limited_by", "bad luck"),
        ("limits", "higher_class", "2"),
        ("limits", "say_zh", "无可奈何。"),
        ("limits", "say_en", ""),
        ("prices", "node_code", "nowhere"),
        ("prices", "item_code", ""),
        ("prices", "price", "+3"),
        ("prices", "price", " 3"),
        ("prices", "price", ""),
        ("shipments", "depot_code", "nowhere"),
        ("shipments", "division_code", "nowhere"),
        ("shipments", "lot", "no such lot"),
        ("shipments", "metres", "1e3"),
        ("flows", "to_code", "nowhere"),
        ("allocation", "limited_by", "bad luck"),
        ("allocation", "priority", "5"),
        ("allocation", "requested", "1000000"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(
    table: str, column: str, value: str, planned: tuple[Problem, Plan, Path]
) -> None:
    problem, _, folder = planned
    path = folder / f"{table}.csv"
    place = path.read_text("utf-8").splitlines()[0].split(",").index(column)

    def changed(lines: list[str]) -> list[str]:
        cells = lines[1].split(",")
        return [lines[0], ",".join([*cells[:place], value, *cells[place + 1 :]]), *lines[2:]]

    change(path, changed)
    assert refused(folder, problem) == [(f"{table}.csv", 3, column)]


@pytest.mark.parametrize("table", ["allocation", "shipments", "flows", "limits", "prices"])
def test_a_missing_column_is_named_once_and_blames_no_line(table: str, planned: tuple[Problem, Plan, Path]) -> None:
    problem, _, folder = planned
    whole = (folder / f"{table}.csv").read_text("utf-8")
    for column in whole.splitlines()[0].split(","):
        (folder / f"{table}.csv").write_text(whole.replace(column, "remark", 1), encoding="utf-8")
        assert refused(folder, problem) == [(f"{table}.csv", 1, column)]


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({"items_missing": ["gloves"]}, ["items_missing", "complete"]),
        ({"items_missing": None}, ["items_missing", "complete"]),
        ({"items_missing": "I0"}, ["items_missing", "complete"]),
        ({"items_missing": ["I0", "I0"]}, ["items_missing", "complete"]),
        ({"items_missing": ["I0"]}, ["complete"]),
        ({"complete": False}, ["complete"]),
        ({"complete": 1}, ["complete"]),
        ({"model_version": 1.0}, ["model_version"]),
    ],
)
def test_a_summary_that_contradicts_itself_is_refused(
    changed: dict[str, Any], columns: list[str], planned: tuple[Problem, Plan, Path]
) -> None:
    problem, _, folder = planned
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    (folder / "summary.json").write_text(json.dumps(summary | changed), encoding="utf-8")
    assert refused(folder, problem) == [("summary.json", -1, column) for column in columns]


def test_rows_about_no_request_are_refused(tmp_path: Path) -> None:
    problem = small.problem(small.divisions(P=""), [("P", 3)], [])
    write_plan(solve(problem), problem, tmp_path / "plan")
    change(tmp_path / "plan" / "allocation.csv", lambda lines: ["R1,P,I,1,3,0,0.000000,stock,"])
    change(tmp_path / "plan" / "shipments.csv", lambda lines: ["R1,DP,P,I,L0,3,0,0.000"])
    assert refused(tmp_path / "plan", problem) == [("allocation.csv", 2, "id"), ("shipments.csv", 2, "id")]
