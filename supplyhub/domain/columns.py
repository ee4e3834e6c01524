"""What is loaded by the thousand, as equal-length lists: one class a kind of sheet, one entry a row.

`where` names each row ("stock.csv:17"). A cell that could not be read stands in `faults` and holds a neutral
value ("", 0 or None) in its list, so that the rules can still look at the rest and say everything at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from supplyhub.domain.places import DepotKind, Level, RiskClass
from supplyhub.domain.refusals import Fault
from supplyhub.domain.stock import Condition


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What every kind has: where each row stands, and what was wrong with single cells."""

    where: list[str]
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class PlaceColumns(Columns):
    """Divisions; an empty `parent_code` is a root, a missing distance is computed from the coordinates."""

    code: list[str]
    name: list[str]
    parent_code: list[str]
    level: list[Level]
    population: list[int | None]
    population_source: list[str]
    lon: list[float | None]
    lat: list[float | None]
    metres_to_parent: list[int | None]
    risk_class: list[RiskClass]
    weight_thousandths: list[int]


@dataclass(frozen=True, kw_only=True)
class DepotColumns(Columns):
    """Depots; an empty `custodian_code` means that the division keeps its own depot."""

    code: list[str]
    name: list[str]
    division_code: list[str]
    custodian_code: list[str]
    kind: list[DepotKind]
    metres_to_division: list[int]


@dataclass(frozen=True, kw_only=True)
class InstitutionColumns(Columns):
    """Hospitals, schools, homes."""

    code: list[str]
    name: list[str]
    division_code: list[str]


@dataclass(frozen=True, kw_only=True)
class CategoryColumns(Columns):
    """GB/T 38565 categories below the three main classes; `source` says whose table they come from."""

    code: list[str]
    name_zh: list[str]
    name_en: list[str]
    source: list[str]


@dataclass(frozen=True, kw_only=True)
class ItemColumns(Columns):
    """Items; weight and volume are of one unit."""

    code: list[str]
    name_zh: list[str]
    name_en: list[str]
    unit_zh: list[str]
    unit_en: list[str]
    pack_size: list[int]
    weight_g: list[int]
    volume_cm3: list[int]
    shelf_life_days: list[int | None]
    durable: list[bool]
    recoverable: list[bool]
    product_standard: list[str]
    category_code: list[str]
    norm_per_1000: list[int | None]


@dataclass(frozen=True, kw_only=True)
class StockColumns(Columns):
    """What stands on the shelves when an installation begins; an empty `owner_code` means the depot's custodian."""

    depot_code: list[str]
    item_code: list[str]
    quantity_units: list[int]
    lot: list[str]
    owner_code: list[str]
    produced_on: list[date | None]
    expires_on: list[date | None]
    origin: list[str]
    earmark_code: list[str]
    condition: list[Condition]


@dataclass(frozen=True, kw_only=True)
class FloorColumns(Columns):
    """Reserve floors (保底)."""

    depot_code: list[str]
    item_code: list[str]
    quantity_units: list[int]


@dataclass(frozen=True, kw_only=True)
class WayColumns(Columns):
    """Ways of their own between two nodes; an empty `item_code` means every item, no capacity means no limit."""

    from_code: list[str]
    to_code: list[str]
    item_code: list[str]
    metres: list[int | None]
    penalty_metres: list[int]
    capacity_units: list[int | None]
    open: list[bool]
    hours_thousandths: list[int | None]


@dataclass(frozen=True, kw_only=True)
class RequestColumns(Columns):
    """Request lines of many offices: lines of one `office_code` become one request; None means amount unknown."""

    office_code: list[str]
    division_code: list[str]
    institution_code: list[str]
    item_code: list[str]
    quantity_units: list[int | None]
    priority: list[int]
    needed_by: list[datetime | None]
    reason: list[str]
    override_reason: list[str]
