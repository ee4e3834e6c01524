"""The drill: a backup made while many post, restored by the documented commands, holds all acknowledged before it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.service.oversight import seal_ledger
from tests.calling import Caller, make_callers
from tests.serving import Acknowledged, Crowd, body_of, run, served
from tests.world import NOW, World

POSTS = int(os.environ.get("SUPPLYHUB_DRILL_POSTS", "40"))
"""How many receipts are acknowledged before the backup begins, and how many more after it is done."""


def test_a_backup_under_load_holds_all_that_was_acknowledged_before_it(
    world: World, database_url: str, empty: Callable[[], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = make_callers(world, database_url).caller("keeper").token
    file, into = tmp_path / "drill.zip", empty()
    with served("waitress", database_url) as server:
        crowd = Crowd(server.port, token)
        crowd.go_on(POSTS)
        world.hub.write(seal_ledger, at=NOW)
        began = time.monotonic()
        run(database_url, "backup", "--out", str(file))
        took = time.monotonic() - began
        crowd.go_on(POSTS)
        acknowledged = crowd.stop()
    before = [one for one in acknowledged if one.at < began]
    during = sum(began <= one.at < began + took for one in acknowledged)
    started = time.monotonic()
    assert "Restored and proved" in run(database_url, "restore", str(file), "--into", into)
    restored = time.monotonic() - started
    assert "0 faults" in run(into, "ledger", "verify")
    again, engine = replayed(into, token, before), sa.make_url(database_url).get_backend_name()
    with capsys.disabled():
        print(
            f"\nbackup drill, {engine}: {crowd.clients} clients, {len(acknowledged)} "
            f"receipts acknowledged, {len(before)} before the backup began, {during} during its {took:.1f} s; restored "
            f"and proved in {restored:.1f} s; {again} of the {len(before)} answered again as they had been"
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
