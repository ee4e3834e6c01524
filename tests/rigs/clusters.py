"""A PostgreSQL of a rig's own: made, killed, started again and removed; nobody else's is ever touched."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.rigs.children import Child, is_alive, kill, wait_until
from tests.rigs.servers import HOST, free_port

OWNER, SERVICE = "supplyhub", "service"
"""Who made the cluster and owns what is in it, and who serves it and owns nothing."""
MEMORY, ROOM_BYTES = Path("/dev/shm"), 2**30  # noqa: S108 - a folder of our own is made in it
"""A file system in memory keeps what killed programs wrote, as a disk does, and a restart there takes no seconds."""


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL's programs here; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _owner() -> dict[str, str]:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    return {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}


class Cluster:
    """One server with its data in one folder; `start` and the kills may be called again and again."""

    def __init__(self, folder: Path, programs: Path, settings: dict[str, str]) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self._programs, self._settings = programs, settings
        self._server: Child | None = None
        self.environment: dict[str, str] = {}
        """Added to what the server starts with."""

    def make(self) -> None:
        """Make the data folder: checksums on, as the deployment guide has it; a log in small pieces."""
        command = [str(self._programs / "initdb"), "-D", str(self.data), "-A", "trust", "-U", OWNER,
                   "--data-checksums", "--wal-segsize=1", "--no-locale", "-E", "UTF8"]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, **_owner())

    def start(self, **settings: str) -> None:
        """Start, recover, and wait until it takes connections."""
        told = {**self._settings, **settings, "port": str(self.port), "listen_addresses": HOST,
                "unix_socket_directories": str(self.folder)}  # fmt: skip
        command = [str(self._programs / "postgres"), "-D", str(self.data)]
        for name, value in told.items():
            command += ["-c", f"{name}={value}"]
        environment = {**os.environ, **self.environment}
        self._server = server = Child(command, self.folder / "log", cwd=self.folder, env=environment, **_owner())
        wait_until(lambda: self._answers() or server.process.poll() is not None, "a PostgreSQL that answers", 60)
        if server.process.poll() is not None:
            raise RuntimeError(server.said())

    @property
    def server(self) -> Child:
        """The running postmaster."""
        assert self._server is not None, "the cluster was not started"
        return self._server

    def url(self, database: str, port: int | None = None) -> str:
        """How the service reaches a database, directly or by way of another port."""
        return f"postgresql://{SERVICE}@{HOST}:{port or self.port}/{database}"

    def owner_url(self, database: str = "postgres") -> str:
        """How its owner does."""
        return f"postgresql://{OWNER}@{HOST}:{self.port}/{database}"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.owner_url(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def runs(self) -> bool:
        """Whether the postmaster is there."""
        return self._server is not None and self._server.process.poll() is None

    def run(self, statement: str) -> None:
        """Run a statement as the owner of everything, outside of a transaction."""
        with psycopg.connect(self.owner_url(), autocommit=True) as connection:
            connection.execute(statement)

    def kill_server(self, *, everybody: bool) -> None:
        """SIGKILL the postmaster, alone (the others find out) or with all of its processes, and wait for their end."""
        self.server.stop()  # so that nobody is born who is not counted
        others = self.server.list_children()
        self.server.kill()
        if everybody:
            for number in others:
                kill(number)
        try:
            wait_until(lambda: not any(map(is_alive, others)), "backends that ended", 5)
        except TimeoutError:  # a backend in the midst of a long statement looks up only at its end
            for number in others:
                kill(number)

    def kill_backend(self, chance: random.Random) -> bool:
        """SIGKILL one backend of a client; the postmaster then restarts all others. Whether there was one."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        try:
            with psycopg.connect(self.owner_url(), autocommit=True) as connection:
                numbers = [number for (number,) in connection.execute(query)]
        except psycopg.OperationalError:  # it restarts them still after the kill before, and us among them
            return False
        if numbers:
            kill(chance.choice(numbers))
        return bool(numbers)

    def stop(self) -> None:
        """The end: nothing is to be kept."""
        if not self.runs():
            return
        others = self.server.list_children()
        self.server.process.send_signal(signal.SIGQUIT)
        try:
            self.server.process.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            for number in others:
                kill(number)


def _room() -> Path | None:
    """In memory where there is room; else wherever temporary files go."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES else None


@contextmanager
def cluster_of_its_own(programs: Path, room: Path | None = None, **settings: str) -> Iterator[Cluster]:
    """A fresh cluster, running; gone with all its files at the end, however the end comes."""
    folder = Path(tempfile.mkdtemp(prefix="supplyhub-cluster-", dir=room or _room()))
    if _owner():
        shutil.chown(folder, "postgres", "postgres")
    cluster = Cluster(folder, programs, settings)
    try:
        cluster.make()
        cluster.start()
        cluster.run(f"CREATE ROLE {SERVICE} LOGIN")
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
