"""Proving the ledger as a job, and every night once, whichever worker comes to it first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Protocol

from supplyhub.bridge import Stopped
from supplyhub.domain.jobs import Job
from supplyhub.domain.refusals import StepNotAllowed
from supplyhub.service import oversight, proving
from supplyhub.service.unit_of_work import Hub

logger = logging.getLogger(__name__)

CHINA = timezone(timedelta(hours=8))
"""One clock for the whole country, without summer time."""


class Beating(Protocol):
    """What a job's heartbeat tells it, and is told."""

    def progress(self, phase: str, done_steps: int, total_steps: int) -> None: ...
    def stopped(self) -> bool: ...
    @property
    def end(self) -> str: ...


def run_verification(hub: Hub, job: Job, pulse: Beating, now: Callable[[], datetime]) -> str:
    """Prove the ledger as it stands at one moment, and keep what is found."""
    if not hub.write(lambda work: proving.begin_verification(work, job.subject_id), at=now()):
        return "cancelled"
    if job.given_up:
        hub.write(lambda work: proving.fail_verification(work, job.subject_id), at=now())
        return "failed"

    def told(check: str, done: int, of: int) -> None:
        pulse.progress(check, done, of)
        if pulse.stopped():
            raise Stopped

    try:
        with hub.read(None, at=now(), steady=True) as work:
            findings = oversight.verify_ledger(work, None, told)
        hub.write(lambda work: proving.finish_verification(work, job.subject_id, findings), at=now())
    except (Stopped, StepNotAllowed):  # cancelled; by the time it was done, or before
        return pulse.end
    if findings.fault_count:
        logger.error("the ledger contradicts itself in %s places: %s", findings.fault_count, findings.faults[0])
    return "done"


class Nights:
    """Asks for the proof of each night once its hour by China's clock has come."""

    def __init__(self, hour: int) -> None:
        self._hour, self._asked_for = hour, date.min

    def start_due(self, hub: Hub, at: datetime) -> bool:
        """Whether a proof was queued now; another worker's counts, and a night that a worker slept through does too."""
        local = at.astimezone(CHINA)
        if local.hour < self._hour or self._asked_for == local.date():
            return False
        queued = hub.write(lambda work: proving.start_nightly(work, local.date()), at=at)
        self._asked_for = local.date()
        return queued
