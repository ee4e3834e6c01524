"""Sums kept after the fact: whatever was posted, in whatever bites, by two hands at once, they are the direct sums.

SUPPLYHUB_ROLLED_UP_LIVES says how many random lives are led (1 unless told).
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from supplyhub.domain.refusals import SupplyError
from supplyhub.domain.stock import AccountKind, OverviewLine, Reason
from supplyhub.domain.transfers import Arrival, ArrivalLine, NewTransfer, NewTransferLine
from supplyhub.jobs.bookkeeping import keep_books
from supplyhub.persistence.rows import DivisionRow, StockRollupRow
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service import oversight, rollups, transfers
from supplyhub.service.unit_of_work import Work
from tests.service import test_planning as planned
from tests.service.test_stock import issue, receive
from tests.world import COUNTY, NOW, PROVINCE, TOWNSHIP, World

LIVES, STEPS = int(os.environ.get("SUPPLYHUB_ROLLED_UP_LIVES", "1")), 30
MOVED = """
SELECT movement.item_id, movement.quantity_units, source.kind, source.pos, target.kind, target.pos
FROM feed JOIN movement ON movement.posting_id = feed.posting_id
JOIN account AS source ON source.id = movement.from_account_id
JOIN account AS target ON target.id = movement.to_account_id
WHERE feed.seq <= :upto
"""


def direct(work: Work) -> Counter[tuple[str, int, int]]:
    """Kind, division, item: the sum of the movements up to where the sums stand, place by place, as a child would."""
    connection = work.stock.connection
    divisions = connection.execute(select(DivisionRow.id, DivisionRow.lo, DivisionRow.hi)).all()
    sums = Counter[tuple[str, int, int]]()
    for item, units, *ends in connection.execute(text(MOVED), {"upto": work.oversight.rolled_up()}):
        for kind, pos, sign in ((*ends[:2], -1), (*ends[2:], 1)):
            for division_id, lo, hi in divisions:
                if lo <= pos < hi and kind in (AccountKind.ON_HAND, AccountKind.TRANSIT):
                    sums[kind, division_id, item] += sign * units
    return +sums


def kept(work: Work) -> Counter[tuple[str, int, int]]:
    """The same as it is kept."""
    sums = Counter[tuple[str, int, int]]()
    for row in work.stock.connection.execute(select(*StockRollupRow.__table__.c)):
        sums[AccountKind.ON_HAND.value, row.division_id, row.item_id] = row.on_hand
        sums[AccountKind.TRANSIT.value, row.division_id, row.item_id] = row.in_transit
    return +sums


def live(world: World, seed: int) -> None:
    """Something random happens some times over: receipts, issues, orders at any step of theirs."""
    random, on_way = Random(seed), list[int]()
    for step in range(STEPS):
        try:
            random.choice((_receive, _issue, _send, _send, _end, _end))(world, random, f"{seed}-{step}", on_way)
        except SupplyError:
            continue  # more than there is, or not in this state: nothing happened


def _receive(world: World, random: Random, key: str, _: list[int]) -> None:
    receive(world, key, random.randint(1, 50), depot=random.choice(("A1", "T")))


def _issue(world: World, random: Random, key: str, _: list[int]) -> None:
    issue(world, key, random.randint(1, 200))


def _send(world: World, random: Random, _: str, on_way: list[int]) -> None:
    line = NewTransferLine(world.item_id("mask"), random.randint(1, 200))
    wanted = NewTransfer(world.depot_id("A1"), world.division_id(TOWNSHIP), world.depot_id("T"), (line,))
    order_id = planned.perform(world, "keeper", "make_transfer", lambda w, a: transfers.make_transfer(w, a, wanted))
    planned.perform(world, "keeper", "dispatch_transfer", lambda w, a: transfers.dispatch_transfer(w, a, order_id))
    on_way.append(order_id)


def _end(world: World, random: Random, _: str, on_way: list[int]) -> None:
    if on_way:
        order_id = on_way.pop(random.randrange(len(on_way)))
        loss = Arrival((ArrivalLine(1, 0, Reason.MISSING),))
        act = random.choice(
            (
                lambda w, a: transfers.receive_transfer(w, a, order_id, loss),
                lambda w, a: transfers.recall_transfer(w, a, order_id),
            )
        )
        verb = "receive_transfer" if act.__code__.co_names[1] == "receive_transfer" else "recall_transfer"
        planned.perform(world, "keeper", verb, act)


@pytest.mark.parametrize("seed", range(LIVES))
def test_at_every_moment_they_are_the_direct_sums(world: World, seed: int) -> None:
    """Two hands number and roll up in bites of any size while somebody lives, and somebody looks."""
    over = threading.Event()

    def keep(hand: int) -> int:
        random, rolled_up = Random(hand), 0
        while not over.wait(0.002):  # leave the others their turn
            world.hub.write(oversight.number_postings, at=NOW)
            rolled_up += world.hub.write(partial(bite, random.randint(1, 5)), at=NOW)
        return rolled_up

    def look() -> set[int]:
        seen = set[int]()
        while not over.wait(0.002):
            with world.hub.read(None, at=NOW, steady=True) as work:
                assert kept(work) == direct(work)
                assert rollups.verify_rollup(work) == []
                seen.add(work.oversight.rolled_up())
        return seen

    with ThreadPoolExecutor(3) as pool:
        hands, looking = [pool.submit(keep, hand) for hand in range(2)], pool.submit(look)
        try:
            live(world, seed)
        finally:
            over.set()
        rolled_up, seen = sum(hand.result() for hand in hands), looking.result()
    rolled_up += keep_books(world.hub)
    with world.hub.read(None, at=NOW) as work:
        assert kept(work) == direct(work)
        assert rolled_up == work.oversight.rolled_up() == work.oversight.last_seq()
    assert len(seen) > 2


def _everywhere(world: World) -> Connection:
    return world.hub.engine.connect().execution_options(writes=True, scope=EVERYWHERE)


def bite(size: int, work: Work) -> int:
    """Roll so many entries up, if nobody else does at the same time."""
    after = work.oversight.rolled_up()
    upto = min(after + size, work.oversight.last_seq())
    return upto - after if upto > after and work.oversight.roll_up(after, upto) else 0


def test_sums_begun_again_are_the_same(world: World) -> None:
    live(world, 7)
    keep_books(world.hub)
    with world.hub.read(None, at=NOW) as work:
        before = kept(work)
    world.hub.write(rollups.clear_rollup, at=NOW)
    with world.hub.read(None, at=NOW) as work:
        assert kept(work) == Counter()
    assert keep_books(world.hub) > STEPS
    with world.hub.read(None, at=NOW) as work:
        assert kept(work) == before


def test_who_comes_late_adds_nothing_twice(world: World) -> None:
    keep_books(world.hub)
    assert not world.hub.write(lambda work: work.oversight.roll_up(0, work.oversight.last_seq()), at=NOW)
    with world.hub.read(None, at=NOW) as work:
        assert kept(work) == direct(work)


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE stock_rollup SET on_hand = on_hand + 1 WHERE division_id = 1",
        "UPDATE stock_rollup SET in_transit = 1 WHERE division_id = 3",
        "DELETE FROM stock_rollup WHERE division_id = 1 AND item_id = 1",
        "INSERT INTO stock_rollup SELECT 5, item_id, 1, 1 FROM stock_rollup WHERE division_id = 1",
        "UPDATE rolled_up SET seq = seq - 2",
    ],
)
def test_sums_that_are_not_true_are_found(world: World, corruption: str) -> None:
    receive(world)
    issue(world, "i-1", 3)
    keep_books(world.hub)
    with _everywhere(world) as connection, connection.begin() as transaction:
        assert connection.execute(text(corruption)).rowcount > 0
        found = rollups.verify_rollup(Work(connection, EVERYWHERE, NOW))
        transaction.rollback()
    assert found
    assert {fault.kind for fault in found} == {"stock_rollup"}
    assert all(fault.item for fault in found if fault.item_id), "people know items by their codes"


def test_an_overview_says_how_far_it_has_come(world: World) -> None:
    planner = world.actors["planner"]

    def overview(code: str) -> Any:
        with world.hub.read(planner, at=NOW, steady=True) as work:
            return rollups.read_overview(work, planner, work.places.get_division(code))

    empty = overview(COUNTY)
    assert (empty.lines, empty.seq, empty.as_of) == ([], 0, None)
    assert empty.behind > 0
    keep_books(world.hub)
    mask = world.item_id("mask")
    assert overview(COUNTY).lines[0] == OverviewLine(mask, 570, 0, 570)
    receive(world, "r-1", 30, depot="T")
    behind = overview(COUNTY)
    assert (behind.lines[0].on_hand, behind.behind) == (570, 1)
    keep_books(world.hub)
    now = overview(COUNTY)
    assert (now.lines[0], now.behind, now.as_of) == (OverviewLine(mask, 600, 0, 570), 0, NOW)
    assert overview(PROVINCE).lines[0].here == 5_000
