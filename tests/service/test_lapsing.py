"""Orders that nobody dispatches lapse after thirty days: the goods are free again, the requests open again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from supplyhub.domain.refusals import StepNotAllowed
from supplyhub.domain.transfers import HELD_FOR, Order, OrderStatus
from supplyhub.jobs import worker
from supplyhub.service import transfers
from tests.service.test_planning import approve, ask, orders, perform, plan, stock
from tests.world import COMMUNITY, COUNTY, NOW, World


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The worker's clock; its last entry is the time."""
    moments = [NOW]
    monkeypatch.setattr(worker, "now", lambda: moments[-1])
    return moments


@pytest.fixture
def order(world: World, clock: list[datetime]) -> Order:
    """Forty suits held at the county's depot for a village that asked for sixty."""
    ask(world, (COMMUNITY, "suit", 60, 1))
    approve(world, plan(world))
    [made] = orders(world)
    assert (made.held_until, made.quantity_units) == (NOW + HELD_FOR, 40)
    return made


def test_what_was_held_is_free_and_asked_for_again(world: World, order: Order, clock: list[datetime]) -> None:
    assert stock(world, COUNTY, "suit") == (40, 40, 0)
    clock.append(NOW + HELD_FOR - timedelta(seconds=1))
    assert worker.let_lapse(world.hub) == 0
    clock.append(NOW + HELD_FOR)
    assert worker.let_lapse(world.hub) == 1
    assert worker.let_lapse(world.hub) == 0, "once"
    [lapsed] = orders(world)
    assert (lapsed.status, lapsed.held_until, lapsed.version) == (OrderStatus.LAPSED, None, order.version + 1)
    assert stock(world, COUNTY, "suit") == (40, 0, 0)
    approve(world, plan(world))
    assert [one.status for one in orders(world)] == [OrderStatus.APPROVED, OrderStatus.LAPSED]
    assert stock(world, COUNTY, "suit") == (40, 40, 0)


def test_a_late_keeper_may_dispatch_until_it_has_lapsed_and_not_after(
    world: World, order: Order, clock: list[datetime]
) -> None:
    clock.append(NOW + 2 * HELD_FOR)
    with world.hub.read(None, at=clock[-1]) as work:
        assert transfers.list_overdue(work) == [order.id]
    dispatch = lambda work, actor: transfers.dispatch_transfer(work, actor, order.id)  # noqa: E731 - one line
    perform(world, "keeper", "dispatch_transfer", dispatch)
    assert not world.hub.write(lambda work: transfers.lapse_transfer(work, order.id), at=clock[-1]), "he was quicker"
    assert worker.let_lapse(world.hub) == 0
    assert stock(world, COUNTY, "suit") == (0, 0, 40)


def test_a_lapsed_order_takes_no_step(world: World, order: Order, clock: list[datetime]) -> None:
    clock.append(NOW + HELD_FOR)
    assert worker.let_lapse(world.hub) == 1
    for verb in ("dispatch_transfer", "cancel_transfer", "recall_transfer"):
        with pytest.raises(StepNotAllowed):
            perform(
                world, "keeper", verb, lambda work, actor, verb=verb: getattr(transfers, verb)(work, actor, order.id)
            )
