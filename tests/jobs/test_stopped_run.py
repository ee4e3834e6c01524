"""A run that is stopped leaves a proved plan of the items that were done, which says what it lacks; on every floor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from supplyhub.domain.planning import NOT_PLANNED, Plan, PlanStatus, RunStatus
from supplyhub.domain.refusals import ItemNotPlanned
from supplyhub.jobs import worker
from supplyhub.persistence.jobs import LEASE
from supplyhub.service import explanations, planning, requests, transfers
from tests.jobs.test_worker import claim_and_die, start, status
from tests.service.test_planning import approve, ask, lines_of, orders, perform
from tests.world import COMMUNITY, NEIGHBOUR, NOW, World

ITEMS = ["mask", "quilt", "suit"]
"""All items, in the order in which they are planned."""


def stop_after(world: World, monkeypatch: pytest.MonkeyPatch, items: int) -> int:
    """A run that somebody stops when so many items are done; its id."""
    run_id = start(world)
    think, stopped = worker.think, [False]

    def stop() -> None:
        stopped[0] = True
        perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))

    def think_until_stopped(snapshot: Any, *, progress: Any, cancelled: Any) -> Any:
        def told(phase: str, done: int, total: int) -> None:
            progress(phase, done, total)
            if phase == "solve" and done == items:
                stop()

        if not items:
            stop()
        return think(snapshot, progress=told, cancelled=lambda: stopped[0])

    with monkeypatch.context() as patch:
        patch.setattr(worker, "think", think_until_stopped)
        assert worker.run_due(world.hub) == 1
    return run_id


def asked(world: World) -> int:
    return ask(
        world,
        (COMMUNITY, "mask", 5_000, 2),
        (NEIGHBOUR, "mask", 5_000, 2),
        (NEIGHBOUR, "suit", 60, 1),
        (COMMUNITY, "quilt", 4, 3),
    )


def plan_of(world: World, run_id: int) -> Plan:
    with world.hub.read(None, at=NOW) as work:
        [plan] = work.planning.list_plans()
        assert work.planning.get_run(run_id).plan_id == plan.id
        return plan


@pytest.mark.parametrize("items", [1, 2, 3])
def test_a_stopped_run_leaves_a_plan_of_what_was_done(
    items: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(world)
    run = status(world, stop_after(world, monkeypatch, items))
    assert (run.status, run.is_going_on) == (RunStatus.CANCELLED, False)
    plan = plan_of(world, run.id)
    assert plan.proved
    assert (plan.status, plan.items_missing) == (PlanStatus.PROPOSED, ITEMS[items:])
    held = {world.item_id(code) for code in ITEMS[:items]}
    for line in lines_of(world, plan.id):
        assert line.is_planned == (line.item_id in held)
        assert (line.granted_units > 0) == (line.item_id in held)
        assert (line.limited_by == NOT_PLANNED) == (line.item_id not in held)


def test_what_is_planned_is_as_in_a_whole_plan(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    part = plan_of(world, stop_after(world, monkeypatch, 1))
    start(world)
    assert worker.run_due(world.hub) == 1
    with world.hub.read(None, at=NOW) as work:
        [whole, _] = work.planning.list_plans()
    masks = [
        [line for line in lines_of(world, plan_id) if line.item_id == world.item_id("mask")]
        for plan_id in (part.id, whole.id)
    ]
    assert masks[0] == masks[1]
    assert part.summary["items"] == whole.summary["items"][:1]
    assert whole.items_missing == []


def test_before_any_item_is_done_nothing_is_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    run = status(world, stop_after(world, monkeypatch, 0))
    assert (run.status, run.plan_id, run.is_going_on) == (RunStatus.CANCELLED, None, False)
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.list_plans() == []


def test_sums_and_searches_are_about_what_is_planned(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request_id = asked(world)
    plan = plan_of(world, stop_after(world, monkeypatch, 1))
    mask, planner, office = world.item_id("mask"), world.actors["planner"], world.actors["township"]
    with world.hub.read(planner, at=NOW) as work:
        _, view = planning.view_plan(work, planner, plan.id)
        _, below = planning.view_plan(work, planner, plan.id, place=work.places.get_division(COMMUNITY))
        short = planning.read_plan_lines(work, planner, plan.id, unfilled=True)
    assert [row.key for row in view.by_item] == [mask]
    assert [(row.key, row.requested_units) for row in view.by_class] == [(2, 10_000)]
    assert sum(row.requested_units for row in view.by_place) == 10_000
    assert sum(row.requested_units for row in below.by_place) == 5_000
    assert {line.item_id for line in [*view.worst, *short]} == {mask}
    assert set(view.limits) == {"reserve-floor"}
    with world.hub.read(office, at=NOW) as work:
        views = requests.read_request_lines(work, office, request_id)
    assert {one.line.item_id for one in views if one.grants} == {mask}


def test_only_what_is_planned_is_approved_and_explained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    plan = plan_of(world, stop_after(world, monkeypatch, 1))
    [suit] = [line for line in lines_of(world, plan.id) if line.item_id == world.item_id("suit")]
    with pytest.raises(ItemNotPlanned) as refused:
        perform(
            world,
            "planner",
            "approve_plan",
            lambda work, actor: transfers.approve_plan(work, actor, plan.id, item_id=suit.item_id),
        )
    assert (refused.value.plan_id, refused.value.item) == (plan.id, "suit")
    with pytest.raises(ItemNotPlanned):
        explanations.explain_line(world.hub, None, plan.id, suit.request_line_id, at=NOW)
    granted = sum(line.granted_units for line in lines_of(world, plan.id))
    approve(world, plan.id)
    assert sum(order.quantity_units for order in orders(world)) == granted > 0
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.get_plan(plan.id).status is PlanStatus.APPROVED


def test_a_run_stopped_while_its_plan_is_written_down_keeps_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    run_id, add_part = start(world), planning.add_part

    def add_and_be_cancelled(work: Any, plan_id: int, snapshot: Any, plan: Any, kind: str, part: slice) -> None:
        add_part(work, plan_id, snapshot, plan, kind, part)
        if kind == "lines":
            planning.cancel_run(work, world.actors["planner"], run_id)

    monkeypatch.setattr(planning, "add_part", add_and_be_cancelled)
    assert worker.run_due(world.hub) == 1
    run = status(world, run_id)
    assert (run.status, run.is_going_on) == (RunStatus.CANCELLED, False)
    plan = plan_of(world, run_id)
    assert plan.items_missing == []
    assert len(lines_of(world, plan.id)) == 4


def test_a_stopped_run_goes_on_until_its_worker_has_kept_what_is_done_or_is_lost(world: World) -> None:
    asked(world)
    run_id = start(world)
    assert claim_and_die(world, run_id, datetime.now(UTC) - 2 * LEASE)
    perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))
    assert status(world, run_id).is_going_on
    assert worker.run_due(world.hub) == 1
    run = status(world, run_id)
    assert (run.status, run.plan_id, run.is_going_on) == (RunStatus.CANCELLED, None, False)


def test_a_stopped_run_whose_plan_cannot_be_kept_is_over_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(world)
    run_id = start(world)

    def be_cancelled_and_break(*args: Any, **more: Any) -> Any:
        perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "think", be_cancelled_and_break)
    assert worker.run_due(world.hub) == 1
    run = status(world, run_id)
    assert (run.status, run.is_going_on) == (RunStatus.CANCELLED, False)
