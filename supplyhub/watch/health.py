"""Health: alive is who answers, ready is who can serve; what is wrong is said in one word."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from flask import Blueprint, Response, current_app, jsonify

from supplyhub.service.readings import find_unreadiness
from supplyhub.service.unit_of_work import Hub

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def read_live() -> Response:
    """Whether the process answers at all."""
    return _answer("alive")


@blueprint.get("/ready")
def read_ready() -> Response:
    """Whether it can serve: the database answers and stands at the schema of this version; 503 and why, if not."""
    why = find_unreadiness(cast(Hub, current_app.extensions["supplyhub"]), at=datetime.now(UTC))
    return _answer(why or "ready", 503 if why else 200)


def _answer(status: str, code: int = 200) -> Response:
    response = jsonify(status=status)
    response.status_code = code
    response.headers["Cache-Control"] = "no-store"
    return response


for _view in (read_live, read_ready):
    _view.right = "open_to_all"  # type: ignore[attr-defined]  # as the API's doors say it
