"""From request to order: what is asked is planned once, approved line by line, and held; on both databases."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from supplyhub.domain.columns import DepotColumns
from supplyhub.domain.places import DepotKind
from supplyhub.domain.planning import PlanStatus, RunOptions, RunStatus
from supplyhub.domain.refusals import InvalidInput, NotAllowed, NotFound, StepNotAllowed
from supplyhub.domain.requests import NewRequest, NewRequestLine
from supplyhub.domain.stock import AccountKind, NewIssue, NewIssueLine, Reason
from supplyhub.domain.transfers import Arrival, ArrivalLine, NewTransfer, NewTransferLine, OrderStatus
from supplyhub.jobs.worker import run_due
from supplyhub.service import planning, requests, transfers
from supplyhub.service.places import import_depots
from supplyhub.service.stock import post_issue
from supplyhub.service.unit_of_work import Answer, Command
from tests.world import COMMUNITY, COUNTY, FOREIGN_COMMUNITY, FOREIGN_COUNTY, NEIGHBOUR, NOW, PROVINCE, TOWNSHIP, World

AS_OF = date(2026, 7, 1)


def perform(world: World, who: str, verb: str, act: Any) -> Any:
    """One keyed command; its verb's result."""
    actor = world.actors[who]
    result: list[Any] = []

    def do(work: Any) -> Answer:
        result.append(act(work, actor))
        return Answer({})

    world.hub.perform(Command(actor, verb, f"{verb}-{uuid.uuid4()}", None, NOW), do)
    return result[0]


def ask(world: World, *lines: tuple[str, str, int | None, int], who: str = "township") -> int:
    """Ask for (division, item, units, class)."""
    new = NewRequest(
        "洪水",
        tuple(
            NewRequestLine(world.division_id(division), world.item_id(item), units, priority)
            for division, item, units, priority in lines
        ),
    )
    return perform(world, who, "make_request", lambda work, actor: requests.make_request(work, actor, new))  # type: ignore[no-any-return]


def plan(world: World, *, place: str = PROVINCE, **options: Any) -> int:
    """Start a run, let a worker do it; the plan's id."""
    run_id = perform(
        world, "planner", "start_run",
        lambda work, actor: planning.start_run(work, actor, place, RunOptions(as_of=AS_OF, **options)),
    )  # fmt: skip
    assert run_due(world.hub) == 1
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        run = work.planning.get_run(run_id)
    assert run.status is RunStatus.DONE, run.error
    assert run.plan_id is not None
    return run.plan_id


def approve(world: World, plan_id: int, **part: Any) -> Any:
    """Approve and let a worker make the orders; the approval afterwards."""
    approval = perform(
        world, "planner", "approve_plan", lambda work, actor: transfers.approve_plan(work, actor, plan_id, **part)
    )
    run_due(world.hub)
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        return transfers.read_approval(work, world.actors["planner"], approval.id)


def lines_of(world: World, plan_id: int) -> list[Any]:
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        return planning.read_plan_lines(work, world.actors["planner"], plan_id)


def orders(world: World, who: str = "planner") -> list[Any]:
    with world.hub.read(world.actors[who], at=NOW) as work:
        return transfers.list_transfers(work, world.actors[who])


def stock(world: World, place: str, item: str) -> tuple[int, int, int]:
    """(on hand, reserved, in transit) of a place's subtree."""
    with world.hub.read(None, at=NOW) as work:
        division = work.places.get_division(place)
        _, lines = work.stock.sum_place(division, item_id=work.catalogue.get_item(item).id)
    return (lines[0].on_hand, lines[0].reserved, lines[0].in_transit) if lines else (0, 0, 0)


def test_a_request_is_planned_from_near_depots_first_and_proved(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 305, 2), (NEIGHBOUR, "suit", 60, 1))
    plan_id = plan(world)
    masks, suits = lines_of(world, plan_id)
    assert (masks.granted_units, masks.limited_by) == (310, "")  # whole packs of 10
    assert (suits.granted_units, suits.limited_by) == (40, "stock")
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        made = work.planning.get_plan(plan_id)
        sent = planning.read_line_shipments(work, world.actors["planner"], plan_id, masks.request_line_id)
        depots = work.places.name_depots(s.depot_id for s in sent)
    assert made.proved
    # The lot that expired in June is passed over; of the others the one that expires first leaves first.
    assert [(depots[s.depot_id][0], s.quantity_units) for s in sent] == [("A1", 200), ("A1", 110)]


