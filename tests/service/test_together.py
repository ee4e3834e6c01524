"""Many at once: one posting for sixty-four senders of one key, and the last pack goes to one of sixteen."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from supplyhub.domain.refusals import InsufficientStock, InvalidInput, NotAllowed
from supplyhub.domain.requests import NewRequest, NewRequestLine
from supplyhub.domain.stock import (
    AccountKind,
    LotFacts,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.persistence.stock import StockRepository
from supplyhub.service.oversight import number_postings, seal_ledger, verify_ledger
from supplyhub.service.requests import make_request
from supplyhub.service.stock import post_issue, post_receipt, reverse_posting
from supplyhub.service.unit_of_work import Answer, Command
from tests.world import COMMUNITY, COUNTY, NOW, TOWNSHIP, World


def send(world: World, verb: str, key: str, act: Any) -> Any:
    """One keyed command; its answer, or the refusal."""
    actor = world.actors["keeper"]
    command = Command(actor, verb, key, None, NOW)
    try:
        return world.hub.perform(
            command, lambda work: Answer({"posting": work.stamp.posting_id, "moved": len(act(work, actor))})
        )
    except InsufficientStock as refusal:
        return refusal


def test_sixty_four_at_once_under_one_key_are_one_posting(world: World) -> None:
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "ONCE", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 10),))
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: send(world, "post_receipt", "k-64", lambda w, a: post_receipt(w, a, receipt)), range(64))
        )
    assert len({str(answer.body) for answer in answers}) == 1
    assert sum(not answer.replayed for answer in answers) == 1


def test_a_reversal_that_its_twin_has_just_ended_is_answered_as_the_twin(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "TWIN", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 10),))
    posting_id = send(world, "post_receipt", "k-twin", lambda w, a: post_receipt(w, a, receipt)).body["posting"]
    command = Command(world.actors["keeper"], "reverse_posting", "k-back", None, NOW, reverses_id=posting_id)

    def reverse() -> Answer:
        return world.hub.perform(
            command, lambda work: Answer({"moved": len(reverse_posting(work, command.actor, posting_id))})
        )

    first, looked = reverse(), StockRepository.find_answer
    looks = []

    def look(ledger: StockRepository, tenant_id: int, key: str) -> Any:
        looks.append(key)
        return None if len(looks) == 1 else looked(ledger, tenant_id, key)

    monkeypatch.setattr(StockRepository, "find_answer", look)
    again = reverse()
    assert (again.replayed, again.text) == (True, first.text)


def test_the_last_pack_goes_to_one_and_the_others_learn_what_is_short(world: World) -> None:
    new = NewIssue(
        world.depot_id("A1"), AccountKind.USED, world.division_id(TOWNSHIP), Reason.USE,
        (NewIssueLine(world.item_id("suit"), 40),),
    )  # fmt: skip
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda n: send(world, "post_issue", f"last-{n}", lambda w, a: post_issue(w, a, new)), range(16))
        )
    refused = [answer for answer in answers if isinstance(answer, InsufficientStock)]
    assert len(refused) == 15
    assert {refusal.short_units for refusal in refused} == {40}


def test_documents_with_their_lines_in_any_order_do_not_deadlock(world: World) -> None:
    lots = [
        LotFacts(world.item_id("mask"), world.division_id(COUNTY), f"D{n}", expires_on=date(2099, 1, 1))
        for n in range(6)
    ]

    def receipt(shift: int) -> NewReceipt:
        turned = lots[shift:] + lots[:shift]
        return NewReceipt(world.depot_id("A1"), Reason.DELIVERY, tuple(NewReceiptLine(lot, 1) for lot in turned))

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda n: send(world, "post_receipt", f"order-{n}", lambda w, a: post_receipt(w, a, receipt(n % 6))),
                range(24),
            )
        )
    assert all(isinstance(answer, Answer) for answer in answers)


def test_many_askings_at_once_stay_below_the_bound_together(world: World) -> None:
    line = NewRequestLine(world.division_id(COMMUNITY), world.item_id("suit"), 150, 2)  # 200 for its 2,000 people
    actor = world.actors["township"]

    def ask(n: int) -> bool:
        command = Command(actor, "make_request", f"ask-many-{n}", None, NOW)
        try:
            world.hub.perform(command, lambda work: Answer(make_request(work, actor, NewRequest("洪水", (line,)))))
        except InvalidInput:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_the_ledger_is_proved_while_others_write(world: World) -> None:
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "BUSY", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 1),))

    def prove(_: int) -> list[object]:
        with world.hub.read(None, at=NOW, steady=True) as work:
            return list(verify_ledger(work, None).faults)

    with ThreadPoolExecutor(8) as pool:
        writing = [
            pool.submit(send, world, "post_receipt", f"busy-{n}", lambda w, a: post_receipt(w, a, receipt))
            for n in range(60)
        ]
        found = list(pool.map(prove, range(12)))
    assert all(isinstance(answer.result(), Answer) for answer in writing)
    assert found == [[]] * 12


def test_a_replay_is_refused_to_who_no_longer_keeps_the_depot(world: World, owner: sa.Engine) -> None:
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "KEPT", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 1),))
    send(world, "post_receipt", "kept-1", lambda w, a: post_receipt(w, a, receipt))
    assert send(world, "post_receipt", "kept-1", lambda w, a: post_receipt(w, a, receipt)).replayed
    with owner.connect().execution_options(writes=True) as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE depot SET custodian_id = {world.division_id(TOWNSHIP)} WHERE code = 'A1'")
    with pytest.raises(NotAllowed):
        send(world, "post_receipt", "kept-1", lambda w, a: post_receipt(w, a, receipt))


def test_who_follows_the_feed_sees_every_posting_once_while_many_are_committed(world: World) -> None:
    """Two hands number and seal, two readers follow, eight write: ids may be committed out of their order."""
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "FED", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 10),))
    over = threading.Event()

    def post(work: Any, actor: Any) -> Any:
        return post_receipt(work, actor, receipt)

    def seal_on(_: int) -> None:
        while not over.is_set():
            world.hub.write(seal_ledger, at=NOW)

    def follow(_: int) -> list[int]:
        after, seen = 0, list[int]()
        while True:
            ended = over.is_set()
            with world.hub.read(None, at=NOW, steady=True) as work:
                fresh = list(work.oversight.list_lines(after, work.oversight.last_seq()))
            seen += [json.loads(line)["posting"]["id"] for _, line in fresh]
            after = fresh[-1][0] if fresh else after
            if ended:
                return seen

    with ThreadPoolExecutor(12) as pool:
        sealers, readers = [pool.submit(seal_on, n) for n in range(2)], [pool.submit(follow, n) for n in range(2)]
        answers = list(pool.map(lambda n: send(world, "post_receipt", f"fed-{n}", post), range(60)))
        while world.hub.write(number_postings, at=NOW):
            pass
        over.set()
        [sealer.result() for sealer in sealers]
        first, second = (reader.result() for reader in readers)
    posted = {answer.body["posting"] for answer in answers}
    assert len(posted) == 60
    assert first == second
    assert len(first) == len(set(first))
    assert posted <= set(first)


def test_who_names_no_lot_is_served_while_any_lot_holds_enough(world: World) -> None:
    """Lots are emptied by others while lots are being chosen: nobody is told that something is short that is not."""
    for number in range(12):
        lot = LotFacts(world.item_id("quilt"), world.division_id(COUNTY), f"Q{number}", expires_on=date(2099, 1, 1))
        receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 4),))
        send(world, "post_receipt", f"quilts-{number}", lambda w, a, sent=receipt: post_receipt(w, a, sent))
    new = NewIssue(
        world.depot_id("A1"), AccountKind.USED, world.division_id(TOWNSHIP), Reason.USE,
        (NewIssueLine(world.item_id("quilt"), 3),),
    )  # fmt: skip
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda n: send(world, "post_issue", f"quilt-{n}", lambda w, a: post_issue(w, a, new)), range(16))
        )
    assert [answer for answer in answers if isinstance(answer, InsufficientStock)] == []
