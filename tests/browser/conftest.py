"""A real browser on a real server: Debian's chromium, driven over the small world, once for all tests here."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from waitress.server import create_server

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from tests.world import PASSWORD, World, build_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium; a machine without one says so."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    if not CHROMIUM:
        pytest.skip("no chromium on this machine: apt-get install chromium fonts-noto-cjk")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One small world that all tests of a session write to."""
    path = tmp_path_factory.mktemp("browser") / "supplyhub.db"
    shutil.copyfile(sqlite_template, path)
    world = build_world(Hub(make_engine(f"sqlite:///{path}")))
    yield world
    world.hub.engine.dispose()


@pytest.fixture(scope="session")
def address(world: World) -> Iterator[str]:
    """Where the application is served."""
    url = world.hub.engine.url.render_as_string(hide_password=False)
    server = create_server(create_app(Config(url, "s" * 40, "demo")), host="127.0.0.1", port=0)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


@pytest.fixture
def open_as(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """A page of somebody signed in by name and password; whatever the page complains of fails the test."""
    contexts = []
    complaints: list[str] = []

    def enter(username: str, *, language: str = "en", width: int = 1280, scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": width, "height": 800}, java_script_enabled=scripts
        )
        context.add_cookies([{"name": "lang", "value": language, "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_complaint(message.type, message.text)))
        page.goto("/sign-in")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.click("main button")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def _complaint(kind: str, text: str) -> list[str]:
    """What a console says of blocked scripts and missing files; a refused form (422) is an answer like any other."""
    return [text] if kind == "error" and "status of 422" not in text else []
