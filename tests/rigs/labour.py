"""Planning workers of a rig: each a process that does what is due, later than the last one, and dies when told to.

A lost worker's job waits for the end of its lease, a minute; here the next worker is simply born so much later: the rig
moves the clock that the worker's door reads. Nothing of the product knows of it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from supplyhub.jobs import worker
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.jobs import LEASE, JobsRepository
from supplyhub.service.unit_of_work import Hub
from tests.rigs.forking import ForkServer, fork_for_each
from tests.rigs.servers import settings

AT_MOST_ONCE = "SUPPLYHUB_RIG_AT_MOST_ONCE"
"""Set where a rig plants a queue that forgets a job as soon as somebody has taken it."""


class Labour(ForkServer):
    """The program at whose socket workers over a database are to be had."""

    def __init__(self, url: str, folder: Path, planted: str) -> None:
        super().__init__([sys.executable, "-m", "tests.rigs.labour", url], folder, settings(url, folder, planted))
        self._born = 0

    def work(self, dies_at: int = 0, *, committed: bool = False) -> bool:
        """Have a worker do all that is due; False when it died at its commit of that number, before or after it."""
        self._born += 1
        late_seconds = self._born * (LEASE.total_seconds() + 1)
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.path))
            asked = {"late_seconds": late_seconds, "dies_at": dies_at, "committed": committed}
            line.sendall(json.dumps(asked).encode() + b"\n")
            return line.recv(1) != b""


@contextmanager
def labour(url: str, folder: Path, planted: str = "") -> Iterator[Labour]:
    """Workers over a database."""
    with Labour(url, folder, planted).running() as home:
        yield home


def work_for(line: socket.socket, url: str) -> None:
    """Be one worker."""
    with line.makefile("r", encoding="utf-8") as asking:
        asked = json.loads(asking.readline())
    late = timedelta(seconds=asked["late_seconds"])
    worker.now = lambda: datetime.now(UTC) + late
    engine = make_engine(url)
    _die_at(engine, asked["dies_at"], committed=asked["committed"])
    worker.run_due(Hub(engine))
    line.sendall(b".")


def _die_at(engine: Engine, number: int, *, committed: bool) -> None:
    """Count the commits of writing transactions, heartbeats too; at that one SIGKILL, before it or after it."""
    seen = 0

    def before(connection: Any) -> None:
        nonlocal seen
        if not connection.get_execution_options().get("writes"):
            return
        seen += 1
        if seen == number:
            if committed:
                engine.dialect.do_commit(connection.connection.dbapi_connection)
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "commit", before)


def forget_what_is_taken() -> None:
    """Plant the queue of many others: at most once."""
    claim = JobsRepository.claim

    def claim_and_forget(self: JobsRepository, name: str, *, at: datetime) -> Any:
        job = claim(self, name, at=at)
        if job is not None:
            self.end(job.id, name, "done")
        return job

    JobsRepository.claim = claim_and_forget  # type: ignore[method-assign]


def main(url: str, path: Path) -> None:
    """Fork a worker for each who asks for one."""
    if AT_MOST_ONCE in os.environ:
        forget_what_is_taken()
    fork_for_each(path, lambda line: work_for(line, url))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
