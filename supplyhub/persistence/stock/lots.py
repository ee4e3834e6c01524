"""The codes of lots, for whatever names one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from supplyhub.persistence.arrays import key_table
from supplyhub.persistence.rows import LotRow
from supplyhub.persistence.scope import Repository


class LotNaming(Repository):
    """A lot shows where it stands, or stood; documents also name lots that have not arrived yet."""

    def with_lot_codes(self, rows: Iterable[Any]) -> list[dict[str, Any]]:
        """Rows of `lot_id` and `lot_code` as mappings, the codes filled in that the district does not see by itself."""
        found = [dict(row._mapping) for row in rows]
        unseen = sorted({row["lot_id"] for row in found if row["lot_code"] is None})
        if unseen:
            with self.beyond() as everywhere:
                codes = everywhere._lot_codes(unseen)
            found = [{**row, "lot_code": codes.get(row["lot_id"], row["lot_code"])} for row in found]
        return found

    def _lot_codes(self, lot_ids: Sequence[int]) -> Mapping[int, str]:
        keys = key_table(self.connection, LotRow, id=lot_ids)
        rows = self.connection.execute(select(LotRow.id, LotRow.code).join(keys, keys.c.id == LotRow.id))
        return {row.id: row.code for row in rows}
