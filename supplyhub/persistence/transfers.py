"""Transfer orders and their lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

from supplyhub.domain.refusals import NotFound
from supplyhub.domain.transfers import Order, OrderLine, OrderStatus
from supplyhub.persistence.arrays import allocate_ids, insert_columns, key_table, update_columns
from supplyhub.persistence.rows import DivisionRow, LotRow, OrderLineRow, OrderRow
from supplyhub.persistence.scope import AnySelect, within
from supplyhub.persistence.stock.lots import LotNaming


class TransfersRepository(LotNaming):
    """Orders, seen from both their ends."""

    def add_orders(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append orders; their ids."""
        ids = allocate_ids(self.connection, OrderRow, len(columns["from_depot_id"]))
        insert_columns(self.connection, OrderRow, {"id": ids, **columns})
        return ids

    def add_lines(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append order lines; their ids."""
        ids = allocate_ids(self.connection, OrderLineRow, len(columns["order_id"]))
        zeros = [0] * len(ids)
        insert_columns(
            self.connection,
            OrderLineRow,
            {"id": ids, **columns, "received_units": zeros, "lost_units": zeros, "loss_reason": [""] * len(ids)},
        )
        return ids

    def get_order(self, order_id: int) -> Order:
        """The order, or `NotFound`."""
        row = self.connection.execute(self._orders().where(OrderRow.id == order_id)).one_or_none()
        if row is None:
            raise NotFound(noun="transfer order", key=str(order_id))
        return _order(row)

    def lock_order(self, order_id: int) -> Order:
        """The order with its row locked."""
        self.connection.execute(select(OrderRow.id).where(OrderRow.id == order_id).with_for_update())
        return self.get_order(order_id)

    def list_orders(
        self,
        *,
        status: OrderStatus | None = None,
        plan_id: int | None = None,
        from_depot_id: int | None = None,
        to_division_id: int | None = None,
        before: int = 2**62,
        limit: int = 50,
    ) -> list[Order]:
        """Orders with either end in the district, latest first."""
        statement = self._orders().where(OrderRow.id < before)
        for column, value in (
            (OrderRow.status, status.value if status else None),
            (OrderRow.plan_id, plan_id),
            (OrderRow.from_depot_id, from_depot_id),
            (OrderRow.to_division_id, to_division_id),
        ):
            if value is not None:
                statement = statement.where(column == value)
        rows = self.connection.execute(statement.order_by(OrderRow.id.desc()).limit(limit))
        return [_order(row) for row in rows]

    def list_lines(self, order_id: int) -> list[OrderLine]:
        """The lines of an order the caller has come by."""
        rows = self.connection.execute(
            self._lines().where(OrderLineRow.order_id == order_id).order_by(OrderLineRow.line)
        )
        return [OrderLine(**values) for values in self.with_lot_codes(rows)]

    def list_lines_for(self, request_line_ids: Sequence[int]) -> list[tuple[OrderStatus, OrderLine]]:
        """What is on its way, or came, for request lines the caller has come by; latest order first."""
        keys = key_table(self.connection, OrderLineRow, request_line_id=request_line_ids)
        rows = self.connection.execute(
            self._lines()
            .add_columns(OrderRow.status)
            .join(OrderRow, OrderRow.id == OrderLineRow.order_id)
            .join(keys, keys.c.request_line_id == OrderLineRow.request_line_id)
            .order_by(OrderLineRow.id.desc())
        )
        found = []
        for values in self.with_lot_codes(rows):
            status = OrderStatus(values.pop("status"))
            found.append((status, OrderLine(**values)))
        return found

    def list_holding(self, *, made_until: datetime, limit: int) -> list[int]:
        """Orders that hold stock and were made up to a moment, oldest first."""
        holding = text("status = 'approved'")  # as in the index, which a parameter would not find
        statement = select(OrderRow.id).where(holding, OrderRow.made_at <= made_until)
        seen = within(statement, self.scope, OrderRow.from_pos, OrderRow.pos)
        return list(self.connection.scalars(seen.order_by(OrderRow.made_at, OrderRow.id).limit(limit)))

    def set_status(self, order_id: int, status: OrderStatus) -> None:
        """Put a locked order into a status."""
        self.connection.execute(
            update(OrderRow).where(OrderRow.id == order_id).values(status=status.value, version=OrderRow.version + 1)
        )

    def set_arrival(
        self, line_ids: Sequence[int], received: Sequence[int], lost: Sequence[int], reasons: Sequence[str]
    ) -> None:
        """Write down what came of order lines."""
        update_columns(
            self.connection,
            OrderLineRow,
            match={"id": line_ids},
            change={"received_units": received, "lost_units": lost, "loss_reason": reasons},
        )

    def find_townships(self, division_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
        """The office that receives for each division: (id, position) of its township, or its own above that tier."""
        keys = key_table(self.connection, DivisionRow, id=sorted(set(division_ids)))
        rows = self.connection.execute(
            select(DivisionRow.id, DivisionRow.parent_id, DivisionRow.level, DivisionRow.lo).join(
                keys, keys.c.id == DivisionRow.id
            )
        ).all()
        parents = key_table(self.connection, DivisionRow, id=sorted({r.parent_id for r in rows if r.parent_id}))
        lo = {
            row.id: row.lo
            for row in self.connection.execute(
                select(DivisionRow.id, DivisionRow.lo).join(parents, parents.c.id == DivisionRow.id)
            )
        }
        return {
            row.id: (row.parent_id, lo[row.parent_id])
            if row.level == "community" and row.parent_id
            else (row.id, row.lo)
            for row in rows
        }

    def _orders(self) -> AnySelect:
        count = select(func.count()).where(OrderLineRow.order_id == OrderRow.id).scalar_subquery()
        units = (
            select(func.coalesce(func.sum(OrderLineRow.quantity_units), 0))
            .where(OrderLineRow.order_id == OrderRow.id)
            .scalar_subquery()
        )
        statement = select(
            OrderRow.id, OrderRow.plan_id, OrderRow.from_depot_id, OrderRow.to_division_id, OrderRow.to_depot_id,
            OrderRow.status, OrderRow.note, OrderRow.made_at, OrderRow.version, count.label("line_count"),
            units.label("quantity_units"),
        )  # fmt: skip
        return within(statement, self.scope, OrderRow.from_pos, OrderRow.pos)

    def _lines(self) -> AnySelect:
        return select(
            OrderLineRow.id, OrderLineRow.order_id, OrderLineRow.line, OrderLineRow.request_line_id,
            OrderLineRow.division_id, OrderLineRow.item_id, OrderLineRow.lot_id, LotRow.code.label("lot_code"),
            OrderLineRow.quantity_units, OrderLineRow.received_units, OrderLineRow.lost_units,
            OrderLineRow.loss_reason,
        ).outerjoin(LotRow, LotRow.id == OrderLineRow.lot_id)  # fmt: skip


def _order(row: Any) -> Order:
    values = dict(row._mapping)
    return Order(**{**values, "status": OrderStatus(row.status), "quantity_units": int(row.quantity_units)})
