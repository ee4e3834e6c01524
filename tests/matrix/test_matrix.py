"""The authorisation matrix: every route of the map, roles x ways to name something x where it lies, cell by cell.

SUPPLYHUB_MATRIX=whole asks every cell; otherwise a role that has the right, one that has not, and nobody ask for own,
foreign and absent things. What lies outside the district answers as what does not exist, byte for byte.
"""

from __future__ import annotations

import io
import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.domain.people import RIGHTS, Role
from supplyhub.service.people import make_session
from tests.calling import Callers, make_callers
from tests.conftest import Tell
from tests.matrix.ground import RELATIONS, ROLES, Ground, lay
from tests.matrix.table import API, NO_ROLE, OPEN, PAGES, PATH_NOUNS, SIGNED_IN, Line, Way
from tests.world import NOW, World

WHOLE = os.environ.get("SUPPLYHUB_MATRIX", "") == "whole"
ASKED_SHORTLY = {"own", "foreign", "none"}
LINES = (*API, *PAGES)
REQUEST_ID = "asked-by-the-matrix"
TOKENS = re.compile(r'(name="(?:csrf_token|key)" value=")[^"]*')
"""Of a page what is another at each drawing of it."""


@dataclass(frozen=True)
class Cell:
    """Somebody (None is nobody) calls a route and names a thing at a place."""

    line: Line
    way: Way
    role: Role | None
    relation: str

    @property
    def expected(self) -> str:
        """What the table says; `s` for nobody, `r` where the role has not the right, `d` where a page says so."""
        said = self.way.by_role.get(self.role.value if self.role else "", self.way.outcomes)
        outcome = said[RELATIONS.index(self.relation)]
        if outcome == "-" or self.line.right in (OPEN, NO_ROLE):
            return outcome
        if self.role is None:
            return "s"
        if self.line.right in RIGHTS[self.role] | {SIGNED_IN}:
            return outcome
        if self.line.page not in RIGHTS[self.role]:
            return "r"
        found_by_it = self.way.channel == "path" and f":{self.way.field}>" in self.line.rule.split("/")[2]
        return "g" if found_by_it and self.relation not in ("own", "descendant") else "d"

    def __str__(self) -> str:
        who = self.role.value if self.role else "nobody"
        way = f"{self.way.channel} {self.way.field}"
        return f"{who}: {self.line.method} {self.line.rule}, {self.way.noun} in {way}, {self.relation}"


def cells_of(line: Line) -> list[Cell]:
    """The cells of a route that are asked."""
    roles: Iterable[Role | None] = [*ROLES, None]
    relations: Iterable[str] = RELATIONS
    if not WHOLE:
        may = [role for role in ROLES if line.right in RIGHTS[role] | {SIGNED_IN, OPEN}]
        roles = [*may[:1], *[role for role in ROLES if role not in may][:1], None]
        relations = [relation for relation in RELATIONS if relation in ASKED_SHORTLY]
    found = [Cell(line, way, role, relation) for way in line.ways for role in roles for relation in relations]
    return [cell for cell in found if cell.expected != "-"]


