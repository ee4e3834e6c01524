"""Request ids, health and metrics: what operations see, and what strangers do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.jobs.worker import run_due
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import downgrade, head
from supplyhub.service.oversight import seal_ledger
from supplyhub.service.proving import start_nightly
from tests.calling import Callers
from tests.world import NOW, World

TOKEN = "a-token-of-the-metrics"
SECRET = "tests-only-" * 4


@pytest.fixture
def watched(world: World, database_url: str) -> Iterator[Callers]:
    """The application with metrics that may be read."""
    app = create_app(Config(database_url, SECRET, "production", metrics_token=TOKEN))
    yield Callers(app, world)
    app.extensions["supplyhub"].engine.dispose()


def readings(app: Flask) -> dict[str, float]:
    """All that the metrics say, by name and labels."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


@pytest.mark.parametrize("sent", ["abcdef-1234.X", "a" * 64])
def test_a_sane_id_is_kept(still: Callers, sent: str) -> None:
    assert still.caller("keeper").get("/me", **{"X-Request-ID": sent}).headers["X-Request-ID"] == sent


@pytest.mark.parametrize("sent", ["", "short", "a" * 65, "with a space", "semi;colon", "\xd0\xba\xd0\xbb" * 8])
def test_an_id_that_could_do_harm_in_a_log_is_replaced(still: Callers, sent: str) -> None:
    given = still.caller("keeper").get("/me", **{"X-Request-ID": sent}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_a_fault_of_ours_says_under_which_number_it_is_found(watched: Callers) -> None:
    app = watched.app
    app.testing = False

    @app.get("/api/v1/broken")
    @app.get("/broken")
    def break_down() -> str:
        raise RuntimeError("a secret of ours")

    answer = app.test_client().get("/api/v1/broken", headers={"X-Request-ID": "number-seven"})
    assert (answer.status_code, answer.json["facts"]) == (500, {"request_id": "number-seven"})
    page = app.test_client().get("/broken", headers={"X-Request-ID": "number-seven"})
    assert page.status_code == 500
    assert "number-seven" in page.get_data(as_text=True)
    assert "a secret of ours" not in page.get_data(as_text=True)


def test_health_tells_alive_from_ready(watched: Callers) -> None:
    client = watched.app.test_client()
    assert client.get("/health/live").json == {"status": "alive"}
    assert (client.get("/health/ready").status_code, client.get("/health/ready").json) == (200, {"status": "ready"})


def test_a_database_of_another_schema_is_not_ready(database_url: str, owner_url: str) -> None:
    app, owner = create_app(Config(database_url, SECRET, "production")), make_engine(owner_url)
    downgrade(owner, f"{int(str(head())) - 1:04d}")
    owner.dispose()
    answer = app.test_client().get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "schema-differs"})
    assert app.test_client().get("/health/live").status_code == 200
    app.extensions["supplyhub"].engine.dispose()


def test_a_database_that_is_away_is_not_ready(tmp_path: Path) -> None:
    app = create_app(Config(f"sqlite:///{tmp_path}", SECRET, "production"))
    answer = app.test_client().get("/health/ready")
    assert (answer.status_code, answer.json) == (503, {"status": "database-unreachable"})


def test_metrics_are_for_who_has_the_token(watched: Callers, still: Callers) -> None:
    client = watched.app.test_client()
    assert client.get("/metrics").status_code == 401
    for header in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"Bearer {watched.caller('administrator').token}"):
        answer = client.get("/metrics", headers={"Authorization": header})
        assert (answer.status_code, answer.data) == (401, b"")
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    for header in ("Bearer ", f"Bearer {TOKEN}"):  # without the setting there is no such address
        assert still.app.test_client().get("/metrics", headers={"Authorization": header}).status_code == 404


def test_what_is_counted(watched: Callers) -> None:
    keeper, before = watched.caller("keeper"), readings(watched.app)
    body = {"depot": "A1", "lines": [{"item": "mask", "quantity": 5}]}
    keeper.post("/receipts", body, key="counted-once")
    keeper.post("/receipts", body, key="counted-once")
    keeper.post("/issues", {"depot": "A1", "lines": [{"item": "suit", "quantity": 41}]}, status=409)
    keeper.get("/nowhere", status=404)
    after = readings(watched.app)
    gained = {name: value - before.get(name, 0) for name, value in after.items()}
    assert gained["supplyhub_posts_total['post_receipt']"] == 1
    assert gained["supplyhub_replays_total['post_receipt']"] == 1
    assert gained["supplyhub_refusals_total['InsufficientStock']"] == 1
    assert gained["supplyhub_refusals_total['http-404']"] == 1
    assert gained["supplyhub_request_seconds_count['/api/v1/receipts', '201', 'POST']"] == 2
    assert gained["supplyhub_request_seconds_count['404', 'none', 'other']"] == 1


def test_what_waits_is_read_from_the_database(watched: Callers) -> None:
    now = readings(watched.app)
    assert now["supplyhub_unnumbered_postings[]"] > 0
    assert now["supplyhub_oldest_waiting_job_seconds[]"] == 0
    assert "supplyhub_seal_age_seconds[]" not in now
    watched.caller("planner").post("/planning-runs", {}, status=202)
    watched.world.hub.write(seal_ledger, at=NOW)
    then = readings(watched.app)
    assert then["supplyhub_jobs['queued']"] == 1
    assert 0 < then["supplyhub_oldest_waiting_job_seconds[]"] < 600
    assert then["supplyhub_unnumbered_postings[]"] == 0
    assert "supplyhub_seal_age_seconds[]" in then


def test_the_proof_of_the_ledger_is_watched(watched: Callers) -> None:
    hub = watched.world.hub
    assert "supplyhub_verification_age_seconds[]" not in readings(watched.app)
    assert hub.write(lambda work: start_nightly(work, NOW.date()), at=NOW)
    assert readings(watched.app)["supplyhub_oldest_waiting_job_seconds[]"] > 0
    assert run_due(hub) == 1
    then = readings(watched.app)
    assert then["supplyhub_verification_faults[]"] == 0
    assert 0 <= then["supplyhub_verification_age_seconds[]"] < 600
