"""A keeper's own transfers and their turns back, and what supervision reads of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from supplyhub.domain.transfers import HELD_FOR, OrderStatus
from supplyhub.service.transfers import lapse_transfer
from tests.conftest import NOW
from tests.web.conftest import Reader
from tests.world import FOREIGN_COUNTY, World

SignIn = Callable[..., Reader]


def send(keeper: Reader, **typed: str) -> str:
    usual = {"to": "T", "lines__0__goods": "item:suit", "lines__0__units": "4"}
    answer = keeper.send("/transfers/new?depot=A1", "/transfers", **{**usual, **typed})
    assert answer.status_code == 303, answer.text
    return answer.location


def suits(world: World, depot: str) -> tuple[int, int]:
    """(on hand, reserved) suits in a depot."""
    with world.hub.read(None, at=NOW) as work:
        shelves = work.stock.list_shelves(
            depot_id=work.places.get_depot(depot).id, item_id=work.catalogue.get_item("suit").id
        )
    return sum(shelf.on_hand for shelf in shelves), sum(shelf.reserved for shelf in shelves)


def test_goods_are_held_then_leave_then_arrive_on_the_other_shelf(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    assert suits(world, "A1") == (40, 4)
    keeper.send(order, f"{order}/dispatch")
    assert suits(world, "A1") == (36, 0)
    assert keeper.send(order, f"{order}/receive").status_code == 303
    assert suits(world, "T") == (4, 0)


def test_goods_that_turn_back_are_on_the_shelf_again(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    keeper.send(order, f"{order}/dispatch")
    assert keeper.send(order, f"{order}/recall").status_code == 303
    assert suits(world, "A1") == (40, 0)


def test_a_step_sent_from_an_old_page_is_refused(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    old = keeper.form(order, f"{order}/cancel")
    keeper.send(order, f"{order}/dispatch")
    page = keeper.client.post(f"{order}/cancel", data=old)
    assert page.status_code == 409
    assert suits(world, "A1") == (36, 0)


def test_an_order_says_until_when_it_holds_and_that_it_has_lapsed(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    assert "Held until" in keeper.get(order).text
    number = int(order.rsplit("/", 1)[1])
    later = datetime.now(UTC) + HELD_FOR
    assert world.hub.write(lambda work: lapse_transfer(work, number), at=later)
    page = keeper.get(order).text
    assert "It was not dispatched in time." in page
    assert "Held until" not in page
    assert "/dispatch" not in page
    assert suits(world, "A1") == (40, 0)


def test_help_goes_across_borders_and_the_sender_cannot_confirm_it(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper, to=FOREIGN_COUNTY)
    keeper.send(order, f"{order}/dispatch")
    assert f'action="{order}/receive"' not in keeper.get(order).text
    forged = keeper.form("/receipts/new", "/receipts") | {
        "version": "2", "lines-0-line": "1", "lines-0-units": "4",
    }  # fmt: skip
    assert keeper.client.post(f"{order}/receive", data=forged).status_code == 403
    foreign = sign_in("foreign_keeper")
    assert foreign.send(order, f"{order}/receive").status_code == 303
    with world.hub.read(None, at=NOW) as work:
        assert work.transfers.get_order(int(order.rsplit("/", 1)[1])).status is OrderStatus.RECEIVED


@pytest.mark.parametrize("code", ["B1", "B9"])
def test_a_foreign_depot_looks_like_one_that_is_not_there(sign_in: SignIn, code: str) -> None:
    typed = {"to": code, "lines__0__goods": "item:suit", "lines__0__units": "4"}
    answer = sign_in("keeper").send("/transfers/new?depot=A1", "/transfers", **typed)
    assert answer.status_code == 422
    assert f"no depot and no place has the code {code}" in answer.text


def test_a_cleared_amount_means_that_nothing_came_and_needs_a_reason(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    keeper.send(order, f"{order}/dispatch")
    empty = {"lines__0__packs": "", "lines__0__units": ""}
    refused = keeper.send(order, f"{order}/receive", **empty)
    assert refused.status_code == 422
    assert 'id="lines-0-loss_reason-fault"' in refused.text
    assert keeper.send(order, f"{order}/receive", **empty, lines__0__loss_reason="missing").status_code == 303
    assert suits(world, "T") == (0, 0)


def test_more_than_was_sent_cannot_arrive(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    keeper.send(order, f"{order}/dispatch")
    refused = keeper.send(order, f"{order}/receive", lines__0__packs="5")
    assert refused.status_code == 422
    assert 'id="lines-0-quantity-fault"' in refused.text


def test_an_address_nobody_has_is_refused(sign_in: SignIn) -> None:
    page = sign_in("keeper").send(
        "/transfers/new?depot=A1", "/transfers", to="nowhere", lines__0__goods="item:suit", lines__0__units="1"
    )
    assert page.status_code == 422
    assert 'id="to-fault"' in page.text


def test_supervision_reads_movements(sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    keeper.send(order, f"{order}/dispatch")
    supervisor = sign_in("supervisor")
    assert "dispatch" in supervisor.get("/entries").text
    movements = supervisor.get("/movements?depot=A1&item=suit").text
    assert "4 set" in movements
    assert "A1-suit" in movements


def test_stock_in_transit_is_shown_where_it_goes(sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    order = send(keeper)
    keeper.send(order, f"{order}/dispatch")
    page = keeper.get("/stock/420101000000?item=suit").text
    row = next(row for row in page.split("<tr") if ">甲镇<" in row)
    assert "4 set" in row
