"""Every baseline does the job that it claims, on two cities of Hubei; figures of quality are what they say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import solver
from tests.bench.baselines import MODULES, baselines_of
from tests.bench.baselines.first_come import serve_as_they_come
from tests.bench.baselines.pro_rata import in_proportion, split_by_class
from tests.bench.case import Answer, Baseline, Case, Ints, case_of
from tests.bench.instances import HUBEI, make_instance
from tests.bench.quality import error_of, gini

CITIES = ("4202", "4207")
ENGINES_ON_TREES = ("pairs", "textbook_flow", "glop", "highs", "segments")
FLOWS = ("textbook_flow", "segments")
ITEMS = range(6)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> solver.Problem:
    """A province of two cities: 1,400 communities, six items, mutual aid."""
    file = tmp_path_factory.mktemp("region") / "divisions.csv"
    rows = pl.read_csv(HUBEI, infer_schema=False)
    rows.filter(pl.col("code").str.slice(0, 4).is_in(CITIES) | (pl.col("level") == "province")).write_csv(file)
    return make_instance(file, items=len(ITEMS))


@pytest.fixture(scope="module")
def tree(region: solver.Problem) -> solver.Problem:
    """The same without mutual aid: goods go down only."""
    return replace(region, settings=replace(region.settings, mutual_aid={}))


def exact(problem: solver.Problem) -> dict[int, Ints]:
    """Our grants of each item, in packs."""
    granted = solver.solve(problem).granted
    return {item: granted[case.row] // case.pack_size for item in ITEMS for case in [case_of(problem, item)]}


def by_class(case: Case, granted: Ints) -> list[int]:
    """Packs of each class together."""
    return [int(granted[case.priority == number].sum()) for number in (1, 2, 3, 4)]


def offered(module: str) -> tuple[Baseline, ...]:
    """What a module offers, or the reason why it cannot be tried."""
    try:
        return baselines_of(module)
    except ImportError as missing:
        pytest.skip(f"{missing}: make bench installs it")


@pytest.mark.parametrize("module", ENGINES_ON_TREES)
def test_on_the_tree_each_class_gets_as_much_as_can_be(module: str, tree: solver.Problem) -> None:
    """Same objective, same totals."""
    best = exact(tree)
    for baseline in offered(module):
        for item in ITEMS:
            case = case_of(tree, item)
            assert by_class(case, baseline.ship(case).granted) == by_class(case, best[item])


@pytest.mark.parametrize("module", FLOWS)
def test_flows_use_mutual_aid_as_the_plan_does(module: str, region: solver.Problem, tree: solver.Problem) -> None:
    """The network that baselines are given is the model's, and aid is worth something in it."""
    cases, best, without = [case_of(region, item) for item in ITEMS], exact(region), exact(tree)
    assert any(by_class(cases[item], best[item]) != by_class(cases[item], without[item]) for item in ITEMS)
    for baseline in offered(module):
        for case, item in zip(cases, ITEMS, strict=True):
            assert by_class(case, baseline.ship(case).granted) == by_class(case, best[item])


@pytest.mark.parametrize("module", MODULES)
def test_what_is_granted_is_asked_for_and_can_be_shipped(module: str, region: solver.Problem) -> None:
    """Ask for exactly that, and all of it is granted."""
    for baseline in offered(module):
        for item in ITEMS:
            case = case_of(region, item)
            granted = baseline.ship(case).granted
            assert (granted <= case.wanted).all()
            quantity = np.zeros_like(region.demand.quantity)
            quantity[case.row] = granted * case.pack_size
            asked = replace(region, demand=replace(region.demand, quantity=quantity))
            assert (solver.solve(asked).granted == quantity).all()


def test_officials_leave_nothing_that_could_be_used(tree: solver.Problem) -> None:
    """By hand too, all that can be shipped down the tree is; class after class, each class gets its most."""
    best = exact(tree)
    for item in ITEMS:
        case = case_of(tree, item)
        for module in ("pro_rata", "first_come"):
            for baseline in offered(module):
                assert baseline.ship(case).granted.sum() == best[item].sum()
        assert by_class(case, split_by_class(case).granted) == by_class(case, best[item])


def test_first_come_is_served_one_after_the_other(region: solver.Problem) -> None:
    """The tiers at once give what a queue at a counter gives, metres too."""
    for item in ITEMS:
        case = case_of(region, item)
        assert_same(serve_as_they_come(case), one_by_one(case))


def assert_same(mine: Answer, other: Answer) -> None:
    """Grants and ways."""
    assert mine.granted.tolist() == other.granted.tolist()
    assert mine.pack_metres == other.pack_metres


def one_by_one(case: Case) -> Answer:
    """A queue: each takes what is left in the nearest depot, then in the next above."""
    left, beside = case.offered.tolist(), defaultdict(list)
    for depot in np.argsort(case.depot_metres, kind="stable").tolist():
        beside[int(case.depot_division[depot])].append(depot)
    granted, metres = np.zeros_like(case.wanted), 0
    for request, wanted in enumerate(case.wanted.tolist()):
        node, climbed = int(case.division[request]), 0
        while node >= 0:
            for depot in beside[node]:
                taken = min(left[depot], wanted - int(granted[request]))
                left[depot] -= taken
                granted[request] += taken
                metres += taken * (climbed + int(case.depot_metres[depot]))
            climbed, node = climbed + int(case.metres_up[node]), int(case.parent[node])
    return Answer(granted, metres)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 50)), min_size=1, max_size=20), st.integers(0, 200))
def test_shares_are_in_proportion_to_less_than_a_pack(asks: list[tuple[int, int]], each: int) -> None:
    """All of what is held is given or all of what is asked, nobody gets a pack more or less than his share."""
    office, asked = np.array(asks, dtype=np.int64).T
    held = np.full(3, each, dtype=np.int64)
    granted = in_proportion(office, asked, held)
    for number in range(3):
        mine = office == number
        total = int(asked[mine].sum())
        assert granted[mine].sum() == min(each, total)
        assert (np.abs(granted[mine] - asked[mine] * min(1, each / max(total, 1))) < 1).all()


def test_gini_of_equals_and_of_one_who_has_all() -> None:
    """The two ends, and the figure between them that a textbook gives."""
    assert gini(np.ones(5)) == pytest.approx(0)
    assert gini(np.array([0.0, 0.0, 0.0, 1.0])) == pytest.approx(0.75)
    assert gini(np.array([1.0, 3.0])) == pytest.approx(0.25)


def test_the_error_counts_who_stands_elsewhere(region: solver.Problem) -> None:
    """One request one pack short."""
    case = case_of(region, 0)
    best = Answer(case.wanted)
    short = case.wanted.copy()
    short[0] -= 1
    found = error_of([case], [Answer(short)], [best])
    assert found.requests == 1
    assert found.largest == pytest.approx(1 / case.wanted[0] / case.weight[0])
