"""Receipts, issues and counts from a file: sheets to fill in, a look at what would be posted, and the posting."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, send_file
from flask_babel import gettext
from marshmallow import Schema

from supplyhub.domain.people import Actor
from supplyhub.domain.places import Depot
from supplyhub.domain.refusals import Fault, InvalidInput, words
from supplyhub.domain.stock import ISSUE_REASONS, RECEIPT_REASONS, AccountKind, Posted
from supplyhub.schemas.cells import clean
from supplyhub.schemas.fields import LINES_MAX
from supplyhub.schemas.stock import NewCountSchema, NewIssueSchema, NewReceiptSchema
from supplyhub.schemas.uploads import COUNT, ISSUE, RECEIPT, XLSX, Goods, Kind, SheetFile, Upload, open_upload
from supplyhub.schemas.uploads.writing import count_rows, headings_of, write_csv, write_workbook
from supplyhub.service import catalogue, documents, stock, uploads
from supplyhub.service.unit_of_work import Work
from supplyhub.web.choices import find_place, items_by_code, kept_depots, own_places
from supplyhub.web.door import Page, perform, reading, redrawn_by
from supplyhub.web.drafts import Draft
from supplyhub.web.wording import language

blueprint = Blueprint("uploads", __name__)

LINES_SHOWN = 500


@dataclass(frozen=True)
class Paper:
    """A document that may come as a file: its sheet, its shape, its verb, and what pages say of it."""

    kind: Kind
    schema: type[Schema]
    verb: str
    read: Callable[[Work, Mapping[str, Any]], Any]
    post: Callable[[Work, Actor, Any], Sequence[Posted]]
    title: str
    sheet_title: str
    done: str


PAPERS = {
    "receipts": Paper(
        RECEIPT, NewReceiptSchema, "post_receipt", documents.read_receipt, stock.post_receipt,
        words("Receive from a file"), words("Receipt"), words("The receipt is posted."),
    ),
    "issues": Paper(
        ISSUE, NewIssueSchema, "post_issue", documents.read_issue, stock.post_issue,
        words("Issue from a file"), words("Issue note"), words("The issue is posted."),
    ),
    "counts": Paper(
        COUNT, NewCountSchema, "post_count", documents.read_count, stock.post_count,
        words("Count from a file"), words("Count sheet"),
        words("The count is posted; where book and shelf agreed, nothing changed."),
    ),
}  # fmt: skip
ADDRESS = "/<any(receipts, issues, counts):papers>"
IN_FILE = re.compile(r".*?:(?P<row>\d+)(?::(?P<column>.*))?", re.DOTALL)
FIELDS = frozenset({"depot", "reason", "place", "note", "file"})
PURPOSES = {reason.value: to for to, reasons in ISSUE_REASONS.items() for reason in reasons}


class Looked(Exception):
    """What would be posted, once it has been tried; leaving the transaction with it takes everything back."""

    def __init__(self, lines: Sequence[tuple[Posted, int]]) -> None:
        super().__init__()
        self.lines = lines


def draw_upload(draft: Draft, papers: str, looked: Sequence[tuple[Posted, int]] | None = None) -> str:
    """The page of a file: where to get a sheet, what goes with it, and what was wrong with it or would come of it."""
    paper = PAPERS[papers]
    with reading() as (work, actor):
        actor.must(paper.verb)
        depots = kept_depots(work, actor)
        chosen = draft.value("depot")
        return render_template(
            "upload.html",
            draft=draft,
            papers=papers,
            paper=paper,
            told=list(_told(draft)),
            depots=depots,
            depot=next((depot for depot in depots if depot.code == chosen), depots[0] if depots else None),
            reasons={"receipts": RECEIPT_REASONS, "issues": tuple(PURPOSES)}.get(papers, ()),
            places=own_places(work, actor) if papers == "issues" else [],
            looked=None if looked is None else looked[:LINES_SHOWN],
            looked_count=len(looked or ()),
            item_by_code=items_by_code(work, actor) if looked else {},
        )


@dataclass(frozen=True)
class Told:
    """One fault as the page shows it: the field of the form, or the row and column of the file, and what is wrong."""

    field: str
    row: str
    column: str
    message: str


def _told(draft: Draft) -> Iterator[Told]:
    for where, message in draft.faults:
        place = IN_FILE.fullmatch(where)
        if place:
            yield Told("", place["row"], place["column"] or "", message)
        else:
            yield Told(where if where in FIELDS else "file", "", "", message)


@blueprint.get(f"{ADDRESS}/upload")
def new_upload(papers: str) -> str:
    """Ask for a file."""
    return draw_upload(Draft(request.args), papers)


@blueprint.post(f"{ADDRESS}/upload")
@redrawn_by(draw_upload)
def post_upload(papers: str) -> Page:
    """Post what a file says, or only look at what would be posted."""
    paper, (file, digest) = PAPERS[papers], _file()
    twice = [Fault(name, words("is given twice")) for name, values in request.form.lists() if len(values) > 1]
    if twice:
        raise InvalidInput(faults=twice)
    fields = {name: clean(value) for name, value in request.form.items() if clean(value)}
    upload = open_upload(paper.kind, paper.schema, {}, file, "")

    def act(work: Work, actor: Actor) -> str:
        told = Upload(upload.kind, upload.schema, _fields(work, actor, papers, fields), upload.tables, upload.sent)
        goods = Goods(*uploads.list_goods(work, actor, told.fields.get("depot")))
        moved, where = told.carry_out(goods, lambda document: _post(work, actor, paper, document))
        if "look" in request.form:  # only now: a file of which something is wrong has been refused by here
            raise Looked(moved)
        return where

    try:
        return perform(paper.verb, act, paper.done, file_sha256=digest)
    except Looked as looked:
        return draw_upload(Draft(request.form), papers, looked.lines)


def _file() -> tuple[SheetFile, str]:
    """The file that was chosen, and its digest."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise InvalidInput(faults=[Fault("file", words("choose a file"))])
    name = "".join(char for char in sent.filename if char.isprintable())[-80:]
    content = sent.read()
    return SheetFile(name or "file", content), hashlib.sha256(content).hexdigest()


