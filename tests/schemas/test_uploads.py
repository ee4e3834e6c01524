"""Uploads: one table means the same lines however it is saved, and no file whatever does more than be refused."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supplyhub.domain.catalogue import Item
from supplyhub.domain.refusals import Fault, InvalidInput
from supplyhub.domain.stock import UNITS_MAX, Condition, Shelf
from supplyhub.schemas.cells import CellFault
from supplyhub.schemas.files import SheetFile
from supplyhub.schemas.uploads import COUNT, ISSUE, RECEIPT, Goods, Kind
from supplyhub.schemas.uploads.lines import SheetLines, read_lines
from supplyhub.schemas.uploads.readers import day_of, whole_number
from supplyhub.schemas.uploads.tables import letter_of, read_tables
from supplyhub.schemas.uploads.writing import count_rows, headings_of, write_csv, write_workbook
from tests.sheets import Rows, as_csv, as_xlsx


def item(number: int, code: str, zh: str, en: str, unit: str, pack: int = 1) -> Item:
    return Item(number, code, zh, en, unit, "piece", pack, 1, 1, None, False, False, "", "1000000", None)


ITEMS = [
    item(1, "mask", "医用口罩", "Mask", "只", 10),
    item(2, "quilt", "棉被", "Quilt", "床"),
    item(3, "n95", "医用防护口罩(N95)", "Respirator (N95)", "只", 20),
    item(4, "cloth-1", "彩条布", "Tarpaulin", "包"),
    item(5, "cloth-2", "彩条布", "Striped cloth", "包"),
]
GOODS = Goods(ITEMS)
EXAMPLES = int(os.environ.get("SUPPLYHUB_UPLOAD_EXAMPLES", "60"))


def lines_of(kind: Kind, content: bytes, goods: Goods = GOODS, sheet: str = "") -> SheetLines:
    return read_lines(kind, read_tables(SheetFile("f", content), sheet), goods)


def wheres(found: SheetLines) -> list[str]:
    return [fault.where for fault in found.faults]


LOTS = st.text(st.characters(codec="gb18030", categories=("L", "N", "P", "S")), min_size=1, max_size=12).filter(
    lambda text: not text.startswith(("'", "#")) and "\ufeff" not in text
)
DAYS = st.dates(date(1970, 1, 1), date(2199, 12, 31))
RECEIPT_LINES = st.lists(
    st.fixed_dictionaries(
        {"item": st.sampled_from([each.code for each in ITEMS])},
        optional={
            "quantity": st.integers(1, UNITS_MAX),
            "packs": st.integers(1, 10**6),
            "lot": LOTS,
            "expires_on": DAYS,
            "condition": st.sampled_from(["good", "damaged", "quarantined"]),
        },
    ),
    min_size=1,
    max_size=12,
)
NAMES = {
    "item": "物资",
    "quantity": "数量",
    "packs": "箱数",
    "lot": "批号",
    "expires_on": "到期日",
    "condition": "状态",
}


SAVED: list[Callable[[Rows], bytes]] = [
    as_xlsx,
    lambda rows: as_xlsx([["说明"]], {"明细": rows}),
    lambda rows: as_csv(rows, newline="\n"),
    lambda rows: as_csv(rows, encoding="gb18030"),
    lambda rows: as_csv(rows, encoding="utf-16", delimiter="\t"),
    lambda rows: as_csv(rows, delimiter=";"),
]


@settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(lines=RECEIPT_LINES, order=st.permutations(list(NAMES)), title=st.booleans(), data=st.data())
def test_one_table_means_the_same_lines_however_it_is_saved(
    lines: list[dict[str, Any]], order: list[str], title: bool, data: st.DataObject
) -> None:
    rows: list[list[Any]] = [["某县入库表"]] if title else []
    rows += [[NAMES[name] for name in order], *([line.get(name, "") for name in order] for line in lines)]
    expected = [{name: str(v) if isinstance(v, date) else v for name, v in line.items()} for line in lines]
    save = data.draw(st.sampled_from(SAVED))
    found = lines_of(RECEIPT, save(rows))
    assert (found.lines, found.faults) == (expected, [])


@settings(deadline=None, max_examples=EXAMPLES // 2)
@given(
    shelves=st.lists(
        st.builds(
            Shelf,
            depot_id=st.just(1), lot_id=st.integers(1, 10**12), item_id=st.integers(1, 5),
            condition=st.sampled_from(list(Condition)), on_hand=st.integers(0, UNITS_MAX), reserved=st.just(0),
            version=st.just(1), lot_code=LOTS | st.just(""), owner_id=st.just(1), earmark_id=st.none(),
            produced_on=st.none(), expires_on=st.none() | DAYS, origin=st.just(""),
        ),
        min_size=1, max_size=12, unique_by=lambda shelf: shelf.lot_id,
    ),
    language=st.sampled_from(["en", "zh_Hans"]),
    counted=st.integers(0, UNITS_MAX),
)  # fmt: skip
def test_a_count_sheet_of_ours_reads_as_the_shelves_it_was_made_of(
    shelves: list[Shelf], language: str, counted: int
) -> None:
    rows = count_rows(shelves, {each.id: each for each in ITEMS}, language)
    filled = [[*row[:-1], counted] for row in rows]
    expected = [
        {"lot_id": shelf.lot_id, "condition": shelf.condition, "seen": shelf.on_hand, "counted": counted}
        for shelf in shelves
    ]
    goods = Goods(ITEMS, shelves)
    for content in (
        write_workbook(COUNT, language, "盘点表 [x]:*?/\\'", filled, ITEMS),
        write_csv([headings_of(COUNT, language), *filled]),
    ):
        found = lines_of(COUNT, content, goods)
        assert (found.lines, found.faults) == (expected, [])
    empty = lines_of(COUNT, write_workbook(COUNT, language, "", rows, ITEMS), goods)
    assert (empty.lines, empty.faults) == ([], [])


SOUND = as_xlsx([["物资", "数量", "批号"], ["mask", 5, "x"], ["quilt", 6, ""]], {"二": [["物资", "数量"]]})


@settings(deadline=None, max_examples=EXAMPLES)
@given(data=st.data())
def test_a_workbook_with_bytes_changed_is_read_or_refused(data: st.DataObject) -> None:
    """In the archive as it is, or in one of its parts packed anew."""
    with zipfile.ZipFile(io.BytesIO(SOUND)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(["", *sorted(parts)]))
    changed = bytearray(parts[name] if name else SOUND)
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    content = bytes(changed)
    if name:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for other, part in parts.items():
                archive.writestr(other, bytes(changed) if other == name else part)
        content = packed.getvalue()
    must_be_read_or_refused(content)


@settings(deadline=None, max_examples=EXAMPLES)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    must_be_read_or_refused(content)


def must_be_read_or_refused(content: bytes) -> None:
    for kind in (RECEIPT, ISSUE, COUNT):
        try:
            faults = lines_of(kind, content).faults
        except InvalidInput as refusal:
            faults = refusal.faults or [Fault("", "a refusal that says nothing: {nothing}")]
        assert all(map(str, faults))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2027-01-02", "2027-01-02"), ("2027/1/2", "2027-01-02"), ("2027.1.2", "2027-01-02"),
        ("2027年1月2日", "2027-01-02"), ("20270102", "2027-01-02"), ("２０２７-０１-０２", "2027-01-02"),
        ("2027-01-02 00:00:00", "2027-01-02"), ("43860", "2020-01-30"),
        ("2027年6月", None), ("1/2/2027", None), ("2027-02-30", None), ("24个月", None), ("43860.5", None),
        ("12345", None), ("2027-01-02 08:30:00", None), ("长期", None),
    ],
)  # fmt: skip
def test_days_as_people_and_spreadsheets_write_them(said: str, day: str | None) -> None:
    if day is not None:
        assert day_of(said) == day
        return
    with pytest.raises(CellFault):
        day_of(said)


def test_every_day_that_a_spreadsheet_numbers_is_that_day() -> None:
    for number in range(20_000, 80_000, 997):
        assert day_of(str(number)) == (date(1970, 1, 1) + timedelta(days=number - 25_569)).isoformat()


@pytest.mark.parametrize(
    ("said", "units"),
    [
        ("1200", 1200), ("1,200", 1200), ("１２００", 1200), ("1，200", 1200), ("1200只", 1200), ("1200 只", 1200),
        ("1,234,567", 1_234_567), ("12,00", None), ("1.5", None), ("1200箱", None), ("1e3", None), ("-3", None),
        ("壹佰", None), ("1200只只", None), (str(UNITS_MAX + 1), None), ("", None), ("约200", None), ("10²", None),
    ],
)  # fmt: skip
def test_quantities_as_people_write_them(said: str, units: int | None) -> None:
    if units is not None:
        assert whole_number(said, ITEMS[0]) == units
        return
    with pytest.raises(CellFault):
        whole_number(said, ITEMS[0])


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("mask", "mask"), ("医用口罩", "mask"), (" 医用 口罩\u200b", "mask"), ("MASK", "mask"), ("Mask", "mask"),
        ("医用防护口罩（N95）", "n95"), ("respirator (n95)", "n95"), ("彩条布", None), ("Tarpaulin", "cloth-1"),
        ("口罩", None), ("合计", None),
    ],
)  # fmt: skip
def test_an_item_is_known_by_its_code_or_by_a_name_of_its_own(said: str, code: str | None) -> None:
    found = lines_of(RECEIPT, as_csv([["品名", "数量"], [said, 1]]))
    if code is not None:
        assert found.lines == [{"item": code, "quantity": 1}]
    else:
        assert wheres(found) == ["f:2:A 品名"]


@pytest.mark.parametrize(
    "header",
    [
        ["item", "quantity", "lot", "expires_on"], ["物资编码", "数量", "批号", "有效期至"],
        ["Item code*", " Quantity ", "Lot number", "Expires on"], ["品名：", "数量（件）", "批　号", "到期日"],
        ["名称", "数量\n(只)", "生产批号", "失效日期"],
    ],
)  # fmt: skip
def test_columns_are_known_by_many_names(header: list[str]) -> None:
    rows: Rows = [header, ["mask", 5, "x", date(2027, 1, 2)]]
    for content in (as_xlsx(rows), as_csv(rows)):
        found = lines_of(RECEIPT, content)
        assert found.lines == [{"item": "mask", "quantity": 5, "lot": "x", "expires_on": "2027-01-02"}]


def test_a_second_table_lower_down_and_merged_cells_are_told_not_guessed() -> None:
    rows: Rows = [["品名", "数量"], ["棉被", 5], ["", 6], [], ["品名", "数量"], ["mask", 7]]
    found = lines_of(RECEIPT, as_xlsx(rows))
    assert found.lines == [{"item": "quilt", "quantity": 5}, {"quantity": 6}, {"item": "mask", "quantity": 7}]
    assert found.place("lines[1].item") == "f:3:A 品名"
    assert wheres(found) == ["f:5:A 品名", "f:5:B 数量"]


def test_a_column_is_called_as_spreadsheets_call_it() -> None:
    assert [letter_of(column) for column in (0, 25, 26, 51, 52, 701, 702, 16_383)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD",
    ]  # fmt: skip
