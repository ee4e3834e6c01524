"""Requests over HTTP: ask, answer what was asked back, withdraw, and see what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import language, name_all, page, show
from supplyhub.domain.catalogue import Item
from supplyhub.domain.codes import codes_of, each, find_too_large, find_unknown, must_be_known, units_of
from supplyhub.domain.people import Actor
from supplyhub.domain.places import Division, Institution
from supplyhub.domain.refusals import Fault, words
from supplyhub.domain.requests import NewRequest, NewRequestLine, Request, RequestLine
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.schemas.names import Names
from supplyhub.schemas.requests import (
    AnswerLineSchema,
    NewRequestSchema,
    RequestLineSchema,
    RequestLineViewSchema,
    RequestSchema,
)
from supplyhub.service import requests
from supplyhub.service.unit_of_work import Answer, Work

door = Door("requests", "What township offices ask for, and what became of it")
RequestPage, RequestLinePage = page_of(RequestSchema), page_of(RequestLineViewSchema)


@door.reads("/requests", "read_requests", RequestPage, PageQuery)
def list_requests(work: Work, actor: Actor, query: Mapping[str, Any]) -> Any:
    """Requests of your district, latest first."""
    found = requests.list_requests(work, actor, before=query["cursor"] or 2**62, limit=query["limit"] + 1)
    names = name_all(work, divisions=[request.township_id for request in found])
    return page(RequestPage, found, query["limit"], "id", names)


@door.reads("/requests/<number:request_id>", "read_requests", RequestSchema, versioned=True)
def read_request(work: Work, actor: Actor, request_id: int) -> Any:
    """One request as it stands."""
    return _show_request(work, requests.read_request(work, actor, request_id))


def _show_request(work: Work, request: Request) -> Any:
    return show(RequestSchema, request, name_all(work, divisions=[request.township_id]))


@door.reads("/requests/<number:request_id>/lines", "read_requests", RequestLinePage, PageQuery)
def read_request_lines(work: Work, actor: Actor, query: Mapping[str, Any], request_id: int) -> Any:
    """A request's lines with what was granted, why not more, and what is on its way."""
    found = requests.read_request_lines(work, actor, request_id, after=query["cursor"] or 0, limit=query["limit"] + 1)
    rows = [_LineRow(view) for view in found]
    names = _line_names(work, [view.line for view in found])
    return page(RequestLinePage, rows, query["limit"], "id", names)


class _LineRow:
    """A line's facts beside what became of it, as one row of the wire."""

    def __init__(self, view: requests.LineView) -> None:
        vars(self).update(vars(view.line), open_units=view.line.open_units)
        self.grants = [
            {**vars(one.line), "plan_id": one.plan_id, "status": one.status, "reason": one.line.reason(language())}
            for one in view.grants
        ]
        self.orders = [{**vars(order), "status": status} for status, order in view.orders]


@door.performs("/requests", "make_request", RequestSchema, NewRequestSchema, status=201)
def make_request(work: Work, actor: Actor, sent: Mapping[str, Any]) -> Answer:
    """Ask for communities and institutions of your district."""
    request_id = requests.make_request(work, actor, _request(work, sent))
    body = _show_request(work, requests.read_request(work, actor, request_id))
    return Answer(body, 201, f"/api/v1/requests/{request_id}")


def _request(work: Work, sent: Mapping[str, Any]) -> NewRequest:
    lines, items = sent["lines"], work.catalogue.map_items()
    divisions = work.places.map_divisions(codes_of(each(lines, "division")))
    institutions = work.places.map_institutions(codes_of(each(lines, "institution")))
    must_be_known(
        find_unknown(each(lines, "division"), divisions),
        find_unknown(each(lines, "institution"), institutions),
        find_unknown(each(lines, "item"), items),
        find_too_large(lines, items),
        _find_misplaced(lines, divisions, institutions),
    )
    return NewRequest(sent["reason"], tuple(_line(line, items, divisions, institutions) for line in lines))


def _find_misplaced(
    lines: Sequence[Mapping[str, Any]], divisions: Mapping[str, Division], institutions: Mapping[str, Institution]
) -> list[Fault]:
    """Institutions named together with a division that they are not in."""
    message = words("the institution {institution} is not in the division {division}; leave the division out")
    return [
        Fault(f"lines[{place}].division", message, {name: line[name] for name in ("institution", "division")})
        for place, line in enumerate(lines)
        if line["institution"] in institutions
        and line["division"] in divisions
        and institutions[line["institution"]].division_id != divisions[line["division"]].id
    ]


def _line(
    line: Mapping[str, Any],
    items: Mapping[str, Item],
    divisions: Mapping[str, Division],
    institutions: Mapping[str, Institution],
) -> NewRequestLine:
    item, institution = items[line["item"]], institutions.get(line["institution"])
    return NewRequestLine(
        division_id=institution.division_id if institution else divisions[line["division"]].id,
        item_id=item.id,
        quantity_units=units_of(line, item) if line.get("quantity") or line.get("packs") else None,
        priority=line["priority"],
        institution_id=institution.id if institution else None,
        needed_by=line["needed_by"],
        reason=line["reason"],
        override_reason=line["override_reason"],
    )


@door.performs("/requests/<number:request_id>/withdrawal", "withdraw_request", RequestSchema, conditional=True)
def withdraw_request(work: Work, actor: Actor, request_id: int, seen_version: int | None) -> Answer:
    """Take a request back: what is not ordered yet is no longer planned."""
    request = requests.withdraw_request(work, actor, request_id, seen_version=seen_version)
    return Answer(_show_request(work, request), 200)


@door.performs("/request-lines/<number:line_id>/answer", "answer_request_line", RequestLineSchema, AnswerLineSchema)
def answer_request_line(work: Work, actor: Actor, sent: Mapping[str, Any], line_id: int) -> Answer:
    """Say how many are needed where the amount was not known."""
    units = sent.get("quantity") or _units_of_packs(work, line_id, sent["packs"])
    line = requests.answer_request_line(work, actor, line_id, units, sent["override_reason"])
    return Answer(_show_line(work, line), 200)


def _units_of_packs(work: Work, line_id: int, packs: int) -> int:
    item_id = work.requests.get_line(line_id).item_id
    [item] = [item for item in work.catalogue.list_items() if item.id == item_id]
    must_be_known(find_too_large([{"item": item.code, "packs": packs}], {item.code: item}))
    return packs * item.pack_size


def _show_line(work: Work, line: RequestLine) -> Any:
    return show(RequestLineSchema, line, _line_names(work, [line]))


def _line_names(work: Work, lines: Sequence[RequestLine]) -> Names:
    return name_all(
        work,
        divisions=[line.division_id for line in lines],
        institutions=[line.institution_id for line in lines],
    )