def _fields(work: Work, actor: Actor, papers: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What goes with the lines, by the names that JSON has for it."""
    fields = {name: typed[name] for name in ("depot", "reason", "note") if name in typed}
    if papers == "issues":
        place = find_place(work, typed.get("place") or actor.division_code)
        if place is None:
            message = words("no place of your district has this code or, alone, this name")
            raise InvalidInput(faults=[Fault("place", message)])
        fields |= {"division": place.code, "to": PURPOSES.get(typed.get("reason", ""), AccountKind.USED).value}
    return fields


def _post(work: Work, actor: Actor, paper: Paper, document: Mapping[str, Any]) -> tuple[list[tuple[Posted, int]], str]:
    """Post it; what was moved, each with its sign, and where it can be seen."""
    moved = paper.post(work, actor, paper.read(work, document))
    where = f"/entries/{work.stamp.posting_id}" if moved else f"/depots/{document['depot']}"
    return list(zip(moved, _signs(paper, document) or [1] * len(moved), strict=True)), where


def _signs(paper: Paper, document: Mapping[str, Any]) -> list[int]:
    """Of a count, whether each difference adds or takes."""
    if paper.kind is not COUNT:
        return []
    differences = (line["counted"] - line["seen"] for line in document["lines"])
    return [1 if difference > 0 else -1 for difference in differences if difference]


@blueprint.get(f"{ADDRESS}/sheet.<any(xlsx, csv):form>")
def download_sheet(papers: str, form: str) -> Response:
    """A sheet to fill in; for a count it lists the shelves of the depot with what the book says."""
    paper = PAPERS[papers]
    with reading() as (work, actor):
        actor.must(paper.verb)
        items = catalogue.list_items(work, actor)
        depot: Depot | None = None
        rows: list[list[Any]] = []
        if papers == "counts":
            depot, shelves = stock.read_shelves(work, actor, request.args.get("depot", ""), limit=LINES_MAX)
            rows = count_rows(shelves, {item.id: item for item in items}, language())
    title = " ".join([gettext(paper.sheet_title), depot.name if depot else ""]).strip()
    if form == "csv":
        content = write_csv([headings_of(paper.kind, language()), *rows])
    else:
        content = write_workbook(paper.kind, language(), title, rows, items)
    kind = "text/csv" if form == "csv" else XLSX
    answer = send_file(io.BytesIO(content), kind, as_attachment=True, download_name=f"{title}.{form}")
    answer.headers["Cache-Control"] = "no-store"
    return answer
