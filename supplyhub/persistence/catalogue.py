"""Items and their categories; everybody may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import allocate_ids, insert_columns
from supplyhub.persistence.rows import CategoryRow, ItemRow
from supplyhub.persistence.scope import Repository


class CatalogueRepository(Repository):
    """The catalogue is one for the whole installation."""

    def list_items(self) -> list[Item]:
        """All items by code."""
        rows = self.connection.execute(select(*ItemRow.__table__.c).order_by(ItemRow.code))
        return [Item(**row._mapping) for row in rows]

    def get_item(self, code: str) -> Item:
        """The item of this code."""
        row = self.connection.execute(select(*ItemRow.__table__.c).where(ItemRow.code == code)).one_or_none()
        if row is None:
            raise NotFound(noun="item", key=code)
        return Item(**row._mapping)

    def map_items(self) -> dict[str, Item]:
        """All items by code; a catalogue is small."""
        return {item.code: item for item in self.list_items()}

    def add_items(self, columns: Mapping[str, Sequence[Any]]) -> list[int]:
        """Append items; their ids."""
        ids = allocate_ids(self.connection, ItemRow, len(columns["code"]))
        insert_columns(self.connection, ItemRow, {"id": ids, **columns})
        return ids

    def list_categories(self) -> dict[str, tuple[str, str]]:
        """Chinese and English name by GB/T 38565 code."""
        rows = self.connection.execute(select(CategoryRow.code, CategoryRow.name_zh, CategoryRow.name_en))
        return {row.code: (row.name_zh, row.name_en) for row in rows}

    def add_category(self, code: str, name_zh: str, name_en: str, source: str) -> None:
        """One more category; `source` says whether it is the standard's or our own."""
        self.connection.execute(insert(CategoryRow).values(code=code, name_zh=name_zh, name_en=name_en, source=source))
