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
from supplyhub.service.unit_of_work import Hub
from tests.world import PASSWORD, World, build_world

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
def app(hub: Hub, database_url: str) -> Iterator[Flask]:
    """The application over the small world."""
    build_world(hub)
    app = create_app(Config(database_url=database_url, secret_key="s" * 40, mode="demo"))
    yield app
    app.extensions["supplyhub"].engine.dispose()


@pytest.fixture
def world(app: Flask) -> World:
    """The hub behind the application."""
    return World(app.extensions["supplyhub"], {})


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., Reader]:
    """Somebody signed in by user name, reading English unless said otherwise."""

    def enter(username: str, language: str = "en") -> Reader:
        client = app.test_client()
        client.set_cookie("lang", language)
        reader = Reader(client)
        answer = reader.send("/sign-in", "/sign-in", username=username, password=PASSWORD)
        assert answer.status_code == 303, answer.text
        return reader

    return enter
