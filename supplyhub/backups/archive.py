"""The file of a backup: a zip of `manifest.json` and the database, whole or not there, each damage named."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from supplyhub.domain.refusals import Fault, InvalidInput, words

MANIFEST, FORMAT = "manifest.json", 1
MANIFEST_BYTES_MAX = 2**20
DATABASES = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
"""What the database is called in the file: SQLite's own file, or what `pg_dump --format=custom` wrote."""
STEP_BYTES = 2**20

DAMAGED = words("this is no whole backup of ours: {cause}; take another copy of it, or an earlier backup")
OTHER_FORMAT = words("format {format} is not known here; restore it with the version that made it, {version}")


class Shown(Protocol):
    """What is being done (a text to translate), and how many of how many are done."""

    def __call__(self, what: str, done: int = 0, of: int = 0) -> None: ...


@dataclass(frozen=True)
class Manifest:
    """What a backup holds, as it was read from the very moment that was copied."""

    engine: str
    version: str
    """Of the program that made it."""
    migration: str
    made_at: str
    """When the backup began, UTC, ISO 8601; whatever was acknowledged before is in it."""
    postings_before: int
    """Postings in the live database just before the copy began: the copy may hold more, never fewer."""
    rows: Mapping[str, int]
    """Rows of every table."""
    last_seq: int
    """The last number of the feed."""
    last_seal: str
    """The newest seal as it is exported, "" where there is none."""
    sha256: str = ""
    """Of the database in the file."""
    format: int = FORMAT


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A folder for nobody else's eyes on the disk of the target, gone afterwards with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle(path: Path, target: Path) -> None:
    """Give a finished file its name, so that a power cut leaves all of it or nothing."""
    path.chmod(0o600)  # it holds password hashes, and who asked for what
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def pack(database: Path, manifest: Manifest, path: Path, shown: Shown) -> Manifest:
    """Write the file; the manifest with the digest of what was written."""
    digest, size, done = hashlib.sha256(), database.stat().st_size, 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, database.open("rb") as source:
        with archive.open(DATABASES[manifest.engine], "w", force_zip64=True) as written:
            while part := source.read(STEP_BYTES):
                digest.update(part)
                written.write(part)
                done += len(part)
                shown(words("packing, MiB"), done // STEP_BYTES, size // STEP_BYTES)
        whole = Manifest(**{**asdict(manifest), "sha256": digest.hexdigest()})
        archive.writestr(MANIFEST, json.dumps(asdict(whole), ensure_ascii=False, indent=1))
    return whole


def read_manifest(path: Path) -> Manifest:
    """What the file says that it holds; InvalidInput where it is none of ours."""
    with _opened(path) as archive:
        if archive.getinfo(MANIFEST).file_size > MANIFEST_BYTES_MAX:
            raise ValueError(MANIFEST)
        return _manifest(json.loads(archive.read(MANIFEST)), path)


def unpack(path: Path, manifest: Manifest, to: Path, shown: Shown) -> None:
    """Take the database out, and hold it to its digest."""
    digest, done = hashlib.sha256(), 0
    with _opened(path) as archive:
        name = DATABASES[manifest.engine]
        size = archive.getinfo(name).file_size
        with archive.open(name) as source, to.open("xb") as written:
            while part := source.read(STEP_BYTES):
                digest.update(part)
                written.write(part)
                done += len(part)
                shown(words("unpacking, MiB"), done // STEP_BYTES, size // STEP_BYTES)
        if digest.hexdigest() != manifest.sha256:
            raise ValueError(f"{name} is not the one that was packed (SHA-256)")


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise refusal(str(path), DAMAGED, cause=str(error).strip("'\"")) from None


def _manifest(said: Any, path: Path) -> Manifest:
    """The manifest, each field of the type it must have; ValueError names the first that is not."""
    if not isinstance(said, dict) or not isinstance(said.get("format"), int):
        raise ValueError(MANIFEST)
    if said["format"] != FORMAT:
        raise refusal(str(path), OTHER_FORMAT, format=said["format"], version=str(said.get("version")))
    rows = said.get("rows")
    texts, numbers = ("version", "migration", "made_at", "last_seal", "sha256"), ("postings_before", "last_seq")
    sound = {
        "engine": said.get("engine") in DATABASES,
        "rows": isinstance(rows, dict) and all(type(count) is int for count in rows.values()),
        **{name: isinstance(said.get(name), str) for name in texts},
        **{name: type(said.get(name)) is int for name in (*numbers, "format")},
    }
    wrong = [name for name, holds in sound.items() if not holds] + sorted(set(said) - set(sound))
    if wrong:
        raise ValueError(f"{MANIFEST}: {', '.join(wrong)}")
    return Manifest(**said)


def refusal(where: str, message: str, **facts: Any) -> InvalidInput:
    """One thing that is wrong, and nothing was changed."""
    return InvalidInput(faults=[Fault(where, message, facts)])
