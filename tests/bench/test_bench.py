"""Every baseline does the job that it claims, on one city of Hubei."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

import solver
from tests.bench.baselines import baselines_of
from tests.bench.case import Baseline, Ints, case_of
from tests.bench.instances import HUBEI, make_instance

EZHOU = "4207"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> solver.Problem:
    """A province of one city: 400 communities, three items, mutual aid."""
    file = tmp_path_factory.mktemp("ezhou") / "divisions.csv"
    tree = pl.read_csv(HUBEI, infer_schema=False)
    tree.filter(pl.col("code").str.starts_with(EZHOU) | (pl.col("level") == "province")).write_csv(file)
    return make_instance(file, items=3)


@pytest.fixture(scope="module")
def tree(city: solver.Problem) -> solver.Problem:
    """The same without mutual aid: goods go down only."""
    return replace(city, settings=replace(city.settings, mutual_aid={}))


def by_class(problem: solver.Problem, item: int, granted: Ints) -> list[float]:
    """Packs of each class together."""
    case = case_of(problem, item)
    return [float(granted[case.priority == number].sum()) for number in (1, 2, 3, 4)]


def exact(problem: solver.Problem, item: int) -> Ints:
    """Our grants of one item, in packs."""
    case = case_of(problem, item)
    return solver.solve(problem).granted[case.row] // case.pack_size


@pytest.mark.parametrize("module", ["pairs"])
def test_on_the_tree_each_class_gets_as_much_as_can_be(module: str, tree: solver.Problem) -> None:
    """Same objective, same totals."""
    for baseline in _offered(module):
        for item in range(len(tree.items)):
            granted = baseline.ship(case_of(tree, item)).granted
            assert by_class(tree, item, granted) == by_class(tree, item, exact(tree, item))


def _offered(module: str) -> tuple[Baseline, ...]:
    try:
        return baselines_of(module)
    except ImportError as missing:
        pytest.skip(f"{missing}: make bench installs it")
