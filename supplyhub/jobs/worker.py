"""A worker: claims jobs one at a time, says that it lives, and does them in steps that survive its death.

In between it seals what was committed and lets orders lapse, and once a night it asks for a proof of the ledger.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from structlog.contextvars import bound_contextvars

from supplyhub.bridge import NotProved, Stopped, think
from supplyhub.domain.jobs import Beat, Job
from supplyhub.domain.planning import NewPlan, Snapshot
from supplyhub.domain.refusals import Busy, DatabaseAway, StepNotAllowed, StorageFull, SupplyError, words
from supplyhub.jobs.proving import Nights, run_verification
from supplyhub.service import oversight, planning, proving, transfers
from supplyhub.service.unit_of_work import Hub, Work

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
"""How often a worker says how far it has come, and looks whether it was told to stop."""

IDLE_SECONDS = 0.5
"""How long an idle worker waits before it looks at the queue again."""

LEAVE_SECONDS = 20
"""How long a worker that is told to stop goes on with its job; then it gives the job back."""

SEAL_SECONDS = 60
"""How often a worker that has nothing else to do seals what was committed."""

COURTESY_SECONDS = 0.015
"""Between two of its transactions a worker leaves room for others: a keeper waits for one of them, never for all."""

LOST = words("The workers doing this were lost {attempts} times; it was given up. Start it again, or ask operations.")
NOT_PROVED = words("The checker found the plan false, so it was not kept; report this to operations: {faults}")
FAILED = words("An unexpected fault stopped this; nothing was kept. Operations find it in the log under job {job_id}.")


def now() -> datetime:
    """The moment, read at the door."""
    return datetime.now(UTC)


class Pulse:
    """A job's heartbeat: keeps the lease, shows progress, and learns of cancellation, in a thread of its own."""

    def __init__(self, hub: Hub, job: Job, worker: str, must_leave: Callable[[], bool] = lambda: False) -> None:
        self._hub, self._job, self._worker, self._must_leave = hub, job, worker, must_leave
        self._progress: tuple[str, int, int] | None = None
        self._heard = Beat.GO_ON
        self._over = threading.Event()

    def progress(self, phase: str, done_steps: int, total_steps: int) -> None:
        """How far the job has come; written at the next beat."""
        self._progress = (phase, done_steps, total_steps)

    def stopped(self) -> bool:
        """Whether somebody asked to stop, or the job is not this worker's any more."""
        return self._heard is not Beat.GO_ON

    @property
    def lost(self) -> bool:
        """Whether another worker has the job now, or will have it."""
        return self._heard in (Beat.LOST, Beat.LEFT)

    @property
    def end(self) -> str:
        """How a job ends that was stopped: `cancelled`, or `lost` or `left` to another worker, who goes on with it."""
        return self._heard.value if self.lost else Beat.CANCELLED.value

    def beat(self) -> Beat:
        """One beat: keep the lease, write progress, look for a wish to stop."""
        job, said = self._job, self._progress
        self._heard = self._hub.write(lambda work: work.jobs.beat(job.id, self._worker, at=work.at), at=now())
        if self._heard is Beat.GO_ON and self._must_leave():
            self._heard = Beat.LEFT
        if not self.stopped() and said is not None and job.kind in NOTES:
            self._hub.write(lambda work: NOTES[job.kind](work, job.subject_id, *said), at=now())
        return self._heard

    @contextmanager
    def beating(self) -> Iterator[Pulse]:
        """Beat in the background until the job is over."""
        thread = threading.Thread(target=self._beat_on, name=f"pulse of job {self._job.id}", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def _beat_on(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                self.beat()
            except SupplyError:  # the database was busy; the next beat is soon enough for a lease of a minute
                logger.warning("job %s: a heartbeat was missed", self._job.id)


def run_planning(hub: Hub, job: Job, pulse: Pulse) -> str:
    """Look, think, write down: a plan of all items is kept, or of those that were done when the run was stopped."""
    if not hub.write(lambda work: planning.begin_run(work, job.subject_id), at=now()):
        return "cancelled"  # while a lost worker had it; what that one half wrote is gone with begin_run
    if job.given_up:
        hub.write(lambda work: planning.fail_run(work, job.subject_id, LOST, attempts=job.attempt), at=now())
        return "failed"
    started = time.perf_counter()
    with hub.read(None, at=now(), steady=True) as work:
        _, snapshot = planning.look(work, job.subject_id)
    looked = time.perf_counter() - started
    try:
        plan = think(snapshot, progress=pulse.progress, cancelled=pulse.stopped)
        _write_down(hub, job.subject_id, snapshot, plan.spent("look", looked), pulse)
    except (Stopped, StepNotAllowed):
        if not pulse.lost:
            hub.write(lambda work: planning.leave_run(work, job.subject_id), at=now())
        return pulse.end
    except NotProved as refusal:
        faults = str(refusal)
        hub.write(lambda work: planning.fail_run(work, job.subject_id, NOT_PROVED, faults=faults), at=now())
        return "failed"
    return pulse.end if pulse.stopped() else "done"


def _write_down(hub: Hub, run_id: int, snapshot: Snapshot, plan: NewPlan, pulse: Pulse) -> None:
    """Keep a plan in bounded transactions, so that a province's plan holds no keeper up; seen when all is written."""
    if pulse.lost:
        raise Stopped
    plan_id = hub.write(lambda work: planning.begin_plan(work, run_id, plan), at=now())
    try:
        parts = planning.list_parts(plan)
        for place, (kind, part) in enumerate(parts):
            pulse.progress("write", place, len(parts))
            if pulse.lost:
                raise Stopped
            hub.write(partial(_add_part, plan_id, snapshot, plan, kind, part), at=now())
            time.sleep(COURTESY_SECONDS)
        pulse.progress("sum", 0, 1)
        with hub.read(None, at=now()) as reading:
            overview = planning.sum_up(reading, run_id, plan_id)
        hub.write(lambda work: planning.finish_run(work, run_id, plan_id, overview), at=now())
    except (Stopped, SupplyError):
        # Only a plan still half written is removed; by now it may be another worker's, who began it anew.
        hub.write(lambda work: planning.discard_plan(work, plan_id), at=now())
        raise


def _add_part(plan_id: int, snapshot: Snapshot, plan: NewPlan, kind: str, part: slice, work: Work) -> None:
    planning.add_part(work, plan_id, snapshot, plan, kind, part)


def run_approval(hub: Hub, job: Job, pulse: Pulse) -> str:
    """One bounded transaction after another, until nothing of the approval is left."""
    if job.given_up:
        hub.write(lambda work: transfers.stop_approval(work, job.subject_id), at=now())
        return "failed"
    while hub.write(lambda work: transfers.order_next(work, job.subject_id), at=now()):
        if pulse.stopped():  # the lease went to another worker, which goes on where this one was
            return pulse.end
        time.sleep(COURTESY_SECONDS)
    return "done"


RUNNERS: dict[str, Callable[[Hub, Job, Pulse], str]] = {
    "planning_run": run_planning,
    "approval": run_approval,
    proving.KIND: partial(run_verification, now=now),
}
NOTES: dict[str, Callable[[Work, int, str, int, int], None]] = {
    "planning_run": planning.note_progress,
    proving.KIND: proving.note_progress,
}
"""Where jobs keep how far they have come."""


def run_next(hub: Hub, worker: str, must_leave: Callable[[], bool] = lambda: False) -> bool:
    """Claim and do one job; whether there was one. A fault of ours fails the job, never the worker.

    Once the worker `must_leave`, it gives the job back at the next step.
    """
    job = hub.write(lambda work: work.jobs.claim(worker, at=work.at), at=now())
    if job is None:
        return False
    pulse = Pulse(hub, job, worker, must_leave)
    with pulse.beating(), bound_contextvars(job=job.id, kind=job.kind, subject=job.subject_id):
        try:
            state = RUNNERS[job.kind](hub, job, pulse)
        except (Busy, DatabaseAway, StorageFull) as refusal:  # not the job's fault: who claims it next begins anew
            logger.warning("job %s (%s %s) waits for its lease to end: %s", job.id, job.kind, job.subject_id, refusal)
            return True
        except Exception:  # whatever it is, it is the job's fault to bear and the log's to tell; the worker goes on
            logger.exception("job %s (%s %s) failed", job.id, job.kind, job.subject_id)
            state = "failed"
            if pulse.beat() is not Beat.LOST:
                _fail_quietly(hub, job)
    logger.info("job %s (%s %s) ended: %s", job.id, job.kind, job.subject_id, state)
    if state == Beat.LEFT:
        hub.write(lambda work: work.jobs.give_back(job.id, worker), at=now())
    elif state != Beat.LOST:
        hub.write(lambda work: work.jobs.end(job.id, worker, state), at=now())
    return True


def _fail_quietly(hub: Hub, job: Job) -> None:
    try:
        if job.kind == "planning_run":
            hub.write(lambda work: planning.fail_run(work, job.subject_id, FAILED, job_id=job.id), at=now())
        elif job.kind == proving.KIND:
            hub.write(lambda work: proving.fail_verification(work, job.subject_id), at=now())
        else:
            hub.write(lambda work: transfers.stop_approval(work, job.subject_id), at=now())
    except SupplyError:
        logger.warning("%s %s had ended already", job.kind, job.subject_id)


def seal_news(hub: Hub) -> int:
    """Number and seal all that was committed, in bounded transactions; how many seals that took."""
    seals = 0
    while True:
        with hub.read(None, at=now()) as work:
            if not oversight.has_news(work):
                return seals
        if hub.write(oversight.seal_ledger, at=now()) is None:
            return seals
        seals += 1


def let_lapse(hub: Hub) -> int:
    """Let orders lapse that nobody dispatched in time; how many those were."""
    with hub.read(None, at=now()) as work:
        overdue = transfers.list_overdue(work)
    lapsed = 0
    for order_id in overdue:
        lapsed += hub.write(partial(transfers.lapse_transfer, order_id=order_id), at=now())
        time.sleep(COURTESY_SECONDS)
    if lapsed:
        logger.info("%s orders lapsed: nobody dispatched them in time", lapsed)
    return lapsed


def run_due(hub: Hub) -> int:
    """Do whatever waits in the queue, here and now; how many jobs that were."""
    worker, done = _name(), 0
    while run_next(hub, worker):
        done += 1
    return done


def work_on(hub: Hub, stop: threading.Event, verify_hour: int = 3) -> None:
    """Do jobs as they come, until told to stop; once a night, from an hour of China's clock on, prove the ledger.

    The job at hand is finished then, or given back after LEAVE_SECONDS.
    """
    must_leave = _late(stop)
    worker, seal_next, nights = _name(), time.monotonic() + SEAL_SECONDS, Nights(verify_hour)
    while not stop.is_set():
        try:
            done = run_next(hub, worker, must_leave)
            if not done and time.monotonic() >= seal_next:
                let_lapse(hub)
                seal_news(hub)
                nights.start_due(hub, now())
                seal_next = time.monotonic() + SEAL_SECONDS
        except SupplyError as refusal:  # the database is busy or away; what was begun is swept when its lease ends
            logger.warning("the queue cannot be reached: %s", refusal)
            done = False
        if not done:
            stop.wait(IDLE_SECONDS)


def _late(stop: threading.Event) -> Callable[[], bool]:
    """Whether so long has gone by since the wish to stop was first seen; looked at twice a second."""
    seen: list[float] = []

    def is_late() -> bool:
        if stop.is_set() and not seen:
            seen.append(time.monotonic())
        return bool(seen) and time.monotonic() - seen[0] >= LEAVE_SECONDS

    return is_late


def _name() -> str:
    return f"worker-{uuid.uuid4().hex[:12]}"
