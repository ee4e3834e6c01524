"""A backup is restored whole and proved, or refused with what is wrong and nothing left, whatever was done to it."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from supplyhub.backups import Manifest, back_up, making, restore
from supplyhub.backups.archive import MANIFEST, beside, pack, read_manifest, unpack
from supplyhub.backups.postgresql import find_tool
from supplyhub.config import Config
from supplyhub.domain.refusals import InvalidInput, NotReached
from supplyhub.domain.stock import LotFacts, NewReceipt, NewReceiptLine, Reason
from supplyhub.persistence import schema
from supplyhub.persistence.engine import make_engine
from supplyhub.service.oversight import export_lines, verify_ledger
from supplyhub.service.stock import post_receipt
from supplyhub.service.unit_of_work import Answer, Command, Hub
from tests.conftest import Tell
from tests.world import COUNTY, NOW, World

DAMAGES = int(os.environ.get("SUPPLYHUB_DAMAGED_BACKUPS", "20"))
Empty = Callable[[], str]


def quiet(*_: Any) -> None:
    """Progress that nobody watches."""


Keep = Callable[[str], Path]


@pytest.fixture
def keep(owner_url: str, tmp_path: Path) -> Keep:
    """Makes a backup of the world, by its owner, under a name."""

    def make(name: str) -> Path:
        back_up(Config(owner_url, "", "production"), tmp_path / name, quiet, at=NOW)
        return tmp_path / name

    return make


def exported(hub: Hub) -> list[bytes]:
    """All that the ledger says."""
    with hub.read(None, at=NOW, steady=True) as work:
        return list(export_lines(work))


def faults_of(file: Path, into: str) -> list[str]:
    """What a restore is refused with."""
    with pytest.raises(InvalidInput) as refused:
        restore(file, into, quiet, at=NOW)
    return [str(fault) for fault in refused.value.faults]


def is_untouched(url: str) -> bool:
    """Whether nothing stands in a database that was empty."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        folder = Path(str(parsed.database)).parent
        return not folder.exists() or not list(folder.iterdir())
    engine = make_engine(url)
    try:
        return schema.is_empty(engine)
    finally:
        engine.dispose()


def post(world: World, count: int) -> None:
    """So many receipts."""
    lot = LotFacts(world.item_id("mask"), world.division_id(COUNTY), "KEPT", expires_on=date(2099, 1, 1))
    receipt, actor = (
        NewReceipt(world.depot_id("A1"), Reason.DELIVERY, (NewReceiptLine(lot, 10),)),
        world.actors["keeper"],
    )
    for n in range(count):
        command = Command(actor, "post_receipt", f"kept-{n:04d}", None, NOW)
        world.hub.perform(command, lambda work: Answer({"moved": len(post_receipt(work, actor, receipt))}))


def test_what_is_restored_is_what_was_kept(keep: Keep, sealed: World, empty: Empty, tmp_path: Path) -> None:
    file, into = keep("kept.zip"), empty()
    assert file.stat().st_mode & 0o777 == 0o600
    manifest = restore(file, into, quiet, at=NOW)
    assert manifest == read_manifest(file)
    assert manifest.rows["posting"] == manifest.postings_before > 0
    hub = Hub(make_engine(into))
    with hub.read(None, at=NOW) as work:
        assert verify_ledger(work, None).faults == []
    assert exported(hub) == exported(sealed.hub) != []
    post(replace(sealed, hub=hub), 3)
    hub.engine.dispose()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_history_is_still_only_appended_where_it_was_restored(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path
) -> None:
    into = empty()
    restore(keep("kept.zip"), into, quiet, at=NOW)
    engine = make_engine(into)
    for statement in ("UPDATE posting SET verb = 'x'", "DELETE FROM movement", "UPDATE feed SET posting_id = 0"):
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only appended"):
            connection.exec_driver_sql(statement)
    with engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("UPDATE balance SET on_hand = -1")
    engine.dispose()


def test_nothing_is_written_over(keep: Keep, sealed: World, empty: Empty, database_url: str, tmp_path: Path) -> None:
    file = keep("kept.zip")
    assert "not empty" in faults_of(file, database_url)[0]
    before = file.read_bytes()
    with pytest.raises(InvalidInput, match="Faults"):
        keep(file.name)
    assert file.read_bytes() == before
    into = empty()
    restore(file, into, quiet, at=NOW)
    assert "not empty" in faults_of(file, into)[0]


