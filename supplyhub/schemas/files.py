"""CSV files as they come: bytes, text in one of two encodings, and rows that know their line."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.cells import clean


@dataclass(frozen=True)
class SheetFile:
    """A file as it came: its name for people, and its bytes."""

    name: str
    content: bytes


def digest_of(files: Sequence[SheetFile]) -> str:
    """The same for the same contents, whatever the files are called."""
    return hashlib.sha256(b"".join(hashlib.sha256(file.content).digest() for file in files)).hexdigest()


def open_files(paths: Sequence[Path]) -> list[SheetFile]:
    """The files at these paths; those that cannot be read are refused together."""
    files, faults = [], []
    for path in paths:
        try:
            files.append(SheetFile(path.name, path.read_bytes()))
        except OSError as error:
            faults.append(Fault(str(path), words("cannot be read: {why}"), {"why": error.strerror or str(error)}))
    if faults:
        raise InvalidInput(faults=faults)
    return files


def read_records(file: SheetFile) -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line it begins on (a quoted cell may span lines).

    Raises InvalidInput where the file is no CSV.
    """
    reader = csv.reader(io.StringIO(_decode(file), newline=""), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            if any(clean(cell) for cell in cells):
                records.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        message = words("is no CSV from here on: {why}")
        raise InvalidInput(faults=[Fault(f"{file.name}:{line}", message, {"why": str(error)})]) from None
    return records


def _decode(file: SheetFile) -> str:
    if file.content.startswith(b"PK"):
        message = words("is a workbook or an archive; save the sheet as CSV (UTF-8)")
        raise InvalidInput(faults=[Fault(file.name, message)])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return file.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(faults=[Fault(file.name, words("is neither UTF-8 nor GBK text; save the sheet as CSV (UTF-8)"))])
