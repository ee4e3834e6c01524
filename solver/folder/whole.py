"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderOccupied(FileExistsError):
    """The folder holds files that would be lost if it were replaced. Says so in `zh` and `en`."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        listed = " ".join(names)
        self.zh = f"{folder} 中有其他文件,不予覆盖:{listed}"
        self.en = f"{folder} holds other files and is not replaced: {listed}"
        super().__init__(self.en)


@contextmanager
def written_whole(folder: Path, also_ours: Collection[str] = ()) -> Iterator[Path]:
    """A draft folder beside `folder` that takes its place when the block ends well and vanishes when it does not.

    A link is followed. Raises FolderOccupied where `folder` holds files that the draft does not, those named in
    `also_ours` apart, or folders; OSError where the disk refuses.
    """
    folder = folder.resolve() if folder.is_symlink() or not folder.name else folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield draft
        draft.chmod(0o777 & ~_umask())
        if folder.exists():
            ours = {_plain(path) for path in draft.iterdir()}
            kept = sorted(path.name for path in folder.iterdir() if not _is_ours(path, ours, also_ours))
            if kept:
                raise FolderOccupied(folder, kept)
            _replace(folder, draft)
        else:
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_ours(path: Path, files: Collection[str], folders: Collection[str]) -> bool:
    return path.name in folders if path.is_dir() else _plain(path) in files


def _replace(folder: Path, draft: Path) -> None:
    """Put the draft in the folder's place, or leave that as it was."""
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        folder.rename(aside / "old")
        try:
            draft.rename(folder)
        except BaseException:
            (aside / "old").rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _plain(path: Path) -> str:
    """The file's name without the ending that says it is gzipped: either form replaces the other."""
    return path.name.removesuffix(".gz")


def _umask() -> int:
    """The mask of new files, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
