"""Production starts only where what is acknowledged outlives a power cut; each setting is read back and held."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, event

from supplyhub import start
from supplyhub.config import Config
from supplyhub.domain.refusals import NotDurable
from supplyhub.persistence import durability
from supplyhub.persistence.engine import make_engine


def unsafe_settings(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        found = durability.find_unsafe(connection)
    engine.dispose()
    return found


def test_our_own_engines_are_safe_but_for_what_the_server_was_made_with(database_url: str) -> None:
    unsafe = unsafe_settings(make_engine(database_url))
    assert [line for line in unsafe if not line.startswith("data_checksums")] == []


@pytest.mark.parametrize(
    "pragma", ["journal_mode = DELETE", "synchronous = NORMAL", "synchronous = OFF", "foreign_keys = OFF"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_loose_setting_of_sqlite_is_named(database_url: str, pragma: str) -> None:
    engine = make_engine(database_url)
    event.listen(engine, "connect", lambda connection, _record: connection.execute(f"PRAGMA {pragma}"))
    [unsafe] = unsafe_settings(engine)
    assert unsafe.startswith(pragma.partition(" ")[0])


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_loose_setting_of_postgresql_is_named(database_url: str) -> None:
    engine = make_engine(database_url)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("SET LOCAL synchronous_commit = off"))
    assert [line for line in unsafe_settings(engine) if line.startswith("synchronous_commit = off")]


@pytest.mark.parametrize(("mode", "starts"), [("production", False), ("demo", True)])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_production_does_not_start_on_what_may_be_lost(
    database_url: str, mode: str, starts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durability, "SQLITE", {**durability.SQLITE, "synchronous": frozenset({"3"})})
    config = Config(database_url, "0123456789" * 4, mode)
    if starts:
        start.open_to_serve(config).engine.dispose()
        return
    with pytest.raises(NotDurable, match="synchronous = 2"):
        start.open_to_serve(config)
