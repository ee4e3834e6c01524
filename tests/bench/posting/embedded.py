"""Sixteen threads post into one SQLite file: once as SQLite's own busy handler lets them, once as we do it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from supplyhub.domain.stock import LotFacts, NewReceipt, NewReceiptLine, Reason
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import upgrade
from supplyhub.service.stock import post_receipts
from supplyhub.service.unit_of_work import Answer, Command, Hub, Post
from tests.rigs.web import Alone
from tests.world import COUNTY, NOW, World, build_world

THREADS, POSTS = 16, 100
"""Each thread posts as often: by the clock, those who starve would hardly count."""


class Bare(Alone):
    """Its writers wait as SQLite has them wait: each looks again ever more seldom, and whoever is first goes, alone."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._turns = None


def measure_writers(folder: Path) -> dict[str, list[float]]:
    """Seconds each post took, `bare` and `ours`, sorted."""
    waits = {}
    for name, hub_of in (("bare", Bare), ("ours", Hub)):
        engine = make_engine(f"sqlite:///{folder / name}.db")
        upgrade(engine)
        world = build_world(hub_of(engine))
        waits[name] = sorted(_race(world))
        engine.dispose()
    return waits


def _race(world: World) -> list[float]:
    """All threads post as fast as they can; what each post took."""
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "LOT")
    receipt = NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 1),))
    keeper, waits = world.actors["keeper"], list[float]()

    def post(posts: Sequence[Post]) -> list[Answer]:
        return [Answer(len(moved)) for moved in post_receipts([(one.work, one.actor, one.sent) for one in posts])]

    def work() -> None:
        for _ in range(POSTS):
            began = perf_counter()
            command = Command(keeper, "post_receipt", str(uuid.uuid4()), None, NOW)
            world.hub.perform_together(command, receipt, post)
            waits.append(perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits
