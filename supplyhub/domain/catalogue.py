"""What is kept: items (物资), their packs and their GB/T 38565 categories."""

from __future__ import annotations

import re
from dataclasses import dataclass

CATEGORY_CODE = re.compile(r"^[123](0{6}|\d{2}0{4}|\d{4}00|\d{6})$")
"""GB/T 38565-2020: one digit and three pairs; a 00 layer is followed only by 00."""

MAIN_CATEGORIES = {
    "1000000": ("基本生活保障物资", "Basic living supplies"),
    "2000000": ("应急装备及配套物资", "Emergency equipment and accessories"),
    "3000000": ("工程材料与机械加工设备", "Engineering materials and machinery"),
}
"""The three 大类 are fixed by the standard; everything below them is an importable table."""


@dataclass(frozen=True)
class Item:
    """One item: integers count its smallest unit, weight is of one unit in grams, volume in cubic centimetres."""

    id: int
    code: str
    name_zh: str
    name_en: str
    unit_zh: str
    unit_en: str
    pack_size: int
    weight_g: int
    volume_cm3: int
    shelf_life_days: int | None
    durable: bool
    recoverable: bool
    product_standard: str
    category_code: str
    norm_per_1000: int | None

    def name(self, language: str) -> str:
        """The name in the reader's language."""
        return self.name_en if language == "en" else self.name_zh

    def unit(self, language: str) -> str:
        """The unit's name in the reader's language."""
        return self.unit_en if language == "en" else self.unit_zh


def packs_up(units: int, pack_size: int) -> int:
    """Whole packs that hold at least so many units."""
    return -(-units // pack_size)


def split_packs(units: int, pack_size: int) -> tuple[int, int]:
    """Whole packs and the loose units that are left."""
    return divmod(units, pack_size)
