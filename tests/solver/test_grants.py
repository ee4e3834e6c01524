"""The order over packs and the grants: laws on random requests and networks, then numbers at the edge."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from solver import NO_EXPIRY, Settings, Stock, check, read_instance, solve
from solver.grants import grant
from solver.network import Ground
from solver.packs import Requests, offers_by_item, requests_by_item, sums_by
from solver.problem import Problem
from solver.ranking import Ranking
from tests.solver import instances, small

Asked = tuple[int, int, int, int, int]
AN_ASKED = some.tuples(
    some.integers(0, 2),  # segment
    some.integers(1, 4),  # class
    some.integers(1, 60),  # packs wanted
    some.sampled_from([1, 2, 3, 50, 100, 125]),  # weight
    some.integers(0, 60),  # packs it has already, at most what it wants
)


def as_requests(rows: list[Asked]) -> Requests:
    segment, rank, wanted, weight, _ = (small.ints(column) for column in zip(*rows, strict=True))
    return Requests(np.arange(len(rows)), segment, wanted, rank.astype(np.int8), weight)


def first_packs(rows: list[Asked], room: list[int]) -> list[int]:
    """The rule as it is written: every pack sorted by exact fractions, the first of each segment taken."""
    reached = [min(has, wanted) for _, _, wanted, _, has in rows]
    packs = sorted(
        (rank, Fraction(j, wanted * weight), -Fraction(j + 1, wanted * weight), row)
        for row, (_, rank, wanted, weight, has) in enumerate(rows)
        for j in range(min(has, wanted), wanted)
    )
    left = list(room)
    for *_, row in packs:
        if left[rows[row][0]]:
            left[rows[row][0]] -= 1
            reached[row] += 1
    return reached


@settings(max_examples=300, deadline=None)
@given(
    some.lists(AN_ASKED, min_size=1, max_size=25),
    some.lists(some.integers(0, 400), min_size=3, max_size=3),
    some.sampled_from([0, 2000]),
)
def test_first_packs_are_those_of_the_rule_in_floats_and_in_wide_integers(
    rows: list[Asked], room: list[int], sorted_at_once: int
) -> None:
    requests = as_requests(rows)
    has = np.minimum(small.ints([row[4] for row in rows]), requests.wanted)
    true = first_packs(rows, room)
    floats = Ranking.of(requests)
    z = (requests.wanted * requests.weight).tolist()
    # The same order, held as numbers that float64 cannot tell apart.
    wide = Ranking(requests.priority, np.array(z, dtype=np.float64), z)
    given_packs = (np.arange(len(rows)), requests.place, has, requests.wanted, small.ints(room))
    # So few packs would be sorted as they are; with 0 the level is searched for to the end.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("solver.ranking._FEW_IN_ALL", sorted_at_once)
        patch.setattr("solver.ranking._FEW", 0 if not sorted_at_once else 4)
        for ranking in (floats, wide):
            assert ranking.take_first(*given_packs).tolist() == true


@pytest.mark.parametrize("seed", range(4))
def test_first_packs_of_many_requests_are_those_of_all_packs_sorted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, segments = 3000, 3
    wanted, weight = rng.integers(1, 700, count), rng.choice([100, 125, 150], count)
    has = rng.integers(0, wanted + 1) * rng.integers(0, 2, count)
    segment, rank = rng.integers(0, segments, count), rng.integers(1, 5, count)
    requests = Requests(np.arange(count), segment, wanted, rank.astype(np.int8), weight)
    room = rng.integers(0, (wanted - has).sum() // segments, segments)
    row = np.repeat(np.arange(count), wanted - has)
    pack = has[row] + np.arange(len(row)) - np.repeat(np.cumsum(wanted - has) - (wanted - has), wanted - has)
    z = wanted * weight  # below 2^17, as packs are: the fractions differ by more than floats do
    order = np.lexsort((row, z[row], pack / z[row], rank[row], segment[row]))
    before = np.searchsorted(segment[row][order], segment[row][order])
    taken = row[order][np.arange(len(row)) - before < room[segment[row][order]]]
    true = has + np.bincount(taken, minlength=count)
    found = Ranking.of(requests).take_first(np.arange(count), segment, has, wanted, room)
    assert found.tolist() == true.tolist()


def test_packs_that_float64_cannot_tell_apart_still_go_in_order() -> None:
    # Before their last packs these levels differ by one part in 10^24; the second request is the lower one.
    wanted = small.ints([10**12, 10**12 - 1])
    requests = Requests(
        np.arange(2), np.zeros(2, dtype=np.int64), wanted, np.ones(2, dtype=np.int8), small.ints([1, 1])
    )
    low = wanted - 1
    taken = Ranking.of(requests).take_first(np.arange(2), requests.place, low, wanted, small.ints([1]))
    assert Fraction(10**12 - 2, 10**12 - 1) < Fraction(10**12 - 1, 10**12)
    assert (taken - low).tolist() == [0, 1]


def grants_of(problem: Problem, *, reduced: bool) -> list[list[int]]:
    """Packs granted of every item, with plain places and hubs taken out of the network or with all of it as core."""
    ground, granted = Ground(problem, reduced=reduced), []
    for item, (offers, requests) in enumerate(zip(offers_by_item(problem), requests_by_item(problem), strict=True)):
        wanted = sums_by(requests.place, requests.wanted, len(problem.divisions))
        network = ground.network(item, offers.offered, wanted)
        packs = np.concatenate([np.zeros(len(problem.divisions), dtype=np.int64), offers.offered])
        place = network.roads.gate[requests.place]
        granted.append(grant(network, packs[network.roads.inner], requests, place).tolist())
    return granted


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_the_reduced_and_the_whole_network_grant_the_same(seed: int, tmp_path: Path) -> None:
    instances.write(instances.make(seed), tmp_path / "instance", seed)
    problem = read_instance(tmp_path / "instance")
    assert grants_of(problem, reduced=True) == grants_of(problem, reduced=False)


@settings(max_examples=60, deadline=None)
@given(some.lists(some.tuples(some.integers(0, 3), some.integers(0, 30)), max_size=12), some.data())
def test_without_aid_one_more_pack_of_stock_lowers_no_request_class(
    asked: list[tuple[int, int]], data: some.DataObject
) -> None:
    places = small.divisions(P="", A="P", B="P", C="A")
    names = places.codes
    requests = [(names[place], quantity, 1 + quantity % 4) for place, quantity in asked]
    lots = [(name, data.draw(some.integers(0, 20))) for name in names]
    more = list(lots)
    at = data.draw(some.integers(0, 3))
    more[at] = (names[at], lots[at][1] + 1)
    before, after = (solve(small.problem(places, some_lots, requests)).granted for some_lots in (lots, more))
    classes = np.array([rank for _, _, rank in requests], dtype=np.int64)
    for rank in range(1, 5):
        assert after[classes == rank].sum() >= before[classes == rank].sum()


def test_classes_then_levels_then_weights_decide() -> None:
    places = small.divisions(P="", A="P", B="P")
    requests = [("A", 4, 2), ("B", 2, 1), ("A", 6, 2), ("B", 6, 2, 200)]
    # Class 1 is filled; of class 2 the heavier request is lifted twice as far before it stands as high.
    plan = solve(small.problem(places, [("P", 10)], requests))
    assert plan.granted.tolist() == [2, 2, 2, 4]


def test_an_upward_way_carries_its_share_and_no_more() -> None:
    places = small.divisions(P=("", "city", 0), A=("P", "county", 5), B=("P", "county", 5))
    lots, requests = [("A", 10)], [("A", 10), ("B", 10)]
    shares = {share: Settings(mutual_aid={"county": Decimal(share)}) for share in ("0", "0.39", "1")}
    granted = {
        share: solve(small.problem(places, lots, requests, settings=s)).granted.tolist() for share, s in shares.items()
    }
    assert granted == {"0": [10, 0], "0.39": [7, 3], "1": [5, 5]}


def test_ten_thousand_requests_at_one_place() -> None:
    places = small.divisions(P="")
    requests = [("P", 1 + number % 7, 1 + number % 4, 100 + number % 9) for number in range(10_000)]
    problem = small.problem(places, [("P", 15_000)], requests)
    plan = solve(problem)
    assert plan.granted.sum() == 15_000
    assert not check(problem, plan)


@pytest.mark.parametrize("empty", ["stock", "demand", "both"])
def test_nothing_on_offer_or_nothing_asked_is_a_plan(empty: str) -> None:
    lots = [("P", 0)] if empty in ("stock", "both") else [("P", 3)]
    requests = [("P", 0)] if empty in ("demand", "both") else [("P", 3)]
    problem = small.problem(small.divisions(P=""), lots, requests)
    plan = solve(problem)
    assert plan.granted.tolist() == [0]
    assert not len(plan.shipments)
    assert not check(problem, plan)


def test_no_place_at_all_is_a_plan() -> None:
    plan = solve(small.problem(small.divisions(), [], []))
    assert (len(plan.granted), len(plan.flows)) == (0, 0)


def test_a_million_lots_of_a_million_million_units_over_a_core_do_not_overflow() -> None:
    """10^18 units in all, lent upward by forty places: beyond float64, and beyond one minimum-cost flow."""
    unit = 10**12
    names = {f"A{number}": ("P", "county", 10 + number) for number in range(40)}
    places = small.divisions(P=("", "city", 0), **names)
    lots = [(f"A{number}", unit) for number in range(40)]
    requests = [(f"A{number % 40}", unit * 900, 1 + number % 4, 100 + number % 7) for number in range(1600)]
    problem = small.problem(places, lots, requests, settings=Settings(mutual_aid={"county": Decimal("0.3")}))
    many = np.arange(10**6)
    stock = Stock(
        depot=many % 40,
        item=np.zeros(len(many), dtype=np.int64),
        quantity=np.full(len(many), unit),
        lot=pl.select(pl.int_range(10**6).cast(pl.String)).to_series(),
        expires_on=np.full(len(many), NO_EXPIRY, dtype=np.int32),
        reserve_floor=np.zeros(len(many), dtype=np.int64),
    )
    problem = replace(problem, stock=stock)
    plan = solve(problem)
    assert plan.granted.sum(dtype=object) == 10**6 * unit
    assert not check(problem, plan)


def test_progress_counts_the_items_and_cancelling_stops_before_the_next() -> None:
    problem = small.problem(small.divisions(P=""), [("P", 3)], [("P", 2)])
    seen: list[tuple[int, int, str]] = []
    solve(problem, progress=lambda *step: seen.append(step))
    assert seen == [(1, 1, "I")]
    nothing = solve(problem, cancelled=lambda: True)
    assert (nothing.items.tolist(), nothing.granted.tolist()) == ([], [0])
    assert (nothing.summary["complete"], nothing.summary["items_missing"]) == (False, ["I"])


def test_the_same_problem_gives_the_same_plan() -> None:
    places = small.divisions(P="", A="P", B="P")
    problem = small.problem(places, [("P", 7), ("A", 2)], [("A", 5), ("B", 5), ("B", 3, 1)])
    first, second = solve(problem), solve(problem)
    assert replace(first, seconds={}).summary == second.summary
    assert all(
        np.array_equal(getattr(first.shipments, column), getattr(second.shipments, column))
        for column in ("demand_row", "depot", "stock_row", "quantity", "metres", "hours_thousandths")
    )