def test_a_floor_holds_back_and_a_run_may_release_it(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 5_000, 2), (NEIGHBOUR, "mask", 5_000, 2))
    held = lines_of(world, plan(world))
    released = lines_of(world, plan(world, release_reserves=True))
    assert {line.limited_by for line in held} == {"reserve-floor"}
    assert sum(line.granted_units for line in released) - sum(line.granted_units for line in held) == 400


def test_an_approved_plan_becomes_orders_with_stock_held_and_is_not_planned_again(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 300, 2), (NEIGHBOUR, "mask", 100, 2), (NEIGHBOUR, "quilt", 30, 3))
    plan_id = plan(world)
    approval, refused = approve(world, plan_id)
    assert (approval.status, approval.refused_count, refused) == ("done", 0, [])
    assert stock(world, PROVINCE, "mask")[1] == 400
    assert {order.status for order in orders(world)} == {OrderStatus.APPROVED}
    assert lines_of(world, plan(world)) == []  # everything is ordered: nothing is open


def test_half_a_plan_by_item_then_the_rest(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 300, 2), (COMMUNITY, "quilt", 30, 3))
    plan_id = plan(world)
    approve(world, plan_id, item_id=world.item_id("quilt"))
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.get_plan(plan_id).status is PlanStatus.PARTLY
    assert (stock(world, PROVINCE, "mask")[1], stock(world, PROVINCE, "quilt")[1]) == (0, 30)
    approve(world, plan_id, division_code="420100000000")
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.get_plan(plan_id).status is PlanStatus.APPROVED
    assert stock(world, PROVINCE, "mask")[1] == 300


def test_a_line_whose_stock_is_gone_is_named_and_the_others_go_through(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 300, 2), (NEIGHBOUR, "quilt", 30, 3))
    plan_id = plan(world)
    new = NewIssue(
        world.depot_id("T"), AccountKind.USED, world.division_id(COMMUNITY), Reason.USE,
        (NewIssueLine(world.item_id("quilt"), 90),),
    )  # fmt: skip
    perform(world, "keeper", "post_issue", lambda work, actor: post_issue(work, actor, new))
    approval, refused = approve(world, plan_id)
    assert [(s.refusal, s.quantity_units) for s in refused] == [("insufficient-stock", 30)]
    assert (approval.ordered_count > 0, approval.refused_count) == (True, 1)
    assert len(lines_of(world, plan(world))) == 1  # the refused line is still open


def test_a_withdrawn_request_is_named_when_its_plan_is_approved(world: World) -> None:
    request_id = ask(world, (COMMUNITY, "mask", 300, 2))
    plan_id = plan(world)
    perform(world, "township", "withdraw_request",
            lambda work, actor: requests.withdraw_request(work, actor, request_id))  # fmt: skip
    _, refused = approve(world, plan_id)
    assert {s.refusal for s in refused} == {"request-withdrawn"}
    assert orders(world) == []


def test_a_cut_road_is_named_when_its_plan_is_approved(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 300, 2))
    plan_id = plan(world)
    cut = {
        "from_code": ["420101000000"], "to_code": ["420101001000"], "item_key": [""], "metres": [0],
        "penalty_metres": [0], "capacity_units": [None], "open": [False], "hours_thousandths": [None], "pos": [0],
    }  # fmt: skip
    world.hub.write(lambda work: work.places.add_ways(cut), at=NOW)
    _, refused = approve(world, plan_id)
    assert {s.refusal for s in refused} == {"way-closed"}
    [line] = lines_of(world, plan(world))
    assert (line.granted_units, line.limited_by) == (0, "closed")


