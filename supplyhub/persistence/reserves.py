"""Reserve floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from supplyhub.domain.reserves import ReserveFloor
from supplyhub.persistence.arrays import insert_columns
from supplyhub.persistence.rows import DepotRow, ReserveFloorRow
from supplyhub.persistence.scope import Repository, within


class ReservesRepository(Repository):
    """What depots hold back."""

    def add_floors(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Append reserve floors."""
        insert_columns(self.connection, ReserveFloorRow, columns)

    def list_floor_keys(self) -> set[tuple[int, int]]:
        """Depot and item of every floor there is."""
        rows = self.connection.execute(select(ReserveFloorRow.depot_id, ReserveFloorRow.item_id))
        return {(row[0], row[1]) for row in rows}

    def list_floors(self, depot_id: int) -> list[ReserveFloor]:
        """The floors of a depot."""
        statement = within(
            select(ReserveFloorRow.depot_id, ReserveFloorRow.item_id, ReserveFloorRow.quantity_units).join(
                DepotRow, DepotRow.id == ReserveFloorRow.depot_id
            ),
            self.scope,
            DepotRow.pos,
        ).where(ReserveFloorRow.depot_id == depot_id)
        return [ReserveFloor(*row) for row in self.connection.execute(statement.order_by(ReserveFloorRow.item_id))]
