"""Every page in a browser: no console error, nothing from elsewhere, nothing that axe finds, nothing too wide."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from engine.cli.demo.cast import PASSWORD
from tests.support.browser import BrowserFaults, PageMaker
from tests.support.web import application, copy_of_office, served

Scheme = Literal["light", "dark"]

PAGES: dict[str, list[str]] = {
    "": ["/", "/tra-cuu", "/thu-tuc", "/thu-tuc/1.012783", "/thu-tuc/1.013949", "/dang-nhap"],
    "lan": ["/counter", "/counter/1.012783", "/work?view=unit", "/work?view=supplement"],
    "minh": ["/work?view=unit", "/work?view=done", "first of /work?view=unit"],
    "thanh": ["/approve", "/work?view=mine"],
    "giam": [
        "/oversight",
        "/oversight/queue/overdue",
        "/oversight/letters",
        "/oversight/results",
        "first of /oversight/queue/open",
    ],
    "admin": ["/admin", "/admin/niem-yet"],
}


@pytest.fixture(scope="module")
def shop(filled_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the office, for tests that only read."""
    with (
        copy_of_office(filled_office, tmp_path_factory.mktemp("shop")) as engine,
        served(application(engine)) as address,
    ):
        yield address


@pytest.fixture
def own_shop(app: Flask) -> Iterator[str]:
    """The address of an office of the test's own, for tests that work in it."""
    with served(app) as address:
        yield address


def _sign_in(page: Page, shop: str, username: str) -> None:
    page.goto(shop + "/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.get_by_role("banner")).to_contain_text("Một Cửa")


def _open(page: Page, shop: str, path: str) -> None:
    if path.startswith("first of "):
        page.goto(shop + path.removeprefix("first of "))
        path = page.locator("a.row-link").first.get_attribute("href") or ""
    page.goto(shop + path)
    if page.locator("[data-diagram]").count():
        expect(page.locator("[data-diagram] .djs-container")).to_be_visible()


def _faults(page: Page) -> list[str]:
    found = [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in Axe().run(page).response["violations"]]
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [*found, *([f"{width[0]} px wide on a screen of {width[1]}"] if width[0] > width[1] else [])]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("who", list(PAGES), ids=lambda who: who or "citizen")
def test_every_page_is_open_to_everybody(shop: str, new_browser_page: PageMaker, who: str, width: int, scheme: Scheme):
    page = new_browser_page((width, 800))
    page.emulate_media(color_scheme=scheme)
    if who:
        _sign_in(page, shop, who)
    faults = {}
    for path in PAGES[who]:
        _open(page, shop, path)
        if found := _faults(page):
            faults[path] = found
    assert not faults


def test_the_colours_follow_the_machine(shop: str, browser_page: Page):
    colours = []
    for scheme in ("light", "dark"):
        browser_page.emulate_media(color_scheme=scheme)
        browser_page.goto(shop)
        colours.append(browser_page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))
    assert colours == ["rgb(245, 246, 243)", "rgb(17, 21, 19)"]


def test_one_click_fills_the_sign_in_of_a_demonstration(shop: str, browser_page: Page):
    browser_page.goto(shop + "/dang-nhap")
    browser_page.get_by_role("button", name="Phạm Quang Minh").click()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", name="Danh sách việc")).to_be_visible()


def test_the_drawing_shows_where_the_dossier_stands_and_keeps_its_makers_mark(shop: str, browser_page: Page):
    _sign_in(browser_page, shop, "giam")
    _open(browser_page, shop, "first of /oversight/queue/open")
    expect(browser_page.locator(".diagram .is-active").first).to_be_visible()
    expect(browser_page.locator(".diagram .bjs-powered-by")).to_be_visible()
    expect(browser_page.get_by_role("table").last).to_contain_text("Đang làm")


def test_the_keyboard_reaches_a_dossier_from_the_search(shop: str, browser_page: Page):
    _sign_in(browser_page, shop, "minh")
    browser_page.goto(shop + "/work?view=unit")
    browser_page.keyboard.press("j")
    first = browser_page.locator("tr.is-current a.row-link").inner_text()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", level=1)).to_have_text(first)