def test_an_unknown_amount_is_asked_about_and_never_planned(world: World) -> None:
    request_id = ask(world, (COMMUNITY, "mask", None, 1))
    assert lines_of(world, plan(world)) == []
    with world.hub.read(world.actors["township"], at=NOW) as work:
        [view] = requests.read_request_lines(work, world.actors["township"], request_id)
    perform(world, "township", "answer_request_line",
            lambda work, actor: requests.answer_request_line(work, actor, view.line.id, 50))  # fmt: skip
    assert [line.granted_units for line in lines_of(world, plan(world))] == [50]


def test_more_than_people_times_norm_needs_a_reason(world: World) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ask(world, (COMMUNITY, "mask", 6_001, 2), (COMMUNITY, "quilt", 10**15, 2))
    assert [fault.where for fault in refusal.value.faults] == ["lines[0].quantity", "lines[1].quantity"]
    ask(world, (COMMUNITY, "mask", 6_000, 2))
    with pytest.raises(InvalidInput):
        ask(world, (COMMUNITY, "mask", 1, 2))  # small askings add up


def test_a_township_asks_for_its_own_communities_only(world: World) -> None:
    with pytest.raises(NotFound):
        ask(world, (FOREIGN_COMMUNITY, "mask", 10, 2))
    with pytest.raises(NotAllowed):
        ask(world, (COMMUNITY, "mask", 10, 2), who="keeper")


def test_three_of_a_hundred_are_lost_and_planned_again(world: World) -> None:
    request_id = ask(world, (COMMUNITY, "mask", 100, 1))
    approve(world, plan(world))
    [order] = orders(world)
    perform(world, "keeper", "dispatch_transfer",
            lambda work, actor: transfers.dispatch_transfer(work, actor, order.id))  # fmt: skip
    assert stock(world, COUNTY, "mask") == (470, 0, 100)
    arrival = Arrival(lines=(ArrivalLine(1, 97, Reason.MISSING),))
    with pytest.raises(InvalidInput):
        perform(world, "township", "receive_transfer", lambda work, actor: transfers.receive_transfer(
            work, actor, order.id, Arrival(lines=(ArrivalLine(1, 97),))))  # fmt: skip
    perform(world, "township", "receive_transfer",
            lambda work, actor: transfers.receive_transfer(work, actor, order.id, arrival))  # fmt: skip
    assert stock(world, COUNTY, "mask") == (470, 0, 0)
    with world.hub.read(world.actors["township"], at=NOW) as work:
        [view] = requests.read_request_lines(work, world.actors["township"], request_id)
    assert view.line.ordered_units == 97
    [again] = lines_of(world, plan(world))
    assert again.requested_units == 3
    with pytest.raises(StepNotAllowed):
        perform(world, "township", "receive_transfer",
                lambda work, actor: transfers.receive_transfer(work, actor, order.id, arrival))  # fmt: skip


