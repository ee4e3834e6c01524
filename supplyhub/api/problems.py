"""How the API says no: every refusal has one status, and every answer that is not a success is problem+json."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, g, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from supplyhub.domain import refusals
from supplyhub.domain.refusals import Fault, SupplyError, words
from supplyhub.schemas.problems import FAULTS_SHOWN, say, say_fault, title

CONTENT_TYPE = "application/problem+json"

STATUSES: Mapping[type[SupplyError], int] = {
    SupplyError: 409,
    refusals.InvalidInput: 422,
    refusals.NotFound: 404,
    refusals.NotSignedIn: 401,
    refusals.SignInRefused: 401,
    refusals.NotAllowed: 403,
    refusals.KeyRequired: 400,
    refusals.KeyReused: 422,
    refusals.AlreadyLoaded: 409,
    refusals.InsufficientStock: 409,
    refusals.LotExpired: 409,
    refusals.StepNotAllowed: 409,
    refusals.AlreadyReversed: 409,
    refusals.NotReversible: 409,
    refusals.VersionMismatch: 412,
    refusals.VersionRequired: 428,
    refusals.PlanOutOfDate: 409,
    refusals.ItemNotPlanned: 409,
    refusals.FeedRewound: 409,
    refusals.Busy: 503,
    refusals.DatabaseAway: 503,
    refusals.StorageFull: 507,
    refusals.NotConfigured: 503,
    refusals.NotReached: 503,
    refusals.NotDurable: 503,
}

HTTP_PROBLEMS: Mapping[int, tuple[str, str, str]] = {
    400: (
        "malformed-request",
        words("The request cannot be read."),
        words("The body must be one JSON document in UTF-8, without NaN or infinite numbers, and not nested deeply."),
    ),
    404: (
        "no-such-resource",
        words("There is nothing at this address."),
        words("The description of the API lists all addresses."),
    ),
    405: (
        "method-not-allowed",
        words("This address does not take this method."),
        words("The Allow header lists what it takes."),
    ),
    413: ("body-too-large", words("The body is too large."), words("Send at most 5,000 lines and 4 MiB at once.")),
    415: (
        "unsupported-media-type",
        words("The body is of the wrong type."),
        words("Send JSON as application/json; receipts, issues and counts also as text/csv or .xlsx."),
    ),
    500: (
        "internal-error",
        words("Something went wrong on our side."),
        words("Nothing was kept; send the same key again."),
    ),
}
"""What Flask itself refuses: slug, title and detail by status; other statuses go by the nearest of these."""


def slug(kind: type[SupplyError]) -> str:
    """InsufficientStock -> insufficient-stock."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", kind.__name__).lower()


def answer_refusal(refusal: SupplyError) -> Response:
    """The problem+json of a refusal, with the headers its status asks for."""
    facts, kind = refusal.facts(), type(refusal)
    if len(refusal.faults) > FAULTS_SHOWN:
        facts["count"] = len(refusal.faults)
    g.refusal = kind.__name__
    response = _problem(
        STATUSES[kind], slug(kind), title(kind), say(refusal),
        facts=facts, faults=[show_fault(fault) for fault in refusal.faults[:FAULTS_SHOWN]],
    )  # fmt: skip
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="supplyhub"'
    if isinstance(refusal, refusals.Busy | refusals.DatabaseAway):
        response.headers["Retry-After"] = str(refusal.seconds)
    return response


def show_fault(fault: Fault) -> dict[str, Any]:
    """One fault: where, what, and the facts behind it."""
    return {"where": fault.where, "message": say_fault(fault), "facts": fault.facts}


def answer_http_error(error: HTTPException) -> Response:
    """The problem+json of what Flask itself refused; its headers (Allow, Retry-After) are kept."""
    status = error.code or 500
    name, heading, detail = HTTP_PROBLEMS.get(status, HTTP_PROBLEMS[400 if status < 500 else 500])
    response = _problem(status, name, gettext(heading), gettext(detail), facts=_traced(status), faults=[])
    for header, value in error.get_headers():
        if header.lower() not in ("content-type", "content-length"):
            response.headers[header] = value
    return response


def _traced(status: int) -> dict[str, str]:
    """Under which number operations find in the log what went wrong on our side."""
    return {"request_id": g.request_id} if status >= 500 and "request_id" in g else {}


def _problem(
    status: int, name: str, heading: str, detail: str, *, facts: Mapping[str, Any], faults: list[dict[str, Any]]
) -> Response:
    body = {
        "type": f"/problems/{name}", "title": heading, "status": status, "detail": detail,
        "instance": request.path, "facts": facts, "faults": faults,
    }  # fmt: skip
    headers = {"Cache-Control": "no-store"}  # what is not there now may be there in a minute
    # Half a surrogate pair, sent as an escape, goes back as one: UTF-8 has no bytes for it.
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(content, status, headers, content_type=CONTENT_TYPE)