class Asking:
    """Sends what a cell says, through the real doors."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._app: Flask = ground.callers.app
        self._callers = {role: ground.caller(role) for role in (*ROLES, None)}
        self._readers = {role: self._read_as(role) for role in (*ROLES, None)}

    def ask(self, cell: Cell) -> TestResponse:
        """The answer to a cell's call."""
        path = self._path(cell)
        if cell.line.rule.startswith("/api/"):
            return self._call(cell, path)
        client, csrf = self._readers[cell.role] if cell.line.right != OPEN else self._read_as(cell.role)
        if cell.line.method == "GET":
            return client.get(path, buffered=True)
        form = {"csrf_token": csrf, "key": str(uuid.uuid4()), **(self._body(cell) or {}), **self._file(cell)}
        answer = client.post(path, data=form)
        if answer.status_code == 303:  # what was done is told on the next page of this browser: another goes on
            self._readers[cell.role] = self._read_as(cell.role)
        return answer

    def named(self, cell: Cell) -> str:
        """What the cell names."""
        return str(self._ground.thing(cell.way.noun, cell.relation, cell.role)) if cell.way.noun != "-" else ""

    def _call(self, cell: Cell, path: str) -> TestResponse:
        key = self.named(cell) if cell.way.channel == "key" else str(uuid.uuid4())
        headers = {"Idempotency-Key": key, "If-Match": "*", "X-Request-ID": REQUEST_ID}
        options: dict[str, Any] = {"headers": headers}
        if (body := self._body(cell)) is not None:
            options["json"] = body
        if path.startswith("/api/v1/"):
            return self._callers[cell.role].call(cell.line.method, path.removeprefix("/api/v1"), **options)
        return self._app.test_client().open(path, method=cell.line.method, buffered=True)

    def _file(self, cell: Cell) -> dict[str, Any]:
        """The file of a form that takes one."""
        named = self.named(cell) if cell.way.channel == "line" else ""
        text = re.sub(r"@(\w+)", lambda match: named if match[1] == cell.way.field else "", cell.line.file)
        return {"file": (io.BytesIO(text.encode()), "lines.csv")} if text else {}

    def _path(self, cell: Cell) -> str:
        nouns = dict(PATH_NOUNS)
        nouns |= {way.field: way.noun for way in reversed(cell.line.ways) if way.channel == "path"}

        def fill(match: re.Match[str]) -> str:
            name = match[1]
            if name in cell.line.words:
                return cell.line.words[name]
            here = cell.way.channel == "path" and cell.way.field == name
            return str(self._ground.thing(nouns[name], cell.relation if here else "own", cell.role))

        path = re.sub(r"<(?:[^>:]*:)?(\w+)>", fill, cell.line.rule)
        query = [cell.line.query] if cell.line.query else []
        query += [f"{cell.way.field}={self.named(cell)}"] if cell.way.channel == "query" else []
        query += (
            ["limit=500"] if cell.way.channel == "listed" and cell.way.field[0] != "/" and "tokens" not in path else []
        )
        return f"{path}?{'&'.join(query)}" if query else path

    def _body(self, cell: Cell) -> Any:
        if cell.line.body is None:
            return None
        body = json.loads(re.sub(r"@(\w+)", lambda match: self._own(match[1], cell), json.dumps(cell.line.body)))
        name, named = cell.way.field, self.named(cell)
        if cell.way.channel == "body":
            body |= {name: f"division:{named}" if name.endswith("target") else named}
        if cell.way.channel == "line" and "lines" in body:
            other = {**body["lines"][0], name: named}
            if name == "institution":
                del other["division"]
            body["lines"] = [*body["lines"], other] if name != "lot_id" else [other]
        return _with_numbers(body)

    def _own(self, noun: str, cell: Cell) -> str:
        return str(self._ground.thing(noun, "own", cell.role))

    def _read_as(self, role: Role | None) -> tuple[FlaskClient, str]:
        """A browser of somebody's, and what its forms carry against foreign pages."""
        client = self._app.test_client()
        client.environ_base["HTTP_X_REQUEST_ID"] = REQUEST_ID
        client.set_cookie("lang", "en")
        if role is not None:
            with self._ground.callers.world.hub.read(None, at=NOW) as work:
                opened = make_session(work, self._ground.actor(role).user_id)
            with client.session_transaction() as session:
                session["_user_id"] = opened
        page = client.get("/" if role else "/sign-in").text
        found = re.search(r'name="csrf_token" value="([^"]*)"', page)
        return client, found[1] if found else ""


def _with_numbers(body: Any) -> Any:
    """Row numbers that stand in a template as text, as numbers."""
    lines = body.get("lines")
    if not isinstance(lines, list):
        return body
    numbered = [{k: int(v) if k == "lot_id" and str(v).isdigit() else v for k, v in line.items()} for line in lines]
    return {**body, "lines": numbered}


def outcome(cell: Cell, answer: TestResponse, named: str) -> str:
    """What a cell came to, by the letters of the table; `?` is none of them."""
    status, text = answer.status_code, answer.get_data(as_text=True)
    if cell.line.right == OPEN:
        return "y" if status not in (403, 404) and status < 500 else "?"
    if status == 401 or (status == 303 and "/sign-in" in answer.location and not cell.line.rule.startswith("/api/")):
        return "s"
    if cell.way.channel == "listed" and status == 200:
        return "y" if is_listed(cell, answer, named) else "n"
    if status < 400 or status in (409, 412):
        return "y"
    if status == 422 and "key-reused" in text:
        return "k"
    return {403: "c", 404: "g", 422: "u"}.get(status, "?")


def is_listed(cell: Cell, answer: TestResponse, named: str) -> bool:
    """Whether a list has the thing."""
    if cell.line.rule.startswith("/api/"):
        return named in [str(item.get(cell.way.field, "")) for item in answer.json["items"]]
    return re.search(rf'"{cell.way.field}{named}["?/]', answer.text) is not None


