"""Receipts, issues and counts as sheets: CSV and XLSX become the same lines that JSON would have."""

from supplyhub.schemas.files import SheetFile
from supplyhub.schemas.uploads.goods import Goods
from supplyhub.schemas.uploads.kinds import COUNT, ISSUE, RECEIPT, Kind
from supplyhub.schemas.uploads.tables import CONTENT_TYPES, XLSX
from supplyhub.schemas.uploads.upload import Upload, open_upload

__all__ = ["CONTENT_TYPES", "COUNT", "Goods", "ISSUE", "Kind", "RECEIPT", "SheetFile", "Upload", "XLSX", "open_upload"]
