"""Many at once: one posting for sixty-four senders of one key, and the last pack goes to one of sixteen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from supplyhub.domain.refusals import InsufficientStock
from supplyhub.domain.stock import (
    AccountKind,
    LotFacts,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.service.stock import post_issue, post_receipt
from supplyhub.service.unit_of_work import Answer, Command
from tests.world import COUNTY, NOW, TOWNSHIP, World


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
