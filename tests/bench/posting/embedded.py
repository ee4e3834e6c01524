"""Sixteen threads write one SQLite file: bare connections that wait as SQLite has them wait, ours that take turns."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import upgrade
from supplyhub.service.unit_of_work import Hub, Work
from tests.bench.ledgers import BEGAN

THREADS = 16
INSERT = (
    "INSERT INTO posting (tenant_id, idem_key, body_sha256, actor_id, verb, pos, occurred_at, recorded_at) "
    "VALUES (0, lower(hex(randomblob(16))), '', 0, 'post_receipt', 0, 0, 0)"
)
Write = Callable[[], None]


def measure_writers(folder: Path, seconds: float) -> dict[str, list[float]]:
    """Seconds each write took, `bare` and `ours`, sorted; each a key claimed in a transaction of its own."""
    template = folder / "empty.db"
    engine = make_engine(f"sqlite:///{template}")
    upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    waits = {}
    for name, make in (("bare", _bare), ("ours", _ours)):
        path = folder / f"{name}.db"
        shutil.copyfile(template, path)
        waits[name] = sorted(_race(make(path), seconds))
    return waits


def _bare(path: Path) -> Callable[[], Write]:
    def connect() -> Write:
        connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

        def write() -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT)
            connection.execute("COMMIT")

        return write

    return connect


def _ours(path: Path) -> Callable[[], Write]:
    hub = Hub(make_engine(f"sqlite:///{path}"))

    def claim(work: Work) -> None:
        work.stock.claim_key(
            tenant_id=0, key=str(uuid.uuid4()), body_sha256="", actor_id=0, verb="post_receipt", pos=0,
            occurred_at=BEGAN, recorded_at=BEGAN,
        )  # fmt: skip

    return lambda: lambda: hub.write(claim, at=BEGAN)


def _race(connect: Callable[[], Write], seconds: float) -> list[float]:
    """All threads write as fast as they can; what each write took."""
    waits: list[float] = []
    gate = threading.Barrier(THREADS + 1)

    def work() -> None:
        write = connect()
        gate.wait()
        until = perf_counter() + seconds
        while (began := perf_counter()) < until:
            write()
            waits.append(perf_counter() - began)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    gate.wait()
    for thread in threads:
        thread.join()
    return waits