def plain(answer: TestResponse, named: str) -> tuple[int, list[tuple[str, str]], str]:
    """Status, headers and body, without what was named and without what differs each time."""
    sent = answer.request.path, unquote(answer.request.query_string.decode())
    # A code stands out wherever it stands; a small number only where it stands alone.
    around = (
        (r"(?<![\w-])", r"(?![\w-])")
        if len(named) > 5 or not named.isdigit()
        else (r"(?<=[\"'\s>])", r"(?=[\"'\s<,}&])")
    )
    here = re.compile(re.escape(named).join(around)) if named else re.compile("(?!)")

    def without(text: str) -> str:
        text = unquote(text)
        for one in sent:
            text = text.replace(one, "ASKED") if one else text
        return here.sub("IT", text)

    headers = [(name, without(text)) for name, text in answer.headers if name not in ("Content-Length", "Set-Cookie")]
    return answer.status_code, headers, without(TOKENS.sub(r"\1", answer.get_data(as_text=True)))


@pytest.fixture
def ground(world: World, database_url: str) -> Iterator[Ground]:
    """Five places with all that can be named."""
    callers: Callers = make_callers(world, database_url)
    yield lay(callers)
    callers.app.extensions["supplyhub"].engine.dispose()


def test_every_route_has_a_line_and_its_right() -> None:
    app = create_app(Config("sqlite://", "tests-only-" * 4, "production"))
    routes = {
        (method, rule.rule): getattr(app.view_functions[rule.endpoint], "right", None)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    lines = {(line.method, line.rule): line.right for line in LINES}
    how = '_api("GET /things/<number:thing_id>", "read_things", "path thing_id thing ygyggg")'
    assert routes.keys() - lines.keys() == set(), f"each needs a line in tests/matrix/table.py, like {how}"
    assert lines.keys() - routes.keys() == set(), "these lines are of no route"
    assert {route: lines[route] for route, right in routes.items() if right} == {r: x for r, x in routes.items() if x}


def test_every_cell_is_as_the_table_says(ground: Ground, tell: Tell) -> None:
    asking = Asking(ground)
    wrong, counts = [], dict.fromkeys("yrdscguken", 0)
    # Those that change something come last, so that none is asked of what another changed.
    for cell in sorted(chain.from_iterable(map(cells_of, LINES)), key=lambda cell: cell.expected == "y"):
        answer, named = asking.ask(cell), asking.named(cell)
        found = outcome(cell, answer, named)
        expected = {"r": "c", "d": "c", "e": "y"}.get(cell.expected, cell.expected)
        if found != expected:
            wrong.append(f"{cell}: {found} ({answer.status_code}) instead of {cell.expected}")
        elif cell.expected in "rgue" and cell.relation != "none":
            wrong += _unlike_absent(asking, cell, answer, named)
        counts[cell.expected] += 1
    assert not wrong, "\n".join(wrong)
    _must_find_what_is_wrong(asking)
    told = ", ".join(f"{count} {letter}" for letter, count in counts.items())
    tell(f"the authorisation matrix: {len(LINES)} routes, {sum(counts.values())} cells ({told})")


def _must_find_what_is_wrong(asking: Asking) -> None:
    """The table is asked and not only read: a depot below that might be kept, a foreign one that might be seen."""
    [receipts] = [line for line in API if line.rule.endswith("/receipts")]
    for said, relation, true in (("yuyuuu", "descendant", "c"), ("yucuyu", "foreign", "u")):
        cell = Cell(receipts, Way.read(f"body depot depot {said}"), Role.KEEPER, relation)
        assert outcome(cell, asking.ask(cell), asking.named(cell)) == true != cell.expected


def _difference(one: str, other: str) -> str:
    start = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return f"{one[start - 60 : start + 60]!r} / {other[start - 60 : start + 60]!r}"


def _unlike_absent(asking: Asking, cell: Cell, answer: TestResponse, named: str) -> list[str]:
    """Where the answer tells a thing that is somewhere from one that is nowhere."""
    absent = Cell(cell.line, cell.way, cell.role, "none")
    control, nothing = asking.ask(absent), asking.named(absent)
    if cell.way.channel in ("listed", "key"):  # the first is sent nowhere, the second answered with nothing of it
        named = nothing = ""
    one, other = plain(answer, named), plain(control, nothing)
    return [] if one == other else [f"{cell}: not as what is nowhere: {_difference(str(one), str(other))}"]
