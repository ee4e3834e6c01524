"""PostgreSQL alone keeps districts apart: a raw connection as the service, without a WHERE, on every table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from supplyhub import start
from supplyhub.config import Config
from supplyhub.domain.people import Actor
from supplyhub.domain.refusals import NotConfigured
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.scope import EVERYWHERE, Scope
from supplyhub.service.oversight import must_be_guarded
from supplyhub.service.rollups import roll_up
from supplyhub.service.unit_of_work import Hub
from tests.calling import Callers, make_callers
from tests.conftest import Cluster
from tests.living import live
from tests.persistence.shown import SHOWN, Row, Shown, Tables
from tests.world import NOW, World

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

HISTORY = ("posting", "answer", "movement", "feed", "seal", "lot", "posting_note", "account", "alembic_version")
"""Tables of which no row is ever changed or deleted, but for notes, whose text may be erased."""
OPEN = {"alembic_version", "division", "category", "item"}
"""What is shown even to a transaction that does not say for whom it asks."""


@pytest.fixture
def api(world: World, database_url: str) -> Iterator[Callers]:
    """The application, over a world in which something has happened."""
    callers = make_callers(world, database_url)
    live(callers)
    while world.hub.write(roll_up, at=NOW):
        pass
    yield callers
    callers.app.extensions["supplyhub"].engine.dispose()


@pytest.fixture
def service(database_url: str) -> Iterator[sa.Engine]:
    """The service's own way into the database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


def read_all(engine: sa.Engine, scope: Scope | None) -> Tables:
    """Every row of every table that the database lists and shows."""
    with engine.connect().execution_options(scope=scope) as connection:
        tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars()
        return {
            table: [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()]
            for table in list(tables)
        }


def must_show(engine: sa.Engine, whole: Tables, actor: Actor) -> dict[str, int]:
    """What a raw connection with the actor's interval gets is what the declared table says; rows by table."""
    got, see = read_all(engine, Scope(actor.lo, actor.hi)), Shown(whole, actor.lo, actor.hi)
    assert set(got) == set(SHOWN), "a table without a line in tests/persistence/shown.py"
    for table, rows in got.items():
        assert _sorted(rows) == _sorted(see.rows(table)), f"{table}, as {actor.name} is shown it"
    return {table: len(rows) for table, rows in got.items()}


def _sorted(rows: list[Row]) -> list[str]:
    return sorted(str(sorted(row.items())) for row in rows)


def test_every_table_shows_each_actor_what_is_declared_and_nothing_else(
    api: Callers, service: sa.Engine, owner: sa.Engine
) -> None:
    whole = read_all(service, EVERYWHERE)
    assert [table for table, rows in whole.items() if not rows] == []
    for username, actor in api.world.actors.items():
        counts = must_show(service, whole, actor)
        if actor.hi - actor.lo < max(row["hi"] - row["lo"] for row in whole["division"]):
            hidden = [table for table in SHOWN if counts[table] < len(whole[table])]
            assert len(hidden) >= 20, f"{username} is shown nearly all: this world hides too little to prove anything"

    assert {table for table, rows in read_all(service, None).items() if rows} == OPEN
    _must_find_leaks(service, owner, whole, api.world.actors["township"])


def _must_find_leaks(service: sa.Engine, owner: sa.Engine, whole: Tables, actor: Actor) -> None:
    """What was asked of every table fails where one has lost its policy, and where there is a table more."""
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE posting_note DISABLE ROW LEVEL SECURITY")
    with pytest.raises(AssertionError, match="posting_note, as "):
        must_show(service, whole, actor)
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE posting_note ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql("CREATE TABLE leak AS SELECT * FROM posting_note")
        connection.exec_driver_sql(f'GRANT SELECT ON leak TO "{service.url.username}"')
    with pytest.raises(AssertionError, match="without a line"):
        must_show(service, whole, actor)


