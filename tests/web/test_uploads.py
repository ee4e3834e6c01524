"""Files on the keeper's pages: a sheet to fill in, a look at what would come of it, and one posting for it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from supplyhub.schemas.uploads.tables import XLSX
from tests.sheets import Rows, as_csv, as_xlsx
from tests.web.conftest import Reader
from tests.web.test_keeping import shelf
from tests.world import NOW, World

SignIn = Callable[..., Reader]
RECEIVED: Rows = [["物资", "数量", "批号"], ["mask", 125, "N-1"], ["棉被", 7, ""]]


def send(reader: Reader, papers: str, content: bytes, name: str = "入库.xlsx", **typed: str) -> TestResponse:
    """Choose a file on its page and send it."""
    fields: dict[str, Any] = {**reader.form(f"/{papers}/upload", f"/{papers}/upload"), "depot": "A1", **typed}
    return reader.client.post(f"/{papers}/upload", data={**fields, "file": (io.BytesIO(content), name)})


def read(content: bytes, sheet: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def test_a_file_is_posted_whole_and_shown_as_an_entry(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    answer = send(keeper, "receipts", as_xlsx(RECEIVED), reason="donation", note="收据 7")
    assert answer.status_code == 303, answer.text
    page = keeper.get(answer.location).text
    assert "The receipt is posted." in page
    assert "125 piece" in page
    assert "收据 7" in page
    assert shelf(world, "A1")["N-1"] == 125


def test_a_double_click_posts_once_and_another_file_under_its_key_not_at_all(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    fields = keeper.form("/receipts/upload", "/receipts/upload") | {"depot": "A1", "reason": "delivery"}

    def click(content: bytes) -> TestResponse:
        return keeper.client.post("/receipts/upload", data={**fields, "file": (io.BytesIO(content), "x.xlsx")})

    content = as_xlsx(RECEIVED)
    assert click(content).location == click(content).location
    assert click(as_xlsx([*RECEIVED, ["suit", 1, "N-9"]])).status_code == 409
    assert shelf(world, "A1")["N-1"] == 125
    assert "N-9" not in shelf(world, "A1")


@pytest.mark.parametrize(("language", "said"), [("en", "Nothing is posted yet"), ("zh_Hans", "尚未记账")])
def test_a_look_says_what_would_be_posted_and_posts_nothing(
    world: World, sign_in: SignIn, language: str, said: str
) -> None:
    keeper = sign_in("keeper", language)
    before = shelf(world, "A1")
    issue: Rows = [["品名", "数量"], ["医用外科口罩", 210]]
    page = send(keeper, "issues", as_csv(issue), "出库.csv", reason="use", place="甲镇", look="1")
    assert page.status_code == 200
    assert said in page.text
    assert page.text.count('<td data-label="') == 2
    assert "A1-soon" in page.text
    assert "A1-late" in page.text
    assert shelf(world, "A1") == before
    assert send(keeper, "issues", as_csv(issue), "出库.csv", reason="use", place="甲镇").status_code == 303
    assert shelf(world, "A1")["A1-late"] == 290


def test_what_is_wrong_is_said_where_it_stands_and_what_was_typed_stays(world: World, sign_in: SignIn) -> None:
    before = shelf(world, "A1")
    page = send(
        sign_in("keeper"), "receipts", as_xlsx([*RECEIVED, ["棉背", "viele", ""]]), reason="gift", note="slip 7"
    )
    assert page.status_code == 422
    for column in ("A 物资", "B 数量"):
        assert f'<th scope="row" data-label="Row">4</th><td data-label="Column">{column}</td>' in page.text
    assert 'id="reason-fault"' in page.text
    assert 'value="slip 7"' in page.text
    assert shelf(world, "A1") == before
    short = send(
        sign_in("keeper"), "issues", as_csv([["物资", "数量"], ["suit", 41], ["mask", 900]]), "a.csv", reason="use"
    )
    assert short.status_code == 409
    assert re.findall(r'data-label="Row">(\d+)<', short.text) == ["2", "3"]


@pytest.mark.parametrize(
    ("papers", "content", "typed", "said"),
    [
        ("receipts", b"", {}, "no row names the columns"),
        ("receipts", b"PK\x03\x04", {}, "is no sound .xlsx workbook"),
        (
            "issues",
            as_csv([["物资", "数量"], ["mask", 1]]),
            {"place": "天上", "reason": "use"},
            "no place of your district",
        ),
        ("counts", as_csv([["批次编号", "账面", "实盘"], [1, 2, ""]]), {}, "must have 1 to 5000 lines"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    sign_in: SignIn, papers: str, content: bytes, typed: dict[str, str], said: str
) -> None:
    page = send(sign_in("keeper"), papers, content, **typed)
    assert page.status_code == 422
    assert said in page.text


@pytest.mark.parametrize("typed", [{"note": "a\0b"}, {"depot": "T\0"}, {"note": "a\x1bb"}])
def test_what_is_no_text_is_a_fault_of_its_field(world: World, sign_in: SignIn, typed: dict[str, str]) -> None:
    page = send(sign_in("keeper"), "receipts", as_xlsx(RECEIVED), **{"reason": "delivery", **typed})
    assert page.status_code == 422
    assert "may hold no control characters" in page.text
    assert "N-1" not in shelf(world, "T")


def test_no_file_is_a_fault_of_its_field(sign_in: SignIn) -> None:
    page = sign_in("keeper").send("/receipts/upload", "/receipts/upload", depot="A1", reason="delivery")
    assert page.status_code == 422
    assert 'id="file-fault"' in page.text


def test_another_keepers_depot_is_not_there(world: World, sign_in: SignIn) -> None:
    assert send(sign_in("keeper"), "receipts", as_xlsx(RECEIVED), depot="B1").status_code == 422
    assert "N-1" not in shelf(world, "B1")
    assert sign_in("keeper").get("/counts/sheet.xlsx?depot=B1").status_code == 404
    for page in ("/receipts/upload", "/receipts/sheet.xlsx", "/counts/sheet.csv?depot=A1"):
        assert sign_in("township").get(page).status_code == 403
        assert sign_in("foreign_township").get(page).status_code == 403


# --- our own sheets -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("language", ["en", "zh_Hans"])
def test_the_count_sheet_comes_back_as_the_count_it_was_given(
    world: World, sign_in: SignIn, form: str, language: str
) -> None:
    keeper = sign_in("keeper", language)
    awkward = [("=1+1", "损坏"), ("'007", ""), ("@x", "待检")]
    lines = [["mask", 9, lot, condition] for lot, condition in awkward]
    received = as_xlsx([["物资", "数量", "批号", "状态"], *lines])
    assert send(keeper, "receipts", received, reason="delivery").status_code == 303
    before = shelf(world, "A1")
    assert "=1+1" in before
    sheet = keeper.get(f"/counts/sheet.{form}?depot=A1")
    assert sheet.mimetype == ("text/csv" if form == "csv" else XLSX)
    named = sheet.headers["Content-Disposition"]
    named.encode("latin-1")  # else no server sends it
    assert "filename*=UTF-8''" in named
    rows = read(sheet.data)[1:] if form == "xlsx" else list(_csv(sheet.data))
    filled = [rows[0], *([*row[:-1], int(float(row[-2])) + 1] for row in rows[1:])]
    content = as_csv(filled) if form == "csv" else as_xlsx([["t", *[""] * 8], *filled])
    assert send(keeper, "counts", content, f"count.{form}").status_code == 303
    assert shelf(world, "A1") == {lot: units + 1 for lot, units in before.items()}


@pytest.mark.parametrize(("unit", "status"), [("只", 303), ("箱", 422)])
def test_a_count_is_in_the_unit_of_its_lot_though_no_item_is_named(
    world: World, sign_in: SignIn, unit: str, status: int
) -> None:
    keeper = sign_in("keeper")
    with world.hub.read(None, at=NOW) as work:
        [lot] = [one for one in work.stock.list_shelves(depot_id=world.depot_id("A1")) if one.lot_code == "A1-late"]
    rows = [["批次编号", "账面数", "实盘数", "单位"], [lot.lot_id, lot.on_hand, lot.on_hand - 1, unit]]
    assert send(keeper, "counts", as_xlsx(rows)).status_code == status


@pytest.mark.parametrize("papers", ["receipts", "issues", "counts"])
def test_a_file_of_which_some_is_wrong_is_refused_on_a_look_too(world: World, sign_in: SignIn, papers: str) -> None:
    keeper = sign_in("keeper")
    lot = shelf(world, "A1")
    wrong = {
        "receipts": [["物资", "数量", "批号"], ["mask", 1, "L"], ["mask", "很多", "L"]],
        "issues": [["物资", "数量"], ["mask", 1], ["mask", "很多"]],
        "counts": [
            ["物资", "批号", "账面数", "实盘数"],
            ["mask", "A1-late", lot["A1-late"], 1],
            ["mask", "A1-soon", 200, "很多"],
        ],
    }[papers]
    page = send(keeper, papers, as_xlsx(wrong), look="1", **({"reason": "delivery"} if papers == "receipts" else {}))
    assert page.status_code == 422
    assert "很多" in page.text
    assert "Nothing is posted yet" not in page.text


def _csv(content: bytes) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(content.decode("utf-8-sig")))


def test_a_csv_for_people_runs_no_formula(world: World, sign_in: SignIn) -> None:
    keeper = sign_in("keeper")
    send(
        keeper,
        "receipts",
        as_csv([["物资", "数量", "批号"], ["mask", 9, "'=1+1"], ["mask", 9, "@x"]]),
        reason="delivery",
    )
    text = keeper.get("/counts/sheet.csv?depot=A1").data.decode("utf-8-sig")
    assert ",'=1+1," in text
    assert ",'@x," in text


@pytest.mark.parametrize("papers", ["receipts", "issues"])
def test_an_empty_sheet_offers_the_catalogue_and_is_read_once_filled_in(
    world: World, sign_in: SignIn, papers: str
) -> None:
    keeper = sign_in("keeper", "zh_Hans")
    sheet = keeper.get(f"/{papers}/sheet.xlsx")
    title, header = read(sheet.data)[:2]
    assert read(sheet.data, 1)[1:] == [
        ["医用外科口罩", "mask", "只", 10.0], ["棉被", "quilt", "床", 1.0], ["防护服", "suit", "套", 1.0],
    ]  # fmt: skip
    assert title[0] in ("入库单", "出库单")
    filled = ["防护服", 3, *[""] * (len(header) - 2)]
    answer = send(
        keeper, papers, as_xlsx([title, header, filled]), reason="delivery" if papers == "receipts" else "use"
    )
    assert answer.status_code == 303, answer.text
