"""Folders that are written whole or not at all, and the CSV in them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """A draft folder beside `folder` that takes its place when the block ends well and vanishes when it does not.

    Raises OSError where the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o777 & ~_umask())
        if folder.exists():
            replaced = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
            folder.rename(replaced / "old")
            draft.rename(folder)
            shutil.rmtree(replaced)
        else:
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """UTF-8 CSV with a header row; nothing stands where a text is empty."""
    frame.with_columns(pl.col(pl.String).replace("", None)).write_csv(path)


def _umask() -> int:
    """The mask of new files, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
