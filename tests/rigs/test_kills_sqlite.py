"""kill -9 of processes that write SQLite, at random moments of their transactions, while others write beside them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from itertools import cycle, islice
from pathlib import Path

from tests.conftest import Tell
from tests.rigs.books import Book
from tests.rigs.children import wait_until
from tests.rigs.clients import clients_at_work, fresh_key, keep_key
from tests.rigs.counts import count, planted
from tests.rigs.errands import Errand
from tests.rigs.nursery import nursery
from tests.rigs.proof import find_faults
from tests.rigs.scenes import Scene
from tests.rigs.web import AFTER_COMMIT, BEFORE_COMMIT, order_death

KILLS = count("SQLITE_KILLS", 20)
NAIVE_KILLS = max(KILLS // 100, 2)
WRITERS = 4
MOMENT_SECONDS_MAX = 0.02
"""A kill comes at any moment within about the time that one errand takes."""


ANY, WORST = "any", (BEFORE_COMMIT, AFTER_COMMIT)
"""Moments of a kill: whichever it happens to be, and the two at which most can go wrong."""


def run_under_kills(
    scene: Scene, folder: Path, moments: Iterable[str], choose_key: Callable[[Errand], str]
) -> tuple[Book, list[str]]:
    """Errands are done while their doers are killed: the book, and what is false."""
    chance = random.Random(7)
    with nursery(scene, folder) as home:
        writers = [home.make_writer() for _ in range(WRITERS)]
        with clients_at_work(writers, choose_key) as book:
            for moment in moments:
                book.wait_for(chance.randint(0, 2))
                if moment != ANY:
                    order_death(folder, moment)
                    continue
                time.sleep(chance.uniform(0, MOMENT_SECONDS_MAX))
                wait_until(lambda: chance.choice(writers).kill(), "a writer to kill")
        return book, find_faults(scene, book, home.make_writer())


def test_what_was_acknowledged_stands_once_after_every_kill(sqlite_scene: Scene, tmp_path: Path, tell: Tell) -> None:
    started = time.monotonic()
    book, faults = run_under_kills(sqlite_scene, tmp_path, islice(cycle([ANY, ANY, *WORST]), KILLS), keep_key)
    tell(f"{KILLS} kills of SQLite writers in {time.monotonic() - started:.0f} s: {book.summary()}")
    assert faults == []


@planted
def test_writers_that_take_a_fresh_key_for_each_try_are_caught(sqlite_scene: Scene, tmp_path: Path, tell: Tell) -> None:
    _, faults = run_under_kills(sqlite_scene, tmp_path, [AFTER_COMMIT] * NAIVE_KILLS, fresh_key)
    twice = [fault for fault in faults if "times" in fault]
    tell(
        f"{NAIVE_KILLS} kills of SQLite writers whose clients keep no key: {len(twice)} documents stand more than once"
    )
    assert twice
