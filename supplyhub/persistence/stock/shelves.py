"""Reading stock: lots on shelves, and sums over intervals of the tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from supplyhub.domain.places import Division
from supplyhub.domain.stock import (
    AccountKind,
    Condition,
    Shelf,
    ShelfLot,
    StockLine,
)
from supplyhub.persistence.arrays import key_table
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    DivisionRow,
    LotRow,
)
from supplyhub.persistence.scope import AnySelect, Repository, within


class ShelfReading(Repository):
    """What stands where; from balances, so that it does not grow with history."""

    def lock_shelves(self, depot_id: int, item_ids: Iterable[int]) -> dict[tuple[int, Condition], list[ShelfLot]]:
        """The lots of items that stand in a depot, by item and condition, held still until the transaction ends.

        They are locked in the order in which all balances are, so that choosing among them is no race that somebody
        loses to a lot just emptied while the next one holds enough.
        """
        condition = select(AccountRow.condition).where(AccountRow.id == BalanceRow.account_id).scalar_subquery()
        keys = key_table(self.connection, BalanceRow, item_id=sorted(set(item_ids)))
        lots = (
            select(
                BalanceRow.item_id, condition.label("condition"), BalanceRow.lot_id, LotRow.code,
                BalanceRow.on_hand - BalanceRow.reserved, BalanceRow.reserved, LotRow.expires_on, LotRow.earmark_id,
            )
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                BalanceRow.account_id.in_(_shelves(depot_id)), BalanceRow.item_id.in_(select(keys.c.item_id)),
                BalanceRow.live,
            )
        )  # fmt: skip
        if self.connection.dialect.name == "postgresql":  # SQLite lets one writer in anyway
            lots = lots.order_by(BalanceRow.account_id, BalanceRow.lot_id).with_for_update(of=BalanceRow)
        shelves: dict[tuple[int, Condition], list[ShelfLot]] = {}
        for row in self.connection.execute(lots):
            shelves.setdefault((row.item_id, Condition(row.condition)), []).append(ShelfLot(*row[2:]))
        return shelves

    def list_shelves(
        self, *, depot_id: int, item_id: int | None = None, skip: int = 0, limit: int = 500
    ) -> list[Shelf]:
        """What stands in a depot: lots with anything on hand, first expired first within an item.

        `skip` counts lines rather than naming the last one: shelves move under the reader whichever way they go on.
        """
        statement = (
            select(
                AccountRow.depot_id, AccountRow.condition, BalanceRow.lot_id, BalanceRow.item_id,
                BalanceRow.on_hand, BalanceRow.reserved, BalanceRow.version, LotRow.code.label("lot_code"),
                LotRow.owner_id, LotRow.earmark_id, LotRow.produced_on, LotRow.expires_on, LotRow.origin,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(BalanceRow.account_id.in_(_shelves(depot_id)), BalanceRow.live)
            .order_by(
                BalanceRow.item_id, LotRow.expires_on.is_(None), LotRow.expires_on,
                LotRow.code, LotRow.id, AccountRow.id,
            )
            .offset(skip)
            .limit(limit)
        )  # fmt: skip
        if item_id is not None:
            statement = statement.where(BalanceRow.item_id == item_id)
        return [
            Shelf(**{**row._mapping, "condition": Condition(row.condition)})
            for row in self.connection.execute(statement)
        ]

    def sum_place(self, place: Division, *, item_id: int | None = None) -> tuple[list[StockLine], list[StockLine]]:
        """Stock per item in a place itself, and in it and below; in one statement, so that both are of one moment."""
        here = (BalanceRow.pos == place.lo).label("here")
        statement = self._sums(BalanceRow.item_id, here).where(_below(place, item_id))
        rows = self.connection.execute(statement.group_by(BalanceRow.item_id, here).order_by(BalanceRow.item_id)).all()
        itself, subtree = [_line(row) for row in rows if row.here], dict[int, StockLine]()
        for row in rows:
            line, more = _line(row), subtree.get(row.item_id)
            subtree[row.item_id] = line if more is None else line.plus(more)
        return itself, list(subtree.values())

    def sum_by_child(self, parent: Division, item_id: int) -> dict[int, StockLine]:
        """Stock of an item under each division right below a place, by the child's id."""
        child = aliased(DivisionRow)
        statement = (
            self._sums(child.id, BalanceRow.item_id)
            .join(child, and_(BalanceRow.pos >= child.lo, BalanceRow.pos < child.hi))
            .where(child.parent_id == parent.id, BalanceRow.item_id == item_id)
            .group_by(child.id, BalanceRow.item_id)
        )
        return {row.id: _line(row) for row in self.connection.execute(statement)}

    def _sums(self, *keys: Any) -> AnySelect:
        """Sums of what the district holds, by keys; what is spent is not looked at, nor any account."""
        sums = (
            _sum_where(~BalanceRow.in_transit, BalanceRow.on_hand).label("on_hand"),
            func.coalesce(func.sum(BalanceRow.reserved), 0).label("reserved"),
            _sum_where(BalanceRow.in_transit, BalanceRow.on_hand).label("in_transit"),
        )
        return within(select(*keys, *sums).where(BalanceRow.live), self.scope, BalanceRow.pos)


def _shelves(depot_id: int) -> AnySelect:
    """The accounts of a depot's shelves, as a set of keys: with a join SQLite would begin with the item everywhere."""
    return select(AccountRow.id).where(AccountRow.depot_id == depot_id, AccountRow.kind == AccountKind.ON_HAND.value)


def _below(place: Division, item_id: int | None) -> ColumnElement[bool]:
    inside = and_(BalanceRow.pos >= place.lo, BalanceRow.pos < place.hi)
    return inside if item_id is None else and_(BalanceRow.item_id == item_id, inside)


def _line(row: Any) -> StockLine:
    return StockLine(row.item_id, int(row.on_hand), int(row.reserved), int(row.in_transit))


def _sum_where(condition: Any, column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column).filter(condition), 0)
