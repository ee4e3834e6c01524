"""Whatever stands in a cell of a folder, it is read, or refused in words: nothing else is raised."""

import csv
import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from solver import MalformedPlan, MalformedProblem, check, read_instance, read_plan, solve, write_instance, write_plan
from tests.solver import instances

CELLS = (
    "", " ", "0", "-1", "+1", "007", "1.5", "1e3", "0.5e1", "9" * 18, "9" * 19, "9" * 40, "-" + "9" * 18, "nan", "inf",
    "NULL", "true", '"', "'", "\n", "\r", "\t1", ",", "，", "\ufeff", "\0", "é", "９", "2020-02-30", "+020-01-01", "V0",
    "V1", "D0", "I0", "Q00", "province", "stock", "@", ">", "floor@", "floor@nowhere", "floor@V0", "aid@V0", "aid@V1>",
    "aid@V1>V0>V2", "aid@nowhere>V0", "link@>", "open@D0>D0", "stock@", "stock@V0 stock@V0", "a" * 1000,
)  # fmt: skip
hostile = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance and its plan, with rows in every table."""
    folder = tmp_path_factory.mktemp("hostile")
    instances.write(instances.make(2003), folder / "written", 0)
    problem = read_instance(folder / "written")
    write_instance(problem, folder / "instance")
    write_plan(replace(solve(problem), proved=True), problem, folder / "plan")
    return folder


def with_a_cell(raw: str, place: int, cell: str) -> str:
    """The table with one cell changed, the header's cells among those that may be."""
    rows = list(csv.reader(io.StringIO(raw, newline="")))
    row, column = divmod(place % (len(rows) * len(rows[0])), len(rows[0]))
    rows[row][column] = cell
    changed = io.StringIO(newline="")
    csv.writer(changed, lineterminator="\n").writerows(rows)
    return changed.getvalue()


@hostile
@given(
    table=some.sampled_from(["divisions", "depots", "items", "stock", "demand", "links"]),
    place=some.integers(0, 10**4),
    cell=some.sampled_from(CELLS),
)
def test_any_cell_of_an_instance(table: str, place: int, cell: str, folders: Path) -> None:
    path = folders / "instance" / f"{table}.csv"
    sound = path.read_text("utf-8")
    path.write_text(with_a_cell(sound, place, cell), encoding="utf-8")
    try:
        with suppress(MalformedProblem):
            solve(read_instance(folders / "instance"))
    finally:
        path.write_text(sound, encoding="utf-8")


@hostile
@given(
    table=some.sampled_from(["allocation", "shipments", "flows", "limits", "prices"]),
    place=some.integers(0, 10**4),
    cell=some.sampled_from(CELLS),
)
def test_any_cell_of_a_plan(table: str, place: int, cell: str, folders: Path) -> None:
    path = folders / "plan" / f"{table}.csv"
    problem, sound = read_instance(folders / "instance"), path.read_text("utf-8")
    path.write_text(with_a_cell(sound, place, cell), encoding="utf-8")
    try:
        with suppress(MalformedPlan):
            check(problem, read_plan(folders / "plan", problem))
    finally:
        path.write_text(sound, encoding="utf-8")
