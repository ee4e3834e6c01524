"""Loading the demo: a killed run goes on where it was, and a second one loads nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from supplyhub.demo.load import Done, Hubei, load_province
from supplyhub.demo.people import PEOPLE, SignIn
from supplyhub.domain.refusals import InvalidInput, SignInRefused
from supplyhub.persistence.engine import make_engine
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.people import sign_in
from supplyhub.service.unit_of_work import Hub
from tests.conftest import NOW
from tests.world import World


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def empty_hub(sqlite_template: Path, tmp_path: Path) -> Hub:
    """An empty database of the embedded engine: the demo's size makes one engine enough here."""
    shutil.copyfile(sqlite_template, tmp_path / "demo.db")
    return Hub(make_engine(f"sqlite:///{tmp_path}/demo.db"))


def load(hub: Hub, *, killed_after: int = 99) -> tuple[list[Done], list[SignIn]]:
    steps: list[Done] = []

    def note(done: Done) -> None:
        steps.append(done)
        if len(steps) == killed_after:
            raise Killed

    try:
        return steps, load_province(hub, Hubei(NOW.date()), at=NOW, done=note)
    except Killed:
        return steps, []


def test_a_killed_demo_can_be_run_again_and_again(empty_hub: Hub) -> None:
    hub = empty_hub
    first, _ = load(hub, killed_after=4)
    assert [step.count for step in first] == [28_652, 29, 1_594, 213]
    second, accounts = load(hub)
    assert [step.count is None for step in second] == [True, True, True, True, False, False, False]
    assert (second[-1].count or 0) >= 250_000
    third, newer = load(hub)
    assert {step.count for step in third} == {None}
    with hub.read(None, at=NOW) as work:
        assert verify_ledger(work, None).faults == []
    assert [account.username for account in newer] == [person.username for person in PEOPLE]
    assert sign_in(hub, newer[0].username, newer[0].password, at=NOW).role is newer[0].role
    with pytest.raises(SignInRefused):
        sign_in(hub, accounts[0].username, accounts[0].password, at=NOW)
    hub.engine.dispose()


def test_the_demo_does_not_mix_with_somebodys_own_places(world: World) -> None:
    with pytest.raises(InvalidInput, match="Faults"):
        load(world.hub)
    with world.hub.read(None, at=NOW) as work:
        assert {user.demo for user in work.people.list_users()} == {False}
