"""CSV sheets: what is lawful is read as it stands, and of what is not, everything is named at once."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplyhub.domain.columns import Columns
from supplyhub.domain.places import DepotKind
from supplyhub.domain.refusals import InvalidInput
from supplyhub.domain.stock import UNITS_MAX, Condition
from supplyhub.schemas import sheets
from supplyhub.schemas.files import SheetFile, digest_of
from supplyhub.schemas.sheets import read_sheets


def sheet_file(text: str, *, encoding: str = "utf-8", name: str = "sheet.csv") -> SheetFile:
    return SheetFile(name, text.encode(encoding))


def wheres(columns: Columns) -> list[str]:
    return [fault.where for fault in columns.faults]


FLOORS = "depot_code,item_code,quantity\nD1,mask,5\n"


@given(
    rows=st.lists(
        st.tuples(st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True), st.integers(0, UNITS_MAX)),
        min_size=1,
        max_size=8,
    ),
    order=st.permutations(["depot_code", "item_code", "quantity"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gbk", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_in_any_order_encoding_and_line_ending(
    rows: list[tuple[str, int]], order: list[str], encoding: str, newline: str
) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, order, lineterminator=newline)
    writer.writeheader()
    for code, units in rows:
        writer.writerow({"depot_code": code, "item_code": "口罩", "quantity": units})
    columns = read_sheets(sheets.FLOORS, [sheet_file(text.getvalue(), encoding=encoding)])
    assert columns.faults == []
    assert columns.depot_code == [code for code, _ in rows]
    assert columns.item_code == ["口罩"] * len(rows)
    assert columns.quantity_units == [units for _, units in rows]


@given(text=st.text(max_size=12).filter(lambda text: not text.strip().isdecimal() and "\x00" not in text))
def test_a_quantity_that_is_no_plain_number_is_always_a_fault(text: str) -> None:
    row = io.StringIO()
    csv.writer(row).writerow(["D1", "mask", text])
    columns = read_sheets(
        sheets.FLOORS, [SheetFile("f.csv", f"depot_code,item_code,quantity\n{row.getvalue()}".encode())]
    )
    assert wheres(columns) == ["f.csv:2:quantity"]
    assert columns.quantity_units == [0]


@pytest.mark.parametrize(
    "text", ["-1", "1.5", "1e3", "NaN", "inf", "twelve", str(2**53), str(2**63), "１２", "1,000", "0x10"]
)
def test_quantities_are_whole_and_bounded(text: str) -> None:
    columns = read_sheets(sheets.FLOORS, [sheet_file(f'depot_code,item_code,quantity\nD1,mask,"{text}"\n')])
    assert wheres(columns) == ["sheet.csv:2:quantity"]
    assert str(UNITS_MAX) in str(columns.faults[0])


def test_the_largest_quantity_is_read_exactly() -> None:
    columns = read_sheets(sheets.FLOORS, [sheet_file(f"depot_code,item_code,quantity\nD1,mask,{UNITS_MAX}\n")])
    assert columns.quantity_units == [UNITS_MAX]


def test_every_fault_is_named_at_once_with_its_line_and_column() -> None:
    text = (
        "depot_code,item_code,quantity,expires_on,condition\n"
        "D1,mask,-3,2026-02-30,good\n"
        "D1,,7,2027-01-01,broken\n"
        "D1,mask,7\n"
        "D 2,mask,8,2027-01-01,good\n"
    )
    columns = read_sheets(sheets.STOCK, [sheet_file(text)])
    assert sorted(wheres(columns)) == [
        "sheet.csv:2:expires_on",
        "sheet.csv:2:quantity",
        "sheet.csv:3:condition",
        "sheet.csv:3:item_code",
        "sheet.csv:4",
        "sheet.csv:5:depot_code",
    ]


def test_a_quoted_cell_may_span_lines_and_the_next_row_still_knows_its_line() -> None:
    text = 'depot_code,item_code,quantity,origin\nD1,mask,1,"two\nlines"\nD1,quilt,x,\n'
    columns = read_sheets(sheets.STOCK, [sheet_file(text)])
    assert wheres(columns) == ["sheet.csv:4:quantity", "sheet.csv:2:origin"]


def test_optional_cells_take_their_meaning_when_empty_and_when_their_column_is_missing() -> None:
    short = read_sheets(sheets.STOCK, [sheet_file("depot_code,item_code,quantity\nD1,mask,1\n")])
    long = read_sheets(
        sheets.STOCK,
        [sheet_file("depot_code,item_code,quantity,lot,produced_on,expires_on,condition\nD1,mask,1,,,,\n")],
    )
    assert (short.lot, short.expires_on, short.condition) == (long.lot, long.expires_on, long.condition)
    assert (long.lot, long.expires_on, long.condition) == ([""], [None], [Condition.GOOD])


def test_what_spreadsheets_leave_around_cells_is_taken_off() -> None:
    text = "\ufeffdepot_code, item_code ,quantity\n\u00a0D1\u200b,mask\t, 5 \n,,\n"
    columns = read_sheets(sheets.FLOORS, [sheet_file(text)])
    assert (columns.depot_code, columns.item_code, columns.quantity_units) == (["D1"], ["mask"], [5])
    assert columns.faults == []


def test_measures_are_exact_whole_numbers_of_the_small_unit() -> None:
    text = "code,name_zh,unit_zh,category_code,weight_kg,volume_m3\nmask,口罩,只,1000000,0.003,0.000035\n"
    columns = read_sheets(sheets.ITEMS, [sheet_file(text)])
    assert (columns.weight_g, columns.volume_cm3) == ([3], [35])
    too_fine = read_sheets(sheets.ITEMS, [sheet_file(text.replace("0.003", "0.0031"))])
    assert wheres(too_fine) == ["sheet.csv:2:weight_kg"]


def test_columns_of_published_tables_are_left_aside_and_others_refused() -> None:
    text = "code,name,parent_code,level,coordinate_source\n420000000000,湖北省,,province,county-seat\n"
    assert read_sheets(sheets.PLACES, [sheet_file(text)]).name == ["湖北省"]
    with pytest.raises(InvalidInput) as refused:
        read_sheets(sheets.PLACES, [sheet_file(text.replace("coordinate_source", "colour"))])
    [fault] = refused.value.faults
    assert fault.where == "sheet.csv:1:colour"
    assert "parent_code" in str(fault)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "x.csv:1"),
        (b"depot_code,item_code\nD1,mask\n", "x.csv:1:quantity"),
        (b"depot_code,depot_code,item_code,quantity\n", "x.csv:1:depot_code"),
        (b"depot_code,item_code,quantity\n", "x.csv"),
        (b"PK\x03\x04 a workbook", "x.csv"),
        (b"\xff\xffd\x00e\x00", "x.csv"),
        (b'depot_code,item_code,quantity\nD1,"mask,1\n', "x.csv:2"),
    ],
)
def test_a_file_that_is_no_such_sheet_gets_one_clear_answer(content: bytes, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_sheets(sheets.FLOORS, [SheetFile("x.csv", content)])
    assert [fault.where for fault in refused.value.faults] == [where]


def test_several_files_are_one_sheet_and_faults_name_theirs() -> None:
    columns = read_sheets(
        sheets.FLOORS, [sheet_file(FLOORS, name="a.csv"), sheet_file(FLOORS.replace(",5", ",-5"), name="b.csv")]
    )
    assert columns.where == ["a.csv:2", "b.csv:2"]
    assert wheres(columns) == ["b.csv:2:quantity"]


def test_control_characters_never_come_in() -> None:
    columns = read_sheets(sheets.DEPOTS, [sheet_file("code,name,division_code\nD1,na\x00me,420000000000\n")])
    assert wheres(columns) == ["sheet.csv:2:name"]
    assert columns.kind == [DepotKind.GOVERNMENT]


def test_dates_are_days_of_the_calendar() -> None:
    text = (
        "depot_code,item_code,quantity,expires_on\nD,a,1,2024-02-29\nD,b,1,2023-02-29\nD,c,1,20240229\nD,d,1,2024-2-9\n"
    )
    columns = read_sheets(sheets.STOCK, [sheet_file(text)])
    assert columns.expires_on == [date(2024, 2, 29), None, None, None]
    assert wheres(columns) == [f"sheet.csv:{line}:expires_on" for line in (3, 4, 5)]


def test_the_digest_is_of_the_contents_and_their_order() -> None:
    one, two = sheet_file("a"), sheet_file("b")
    assert digest_of([one]) == digest_of([SheetFile("renamed.csv", one.content)])
    assert digest_of([one, two]) != digest_of([two, one])
    assert digest_of([sheet_file("ab"), sheet_file("")]) != digest_of([one, two])
