"""Sheets sent to the API: the same movements as JSON, or every fault where people see it, and nothing half-written."""

from __future__ import annotations

import io
import time
import uuid
import zipfile
from datetime import date
from typing import Any

import pytest
import xlsxwriter
from werkzeug.test import TestResponse

from supplyhub.schemas.uploads.tables import XLSX
from tests.calling import Caller, Callers
from tests.conftest import Tell
from tests.sheets import Rows, as_csv, as_xlsx
from tests.world import COUNTY, TOWNSHIP

TABLE: Rows = [
    ["物资编码", "数量", "箱/包数", "批号", "生产日期", "有效期至", "物权单位", "来源", "状态"],
    ["mask", 125, "", "N-1", date(2026, 1, 2), date(2029, 1, 2), COUNTY, "捐赠", "完好"],
    ["mask", "", 3, "N-2", "", date(2029, 3, 4), "", "", ""],
    ["quilt", 7, "", "", "", "", "", "", "损坏"],
]
LINES: list[dict[str, Any]] = [
    {"item": "mask", "quantity": 125, "lot": "N-1", "produced_on": "2026-01-02", "expires_on": "2029-01-02",
     "owner": COUNTY, "origin": "捐赠", "condition": "good"},
    {"item": "mask", "packs": 3, "lot": "N-2", "expires_on": "2029-03-04"},
    {"item": "quilt", "quantity": 7, "condition": "damaged"},
]  # fmt: skip
MOVED = ("line", "item", "lot_id", "lot", "quantity", "reason")


def send(
    caller: Caller, path: str, content: bytes, *, key: str = "", kind: str = "", status: int = 201, **fields: str
) -> TestResponse:
    """A file as it is, its fields in the address."""
    answer = caller.call(
        "POST", path, data=content, query_string=fields, headers={"Idempotency-Key": key or str(uuid.uuid4())},
        content_type=kind or (XLSX if content.startswith(b"PK") else "text/csv"),
    )  # fmt: skip
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer


