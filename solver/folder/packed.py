"""CSV files of a folder as they stand there, plain or gzipped: which of the two, and their bytes."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

_LEVEL = 1
"""Of gzip: higher levels take four times as long for a fifth less."""


class NotGzip(ValueError):
    """A file whose name ends in .gz holds no whole gzip stream."""


def standing(folder: Path, file: str) -> list[Path]:
    """Where the file stands in the folder: plain, gzipped, both or neither."""
    return [path for path in (folder / file, folder / f"{file}.gz") if path.is_file()]


def contents(path: Path) -> bytes:
    """What the file says, unpacked. Raises NotGzip."""
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise NotGzip(str(error)) from error


@contextmanager
def opened_to_write(path: Path) -> Iterator[BinaryIO]:
    """A new file, gzipped where its name ends in .gz: without time and name, so that the same text is the same file."""
    with path.open("wb") as raw:
        if path.suffix != ".gz":
            yield raw
            return
        with gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed:
            yield cast(BinaryIO, packed)
