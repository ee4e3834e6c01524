"""kill -9 of PostgreSQL under load: whole, its postmaster alone, and single backends by turns."""

from __future__ import annotations

import random
import time
from itertools import cycle
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.children import wait_until
from tests.rigs.clients import Wire, clients_at_work, fresh_key, keep_key
from tests.rigs.clusters import Cluster
from tests.rigs.counts import count, planted
from tests.rigs.cutting import CutWire, cut_wire
from tests.rigs.mishaps import commits, held_up_after, held_up_at
from tests.rigs.proof import find_faults
from tests.rigs.scenes import Scene
from tests.rigs.servers import gunicorn
from tests.rigs.web import NAIVE

pytestmark = pytest.mark.postgresql

KILLS = count("POSTGRESQL_KILLS", 4)
NAIVE_KILLS = max(KILLS // 10, 4)
CLIENTS = 8


def kill_again_and_again(cluster: Cluster, wire: CutWire, book: Book, kills: int) -> None:
    """A kill of the next kind each time, every other one while the answer to a COMMIT is on its way."""
    chance = random.Random(7)

    def whole() -> None:
        cluster.kill_server(everybody=True)
        cluster.start()

    def postmaster() -> None:
        cluster.kill_server(everybody=False)
        cluster.start()

    def backend() -> None:
        wait_until(lambda: cluster.kill_backend(chance), "a backend to kill")

    for number, kill in zip(
        range(kills), cycle([whole, whole, backend, backend, postmaster, postmaster]), strict=False
    ):
        book.wait_for(chance.randint(1, 2 * CLIENTS))
        if number % 2:
            wire.arm(chance.choice([held_up_at, held_up_after]))
            wire.happened.wait(30)
        kill()


def run_under_kills(cluster: Cluster, scene: Scene, folder: Path, kills: int, *, naive: bool) -> tuple[Book, list[str]]:
    """Clients post while PostgreSQL is killed: the book, and what is false."""
    choose_key = fresh_key if naive else keep_key
    with (
        cut_wire(cluster.port, commits) as cut,
        gunicorn(cluster.url("scene", cut.port), folder, planted=NAIVE if naive else "") as server,
    ):
        with clients_at_work([Wire(server.address, scene.token) for _ in range(CLIENTS)], choose_key) as book:
            kill_again_and_again(cluster, cut, book, kills)
        return book, find_faults(scene, book, Wire(server.address, scene.token))


def test_what_was_acknowledged_stands_once_after_every_kill(
    cluster: Cluster, postgresql_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    started = time.monotonic()
    book, faults = run_under_kills(cluster, postgresql_scene, tmp_path, KILLS, naive=False)
    tell(f"{KILLS} kills of PostgreSQL in {time.monotonic() - started:.0f} s: {book.summary()}")
    assert faults == []


@planted
def test_servers_and_clients_that_keep_no_key_are_caught(
    cluster: Cluster, postgresql_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    _, faults = run_under_kills(cluster, postgresql_scene, tmp_path, NAIVE_KILLS, naive=True)
    twice = [fault for fault in faults if "times" in fault]
    tell(f"{NAIVE_KILLS} kills of PostgreSQL where nobody keeps a key: {len(twice)} documents stand more than once")
    assert twice
