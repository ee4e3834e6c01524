"""What a rig proves afterwards: all that was acknowledged stands, once, as it was answered, and the ledger holds."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa

from supplyhub.persistence.engine import make_engine
from supplyhub.service.oversight import verify_ledger
from supplyhub.service.unit_of_work import Hub
from tests.rigs.books import Book
from tests.rigs.clients import Connection
from tests.rigs.scenes import Scene, held_units

POSTED = sa.text(
    "SELECT note.note AS mark, posting.idem_key AS key, answer.status, answer.body, "
    "coalesce(sum(CASE WHEN target.kind = 'on_hand' THEN quantity_units ELSE -quantity_units END), 0) AS units "
    "FROM posting JOIN posting_note note ON note.posting_id = posting.id "
    "LEFT JOIN answer ON answer.posting_id = posting.id "
    "LEFT JOIN movement ON movement.posting_id = posting.id "
    "LEFT JOIN account target ON target.id = movement.to_account_id "
    "WHERE posting.verb IN ('post_receipt', 'post_issue') "
    "GROUP BY posting.id, note.note, posting.idem_key, answer.status, answer.body"
)


def find_faults(scene: Scene, book: Book, connection: Connection) -> list[str]:
    """Everything in which the ledger is not what the book says; empty when it is.

    Every acknowledged key is sent once more before the sums are made, so that what that changes is found too.
    """
    engine = make_engine(scene.owner_url)
    try:
        with engine.connect() as reading:
            stands = {row.mark for row in reading.execute(POSTED)}
        faults = [*book.faults, *(f"{mark} was acknowledged and is lost" for mark in book.acknowledged.keys() - stands)]
        faults += _find_broken_replays(connection, book)
        with engine.connect() as reading:
            posted = reading.execute(POSTED).all()
        times = Counter(row.mark for row in posted)
        faults += [f"{mark} stands {number} times" for mark, number in times.items() if number > 1]
        for row in posted:
            faults += _compare(row, book)
        held, due = held_units(engine), scene.held_before + sum(row.units for row in posted)
        if held != due:
            faults.append(f"the depot holds {held}, its documents make {due}")
        with Hub(engine).read(None, at=datetime.now(UTC), steady=True) as work:
            faults += [str(fault) for fault in verify_ledger(work, None).faults]
        return faults
    finally:
        engine.dispose()


def _compare(row: sa.Row[tuple[str, str, int, str, int]], book: Book) -> list[str]:
    """What one posting says otherwise than what its client asked and was told."""
    if row.mark not in book.acknowledged:
        return [f"{row.mark} stands and was never acknowledged"]
    errand, key, told = book.acknowledged[row.mark]
    faults = []
    if row.units != errand.units:
        faults.append(f"{row.mark} moved {row.units}, asked were {errand.units}")
    if row.key == key and (row.status, json.loads(row.body)) != (told.status, json.loads(told.body)):
        faults.append(f"{row.mark} was answered otherwise than is kept")
    return faults


def _find_broken_replays(connection: Connection, book: Book) -> list[str]:
    """Acknowledged keys that, sent once more, are not answered with the same bytes as a replay."""
    broken = []
    for mark, (errand, key, told) in book.acknowledged.items():
        again = connection.send(errand, key)
        if not again.replayed or (again.status, again.body) != (told.status, told.body):
            broken.append(f"{mark}: {told} became {again}")
    connection.close()
    return broken
