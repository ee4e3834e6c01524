"""Supervisors at the ledger's page: what was found, when, what to keep, and a proof of their own asking."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from supplyhub.domain.oversight import Findings, LedgerFault
from supplyhub.jobs.worker import run_due
from supplyhub.service import oversight, proving
from tests.conftest import NOW
from tests.web.conftest import Reader
from tests.world import World

SignIn = Callable[..., Reader]


def test_a_proof_is_asked_for_watched_and_read(world: World, sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor")
    assert "The ledger was not proved yet." in supervisor.get("/ledger").text
    sent = supervisor.send("/ledger", "/ledger")
    assert sent.status_code == 303
    page = supervisor.get(sent.location).text
    assert "data-going" in page
    assert "Stop the proof" in page
    assert supervisor.send("/ledger", "/ledger").location == sent.location, "the one that waits is meant"
    run_due(world.hub)
    watched = supervisor.get(f"{sent.location}/progress").text
    assert "The ledger is true." in watched
    assert "data-going" not in watched
    ledger = supervisor.get("/ledger").text
    assert "The ledger is true." in ledger
    assert "asked for" in ledger


def test_a_proof_that_waits_is_stopped_and_says_nothing(world: World, sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor")
    place = supervisor.send("/ledger", "/ledger").location
    stopped = supervisor.send(place, f"{place}/cancellation")
    assert stopped.status_code == 303
    run_due(world.hub)
    page = supervisor.get(place).text
    assert "nothing is said about the ledger" in page
    assert "The ledger is true." not in supervisor.get("/ledger").text
    token = supervisor.form("/ledger", "/ledger")
    assert supervisor.client.post(f"{place}/cancellation", data=token).status_code == 409


def test_the_newest_seal_is_shown_to_be_written_down(world: World, sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor")
    assert "Nothing is sealed yet" in supervisor.get("/ledger").text
    assert world.hub.write(oversight.seal_ledger, at=NOW)
    with world.hub.read(None, at=NOW) as work:
        seal = oversight.find_last_seal(work)
    assert seal is not None
    assert seal.root.hex() in supervisor.get("/ledger").text


@pytest.mark.parametrize(("language", "said"), [("en", "depot A1, item mask"), ("zh_Hans", "储备库 A1，物资 mask")])
def test_what_is_wrong_elsewhere_is_counted_and_not_named(
    world: World, sign_in: SignIn, language: str, said: str
) -> None:
    with world.hub.read(None, at=NOW) as work:
        inside, outside = (work.places.get_depot(code).pos for code in ("A1", "B1"))
    what = "its hash is not its last entry's"
    faults = [
        LedgerFault("balance", what, {}, 1, 1, depot="A1", item="mask", lot="A1-late", pos=inside),
        LedgerFault("balance", what, {}, 2, 2, depot="B1", item="mask", lot="B1-2097", pos=outside),
        LedgerFault("lot", "nothing of it was ever moved", {}, lot_id=7, item="mask", lot="somebody's"),
    ]
    supervisor = sign_in("supervisor", language)
    place = supervisor.send("/ledger", "/ledger").location
    number = int(place.rsplit("/", 1)[1])
    world.hub.write(lambda work: proving.begin_verification(work, number), at=NOW)
    found = Findings(9, 9, 250, faults, 4)
    world.hub.write(lambda work: proving.finish_verification(work, number, found), at=NOW)
    for path in ("/", "/ledger", place):
        page = supervisor.get(path).text
        assert said in page
        assert "249" in page
        assert "B1-2097" not in page
        assert "somebody" not in page


def test_only_supervision_comes_here(sign_in: SignIn) -> None:
    place = sign_in("supervisor").send("/ledger", "/ledger").location
    keeper = sign_in("keeper")
    for path in ("/ledger", place, f"{place}/progress"):
        assert keeper.get(path).status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', keeper.get("/").text)
    assert token
    for path in ("/ledger", f"{place}/cancellation"):
        assert keeper.client.post(path, data={"csrf_token": token[1]}).status_code == 403