@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_history_is_not_rewritten_even_without_its_triggers(act: str, service: sa.Engine, owner: sa.Engine) -> None:
    with owner.begin() as connection:
        for table in HISTORY:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    columns = {"posting_note": "sha256", "feed": "seq", "seal": "number", "alembic_version": "version_num"}
    for table in HISTORY:
        column = columns.get(table, "posting_id" if table == "answer" else "id")
        refused = pytest.raises(sa.exc.ProgrammingError, match="permission denied")
        with service.connect().execution_options(scope=EVERYWHERE) as connection, refused:
            connection.exec_driver_sql(act.format(table, column, column))


def test_neither_end_of_an_order_writes_the_others_account(api: Callers, service: sa.Engine) -> None:
    whole = read_all(service, EVERYWHERE)
    keeper, other = (api.world.actors[name] for name in ("keeper", "foreign_keeper"))
    for mine, theirs in ((keeper, other), (other, keeper)):
        scope = Scope(mine.lo, mine.hi)
        shelves = [
            row["id"] for row in whole["account"] if row["kind"] == "on_hand" and theirs.lo <= row["pos"] < theirs.hi
        ]
        transit = {
            row["id"] for row in whole["account"] if row["kind"] == "transit" and mine.lo <= row["pos"] < mine.hi
        }
        with service.connect().execution_options(scope=scope) as connection:
            for account in shelves:
                update = f"UPDATE balance SET on_hand = on_hand + 1 WHERE account_id = {account}"
                assert connection.exec_driver_sql(update).rowcount == 0
        [came, *_] = [
            row for row in whole["movement"] if row["to_account_id"] in transit and row["from_account_id"] in shelves
        ]
        forged = {**came, "line": 99, "from_account_id": came["to_account_id"], "to_account_id": shelves[0]}
        with pytest.raises(sa.exc.ProgrammingError, match="row-level security"):
            _insert(service, scope, "movement", {name: value for name, value in forged.items() if name != "id"})


def _insert(engine: sa.Engine, scope: Scope, table: str, values: dict[str, Any]) -> None:
    columns, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    with engine.connect().execution_options(scope=scope) as connection:
        connection.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({marks})"), values)


def test_production_is_served_by_a_role_that_the_rules_bind(
    database_url: str, owner_url: str, postgresql: Cluster
) -> None:
    superuser = postgresql.server.set(database=sa.make_url(database_url).database)
    for url in (owner_url, superuser.render_as_string(hide_password=False)):
        with pytest.raises(NotConfigured):
            guard(url, "production")
        guard(url, "demo")
    guard(database_url, "production")


def guard(url: str, mode: str) -> None:
    """What a start in this mode asks of a connection."""
    hub = Hub(make_engine(url))
    try:
        with hub.read(None, at=NOW) as work:
            must_be_guarded(work, mode)
    finally:
        hub.engine.dispose()


def test_migrating_lets_the_named_role_in(database_url: str, owner_url: str, owner: sa.Engine) -> None:
    role = sa.make_url(database_url).username or ""
    with owner.begin() as connection:
        connection.exec_driver_sql(f'REVOKE ALL ON ALL TABLES IN SCHEMA public FROM "{role}"')
        connection.exec_driver_sql(f'GRANT UPDATE ON posting TO "{role}"')
    start.migrate(Config(owner_url, "", "production", app_role=role)).engine.dispose()
    with owner.connect() as connection:
        rights = "SELECT has_table_privilege(:role, 'posting', :right)"
        found = [connection.scalar(sa.text(rights), {"role": role, "right": one}) for one in ("SELECT", "UPDATE")]
    assert found == [True, False]


def test_stock_is_still_read_by_its_index_of_item_and_position(service: sa.Engine) -> None:
    sums = "SELECT sum(on_hand) FROM balance WHERE item_id = 1 AND pos >= 100 AND pos < 200 AND live"
    with service.connect().execution_options(scope=Scope(0, 1000)) as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {sums}").scalars())
    assert "ix_balance_item_id_pos" in plan
    assert re.search(r"Index Cond: \(\(item_id = .?1.*\(pos >= .?100.*\(pos < .?200", plan), plan
