"""The bookkeeper: beside whatever a worker does, numbers what was committed and adds it to the sums of stock."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from supplyhub.service import oversight, rollups
from supplyhub.service.unit_of_work import Hub, Work

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often the bookkeeper looks for news: three probes, mostly of a table that is empty."""

COURTESY_SECONDS = 0.015
"""Between two of its transactions it leaves room for others, who wait for one of them at most."""


def now() -> datetime:
    """The moment, read at the door."""
    return datetime.now(UTC)


def keep_books(hub: Hub) -> int:
    """Number all that was committed and roll it up, in bounded transactions; how many entries were rolled up.

    Whoever else keeps books at the same time does some of it, or finds nothing left.
    """
    while _finds(hub, oversight.waits_for_numbers):
        hub.write(oversight.number_postings, at=now())
        time.sleep(COURTESY_SECONDS)
    rolled_up = 0
    while _finds(hub, rollups.waits_for_rolling_up):
        rolled_up += hub.write(rollups.roll_up, at=now())
        time.sleep(COURTESY_SECONDS)
    return rolled_up


def _finds(hub: Hub, waits: Callable[[Work], bool]) -> bool:
    with hub.read(None, at=now()) as work:
        return waits(work)


@contextmanager
def books_kept(hub: Hub) -> Iterator[None]:
    """Keep the books in a thread of its own, so that a long plan holds no follower up, until this is left."""
    over = threading.Event()
    thread = threading.Thread(target=_keep_on, args=(hub, over), name="bookkeeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _keep_on(hub: Hub, over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        try:
            keep_books(hub)
        except Exception as error:  # the database is busy or away: whatever it is, the next look may well succeed
            logger.warning("the books cannot be kept: %s", error)
