"""Laws of folders: what is written is read back the same, plain or gzipped, and the same content is the same bytes."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from solver import Plan, Problem, input_digest, read_instance, read_plan, solve, write_instance, write_plan
from solver.folder import columns
from solver.plan import fill_text
from solver.problem import HOURS_MAX, QUANTITY_MAX
from tests.solver import handmade, instances, small
from tests.solver.same import assert_same

SEEDS = range(2000, 2040)
TEXT = some.text(some.characters(exclude_categories=("Cs",)), max_size=4)
written = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def contents(folder: Path) -> dict[str, bytes]:
    """What each file says, unpacked; run.json may differ."""
    return {
        path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in folder.iterdir()
        if path.name != "run.json"
    }


def assert_instance_comes_back(problem: Problem, folder: Path) -> None:
    """From a plain and from a gzipped folder, which say the same."""
    for compressed in (False, True):
        write_instance(problem, folder / str(compressed), compressed=compressed)
        again = read_instance(folder / str(compressed))
        assert_same(again, problem)
        assert input_digest(again) == input_digest(problem)
    assert contents(folder / "True") == contents(folder / "False")


def assert_plan_comes_back(plan: Plan, problem: Problem, folder: Path) -> None:
    """From a plain and from a gzipped folder, which say the same."""
    for compressed in (False, True):
        write_plan(plan, problem, folder / str(compressed), compressed=compressed)
        assert_same(read_plan(folder / str(compressed), problem), plan)
    assert contents(folder / "True") == contents(folder / "False")


def instance(seed: int, folder: Path) -> Problem:
    instances.write(instances.make(seed), folder, seed)
    return read_instance(folder)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_instance_comes_back_whatever_the_order_of_columns(seed: int, tmp_path: Path) -> None:
    problem = instance(seed, tmp_path / "one")
    instances.write(instances.make(seed), tmp_path / "other", seed + 1)
    assert input_digest(read_instance(tmp_path / "other")) == input_digest(problem)
    assert_instance_comes_back(problem, tmp_path)


def tiny(**demand: object) -> Problem:
    """Two places, two lots, three requests, some columns of the demand exchanged."""
    places = small.divisions(P="", A="P")
    problem = small.problem(places, [("P", 7), ("P", 3)], [("A", 5), ("P", 4), ("A", 9)])
    weights = {"weight_numerator": small.ints([1, 1, 1]), "weight_denominator": 1}
    return replace(problem, demand=replace(problem.demand, **weights | demand))


@written
@given(
    names=some.lists(TEXT, min_size=2, max_size=2),
    ids=some.lists(TEXT.filter(bool), min_size=3, max_size=3, unique=True),
    lots=some.lists(TEXT, min_size=2, max_size=2, unique=True),
)
def test_any_text_comes_back(names: list[str], ids: list[str], lots: list[str], tmp_path: Path) -> None:
    """Quotes, commas, line breaks, spaces at the ends, what looks like a number."""
    problem = tiny(ids=ids)
    problem = replace(
        problem,
        divisions=replace(problem.divisions, names=pl.Series(names, dtype=pl.String)),
        stock=replace(problem.stock, lot=lots),
    )
    assert_instance_comes_back(problem, tmp_path)
    assert_plan_comes_back(solve(problem), problem, tmp_path / "plan")


@written
@given(
    weights=some.lists(some.integers(1, 10**18), min_size=3, max_size=3),
    places=some.integers(0, 9),
    hours=some.lists(some.integers(-1, HOURS_MAX * 10**6), min_size=3, max_size=3).filter(
        lambda hours: max(hours) >= 0
    ),
)
def test_any_weight_and_hours_come_back(weights: list[int], places: int, hours: list[int], tmp_path: Path) -> None:
    """A weight may come back over a smaller denominator; it says the same."""
    weights = [weight % (10 ** (9 + places) - 1) + 1 for weight in weights]
    problem = tiny(
        weight_numerator=small.ints(weights),
        weight_denominator=10**places,
        needed_within_hours_millionths=small.ints(hours),
    )
    write_instance(problem, tmp_path / "instance")
    again = read_instance(tmp_path / "instance")
    assert input_digest(again) == input_digest(problem)
    assert_instance_comes_back(again, tmp_path)


def handmade_plan(seed: int, problem: Problem) -> Plan:
    return handmade.plan_by_hand(instances.make(seed), problem)


def solved(seed: int, problem: Problem) -> Plan:
    return replace(solve(problem), proved=True)


@pytest.mark.parametrize("plan_of", [solved, handmade_plan])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_comes_back(plan_of: Callable[[int, Problem], Plan], seed: int, tmp_path: Path) -> None:
    problem = instance(seed, tmp_path / "instance")
    assert_plan_comes_back(plan_of(seed, problem), problem, tmp_path)


def test_a_plan_that_holds_some_items_comes_back(tmp_path: Path) -> None:
    problems = (instance(seed, tmp_path / str(seed)) for seed in SEEDS)
    problem = next(problem for problem in problems if len(problem.items) > 1)
    done: list[int] = []
    plan = solve(problem, progress=lambda *step: done.append(step[0]), cancelled=lambda: bool(done))
    assert plan.items.tolist() == [0]
    assert_plan_comes_back(plan, problem, tmp_path / "plan")
    assert read_plan(tmp_path / "plan" / "False", problem).summary["items_missing"] == problem.items.codes[1:]


def test_tables_written_in_slices_are_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = instance(2003, tmp_path / "instance")
    plan = solve(problem)
    whole, sliced = tmp_path / "whole", tmp_path / "sliced"
    for folder in (whole, sliced):
        write_instance(problem, folder / "instance")
        write_plan(plan, problem, folder / "plan")
        monkeypatch.setattr(columns, "SLICE_ROWS", 2)
    assert min(len(problem.demand), len(problem.stock), len(plan.shipments), len(plan.flows)) > 2
    for table in ("instance", "plan"):
        assert contents(sliced / table) == contents(whole / table)


@written
@given(packs=some.lists(some.tuples(some.integers(0, QUANTITY_MAX), some.integers(0, 10**6)), min_size=3, max_size=3))
def test_fill_is_rounded_down_however_many_packs(packs: list[tuple[int, int]], tmp_path: Path) -> None:
    wanted = [most for most, _ in packs]
    granted = [most * part // 10**6 for most, part in packs]
    problem = tiny(quantity=small.ints(wanted))
    plan = replace(solve(tiny(quantity=small.ints([0, 0, 0]))), granted=small.ints(granted))
    write_plan(plan, problem, tmp_path / "plan")
    lines = pl.read_csv(tmp_path / "plan" / "allocation.csv", infer_schema=False)
    assert lines["fill"].to_list() == [fill_text(*pair) for pair in zip(granted, wanted, strict=True)]


def test_gzip_says_neither_when_nor_what(tmp_path: Path) -> None:
    problem = tiny()
    for folder in ("one", "other"):
        write_instance(problem, tmp_path / folder, compressed=True)
        write_plan(solve(problem), problem, tmp_path / f"plan-{folder}", compressed=True)
    first, again = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / folder).iterdir())} for folder in ("one", "other")
    )
    assert first == again
    packed = [raw for name, raw in first.items() if name.endswith(".gz")]
    assert len(packed) == 6
    # Flags (a name would set one) and the four bytes of time.
    assert {raw[3:8] for raw in packed} == {bytes(5)}


def test_workers_are_said_in_run_json(tmp_path: Path) -> None:
    problem = tiny()
    write_plan(solve(problem), problem, tmp_path / "plan", workers=3)
    assert '"workers": 3' in (tmp_path / "plan" / "run.json").read_text("utf-8")


def test_numbers_of_every_size_come_back(tmp_path: Path) -> None:
    problem = tiny(quantity=small.ints([QUANTITY_MAX, 1, 0]))
    assert_instance_comes_back(problem, tmp_path)
    assert read_instance(tmp_path / "True").demand.quantity.dtype == np.int64
