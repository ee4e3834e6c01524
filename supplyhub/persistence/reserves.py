"""Reserve floors (保底): what depots hold back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from supplyhub.persistence.arrays import insert_columns
from supplyhub.persistence.rows import ReserveFloorRow
from supplyhub.persistence.scope import Repository


class ReservesRepository(Repository):
    """What depots hold back."""

    def add_floors(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Append reserve floors."""
        insert_columns(self.connection, ReserveFloorRow, columns)

    def list_floor_keys(self) -> set[tuple[int, int]]:
        """Depot and item of every floor there is."""
        rows = self.connection.execute(select(ReserveFloorRow.depot_id, ReserveFloorRow.item_id))
        return {(row[0], row[1]) for row in rows}
