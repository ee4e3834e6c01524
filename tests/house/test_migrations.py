"""Migrations are numbered, go up and down on both engines, and leave no drift from the tables in persistence/rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.rows import Row
from supplyhub.persistence.schema import downgrade, is_current, upgrade

VERSIONS = sorted((Path(__file__).parents[2] / "migrations" / "versions").glob("*.py"))


def test_numbers_follow_one_another() -> None:
    assert [path.name[:5] for path in VERSIONS] == [f"{number:04d}_" for number in range(1, len(VERSIONS) + 1)]
    for number, path in enumerate(VERSIONS, start=1):
        text = path.read_text(encoding="utf-8")
        before = f'"{number - 1:04d}"' if number > 1 else "None"
        assert re.search(rf'^revision = "{number:04d}"$', text, re.M)
        assert re.search(rf"^down_revision = {before}$", text, re.M)


def test_up_and_down_and_no_drift(owner_url: str) -> None:
    engine = make_engine(owner_url)
    assert is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    for path in reversed(VERSIONS):
        downgrade(engine, f"{int(path.name[:4]) - 1:04d}" if path != VERSIONS[0] else "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert is_current(engine)
    engine.dispose()


def test_history_cannot_be_rewritten_even_with_sql(owner_url: str) -> None:
    engine = make_engine(owner_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO posting (tenant_id, idem_key, body_sha256, actor_id, verb, pos, occurred_at, recorded_at) "
            "VALUES (1, 'k', '', 1, 'v', 0, 0, 0)"
        )
    for statement in ("UPDATE posting SET verb = 'x'", "DELETE FROM posting"):
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only appended"):
            connection.exec_driver_sql(statement)
    engine.dispose()
