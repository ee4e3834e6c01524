"""Sheets onto the same path as JSON: fields from the query or the form, lines from the file, then the same verb."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import request
from marshmallow import Schema
from werkzeug.datastructures import MultiDict

from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.schemas.texts import must_be_text
from supplyhub.schemas.uploads import CONTENT_TYPES, Kind, SheetFile, Upload, open_upload

FORM = "multipart/form-data"
UNREADABLE = "\ufffd"
"""What stands for bytes that are no UTF-8, whatever they were: nothing is guessed."""
NAME_MAX = 80
"""So much of a file's name is repeated."""


def is_upload() -> bool:
    """Whether the body says that it is a sheet, or a form with one."""
    return request.mimetype in (*CONTENT_TYPES, FORM)


def read_upload(kind: Kind, schema: type[Schema]) -> Upload:
    """The document of this request; InvalidInput for fields that are no text and files that are no tables."""
    sent = [*request.args.items(multi=True), *request.form.items(multi=True)]
    fields = MultiDict[str, str]([(name or "", text) for name, text in sent])  # a form's part may have no name
    fields.poplist("lang")
    must_be_text(dict(fields.items(multi=True)))
    wrong = [Fault(name, words("is given twice")) for name, values in fields.lists() if len(values) > 1]
    wrong += [Fault(name, words("must be UTF-8 text")) for name in _unreadable()]
    if "lines" in fields:
        wrong.append(Fault("lines", words("stand in the file")))
    if wrong:
        raise InvalidInput(faults=wrong)
    sheet = fields.pop("sheet", "")
    return open_upload(kind, schema, dict(fields), _file(), sheet)


def _unreadable() -> list[str]:
    """Fields of the query and the form whose bytes are no UTF-8."""
    query = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    sent = [*query, *((name or "", text) for name, text in request.form.items(multi=True))]
    return list(dict.fromkeys(name for name, text in sent if UNREADABLE in name + text))


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
