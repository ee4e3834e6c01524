"""Verbs of planning: start a run, look, write down what was found, cancel, reject, and read plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division
from supplyhub.domain.planning import (
    NewPlan,
    Overview,
    Plan,
    PlanLine,
    PlanSet,
    PlanShipment,
    PlanStatus,
    Run,
    RunOptions,
    RunStatus,
    Snapshot,
    plan_step,
    run_step,
)
from supplyhub.domain.refusals import VersionMismatch
from supplyhub.service.unit_of_work import Work


def start_run(work: Work, actor: Actor, division_code: str, options: RunOptions) -> int:
    """Queue a run for a place of the district; the run and its job begin together or not at all."""
    actor.must("start_run")
    division = work.places.get_division(division_code)
    run_id = work.planning.add_run(division, options, actor.user_id, at=work.at)
    work.jobs.add("planning_run", run_id)
    return run_id


def look(work: Work, run_id: int) -> tuple[Run, Snapshot]:
    """What a run plans with, as it stands now: one short transaction."""
    run = work.planning.get_run(run_id)
    return run, work.planning.take_snapshot(work.places.get_division_by_id(run.division_id), run.options)


def take_snapshot(work: Work, actor: Actor | None, division: Division, options: RunOptions) -> Snapshot:
    """The question a run started now would ask; `actor` None is the installation itself."""
    if actor is not None:
        actor.must("read_plans")
    return work.planning.take_snapshot(division, options)


def begin_run(work: Work, run_id: int) -> bool:
    """A worker takes the run up, and clears away what a lost one left; whether there is anything to do."""
    run = work.planning.lock_run(run_id)
    work.planning.discard_unfinished(run_id)
    if run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
        leave_run(work, run_id)
        return False
    status = run_step(run.status, "start")
    work.planning.save_run(run_id, status=status.value, started_at=work.at, phase="look", done_steps=0, total_steps=0)
    return True


def leave_run(work: Work, run_id: int) -> None:
    """Nothing more will come of a run that was cancelled."""
    work.planning.save_run(run_id, phase="")


def note_progress(work: Work, run_id: int, phase: str, done_steps: int, total_steps: int) -> None:
    """How far a run has come, for whoever watches."""
    work.planning.save_run(run_id, phase=phase, done_steps=done_steps, total_steps=total_steps)


PART_ROWS = 5_000
"""Rows of a plan written in one transaction: small enough that no other writer waits a second."""


def begin_plan(work: Work, run_id: int, plan: NewPlan) -> int:
    """Begin to write a plan down, part by part; nobody sees it before `finish_run`. The plan's id."""
    run = work.planning.lock_run(run_id)
    run_step(run.status, _last_step(run) if plan.is_complete else "keep")
    return work.planning.begin_plan(run, work.places.get_division_by_id(run.division_id).lo, plan, at=work.at)


def _last_step(run: Run) -> str:
    """A run is finished; or, cancelled in the meantime, leaves what it has found."""
    return "keep" if run.status is RunStatus.CANCELLED else "finish"


def list_parts(plan: NewPlan) -> list[tuple[str, slice]]:
    """The parts of a plan, each written in a bounded transaction of its own: which rows of what."""
    lengths = {
        "lines": len(plan.granted_units),
        "sets": len(plan.set_item),
        "shipments": len(plan.shipment_units),
        "flows": len(plan.flow_units),
    }
    return [
        (kind, slice(start, start + PART_ROWS))
        for kind, length in lengths.items()
        for start in range(0, length, PART_ROWS)
    ]


def add_part(work: Work, plan_id: int, snapshot: Snapshot, plan: NewPlan, kind: str, part: slice) -> None:
    """Write one part of a plan."""
    add = {
        "lines": work.planning.add_plan_lines,
        "sets": work.planning.add_plan_sets,
        "shipments": work.planning.add_plan_shipments,
        "flows": work.planning.add_plan_flows,
    }
    add[kind](plan_id, snapshot, plan, part)


def sum_up(work: Work, run_id: int, plan_id: int) -> Overview:
    """A written plan summed up, so that looking at it need not read its every line."""
    run = work.planning.get_run(run_id)
    return work.planning.sum_up(plan_id, work.places.get_division_by_id(run.division_id))


def finish_run(work: Work, run_id: int, plan_id: int, overview: Overview) -> None:
    """All of the plan is written: it is proposed, and its run is over, together."""
    run = work.planning.lock_run(run_id)
    status = run_step(run.status, _last_step(run))
    proposed = plan_step(PlanStatus.WRITING, "propose").value
    work.planning.save_plan(plan_id, status=proposed, overview=overview.as_json())
    ended_at = work.at if run.ended_at is None else run.ended_at
    work.planning.save_run(run_id, status=status.value, ended_at=ended_at, phase="")


def discard_plan(work: Work, plan_id: int) -> None:
    """Leave no trace of a plan that could not be written to its end."""
    work.planning.discard_plan(plan_id)


