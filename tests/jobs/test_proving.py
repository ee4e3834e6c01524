"""The ledger proved by workers: once a night, whoever comes first; stopped, lost, failed; what is found is kept."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from supplyhub.domain.oversight import Verification, VerificationStatus
from supplyhub.jobs import worker
from supplyhub.jobs.proving import Nights
from supplyhub.persistence.jobs import LEASE
from supplyhub.persistence.oversight import OversightRepository
from supplyhub.service import proving
from tests.world import NOW, World

THREE = datetime(2026, 7, 1, 19, 0, tzinfo=UTC)
"""Three in the morning of 2 July by China's clock."""


def ask(world: World) -> int:
    supervisor = world.actors["supervisor"]
    return world.hub.write(lambda work: proving.start_verification(work, supervisor), at=NOW)


def read(world: World, number: int) -> Verification:
    with world.hub.read(None, at=NOW) as work:
        return work.oversight.get_verification(number)


def last(world: World) -> Verification | None:
    with world.hub.read(None, at=NOW) as work:
        return proving.find_last_verification(work)


def test_what_is_found_is_kept(world: World) -> None:
    number = ask(world)
    assert last(world) is None
    assert worker.run_due(world.hub) == 1
    found = read(world, number)
    assert (found.status, found.fault_count, found.faults) == (VerificationStatus.DONE, 0, [])
    assert (found.movements, found.balances) == (10, 10)
    assert found.ended_at is not None
    assert found == last(world)


def test_every_night_has_one_proof_whoever_asks(world: World) -> None:
    first, second = Nights(3), Nights(3)
    assert not first.start_due(world.hub, THREE - timedelta(minutes=1))
    assert [nights.start_due(world.hub, THREE) for nights in (first, second, first, Nights(3))] == [
        True, False, False, False,
    ]  # fmt: skip
    assert first.start_due(world.hub, THREE + timedelta(days=1, hours=7)), "later is better than not at all"
    assert worker.run_due(world.hub) == 2
    with world.hub.read(None, at=NOW) as work:
        nights = [found.night for found in work.oversight.list_verifications()]
    assert nights == [date(2026, 7, 3), date(2026, 7, 2)]


def test_a_proof_is_stopped_at_its_next_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = ask(world)
    supervisor, checked = world.actors["supervisor"], []

    def check_lots(self: Any, told: Any) -> Any:
        checked.append("lots")
        world.hub.write(lambda work: proving.cancel_verification(work, supervisor, number), at=NOW)
        told("lots", 0, 1)
        pulse[0].beat()
        return iter(())

    pulse = catch_pulse(monkeypatch)
    monkeypatch.setattr(OversightRepository, "check_lots", check_lots)
    monkeypatch.setattr(OversightRepository, "check_items", lambda *_: checked.append("items") or iter(()))
    assert worker.run_due(world.hub) == 1
    assert read(world, number).status is VerificationStatus.CANCELLED
    assert checked == ["lots"]
    assert last(world) is None


def catch_pulse(monkeypatch: pytest.MonkeyPatch) -> list[worker.Pulse]:
    """The heartbeat of the job that runs, once there is one; it beats only when told."""
    made: list[worker.Pulse] = []
    monkeypatch.setattr(worker, "BEAT_SECONDS", 600)
    begin = worker.Pulse.__init__

    def noted(self: worker.Pulse, *about: Any) -> None:
        begin(self, *about)
        made.append(self)

    monkeypatch.setattr(worker.Pulse, "__init__", noted)
    return made


def test_how_far_it_is_is_written_at_each_beat(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number, pulse, seen = ask(world), catch_pulse(monkeypatch), []

    def check_lots(self: Any, told: Any) -> Any:
        told("lots", 3, 7)
        pulse[0].beat()
        seen.append(read(world, number))
        return iter(())

    monkeypatch.setattr(OversightRepository, "check_lots", check_lots)
    assert worker.run_due(world.hub) == 1
    [during] = seen
    assert (during.status, during.phase, during.done_steps, during.total_steps) == (
        VerificationStatus.RUNNING, "lots", 3, 7,
    )  # fmt: skip


def test_a_lost_workers_proof_is_made_by_another_and_given_up_in_the_end(world: World) -> None:
    number, at = ask(world), datetime.now(UTC) - 20 * LEASE
    for tries in range(3):
        job = world.hub.write(lambda work: work.jobs.claim("gone", at=work.at), at=at + 2 * tries * LEASE)
        assert job is not None
        assert world.hub.write(lambda work: proving.begin_verification(work, number), at=at)
    assert worker.run_due(world.hub) == 1
    assert read(world, number).status is VerificationStatus.FAILED


def test_a_fault_of_ours_fails_the_proof_and_not_the_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = ask(world)

    def break_down(self: Any, told: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(OversightRepository, "check_lots", break_down)
        assert worker.run_due(world.hub) == 1
    assert read(world, number).status is VerificationStatus.FAILED
    again = ask(world)
    assert again != number
    assert worker.run_due(world.hub) == 1
    assert read(world, again).status is VerificationStatus.DONE
