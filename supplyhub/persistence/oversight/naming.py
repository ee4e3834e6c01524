"""Faults by the codes that people know (监管): item, lot and depot beside the numbers of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from supplyhub.domain.oversight import LedgerFault
from supplyhub.persistence.arrays import key_table
from supplyhub.persistence.rows import AccountRow, DepotRow, ItemRow, LotRow
from supplyhub.persistence.scope import AnySelect, Repository


class Naming(Repository):
    """A few look-ups for the faults that are kept."""

    def name_faults(self, faults: Sequence[LedgerFault]) -> list[LedgerFault]:
        """The same faults with codes, and where in the tree their account is; what there is not stays unnamed."""
        accounts = self._by_id(
            select(AccountRow.id, DepotRow.code, AccountRow.pos).outerjoin(
                DepotRow, DepotRow.id == AccountRow.depot_id
            ),
            AccountRow,
            [fault.account_id for fault in faults],
        )
        lots = self._by_id(select(LotRow.id, LotRow.code, LotRow.item_id), LotRow, [fault.lot_id for fault in faults])
        named = []
        for fault in faults:
            _, depot, pos = accounts.get(fault.account_id, (None, None, None))
            _, lot, item_id = lots.get(fault.lot_id, (None, None, None))
            item_id = fault.item_id if fault.item_id is not None else item_id
            named.append(replace(fault, depot=depot or "", pos=pos, lot=lot or "", item_id=item_id))
        items = self._by_id(select(ItemRow.id, ItemRow.code), ItemRow, [fault.item_id for fault in named])
        return [replace(fault, item=items.get(fault.item_id, (None, ""))[1]) for fault in named]

    def _by_id(self, statement: AnySelect, row: Any, ids: Sequence[int | None]) -> dict[int | None, Any]:
        wanted = sorted({number for number in ids if isinstance(number, int)})
        if not wanted:
            return {}
        keys = key_table(self.connection, row, id=wanted)
        return {found[0]: found for found in self.connection.execute(statement.join(keys, keys.c.id == row.id))}
