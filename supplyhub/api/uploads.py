"""Sheets onto the same path as JSON: fields from the query or the form, lines from the file, then the same verb."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import request
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from supplyhub.api.bodies import must_be_text
from supplyhub.api.sound import do_what_is_sound, moment_of
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import Fault, InvalidInput, SupplyError, words
from supplyhub.schemas.files import SheetFile
from supplyhub.schemas.uploads import CONTENT_TYPES, Goods, Kind, Table, read_lines, read_tables
from supplyhub.service import uploads
from supplyhub.service.unit_of_work import Work

Result = TypeVar("Result")
FORM = "multipart/form-data"
NAME_MAX = 80
"""So much of a file's name is repeated."""


@dataclass(frozen=True)
class Upload:
    """A document sent as a file: its fields as texts, its sheets, and what of both makes the same command."""

    kind: Kind
    schema: type[Schema]
    fields: Mapping[str, str]
    tables: tuple[Table, ...]
    sent: Mapping[str, Any]

    @property
    def occurred_at(self) -> datetime | None:
        """When it happened, if that is said and can be read."""
        return moment_of(self.fields.get("occurred_at"))

    def carry_out(self, work: Work, actor: Actor, act: Callable[[Mapping[str, Any]], Result]) -> Result:
        """Do `act` with the document that JSON would have made; what is wrong is said as it stands in the file.

        Names of items and lots are looked up here, within the transaction: a replay must never ask again.
        """
        goods = Goods(*uploads.list_goods(work, actor, self.fields.get("depot")))
        lines = read_lines(self.kind, self.tables, goods)
        try:
            return do_what_is_sound(self.schema, {**self.fields, "lines": lines.lines}, act, lines.faults)
        except SupplyError as refusal:
            refusal.faults = lines.in_order(refusal.faults)
            raise


def is_upload() -> bool:
    """Whether the body says that it is a sheet, or a form with one."""
    return request.mimetype in (*CONTENT_TYPES, FORM)


def read_upload(kind: Kind, schema: type[Schema]) -> Upload:
    """The document of this request; InvalidInput for fields that are no text and files that are no tables."""
    fields: MultiDict[str, str] = MultiDict([*request.args.items(multi=True), *request.form.items(multi=True)])
    fields.poplist("lang")
    must_be_text(dict(fields.items(multi=True)))
    wrong = [Fault(name, words("is given twice")) for name, values in fields.lists() if len(values) > 1]
    if "lines" in fields:
        wrong.append(Fault("lines", words("stand in the file")))
    if wrong:
        raise InvalidInput(faults=wrong)
    sheet = fields.pop("sheet", "")
    file = _file()
    sent = {"fields": dict(fields), "sheet": sheet, "sha256": hashlib.sha256(file.content).hexdigest()}
    return Upload(kind, schema, dict(fields), tuple(read_tables(file, sheet)), sent)


def _file() -> SheetFile:
    """The file, from a form's only file or from the body itself."""
    if request.mimetype != FORM:
        name = "sheet.csv" if request.mimetype == CONTENT_TYPES[0] else "sheet.xlsx"
        return SheetFile(name, request.get_data())
    files = list(request.files.items(multi=True))
    if [name for name, _ in files] != ["file"]:
        raise InvalidInput(faults=[Fault("file", words("send one file, in the field `file`"))])
    [(_, sent)] = files
    name = "".join(char for char in sent.filename or "" if char.isprintable())
    return SheetFile(name[-NAME_MAX:] or "file", sent.read())


def must_have_no_query() -> None:
    """InvalidInput for parameters beside a JSON document: its fields stand in it."""
    message = words("belongs into the document; only files take fields from the address")
    faults = [Fault(name, message) for name in request.args if name != "lang"]
    if faults:
        raise InvalidInput(faults=faults)


def describe_upload(kind: Kind, schema: type[Schema]) -> dict[str, Any]:
    """What the OpenAPI document says of files: their content types, and the fields beside them as parameters."""
    file = {"type": "string", "format": "binary", "description": f"Columns: {', '.join(kind.columns)}"}
    names = ["sheet", *(name for name in schema().fields if name != "lines")]
    form = {"type": "object", "properties": {**{name: {"type": "string"} for name in names}, "file": file}}
    content = {**{name: {"schema": file} for name in CONTENT_TYPES}, FORM: {"schema": {**form, "required": ["file"]}}}
    parameters: list[Any] = ["IDEMPOTENCY_KEY", *map(_parameter, names)]
    return {"requestBody": {"content": content}, "parameters": parameters}


def _parameter(name: str) -> dict[str, Any]:
    return {
        "in": "query", "name": name, "required": False, "schema": {"type": "string"},
        "description": "Of a document that is sent as a file; in JSON it is a field",
    }  # fmt: skip
