"""Coming in: who is let in, where to, in which language; and what a stranger, a stale page or a wrong address gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from supplyhub.domain.people import Role
from supplyhub.domain.refusals import Fault
from supplyhub.schemas.problems import say_fault
from tests.web.conftest import Reader
from tests.world import FOREIGN_COUNTY, PASSWORD, USERS

SignIn = Callable[..., Reader]


def test_a_stranger_is_asked_to_sign_in_and_comes_back(app: Flask) -> None:
    reader = Reader(app.test_client())
    asked = reader.get("/stock/420101000000?item=mask")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/stock/420101000000?item%3Dmask")
    answer = reader.send(asked.location, "/sign-in", username="keeper", password=PASSWORD)
    assert answer.location == "/stock/420101000000?item=mask"


@pytest.mark.parametrize(
    "elsewhere", ["https://elsewhere.example/", "//elsewhere.example", "////elsewhere.example", "/\\elsewhere", "stock"]
)
def test_nobody_is_led_elsewhere_after_signing_in(app: Flask, elsewhere: str) -> None:
    reader = Reader(app.test_client())
    answer = reader.send("/sign-in", "/sign-in", username="keeper", password=PASSWORD, next=elsewhere)
    assert answer.location == "/"


@pytest.mark.parametrize("username", ["keeper", "nobody", "a name with spaces"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_page(app: Flask, username: str) -> None:
    reader = Reader(app.test_client())
    page = reader.send("/sign-in", "/sign-in", username=username, password="wrong wrong wrong")
    assert page.status_code == 401
    assert "请等待 15 分钟" in page.text
    assert reader.get("/").status_code == 303


def test_five_wrong_passwords_close_the_door_to_the_right_one(app: Flask) -> None:
    reader = Reader(app.test_client())
    for _ in range(5):
        reader.send("/sign-in", "/sign-in", username="keeper", password="wrong wrong wrong")
    assert reader.send("/sign-in", "/sign-in", username="keeper", password=PASSWORD).status_code == 401


def test_signing_out_ends_it(sign_in: SignIn) -> None:
    reader = sign_in("keeper")
    assert reader.send("/", "/sign-out").status_code == 303
    assert reader.get("/").status_code == 303


def test_a_form_that_is_not_ours_is_refused(sign_in: SignIn) -> None:
    reader = sign_in("keeper")
    fields = reader.form("/receipts/new", "/receipts") | {"csrf_token": "forged"}
    page = reader.client.post("/receipts", data=fields)
    assert page.status_code == 400
    assert "This page was open too long" in page.text


@pytest.mark.parametrize("key", ["", "short", "with space in it", "x" * 201])
def test_a_form_without_its_key_is_refused(sign_in: SignIn, key: str) -> None:
    page = sign_in("planner").send("/runs", "/runs", division="420000000000", key=key)
    assert page.status_code == 409
    assert "Idempotency-Key" in page.text


def test_the_language_is_the_browsers_until_somebody_chooses(app: Flask) -> None:
    client = app.test_client()
    assert "<h1>Sign in</h1>" in client.get("/sign-in", headers={"Accept-Language": "en-GB"}).text
    assert "<h1>登录</h1>" in client.get("/sign-in", headers={"Accept-Language": "zh-CN"}).text
    assert client.get("/language/zh_Hans?next=/sign-in").location == "/sign-in"
    assert "<h1>登录</h1>" in client.get("/sign-in", headers={"Accept-Language": "en-GB"}).text


SHARED = "/ /stock /requests /transfers "
PAGES = {
    Role.KEEPER: SHARED + "/depots/A1 /receipts/new /issues/new /counts/new /transfers/new /entries /movements",
    Role.PLANNER: SHARED + "/depots/A1 /runs /plans /entries /movements",
    Role.TOWNSHIP: SHARED + "/requests/new",
    Role.SUPERVISOR: SHARED + "/depots/A1 /runs /plans /entries /movements /ledger",
    Role.ADMINISTRATOR: SHARED + "/depots/A1 /runs /plans /entries /movements /ledger /users",
}
EVERY = sorted({path for paths in PAGES.values() for path in paths.split()})


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_pages_and_is_shown_the_way_to_no_other(sign_in: SignIn, role: Role) -> None:
    username = next(name for name, known, _ in USERS if known is role)
    reader = sign_in(username)
    navigation = re.search(r"<nav.*?</nav>", reader.get("/").text, re.S)
    assert navigation is not None
    for path in re.findall(r'href="([^"]+)"', navigation[0]):
        assert reader.client.get(path, follow_redirects=True).status_code == 200, path
    for path in EVERY:
        answer = reader.client.get(path, follow_redirects=True)
        if path in PAGES[role].split():
            assert answer.status_code == 200, path
        else:
            assert answer.status_code in (403, 404), path


TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')


@pytest.mark.parametrize("path", ["/stock/{}", "/depots/{}", "/plans/1?place={}"])
def test_what_is_foreign_looks_like_what_is_not_there(sign_in: SignIn, path: str) -> None:
    foreign, missing = {"/depots/{}": ("B1", "B9")}.get(path, (FOREIGN_COUNTY, "420299000000"))
    reader = sign_in("supervisor")
    seen, absent = (reader.get(path.format(code)) for code in (foreign, missing))
    assert seen.status_code == absent.status_code == 404
    # A form's token holds the second in which it was made.
    pages = (TOKEN.sub("", answer.text.replace(code, "?")) for answer, code in ((seen, foreign), (absent, missing)))
    assert next(pages) == next(pages)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/requests/99999999999999999999", "/transfers/0", "/stock/%00", "/plans/1?place=%00", "/runs/-1"],
)
def test_an_address_that_leads_nowhere_gets_our_own_page(sign_in: SignIn, path: str) -> None:
    page = sign_in("supervisor").get(path)
    assert page.status_code == 404
    assert "There is no such page" in page.text


def test_what_cannot_be_done_says_what_can(sign_in: SignIn) -> None:
    answer = sign_in("keeper").client.delete("/receipts/new")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "<h1>" in answer.text


def test_a_session_lasts_a_shift_and_no_longer(app: Flask) -> None:
    assert app.permanent_session_lifetime == timedelta(hours=12)


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_names_and_codes_in_a_fault_stand_as_they_must_be_written(app: Flask, language: str) -> None:
    fault = Fault(
        "x.csv:1", "no column of this name is known; allowed are: {allowed}", {"allowed": "lot, open, township"}
    )
    with app.test_request_context(f"/?lang={language}"):
        assert "lot, open, township" in say_fault(fault)


def test_a_part_of_a_form_without_a_name_is_told_as_broken(sign_in: Callable[..., Reader]) -> None:
    keeper = sign_in("keeper")
    fields = {**keeper.form("/receipts/new", "/receipts"), "depot": "A1", "rows-0-item": "mask", "rows-0-quantity": "5"}
    parts = [*(f'form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()), "form-data\r\n\r\nx"]
    body = "".join(f"--B\r\nContent-Disposition: {part}\r\n" for part in parts) + "--B--\r\n"
    answer = keeper.client.post("/receipts", data=body, content_type="multipart/form-data; boundary=B")
    assert answer.status_code == 400
    assert "Something is missing or broken" in answer.text
