"""Mutated raw requests over sockets against a real server, as each role and as nobody: no 5xx, and nothing changes.

SUPPLYHUB_RAW_REQUESTS says how many (300 unless told), SUPPLYHUB_RAW_SEED with which seed; a request that fails is kept
whole under var/raw-requests. A route that raises and one that writes are planted beside the product and must be found.
"""

from __future__ import annotations

import hashlib
import socket
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import AnyConverter

from supplyhub.app import create_app
from supplyhub.config import Config
from supplyhub.persistence.rows import Row
from supplyhub.persistence.scope import EVERYWHERE
from supplyhub.service.people import make_session, make_token
from supplyhub.service.unit_of_work import Hub
from tests.api.keyed import Stage
from tests.calling import make_callers
from tests.conftest import Tell
from tests.rigs.counts import count
from tests.rigs.raw import SHORT_KEY, Raw, Who, mutate
from tests.rigs.serving import SECRET, serving
from tests.world import FOREIGN_COMMUNITY, NOW, World

REQUESTS = count("RAW_REQUESTS", 300)
SEED = count("RAW_SEED", 20260701)
KEPT = Path(__file__).parents[2] / "var" / "raw-requests"
CLIENTS = 8
PATIENCE_SECONDS = 0.3
"""How long a request that may have no end is waited for before our end says that it will send no more."""
NOWHERE = 987_654_321
FORM = b"key=0123456789&version=1&depot=A1&reason=delivery&lines-0-item=mask&lines-0-units=1"
OTHERS = {"failed_sign_in", "verification", "job"}
"""Tables in which a wrong password, or a supervisor's wish for a proof, may leave a line."""

BODIES = (
    ("/receipts", {"depot": "B1", "note": "", "lines": [{"item": "mask", "quantity": 1, "lot": "x"}]}, ("depot",)),
    ("/issues", {"depot": "B1", "to": "used", "lines": [{"item": "mask", "packs": 1}]}, ("depot",)),
    ("/counts", {"depot": "B1", "lines": [{"lot_id": 1, "seen": 1, "counted": 2}]}, ("depot",)),
    ("/transfers", {"from_depot": "B1", "to_depot": "T", "lines": [{"item": "mask", "quantity": 1}]}, ("from_depot",)),
    ("/requests", {"lines": [{"division": FOREIGN_COMMUNITY, "item": "mask", "quantity": 1, "priority": 1}]}, ()),
    ("/planning-runs", {"division": "999999999999", "mutual_aid": {"city": "0.2"}}, ("division",)),
    (f"/transfers/{NOWHERE}/arrival", {"depot": "T", "lines": [{"line": 1, "received": 1}]}, ()),
    (f"/transfers/{NOWHERE}/dispatch", None, ()),
    (f"/postings/{NOWHERE}/reversal", None, ()),
    (f"/plans/{NOWHERE}/approvals", {"item": "mask"}, ()),
    (f"/plans/{NOWHERE}/rejection", {"note": ""}, ()),
    (f"/request-lines/{NOWHERE}/answer", {"quantity": 1}, ()),
    ("/tokens", {"username": "keeper", "password": "wrong", "label": "x", "valid_days": 1}, ("password",)),
)  # fmt: skip
"""Commands of the API that are refused for one thing only."""


@pytest.fixture
def callers_world(world: World, database_url: str) -> World:
    """The small world with documents in it."""
    callers = make_callers(world, database_url)
    stage = Stage(callers)
    for _ in range(3):
        stage.order()
        stage.order(dispatched=True)
        stage.line()
    stage.plan()
    callers.app.extensions["supplyhub"].engine.dispose()
    return world


def test_nothing_that_is_sent_breaks_or_changes_anything(
    callers_world: World, database_url: str, owner: sa.Engine, tell: Tell
) -> None:
    hub = callers_world.hub
    app = create_app(Config(database_url, SECRET, "production"))
    bases, people = bases_of(app), people_of(callers_world, app, owner)
    app.extensions["supplyhub"].engine.dispose()
    before = digest(hub)
    with serving(database_url, processes=1) as [port]:
        answers = bombard(port, bases, people, REQUESTS)
    told = ", ".join(f"{status}: {count}" for status, count in sorted(answers.items()))
    tell(f"{sum(answers.values())} raw requests on {hub.engine.dialect.name}, seed {SEED}; answers (0: none) {told}")
    assert digest(hub) == before, "something changed"
    assert not answers.keys() & {201, 204}, "something was carried out"  # 202: a proof that a supervisor asked for
    assert max(answers) < 500, f"see {KEPT}"


