"""The application: one hub, the API and the pages, the reader's language, and headers that keep browsers careful."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, has_request_context, request
from flask_babel import Babel
from werkzeug.exceptions import BadHost, BadRequest, HTTPException, RequestEntityTooLarge

from supplyhub import api, watch, web
from supplyhub.api import problems as api_problems
from supplyhub.config import Config
from supplyhub.languages import LANGUAGES
from supplyhub.persistence.engine import make_engine
from supplyhub.service.unit_of_work import Hub
from supplyhub.web import refusals as web_refusals

BODY_BYTES_MAX = 4 * 1024 * 1024
"""Five thousand lines of a bulk document take about one of these four mebibytes."""

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


def create_app(config: Config) -> Flask:
    """The WSGI application; its hub stands in `app.extensions["supplyhub"]`."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=config.secret_key,
        MODE=config.mode,
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        DEFAULT_LANGUAGE=config.language,
        BABEL_DEFAULT_LOCALE=config.language,
        BABEL_TRANSLATION_DIRECTORIES=str(Path(__file__).parent / "translations"),
    )
    hub = Hub(make_engine(config.database_url), watcher=watch.Counting())
    app.extensions["supplyhub"] = hub
    watch.register(app, metrics_token=config.metrics_token)
    Babel(app, locale_selector=choose_language)
    app.before_request(take_in_unmeasured)
    api.register(app)
    web.register(app)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(BlockingIOError, answer_silence)
    app.after_request(add_headers)
    hub.engine.dispose()  # a server that forks must not carry an open connection over
    return app


def take_in_unmeasured() -> None:
    """Read a body that comes in chunks, to its end; RequestEntityTooLarge if there is more than may be.

    Whoever reads it later would be given what fits and never be told that there was more.
    """
    if request.content_length is not None or not request.environ.get("wsgi.input_terminated"):
        return
    try:
        request.get_data(parse_form_data=False)
        rest = request.environ["wsgi.input"].read(1)
    except Exception as error:  # whatever a server raises for chunks that are none: the sender's fault, not ours
        raise BadRequest from error
    if rest:
        raise RequestEntityTooLarge


def answer_silence(_error: BlockingIOError) -> Any:
    """Whoever sends has fallen silent in mid-body; a server that waits for no one longer says so by this error."""
    return answer_http_error(BadRequest())


def answer_http_error(error: HTTPException) -> Response | HTTPException | tuple[str, int, list[tuple[str, str]]]:
    """Below /api/ a problem, elsewhere a page."""
    if request.path.startswith("/api/"):
        return api_problems.answer_http_error(error)
    if isinstance(error, BadHost):  # a page has addresses in it, and there is no host to make them for
        return error
    return web_refusals.tell_http(error)


def choose_language() -> str:
    """The reader's language: what the address asks for, else the cookie, else the browser, else the setting."""
    default: str = current_app.config["DEFAULT_LANGUAGE"]
    if not has_request_context():
        return default
    for wanted in (request.args.get("lang", ""), request.cookies.get("lang", "")):
        if wanted in LANGUAGES:
            return wanted
    for wanted, _quality in request.accept_languages:
        if wanted.lower().startswith("zh"):
            return "zh_Hans"
        if wanted.lower().startswith("en"):
            return "en"
    return default


def add_headers(response: Response) -> Response:
    """What browsers may do with our answers, unless a view has said otherwise."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":  # on a shared PC the next reader must not find the last one's pages
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.vary.add("Accept-Language")
    return response
