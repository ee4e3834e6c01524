"""A proof on its way: asked for through the API, made by a worker, read by whom it concerns."""

from __future__ import annotations

from supplyhub.jobs.worker import run_due
from tests.calling import Callers


def test_a_supervisor_has_the_ledger_proved(api: Callers) -> None:
    supervisor = api.caller("supervisor")
    assert supervisor.get("/ledger/verification", 404).json["type"] == "/problems/not-found"
    asked = supervisor.post("/ledger/verifications", status=202).json
    assert (asked["status"], asked["is_going_on"], asked["night"]) == ("queued", True, None)
    assert supervisor.post("/ledger/verifications", status=202).json == asked
    run_due(api.world.hub)
    found = supervisor.get(f"/ledger/verifications/{asked['id']}").json
    assert (found["status"], found["fault_count"], found["faults"]) == ("done", 0, [])
    assert supervisor.get("/ledger/verification").json == found
    assert supervisor.get("/ledger/verifications?limit=1").json["items"] == [found]


def test_one_that_waits_is_stopped_and_one_that_ended_is_not(api: Callers) -> None:
    supervisor = api.caller("supervisor")
    number = supervisor.post("/ledger/verifications", status=202).json["id"]
    path = f"/ledger/verifications/{number}/cancellation"
    assert supervisor.post(path, status=200).json["status"] == "cancelled"
    assert supervisor.post(path, status=409).json["type"] == "/problems/step-not-allowed"
    assert api.caller("keeper").post(path, status=403).json["type"] == "/problems/not-allowed"
    supervisor.post("/ledger/verifications/999/cancellation", status=404)
