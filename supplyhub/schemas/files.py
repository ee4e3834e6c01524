"""CSV files as they come: bytes, text in one of two encodings, and rows that know their line."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.cells import clean

LINES_LOOKED_AT = 20
"""So many lines tell what stands between cells: titles come first, and may hold commas."""


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


def read_records(file: SheetFile, separator: Callable[[str], str] = lambda _: ",") -> list[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line it begins on (a quoted cell may span lines).

    `separator` says what stands between the cells of a text. Raises InvalidInput where the file is no CSV.
    """
    text = _decode(file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator(text))
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


def delimiter_of(text: str) -> str:
    """What stands between cells: a comma, a semicolon or a tab, whichever the first lines hold most of."""
    said = re.match(r"sep=([,;\t])\r?\n", text)
    if said:
        return said[1]
    lines = "".join(itertools.islice(io.StringIO(text), LINES_LOOKED_AT))
    return max((",", ";", "\t"), key=lines.count)


def _decode(file: SheetFile) -> str:
    if file.content.startswith(b"PK"):
        message = words("is a workbook or an archive; save the sheet as CSV (UTF-8)")
        raise InvalidInput(faults=[Fault(file.name, message)])
    marked = file.content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # "Unicode text" of spreadsheets
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return file.content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput(faults=[Fault(file.name, words("is neither UTF-8 nor GBK text; save the sheet as CSV (UTF-8)"))])