def send_form(
    caller: Caller, path: str, content: bytes, name: str, *, status: int = 201, **fields: str
) -> TestResponse:
    """A file as a browser sends it, its fields beside it."""
    data = {**fields, "file": (io.BytesIO(content), name)}
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = caller.call("POST", path, data=data, content_type="multipart/form-data", headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer


def moved(answer: TestResponse) -> list[tuple[Any, ...]]:
    return [tuple(movement[name] for name in MOVED) for movement in answer.json["movements"]]


def faults(answer: TestResponse) -> dict[str, str]:
    """Where faults stand, and what is said of them."""
    assert answer.json["type"] == "/problems/invalid-input"
    return {fault["where"]: fault["message"] for fault in answer.json["faults"]}


def shelf(caller: Caller, depot: str = "A1") -> dict[str, dict[str, Any]]:
    return {found["lot"]: found for found in caller.get(f"/depots/{depot}/shelves?limit=500").json["items"]}


# --- the same as JSON -----------------------------------------------------------------------------------------


def test_json_csv_and_xlsx_of_one_table_post_the_same_movements(api: Callers) -> None:
    keeper = api.caller("keeper")
    body = {"depot": "A1", "reason": "donation", "lines": LINES}
    expected = moved(keeper.post("/receipts", body))
    assert len(expected) == 3
    for content in (as_xlsx(TABLE), as_csv(TABLE), as_csv(TABLE, encoding="gb18030", delimiter=";")):
        assert moved(send(keeper, "/receipts", content, depot="A1", reason="donation")) == expected
        assert moved(send_form(keeper, "/receipts", content, "入库.x", depot="A1", reason="donation")) == expected


def test_issues_take_named_lots_and_first_expired_ones(api: Callers) -> None:
    keeper = api.caller("keeper")
    rows = [["品名", "单位", "数量", "批号"], ["医用外科口罩", "只", 30, "A1-late"], ["Surgical mask", "piece", 10, ""]]
    answer = send(keeper, "/issues", as_xlsx(rows), depot="A1", to="used", division=TOWNSHIP)
    assert [(m["lot"], m["quantity"]) for m in answer.json["movements"]] == [("A1-late", 30), ("A1-soon", 10)]


def test_counts_name_lots_by_number_or_by_the_code_on_the_box(api: Callers) -> None:
    keeper = api.caller("keeper")
    late = shelf(keeper)["A1-late"]["lot_id"]
    rows = [
        ["批次编号", "物资", "批号", "账面", "实盘"],
        [late, "mask", "A1-late", 300, 298],
        ["", "mask", "A1-soon", 200, 201],
        ["", "suit", "A1-suit", 40, ""],
    ]
    answer = send(keeper, "/counts", as_csv(rows), depot="A1", note="年中盘点")
    assert [(m["lot"], m["quantity"]) for m in answer.json["movements"]] == [("A1-late", 2), ("A1-soon", 1)]
    assert [shelf(keeper)[lot]["on_hand"] for lot in ("A1-late", "A1-soon")] == [298, 201]
    assert keeper.get(f"/postings/{answer.json['id']}").json["note"] == "年中盘点"


def test_a_lot_is_held_against_the_number_on_its_box(still: Callers) -> None:
    keeper = still.caller("keeper")
    late = shelf(keeper)["A1-late"]["lot_id"]
    rows: Rows = [["批次编号", "物资", "批号", "账面", "实盘"], [late, "mask", "A1-soon", 300, 298]]
    assert list(faults(send(keeper, "/counts", as_csv(rows), depot="A1", status=422))) == ["sheet.csv:2:C 批号"]
    issued: Rows = [["物资", "批次编号", "批号", "数量"], ["mask", late, "A1-soon", 1]]
    assert list(faults(send(keeper, "/issues", as_csv(issued), depot="A1", status=422))) == ["sheet.csv:2:C 批号"]


def test_a_shelf_in_two_rows_of_a_count_is_refused(still: Callers) -> None:
    rows: Rows = [["物资", "批号", "账面", "实盘"], ["mask", "A1-late", 300, 298], ["mask", "A1-late", 300, 298]]
    said = faults(send(still.caller("keeper"), "/counts", as_csv(rows), depot="A1", status=422))
    assert [where.split(":")[1] for where in said] == ["3"]


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_at_least_one_of_something_is_received(still: Callers, quantity: str) -> None:
    rows: Rows = [["物资", "数量"], ["mask", quantity]]
    [said] = faults(send(still.caller("keeper"), "/receipts", as_csv(rows), depot="A1", status=422)).values()
    assert said == f"'{quantity}' is not allowed; write a whole number from 1 to 1000000000"


def test_a_cell_merged_with_one_above_is_not_taken_for_empty(still: Callers) -> None:
    rows: Rows = [
        ["入库单", "", "", ""], ["物资", "数量", "批号", "备注"],
        ["mask", 5, "N-1", "一车"], ["mask", 6, "", ""], ["quilt", 7, "", ""],
    ]  # fmt: skip
    content = as_xlsx(rows, merged=("A1:D1", "C3:C5", "D3:D5"))
    said = faults(send(still.caller("keeper"), "/receipts", content, depot="A1", status=422))
    assert list(said) == ["sheet.xlsx:4:C 批号", "sheet.xlsx:5:C 批号"]
    assert all("merged with one above" in message for message in said.values())


def test_a_header_over_two_rows_is_one(api: Callers) -> None:
    rows: Rows = [["物资", "数量"], ["", ""], ["mask", 5]]
    answer = send(api.caller("keeper"), "/receipts", as_xlsx(rows, merged=("A1:A2", "B1:B2")), depot="A1")
    assert [movement["quantity"] for movement in answer.json["movements"]] == [5]


def test_days_counted_from_1904_are_not_guessed(still: Callers) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["物资", "数量", "有效期至"])
        sheet.write_row(1, 0, ["mask", 5, 40_000])
    [said] = faults(send(still.caller("keeper"), "/receipts", content.getvalue(), depot="A1", status=422)).values()
    assert "1904" in said


def test_a_lot_number_that_a_spreadsheet_has_shortened_is_refused(still: Callers) -> None:
    rows: Rows = [["物资", "数量", "批号"], ["mask", 5, 1234567890123456]]
    said = faults(send(still.caller("keeper"), "/receipts", as_xlsx(rows), depot="A1", status=422))
    assert "was shortened by the spreadsheet" in said["sheet.xlsx:2:C 批号"]


