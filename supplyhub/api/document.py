"""The OpenAPI document, its local page, and whose errors are whose: problem+json below /api/, HTML elsewhere."""

from __future__ import annotations

import http
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Blueprint, Flask, Response, send_from_directory
from flask_smorest import Api
from flask_smorest.utils import prepare_response
from werkzeug.routing import BaseConverter, IntegerConverter

from supplyhub.api.problems import CONTENT_TYPE
from supplyhub.schemas.fields import ID_MAX
from supplyhub.schemas.problems import ProblemSchema

SWAGGER_FILES = Path(flask_swagger_ui.__file__).parent / "dist"

DESCRIPTION = """Stock, requests, plans and transfers of an emergency-supplies reserve.

Send `Authorization: Bearer TOKEN`. Everything is scoped to your district: what lies outside answers as if it were
not there. Commands need an `Idempotency-Key`, which is kept for ever: the same key and body give the same answer.
Quantities are whole units; lines may give whole `packs` instead. Refusals are problem+json and name every fault.
Texts come in Chinese or English, by `Accept-Language`."""

SETTINGS = {
    "API_TITLE": "supplyhub",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "security": [{"token": []}],
    },
}

PARAMETERS: dict[str, dict[str, Any]] = {
    "IDEMPOTENCY_KEY": {
        "name": "Idempotency-Key", "required": True,
        "description": "Made by you before the first try, kept until answered; a UUID will do",
        "schema": {"type": "string", "pattern": "^[!-~]{8,200}$"},
    },
    "IF_MATCH": {
        "name": "If-Match", "required": True,
        "description": "The ETag that reading this gave you, or * for any version",
        "schema": {"type": "string"},
    },
    "IF_NONE_MATCH": {
        "name": "If-None-Match", "required": False,
        "description": "An ETag you hold; 304 if it is still true",
        "schema": {"type": "string"},
    },
}  # fmt: skip

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>supplyhub API</title><link rel="stylesheet" href="docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script><script src="docs/start.js"></script></body>
</html>
"""
START = 'SwaggerUIBundle({url: "v1/openapi.json", dom_id: "#swagger-ui", validatorUrl: null});\n'


class Number(IntegerConverter):
    """A row number in a path; what no database could hold is no address."""

    regex = r"\d{1,18}"

    def __init__(self, map: Any) -> None:
        super().__init__(map, min=1, max=ID_MAX)


class CodeInPath(BaseConverter):
    """A code in a path: printable, and short enough to be one."""

    regex = r"[^/\x00-\x1f\x7f]{1,64}"


class Described(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's document with our errors in it."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, app: Flask) -> None:
        app.config.update(SETTINGS)
        app.url_map.converters.update(number=Number, code=CodeInPath)
        super().__init__(app)
        self.register_converter(Number, lambda _: {"type": "integer", "minimum": 1, "maximum": ID_MAX})
        self.register_converter(CodeInPath, lambda _: {"type": "string", "minLength": 1, "maxLength": 64})
        self.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
        app.register_blueprint(make_page())

    def _register_error_handlers(self) -> None:
        """The application answers errors: it knows which addresses are the API's and which are pages."""

    def _register_responses(self) -> None:
        """Every error is documented as what it is: problem+json."""
        for status in http.HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                response["schema"] = ProblemSchema
            prepare_response(response, self.spec, CONTENT_TYPE)
            self.spec.components.response(status.name, response, lazy=True)
        refusal = {"description": "A refusal", "schema": ProblemSchema}
        prepare_response(refusal, self.spec, CONTENT_TYPE)
        self.spec.components.response("DEFAULT_ERROR", refusal, lazy=True)

    def _register_etag_headers(self) -> None:
        """The headers that our commands and reads take, in our words."""
        for name, parameter in PARAMETERS.items():
            self.spec.components.parameter(name, "header", parameter, lazy=True)


def make_page() -> Blueprint:
    """/api/docs: Swagger UI from the installed package, without a line of script in the page itself."""
    pages = Blueprint("api-page", __name__, url_prefix="/api")

    @pages.get("/docs")
    def read_docs() -> str:
        return PAGE

    @pages.get("/docs/start.js")
    def start_docs() -> Response:
        return Response(START, mimetype="text/javascript")

    @pages.get("/docs/<path:name>")
    def read_docs_file(name: str) -> Response:
        return send_from_directory(SWAGGER_FILES, name)

    return pages
