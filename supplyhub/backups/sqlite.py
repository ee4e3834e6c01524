"""SQLite copied while others write: one snapshot, held open, so that no writer waits and no step begins anew."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from supplyhub.backups.archive import Shown, refusal
from supplyhub.domain.refusals import words

PAGES = 256
"""Pages copied between two looks at progress and at Ctrl-C: a mebibyte."""

NOT_SOUND = words("SQLite finds the file damaged: {cause}")


def copy_out(source: Path, target: Path, shown: Shown) -> None:
    """Copy what is committed now into a new file."""

    def step(_: int, left: int, pages: int) -> None:
        shown(words("copying, pages"), pages - left, pages)

    read, written = sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True), sqlite3.connect(target)
    try:
        # Without a transaction of ours each step would take a new snapshot, and SQLite would begin anew after every
        # commit of somebody else: under load the copy would never end.
        read.execute("BEGIN")
        read.execute("SELECT count(*) FROM sqlite_master")
        read.backup(written, pages=PAGES, progress=step)
    finally:
        written.close()
        read.close()


def must_be_sound(path: Path) -> None:
    """Every page and index of a file read and held to each other; InvalidInput where they contradict."""
    connection = sqlite3.connect(path)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    finally:
        connection.close()
    if found != ["ok"]:
        raise refusal(path.name, NOT_SOUND, cause="; ".join(found))


def close_log(path: Path) -> None:
    """Bring the write-ahead log home, so that the one file is all there is."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
