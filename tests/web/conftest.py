"""Browsers without a screen: the small world behind the application, and people who read and send its pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.service.people import make_session
from supplyhub.service.unit_of_work import Hub
from tests.world import NOW, World, build_world

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass
class Reader:
    """Somebody with a browser: reads pages, fills in their forms, follows where they lead."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        """Read a page."""
        return self.client.get(path)

    def form(self, path: str, action: str) -> dict[str, str]:
        """What a form carries without anybody typing: its hidden fields, and what stands in it already."""
        page = self.get(path).text
        start = page.index(f'action="{action}"')
        drawn = page[start : page.index("</form>", start)]
        fields = dict(HIDDEN.findall(drawn))
        for name, value in re.findall(r'<input class="form-control"[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', drawn):
            fields[name] = html.unescape(value)
        return fields

    def send(self, path: str, action: str, **typed: str) -> TestResponse:
        """Fill a form in and send it."""
        fields = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.client.post(action, data={**self.form(path, action), **fields})


@pytest.fixture
def world(hub: Hub) -> World:
    """The small world, and its ledger proved afterwards."""
    return build_world(hub)


@pytest.fixture
def app(world: World, database_url: str) -> Iterator[Flask]:
    """The application over the same database, with a hub of its own."""
    app = create_app(Config(database_url=database_url, secret_key="s" * 40, mode="demo"))
    yield app
    app.extensions["supplyhub"].engine.dispose()


@pytest.fixture
def sign_in(app: Flask, world: World) -> Callable[..., Reader]:
    """Somebody signed in by user name, reading English unless said otherwise; passwords are test_entering's subject."""

    def enter(username: str, language: str = "en") -> Reader:
        client = app.test_client()
        client.set_cookie("lang", language)
        with world.hub.read(None, at=NOW) as work:
            opened = make_session(work, world.actors[username].user_id)
        with client.session_transaction() as session:
            session["_user_id"] = opened
        return Reader(client)

    return enter