def test_a_wide_sheet_has_a_column_an_item(api: Callers) -> None:
    keeper = api.caller("keeper")
    rows = [["甲县生活类救灾物资储备表"], ["棉被（床）", "防护服(套)", "医用外科口罩"], [5, 0, 100], ["", 2, ""]]
    answer = send(keeper, "/receipts", as_xlsx(rows), depot="A1")
    assert [(m["item"], m["quantity"]) for m in answer.json["movements"]] == [
        ("quilt", 5), ("mask", 100), ("suit", 2),
    ]  # fmt: skip


def test_the_same_file_under_the_same_key_is_one_receipt_for_ever(api: Callers) -> None:
    keeper, content, key = api.caller("keeper"), as_xlsx(TABLE), str(uuid.uuid4())
    first = send(keeper, "/receipts", content, key=key, depot="A1")
    again = send(keeper, "/receipts", content, key=key, depot="A1")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json == first.json
    for other, depot in ((as_xlsx(TABLE[:3]), "A1"), (content, "T")):
        refused = send(keeper, "/receipts", other, key=key, depot=depot, status=422)
        assert refused.json["type"] == "/problems/key-reused"
    refused = keeper.post("/receipts", {"depot": "A1", "lines": LINES}, key=key, status=422)
    assert refused.json["type"] == "/problems/key-reused"


def test_a_replay_asks_no_shelf_again(api: Callers) -> None:
    """The lot that the sheet names by its code is gone by then; the answer is not."""
    keeper, key = api.caller("keeper"), str(uuid.uuid4())
    content = as_csv([["物资", "数量", "批号"], ["suit", 40, "A1-suit"]])
    first = send(keeper, "/issues", content, key=key, depot="A1")
    assert "A1-suit" not in shelf(keeper)
    assert send(keeper, "/issues", content, key=key, depot="A1").json == first.json


def test_five_thousand_lines_in_one_file_and_the_bad_one_among_them(api: Callers, tell: Tell) -> None:
    keeper = api.caller("keeper")
    rows = [["物资", "数量", "批号"], *(["mask", 1 + place % 7, f"L{place}"] for place in range(5000))]
    before = shelf(keeper)
    broken = as_xlsx([*rows[:-1], ["mask", 2.5, "L4999"]])
    assert list(faults(send(keeper, "/receipts", broken, depot="A1", status=422))) == ["sheet.xlsx:5001:B 数量"]
    assert shelf(keeper) == before
    start = time.perf_counter()
    lines = [{"item": item, "quantity": quantity, "lot": lot} for item, quantity, lot in rows[1:]]
    keeper.post("/receipts", {"depot": "A1", "lines": lines})
    json_seconds, start = time.perf_counter() - start, time.perf_counter()
    assert len(send(keeper, "/receipts", as_xlsx(rows), depot="A1").json["movements"]) == 5000
    tell(f"5,000 lines in one document: JSON {json_seconds:.2f} s, XLSX {time.perf_counter() - start:.2f} s")


# --- what is wrong, and where ---------------------------------------------------------------------------------

MESSY: Rows = [
    ["甲县入库表"],
    [date(2026, 7, 1)],
    [],
    ["序号", "品名", "单位", "数量", "批号", "有效期至", "状态"],
    [1, "医用外科口罩\u200b", "箱", 5, "", "", ""],
    [2, "棉背", "", "198件", "", "长期", ""],
    [3, "mask", "只", "1,200", "1.2E+11", date(2029, 1, 2), "新"],
    [],
    [4, "quilt", "", -5, "", 43860, ""],
    ["合计", "", "", 99, "", "", ""],
    [5, "suit", "", "", "", "", ""],
]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("content", [as_xlsx(MESSY), as_csv(MESSY), as_csv(MESSY, encoding="utf-16", delimiter="\t")])
def test_every_fault_is_said_at_once_where_it_stands(still: Callers, content: bytes, language: str) -> None:
    answer = send_form(still.caller("keeper", language), "/receipts", content, "入库.xlsx", depot="A1", status=422)
    said = faults(answer)
    assert list(said) == [
        "入库.xlsx:5:C 单位", "入库.xlsx:6:B 品名", "入库.xlsx:6:D 数量", "入库.xlsx:6:F 有效期至",
        "入库.xlsx:7:E 批号", "入库.xlsx:7:G 状态", "入库.xlsx:9:D 数量", "入库.xlsx:10:B 品名", "入库.xlsx:11:D 数量",
    ]  # fmt: skip
    assert answer.json["facts"] == {"count": 9}
    assert ("write" in said["入库.xlsx:6:D 数量"]) == (language == "en")


