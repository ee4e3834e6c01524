"""Each request: an id that its answer and its log lines carry; one line and one count when it is answered."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

from supplyhub.watch.counting import REFUSALS, REQUEST_SECONDS

SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""Ids of somebody before us (a proxy, a client) that can stand in a log without harm; others are replaced."""
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Routes asked every few seconds by machines: counted, not told."""

log = structlog.get_logger("supplyhub.request")


def register(app: Flask) -> None:
    """Watch every request of an application."""
    app.before_request(begin)
    app.after_request(end)


def begin() -> None:
    """Name the request before anything is done for it."""
    sent = request.headers.get("X-Request-ID", "")
    g.request_id = sent if SANE.fullmatch(sent) else uuid4().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Tell what became of it: never what was sent, nor who may send it."""
    response.headers["X-Request-ID"] = g.request_id
    seconds = time.perf_counter() - g.began
    route = request.url_rule.rule if request.url_rule else "none"
    kind = g.get("refusal", "") or (f"http-{response.status_code}" if response.status_code >= 400 else "")
    # A method may be any word that somebody sends; only those that a route takes are told and counted.
    method = request.method if request.url_rule else "other"
    REQUEST_SECONDS.labels(method, route, str(response.status_code)).observe(seconds)
    if kind:
        REFUSALS.labels(kind).inc()
    if route not in QUIET:
        told = {"method": method, "route": route, "status": response.status_code, "ms": round(seconds * 1000, 1)}
        log.info("request", **told, actor=_actor_id(), **({"refusal": kind} if kind else {}))
    return response


def _actor_id() -> int | None:
    """The number of who called, where that is known already; nothing is looked up for the log."""
    actor = g.get("actor")
    if actor is None and (user := g.get("_login_user")) is not None:
        actor = getattr(user, "actor", None)
    return None if actor is None else int(actor.user_id)
