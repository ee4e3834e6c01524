"""The OpenAPI document says what is served: every route with its right, problems as problem+json, our own headers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supplyhub.api.door import OPEN_TO_ALL, SIGNED_IN
from supplyhub.domain.people import RIGHTS
from tests.api.test_keys import UNKEYED
from tests.calling import Callers

KNOWN_RIGHTS = frozenset().union(*RIGHTS.values()) | {OPEN_TO_ALL, SIGNED_IN}


@pytest.fixture
def document(still: Callers) -> dict[str, Any]:
    """The document as it is served."""
    answer = still.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = json.loads(answer.get_data())
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Every operation by path and method."""
    return {
        (path, method): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    }


def test_every_route_names_its_right_and_stands_in_the_document(still: Callers, document: dict[str, Any]) -> None:
    described = {(path.replace("{", "<").replace("}", ">"), method) for path, method in operations(document)}
    served = set()
    for rule in still.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/") or rule.endpoint == "api-docs.openapi_json":
            continue
        assert getattr(still.app.view_functions[rule.endpoint], "right", None) in KNOWN_RIGHTS, rule
        path = "".join(f"<{part}>" if is_variable else part for is_variable, part in rule._trace).split("|")[-1]
        served |= {(path, method.lower()) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert described == served
    assert document["openapi"] == "3.1.0"


def test_only_signing_in_is_open_to_all(still: Callers, document: dict[str, Any]) -> None:
    open_to_all = [key for key, operation in operations(document).items() if operation.get("security") == []]
    assert open_to_all == [("/api/v1/tokens", "post")]
    assert document["security"] == [{"token": []}]


def test_every_route_but_signing_in_refuses_nobody(still: Callers, document: dict[str, Any]) -> None:
    """Nobody gets in, whatever he sends, and cannot tell which documents exist."""
    for (path, method), _ in operations(document).items():
        if (path, method) != ("/api/v1/tokens", "post"):
            filled = path.replace("{", "").replace("}", "")
            for name in ("posting_id", "request_id", "order_id", "plan_id", "run_id", "approval_id", "line_id",
                         "token_id", "request_line_id", "set_number", "verification_id"):  # fmt: skip
                filled = filled.replace(f"/{name}", "/1")
            answer = still.app.test_client().open(filled, method=method.upper(), json={})
            assert answer.status_code == 401, (path, method)


def test_errors_are_documented_as_problem_json(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        assert "default" in operation["responses"], key
    for name, response in document["components"]["responses"].items():
        assert list(response["content"]) == ["application/problem+json"], name


def test_commands_document_their_key_and_conditional_ones_if_match(document: dict[str, Any]) -> None:
    unkeyed = {path for method, path in UNKEYED if method == "post"}
    commands = {
        key: op
        for key, op in operations(document).items()
        if key[1] == "post" and key[0].removeprefix("/api/v1") not in unkeyed
    }
    assert len(commands) == 16
    for key, operation in commands.items():
        named = [parameter["$ref"].rsplit("/", 1)[1] for parameter in operation["parameters"] if "$ref" in parameter]
        assert "IDEMPOTENCY_KEY" in named, key
    conditional = {path.rsplit("/", 1)[1] for (path, _), op in commands.items() if "IF_MATCH" in str(op["parameters"])}
    assert conditional == {
        "withdrawal", "approvals", "rejection", "dispatch", "arrival", "cancellation", "recall",
    }  # fmt: skip
    assert document["components"]["parameters"]["IDEMPOTENCY_KEY"]["name"] == "Idempotency-Key"


def test_pages_go_by_cursor_alone(document: dict[str, Any]) -> None:
    """No X-Pagination, no page numbers: `limit` is bounded and the cursor is a text."""
    text = json.dumps(document)
    assert "X-Pagination" not in text
    assert "page_size" not in text
    parameters = {p["name"]: p["schema"] for p in document["paths"]["/api/v1/requests"]["get"]["parameters"]}
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 500, "default": 50}
    page = document["components"]["schemas"]["RequestPage"]["properties"]
    assert set(page) == {"items", "next"}


def test_the_page_of_the_document_is_local(still: Callers) -> None:
    client = still.app.test_client()
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "//" not in page.get_data(as_text=True).replace("<!doctype", "")
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        with client.get(f"/api/docs/{name}") as answer:
            assert answer.status_code == 200
            assert "'self'" in answer.headers["Content-Security-Policy"]
    assert client.get("/api/docs/../../setup.cfg").status_code == 404


def test_every_answer_is_careful_with_browsers(still: Callers) -> None:
    for path in ("/api/v1/stock", "/api/docs", "/no-such-page"):
        headers = still.app.test_client().get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"


def test_reads_that_take_a_version_document_that_nothing_changed(document: dict[str, Any]) -> None:
    for key, operation in operations(document).items():
        conditional = "IF_NONE_MATCH" in str(operation.get("parameters", []))
        assert ("304" in operation["responses"]) == conditional, key
