"""Verbs of the catalogue: load categories and items, and read them."""

from __future__ import annotations

from dataclasses import asdict

from supplyhub.domain.catalogue import MAIN_CATEGORIES, Item
from supplyhub.domain.column_faults import (
    find_category_faults,
    find_repeats,
    find_taken,
    find_unknown,
    must_be_sound,
)
from supplyhub.domain.columns import CategoryColumns, ItemColumns
from supplyhub.domain.people import Actor
from supplyhub.service.unit_of_work import Work

STANDARD = "GB/T 38565-2020"


def import_categories(work: Work, columns: CategoryColumns) -> int:
    """Load categories below the three main classes of GB/T 38565, which stand by themselves; how many."""
    known = _open_main_categories(work)
    must_be_sound(
        columns,
        find_repeats(columns, columns.code, "code"),
        find_taken(columns, columns.code, known, "code"),
        find_category_faults(columns, known),
    )
    rows = zip(columns.code, columns.name_zh, columns.name_en, columns.source, strict=True)
    for code, name_zh, name_en, source in sorted(rows):
        work.catalogue.add_category(code, name_zh, name_en or name_zh, source)
    return len(columns.code)


def import_items(work: Work, columns: ItemColumns) -> int:
    """Load items; how many."""
    categories = _open_main_categories(work)
    must_be_sound(
        columns,
        find_repeats(columns, columns.code, "code"),
        find_taken(columns, columns.code, work.catalogue.map_items(), "code"),
        find_unknown(columns, columns.category_code, categories, "category_code"),
    )
    facts = {name: values for name, values in asdict(columns).items() if name not in ("where", "faults")}
    either = {"name_en": columns.name_zh, "unit_en": columns.unit_zh}  # one language is better than an empty cell
    facts |= {name: [en or zh for en, zh in zip(facts[name], zhs, strict=True)] for name, zhs in either.items()}
    work.catalogue.add_items(facts)
    return len(columns.code)


def _open_main_categories(work: Work) -> set[str]:
    """The codes of all categories; the three main classes are added where they are missing."""
    known = set(work.catalogue.list_categories())
    for code, (name_zh, name_en) in MAIN_CATEGORIES.items():
        if code not in known:
            work.catalogue.add_category(code, name_zh, name_en, STANDARD)
    return known | MAIN_CATEGORIES.keys()


def list_items(work: Work, actor: Actor) -> list[Item]:
    """All items by code."""
    actor.must("read_catalogue")
    return work.catalogue.list_items()


def read_item(work: Work, actor: Actor, code: str) -> Item:
    """One item."""
    actor.must("read_catalogue")
    return work.catalogue.get_item(code)


def list_categories(work: Work, actor: Actor) -> dict[str, tuple[str, str]]:
    """Chinese and English name of every category by its GB/T 38565 code."""
    actor.must("read_catalogue")
    return work.catalogue.list_categories()