def fail_run(work: Work, run_id: int, error: str, **facts: Any) -> None:
    """The run ends without a plan, and says why: a text for the translators, and what fills its gaps.

    One that was cancelled in the meantime stays so.
    """
    run = work.planning.lock_run(run_id)
    if run.status is RunStatus.CANCELLED:
        leave_run(work, run_id)
        return
    status = run_step(run.status, "fail")
    work.planning.save_run(run_id, status=status.value, ended_at=work.at, error=error, error_facts=facts)


def cancel_run(work: Work, actor: Actor, run_id: int) -> Run:
    """Stop a run: at once if it waits, after the next item if it runs. What it has planned by then is kept."""
    actor.must("cancel_run")
    run = work.planning.lock_run(run_id)
    status = run_step(run.status, "cancel")
    work.planning.save_run(run_id, status=status.value, ended_at=work.at)
    work.jobs.request_cancel("planning_run", run_id)
    return work.planning.get_run(run_id)


def reject_plan(work: Work, actor: Actor, plan_id: int, note: str, *, seen_version: int | None = None) -> Plan:
    """Say no to a plan, or to what of it is not ordered yet."""
    actor.must("reject_plan")
    plan = work.planning.lock_plan(plan_id)
    if seen_version is not None and seen_version != plan.version:
        raise VersionMismatch
    status = plan_step(plan.status, "reject")
    work.planning.save_plan(
        plan_id, status=status.value, decided_by=actor.user_id, decided_at=work.at, decision_note=note
    )
    return work.planning.get_plan(plan_id)


# --- reading --------------------------------------------------------------------------------------------------


def list_runs(work: Work, actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[Run]:
    """Runs of the district, latest first."""
    actor.must("read_plans")
    return work.planning.list_runs(before=before, limit=limit)


def read_run(work: Work, actor: Actor, run_id: int) -> Run:
    """A run of the district."""
    actor.must("read_plans")
    return work.planning.get_run(run_id)


def list_plans(work: Work, actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[Plan]:
    """Plans of the district, latest first."""
    actor.must("read_plans")
    return work.planning.list_plans(before=before, limit=limit)


def read_plan(work: Work, actor: Actor, plan_id: int) -> Plan:
    """A plan of the district."""
    actor.must("read_plans")
    return work.planning.get_plan(plan_id)


def read_question(work: Work, actor: Actor | None, plan_id: int | None) -> tuple[int, bytes]:
    """A plan, the latest if none is named, and the packed question that it answered."""
    if actor is not None:
        actor.must("read_plans")
    if plan_id is None:
        latest = work.planning.list_plans(limit=1)
        plan_id = latest[0].id if latest else 0
    return plan_id, work.planning.load_question(plan_id)


def view_plan(work: Work, actor: Actor, plan_id: int, *, place: Division | None = None) -> tuple[Plan, Overview]:
    """The plan summed up; by the children of a place (the plan's own by default)."""
    plan = read_plan(work, actor, plan_id)
    overview = work.planning.load_overview(plan_id)
    if place is not None and place.id != plan.division_id:
        overview = replace(overview, by_place=work.planning.cover_by_place(plan_id, place))
    return plan, overview


def read_plan_lines(
    work: Work,
    actor: Actor,
    plan_id: int,
    *,
    item_id: int | None = None,
    below: Division | None = None,
    priority: int | None = None,
    unfilled: bool = False,
    set_number: int | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[PlanLine]:
    """Lines of a plan with their reasons."""
    plan = read_plan(work, actor, plan_id)
    return work.planning.list_plan_lines(
        plan.id,
        item_id=item_id,
        below=below,
        priority=priority,
        unfilled=unfilled,
        set_number=set_number,
        after=after,
        limit=limit,
    )


def read_plan_line(work: Work, actor: Actor, plan_id: int, request_line_id: int) -> PlanLine:
    """One line of a plan; also for the office that asked."""
    actor.must("read_requests")
    return work.planning.get_plan_line(plan_id, request_line_id)


def list_plan_sets(work: Work, actor: Actor, plan_id: int, *, after: int = 0, limit: int = 100) -> list[PlanSet]:
    """The sets of unfilled lines that the same would help, and why they got less."""
    plan = read_plan(work, actor, plan_id)
    return work.planning.list_plan_sets(plan.id, after=after, limit=limit)


def read_plan_set(work: Work, actor: Actor, plan_id: int, number: int) -> PlanSet:
    """One of them."""
    plan = read_plan(work, actor, plan_id)
    return work.planning.get_plan_set(plan.id, number)


def read_line_shipments(work: Work, actor: Actor, plan_id: int, request_line_id: int) -> list[PlanShipment]:
    """Where one line's grant comes from; also for the office that asked."""
    actor.must("read_requests")
    return work.planning.list_shipments(plan_id, request_line_id)
