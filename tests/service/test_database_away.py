"""While nobody answers at the database's address, everybody is told so: never a fault of ours, never a sign-out."""

from __future__ import annotations

import pytest
from flask import Flask

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.domain.refusals import DatabaseAway
from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import TRIES, Hub
from tests.world import NOW

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"
"""A port at which nothing listens."""


@pytest.fixture
def app() -> Flask:
    return create_app(Config(NOWHERE, "tests-only-" * 4, "production"))


def test_a_read_says_so_at_once_and_a_command_after_its_tries() -> None:
    waits = list[float]()
    hub = Hub(make_engine(NOWHERE), patience=waits.append)
    with pytest.raises(DatabaseAway), hub.read(None, at=NOW):
        pass
    assert waits == []
    with pytest.raises(DatabaseAway):
        hub.write(lambda work: None, at=NOW)
    assert len(waits) == TRIES - 1


def test_the_api_asks_to_come_again(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/stock", headers={"Authorization": "Bearer of-somebody"})
    assert (answer.status_code, answer.json["type"]) == (503, "/problems/database-away")
    assert int(answer.headers["Retry-After"]) > 0


def test_pages_say_so_and_nobody_is_signed_out(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "1:somebody"
    for path, status in (("/stock", 503), ("/nowhere", 404), ("/sign-in", 200)):
        assert client.get(path).status_code == status
    assert "数据库暂时没有应答" in client.get("/stock").text
    with client.session_transaction() as session:
        assert session["_user_id"] == "1:somebody"