def test_faults_of_cells_of_the_shape_and_of_the_district_come_together(still: Callers) -> None:
    rows = [
        ["物资", "数量", "批号", "物权单位"],
        ["mask", "viele", "", ""],
        ["mask", 10**9 + 1, "", ""],
        ["mask", 5, "x" * 70, ""],
        ["mask", 5, "", "999999999999"],
        ["mask", 5, "good", ""],
    ]
    answer = send(still.caller("keeper"), "/receipts", as_xlsx(rows), depot="nowhere", reason="gift", status=422)
    assert list(faults(answer)) == [
        "reason", "depot",
        "sheet.xlsx:2:B 数量", "sheet.xlsx:3:B 数量", "sheet.xlsx:4:C 批号", "sheet.xlsx:5:D 物权单位",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "rows", "where"),
    [
        ("/receipts", [["物资", "数量", "颜色"], ["mask", 1, "red"]], "sheet.xlsx:1:C 颜色"),
        ("/receipts", [["物资", "数量", "件数", "数量"], ["mask", 1, 2, 1]], "sheet.xlsx:1:C 件数"),
        ("/receipts", [["物资", "批号"], ["mask", "x"]], "sheet.xlsx:1"),
        ("/receipts", [["物资", "数量"], ["mask", 1, "x"]], "sheet.xlsx:1:C "),
        ("/receipts", [["物资", "数量"]], "sheet.xlsx"),
        ("/receipts", [["随便", "什么"], ["mask", 1]], "sheet.xlsx"),
        ("/receipts", [["物资", "品名", "数量"], ["mask", "棉被", 1]], "sheet.xlsx:2:B 品名"),
        ("/receipts", [["物资", "数量", "有效期至"], ["mask", 1, "2027年6月"]], "sheet.xlsx:2:C 有效期至"),
        ("/receipts", [["物资", "数量", "批号"], ["mask", 1, 1234567890123456789]], "sheet.xlsx:2:C 批号"),
        (
            "/receipts",
            [["棉被（顶）", "防护服（套）", "口罩（只）", "mask"], [1, 1, 1, 1]],
            "sheet.xlsx:1:A 棉被（顶）",
        ),
        ("/issues", [["物资", "数量", "批号"], ["mask", 1, "A-2097"]], "sheet.xlsx:2:C 批号"),
        ("/counts", [["批次编号", "账面", "实盘"], [999999, 1, 2]], "sheet.xlsx:2:A 批次编号"),
        ("/counts", [["批次编号", "账面数", "实盘数"], [1, "", 2]], "sheet.xlsx:2:B 账面数"),
        ("/counts", [["批次编号", "账面数", "实盘数"], [1, 5, ""]], "sheet.xlsx"),
    ],
)
def test_a_fault_stands_where_people_see_it(still: Callers, path: str, rows: Rows, where: str) -> None:
    answer = send(still.caller("keeper"), path, as_xlsx(rows), depot="A1", status=422)
    assert next(iter(faults(answer))) == where


def test_a_formula_is_read_as_what_it_gives_and_its_error_is_a_fault(still: Callers) -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["物资", "数量", "批号"])
        sheet.write(1, 0, "mask")
        sheet.write_formula(1, 1, "=2+3", None, "5 boxes")
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    said = faults(send(still.caller("keeper"), "/receipts", content.getvalue(), depot="A1", status=422))
    assert list(said) == ["sheet.xlsx:2:B 数量", "sheet.xlsx:2:C 批号"]
    assert "5 boxes" in said["sheet.xlsx:2:B 数量"]
    assert "#DIV/0!" in said["sheet.xlsx:2:C 批号"]


