"""Items and categories over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from supplyhub.api.door import Door
from supplyhub.api.naming import language, show
from supplyhub.domain.catalogue import Item
from supplyhub.domain.people import Actor
from supplyhub.schemas.catalogue import CategoryListSchema, ItemSchema
from supplyhub.schemas.fields import PageQuery, page_of
from supplyhub.service import catalogue
from supplyhub.service.unit_of_work import Work

door = Door("catalogue", "Items and their categories, the same for everybody")
ItemPage = page_of(ItemSchema)


def _named(item: Item) -> dict[str, Any]:
    return {**asdict(item), "name": item.name(language()), "unit": item.unit(language())}


@door.reads("/items", "read_catalogue", ItemPage, PageQuery)
def list_items(work: Work, actor: Actor, query: dict[str, Any]) -> Any:
    """Items by code."""
    start = query["cursor"] or 0
    stop = start + query["limit"]
    items = catalogue.list_items(work, actor)
    shown = [_named(item) for item in items[start:stop]]
    return show(ItemPage, {"items": shown, "next": stop if stop < len(items) else None})


@door.reads("/items/<code:item>", "read_catalogue", ItemSchema)
def read_item(work: Work, actor: Actor, item: str) -> Any:
    """One item."""
    return show(ItemSchema, _named(catalogue.read_item(work, actor, item)))


@door.reads("/categories", "read_catalogue", CategoryListSchema)
def list_categories(work: Work, actor: Actor) -> Any:
    """The categories of GB/T 38565 that this installation knows."""
    found = catalogue.list_categories(work, actor)
    place = 1 if language() == "en" else 0
    return show(CategoryListSchema, {"items": [{"code": code, "name": found[code][place]} for code in sorted(found)]})
