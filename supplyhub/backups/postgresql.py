"""PostgreSQL copied and put back by its own tools, `pg_dump` and `pg_restore`, which are looked for and not assumed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import URL

from supplyhub.backups.archive import STEP_BYTES, Shown, refusal
from supplyhub.domain.refusals import words

DEBIAN = Path("/usr/lib/postgresql")
LOOK_SECONDS = 0.2

MISSING = words(
    "is not installed here in version {version} or newer; install PostgreSQL's client programs of the server's version "
    "(Debian: apt install postgresql-client-{version}) and try again"
)
FAILED = words("it ended with: {cause}")


def dump(url: URL, snapshot: str, server: int, target: Path, shown: Shown) -> None:
    """Write all of a database as it stood at an exported snapshot; `server` is its major version."""
    _run("pg_dump", server, url, [
        "--format=custom", "--no-password", f"--snapshot={snapshot}", f"--file={target}",
    ], lambda: shown(words("copying, MiB"), _size(target)))  # fmt: skip


def put_back(url: URL, server: int, source: Path, shown: Shown) -> None:
    """Fill an empty database from a dump, whole or not at all; all of it belongs to who connects.

    Grants are left out: they name roles that may not exist here, and `migrate` gives them anew.
    """
    _run("pg_restore", server, url, [
        "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password", str(source),
    ], lambda: shown(words("restoring")))  # fmt: skip


def _size(path: Path) -> int:
    return path.stat().st_size // STEP_BYTES if path.exists() else 0


def _run(tool: str, server: int, url: URL, arguments: list[str], look: Callable[[], None]) -> None:
    """Run a tool to its end; it ends with us, whatever ends us."""
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    command = [find_tool(tool, server), f"--dbname={address}", *arguments]
    password = {} if url.password is None else {"PGPASSWORD": url.password}  # never where `ps` shows it
    with subprocess.Popen(
        command, env={**os.environ, "LC_ALL": "C", **password},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        try:
            said = _wait(running, look)
        except BaseException:
            running.terminate()
            raise
    if running.returncode:
        raise refusal(tool, FAILED, cause=" ".join(said.split())[:500])


def _wait(running: subprocess.Popen[str], look: Callable[[], None]) -> str:
    while True:
        try:
            return running.communicate(timeout=LOOK_SECONDS)[1]
        except subprocess.TimeoutExpired:
            look()


def find_tool(name: str, server: int) -> str:
    """The oldest of the installed that is not older than the server: newer ones may write what it does not know."""
    fit = sorted((version, path) for version, path in _installed(name) if version >= server)
    if not fit:
        raise refusal(name, MISSING, version=server)
    return fit[0][1]


def _installed(name: str) -> Iterator[tuple[int, str]]:
    on_path = shutil.which(name)
    for path in [*([on_path] if on_path else []), *map(str, sorted(DEBIAN.glob(f"*/bin/{name}")))]:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        if match := re.search(r"\) (\d+)", said):
            yield int(match[1]), path
