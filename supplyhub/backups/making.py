"""Making a backup: what there is before it begins, one moment copied, what that moment holds, one file."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from supplyhub import start
from supplyhub.backups import postgresql, sqlite
from supplyhub.backups.archive import DATABASES, Manifest, Shown, beside, pack, refusal, settle
from supplyhub.config import Config
from supplyhub.domain.refusals import words
from supplyhub.persistence.engine import make_engine
from supplyhub.persistence.schema import find_revision
from supplyhub.service.oversight import find_last_seal
from supplyhub.service.unit_of_work import Hub, Work

NO_FOLDER = words("there is no such folder; make it first")
EXISTS = words("stands there already; name a new file")
NOT_OWNER = words("this role does not see all of the database; back up as the owner of the database")
NOTHING = words("there is nothing of ours in this database; is SUPPLYHUB_DATABASE_URL the right one?")


def back_up(config: Config, out: Path, shown: Shown, *, at: datetime) -> Manifest:
    """Write a backup of the live database while others read and write; what it holds. InvalidInput says why not."""
    if out.exists():
        raise refusal(str(out), EXISTS)
    if not out.parent.is_dir():
        raise refusal(str(out.parent), NO_FOLDER)
    hub = start.open_as_it_is(config)
    try:
        with beside(out) as folder:
            database = folder / DATABASES[hub.engine.dialect.name]
            manifest = _copy(hub, database, shown, at)
            whole = pack(database, manifest, folder / "whole", shown)
            settle(folder / "whole", out)
            return whole
    finally:
        hub.engine.dispose()


def _copy(hub: Hub, database: Path, shown: Shown, at: datetime) -> Manifest:
    migration = find_revision(hub.engine)
    if migration is None:
        raise refusal("SUPPLYHUB_DATABASE_URL", NOTHING)
    with hub.read(None, at=at) as work:
        before = work.oversight.count_postings()
    copy = _copy_sqlite if hub.engine.dialect.name == "sqlite" else _copy_postgresql
    return copy(hub, database, migration, before, shown, at)


def _copy_sqlite(hub: Hub, database: Path, migration: str, before: int, shown: Shown, at: datetime) -> Manifest:
    sqlite.copy_out(Path(hub.engine.url.database or ""), database, shown)
    copied = Hub(make_engine(f"sqlite:///{database}"))
    with copied.read(None, at=at) as work:
        manifest = _describe(work, migration, before, at)
    copied.engine.dispose()
    sqlite.close_log(database)
    return manifest


def _copy_postgresql(hub: Hub, database: Path, migration: str, before: int, shown: Shown, at: datetime) -> Manifest:
    with hub.read(None, at=at, steady=True) as work:
        if work.oversight.is_guarded():
            raise refusal("SUPPLYHUB_DATABASE_URL", NOT_OWNER)
        snapshot, server = work.oversight.export_snapshot()
        postgresql.dump(hub.engine.url, snapshot, server, database, shown)
        return _describe(work, migration, before, at)


def _describe(work: Work, migration: str, before: int, at: datetime) -> Manifest:
    seal = find_last_seal(work)
    return Manifest(
        engine=work.oversight.connection.dialect.name,
        version=version("supplyhub"),
        migration=migration,
        made_at=at.isoformat(),
        postings_before=before,
        rows=work.oversight.count_rows(),
        last_seq=work.oversight.last_seq(),
        last_seal="" if seal is None else seal.line.decode(),
    )
