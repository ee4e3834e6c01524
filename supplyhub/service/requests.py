"""Verbs of asking: make a request, answer what was asked back, withdraw, and see what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.domain.planning import Grant
from supplyhub.domain.refusals import Fault, InvalidInput, VersionMismatch, words
from supplyhub.domain.requests import (
    LineState,
    NewRequest,
    NewRequestLine,
    Request,
    RequestLine,
    ceiling_units,
    find_bound_fault,
    step,
)
from supplyhub.domain.transfers import OrderLine, OrderStatus
from supplyhub.service.unit_of_work import Work

A_DAY = timedelta(days=1)
"""A form that asks for a day sends its first moment: what is needed today has not passed."""


def make_request(work: Work, actor: Actor, request: NewRequest) -> int:
    """Ask for communities and institutions of the own district; the request's id.

    A line without an amount is asked back about and never planned. Amounts beyond population x norm need a reason.
    """
    actor.must("make_request")
    items = {item.id: item for item in work.catalogue.list_items()}
    _must_be_bounded(work, request, items)
    [request_id] = work.requests.add_requests(
        {
            "township_id": [actor.division_id],
            "pos": [actor.lo],
            "status": ["open"],
            "reason": [request.reason],
            "made_by": [actor.user_id],
            "made_at": [work.at],
            "version": [1],
        }
    )
    work.requests.add_lines(_line_columns(work, request_id, request.lines, items))
    return request_id


def _must_be_bounded(work: Work, request: NewRequest, items: Mapping[int, Item]) -> None:
    divisions = {line.division_id: work.places.get_division_by_id(line.division_id) for line in request.lines}
    work.places.lock_divisions(divisions)  # two askings at once would each find room under the bound
    asked = work.requests.sum_open(divisions)
    faults = []
    for place, line in enumerate(request.lines):
        # An institution is bounded by the people of its division on its own, not together with the households there.
        key = (line.division_id, line.item_id) if line.institution_id is None else None
        already = asked.get(key, 0) if key else 0
        fault = find_bound_fault(
            f"lines[{place}].quantity", line, items[line.item_id], divisions[line.division_id].population, already
        )
        if fault is not None:
            faults.append(fault)
        if line.needed_by is not None and line.needed_by < work.at - A_DAY:
            message = words("{needed_by} has passed; write when it is needed, or leave it open")
            faults.append(Fault(f"lines[{place}].needed_by", message, {"needed_by": line.needed_by.isoformat()}))
        if key:
            asked[key] = already + (line.quantity_units or 0)
    if faults:
        raise InvalidInput(faults=faults)


def _line_columns(
    work: Work, request_id: int, lines: Sequence[NewRequestLine], items: Mapping[int, Item]
) -> dict[str, list[Any]]:
    positions = {line.division_id: work.places.get_division_by_id(line.division_id).lo for line in lines}
    return {
        "request_id": [request_id] * len(lines),
        "line": list(range(1, len(lines) + 1)),
        "division_id": [line.division_id for line in lines],
        "pos": [positions[line.division_id] for line in lines],
        "institution_id": [line.institution_id for line in lines],
        "item_id": [line.item_id for line in lines],
        "quantity_units": [line.quantity_units for line in lines],
        "ceiling_units": [ceiling_units(line.quantity_units, items[line.item_id]) for line in lines],
        "ordered_units": [0] * len(lines),
        "priority": [line.priority for line in lines],
        "needed_by": [line.needed_by for line in lines],
        "reason": [line.reason for line in lines],
        "override_reason": [line.override_reason for line in lines],
        "state": [(LineState.ASKED_BACK if line.quantity_units is None else LineState.OPEN).value for line in lines],
    }


def answer_request_line(
    work: Work, actor: Actor, line_id: int, quantity_units: int, override_reason: str = ""
) -> RequestLine:
    """Say how many are needed where the amount was unknown; from then on the line is planned."""
    actor.must("answer_request_line")
    request = work.requests.lock_request(work.requests.get_line(line_id).request_id)
    line = work.requests.lock_lines([line_id])[line_id]
    state = step(line.state, "answer")
    items = {item.id: item for item in work.catalogue.list_items()}
    division = work.places.get_division_by_id(line.division_id)
    answered = NewRequestLine(
        line.division_id, line.item_id, quantity_units, line.priority, line.institution_id,
        override_reason=override_reason,
    )  # fmt: skip
    already = 0
    if line.institution_id is None:
        work.places.lock_divisions([line.division_id])
        already = work.requests.sum_open([line.division_id]).get((line.division_id, line.item_id), 0)
    fault = find_bound_fault("quantity", answered, items[line.item_id], division.population, already)
    if fault is not None:
        raise InvalidInput(faults=[fault])
    work.requests.set_quantity(
        line.id, quantity_units, ceiling_units(quantity_units, items[line.item_id]), override_reason
    )
    work.requests.set_states([line.id], state)
    work.requests.touch_request(request.id, request.status)
    return work.requests.get_line(line_id)


def withdraw_request(work: Work, actor: Actor, request_id: int, *, seen_version: int | None = None) -> Request:
    """Take a request back: what is not ordered yet is no longer planned; what is on its way still comes."""
    actor.must("withdraw_request")
    request = work.requests.lock_request(request_id)
    if seen_version is not None and seen_version != request.version:
        raise VersionMismatch
    lines = work.requests.list_lines(request_id=request.id, limit=100_000)
    locked = work.requests.lock_lines(line.id for line in lines)
    living = [line.id for line in locked.values() if line.state is not LineState.WITHDRAWN]
    if not living:
        step(LineState.WITHDRAWN, "withdraw")
    work.requests.set_states(living, LineState.WITHDRAWN)
    work.requests.touch_request(request.id, "withdrawn")
    return work.requests.get_request(request.id)


@dataclass(frozen=True)
class LineView:
    """A line with what became of it: what plans give it, and what orders carry (status, line)."""

    line: RequestLine
    grants: list[Grant]
    orders: list[tuple[OrderStatus, OrderLine]]


def list_requests(work: Work, actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[Request]:
    """Requests of the district, latest first."""
    actor.must("read_requests")
    return work.requests.list_requests(before=before, limit=limit)


def read_request(work: Work, actor: Actor, request_id: int) -> Request:
    """A request of the district."""
    actor.must("read_requests")
    return work.requests.get_request(request_id)


def read_line(work: Work, actor: Actor, line_id: int) -> RequestLine:
    """A request line of the district."""
    actor.must("read_requests")
    return work.requests.get_line(line_id)


def read_request_lines(
    work: Work, actor: Actor, request_id: int, *, after: int = 0, limit: int = 100
) -> list[LineView]:
    """A request's lines with what was granted, why not more, and what is on its way."""
    request = read_request(work, actor, request_id)
    lines = work.requests.list_lines(request_id=request.id, after=after, limit=limit)
    ids = [line.id for line in lines]
    grants = work.planning.list_grants(ids)
    orders = work.transfers.list_lines_for(ids)
    return [
        LineView(
            line,
            [grant for grant in grants if grant.line.request_line_id == line.id],
            [(status, order) for status, order in orders if order.request_line_id == line.id],
        )
        for line in lines
    ]
