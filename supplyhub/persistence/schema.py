"""Bringing a database to the schema this code expects, and saying whether it is there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

import migrations
from supplyhub.persistence.grants import grant


def _config(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to a revision, all or none."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.upgrade(_config(connection), revision)


def admit(engine: Engine, role: str) -> None:
    """Let a role of PostgreSQL that owns nothing serve this database; its rights are set anew each time."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection, connection.begin():
            grant(connection, role)


def downgrade(engine: Engine, revision: str) -> None:
    """Run the migrations down to a revision."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        command.downgrade(_config(connection), revision)


@cache
def head() -> str | None:
    """The newest migration that this code has."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def find_revision(engine: Engine) -> str | None:
    """The migration a database stands at; None where none ever ran."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this code has a migration: of a newer version it has not."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


OURS = """FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%' AND c.relkind IN
('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""
"""Relations of a PostgreSQL database, but for those that belong to it or to an extension."""

CLEAR = """DO $$ DECLARE one text; BEGIN
FOR one IN SELECT format('DROP %s IF EXISTS %s CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN
'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass) OURS LOOP EXECUTE one; END LOOP;
FOR one IN SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS
(SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP EXECUTE one; END LOOP;
END $$""".replace("OURS", OURS)


def has_role(engine: Engine, role: str) -> bool:
    """Whether a PostgreSQL server knows a role."""
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}))


def is_empty(engine: Engine) -> bool:
    """Whether a PostgreSQL database holds nothing of anybody's."""
    with engine.connect() as connection:
        return not connection.scalar(text(f"SELECT EXISTS (SELECT {OURS})"))


def may_fill(engine: Engine) -> bool:
    """Whether the role of the connection may make tables in a PostgreSQL database."""
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT has_schema_privilege('public', 'CREATE')")))


def clear(engine: Engine) -> None:
    """Empty a PostgreSQL database that was empty before."""
    with engine.connect() as connection, connection.begin():
        connection.execute(text(CLEAR))
