"""The drill: a backup made while many post, restored by the documented commands, holds all acknowledged before it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.service.oversight import seal_ledger
from tests.calling import Caller, make_callers
from tests.conftest import Tell
from tests.serving import Acknowledged, Crowd, body_of, run, served
from tests.world import NOW, World

POSTS = int(os.environ.get("SUPPLYHUB_DRILL_POSTS", "40"))
"""How many receipts are acknowledged before the backup begins, and how many more after it is done."""


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it(
    world: World, database_url: str, owner_url: str, role: str, empty: Callable[[], str], tmp_path: Path, tell: Tell
) -> None:
    token = make_callers(world, database_url).caller("keeper").token
    file, into = tmp_path / "drill.zip", empty()
    with served("waitress", database_url) as server:
        crowd = Crowd(server.port, token)
        crowd.go_on(POSTS)
        world.hub.write(seal_ledger, at=NOW)
        began = time.monotonic()
        run(owner_url, "backup", "--out", str(file))
        took = time.monotonic() - began
        crowd.go_on(POSTS)
        acknowledged = crowd.stop()
    before = [one for one in acknowledged if one.at < began]
    during = sum(began <= one.at < began + took for one in acknowledged)
    started = time.monotonic()
    assert "Restored and proved" in run(owner_url, "restore", str(file), "--into", into, APP_ROLE=role)
    restored = time.monotonic() - started
    assert "0 faults" in run(into, "ledger", "verify")
    serving = sa.make_url(into).set(username=role or None).render_as_string(hide_password=False)
    again, engine = replayed(serving, token, before), sa.make_url(database_url).get_backend_name()
    tell(
        f"backup drill, {engine}: {crowd.clients} clients, {len(acknowledged)} receipts acknowledged, {len(before)} "
        f"before the backup began, {during} during its {took:.1f} s; restored and proved in {restored:.1f} s; "
        f"{again} of the {len(before)} were answered again as they had been"
    )
    assert crowd.cut_off + crowd.other == []
    assert len(before) >= POSTS
    assert during
    assert again == len(before)


def replayed(into: str, token: str, noted: list[Acknowledged]) -> int:
    """How many keys are answered as they were, word for word, by what was restored."""
    app = create_app(Config(into, secrets.token_hex(32), "demo"))
    caller, same = Caller(app, token), 0
    for one in noted:
        answer = caller.call("POST", "/receipts", json=body_of(one.number), headers={"Idempotency-Key": one.key})
        same += answer.headers.get("Idempotent-Replayed") == "true" and answer.get_data(as_text=True) == one.body
    app.extensions["supplyhub"].engine.dispose()
    return same
