"""Whatever is sent, the answer is a refusal in problem+json, never a crash, and nothing changes."""

from __future__ import annotations

import copy
import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.calling import Callers
from tests.world import FOREIGN_COMMUNITY

NUMBERS = st.one_of(
    st.integers(), st.sampled_from([2**31, 2**53, 2**63, -(2**63), 10**400]), st.floats(), st.booleans(), st.none()
)
TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["", "\x00", "\ud800", "A1", "mask", "T", "'; --", "x" * 5000]))
JSONS = st.recursive(
    st.one_of(NUMBERS, TEXTS), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
# Each is sound but for one code of a foreign district, so that whatever else is put into it, it is refused.
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "/receipts": ("keeper", {"depot": "B1", "note": "", "lines": [{"item": "mask", "quantity": 1, "lot": "x"}]}),
    "/issues": ("keeper", {"depot": "B1", "to": "used", "lines": [{"item": "mask", "packs": 1}]}),
    "/counts": ("keeper", {"depot": "B1", "lines": [{"lot_id": 1, "seen": 1, "counted": 2}]}),
    "/transfers": ("keeper", {"from_depot": "B1", "to_depot": "T", "lines": [{"item": "mask", "quantity": 1}]}),
    "/requests": (
        "township", {"lines": [{"division": FOREIGN_COMMUNITY, "item": "mask", "quantity": 1, "priority": 1}]},
    ),
    "/planning-runs": ("planner", {"division": "999999999999", "mutual_aid": {"city": "0.2"}}),
}  # fmt: skip
QUERIES = (
    ("keeper", "/stock", ("division", "item")),
    ("keeper", "/divisions", ("level", "search", "limit", "cursor")),
    ("keeper", "/transfers", ("status", "plan", "from_depot", "to_division", "limit", "cursor")),
    ("keeper", "/movements", ("depot", "item", "limit", "cursor")),
    ("planner", "/plans/1/lines", ("item", "division", "priority", "unfilled", "limit", "cursor")),
)
QUIET = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def paths_into(value: Any) -> list[tuple[Any, ...]]:
    """The way to every value inside a JSON document."""
    keys = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, inner in keys for way in ((key,), *((key, *rest) for rest in paths_into(inner)))]


def replaced(body: Any, way: tuple[Any, ...], value: Any) -> Any:
    """A copy of the body with one value put in another's place."""
    changed = copy.deepcopy(body)
    inside = changed
    for key in way[:-1]:
        inside = inside[key]
    inside[way[-1]] = value
    return changed


def send(still: Callers, username: str, path: str, body: Any) -> TestResponse:
    data = json.dumps(body).encode()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    return still.caller(username).call("POST", path, data=data, content_type="application/json", headers=headers)


def must_be_refused(answer: TestResponse) -> None:
    assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.get_data())["detail"]


@QUIET
@given(path=st.sampled_from(sorted(BODIES)), body=JSONS)
def test_any_body(still: Callers, path: str, body: Any) -> None:
    if path == "/planning-runs" and body == {}:
        return  # all of it has a default: that is a lawful wish
    must_be_refused(send(still, BODIES[path][0], path, body))


@QUIET
@given(path=st.sampled_from(sorted(BODIES)), value=JSONS, data=st.data())
def test_a_sound_body_with_one_value_replaced(still: Callers, path: str, value: Any, data: st.DataObject) -> None:
    username, body = BODIES[path]
    guarded = {"depot", "from_depot", "division"}
    ways = [way for way in paths_into(body) if way[-1] not in guarded and way not in (("lines",), ("lines", 0))]
    must_be_refused(send(still, username, path, replaced(body, data.draw(st.sampled_from(ways)), value)))


@QUIET
@given(chosen=st.sampled_from(QUERIES), value=st.one_of(TEXTS, NUMBERS.map(str)), data=st.data())
def test_any_query(still: Callers, chosen: tuple[str, str, tuple[str, ...]], value: str, data: st.DataObject) -> None:
    username, path, names = chosen
    query = {data.draw(st.sampled_from(names)): value.encode("utf-8", "replace")}
    answer = still.caller(username).call("GET", path, query_string=query)
    assert answer.status_code < 500, answer.get_data(as_text=True)


@QUIET
@given(value=TEXTS, path=st.sampled_from(["/divisions/{}", "/depots/{}/shelves", "/items/{}", "/requests/{}"]))
def test_any_path(still: Callers, value: str, path: str) -> None:
    filled = path.format(value.encode("utf-8", "replace").decode().replace("?", "").replace("#", ""))
    answer = still.caller("keeper").call("GET", filled)
    assert answer.status_code < 500, answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["a" * 70, ".....", "a..b"])
@pytest.mark.parametrize("path", ["/", "/no-such-page", "/api/v1/stock"])
def test_a_host_that_is_none_is_told_so(still: Callers, host: str, path: str) -> None:
    answer = still.app.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
