"""The cells of an upload as JSON would have them: messy as people write them, and never guessed at."""

from __future__ import annotations

import re
from datetime import date, timedelta

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import words
from supplyhub.schemas.cells import CellFault, day, whole, words_of
from supplyhub.schemas.fields import ID_MAX
from supplyhub.schemas.uploads.kinds import plain
from supplyhub.schemas.uploads.workbooks import MERGED

CONDITIONS = {
    "完好": "good", "好": "good", "good": "good",
    "损坏": "damaged", "破损": "damaged", "damaged": "damaged",
    "待检": "quarantined", "quarantined": "quarantined",
}  # fmt: skip
FORMULA_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"})
SHORTENED = re.compile(r"-?\d(\.\d+)?[eE]\+\d{1,3}")
"""How spreadsheets write numbers of more than eleven digits, the last of them lost."""
WIDE = {code + 0xFEE0: code for code in range(ord("!"), ord("~") + 1)}
"""Full-width digits and signs, which Chinese keyboards write, as the usual ones."""
TEXT_MAX = 200
"""Longer than any field of a line; each field's own limit is told with its name."""

DAY_ZERO = date(1899, 12, 30)
"""Day 0 of spreadsheets, whose days are numbers where nobody has made dates of them."""
SERIAL_DAYS = range(20_000, 80_000)
"""1954 to 2119; other numbers are no days that anybody means."""

text = words_of(TEXT_MAX)
row_number = whole(1, ID_MAX)


def must_be_meant(said: str) -> None:
    """CellFault for what a spreadsheet has put in a cell instead of what was meant."""
    if said == MERGED:
        raise CellFault(words("this cell is merged with one above; take them apart and fill in each"))
    if said in FORMULA_ERRORS:
        raise CellFault(words("the formula in this cell gives {text}"), text=said)
    if SHORTENED.fullmatch(said):
        message = words("{text} was shortened by the spreadsheet; format the column as text and write the number anew")
        raise CellFault(message, text=said)


def whole_number(said: str, item: Item | None = None, *, least: int = 0) -> int:
    """Units or packs from `least` on: 1200, 1,200, １２００, and 1200只 where 只 is the item's own unit."""
    number = said.translate(WIDE)
    for unit in (item.unit_zh, item.unit_en) if item else ():
        if unit and number.casefold().endswith(unit.casefold()):
            number = number[: -len(unit)].rstrip()
            break
    if re.fullmatch(r"\d{1,3}(,\d{3})+", number, re.ASCII):
        number = number.replace(",", "")
    try:
        return int(whole(least)(number))
    except CellFault as fault:
        raise CellFault(fault.message, **{**fault.facts, "text": said[:40]}) from None


def day_of(said: str) -> str:
    """A day as YYYY-MM-DD, from 2027-01-02, 2027/1/2, 2027.1.2, 2027年1月2日, 20270102, or a spreadsheet's number."""
    written = said.translate(WIDE).removesuffix("日").removesuffix(" 00:00:00")
    parts = re.fullmatch(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})|(\d{2})(\d{2}))", written, re.ASCII)
    if parts:
        year, *rest = (part for part in parts.groups() if part)
        written = "-".join([year, *(part.zfill(2) for part in rest)])
    elif re.fullmatch(r"\d{5}", written, re.ASCII) and int(written) in SERIAL_DAYS:
        return (DAY_ZERO + timedelta(days=int(written))).isoformat()
    try:
        return day(written).isoformat()
    except CellFault:
        raise CellFault(words("{text!r} is no date; write YYYY-MM-DD"), text=said[:40]) from None


def condition(said: str) -> str:
    """The state of goods, by code or in Chinese."""
    found = CONDITIONS.get(plain(said))
    if found is None:
        allowed = "完好 good, 损坏 damaged, 待检 quarantined"
        raise CellFault(words("{text!r} is not allowed; write one of: {allowed}"), text=said[:40], allowed=allowed)
    return found
