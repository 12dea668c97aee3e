"""A practised clerk takes a dossier in with the keyboard alone. Keys are counted, never the time of a machine."""

from __future__ import annotations

import re

from flask import Flask
from playwright.sync_api import Page, expect

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from tests.support.browser import BrowserFaults, PageMaker
from tests.support.web import served

# A minute of a practised hand at two and a half keys a second; what is typed and what is pressed count alike.
KEYS_OF_A_MINUTE = 150


class Keys:
    """The keyboard, with a count of what was pressed."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.pressed = 0

    def type(self, text: str) -> None:
        self._page.keyboard.type(text)
        self.pressed += len(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.pressed += 1


def _sign_in(page: Page, shop: str) -> None:
    page.goto(shop + "/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Tiếp nhận hồ sơ")).to_be_visible()
    page.wait_for_load_state()


def test_from_the_citizens_words_to_the_receipt_by_keyboard_alone_within_the_keys_of_a_minute(
    app: Flask, engine: Engine, new_browser_page: PageMaker, browser_faults: BrowserFaults
):
    with served(app) as shop:
        page = new_browser_page((1280, 800))
        _sign_in(page, shop)
        code = _take_in(page)
        page.goto(shop + "/counter")
        expect(page.get_by_text("Bản nháp của bạn")).to_have_count(0)  # the form that was kept went with the receipt
        browser_faults.expect("422")
        _the_same_parcel_again(page, shop, code)
        browser_faults.expect("409")
        _two_pages(page, shop)


def _take_in(page: Page) -> str:
    keys = Keys(page)
    expect(page.locator("#q")).to_be_focused()  # the heading is there a moment before the browser has set the focus
    keys.type("tach thua")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Tách thửa hoặc hợp thửa đất")).to_be_visible()
    expect(page.locator("#identity_number")).to_be_focused()
    page.wait_for_load_state()  # Enter looks the person up from the moment the scripts are there
    keys.type("099188004321")
    keys.press("Enter")
    expect(page.locator("#full_name")).to_be_focused()
    keys.type("Le Thi Hanh")
    keys.press("Tab")
    keys.type("0912345678")
    _tab_to(page, keys, "parcel-1-commune", 6)
    keys.type("xa Tan Lap")
    keys.press("Tab")
    keys.type("12")
    keys.press("Tab")
    keys.type("45")
    keys.press("Alt+t")
    expect(page.locator("[data-required-item]").first).to_be_checked()
    expect(page.locator("#draft-state")).to_contain_text("Đã lưu nháp")
    keys.press("Control+Enter")
    expect(page.get_by_role("heading", name="Kiểm tra rồi giải quyết")).to_be_visible()
    expect(page.get_by_role("button", name="Giải quyết và in phiếu")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("Đã tiếp nhận hồ sơ")).to_be_visible()
    expect(page.locator("[data-slip]")).to_be_focused()
    code = re.sub(r"\s", "", page.locator(".confirmed-code").inner_text())
    assert keys.pressed <= KEYS_OF_A_MINUTE, f"{keys.pressed} keys"

    return code


def _the_same_parcel_again(page: Page, shop: str, code: str) -> None:
    """The first fault has the focus; the guard names the file that was received first."""
    page.goto(shop + "/counter/1.012784")
    page.keyboard.type("099188004321|123456789|Le Thi Hanh|05061988|Nu|To 3|01012024")  # as a scanner does
    page.keyboard.press("Enter")
    expect(page.locator("#full_name")).to_have_value("Le Thi Hanh")
    expect(page.locator(".known")).to_contain_text("Đã đọc thẻ")
    for name, value in (("commune", "phường An Phú"), ("sheet", "12"), ("number", "")):
        page.locator(f"#parcel-1-{name}").fill(value)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problem[data-focus]")).to_be_focused()
    page.get_by_role("link", name="Hãy nhập số thửa").click()
    expect(page.locator("#parcel-1-number")).to_be_focused()
    page.keyboard.type("045")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".guard")).to_contain_text(code)


def _two_pages(page: Page, shop: str) -> None:
    page.goto(shop + "/counter/1.012783")
    page.locator("#full_name").press_sequentially("Trang mot")
    expect(page.locator("#draft-state")).to_contain_text("Đã lưu nháp")
    other = page.context.new_page()
    other.goto(shop + "/counter")
    other.get_by_role("link", name="Trang mot").first.click()
    other.wait_for_url("**/counter/drafts/*")  # with its scripts, which keep what is typed
    other.locator("#full_name").press_sequentially(" hai")
    expect(other.locator("#draft-state")).to_contain_text("Đã lưu nháp")
    page.locator("#full_name").press_sequentially(" ba")
    expect(page.locator("#draft-changed")).to_be_visible()
    page.get_by_role("button", name="Giữ bản này").click()
    expect(page.locator("#draft-state")).to_contain_text("Đã lưu nháp")
    other.reload()
    expect(other.locator("#full_name")).to_have_value("Trang mot ba")
    other.close()


def _tab_to(page: Page, keys: Keys, name: str, most: int) -> None:
    for _ in range(most):
        keys.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"{name} is more than {most} Tabs away")
