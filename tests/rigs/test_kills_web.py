"""kill -9 of web workers under load, and of the whole small server: whoever waited for an answer asks again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.children import kill, wait_until
from tests.rigs.clients import Wire, clients_at_work, fresh_key, keep_key
from tests.rigs.counts import count, planted
from tests.rigs.errands import Errand
from tests.rigs.proof import find_faults
from tests.rigs.scenes import Scene
from tests.rigs.servers import gunicorn, serve
from tests.rigs.web import AFTER_COMMIT, BEFORE_COMMIT, order_death

KILLS = count("WEB_KILLS", 6)
SERVE_KILLS = max(KILLS // 10, 1)
NAIVE_KILLS = max(KILLS // 10, 2)
CLIENTS, WORKERS = 8, 2


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def scene(request: pytest.FixtureRequest) -> Scene:
    """The small world on each engine in turn."""
    made: Scene = request.getfixturevalue(f"{request.param}_scene")
    return made


ANY, WORST = "any", (BEFORE_COMMIT, AFTER_COMMIT)
"""Moments of a kill: whichever it happens to be, and the two at which most can go wrong."""


def run_under_kills(
    scene: Scene, folder: Path, moments: Iterable[str], choose_key: Callable[[Errand], str]
) -> tuple[Book, list[str]]:
    """Clients post while workers are killed: the book, and what is false."""
    chance = random.Random(7)
    with gunicorn(scene.url, folder, workers=WORKERS) as server:
        with clients_at_work([Wire(server.address, scene.token) for _ in range(CLIENTS)], choose_key) as book:
            for moment in moments:
                wait_until(lambda: len(server.list_children()) == WORKERS, "all workers to be there again")
                book.wait_for(chance.randint(1, CLIENTS))
                if moment == ANY:
                    kill(chance.choice(server.list_children()))
                else:
                    order_death(folder, moment)
        return book, find_faults(scene, book, Wire(server.address, scene.token))


def test_what_was_acknowledged_stands_once_after_every_kill(scene: Scene, tmp_path: Path, tell: Tell) -> None:
    started = time.monotonic()
    book, faults = run_under_kills(scene, tmp_path, islice(cycle([ANY, *WORST]), KILLS), keep_key)
    tell(f"{KILLS} kills of web workers over {scene.engine} in {time.monotonic() - started:.0f} s: {book.summary()}")
    assert faults == []


@planted
def test_clients_that_take_a_fresh_key_for_each_try_are_caught(scene: Scene, tmp_path: Path, tell: Tell) -> None:
    _, faults = run_under_kills(scene, tmp_path, [AFTER_COMMIT] * NAIVE_KILLS, fresh_key)
    twice = [fault for fault in faults if "times" in fault]
    kills = f"{NAIVE_KILLS} kills of web workers over {scene.engine}"
    tell(f"{kills} whose clients keep no key: {len(twice)} documents stand more than once")
    assert twice


def test_what_the_small_server_acknowledged_stands_once_after_it_was_killed(
    sqlite_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    """Nobody takes connections until it is started again, on the same port."""
    with serve(sqlite_scene.url, tmp_path) as server:
        with clients_at_work([Wire(server.address, sqlite_scene.token) for _ in range(CLIENTS)]) as book:
            for _ in range(SERVE_KILLS):
                book.wait_for(3 * CLIENTS)
                server.kill()
                server.start()
        faults = find_faults(sqlite_scene, book, Wire(server.address, sqlite_scene.token))
    tell(f"{SERVE_KILLS} kills of `supplyhub serve`: {book.summary()}")
    assert faults == []
