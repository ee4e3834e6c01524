"""Power cuts: whatever was not synced is gone, and what was acknowledged must not be among it.

kill -9 leaves the operating system's cache; here the database is killed and its files become what they were when they
were last synced, with whatever chance spares of later writes, sector by sector. Settings that acknowledge before they
sync are planted and must be caught.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.clients import Wire, clients_at_work
from tests.rigs.clusters import Cluster, cluster_of_its_own
from tests.rigs.counts import count, planted
from tests.rigs.disks import Disk, find_compiler
from tests.rigs.nursery import nursery
from tests.rigs.proof import find_faults
from tests.rigs.scenes import set_scene
from tests.rigs.servers import gunicorn
from tests.rigs.web import SYNCHRONOUS

CUTS = count("POWER_CUTS", 4)
PLANTED_CUTS = 3
WRITERS = 4


@pytest.fixture(scope="session")
def compiler() -> str:
    """What builds the disk that forgets, or the reason why these rigs are left out."""
    found = find_compiler()
    if found is None:
        pytest.skip("left out: power cuts need a C compiler (cc), and there is none here")
    return found


def _until_lost(cuts: int, disk: Disk) -> Iterator[int]:
    """So many cuts, and some more where by chance all of them left nothing unsynced: those would prove nothing."""
    for number in range(5 * cuts):
        if number >= cuts and disk.lost:
            return
        yield number


def cut_sqlite(folder: Path, compiler: str, cuts: int, synchronous: str | None = None) -> tuple[Book, list[str], int]:
    """Writers on SQLite lose their power again and again: the book, what is false, and how many sectors were lost."""
    place = folder / "disk" / "scene.db"
    scene, chance, faults = set_scene(f"sqlite:///{place}"), Random(7), list[str]()
    disk = Disk(place.parent, compiler)
    disk.settle()
    told = {SYNCHRONOUS: synchronous} if synchronous else {}
    with nursery(scene, folder, {**disk.environment, **told}) as home:
        with clients_at_work([home.make_writer() for _ in range(WRITERS)]) as book:
            for number in _until_lost(cuts, disk):
                book.wait_for(chance.randint(1, 2 * WRITERS))
                if number % 2 and not told:  # where hardly anything is synced there is hardly such a moment
                    disk.strike()
                home.kill_forks()
                place.with_name("scene.db-shm").unlink(missing_ok=True)  # memory, not a file: gone with the power
                disk.cut(chance, sparing=not told)
                faults += damage_of(place)
                home.go_on()
        return book, faults + find_faults(scene, book, home.make_writer()), disk.lost


def damage_of(place: Path) -> list[str]:
    """What SQLite itself finds wrong with a copy of the file and its log; looking must not mend the original."""
    copy = place.parent.with_name("looked-at")
    copy.mkdir(exist_ok=True)
    for suffix in ("", "-wal"):
        source = place.with_name(place.name + suffix)
        (copy / source.name).write_bytes(source.read_bytes() if source.exists() else b"")
    connection = sqlite3.connect(copy / place.name)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    finally:
        connection.close()
    return [] if found == ["ok"] else found


def test_sqlite_holds_all_it_acknowledged_through_power_cuts(tmp_path: Path, compiler: str, tell: Tell) -> None:
    book, faults, lost = cut_sqlite(tmp_path, compiler, CUTS)
    tell(f"{CUTS} power cuts of SQLite, {lost} sectors lost: {book.summary()}")
    assert faults == []
    assert lost > 0


@planted
@pytest.mark.parametrize("synchronous", ["OFF", "NORMAL"])
def test_sqlite_that_acknowledges_before_it_syncs_is_caught(
    synchronous: str, tmp_path: Path, compiler: str, tell: Tell
) -> None:
    _, faults, lost = cut_sqlite(tmp_path, compiler, PLANTED_CUTS, synchronous)
    gone = [fault for fault in faults if "is lost" in fault]
    tell(f"{PLANTED_CUTS} power cuts of SQLite with synchronous={synchronous}, {lost} sectors lost: "
         f"{len(gone)} acknowledged documents are gone")  # fmt: skip
    assert gone


def cut_postgresql(
    cluster: Cluster, folder: Path, compiler: str, cuts: int, **told: str
) -> tuple[Book, list[str], int]:
    """PostgreSQL loses its power again and again: the book, what is false, and how many sectors were lost."""
    scene, chance = set_scene(cluster.url("scene"), cluster.owner_url("scene")), Random(7)
    disk = Disk(cluster.data, compiler)
    with gunicorn(scene.url, folder) as server:  # it starts while all settings are safe, and none is planted yet
        cluster.kill_server(everybody=True)
        disk.settle()
        cluster.environment = disk.environment
        cluster.start(wal_sync_method="fdatasync", **told)
        with clients_at_work([Wire(server.address, scene.token) for _ in range(WRITERS)]) as book:
            for number in _until_lost(cuts, disk):
                book.wait_for(chance.randint(1, 2 * WRITERS))
                if number % 2 and not told:
                    disk.strike()
                cluster.kill_server(everybody=True)
                disk.cut(chance, sparing=not told)
                (cluster.data / "postmaster.pid").unlink(missing_ok=True)  # it names a process of before the cut
                cluster.start(wal_sync_method="fdatasync", **told)
        return book, find_faults(scene, book, Wire(server.address, scene.token)), disk.lost


@pytest.fixture
def own_cluster(programs: Path) -> Iterator[Cluster]:
    """A PostgreSQL with the database `scene`, to be ruined."""
    with cluster_of_its_own(programs) as cluster:
        cluster.run("CREATE DATABASE scene")
        yield cluster


@pytest.mark.postgresql
def test_postgresql_holds_all_it_acknowledged_through_power_cuts(
    own_cluster: Cluster, tmp_path: Path, compiler: str, tell: Tell
) -> None:
    book, faults, lost = cut_postgresql(own_cluster, tmp_path, compiler, CUTS)
    tell(f"{CUTS} power cuts of PostgreSQL, {lost} sectors lost: {book.summary()}")
    assert faults == []
    assert lost > 0


@planted
@pytest.mark.postgresql
@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync"])
def test_postgresql_that_acknowledges_before_it_syncs_is_caught(
    setting: str, own_cluster: Cluster, tmp_path: Path, compiler: str, tell: Tell
) -> None:
    try:
        _, faults, lost = cut_postgresql(own_cluster, tmp_path, compiler, PLANTED_CUTS, **{setting: "off"})
    except RuntimeError as ruin:
        if setting != "fsync" or "startup process failure" not in str(ruin):
            raise
        tell(f"power cut of PostgreSQL with {setting}=off: it does not even start any more")
        return
    gone = [fault for fault in faults if "is lost" in fault]
    tell(
        f"{PLANTED_CUTS} power cuts of PostgreSQL with {setting}=off, {lost} sectors lost: "
        f"{len(gone)} acknowledged documents are gone"
    )
    assert gone