def test_of_several_sheets_the_first_with_a_header_is_read_or_the_one_named(api: Callers) -> None:
    keeper = api.caller("keeper")
    book = as_xlsx([["说明"], ["见下页"]], {"一": TABLE[:2], "二": TABLE[:3]}, first="封面")
    assert len(send(keeper, "/receipts", book, depot="A1").json["movements"]) == 1
    assert len(send(keeper, "/receipts", book, depot="A1", sheet="二").json["movements"]) == 2
    refused = send(keeper, "/receipts", book, depot="A1", sheet="三", status=422)
    assert "封面, 一, 二" in faults(refused)["sheet.xlsx"]
    broken = as_xlsx([["说明"]], {"一": [*TABLE[:2], ["mask", "x"]]}, first="封面")
    assert list(faults(send(keeper, "/receipts", broken, depot="A1", status=422))) == ["sheet.xlsx[一]:3:B 数量"]


def test_every_short_line_is_told_where_it_stands(still: Callers) -> None:
    rows = [["物资", "数量", "批号"], ["mask", 5, ""], ["suit", 41, ""], ["", "", ""], ["mask", 301, "A1-late"]]
    answer = send(still.caller("keeper"), "/issues", as_xlsx(rows), depot="A1", status=409)
    assert answer.json["type"] == "/problems/insufficient-stock"
    assert [fault["where"] for fault in answer.json["faults"]] == ["sheet.xlsx:3", "sheet.xlsx:5"]


def test_fields_that_are_no_utf_8_are_refused_and_not_guessed(still: Callers) -> None:
    keeper, key = still.caller("keeper"), {"Idempotency-Key": str(uuid.uuid4())}
    told = {"note": "must be UTF-8 text"}
    address = "/receipts?depot=A1&note=%C4%EA%D6%D0"
    answer = keeper.call("POST", address, data=as_xlsx(TABLE[:2]), content_type=XLSX, headers=key)
    assert (answer.status_code, faults(answer)) == (422, told)
    parts = {"depot": b"A1", "note": "年中盘点".encode("gbk"), 'file"; filename="a.csv': as_csv(TABLE[:2])}
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + text + b"\r\n"
        for name, text in parts.items()
    )
    form = "multipart/form-data; boundary=b"
    answer = keeper.call("POST", "/receipts", data=body + b"--b--\r\n", content_type=form, headers=key)
    assert (answer.status_code, faults(answer)) == (422, told)


# --- hostile files --------------------------------------------------------------------------------------------


