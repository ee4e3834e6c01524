"""Balances and what of them is held: locked in one fixed order, changed only as they were seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import and_, select
from sqlalchemy.dialects import postgresql, sqlite

from supplyhub.domain.stock import (
    GENESIS,
    AccountKey,
    Balance,
    BalanceKey,
    Entry,
    Stamp,
)
from supplyhub.persistence.arrays import insert_columns, key_table, update_columns
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

    def lock_balances(self, keys: Iterable[tuple[AccountKey, int, int, int]]) -> dict[BalanceKey, Balance]:
        """Lock the balances of (account key, account id, lot id, item id), opening missing ones.

        Only floored accounts have a balance. One statement each, in primary-key order, so that documents
        with their lines in any order never deadlock.
        """
        wanted = {(account_id, lot_id): (key, item_id) for key, account_id, lot_id, item_id in keys if key.floored}
        ordered = sorted(wanted)
        if not ordered:
            return {}
        self._open_balances(ordered, {pair: item_id for pair, (_, item_id) in wanted.items()})
        return self._lock(ordered)

    def _open_balances(self, ordered: list[BalanceKey], items: Mapping[BalanceKey, int]) -> None:
        keys = key_table(
            self.connection,
            BalanceRow,
            account_id=[pair[0] for pair in ordered],
            lot_id=[pair[1] for pair in ordered],
            item_id=[items[pair] for pair in ordered],
        )
        missing = (
            select(keys.c.account_id, keys.c.lot_id, keys.c.item_id, AccountRow.pos)
            .join(AccountRow, AccountRow.id == keys.c.account_id)
            .outerjoin(
                BalanceRow,
                and_(BalanceRow.account_id == keys.c.account_id, BalanceRow.lot_id == keys.c.lot_id),
            )
            .where(BalanceRow.account_id.is_(None))
            .order_by(keys.c.account_id, keys.c.lot_id)
        )
        rows = self.connection.execute(missing).all()
        if not rows:
            return
        dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
        self.connection.execute(
            dialect.insert(BalanceRow).on_conflict_do_nothing(index_elements=["account_id", "lot_id"]),
            [
                {"account_id": row.account_id, "lot_id": row.lot_id, "item_id": row.item_id, "pos": row.pos,
                 "on_hand": 0, "reserved": 0, "version": 0, "hash": GENESIS}
                for row in rows
            ],
        )  # fmt: skip

    def _lock(self, ordered: list[BalanceKey]) -> dict[BalanceKey, Balance]:
        keys = key_table(
            self.connection,
            BalanceRow,
            account_id=[pair[0] for pair in ordered],
            lot_id=[pair[1] for pair in ordered],
        )
        statement = (
            select(*BalanceRow.__table__.c, ItemRow.code.label("item_code"), LotRow.code.label("lot_code"))
            .join(keys, and_(keys.c.account_id == BalanceRow.account_id, keys.c.lot_id == BalanceRow.lot_id))
            .join(ItemRow, ItemRow.id == BalanceRow.item_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .order_by(BalanceRow.account_id, BalanceRow.lot_id)
            .with_for_update(of=BalanceRow)
        )
        return {(row.account_id, row.lot_id): Balance(**row._mapping) for row in self.connection.execute(statement)}

    def save_balances(self, seen: Mapping[BalanceKey, Balance], now: Mapping[BalanceKey, Balance]) -> None:
        """Write what changed, only where it is still what was seen."""
        changed = [key for key in sorted(now) if now[key] != seen[key]]
        if not changed:
            return
        matched = update_columns(
            self.connection,
            BalanceRow,
            match={
                "account_id": [key[0] for key in changed],
                "lot_id": [key[1] for key in changed],
                "version": [seen[key].version for key in changed],
                "reserved": [seen[key].reserved for key in changed],
            },
            change={
                "on_hand": [now[key].on_hand for key in changed],
                "reserved": [now[key].reserved for key in changed],
                "version": [now[key].version for key in changed],
                "hash": [now[key].hash for key in changed],
            },
        )
        if matched != len(changed):
            raise StaleBalances

    def add_entries(self, stamp: Stamp, entries: Sequence[Entry]) -> None:
        """Append movements."""
        moves = [entry.movement for entry in entries]
        ends = [(entry.from_side, entry.to_side) for entry in entries]
        insert_columns(
            self.connection,
            MovementRow,
            {
                "posting_id": [stamp.posting_id] * len(entries),
                "line": [entry.line for entry in entries],
                "from_account_id": [move.from_account_id for move in moves],
                "to_account_id": [move.to_account_id for move in moves],
                "item_id": [move.item_id for move in moves],
                "lot_id": [move.lot_id for move in moves],
                "quantity_units": [move.quantity_units for move in moves],
                "reason": [move.reason.value for move in moves],
                "from_version": [side.version if side else None for side, _ in ends],
                "from_after": [side.after if side else None for side, _ in ends],
                "from_hash": [side.hash if side else None for side, _ in ends],
                "to_version": [side.version if side else None for _, side in ends],
                "to_after": [side.after if side else None for _, side in ends],
                "to_hash": [side.hash if side else None for _, side in ends],
            },
        )

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
