"""A server told to stop while many post: what it accepted it answers, what it acknowledged stands, then it ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.calling import Callers
from tests.conftest import Tell
from tests.serving import METRICS_TOKEN, SERVERS, Crowd, served

POSTS = 60
"""How many receipts are acknowledged before the server is told to stop."""


@pytest.mark.parametrize("kind", list(SERVERS))
def test_sigterm_cuts_nobody_off(
    api: Callers, database_url: str, owner: sa.Engine, kind: str, tmp_path: Path, tell: Tell
) -> None:
    token = api.caller("keeper").token
    with (tmp_path / "log").open("wb") as log, served(kind, database_url, log) as server:
        crowd = Crowd(server.port, token)
        crowd.go_on(POSTS)
        server.process.send_signal(signal.SIGTERM)
        told = time.monotonic()
        code = server.process.wait(60)
        took = time.monotonic() - told
        acknowledged = crowd.stop()
    after, engine = sum(one.at > told for one in acknowledged), sa.make_url(database_url).get_backend_name()
    tell(
        f"{kind} stopped, {engine}: {len(acknowledged)} receipts acknowledged, {after} of them after SIGTERM; "
        f"{len(crowd.cut_off)} cut off, {crowd.at_the_door} never taken in; ended in {took:.1f} s"
    )
    assert (code, crowd.cut_off, crowd.other) == (0, [], [])
    with owner.connect() as connection:
        kept = set(connection.execute(sa.text("SELECT idem_key FROM posting WHERE verb = 'post_receipt'")).scalars())
    assert kept == {one.key for one in acknowledged}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_transfer_coding_that_there_is_not_is_the_senders_fault(api: Callers, database_url: str) -> None:
    with served("waitress", database_url) as server, socket.create_connection(("127.0.0.1", server.port)) as line:
        line.sendall(
            b"GET /health/live HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ch\x94nked\r\nConnection: close\r\n\r\n"
        )
        assert line.recv(65536).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("kind", list(SERVERS))
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_request_leaves_one_line_and_no_secret(api: Callers, database_url: str, kind: str, tmp_path: Path) -> None:
    token = api.caller("keeper").token
    with (tmp_path / "log").open("wb") as log, served(kind, database_url, log) as server:
        crowd = Crowd(server.port, token, clients=2)
        crowd.go_on(20)
        acknowledged = crowd.stop()
        status, told = server.get("/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
        assert server.get("/api/v1/me?secret=in-the-query", Authorization="Bearer of-nothing")[0] == 401
        server.process.terminate()
        server.process.wait(60)
    text = (tmp_path / "log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    posts = {line["request_id"]: line for line in requests if line["method"] == "POST"}
    assert set(posts) == {one.request_id for one in acknowledged}
    assert {(line["route"], line["status"], line["actor"]) for line in posts.values()} == {
        ("/api/v1/receipts", 201, api.world.actors["keeper"].user_id)
    }
    assert [line["refusal"] for line in requests if line["status"] == 401] == ["NotSignedIn"]
    for secret in (token, METRICS_TOKEN, "of-nothing", "in-the-query", "DRILL-", *(one.key for one in acknowledged)):
        assert secret not in text
    assert status == 200
    assert re.search(rf'supplyhub_posts_total{{verb="post_receipt"}} {len(acknowledged)}\.0', told)
