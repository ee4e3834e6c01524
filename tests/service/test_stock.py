"""The shelf's verbs on both databases: laws by random lives against a plain model, then named cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supplyhub.domain.refusals import (
    AlreadyReversed,
    InsufficientStock,
    KeyReused,
    LotExpired,
    NotAllowed,
    NotFound,
    NotReversible,
)
from supplyhub.domain.stock import (
    AccountKind,
    LotFacts,
    NewCount,
    NewCountLine,
    NewIssue,
    NewIssueLine,
    NewReceipt,
    NewReceiptLine,
    Reason,
)
from supplyhub.service.stock import post_count, post_issue, post_receipt, read_shelves, read_stock, reverse_posting
from supplyhub.service.unit_of_work import Answer, Command
from tests.world import COUNTY, NOW, TOWNSHIP, World


def perform(world: World, who: str, verb: str, key: str, act: Any, *, body: Any = None, **more: Any) -> Answer:
    """One keyed command, as a door would give it."""
    actor = world.actors[who]
    return world.hub.perform(
        Command(actor, verb, key, body, NOW, **more),
        lambda work: Answer({"posting": work.stamp.posting_id, "moved": len(act(work, actor))}),
    )


def receive(world: World, key: str = "r-1", units: int = 120, *, who: str = "keeper", depot: str = "A1") -> Answer:
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "NEW", expires_on=date(2099, 1, 1))
    receipt = NewReceipt(world.depot_id(depot), Reason.DELIVERY, (NewReceiptLine(lot, units),))
    return perform(world, who, "post_receipt", key, lambda work, actor: post_receipt(work, actor, receipt), body=units)


def issue(
    world: World, key: str, units: int, *, lot_id: int | None = None, to: AccountKind = AccountKind.USED
) -> Answer:
    new = NewIssue(
        world.depot_id("A1"), to, world.division_id(TOWNSHIP),
        Reason.USE if to is AccountKind.USED else Reason.EXPIRED,
        (NewIssueLine(world.item_id("mask"), units, lot_id),),
    )  # fmt: skip
    return perform(world, "keeper", "post_issue", key, lambda work, actor: post_issue(work, actor, new), body=units)


def shelf(world: World) -> dict[str, tuple[int, int]]:
    """Masks at depot A1: lot code -> (lot id, units on hand)."""
    with world.hub.read(world.actors["keeper"], at=NOW) as work:
        _, shelves = read_shelves(work, world.actors["keeper"], "A1", item_id=work.catalogue.get_item("mask").id)
    return {s.lot_code: (s.lot_id, s.on_hand) for s in shelves}


def test_a_receipt_stands_on_the_shelf_once_however_often_it_is_sent(world: World) -> None:
    first, again = receive(world), receive(world)
    assert not first.replayed
    assert again.replayed
    assert again.body == first.body
    assert shelf(world)["NEW"][1] == 120


def test_the_same_key_for_another_body_is_refused_and_moves_nothing(world: World) -> None:
    receive(world)
    with pytest.raises(KeyReused):
        receive(world, units=121)
    assert shelf(world)["NEW"][1] == 120


def test_somebody_elses_key_is_not_replayed_to_me(world: World) -> None:
    receive(world)
    with pytest.raises(KeyReused):
        receive(world, who="foreign_keeper", depot="B1")


def test_a_foreign_depot_is_not_there(world: World) -> None:
    with pytest.raises(NotFound) as foreign:
        receive(world, who="foreign_keeper", depot="A1")
    assert foreign.value.noun == "depot"


def test_a_keeper_acts_only_where_the_custody_is_his(world: World) -> None:
    actor = world.actors["keeper"]
    assert actor.may("post_receipt")
    with pytest.raises(NotAllowed):
        receive(world, who="supervisor")
    receive(world, depot="T")  # stands in the township, is kept by the county


def test_an_issue_takes_what_expires_first_and_never_what_has_expired(world: World) -> None:
    issue(world, "i-1", 250)
    left = {code: units for code, (_, units) in shelf(world).items()}
    assert left == {"A1-gone": 70, "A1-late": 250}


def test_an_expired_lot_is_scrapped_never_handed_out(world: World) -> None:
    lot_id, _ = shelf(world)["A1-gone"]
    with pytest.raises(LotExpired):
        issue(world, "i-1", 10, lot_id=lot_id)
    issue(world, "i-2", 70, lot_id=lot_id, to=AccountKind.SCRAPPED)
    assert "A1-gone" not in shelf(world)


def test_more_than_is_free_is_refused_and_says_what_is_short(world: World) -> None:
    before = shelf(world)
    with pytest.raises(InsufficientStock) as refusal:
        issue(world, "i-1", 501)
    assert (refusal.value.free_units, refusal.value.short_units) == (500, 1)
    assert shelf(world) == before
    issue(world, "i-1", 500)  # a refusal keeps nothing: the same key may be tried again


def test_a_count_posts_the_difference_to_what_the_book_said_then(world: World) -> None:
    lot_id, seen = shelf(world)["A1-late"]
    receive(world)
    issue(world, "i-1", 250)  # stock moves between counting and posting: 200 of the early lot, 50 of this one
    count = NewCount(world.depot_id("A1"), (NewCountLine(lot_id, seen, seen - 5),))
    perform(world, "keeper", "post_count", "c-1", lambda work, actor: post_count(work, actor, count))
    assert shelf(world)["A1-late"][1] == seen - 50 - 5


def test_a_reversal_brings_everything_back_once(world: World) -> None:
    before = shelf(world)
    posting = receive(world).body["posting"]

    def reverse(key: str) -> Answer:
        return perform(
            world, "keeper", "reverse_posting", key,
            lambda work, actor: reverse_posting(work, actor, posting), reverses_id=posting,
        )  # fmt: skip

    reverse("v-1")
    assert shelf(world) == before
    assert reverse("v-1").replayed
    with pytest.raises(AlreadyReversed):
        reverse("v-2")


def test_a_reversal_of_what_is_used_up_is_refused(world: World) -> None:
    posting = receive(world).body["posting"]
    issue(world, "i-1", 620)
    with pytest.raises(InsufficientStock):
        perform(
            world, "keeper", "reverse_posting", "v-1",
            lambda work, actor: reverse_posting(work, actor, posting), reverses_id=posting,
        )  # fmt: skip


def test_a_reversal_is_not_reversed(world: World) -> None:
    posting = receive(world).body["posting"]
    act = lambda which: lambda work, actor: reverse_posting(work, actor, which)  # noqa: E731 - two calls, one line
    again = perform(world, "keeper", "reverse_posting", "v-1", act(posting), reverses_id=posting).body["posting"]
    with pytest.raises(NotReversible):
        perform(world, "keeper", "reverse_posting", "v-2", act(again), reverses_id=again)


def test_stock_of_a_place_is_its_own_and_its_subtrees(world: World) -> None:
    actor = world.actors["planner"]
    with world.hub.read(actor, at=NOW) as work:
        item = work.catalogue.get_item("mask").id
        view = read_stock(work, actor, work.places.get_division(COUNTY), item_id=item)
        whole = read_stock(work, actor, work.places.get_division("420000000000"), item_id=item)
    assert [line.on_hand for line in view.itself] == [570]
    assert [line.on_hand for line in view.subtree] == [570]
    assert [line.on_hand for line in whole.itself] == [5_000]
    assert [line.on_hand for line in whole.subtree] == [5_000 + 1_000 + 570 + 999 + 777]
