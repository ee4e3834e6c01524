"""kill -9 of planning workers in the middle of runs and approvals: another goes on, and all is made once."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from supplyhub.domain.planning import RunStatus
from supplyhub.service import transfers
from tests.conftest import Tell
from tests.jobs.test_worker import start, status
from tests.rigs.counts import count, planted
from tests.rigs.labour import AT_MOST_ONCE, Labour, labour
from tests.service.test_planning import ask, orders, perform
from tests.world import COMMUNITY, NEIGHBOUR, NOW, World

KILLS = count("JOB_KILLS", 6)
DEATHS_MAX = 2
"""After three lost workers a job is given up, which is tested elsewhere; here the third one does it."""


def work_and_die(home: Labour, chance: Random) -> int:
    """Workers die over what is due at some commit of theirs, the last one does it; how many died."""
    deaths = 0
    while deaths < DEATHS_MAX and not home.work(chance.randint(1, 9), committed=chance.random() < 0.5):
        deaths += 1
    assert home.work(), "the last worker died, too"
    return deaths


def approve(world: World, plan_id: int) -> int:
    """Say yes to a whole plan; the approval's id."""
    approval: Any = perform(
        world, "planner", "approve_plan", lambda work, actor: transfers.approve_plan(work, actor, plan_id)
    )
    return int(approval.id)


def must_be_ordered_once(world: World, plan_id: int, approval_id: int, units: int) -> None:
    """One plan of the run, everything approved ordered, and not a unit twice."""
    with world.hub.read(None, at=NOW) as work:
        approval = work.planning.get_approval(approval_id)
    assert (approval.status, approval.refused_count) == ("done", 0)
    assert approval.ordered_count == approval.total_count > 0
    made = [order for order in orders(world) if order.plan_id == plan_id]
    assert sum(order.quantity_units for order in made) == units


def test_what_lost_workers_began_is_made_once_by_others(
    world: World, database_url: str, tmp_path: Path, tell: Tell
) -> None:
    chance, kills, rounds = Random(7), 0, 0
    with labour(database_url, tmp_path) as home:
        while kills < KILLS:
            rounds += 1
            ask(world, (COMMUNITY, "mask", 10, 2), (NEIGHBOUR, "mask", 20, 1))
            run_id = start(world)
            kills += work_and_die(home, chance)
            run = status(world, run_id)
            assert (run.status, run.error) == (RunStatus.DONE, "")
            approval_id = approve(world, run.plan_id)
            kills += work_and_die(home, chance)
            must_be_ordered_once(world, run.plan_id, approval_id, 30)
    with world.hub.read(None, at=NOW) as work:
        assert len(work.planning.list_plans(limit=rounds + 1)) == rounds
    tell(
        f"{kills} kills of planning workers on {world.hub.engine.dialect.name}: {rounds} plans and approvals made once"
    )


@planted
def test_a_queue_that_forgets_what_is_taken_is_caught(world: World, database_url: str, tmp_path: Path) -> None:
    ask(world, (COMMUNITY, "mask", 10, 2))
    run_id = start(world)
    with labour(database_url, tmp_path, AT_MOST_ONCE) as home:
        assert not home.work(3)
        assert home.work()
    assert status(world, run_id).status is not RunStatus.DONE
