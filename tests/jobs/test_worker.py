"""Workers die, are told to stop, and fail; what they worked on ends well all the same."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from supplyhub.domain.jobs import Beat
from supplyhub.domain.planning import RunOptions, RunStatus
from supplyhub.domain.refusals import DatabaseAway
from supplyhub.jobs import worker
from supplyhub.jobs.bookkeeping import books_kept
from supplyhub.persistence.jobs import ATTEMPTS_MAX, LEASE
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service import oversight, planning, requests, transfers
from tests.service.test_planning import approve, ask, lines_of, orders, perform, plan
from tests.world import COMMUNITY, NEIGHBOUR, NOW, PROVINCE, World


def start(world: World) -> int:
    """A queued run; its id."""
    options = RunOptions(as_of=date(2026, 7, 1))
    run_id: int = perform(
        world, "planner", "start_run", lambda work, actor: planning.start_run(work, actor, PROVINCE, options)
    )
    return run_id


def status(world: World, run_id: int) -> Any:
    with world.hub.read(None, at=NOW) as work:
        return work.planning.get_run(run_id)


def claim_and_die(world: World, run_id: int, at: datetime) -> bool:
    """A worker takes the job up, begins, and is never heard of again; whether there was a job to take."""
    job = world.hub.write(lambda work: work.jobs.claim("lost", at=at), at=at)
    if job is not None:
        world.hub.write(lambda work: planning.begin_run(work, run_id), at=at)
    return job is not None


def test_a_lost_workers_run_is_done_by_another_when_its_lease_has_run_out(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id = start(world)
    assert claim_and_die(world, run_id, datetime.now(UTC))
    assert worker.run_due(world.hub) == 0  # the lease still holds
    world.hub.write(lambda work: work.jobs.beat(1, "lost", at=datetime.now(UTC) - LEASE - timedelta(seconds=1)), at=NOW)
    assert worker.run_due(world.hub) == 1
    assert status(world, run_id).status is RunStatus.DONE


def test_a_worker_that_lost_its_lease_leaves_the_job_to_the_one_who_has_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id = start(world)
    think, calls = worker.think, []

    def think_too_long(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:  # while the first one thinks its lease runs out, and a second does the whole run
            world.hub.write(lambda work: work.jobs.beat(1, first, at=datetime(2026, 1, 1, tzinfo=UTC)), at=NOW)
            assert worker.run_next(world.hub, "second")
        return think(*args, **more)

    first = "first"
    monkeypatch.setattr(worker, "think", think_too_long)
    monkeypatch.setattr(worker, "BEAT_SECONDS", 3600)
    assert worker.run_next(world.hub, first)
    run = status(world, run_id)
    assert (run.status, len(lines_of(world, run.plan_id))) == (RunStatus.DONE, 1)
    with world.hub.read(None, at=NOW) as work:
        assert len(work.planning.list_plans()) == 1


def test_a_run_that_met_with_a_database_that_was_away_is_begun_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id, write_down, away = start(world), worker._write_down, [DatabaseAway(seconds=3)]

    def write_down_if_it_can(*args: Any) -> None:
        if away:
            raise away.pop()
        write_down(*args)

    monkeypatch.setattr(worker, "_write_down", write_down_if_it_can)
    assert worker.run_next(world.hub, "first")
    assert status(world, run_id).status is RunStatus.RUNNING
    assert worker.run_due(world.hub) == 0  # the lease still holds
    monkeypatch.setattr(worker, "now", lambda: datetime.now(UTC) + LEASE + timedelta(seconds=1))
    assert worker.run_due(world.hub) == 1
    assert status(world, run_id).status is RunStatus.DONE


def test_only_whose_job_it_is_may_end_it(world: World) -> None:
    start(world)
    world.hub.write(lambda work: work.jobs.claim("mine", at=work.at), at=NOW)
    assert not world.hub.write(lambda work: work.jobs.end(1, "theirs", "cancelled"), at=NOW)
    assert world.hub.write(lambda work: work.jobs.beat(1, "theirs", at=NOW), at=NOW) is Beat.LOST
    assert world.hub.write(lambda work: work.jobs.beat(1, "mine", at=NOW), at=NOW) is Beat.GO_ON
    world.hub.write(lambda work: work.jobs.request_cancel("planning_run", 1), at=NOW)
    assert world.hub.write(lambda work: work.jobs.beat(1, "mine", at=NOW), at=NOW) is Beat.CANCELLED
    assert world.hub.write(lambda work: work.jobs.end(1, "mine", "cancelled"), at=NOW)


def test_what_a_run_cancelled_after_its_worker_was_lost_had_half_written_is_gone(world: World) -> None:
    request_id = ask(world, (COMMUNITY, "mask", 100, 1))
    run_id = start(world)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    assert claim_and_die(world, run_id, long_ago)
    with world.hub.read(None, at=NOW) as work:
        _, snapshot = planning.look(work, run_id)
    thought = worker.think(snapshot)
    half = world.hub.write(lambda work: planning.begin_plan(work, run_id, thought), at=long_ago)
    for kind, part in planning.list_parts(thought):
        world.hub.write(partial(write_part, half, snapshot, thought, kind, part), at=long_ago)
    actor = world.actors["township"]
    with world.hub.read(actor, at=NOW) as work:
        [view] = requests.read_request_lines(work, actor, request_id)
        assert view.grants == []
        assert planning.read_line_shipments(work, actor, half, view.line.id) == []
    perform(world, "planner", "cancel_run", lambda work, actor: planning.cancel_run(work, actor, run_id))
    assert worker.run_due(world.hub) == 1
    with world.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        for table in ("plan", "plan_line", "plan_shipment", "plan_flow"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 0


def write_part(plan_id: int, snapshot: Any, thought: Any, kind: str, part: slice, work: Any) -> None:
    planning.add_part(work, plan_id, snapshot, thought, kind, part)


def test_a_run_over_which_workers_keep_dying_is_given_up_with_a_word(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id = start(world)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    for attempt in range(ATTEMPTS_MAX):
        assert claim_and_die(world, run_id, long_ago + attempt * 2 * LEASE)
    assert worker.run_due(world.hub) == 1
    run = status(world, run_id)
    assert run.status is RunStatus.FAILED
    assert "lost" in run.error


def test_what_a_worker_left_half_written_is_neither_seen_nor_in_the_way(world: World) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1), (NEIGHBOUR, "suit", 5, 1))
    run_id = start(world)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    assert claim_and_die(world, run_id, long_ago)
    with world.hub.read(None, at=NOW) as work:
        _, snapshot = planning.look(work, run_id)
    thought = worker.think(snapshot)
    half = world.hub.write(lambda work: planning.begin_plan(work, run_id, thought), at=long_ago)
    kind, part = planning.list_parts(thought)[0]
    world.hub.write(lambda work: planning.add_part(work, half, snapshot, thought, kind, part), at=long_ago)
    with world.hub.read(None, at=NOW) as work:
        assert work.planning.list_plans() == []
    assert worker.run_due(world.hub) == 1
    run = status(world, run_id)
    assert run.status is RunStatus.DONE
    assert len(lines_of(world, run.plan_id)) == 2


def test_an_idle_worker_seals_what_was_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SEAL_SECONDS", 0)
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0.01)
    stop = threading.Event()
    working = threading.Thread(target=worker.work_on, args=(world.hub, stop))
    working.start()
    until = time.monotonic() + 30
    while time.monotonic() < until and has_news(world):
        time.sleep(0.01)  # the worker seals in its own thread and tells nobody: look again
    stop.set()
    working.join()
    assert not has_news(world)
    assert worker.seal_news(world.hub) == 0


def test_what_is_committed_while_a_worker_plans_has_its_number_soon(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    run_id, stop, planning_on = start(world), threading.Event(), threading.Event()
    monkeypatch.setattr(worker, "think", lambda *_, **__: planning_on.set() or stop.wait(60) or plan_nothing())
    working = threading.Thread(target=worker.work_on, args=(world.hub, stop))
    with books_kept(world.hub):
        working.start()
        assert planning_on.wait(30)
        ask(world, (NEIGHBOUR, "suit", 1, 1))
        until = time.monotonic() + 30
        while time.monotonic() < until and waits(world):
            time.sleep(0.01)
        assert not waits(world)
        assert not stop.is_set()
        stop.set()
        working.join()
    assert status(world, run_id).status is RunStatus.FAILED


def plan_nothing() -> None:
    raise ZeroDivisionError


def waits(world: World) -> bool:
    with world.hub.read(None, at=NOW) as work:
        return oversight.waits_for_numbers(work)


def has_news(world: World) -> bool:
    with world.hub.read(None, at=NOW) as work:
        return oversight.has_news(work)


def test_a_fault_of_ours_fails_the_run_and_not_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1))
    broken, sound = start(world), start(world)
    think, calls = worker.think, []

    def think_badly_once(*args: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return think(*args, **more)

    monkeypatch.setattr(worker, "think", think_badly_once)
    assert worker.run_due(world.hub) == 2
    assert status(world, broken).status is RunStatus.FAILED
    assert "ZeroDivision" not in status(world, broken).error
    assert status(world, sound).status is RunStatus.DONE


def test_an_approval_goes_on_where_a_lost_worker_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplyhub.service.transfers.approving.CHUNK_LINES", 1)
    ask(world, (COMMUNITY, "mask", 300, 2), (NEIGHBOUR, "quilt", 30, 3), (COMMUNITY, "suit", 3, 1))
    plan_id = plan(world)
    approval = perform(
        world, "planner", "approve_plan", lambda work, actor: transfers.approve_plan(work, actor, plan_id)
    )
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    world.hub.write(lambda work: work.jobs.claim("lost", at=long_ago), at=long_ago)
    assert world.hub.write(lambda work: transfers.order_next(work, approval.id), at=NOW)  # then it dies
    assert worker.run_due(world.hub) == 1
    with world.hub.read(None, at=NOW) as work:
        after = work.planning.get_approval(approval.id)
    assert (after.status, after.ordered_count, after.refused_count) == ("done", after.total_count, 0)
    assert sum(order.quantity_units for order in orders(world)) == 300 + 30 + 3


def test_an_approval_that_fails_can_be_given_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(world, (COMMUNITY, "mask", 300, 2))
    plan_id = plan(world)
    with monkeypatch.context() as patch:
        patch.setattr("supplyhub.service.transfers.order_next", lambda work, approval_id: 1 // 0)
        approval, _ = approve(world, plan_id)
    assert approval.status == "failed"
    again, _ = approve(world, plan_id)
    assert (again.status, again.refused_count) == ("done", 0)


@pytest.mark.parametrize(("patient", "ends"), [(True, RunStatus.DONE), (False, RunStatus.RUNNING)])
def test_a_worker_told_to_stop_finishes_or_gives_its_job_back(
    world: World, monkeypatch: pytest.MonkeyPatch, patient: bool, ends: RunStatus
) -> None:
    ask(world, (COMMUNITY, "mask", 100, 1), (NEIGHBOUR, "quilt", 4, 3))
    run_id, stop, think = start(world), threading.Event(), worker.think

    def think_on(*args: Any, cancelled: Any, **more: Any) -> Any:
        stop.set()  # SIGTERM, while it thinks
        until = time.monotonic() + 1
        while not cancelled() and time.monotonic() < until:
            time.sleep(0.01)
        return think(*args, cancelled=cancelled, **more)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "think", think_on)
        patch.setattr(worker, "BEAT_SECONDS", 0.05)
        patch.setattr(worker, "LEAVE_SECONDS", 3600 if patient else 0.1)
        worker.work_on(world.hub, stop)
    assert status(world, run_id).status is ends
    assert worker.run_due(world.hub) == (0 if patient else 1)
    assert status(world, run_id).status is RunStatus.DONE
    with world.hub.read(None, at=NOW) as work:
        assert work.jobs.count_by_state() == {"done": 1}
        assert len(work.planning.list_plans()) == 1