def test_a_route_that_raises_and_one_that_writes_are_found(callers_world: World, database_url: str) -> None:
    hub = callers_world.hub
    before = digest(hub)
    with serving(database_url, processes=1) as [port]:
        raised = bombard(port, [Raw("GET", "/api/v1/naive/raise")], [("", "")], 60)
        assert digest(hub) == before
        bombard(port, [Raw("GET", "/api/v1/naive/write")], [("", "")], 60)
    assert raised[500]
    assert digest(hub) != before


def people_of(world: World, app: Flask, owner: sa.Engine) -> list[Who]:
    """Everybody's token, which no request that is sent could end, and session; and nobody."""
    people = [("", "")]
    for name, actor in world.actors.items():
        if name.startswith("foreign"):  # what guards a command is theirs
            continue
        token_id, token = world.hub.write(lambda w, n=name, a=actor: make_token(w, a, n, "raw"), at=NOW)
        with owner.connect().execution_options(writes=True) as connection, connection.begin():
            connection.exec_driver_sql(f"UPDATE token SET id = {10**12 + token_id} WHERE id = {token_id}")
        people.append((token, session_of(world, app, actor.user_id)))
    return people


def session_of(world: World, app: Flask, user_id: int) -> str:
    """The cookie of somebody who has signed in."""
    client = app.test_client()
    with world.hub.read(None, at=NOW) as work:
        opened = make_session(work, user_id)
    with client.session_transaction() as session:
        session["_user_id"] = opened
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def bases_of(app: Flask) -> list[Raw]:
    """A request for every route: reads of what exists, commands with their guard, pages as a browser asks for them."""
    known = {"depot": "A1", "item": "mask", "division": "420101000000", "code": "A1", "name": "swagger-ui.css"}
    bases = [Raw("POST", f"/api/v1{path}", body=body, guard=guard) for path, body, guard in BODIES]
    bases.append(Raw("DELETE", f"/api/v1/tokens/{NOWHERE}"))
    for rule in app.url_map.iter_rules():
        choices = {name: min(c.items) for name, c in rule._converters.items() if isinstance(c, AnyConverter)}
        filled = {name: known.get(name, 1) for name in rule.arguments} | choices
        path = app.url_map.bind("localhost").build(rule.endpoint, filled)
        if "GET" in (rule.methods or set()):
            bases.append(Raw("GET", path))
        elif not path.startswith("/api/"):  # forms, which are refused without the token that their page carries
            bases.append(Raw("POST", path, body=FORM, key=SHORT_KEY, content_type="application/x-www-form-urlencoded"))
    return bases


def bombard(port: int, bases: Sequence[Raw], people: Sequence[Who], count: int) -> Counter[int]:
    """Send so many mutated requests, some at a time; answers by status, 0 where there was none."""

    def send(number: int) -> int:
        random = Random(f"{SEED}-{number}")
        name, wire = mutate(random, bases, random.choice(people))
        status = answer_to(port, wire)
        if status >= 500:
            KEPT.mkdir(parents=True, exist_ok=True)
            (KEPT / f"{SEED}-{number}-{name}-{status}").write_bytes(wire)
        return status

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(send, range(count)))


def answer_to(port: int, wire: bytes) -> int:
    """The status of the answer, 0 where the server says nothing to what has no end or no sense."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        try:
            connection.sendall(wire)
            heard = hear(connection)
        except (BrokenPipeError, ConnectionResetError):  # it has heard enough of it
            return 0
    return int(heard[9:12]) if heard[:5] == b"HTTP/" and heard[9:12].isdigit() else 0


def hear(connection: socket.socket) -> bytes:
    """The first bytes of the answer; our end is closed to what the server still waits for."""
    connection.settimeout(PATIENCE_SECONDS)
    try:
        return connection.recv(64)
    except TimeoutError:
        connection.settimeout(30)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(64)


def digest(hub: Hub) -> str:
    """A digest of every row of every table but those in which a lawful request may leave a line."""
    total = hashlib.sha256()
    with hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        for table in Row.metadata.sorted_tables:
            if table.name not in OTHERS:
                rows = sorted(map(repr, connection.execute(sa.select(table))))
                total.update("\n".join([table.name, *rows]).encode("utf-8", "surrogatepass"))
    return total.hexdigest()
