"""Balances and what of them is held: locked in one fixed order, changed only as they were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Executable, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from supplyhub.domain.stock import (
    GENESIS,
    Balance,
    BalanceKey,
    Entry,
    Stamp,
)
from supplyhub.persistence.arrays import insert_columns, key_table, update_and_insert, update_columns
from supplyhub.persistence.fixed import Fixed, keys_of
from supplyhub.persistence.races import StaleBalances
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    ItemRow,
    LotRow,
    MovementRow,
    ReservationRow,
)
from supplyhub.persistence.scope import Repository


class BalanceRows(Repository):
    """The only hand that writes balances, movements and reservations."""

    def lock_balances(self, keys: Iterable[tuple[int, int, int]]) -> dict[BalanceKey, Balance]:
        """Lock the balances of (floored account's id, lot id, item id), opening missing ones.

        One statement each, in primary-key order, so that documents
        with their lines in any order never deadlock.
        """
        wanted = {(account_id, lot_id): item_id for account_id, lot_id, item_id in keys}
        ordered = sorted(wanted)
        locked = self._lock(ordered)
        if len(locked) < len(ordered):
            self._open_balances([pair for pair in ordered if pair not in locked], wanted)
            locked = self._lock(ordered)
        return locked

    def _open_balances(self, ordered: list[BalanceKey], items: Mapping[BalanceKey, int]) -> None:
        """Rows for balances that were never there; somebody who opens the same ones at once is waited for."""
        accounts = key_table(self.connection, AccountRow, id=sorted({account_id for account_id, _ in ordered}))
        positions = self.connection.execute(
            select(AccountRow.id, AccountRow.pos).join(accounts, accounts.c.id == AccountRow.id)
        )
        pos = {row.id: row.pos for row in positions}
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        self.connection.execute(
            dialect.insert(BalanceRow).on_conflict_do_nothing(index_elements=["account_id", "lot_id"]),
            [
                {"account_id": account_id, "lot_id": lot_id, "item_id": items[account_id, lot_id],
                 "pos": pos[account_id], "on_hand": 0, "reserved": 0, "version": 0, "hash": GENESIS}
                for account_id, lot_id in ordered
            ],
        )  # fmt: skip

    def _lock(self, ordered: list[BalanceKey]) -> dict[BalanceKey, Balance]:
        if not ordered:
            return {}
        accounts, lots = zip(*ordered, strict=True)
        rows = BALANCES_LOCKED.run_for_keys(self.connection, {"account_id": accounts, "lot_id": lots})
        return {(balance.account_id, balance.lot_id): balance for balance in map(Balance._make, rows)}

    def save_balances(self, seen: Mapping[BalanceKey, Balance], now: Mapping[BalanceKey, Balance]) -> None:
        """Write what changed, only where it is still what was seen."""
        changed = [key for key in sorted(now) if now[key] != seen[key]]
        if changed and update_columns(self.connection, BalanceRow, *_changes(changed, seen, now)) != len(changed):
            raise StaleBalances

    def post_entries(
        self,
        seen: Mapping[BalanceKey, Balance],
        now: Mapping[BalanceKey, Balance],
        posted: Sequence[tuple[Stamp, Sequence[Entry]]],
    ) -> None:
        """Write the balances that postings changed, as above, and append their movements."""
        columns = _columns(posted)
        if not columns:
            return
        changed = [key for key in sorted(now) if now[key] != seen[key]]
        changes = _changes(changed, seen, now)
        if update_and_insert(self.connection, BalanceRow, *changes, MovementRow, columns) != len(changed):
            raise StaleBalances

    def add_reservations(
        self,
        account_ids: Sequence[int],
        lot_ids: Sequence[int],
        units: Sequence[int],
        line_ids: Sequence[int],
    ) -> None:
        """Remember what part of which balance is held for which order line."""
        insert_columns(
            self.connection,
            ReservationRow,
            {
                "account_id": account_ids,
                "lot_id": lot_ids,
                "quantity_units": units,
                "state": ["held"] * len(line_ids),
                "order_line_id": line_ids,
            },
        )

    def end_reservations(self, line_ids: Sequence[int], state: str) -> int:
        """Consume or release the held reservations of order lines; how many there were."""
        return update_columns(
            self.connection,
            ReservationRow,
            match={"order_line_id": line_ids, "state": ["held"] * len(line_ids)},
            change={"state": [state] * len(line_ids)},
        )


Columns: TypeAlias = Mapping[str, Sequence[Any]]


def _changes(
    changed: Sequence[BalanceKey], seen: Mapping[BalanceKey, Balance], now: Mapping[BalanceKey, Balance]
) -> tuple[Columns, Columns]:
    """What the rows must still say, and what they say from now on."""
    before, after = [seen[key] for key in changed], [now[key] for key in changed]
    return (
        {
            "account_id": [balance.account_id for balance in before],
            "lot_id": [balance.lot_id for balance in before],
            "version": [balance.version for balance in before],
            "reserved": [balance.reserved for balance in before],
        },
        {
            "on_hand": [balance.on_hand for balance in after],
            "reserved": [balance.reserved for balance in after],
            "version": [balance.version for balance in after],
            "hash": [balance.hash for balance in after],
        },
    )


def _columns(posted: Sequence[tuple[Stamp, Sequence[Entry]]]) -> Columns:
    entries = [entry for _, entries in posted for entry in entries]
    if not entries:
        return {}
    lines, moves, sources, targets = zip(*entries, strict=True)
    return {
        "posting_id": [stamp.posting_id for stamp, entries in posted for _ in entries],
        "line": lines,
        "from_account_id": [move.from_account_id for move in moves],
        "to_account_id": [move.to_account_id for move in moves],
        "item_id": [move.item_id for move in moves],
        "lot_id": [move.lot_id for move in moves],
        "quantity_units": [move.quantity_units for move in moves],
        "reason": [move.reason.value for move in moves],
        "from_version": [side and side.version for side in sources],
        "from_after": [side.after if side else None for side in sources],
        "from_hash": [side and side.hash for side in sources],
        "to_version": [side and side.version for side in targets],
        "to_after": [side.after if side else None for side in targets],
        "to_hash": [side and side.hash for side in targets],
    }


def _balances_locked(engine: str) -> Executable:
    keys = keys_of(engine, BalanceRow, "account_id", "lot_id")
    facts = (
        BalanceRow.account_id, BalanceRow.lot_id, BalanceRow.item_id, BalanceRow.pos, BalanceRow.on_hand,
        BalanceRow.reserved, BalanceRow.version, BalanceRow.hash, ItemRow.code, LotRow.code,
    )  # fmt: skip
    return (
        select(*facts)
        .join(keys, and_(keys.c.account_id == BalanceRow.account_id, keys.c.lot_id == BalanceRow.lot_id))
        .join(ItemRow, ItemRow.id == BalanceRow.item_id)
        .join(LotRow, LotRow.id == BalanceRow.lot_id)
        .order_by(BalanceRow.account_id, BalanceRow.lot_id)
        .with_for_update(of=BalanceRow)
    )


BALANCES_LOCKED = Fixed(_balances_locked)
