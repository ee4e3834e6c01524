"""Receipts that wait share a transaction: each is posted as if it were alone, and nobody hears of another's fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from supplyhub.domain.refusals import Busy, KeyReused, NotFound, SupplyError
from supplyhub.domain.stock import LotFacts, NewReceipt, NewReceiptLine, Reason
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.races import TurnTaken
from supplyhub.service.stock import post_receipts
from supplyhub.service.unit_of_work import TRIES, Answer, Command, Hub, Post
from supplyhub.service.watcher import Watcher
from tests.service.test_changes import must_rest_on_what_came_before, number
from tests.world import COUNTY, NOW, World

SENDERS = 8


class Counting(Watcher):
    """How many commands shared a transaction, and what kept some from it."""

    def __init__(self) -> None:
        self.together, self.apart = 0, list[str]()

    def shared(self, count: int) -> None:
        self.together += count

    def retried(self, cause: str) -> None:
        self.apart.append(cause)


@pytest.fixture
def watcher() -> Counting:
    return Counting()


@pytest.fixture
def watched(database_url: str, world: World, watcher: Counting) -> Iterator[Hub]:
    hub = Hub(make_engine(database_url), watcher=watcher)
    yield hub
    hub.engine.dispose()


@contextmanager
def held(owner: sa.Engine) -> Iterator[None]:
    """Nobody can post while this is open."""
    with owner.connect() as connection:
        if owner.dialect.name == "sqlite":
            connection = connection.execution_options(writes=True)
        with connection.begin():
            if owner.dialect.name == "postgresql":
                connection.execute(sa.text("LOCK TABLE posting IN EXCLUSIVE MODE"))
            yield


def receipt(world: World, lot: str = "SHARED", depot: str = "A1", units: int = 1) -> NewReceipt:
    facts = LotFacts(world.item_id("mask"), world.division_id(COUNTY), lot)
    return NewReceipt(world.depot_id(depot), Reason.DELIVERY, (NewReceiptLine(facts, units),), note=f"note of {lot}")


def post(posts: Sequence[Post]) -> list[Answer]:
    moved = post_receipts([(one.work, one.actor, one.sent) for one in posts])
    return [
        Answer({"posting": one.work.stamp.posting_id, "lot": lines[0].lot, "hash": lines[0].hash})
        for one, lines in zip(posts, moved, strict=True)
    ]


def send(hub: Hub, world: World, key: str, sent: NewReceipt, who: str = "keeper") -> Callable[[], Any]:
    command = Command(world.actors[who], "post_receipt", key, {"lot": sent and sent.lines[0].lot.code}, NOW)

    def sending() -> Any:
        try:
            return hub.perform_together(command, sent, post)
        except (SupplyError, AttributeError) as refusal:
            return refusal

    return sending


def all_at_once(owner: sa.Engine, hub: Hub, sendings: Sequence[Callable[[], Any]]) -> list[Any]:
    """What each is answered when the first one holds all others up."""
    with ThreadPoolExecutor(len(sendings)) as pool:
        with held(owner):
            futures: list[Future[Any]] = [pool.submit(sendings[0])]
            for count, sending in enumerate(sendings[1:], start=2):
                until_there_wait(hub, count - 1)
                futures.append(pool.submit(sending))
            until_there_wait(hub, len(sendings))
        return [future.result(20) for future in futures]


def until_there_wait(hub: Hub, count: int) -> None:
    until = time.monotonic() + 10
    while sum(map(len, hub._queues._queues.values())) < count:
        assert time.monotonic() < until, "they do not come together"
        time.sleep(0.001)


def stock_of(owner: sa.Engine, lot: str) -> tuple[int, int]:
    """Units on hand, and movements, of a lot."""
    with owner.connect() as connection:
        return tuple(connection.execute(  # type: ignore[return-value]
            sa.text(
                "SELECT coalesce(sum(on_hand), 0), (SELECT count(*) FROM movement m JOIN lot l ON l.id = m.lot_id "
                "WHERE l.code = :lot) FROM balance JOIN lot ON lot.id = balance.lot_id WHERE lot.code = :lot"
            ),
            {"lot": lot},
        ).one())  # fmt: skip


def test_receipts_that_wait_are_one_transaction_and_many_postings(
    world: World, watched: Hub, owner: sa.Engine, watcher: Counting
) -> None:
    keys = [f"shared-{SENDERS - n}" for n in range(SENDERS)]  # not in the order in which they come
    sendings = [send(watched, world, key, receipt(world, units=n + 1)) for n, key in enumerate(keys)]
    answers = all_at_once(owner, watched, sendings)
    assert watcher.together == SENDERS - 1
    assert watcher.apart == []
    assert len({answer.body["posting"] for answer in answers}) == SENDERS
    assert len({answer.body["hash"] for answer in answers}) == SENDERS
    assert stock_of(owner, "SHARED") == (sum(range(1, SENDERS + 1)), SENDERS)
    number(world)
    must_rest_on_what_came_before(world)
    again = [sending() for sending in sendings]
    assert [(one.replayed, one.text) for one in again] == [(True, answer.text) for answer in answers]
    assert stock_of(owner, "SHARED") == (sum(range(1, SENDERS + 1)), SENDERS)


def test_only_who_is_at_fault_hears_of_it(world: World, watched: Hub, owner: sa.Engine, watcher: Counting) -> None:
    sendings = [send(watched, world, f"fault-{n}", receipt(world, f"F{n}")) for n in range(SENDERS)]
    nowhere = replace(receipt(world, "F3"), depot_id=2**40)
    sendings[3] = send(watched, world, "fault-3", nowhere)
    sendings[5] = send(watched, world, "fault-5", receipt(world, "F5", depot="B1"))
    answers = all_at_once(owner, watched, sendings)
    assert isinstance(answers[3], NotFound)
    assert isinstance(answers[5], NotFound), "a foreign depot"
    assert watcher.together == 0
    assert len(watcher.apart) == 1
    at_fault = (3, 5)
    assert [stock_of(owner, f"F{n}") for n in range(SENDERS)] == [(int(n not in at_fault),) * 2 for n in range(SENDERS)]
    assert send(watched, world, "fault-3", receipt(world, "F3"))().status == 201, "a refused key may be tried again"


def test_a_fault_of_ours_in_one_is_nobody_elses(
    world: World, watched: Hub, owner: sa.Engine, watcher: Counting
) -> None:
    sendings = [send(watched, world, f"ours-{n}", receipt(world, f"O{n}")) for n in range(SENDERS)]
    sendings[4] = send(watched, world, "ours-4", None)  # type: ignore[arg-type]  # that is the fault
    answers = all_at_once(owner, watched, sendings)
    assert isinstance(answers[4], AttributeError)
    assert watcher.apart == ["AttributeError"]
    assert [stock_of(owner, f"O{n}") for n in range(SENDERS)] == [(int(n != 4),) * 2 for n in range(SENDERS)]


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_nobody_waits_long_for_a_lock_while_others_wait_for_him(world: World, watched: Hub) -> None:
    waits = []

    def ask(posts: Sequence[Post]) -> list[Answer]:
        connection = posts[0].work.stock.connection
        waits.append(connection.exec_driver_sql("SHOW lock_timeout").scalar())
        raise TurnTaken

    command = Command(world.actors["keeper"], "post_receipt", "waits", None, NOW)
    with pytest.raises(Busy):
        watched.perform_together(command, receipt(world), ask)
    assert waits == ["200ms", *["3s"] * (TRIES - 1)]


def test_a_lost_race_is_run_as_often_as_any(
    world: World, watched: Hub, watcher: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def lose(*_: Any, **__: Any) -> Any:
        tried.append(1)
        raise TurnTaken

    monkeypatch.setattr(watched, "_attempt", lose)
    monkeypatch.setattr(watched, "_patience", lambda _: None)
    assert isinstance(send(watched, world, "lost", receipt(world))(), Busy)
    assert (len(tried), watcher.apart) == (TRIES, ["TurnTaken"] * (TRIES - 1))


def test_a_key_that_stands_is_answered_again_and_one_sent_twice_is_one_posting(
    world: World, watched: Hub, owner: sa.Engine, watcher: Counting
) -> None:
    first = send(watched, world, "stands", receipt(world, "K0"))()
    sendings = [send(watched, world, f"key-{n}", receipt(world, f"K{n}")) for n in range(1, SENDERS)]
    sendings[2] = send(watched, world, "stands", receipt(world, "K0"))
    sendings[3] = send(watched, world, "stands", receipt(world, "another body"))
    sendings[5] = sendings[4]
    answers = all_at_once(owner, watched, sendings)
    assert (answers[2].replayed, answers[2].text) == (True, first.text)
    assert isinstance(answers[3], KeyReused)
    assert answers[4].text == answers[5].text
    assert {answers[4].replayed, answers[5].replayed} == {True, False}
    assert watcher.apart == ["KeyStands"]
    assert [stock_of(owner, f"K{n}") for n in (0, 1, 2, 5, 7)] == [(1, 1)] * 5


def test_districts_do_not_share(world: World, watched: Hub, owner: sa.Engine, watcher: Counting) -> None:
    mine = [send(watched, world, f"mine-{n}", receipt(world, "APART")) for n in range(3)]
    theirs = [send(watched, world, f"theirs-{n}", receipt(world, "APART", "B1"), "foreign_keeper") for n in range(3)]
    answers = all_at_once(owner, watched, [*mine, *theirs])
    assert all(isinstance(answer, Answer) for answer in answers)
    assert watcher.together == 4, "two of each, who waited for the first of each"
    assert stock_of(owner, "APART") == (6, 6)
