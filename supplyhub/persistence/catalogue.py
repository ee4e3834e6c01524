"""Items and their categories; everybody may read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable, insert, select

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import NotFound
from supplyhub.persistence.arrays import allocate_ids, insert_columns
from supplyhub.persistence.fixed import Fixed, keys_of
from supplyhub.persistence.rows import CategoryRow, ItemRow
from supplyhub.persistence.scope import Repository, Scope


class CatalogueRepository(Repository):
    """The catalogue is one for the whole installation."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        super().__init__(connection, scope)
        self._seen: dict[str, Item] = {}

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
        """All items by code."""
        return {item.code: item for item in self.list_items()}

    def find_items(self, codes: Iterable[str]) -> dict[str, Item]:
        """The items of these codes, by code; one that was looked up in this transaction is known."""
        wanted = dict.fromkeys(codes)
        unseen = [code for code in wanted if code not in self._seen]
        if unseen:
            rows = ITEMS_BY_CODE.run_for_keys(self.connection, {"code": unseen})
            self._seen |= {item.code: item for item in map(_item, rows)}
        return {code: self._seen[code] for code in wanted if code in self._seen}

    def name_items(self, ids: Iterable[int]) -> dict[int, Item]:
        """Items by row number."""
        rows = ITEMS_BY_ID.run_for_keys(self.connection, {"id": sorted(set(ids))})
        return {item.id: item for item in map(_item, rows)}

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


def _items_by(name: str) -> Callable[[str], Executable]:
    def make(engine: str) -> Executable:
        keys = keys_of(engine, ItemRow, name)
        return select(*ItemRow.__table__.c).join(keys, keys.c[name] == ItemRow.__table__.c[name])

    return make


ITEMS_BY_CODE, ITEMS_BY_ID = Fixed(_items_by("code")), Fixed(_items_by("id"))


def _item(row: tuple[Any, ...]) -> Item:
    values = dict(zip(ItemRow.__table__.c.keys(), row, strict=True))
    return Item(**{**values, "durable": bool(values["durable"]), "recoverable": bool(values["recoverable"])})
