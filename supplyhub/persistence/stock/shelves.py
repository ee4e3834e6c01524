"""Reading stock: lots on shelves, and sums over intervals of the tree."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from supplyhub.domain.places import Division
from supplyhub.domain.stock import (
    Condition,
    Shelf,
    ShelfLot,
    StockLine,
)
from supplyhub.persistence.rows import (
    AccountRow,
    BalanceRow,
    DivisionRow,
    LotRow,
)
from supplyhub.persistence.scope import Repository, within


class ShelfReading(Repository):
    """What stands where; from balances, so that it does not grow with history."""

    def list_shelf(self, depot_id: int, item_id: int, condition: Condition = Condition.GOOD) -> list[ShelfLot]:
        """The lots of an item on a depot's shelf."""
        rows = self.connection.execute(
            select(
                BalanceRow.lot_id, LotRow.code, BalanceRow.on_hand, BalanceRow.reserved, LotRow.expires_on,
                LotRow.earmark_id,
            )
            .join(AccountRow, AccountRow.id == BalanceRow.account_id)
            .join(LotRow, LotRow.id == BalanceRow.lot_id)
            .where(
                AccountRow.depot_id == depot_id, AccountRow.kind == "on_hand",
                AccountRow.condition == condition.value, BalanceRow.item_id == item_id, BalanceRow.on_hand > 0,
            )
        )  # fmt: skip
        return [
            ShelfLot(r.lot_id, r.code, r.on_hand - r.reserved, r.reserved, r.expires_on, r.earmark_id) for r in rows
        ]

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
            .where(
                AccountRow.depot_id == depot_id, AccountRow.kind == "on_hand", BalanceRow.on_hand > 0,
            )
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

    def sum_stock(self, lo: int, hi: int, *, item_id: int | None = None) -> list[StockLine]:
        """Stock per item over an interval of positions; in transit means on its way there."""
        statement = within(
            select(
                BalanceRow.item_id,
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.on_hand).label("on_hand"),
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.reserved).label("reserved"),
                _sum_where(AccountRow.kind == "transit", BalanceRow.on_hand).label("in_transit"),
            ).join(AccountRow, AccountRow.id == BalanceRow.account_id),
            self.scope,
            BalanceRow.pos,
        ).where(BalanceRow.pos >= lo, BalanceRow.pos < hi, BalanceRow.on_hand > 0)
        if item_id is not None:
            statement = statement.where(BalanceRow.item_id == item_id)
        rows = self.connection.execute(statement.group_by(BalanceRow.item_id).order_by(BalanceRow.item_id))
        return [StockLine(r.item_id, int(r.on_hand), int(r.reserved), int(r.in_transit)) for r in rows]

    def sum_by_child(self, parent: Division, item_id: int) -> dict[int, StockLine]:
        """Stock of an item under each division right below a place, by the child's id."""
        child = aliased(DivisionRow)
        statement = within(
            select(
                child.id,
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.on_hand).label("on_hand"),
                _sum_where(AccountRow.kind == "on_hand", BalanceRow.reserved).label("reserved"),
                _sum_where(AccountRow.kind == "transit", BalanceRow.on_hand).label("in_transit"),
            )
            .join(BalanceRow, and_(BalanceRow.pos >= child.lo, BalanceRow.pos < child.hi))
            .join(AccountRow, AccountRow.id == BalanceRow.account_id),
            self.scope,
            BalanceRow.pos,
        ).where(child.parent_id == parent.id, BalanceRow.item_id == item_id, BalanceRow.on_hand > 0)
        rows = self.connection.execute(statement.group_by(child.id))
        return {r.id: StockLine(item_id, int(r.on_hand), int(r.reserved), int(r.in_transit)) for r in rows}


def _sum_where(condition: ColumnElement[bool], column: Any) -> ColumnElement[int]:
    return func.coalesce(func.sum(column).filter(condition), 0)