def zipped(parts: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is this XML."""
    with zipfile.ZipFile(io.BytesIO(as_xlsx(TABLE))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, "xl/worksheets/sheet1.xml": xml})


def sheet_xml(data: bytes) -> bytes:
    return (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + data
        + b"</sheetData></worksheet>"
    )


FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
NEAR = b'<row r="1"><c r="A1"><v>1</v></c></row>'
HOSTILE = {
    "empty": b"",
    "no zip": b"PK\x03\x04" + b"x" * 400,
    "cut off": as_xlsx(TABLE)[:2000],
    "a zip of something else": zipped({"readme.txt": b"hello"}),
    "no sheet in it": zipped({"xl/workbook.xml": b"<workbook/>"}),
    "broken XML": with_sheet(b"<worksheet><sheetData><row r="),
    "a bomb of spaces": with_sheet(sheet_xml(NEAR + b" " * 40_000_000)),
    "a billion cells": with_sheet(sheet_xml(NEAR + FAR)),
    "a billion cells, single quotes": with_sheet(sheet_xml(NEAR + FAR.replace(b'"', b"'"))),
    "a billion cells, a prefix": with_sheet(sheet_xml((NEAR + FAR).replace(b"<c", b"<x:c").replace(b"</c", b"</x:c"))),
    "cells without places": with_sheet(sheet_xml(b'<row r="15000">' + b"<c><v>1</v></c>" * 500 + b"</row>" + NEAR)),
    "a place behind a sign": with_sheet(
        sheet_xml(NEAR + b'<row a=">" r="19000"><c b=">" r=\'XFD19000\'><v>1</v></c></row>')
    ),
    "a place in small letters": with_sheet(sheet_xml(NEAR + b'<row r="19000"><c r="xfd19000"><v>1</v></c></row>')),
    "a column beyond all": with_sheet(sheet_xml(NEAR + b'<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>')),
    "cells that never end": with_sheet(sheet_xml(b'<row r="1">' + b'<c a="1" ' * 300_000)),
    "rows that never end": with_sheet(sheet_xml(b"<row " * 5_000_000)),
    "rows without end": with_sheet(sheet_xml(b"<row/>" * 2_000_000)),
    "UTF-16": with_sheet(sheet_xml(NEAR + FAR).decode().encode("utf-16")),
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + "EncryptedPackage".encode("utf-16-le"),
    "many commas": b"," * 3_000_000,
    "many lines": b"\n1" * 30_000,
    "half a quote": '物资,数量\n"mask,1'.encode(),
    "neither encoding": b"\x81\xff\xff\xfe\x80\x80",
    "control characters": "物资,数量,批号\nmask,1,a\x00b\n".encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["text/csv", XLSX])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_in_words(still: Callers, content: bytes, kind: str) -> None:
    start = time.perf_counter()
    answer = send(still.caller("keeper"), "/receipts", content, kind=kind, depot="A1", status=422)
    assert answer.content_type == "application/problem+json"
    assert all(faults(answer).values())
    assert time.perf_counter() - start < 10, "whoever waits this long for a refusal is being kept busy"


# --- the door -------------------------------------------------------------------------------------------------


def test_rights_come_before_the_file(still: Callers) -> None:
    for username, status in (("", 401), ("township", 403)):
        answer = still.caller(username).call("POST", "/receipts", data=b"PK nonsense", content_type=XLSX)
        assert answer.status_code == status


def test_a_foreign_depot_is_not_there_and_an_unkept_one_is_not_mine(still: Callers) -> None:
    rows = as_csv([["物资", "数量", "批号"], ["mask", 1, "B1-2097"], ["mask", 1, ""]])
    for depot in ("B1", "nowhere"):
        answer = send(still.caller("keeper"), "/issues", rows, depot=depot, status=422)
        assert faults(answer) == {
            "depot": f"nothing in your district has the code {depot}",
            "sheet.csv:2:C 批号": "no lot 'B1-2097' of mask stands in this depot",
        }


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "depot"),
        ({"depot": "A1", "colour": "red"}, "colour"),
        ({"depot": "A1", "lines": "1"}, "lines"),
        ({"depot": "A1", "occurred_at": "yesterday"}, "occurred_at"),
        ({"depot": "A1", "note": "a\x00b"}, "note"),
    ],
)
def test_a_bad_field_is_named(still: Callers, fields: dict[str, str], where: str) -> None:
    for answer in (
        send(still.caller("keeper"), "/receipts", as_csv(TABLE), status=422, **fields),
        send_form(still.caller("keeper"), "/receipts", as_csv(TABLE), "x.csv", status=422, **fields),
    ):
        assert list(faults(answer)) == [where]


def test_what_is_sent_twice_or_not_at_all_is_named(still: Callers) -> None:
    keeper, key = still.caller("keeper"), {"Idempotency-Key": str(uuid.uuid4())}
    twice = keeper.call("POST", "/receipts?depot=A1&depot=T", data=as_csv(TABLE), content_type="text/csv", headers=key)
    assert list(faults(twice)) == ["depot"]
    none = keeper.call("POST", "/receipts", data={"depot": "A1"}, content_type="multipart/form-data", headers=key)
    assert list(faults(none)) == ["file"]
    beside = keeper.call("POST", "/receipts?depot=A1", json={"depot": "A1", "lines": LINES}, headers=key)
    assert list(faults(beside)) == ["depot"]
    unkeyed = keeper.call("POST", "/receipts?depot=A1", data=as_csv(TABLE), content_type="text/csv")
    assert (unkeyed.status_code, unkeyed.json["type"]) == (400, "/problems/key-required")
    large = keeper.call("POST", "/receipts?depot=A1", data=b"x" * 5_000_000, content_type="text/csv", headers=key)
    assert large.status_code == 413


def test_other_commands_take_no_files(still: Callers) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answer = still.caller("keeper").call(
        "POST", "/transfers", data=as_csv(TABLE), content_type="text/csv", headers=headers
    )
    assert answer.status_code == 415


def test_a_part_without_a_name_is_no_field(still: Callers) -> None:
    body = b"--x\r\nContent-Disposition: form-data\r\n\r\nA1\r\n--x--\r\n"
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "multipart/form-data; boundary=x"}
    answer = still.caller("keeper").call("POST", "/receipts", data=body, headers=headers)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid-input")
