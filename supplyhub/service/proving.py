"""Verbs of proofs that workers make: ask for one, bring it forward, cancel it, read what it found."""

from __future__ import annotations

from datetime import date

from supplyhub.domain.oversight import Findings, Verification, VerificationStatus, verification_step
from supplyhub.domain.people import Actor
from supplyhub.service.unit_of_work import Work

KIND = "verification"
"""What its jobs are called in the queue."""


def start_verification(work: Work, actor: Actor) -> int:
    """Queue a proof of the whole ledger; where one waits or goes on already, that one is meant. Its id."""
    actor.must("start_verification")
    going = work.oversight.find_going_verification()
    if going is not None:
        return going.id
    verification_id = work.oversight.add_verification(at=work.at, made_by=actor.user_id)
    assert verification_id is not None  # noqa: S101 - only a night is there once
    work.jobs.add(KIND, verification_id)
    return verification_id


def start_nightly(work: Work, night: date) -> bool:
    """Queue the proof of a night, once whoever asks; whether this was the one."""
    verification_id = work.oversight.add_verification(at=work.at, night=night)
    if verification_id is not None:
        work.jobs.add(KIND, verification_id)
    return verification_id is not None


def begin_verification(work: Work, verification_id: int) -> bool:
    """A worker takes it up; whether there is anything to do."""
    found = work.oversight.lock_verification(verification_id)
    if not found.is_going_on:
        return False
    status = verification_step(found.status, "start")
    work.oversight.save_verification(verification_id, status=status.value, started_at=work.at)
    return True


def note_progress(work: Work, verification_id: int, phase: str, done_steps: int, total_steps: int) -> None:
    """How far it has come, for whoever watches."""
    work.oversight.save_verification(verification_id, phase=phase, done_steps=done_steps, total_steps=total_steps)


def finish_verification(work: Work, verification_id: int, findings: Findings) -> None:
    """Keep what was found."""
    found = work.oversight.lock_verification(verification_id)
    work.oversight.save_verification(
        verification_id,
        status=verification_step(found.status, "finish").value,
        ended_at=work.at,
        phase="",
        upto_seq=findings.upto_seq,
        movements=findings.movements,
        balances=findings.balances,
        fault_count=findings.fault_count,
        faults=[fault.as_json() for fault in findings.faults],
    )


def fail_verification(work: Work, verification_id: int) -> None:
    """It ends without an outcome; one that was cancelled in the meantime stays so."""
    found = work.oversight.lock_verification(verification_id)
    if found.status is not VerificationStatus.CANCELLED:
        status = verification_step(found.status, "fail")
        work.oversight.save_verification(verification_id, status=status.value, ended_at=work.at, phase="")


def cancel_verification(work: Work, actor: Actor, verification_id: int) -> Verification:
    """Stop a proof: at once if it waits, at its next step if it goes on."""
    actor.must("cancel_verification")
    found = work.oversight.lock_verification(verification_id)
    status = verification_step(found.status, "cancel")
    work.oversight.save_verification(verification_id, status=status.value, ended_at=work.at, phase="")
    work.jobs.request_cancel(KIND, verification_id)
    return work.oversight.get_verification(verification_id).seen_by(actor)


def find_last_verification(work: Work) -> Verification | None:
    """The newest proof that came to its end, with all that it found."""
    return work.oversight.find_last_verification()


def read_last_verification(work: Work, actor: Actor) -> Verification | None:
    """The newest proof that came to its end, as the actor may see it."""
    actor.must("verify_ledger")
    found = work.oversight.find_last_verification()
    return found.seen_by(actor) if found else None


def read_verification(work: Work, actor: Actor, verification_id: int) -> Verification:
    """One proof, as the actor may see it."""
    actor.must("verify_ledger")
    return work.oversight.get_verification(verification_id).seen_by(actor)


def list_verifications(work: Work, actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[Verification]:
    """Proofs, latest first, as the actor may see them."""
    actor.must("verify_ledger")
    return [found.seen_by(actor) for found in work.oversight.list_verifications(before=before, limit=limit)]
