"""Which columns the sheets of receipts, issues and counts have, and what people call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from supplyhub.schemas.cells import INVISIBLE

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "item": ("物资编码", "item", "物资", "物资代码", "编码", "代码", "item code", "code"),
    "name": ("物资名称", "item name", "品名", "名称", "货物名称", "name"),
    "unit": ("单位", "unit", "计量单位"),
    "quantity": ("数量", "quantity", "units"),
    "packs": ("箱/包数", "packs", "箱数", "包数", "箱", "包", "箱/包"),
    "lot_id": ("批次编号", "lot_id", "lot id"),
    "lot": ("批号", "lot", "批次号", "批次", "生产批号", "lot number", "batch"),
    "produced_on": ("生产日期", "produced_on", "produced on"),
    "expires_on": ("有效期至", "expires_on", "expires on", "到期日", "到期日期", "失效日期", "有效期"),
    "owner": ("物权单位", "owner", "物权单位代码"),
    "earmark": ("定向", "earmark", "定向单位", "定向单位代码"),
    "origin": ("来源", "origin", "产地", "生产厂家", "生产企业"),
    "condition": ("状态", "condition", "品相"),
    "seen": ("账面数", "seen", "账面", "账面数量", "in the book"),
    "counted": ("实盘数", "counted", "实盘", "实盘数量"),
}
"""What a column may be called; the first two are what our own templates call it, in Chinese and in English."""

ASIDE = (
    "序号",
    "编号",
    "备注",
    "规格",
    "规格型号",
    "no",
    "no.",
    "number",
    "remark",
    "remarks",
    "note",
    "specification",
)
"""Columns that people keep for themselves; nothing is read from them."""


@dataclass(frozen=True)
class Kind:
    """What a sheet's lines are made of: its columns in the order of our template, and how a line is known as filled.

    `sent` columns become fields of the line; the others (name, unit, a lot's number) are only held against what they
    describe. `wide`: a column may also be named after an item and hold quantities.
    """

    name: str
    columns: tuple[str, ...]
    sent: frozenset[str]
    filled_by: tuple[str, ...]
    names_lots: bool
    wide: bool

    def field_of(self, heading: str) -> str | None:
        """The column that a heading means; "" for one that is left aside, None for one that is not known."""
        said = plain(heading)
        for text in (said, re.sub(r"\([^()]*\)$", "", said)):
            if KNOWN.get(text) in self.columns:
                return KNOWN[text]
            if text in SET_ASIDE or KNOWN.get(text) in DESCRIBES:
                return ""
        return None


def plain(text: str) -> str:
    """A heading or a name without what makes no difference: width, case, spaces, marks of what is required."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if not char.isspace() and char not in INVISIBLE and char not in "*:")


KNOWN = {plain(name): field for field, names in HEADINGS.items() for name in names}
SET_ASIDE = frozenset(map(plain, ASIDE))
DESCRIBES = frozenset({"produced_on", "expires_on", "owner", "origin"})
"""Columns that tell people about a lot which a line names otherwise."""

RECEIPT = Kind(
    "receipt",
    ("item", "name", "unit", "quantity", "packs", "lot", "produced_on", "expires_on", "owner", "earmark", "origin",
     "condition"),
    sent=frozenset({"item", "quantity", "packs", "lot", "produced_on", "expires_on", "owner", "earmark", "origin",
                    "condition"}),
    filled_by=("item", "name", "quantity", "packs"),
    names_lots=False,
    wide=True,
)  # fmt: skip
ISSUE = Kind(
    "issue",
    ("item", "name", "unit", "quantity", "packs", "lot_id", "lot", "condition"),
    sent=frozenset({"item", "quantity", "packs", "lot_id", "condition"}),
    filled_by=("item", "name", "quantity", "packs"),
    names_lots=True,
    wide=True,
)
COUNT = Kind(
    "count",
    ("item", "name", "unit", "lot_id", "lot", "condition", "seen", "counted"),
    sent=frozenset({"lot_id", "condition", "seen", "counted"}),
    filled_by=("counted",),
    names_lots=True,
    wide=False,
)
