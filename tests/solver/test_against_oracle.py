"""The solver and the checker against the model done by hand, on random small instances with every feature.

SUPPLYHUB_ORACLE_INSTANCES says how many (200 unless told); seeds are 0, 1, 2 ...
"""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from solver import LIMITS, Plan, Problem, read_instance, read_plan, solve, write_plan
from solver.check import check
from solver.problem import Int64
from tests.solver import instances, oracle, reasons
from tests.solver.oracle import Tables

SEEDS = range(int(os.environ.get("SUPPLYHUB_ORACLE_INSTANCES", "200")))


def pack_metres(tables: Tables, problem: Problem, plan: Plan) -> dict[str, int]:
    """Packs x metres of the plan's flows, with the lengths that the oracle reads."""
    codes, totals = problem.node_codes(), {}
    for number, item in enumerate(problem.items.codes):
        arcs, _ = oracle.arcs_of(tables, item)
        flows = zip(*(column[plan.flows.item == number].tolist() for column in columns(plan)), strict=True)
        totals[item] = sum(
            units // oracle.pack_size(tables, item) * arcs[codes[tail], codes[head]].metres
            for tail, head, units in flows
        )
    return totals


def columns(plan: Plan) -> tuple[Int64, Int64, Int64]:
    return plan.flows.from_node, plan.flows.to_node, plan.flows.quantity


def lots_shipped(problem: Problem, plan: Plan) -> dict[tuple[str, str], dict[str, int]]:
    """Units of each lot that leave each depot, by (depot, item)."""
    shipped: dict[tuple[str, str], Counter[str]] = {}
    stock = problem.stock
    for row, units in zip(plan.shipments.stock_row.tolist(), plan.shipments.quantity.tolist(), strict=True):
        key = (problem.depots.codes[int(stock.depot[row])], problem.items.codes[stock.item[row]])
        shipped.setdefault(key, Counter())[stock.lot[row]] += units
    return {key: dict(lots) for key, lots in shipped.items()}


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[int], tuple[Tables, Problem]]:
    """The instance of a seed as the oracle reads it, and as the solver reads it from its folder."""

    def asked(seed: int) -> tuple[Tables, Problem]:
        tables = instances.make(seed)
        instances.write(tables, tmp_path / str(seed), seed)
        return tables, read_instance(tmp_path / str(seed))

    return asked


@pytest.mark.parametrize("seed", SEEDS)
def test_solver_and_checker_agree_with_the_model_done_by_hand(
    seed: int, ask: Callable[[int], tuple[Tables, Problem]], tmp_path: Path
) -> None:
    tables, problem = ask(seed)
    true, plan = reasons.answer(tables), solve(problem)
    assert plan.granted.tolist() == true.granted
    assert [LIMITS[reason] for reason in plan.limited_by] == true.limited_by
    assert pack_metres(tables, problem, plan) == true.pack_metres
    for (depot, item), lots in lots_shipped(problem, plan).items():
        assert lots == oracle.first_expired(tables, depot, item, sum(lots.values()))
    assert check(problem, plan) == []
    write_plan(plan, problem, tmp_path / "plan")
    assert check(problem, read_plan(tmp_path / "plan", problem)) == []


def test_instances_have_every_feature_often_enough(record_property: Callable[[str, object], None]) -> None:
    features, limits, scarce = Counter[str](), Counter[str](), 0
    for seed in SEEDS:
        tables = instances.make(seed)
        features.update(instances.features(tables))
        limited_by = reasons.answer(tables).limited_by
        limits.update(set(limited_by) - {""})
        unfilled = {row["priority"] or "4" for row, reason in zip(tables.demand, limited_by, strict=True) if reason}
        scarce += len(unfilled) > 1
    lines = [f"seeds {SEEDS.start} to {SEEDS.stop - 1}; {scarce} leave two classes or more unfilled"]
    lines += [f"  {count:6} with {name}" for name, count in features.most_common()]
    lines += [f"  {count:6} with a request limited by {name}" for name, count in limits.most_common()]
    record_property("random instances", "\n".join(lines))
    assert all(3 * features[name] >= len(SEEDS) for name in instances.NAMED_FEATURES)
    assert 2 * scarce >= len(SEEDS)
    assert limits.keys() == set(reasons.REASONS)
