"""History rewritten by somebody who knows how it is made: every hash, balance and seal that follows is made anew."""

from __future__ import annotations

from random import Random
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from supplyhub.domain.oversight import ROOT, Seal, onward
from supplyhub.domain.stock import GENESIS, Movement, Reason, Stamp, chain, entry_bytes
from supplyhub.persistence.oversight import OversightRepository
from supplyhub.persistence.rows import (
    AccountRow,
    AnswerRow,
    BalanceRow,
    FeedRow,
    LotRow,
    MovementRow,
    PostingRow,
    SealRow,
    UnnumberedRow,
)
from supplyhub.persistence.scope import EVERYWHERE
from tests.persistence.planting import Corruption


def rewrite_units(after_id: int) -> Corruption:
    """One movement, of those with a larger number, brought a unit more than it did; all that follows fits."""

    def corrupt(connection: Connection, random: Random) -> str:
        arrived = select(MovementRow.id).where(MovementRow.id > after_id, MovementRow.from_version.is_(None))
        ids = list(connection.scalars(arrived.order_by(MovementRow.id)))
        if not ids:
            return ""
        chosen = random.choice(ids)
        more = MovementRow.quantity_units + 1
        connection.execute(update(MovementRow).where(MovementRow.id == chosen).values(quantity_units=more))
        _mend(connection)
        return f"movement {chosen} brought a unit more"

    return corrupt


def cut_off_the_end(after_id: int) -> Corruption:
    """The last posting that moved stock, if its number is larger, never was."""

    def corrupt(connection: Connection, random: Random) -> str:
        last = connection.scalar(select(MovementRow.posting_id).order_by(MovementRow.id.desc()).limit(1))
        oldest = connection.scalar(select(MovementRow.id).where(MovementRow.posting_id == last).limit(1))
        if last is None or (oldest or 0) <= after_id:
            return ""
        for row in (MovementRow, AnswerRow, UnnumberedRow, FeedRow):
            connection.execute(delete(row).where(row.posting_id == last))
        connection.execute(delete(PostingRow).where(PostingRow.id == last))
        _mend(connection)
        return f"posting {last} never was"

    return corrupt


def _mend(connection: Connection) -> None:
    """Every chain, every balance, every seal as if all that stands had always stood so."""
    ends: dict[tuple[int, int], tuple[int, int, bytes]] = {}
    floored = set(connection.scalars(select(AccountRow.id).where(AccountRow.floored)))
    said = (PostingRow.actor_id, PostingRow.verb, PostingRow.recorded_at)
    rows = connection.execute(
        select(MovementRow.__table__, *said)
        .join(PostingRow, PostingRow.id == MovementRow.posting_id)
        .order_by(MovementRow.id)
    ).all()
    for row in rows:
        values = {}
        for side, sign in (("from", -1), ("to", 1)):
            key = (getattr(row, f"{side}_account_id"), row.lot_id)
            if key[0] in floored:
                version, on_hand, digest = _step(row, side, sign, *ends.get(key, (0, 0, GENESIS)))
                ends[key] = version, on_hand, digest
                values |= {f"{side}_version": version, f"{side}_after": on_hand, f"{side}_hash": digest}
        connection.execute(update(MovementRow).where(MovementRow.id == row.id).values(**values))
    _mend_balances(connection, ends)
    _mend_seals(connection)


def _step(row: Any, side: str, sign: int, version: int, on_hand: int, digest: bytes) -> tuple[int, int, bytes]:
    stamp = Stamp(row.posting_id, row.actor_id, row.verb, row.recorded_at)
    move = Movement(
        row.from_account_id, row.to_account_id, row.item_id, row.lot_id, row.quantity_units, Reason(row.reason)
    )
    after = on_hand + sign * row.quantity_units
    return version + 1, after, chain(digest, entry_bytes(stamp, row.line, side, move, version + 1, after))


def _mend_balances(connection: Connection, ends: dict[tuple[int, int], tuple[int, int, bytes]]) -> None:
    for account_id, lot_id in connection.execute(select(BalanceRow.account_id, BalanceRow.lot_id)).all():
        here = (BalanceRow.account_id == account_id) & (BalanceRow.lot_id == lot_id)
        version, on_hand, digest = ends.get((account_id, lot_id), (0, 0, GENESIS))
        connection.execute(update(BalanceRow).where(here).values(version=version, on_hand=on_hand, hash=digest))
        if not version:
            connection.execute(delete(BalanceRow).where(here))
    moved = or_(AccountRow.id == MovementRow.from_account_id, AccountRow.id == MovementRow.to_account_id)
    connection.execute(delete(AccountRow).where(~select(MovementRow.id).where(moved).exists()))
    connection.execute(delete(LotRow).where(~select(MovementRow.id).where(MovementRow.lot_id == LotRow.id).exists()))


def _mend_seals(connection: Connection) -> None:
    ledger, after, root = OversightRepository(connection, EVERYWHERE), 0, ROOT
    for seal in ledger.list_seals():
        for _, line in ledger.list_lines(after, seal.upto_seq):
            root = onward(root, line)
        connection.execute(update(SealRow).where(SealRow.number == seal.number).values(root=root))
        after = seal.upto_seq
        root = onward(root, Seal(seal.number, after, root, seal.sealed_at).line)
