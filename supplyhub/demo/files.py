"""The demo's data files, shipped inside the package (data/ATTRIBUTIONS.txt says where each comes from)."""

from __future__ import annotations

import csv
import gzip
import io
from importlib.resources import files

from supplyhub.schemas.files import SheetFile


def open_data(name: str) -> SheetFile:
    """A data file as a sheet; one that is compressed comes back plain."""
    content = files("supplyhub.demo").joinpath("data", name).read_bytes()
    return SheetFile(name, gzip.decompress(content)) if name.endswith(".gz") else SheetFile(name, content)


def read_rows(name: str) -> list[dict[str, str]]:
    """The rows of a data file, column name to text."""
    return list(csv.DictReader(io.StringIO(open_data(name).content.decode("utf-8"))))
