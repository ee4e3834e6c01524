"""Reserve floors (保底): what a depot holds back of an item, whatever is asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReserveFloor:
    """Units of an item that a depot keeps; a planning run may be told to release them."""

    depot_id: int
    item_id: int
    quantity_units: int
