"""A key stands for one command for ever, on every route that a command comes by; generated from the route map."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from supplyhub.api import door
from supplyhub.persistence.scope import EVERYWHERE
from tests.api.keyed import WISHES, Stage, Wish, asked
from tests.calling import Callers
from tests.world import TOWNSHIP

UNKEYED = {
    ("post", "/tokens"), ("delete", "/tokens/{token_id}"), ("post", "/ledger/verifications"),
    ("post", "/ledger/verifications/{verification_id}/cancellation"),
}  # fmt: skip
"""Signing in and out, having the ledger proved: they move no stock and make no document."""

Kept: TypeAlias = tuple[Wish, str, tuple[Any, ...]]
"""A wish, the key it was carried out under, and all that was answered."""
LINES = {"lines": [{"item": "suit", "quantity": 1}]}
ANOTHER = (
    Wish("keeper", "/receipts", {"depot": "A1", **LINES}),
    Wish("keeper", "/issues", {"depot": "A1", **LINES}),
    Wish("township", "/requests", asked(1)),
    Wish("planner", "/planning-runs", {}),
    Wish("planner", "/planning-runs", {"division": TOWNSHIP}),
)
"""Sound commands of each of those who hold a key; a key that stands for something else refuses them."""


@pytest.fixture
def stage(api: Callers) -> Stage:
    """The small world behind the API on each engine."""
    return Stage(api)


def wishes(stage: Stage) -> Iterator[Wish]:
    """A fresh wish for every row."""
    return (row(stage) for rows in WISHES.values() for row in rows)


def send(stage: Stage, wish: Wish, key: str, language: str = "en", who: str = "") -> TestResponse:
    """A wish sent under a key."""
    headers = {"Idempotency-Key": key} | ({"If-Match": wish.if_match} if wish.if_match else {})
    caller = replace(stage.callers.caller(who or wish.who), language=language)
    return caller.call("POST", wish.path, json=wish.body, headers=headers)


def said(answer: TestResponse) -> tuple[Any, ...]:
    """All that must be the same for ever."""
    kept = ("Content-Type", "Location", "ETag", "Cache-Control")
    return answer.status_code, answer.data, *(answer.headers.get(name) for name in kept)


def problem(answer: TestResponse) -> tuple[int, str]:
    """Status and name of a refusal."""
    return answer.status_code, answer.json["type"].removeprefix("/problems/")


def count_postings(stage: Stage) -> int:
    with stage.callers.world.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM posting").scalar_one())


def new_key() -> str:
    return str(uuid.uuid4())


def test_every_route_that_changes_anything_has_a_wish(still: Callers) -> None:
    document = json.loads(still.app.test_client().get("/api/v1/openapi.json").get_data())
    writing = {
        (method, path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        for method in methods.keys() & {"post", "put", "patch", "delete"}
    }
    assert writing - UNKEYED == {("post", path) for path in WISHES}


def test_a_key_stands_for_one_command_for_ever(stage: Stage, monkeypatch: pytest.MonkeyPatch, owner: sa.Engine) -> None:
    """Every wish once: refused first, carried out, repeated, misused; then, much later, all of them again."""
    kept = []
    for wish in wishes(stage):
        key = new_key()
        must_keep_nothing_of_a_refusal(stage, wish, key)
        first = send(stage, wish, key)
        assert first.status_code in (200, 201, 202), (wish.path, first.text)
        assert "Idempotent-Replayed" not in first.headers
        kept.append((wish, key, said(first)))
        postings = count_postings(stage)
        assert said(send(stage, wish, key, "zh-CN")) == said(first), wish.path
        must_refuse_anything_else(stage, wish, key)
        assert problem(send(stage, wish, key, who="supervisor")) == (403, "not-allowed")
        assert count_postings(stage) == postings
    must_be_the_same_much_later(stage, kept, monkeypatch)
    must_look_at_rights_first(stage, kept, owner)


def must_keep_nothing_of_a_refusal(stage: Stage, wish: Wish, key: str) -> None:
    """The key of a refused command is as free as before."""
    postings = count_postings(stage)
    for _ in range(2):
        refused = problem(send(stage, wish.lame, key))
        assert 400 <= refused[0] < 500, wish.path
        assert refused[1] != "key-reused", wish.path
    assert count_postings(stage) == postings


def must_refuse_anything_else(stage: Stage, wish: Wish, key: str) -> None:
    """Another body, another document, another command."""
    others = [replace(wish, body=wish.other)] if wish.other is not None else []
    others += [replace(wish, path=wish.elsewhere)] if wish.elsewhere else []
    others += [another for another in ANOTHER if another.who == wish.who and another.body != wish.body]
    assert others
    for other in others:
        assert problem(send(stage, other, key)) == (422, "key-reused"), other.path


def must_be_the_same_much_later(stage: Stage, kept: list[Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    """In sixty years, when all that the answers speak of has changed."""
    postings, moment = count_postings(stage), door.now()
    monkeypatch.setattr(door, "now", lambda: moment + timedelta(days=60 * 365))
    for wish, key, answered in reversed(kept):
        for language in ("en", "zh-CN"):
            again = send(stage, wish, key, language)
            assert said(again) == answered, wish.path
            assert again.headers["Idempotent-Replayed"] == "true"
    assert count_postings(stage) == postings


def must_look_at_rights_first(stage: Stage, kept: list[Kept], owner: sa.Engine) -> None:
    """Who lost the right, or the account, is not told the answer again."""
    tokens = {name: stage.callers.caller(name) for name in ("keeper", "planner", "township")}
    for change, refused in (("role = 'supervisor'", (403, "not-allowed")), ("active = false", (401, "not-signed-in"))):
        with owner.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql(f"UPDATE user_account SET {change}")
        for wish, key, _ in kept:
            headers = {"Idempotency-Key": key, "If-Match": "*"}
            assert problem(tokens[wish.who].call("POST", wish.path, json=wish.body, headers=headers)) == refused
