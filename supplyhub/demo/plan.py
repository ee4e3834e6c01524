"""The demo's planning run: started once, as the province's planner would."""

from __future__ import annotations

from datetime import datetime

from supplyhub.demo.province import PROVINCE
from supplyhub.domain.people import Actor
from supplyhub.domain.planning import RunOptions, RunStatus
from supplyhub.service import planning
from supplyhub.service.unit_of_work import Hub, Work

MUTUAL_AID = {"county": "0.5", "city": "0.3"}
"""A county lends at most half of what it has on offer, a city three tenths: nobody is emptied for others."""
AID_PENALTY_METRES = 20_000


def find_plan(hub: Hub, planner: Actor, *, at: datetime) -> int | None:
    """The first plan, if there is one."""
    with hub.read(planner, at=at) as work:
        plans = planning.list_plans(work, planner)
    return plans[-1].id if plans else None


def queue_run(hub: Hub, planner: Actor, *, at: datetime) -> int:
    """Queue a run for the whole province; one that a killed demo left behind is cancelled first."""
    options = RunOptions(as_of=at.date(), mutual_aid=dict(MUTUAL_AID), mutual_aid_penalty_metres=AID_PENALTY_METRES)

    def start(work: Work) -> int:
        for run in planning.list_runs(work, planner):
            if run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
                planning.cancel_run(work, planner, run.id)
        return planning.start_run(work, planner, PROVINCE, options)

    return hub.write(start, at=at)
