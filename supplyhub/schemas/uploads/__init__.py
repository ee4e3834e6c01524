"""Receipts, issues and counts as sheets: CSV and XLSX become the same lines that JSON would have."""

from supplyhub.schemas.uploads.goods import Goods
from supplyhub.schemas.uploads.kinds import COUNT, ISSUE, RECEIPT, Kind
from supplyhub.schemas.uploads.lines import SheetLines, read_lines
from supplyhub.schemas.uploads.tables import CONTENT_TYPES, Table, read_tables

__all__ = [
    "CONTENT_TYPES",
    "COUNT",
    "Goods",
    "ISSUE",
    "Kind",
    "RECEIPT",
    "SheetLines",
    "Table",
    "read_lines",
    "read_tables",
]
