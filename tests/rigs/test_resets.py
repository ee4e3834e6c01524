"""Connections reset at the worst moments: in mid-commit, and while an answer is on its way to its client."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path

import pytest

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.clients import Wire, clients_at_work, fresh_key, keep_key
from tests.rigs.clusters import Cluster
from tests.rigs.counts import count, planted
from tests.rigs.cutting import CutWire, cut_wire
from tests.rigs.errands import Errand
from tests.rigs.mishaps import Mishap, commits, lost_after, lost_at, lost_before, posts
from tests.rigs.proof import find_faults
from tests.rigs.scenes import Scene
from tests.rigs.servers import HOST, gunicorn
from tests.rigs.web import NAIVE

RESETS = count("RESETS", 9)
NAIVE_RESETS = 2
CLIENTS = 4
MISHAPS = (lost_before, lost_at, lost_after)


def run_under_resets(
    scene: Scene, wire: CutWire, port: int, mishaps: Iterable[Mishap], choose_key: Callable[[Errand], str]
) -> tuple[Book, list[str]]:
    """Clients post at a port while one connection after another is reset: the book, and what is false."""
    with clients_at_work([Wire((HOST, port), scene.token) for _ in range(CLIENTS)], choose_key) as book:
        for mishap in mishaps:
            book.wait_for(CLIENTS)  # else whoever was just struck is struck again and again, more often than is tried
            wire.arm(mishap)
            assert wire.happened.wait(30), "nothing was committed"
    return book, find_faults(scene, book, Wire((HOST, port), scene.token))


@pytest.mark.postgresql
def test_the_service_sends_again_what_it_does_not_know_to_be_committed(
    cluster: Cluster, postgresql_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    """Under the same key; its clients notice nothing."""
    with (
        cut_wire(cluster.port, commits) as wire,
        gunicorn(cluster.url("scene", wire.port), tmp_path) as server,
    ):
        book, faults = run_under_resets(
            postgresql_scene, wire, server.address[1], islice(cycle(MISHAPS), RESETS), keep_key
        )
    tell(f"{RESETS} connections to PostgreSQL reset around COMMIT: {book.summary()}")
    assert faults == []
    assert book.lost_inside >= RESETS // len(MISHAPS)
    assert (book.retries, sum(book.put_off.values())) == (0, 0)


@planted
@pytest.mark.postgresql
def test_a_service_that_leaves_retries_to_clients_without_keys_is_caught(
    cluster: Cluster, postgresql_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    with (
        cut_wire(cluster.port, commits) as wire,
        gunicorn(cluster.url("scene", wire.port), tmp_path, planted=NAIVE) as server,
    ):
        _, faults = run_under_resets(postgresql_scene, wire, server.address[1], [lost_after] * NAIVE_RESETS, fresh_key)
    twice = [fault for fault in faults if "times" in fault]
    tell(f"{NAIVE_RESETS} connections to PostgreSQL reset where nobody keeps a key: {len(twice)} stand more than once")
    assert twice


@pytest.mark.parametrize("choose_key", [keep_key, pytest.param(fresh_key, marks=planted)])
def test_an_answer_lost_on_its_way_to_the_client(
    choose_key: Callable[[Errand], str], sqlite_scene: Scene, tmp_path: Path, tell: Tell
) -> None:
    """Who kept the key gets the same answer; who sends the same under another key is caught."""
    mishaps = list(islice(cycle(MISHAPS if choose_key is keep_key else [lost_after]), RESETS))
    with gunicorn(sqlite_scene.url, tmp_path) as server, cut_wire(server.address[1], posts) as wire:
        book, faults = run_under_resets(sqlite_scene, wire, wire.port, mishaps, choose_key)
    twice = [fault for fault in faults if "times" in fault]
    tell(f"{RESETS} connections of clients reset ({choose_key.__name__}): {book.summary()}, {len(twice)} twice")
    if choose_key is keep_key:
        assert faults == []
        assert book.lost_answers >= RESETS // len(MISHAPS)
    else:
        assert twice