def test_a_backup_of_the_other_engine_says_so(keep: Keep, sealed: World, database_url: str, tmp_path: Path) -> None:
    file = keep("kept.zip")
    other = f"sqlite:///{tmp_path}/x.db" if database_url.startswith("postgresql") else "postgresql://nobody@nowhere/x"
    assert "restore it into a database of" in faults_of(file, other)[0]


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_a_database_that_is_not_there_is_told_with_what_makes_one(
    keep: Keep, sealed: World, database_url: str, tmp_path: Path
) -> None:
    address = sa.make_url(database_url).set(database="not_there_at_all", password="kept to itself")
    with pytest.raises(NotReached) as refused:
        restore(keep("kept.zip"), address.render_as_string(hide_password=False), quiet, at=NOW)
    assert refused.value.where == "--into"
    assert "not_there_at_all" in refused.value.cause
    assert "kept to itself" not in refused.value.cause


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
def test_who_may_make_no_tables_is_told_to_come_as_the_owner(
    keep: Keep, sealed: World, empty: Empty, database_url: str
) -> None:
    service = sa.make_url(database_url)
    into = service.set(database=sa.make_url(empty()).database).render_as_string(hide_password=False)
    assert "restore as the owner" in faults_of(keep("kept.zip"), into)[0]


def repack(file: Path, to: Path, change: Callable[[Path, Manifest], Manifest | None]) -> Path:
    """The backup with its database changed by a hand that also knows how to mend the digest."""
    manifest = read_manifest(file)
    with beside(to) as folder:
        unpack(file, manifest, folder / "database", quiet)
        changed = change(folder / "database", manifest) or manifest
        pack(folder / "database", changed, to, quiet)
    return to


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["movement", "seal", "user_account"])
def test_rows_dropped_from_the_file_are_missed(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path, table: str
) -> None:
    def drop(database: Path, _: Manifest) -> None:
        connection = sqlite3.connect(database)
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        connection.execute(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
        connection.commit()
        connection.close()

    into = empty()
    said = faults_of(repack(keep("kept.zip"), tmp_path / "forged.zip", drop), into)
    assert said[0].startswith(f"{table}: ")
    assert is_untouched(into)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_number_changed_in_the_file_is_found_by_the_proof(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path
) -> None:
    def change(database: Path, _: Manifest) -> None:
        connection = sqlite3.connect(database)
        connection.execute("UPDATE balance SET on_hand = on_hand + 1 WHERE account_id = 1")
        connection.commit()
        connection.close()

    into = empty()
    said = faults_of(repack(keep("kept.zip"), tmp_path / "forged.zip", change), into)
    assert any("account 1" in line for line in said)
    assert is_untouched(into)


def test_a_proof_that_fails_leaves_nothing(keep: Keep, sealed: World, empty: Empty, tmp_path: Path) -> None:
    """On PostgreSQL everything stood there already: it is dropped again, and the database can be used."""
    file = keep("kept.zip")
    wrong = repack(file, tmp_path / "wrong.zip", lambda _, manifest: replace(manifest, last_seq=manifest.last_seq + 1))
    into = empty()
    assert "newest seal" in faults_of(wrong, into)[0]
    assert is_untouched(into)
    restore(file, into, quiet, at=NOW)


def test_a_newer_schema_and_an_unknown_format_are_refused(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path
) -> None:
    file = keep("kept.zip")
    newer = repack(file, tmp_path / "newer.zip", lambda _, manifest: replace(manifest, migration="9999"))
    assert "9999" in faults_of(newer, empty())[0]
    other = repack(file, tmp_path / "other.zip", lambda _, manifest: replace(manifest, format=2))
    assert "format 2 is not known" in faults_of(other, empty())[0]


def test_a_backup_of_an_older_schema_is_brought_to_this_one(owner_url: str, empty: Empty, tmp_path: Path) -> None:
    engine = make_engine(owner_url)
    head = schema.find_revision(engine)
    schema.downgrade(engine, f"{int(str(head)) - 1:04d}")
    engine.dispose()
    manifest = back_up(Config(owner_url, "", "production"), tmp_path / "old.zip", quiet, at=NOW)
    assert manifest.migration != head
    into = empty()
    restore(tmp_path / "old.zip", into, quiet, at=NOW)
    engine = make_engine(into)
    assert schema.find_revision(engine) == head
    engine.dispose()


def is_restored(file: Path, into: str, true: list[bytes]) -> bool:
    """Whether a file that was damaged somewhere is restored; then whole, else nothing is left."""
    try:
        restore(file, into, quiet, at=NOW)
    except InvalidInput:
        assert is_untouched(into)
        return False
    hub = Hub(make_engine(into))
    assert exported(hub) == true
    hub.engine.dispose()
    return True


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_damage_to_the_file_is_refused_or_does_no_harm(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path, tell: Tell
) -> None:
    file, chance, refused = keep("kept.zip"), random.Random(7), 0
    whole, true = file.read_bytes(), exported(sealed.hub)
    for _ in range(DAMAGES):
        hurt, into = bytearray(whole), empty()
        place = chance.choice((chance.randrange(len(hurt)), -chance.randrange(1, 900)))  # its end is read first
        if chance.random() < 0.3:
            del hurt[place:]
        else:
            hurt[place] ^= chance.randrange(1, 256)
        file.write_bytes(hurt)
        refused += not is_restored(file, into, true)
    tell(f"{DAMAGES} damaged backups: {refused} refused, {DAMAGES - refused} restored whole")
    assert refused > DAMAGES // 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b"\xff", b'{"format": 1}', b"{" * 100_000, b'{"format": "1"}'])
def test_what_is_no_manifest_is_refused(database_url: str, empty: Empty, tmp_path: Path, said: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(MANIFEST, said)
    assert "no whole backup of ours" in faults_of(tmp_path / "x.zip", empty())[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_copied_past_sqlite_is_caught(
    keep: Keep, sealed: World, empty: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The naive way, `cp`: what was acknowledged stands in the write-ahead log, which it forgets."""

    def naive(source: Path, target: Path, _: object) -> None:
        shutil.copyfile(source, target)

    keep("before.zip")  # closes its connections, which brings the log home
    post(sealed, 20)
    monkeypatch.setattr(making.sqlite, "copy_out", naive)
    into = empty()
    said = faults_of(keep("naive.zip"), into)
    assert "had been acknowledged before the backup began" in said[0]
    assert is_untouched(into)


def test_the_manifest_can_be_read_without_us(keep: Keep, sealed: World, tmp_path: Path) -> None:
    file = keep("kept.zip")
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read(MANIFEST)) == asdict(read_manifest(file))


@pytest.mark.parametrize("at", ["packing, MiB", "unpacking, MiB", "proving"])
def test_ctrl_c_leaves_nothing(owner_url: str, sealed: World, empty: Empty, tmp_path: Path, at: str) -> None:
    def press(what: str, *_: int) -> None:
        if what == at:
            raise KeyboardInterrupt

    file, into = tmp_path / "kept.zip", empty()
    config = Config(owner_url, "", "production")

    def drill() -> None:
        back_up(config, file, press, at=NOW)
        restore(file, into, press, at=NOW)

    with pytest.raises(KeyboardInterrupt):
        drill()
    assert file.exists() == (at != "packing, MiB")
    assert is_untouched(into)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def shape_of(url: str) -> list[str]:
    """All that the database says of its own shape: tables, checks, triggers, functions, policies, grants."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(parsed.database))
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        connection.close()
        return [str(row) for row in rows]
    address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [find_tool("pg_dump", 0), "--schema-only", "--no-owner", f"--dbname={address}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line for line in said.splitlines() if line and not line.startswith(("--", "\\"))]
    # The server writes `x IN (...)` in another way each time that it reads what it has written.
    return [line.partition(" CHECK ")[0] for line in lines]


def test_the_shape_is_the_same_to_the_letter(
    keep: Keep, sealed: World, owner_url: str, role: str, empty: Empty, tmp_path: Path
) -> None:
    into = empty()
    restore(keep("kept.zip"), into, quiet, at=NOW, app_role=role)
    shape = shape_of(into)
    assert shape == shape_of(owner_url)
    expected = ["CREATE TRIGGER", "CREATE POLICY", "GRANT"] if role else ["CREATE TRIGGER"]
    assert [what for what in expected if not any(what in line for line in shape)] == []


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_serving_role_neither_makes_half_a_backup_nor_must_be_missing(
    sealed: World, database_url: str, keep: Keep, empty: Empty, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput) as refused:
        back_up(Config(database_url, "", "production"), tmp_path / "half.zip", quiet, at=NOW)
    assert "back up as the owner" in str(refused.value.faults[0])
    assert not (tmp_path / "half.zip").exists()
    into = empty()
    with pytest.raises(InvalidInput) as refused:
        restore(keep("kept.zip"), into, quiet, at=NOW, app_role="nobody_of_that_name")
    assert "there is no role nobody_of_that_name" in str(refused.value.faults[0])
    assert is_untouched(into)
