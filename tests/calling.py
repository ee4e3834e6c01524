"""Callers of the API: one per user of the small world, with a token, a fresh key for every command, and a language."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.service.people import make_token
from tests.world import NOW, World


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the API; `token` may be empty."""

    app: Flask
    token: str
    language: str = "en"

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        """A call as it is; `headers` are added to the caller's own."""
        own = {"Accept-Language": self.language, "X-Request-ID": "a-test-asks"}  # what differs else in every answer
        if self.token:
            own["Authorization"] = f"Bearer {self.token}"
        headers = {**own, **options.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **options)

    def get(self, path: str, status: int = 200, **headers: str) -> TestResponse:
        """A read that answers with this status."""
        return _must_be(self.call("GET", path, headers=headers), status)

    def post(
        self, path: str, body: Any = None, *, status: int = 201, key: str | None = None, if_match: str | None = None
    ) -> TestResponse:
        """A command that answers with this status."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        if if_match is not None:
            headers["If-Match"] = if_match
        return _must_be(self.call("POST", path, json=body, headers=headers), status)


def _must_be(response: TestResponse, status: int) -> TestResponse:
    assert response.status_code == status, f"{response.status_code}: {response.get_data(as_text=True)[:2000]}"
    return response


@dataclass(frozen=True)
class Callers:
    """The application over a small world, and its callers."""

    app: Flask
    world: World

    def caller(self, username: str, language: str = "en") -> Caller:
        """Somebody of the world, or nobody ("")."""
        if not username:
            return Caller(self.app, "", language)
        actor = self.world.actors[username]
        _, token = self.world.hub.write(lambda work: make_token(work, actor, username, "test"), at=NOW)
        return Caller(self.app, token, language)


def make_callers(world: World, database_url: str) -> Callers:
    """The application on the database of a world."""
    app = create_app(Config(database_url, "tests-only-" * 4, "production"))
    app.testing = True
    return Callers(app, world)
