"""Disks that are full under load: clients are refused in words, and the same keys go through once there is room."""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.children import wait_until
from tests.rigs.clients import Wire, clients_at_work
from tests.rigs.clusters import Cluster, cluster_of_its_own
from tests.rigs.counts import planted
from tests.rigs.proof import find_faults
from tests.rigs.scenes import Scene, set_scene
from tests.rigs.servers import Server, gunicorn, serve
from tests.rigs.web import PAGES_MAX, PIECEMEAL

CLIENTS, REFUSALS, FULL = 4, 8, 507
ROOM_MEGABYTES = 160
"""An empty cluster takes about a quarter of it."""


def fill_and_empty(
    server: Server, scene: Scene, fill: Callable[[], None], empty: Callable[[], None]
) -> tuple[Book, list[str]]:
    """Clients post, find the disk full for a while, and go on: the book, and what is false."""
    with clients_at_work([Wire(server.address, scene.token) for _ in range(CLIENTS)]) as book:
        book.wait_for(CLIENTS)
        fill()
        refused = book.wait_for_put_off(FULL, REFUSALS) or book.faults
        empty()
        assert refused, "nobody noticed that the disk was full"
        book.wait_for(CLIENTS)
    return book, find_faults(scene, book, Wire(server.address, scene.token))


def must_be_said_in_words(book: Book) -> None:
    """The refusal says what happened and what to do, in the reader's language."""
    said = json.loads(book.said[FULL])
    assert said["type"] == "/problems/storage-full"
    assert "磁盘已满" in said["detail"]


def count_pages(url: str) -> int:
    """How long a SQLite file is now."""
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    engine.dispose()
    return pages


@pytest.mark.parametrize("behind", ["", pytest.param(PIECEMEAL, marks=planted)])
def test_sqlite_without_a_page_left(behind: str, sqlite_scene: Scene, tmp_path: Path, tell: Tell) -> None:
    """The planted server commits statement by statement: what it half writes must be caught."""
    order = tmp_path / PAGES_MAX
    with gunicorn(sqlite_scene.url, tmp_path, planted=behind) as server:
        book, faults = fill_and_empty(
            server,
            sqlite_scene,
            lambda: put_order(order, str(count_pages(sqlite_scene.url) + 1)),
            lambda: order.unlink(),
        )
    tell(f"SQLite without a page left {behind}: {book.put_off[FULL]} refusals, {book.summary()}, {len(faults)} faults")
    if behind:
        assert faults
    else:
        assert faults == []
        must_be_said_in_words(book)


def put_order(order: Path, text: str) -> None:
    """Written beside and moved there, so that nobody reads half of it."""
    fresh = order.with_suffix(".fresh")
    fresh.write_text(text, encoding="ascii")
    fresh.rename(order)


def test_sqlite_at_the_end_of_what_a_file_may_hold(sqlite_scene: Scene, tmp_path: Path, tell: Tell) -> None:
    """The limit is the operating system's, set upon the running server, and lifted."""
    with serve(sqlite_scene.url, tmp_path) as server:

        def limit(size: int) -> None:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        book, faults = fill_and_empty(
            server, sqlite_scene, lambda: limit(64 * 1024), lambda: limit(resource.RLIM_INFINITY)
        )
    tell(f"SQLite at the end of its file: {book.put_off[FULL]} refusals, {book.summary()}")
    assert faults == []
    must_be_said_in_words(book)


@pytest.fixture
def small_room() -> Iterator[Path]:
    """A file system of some megabytes, or the reason why there is none."""
    room = Path(tempfile.mkdtemp(prefix="supplyhub-room-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM_MEGABYTES}m,mode=0755", "tmpfs", str(room)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"left out: a small file system cannot be mounted here ({done.stderr.strip()})")
        try:
            yield room
        finally:
            subprocess.run(["umount", str(room)], check=True)
    finally:
        room.rmdir()


@pytest.mark.postgresql
def test_postgresql_on_a_full_disk(small_room: Path, programs: Path, tmp_path: Path, tell: Tell) -> None:
    """First tables cannot grow, then the log cannot, and the server dies; with room it is started again."""
    ballast = small_room / "ballast"
    with cluster_of_its_own(programs, small_room, wal_recycle="off", min_wal_size="2MB") as cluster:
        cluster.run("CREATE DATABASE scene")
        scene = set_scene(cluster.url("scene"), cluster.owner_url("scene"))
        with gunicorn(scene.url, tmp_path) as server:
            book, faults = fill_and_empty(server, scene, lambda: fill(ballast), lambda: make_room(cluster, ballast))
    tell(f"PostgreSQL on a full disk, of which it died: {book.put_off[FULL]} refusals, {book.summary()}")
    assert faults == []
    must_be_said_in_words(book)


def fill(ballast: Path) -> None:
    """Take all the room there is."""
    with ballast.open("ab", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def make_room(cluster: Cluster, ballast: Path) -> None:
    """But before that, have the log need a new piece, of which the server dies; then give room, and start it again."""
    with contextlib.suppress(psycopg.OperationalError):
        for _ in range(10):
            cluster.run("SELECT pg_switch_wal()")
    wait_until(lambda: not cluster.runs(), "a PostgreSQL that gave up", 60)
    ballast.unlink()
    cluster.start()