def test_the_list_is_searched_as_one_types_and_the_address_stays_clean(shop: str, browser_page: Page):
    _sign_in(browser_page, shop, "minh")
    browser_page.goto(shop + "/work?view=unit")
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("khong ai ten the nay")
    expect(browser_page.get_by_role("heading", name="Không có hồ sơ nào khớp")).to_be_visible()
    assert browser_page.url == shop + "/work?view=unit"


def test_a_clerk_receives_a_dossier_and_the_citizen_looks_it_up_without_scripts(
    own_shop: str, new_browser_page: PageMaker
):
    clerk = new_browser_page()
    _sign_in(clerk, own_shop, "lan")
    clerk.get_by_label("Người dân cần làm thủ tục gì?").fill("tach thua hoac hop")
    expect(clerk.locator("#offers li")).to_have_count(1)
    clerk.keyboard.press("ArrowDown")
    clerk.keyboard.press("Enter")
    clerk.get_by_label("Họ tên hoặc tên tổ chức").fill("Huỳnh Thị Bích Phượng")
    clerk.get_by_label("Số định danh, hộ chiếu hoặc mã số thuế").fill("079188004321")
    for box in clerk.locator(".checklist").get_by_role("checkbox").all():
        box.check()
    clerk.get_by_role("button", name="Kiểm tra lại").click()
    expect(clerk.get_by_role("heading", name="Kiểm tra rồi giải quyết")).to_be_visible()
    assert not _faults(clerk)
    clerk.get_by_role("button", name="Giải quyết và in phiếu").click()
    expect(clerk.get_by_text("Đã tiếp nhận hồ sơ")).to_be_visible()
    assert not _faults(clerk)
    code = re.sub(r"\s", "", clerk.locator(".confirmed-code").inner_text())

    citizen = new_browser_page((320, 640), javascript=False)
    citizen.goto(own_shop)
    citizen.get_by_label("Mã hồ sơ").fill(code)
    citizen.get_by_label("4 số cuối").fill("4321")
    citizen.get_by_role("button", name="Tra cứu").click()
    expect(citizen.get_by_text("H**** T** B*** Phượng")).to_be_visible()
    expect(citizen.get_by_role("link", name="Giấy tiếp nhận hồ sơ và hẹn trả kết quả")).to_be_visible()
    assert citizen.url == own_shop + "/tra-cuu"


def test_the_page_of_the_citizen_passes_too(own_shop: str, new_browser_page: PageMaker):
    clerk, citizen = new_browser_page(), new_browser_page((320, 640))
    _sign_in(clerk, own_shop, "lan")
    clerk.goto(own_shop + "/work?view=unit")
    clerk.locator("a.row-link").first.click()
    code = re.sub(r"\s", "", clerk.locator(".file-head .code").inner_text())
    phone = clerk.locator("a[href^='tel:']").first.inner_text().replace(" ", "")
    citizen.goto(own_shop + "/tra-cuu")
    citizen.get_by_label("Mã hồ sơ").fill(code)
    citizen.get_by_label("4 số cuối").fill(phone[-4:])
    citizen.get_by_role("button", name="Tra cứu").click()
    for scheme in ("light", "dark"):
        citizen.emulate_media(color_scheme=scheme)
        assert not _faults(citizen)


def test_what_is_wrong_gets_the_focus(shop: str, browser_page: Page, browser_faults: BrowserFaults):
    browser_faults.expect("422")
    _sign_in(browser_page, shop, "lan")
    browser_page.goto(shop + "/counter/1.012783")
    browser_page.get_by_role("button", name="Kiểm tra lại").click()
    expect(browser_page.get_by_role("alert")).to_be_focused()
    assert not _faults(browser_page)
    browser_page.get_by_role("link", name="Hãy nhập họ tên").click()
    expect(browser_page.get_by_label("Họ tên hoặc tên tổ chức")).to_be_focused()
