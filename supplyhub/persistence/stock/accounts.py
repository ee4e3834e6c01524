"""Accounts and lots: found by what makes them, opened when they are new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Executable, Text, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from supplyhub.domain.stock import (
    AccountKey,
    AccountKind,
    Condition,
    LotFacts,
)
from supplyhub.persistence.arrays import key_table
from supplyhub.persistence.fixed import Fixed, keys_of
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    DepotRow,
    DivisionRow,
    LotRow,
    Row,
)
from supplyhub.persistence.scope import Repository


class AccountRows(Repository):
    """Where units can be, and what they are."""

    def make_accounts(self, keys: Iterable[AccountKey]) -> dict[AccountKey, int]:
        """The ids of accounts, opening those that are missing, in one order for everybody."""
        wanted = dict(sorted((key.text, key) for key in set(keys)))
        found = self._account_ids(list(wanted))
        missing = [key for text, key in wanted.items() if text not in found]
        if missing:
            positions = self._positions(missing)
            dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
            self.connection.execute(
                dialect.insert(AccountRow).on_conflict_do_nothing(index_elements=["key"]),
                [
                    {"key": key.text, "kind": key.kind.value, "division_id": key.division_id,
                     "depot_id": key.depot_id, "order_id": key.order_id,
                     "condition": key.condition.value if key.condition else None,
                     "pos": positions[key.text], "floored": key.floored}
                    for key in missing
                ],
            )  # fmt: skip
            found = self._account_ids(list(wanted))
        return {key: found[text] for text, key in wanted.items()}

    def _account_ids(self, texts: list[str]) -> dict[str, int]:
        return dict(ACCOUNTS_BY_KEY.run_for_keys(self.connection, {"key": texts}))

    def _positions(self, accounts: list[AccountKey]) -> dict[str, int]:
        """Where each account's stock counts in the tree: the depot's place, else the division's own."""
        depots = sorted({key.depot_id for key in accounts if key.depot_id is not None})
        divisions = sorted({key.division_id for key in accounts})
        depot_keys = key_table(self.connection, DepotRow, id=depots)
        division_keys = key_table(self.connection, DivisionRow, id=divisions)
        of_depot = {
            row.id: row.pos
            for row in self.connection.execute(
                select(DepotRow.id, DepotRow.pos).join(depot_keys, depot_keys.c.id == DepotRow.id)
            )
        }
        of_division = {
            row.id: row.lo
            for row in self.connection.execute(
                select(DivisionRow.id, DivisionRow.lo).join(division_keys, division_keys.c.id == DivisionRow.id)
            )
        }
        return {
            key.text: of_division[key.division_id] if key.depot_id is None else of_depot[key.depot_id]
            for key in accounts
        }

    def map_account_keys(self, account_ids: Iterable[int]) -> dict[int, AccountKey]:
        """What the accounts are, by id, that a posting names which the caller has come by."""
        keys = key_table(self.connection, AccountRow, id=sorted(set(account_ids)))
        with self.beyond():
            rows = self.connection.execute(select(*AccountRow.__table__.c).join(keys, keys.c.id == AccountRow.id)).all()
        return {row.id: _account_key(row) for row in rows}

    def make_lots(self, lots: Iterable[LotFacts]) -> dict[LotFacts, int]:
        """The ids of lots, adding those that are new."""
        wanted = dict(sorted((lot.identity, lot) for lot in set(lots)))
        if not wanted:
            return {}
        found = self._lot_ids(list(wanted))
        missing = {identity: lot for identity, lot in wanted.items() if identity not in found}
        if missing:
            dialect = postgresql if self.connection.dialect.name == "postgresql" else sqlite
            self.connection.execute(
                dialect.insert(LotRow).inline().on_conflict_do_nothing(),
                [
                    {"identity": identity, "item_id": lot.item_id, "owner_id": lot.owner_id,
                     "earmark_id": lot.earmark_id, "code": lot.code, "produced_on": lot.produced_on,
                     "expires_on": lot.expires_on, "origin": lot.origin}
                    for identity, lot in missing.items()
                ],
            )  # fmt: skip
            found = self._lot_ids(list(wanted))
        return {lot: found[identity] for identity, lot in wanted.items()}

    def _lot_ids(self, identities: list[str]) -> dict[str, int]:
        return dict(LOTS_BY_IDENTITY.run_for_keys(self.connection, {"identity": identities}))

    def map_depot_lots(self, depot_id: int, lot_ids: Iterable[int]) -> dict[int, int]:
        """The item of each of these lots that stands, or once stood, in a depot."""
        keys = key_table(self.connection, BalanceRow, lot_id=sorted(set(lot_ids)))
        rows = self.connection.execute(
            select(BalanceRow.lot_id, BalanceRow.item_id)
            .join(keys, keys.c.lot_id == BalanceRow.lot_id)
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .where(AccountRow.depot_id == depot_id)
            .distinct()
        )
        return {row.lot_id: row.item_id for row in rows}

    def map_expiries(self, lot_ids: Iterable[int]) -> dict[int, date | None]:
        """When lots expire, by id."""
        keys = key_table(self.connection, LotRow, id=sorted(set(lot_ids)))
        rows = self.connection.execute(select(LotRow.id, LotRow.expires_on).join(keys, keys.c.id == LotRow.id))
        return {row.id: row.expires_on for row in rows}


def _by_key(engine: str, row: type[Row], key: str, function: str) -> Executable:
    """Key and id of rows by their exact keys, whoever asks: PostgreSQL has a function for it, past its policies."""
    if engine == "postgresql":
        found = func.__getattr__(function)(bindparam(key, type_=ARRAY(Text))).table_valued("key", "id")
        return select(found.c.key, found.c.id)
    keys, columns = keys_of(engine, row, key), row.__table__.c
    return select(columns[key], columns.id).join(keys, keys.c[key] == columns[key])


def _accounts_by_key(engine: str) -> Executable:
    return _by_key(engine, AccountRow, "key", "find_accounts")


def _lots_by_identity(engine: str) -> Executable:
    return _by_key(engine, LotRow, "identity", "find_lots")


ACCOUNTS_BY_KEY, LOTS_BY_IDENTITY = Fixed(_accounts_by_key), Fixed(_lots_by_identity)


def _account_key(row: Any) -> AccountKey:
    return AccountKey(
        kind=AccountKind(row.kind), division_id=row.division_id, depot_id=row.depot_id, order_id=row.order_id,
        condition=Condition(row.condition) if row.condition else None,
    )  # fmt: skip
