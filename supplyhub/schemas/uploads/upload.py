"""A document that came as a file: read as JSON would have said it, and whatever is wrong told where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from marshmallow import Schema

from supplyhub.domain.refusals import SupplyError
from supplyhub.schemas.files import SheetFile
from supplyhub.schemas.sound import do_what_is_sound, moment_of
from supplyhub.schemas.uploads.goods import Goods
from supplyhub.schemas.uploads.kinds import Kind
from supplyhub.schemas.uploads.lines import read_lines
from supplyhub.schemas.uploads.tables import Table, read_tables

Result = TypeVar("Result")


@dataclass(frozen=True)
class Upload:
    """A file and the fields beside it; `sent` is what makes the same command."""

    kind: Kind
    schema: type[Schema]
    fields: Mapping[str, str]
    tables: tuple[Table, ...]
    sent: Mapping[str, Any]

    @property
    def occurred_at(self) -> datetime | None:
        """When it happened, if that is said and can be read."""
        return moment_of(self.fields.get("occurred_at"))

    def carry_out(self, goods: Goods, act: Callable[[Mapping[str, Any]], Result]) -> Result:
        """Do `act` with the document that JSON would have made; whatever is refused is told where it stands."""
        lines = read_lines(self.kind, self.tables, goods)
        try:
            return do_what_is_sound(self.schema, {**self.fields, "lines": lines.lines}, act, lines.faults)
        except SupplyError as refusal:
            refusal.faults = lines.in_order(refusal.faults)
            raise


def open_upload(kind: Kind, schema: type[Schema], fields: Mapping[str, str], file: SheetFile, sheet: str) -> Upload:
    """The upload; InvalidInput in words where the file is no table."""
    sent = {"fields": dict(fields), "sheet": sheet, "sha256": hashlib.sha256(file.content).hexdigest()}
    return Upload(kind, schema, fields, tuple(read_tables(file, sheet)), sent)
