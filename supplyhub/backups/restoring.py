"""Restoring a backup into an empty database: put back, brought to this schema, proved; or nothing is left."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from supplyhub.backups import postgresql, sqlite
from supplyhub.backups.archive import (
    DATABASES,
    Manifest,
    Shown,
    beside,
    read_manifest,
    refusal,
    settle,
    unpack,
)
from supplyhub.domain.refusals import Fault, InvalidInput, NotConfigured, NotReached, words
from supplyhub.persistence import schema
from supplyhub.persistence.engine import make_engine, why_unreached
from supplyhub.service.oversight import find_last_seal, verify_ledger
from supplyhub.service.unit_of_work import Hub, Work

NO_TARGET = words("--into names no database that can be opened; write sqlite:///PATH or postgresql://...")
OTHER_ENGINE = words("this is a backup of {engine}; restore it into a database of {engine}")
NEWER = words("it was made at migration {migration}, which version {version} has; install that version or a newer one")
NOT_EMPTY = words("this database is not empty; name a new one, so that nothing is written over")
NOT_OWNER = words("this role may make no tables there; restore as the owner of the database")
NO_ROLE = words("there is no role {role} on this server; make it first: createuser {role}")
FEWER = words("{found} rows instead of {said}")
LOST = words("{found} postings, but {before} had been acknowledged before the backup began")
OTHER_SEAL = words("the newest seal or the end of the feed is not the one that the backup names")
FAULTS_SHOWN = 20


def restore(file: Path, into: str, shown: Shown, *, at: datetime, app_role: str = "") -> Manifest:
    """Fill an empty database from a backup and prove it; what it holds. InvalidInput names what cannot be trusted.

    On PostgreSQL `app_role` is given its rights there, as `migrate` does.
    """
    manifest = read_manifest(file)
    url = _target(into)
    if manifest.engine != url.get_backend_name():
        raise refusal(str(file), OTHER_ENGINE, engine=manifest.engine)
    if not schema.knows(manifest.migration):
        raise refusal(str(file), NEWER, migration=manifest.migration, version=manifest.version)
    if manifest.engine == "sqlite":
        _into_sqlite(file, manifest, url, shown, at)
    else:
        _into_postgresql(file, manifest, url, shown, at, app_role)
    return manifest


def _target(into: str) -> URL:
    try:
        url = make_url(into)
    except ArgumentError:
        raise NotConfigured(what=NO_TARGET) from None
    if url.get_backend_name() not in DATABASES or url.database in {None, "", ":memory:"}:
        raise NotConfigured(what=NO_TARGET)
    return url


def _into_sqlite(file: Path, manifest: Manifest, url: URL, shown: Shown, at: datetime) -> None:
    """Everything happens to a file that nobody knows; it gets its name when it is proved."""
    target = Path(str(url.database)).absolute()
    # A log left beside an old file would be played into ours.
    if any(Path(f"{target}{end}").exists() for end in ("-wal", "-journal")) or (
        target.exists() and target.stat().st_size
    ):
        raise refusal(str(target), NOT_EMPTY)
    target.parent.mkdir(parents=True, exist_ok=True)
    with beside(target) as folder:
        database = folder / DATABASES["sqlite"]
        unpack(file, manifest, database, shown)
        sqlite.must_be_sound(database)
        engine = make_engine(f"sqlite:///{database}")
        try:
            _prove(engine, manifest, shown, at)
        finally:
            engine.dispose()
        sqlite.close_log(database)
        settle(database, target)


def _into_postgresql(file: Path, manifest: Manifest, url: URL, shown: Shown, at: datetime, app_role: str) -> None:
    """The tool fills the database in one transaction; what does not prove itself after it is dropped again."""
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        server = _server_of_empty(engine, at)
        if app_role and not schema.has_role(engine, app_role):
            raise refusal("SUPPLYHUB_APP_ROLE", NO_ROLE, role=app_role)
        with TemporaryDirectory(prefix="supplyhub-") as folder:
            database = Path(folder) / DATABASES["postgresql"]
            unpack(file, manifest, database, shown)
            postgresql.put_back(url, server, database, shown)
        try:
            _prove(engine, manifest, shown, at)
            if app_role:
                schema.admit(engine, app_role)
        except BaseException:
            schema.clear(engine)
            raise
    finally:
        engine.dispose()


def _server_of_empty(engine: Engine, at: datetime) -> int:
    try:
        if not schema.is_empty(engine):
            raise refusal("--into", NOT_EMPTY)
        if not schema.may_fill(engine):
            raise refusal("--into", NOT_OWNER)
        with Hub(engine).read(None, at=at) as work:
            return work.oversight.find_server()
    except DBAPIError as error:
        raise NotReached(where="--into", cause=why_unreached(error, engine.url)) from None


def _prove(engine: Engine, manifest: Manifest, shown: Shown, at: datetime) -> None:
    """Hold the database to the manifest as it came, then bring it to this schema and prove its ledger."""
    hub = Hub(engine)
    shown(words("proving"))
    with hub.read(None, at=at, steady=True) as work:
        faults = _compare(work, manifest)
    if not faults:
        if not schema.is_current(engine):
            schema.upgrade(engine)
        with hub.read(None, at=at, steady=True) as work:
            found = verify_ledger(work, None).faults
        faults = [Fault(fault.kind, words("{what}"), {"what": str(fault)}) for fault in found]
    if faults:
        raise InvalidInput(faults=faults[:FAULTS_SHOWN])


def _compare(work: Work, manifest: Manifest) -> list[Fault]:
    rows = work.oversight.count_rows()
    faults = [
        Fault(name, FEWER, {"found": rows.get(name, 0), "said": manifest.rows.get(name, 0)})
        for name in sorted({*rows, *manifest.rows})
        if rows.get(name) != manifest.rows.get(name)
    ]
    if faults:
        return faults
    if work.oversight.count_postings() < manifest.postings_before:
        facts = {"found": work.oversight.count_postings(), "before": manifest.postings_before}
        faults.append(Fault("posting", LOST, facts))
    seal = find_last_seal(work)
    line = "" if seal is None else seal.line.decode()
    if (line, work.oversight.last_seq()) != (manifest.last_seal, manifest.last_seq):
        faults.append(Fault("seal", OTHER_SEAL))
    return faults