def test_cancelling_frees_and_recalling_brings_back(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    before = stock(world, PROVINCE, "mask")
    approve(world, plan(world))
    [order] = orders(world)
    perform(world, "keeper", "cancel_transfer",
            lambda work, actor: transfers.cancel_transfer(work, actor, order.id))  # fmt: skip
    assert stock(world, PROVINCE, "mask") == before
    approve(world, plan(world))
    order = orders(world)[0]
    perform(world, "keeper", "dispatch_transfer",
            lambda work, actor: transfers.dispatch_transfer(work, actor, order.id))  # fmt: skip
    perform(world, "keeper", "recall_transfer",
            lambda work, actor: transfers.recall_transfer(work, actor, order.id))  # fmt: skip
    assert stock(world, PROVINCE, "mask") == before
    assert len(lines_of(world, plan(world))) == 1


def test_a_foreign_office_neither_sees_nor_receives_an_order(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    approve(world, plan(world))
    [order] = orders(world)
    assert orders(world, "foreign_township") == []
    for who, verb in (("foreign_keeper", transfers.dispatch_transfer), ("foreign_keeper", transfers.cancel_transfer)):
        with pytest.raises(NotFound):
            perform(world, who, verb.__name__, lambda work, actor, verb=verb: verb(work, actor, order.id))


def test_a_rejected_plan_orders_nothing(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    plan_id = plan(world)
    perform(world, "planner", "reject_plan", lambda work, actor: planning.reject_plan(work, actor, plan_id, "再议"))
    with pytest.raises(StepNotAllowed):
        approve(world, plan_id)
    assert orders(world) == []


def test_a_cancelled_run_leaves_no_plan(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id = perform(world, "planner", "start_run",
                     lambda work, actor: planning.start_run(work, actor, PROVINCE, RunOptions(AS_OF)))  # fmt: skip
    perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))
    assert run_due(world.hub) == 0
    with world.hub.read(world.actors["planner"], at=NOW) as work:
        assert work.planning.get_run(run_id).status is RunStatus.CANCELLED
        assert work.planning.list_plans() == []


def test_a_run_of_a_foreign_place_is_refused_as_unknown(world: World) -> None:
    with pytest.raises(NotFound):
        plan(world, place="990000000000")
    with pytest.raises(NotAllowed):
        perform(world, "keeper", "start_run",
                lambda work, actor: planning.start_run(work, actor, FOREIGN_COUNTY, RunOptions(AS_OF)))  # fmt: skip


def test_of_a_plan_closed_half_way_what_was_ordered_stays_granted(world: World) -> None:
    request_id = ask(world, (COMMUNITY, "mask", 300, 2), (COMMUNITY, "quilt", 30, 3))
    plan_id = plan(world)
    approve(world, plan_id, item_id=world.item_id("quilt"))
    perform(world, "planner", "reject_plan", lambda work, actor: planning.reject_plan(work, actor, plan_id, "再议"))
    with world.hub.read(world.actors["township"], at=NOW) as work:
        masks, quilts = requests.read_request_lines(work, world.actors["township"], request_id)
        assert work.planning.list_plans() == []  # the plan itself is the province's to see
    assert masks.grants == []
    assert [(grant.plan_id, grant.status, grant.line.granted_units) for grant in quilts.grants] == [
        (plan_id, PlanStatus.CLOSED, 30)
    ]
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.get_plan(plan_id).status is PlanStatus.CLOSED
    with pytest.raises(StepNotAllowed):
        approve(world, plan_id)


def test_a_day_that_has_passed_is_no_day_to_need_something_by(world: World) -> None:
    line = NewRequestLine(
        world.division_id(COMMUNITY), world.item_id("mask"), 10, 2, needed_by=NOW - timedelta(days=2)
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refusal:
        perform(
            world, "township", "make_request",
            lambda work, actor: requests.make_request(work, actor, NewRequest("洪水", (line,))),
        )  # fmt: skip
    assert [fault.where for fault in refusal.value.faults] == ["lines[0].needed_by"]


def test_goods_sent_to_one_depot_are_not_received_into_another(world: World) -> None:
    other = DepotColumns(
        where=["1"], code=["T9"], name=["甲镇二点"], division_code=[TOWNSHIP], custodian_code=[TOWNSHIP],
        kind=[DepotKind.GOVERNMENT], metres_to_division=[0],
    )  # fmt: skip
    world.hub.carry_out("import_depots", "t9", lambda work: import_depots(work, other), at=NOW)
    new = NewTransfer(
        world.depot_id("A1"), world.division_id(TOWNSHIP), world.depot_id("T"),
        (NewTransferLine(world.item_id("suit"), 10),),
    )  # fmt: skip
    order = perform(world, "keeper", "make_transfer", lambda work, actor: transfers.make_transfer(work, actor, new))
    perform(world, "keeper", "dispatch_transfer", lambda w, a: transfers.dispatch_transfer(w, a, order))
    into_mine = Arrival(depot_id=world.depot_id("T9"))
    with pytest.raises(InvalidInput) as refusal:
        perform(world, "township", "receive_transfer", lambda w, a: transfers.receive_transfer(w, a, order, into_mine))
    assert [fault.where for fault in refusal.value.faults] == ["depot"]
    perform(world, "keeper", "receive_transfer", lambda w, a: transfers.receive_transfer(w, a, order, Arrival()))
