"""Many clients send one command under one key at the same moment, over HTTP: it is done once, all are answered alike.

SUPPLYHUB_KEY_CLIENTS says how many (8 unless told; 64 in CI); every command of tests/api/keyed.py in turn.
"""

from __future__ import annotations

from dataclasses import replace

from supplyhub.persistence.scope import EVERYWHERE
from tests.api.keyed import WISHES, Stage
from tests.calling import make_callers
from tests.conftest import Tell
from tests.rigs.counts import count
from tests.rigs.crowd import Call, Crowd, gathered
from tests.rigs.serving import serving
from tests.world import World

CLIENTS = count("KEY_CLIENTS", 8)


def test_one_key_sent_by_many_at_once_is_one_posting(world: World, database_url: str, tell: Tell) -> None:
    callers = make_callers(world, database_url)
    stage, sent = Stage(callers), 0
    with serving(database_url) as ports, gathered(ports, CLIENTS) as crowd:
        for rows in WISHES.values():
            for row in rows:
                wish = row(stage)
                token = stage.callers.caller(wish.who).token
                must_be_one(world, crowd, Call(token, wish.path, wish.body))
                sent += 1
    callers.app.extensions["supplyhub"].engine.dispose()
    tell(f"{sent} commands on {world.hub.engine.dialect.name}, each sent by {CLIENTS} clients at once under one key")


def must_be_one(world: World, crowd: Crowd, call: Call) -> None:
    """One is carried out, the others are told the same."""
    replies = crowd.at_once([replace(call) for _ in range(CLIENTS)])
    said = {(reply.status, reply.body, reply.headers.get("Location"), reply.headers.get("ETag")) for reply in replies}
    assert len(said) == 1, said
    assert replies[0].status in (200, 201, 202), said
    assert sum("Idempotent-Replayed" not in reply.headers for reply in replies) == 1
    with world.hub.engine.connect().execution_options(scope=EVERYWHERE) as connection:
        stands = connection.exec_driver_sql(f"SELECT count(*) FROM posting WHERE idem_key = '{call.key}'")
        assert stands.scalar_one() == 1
