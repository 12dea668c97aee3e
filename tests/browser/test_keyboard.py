"""A day at the keyboard alone: nobody in this file touches a mouse. Console errors and CSP violations fail it.

Receipt by keyboard alone stands in test_intake.py, the scanner in any focus in test_shell.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.cli.demo.cast import PASSWORD
from engine.clock import SetClock
from engine.domain.dossier import counter_digits
from tests.builders import Office
from tests.support.browser import BrowserFaults, PageMaker, scan
from tests.support.web import application, copy_of_office, served

PATIENCE_MS = 20_000  # a busy machine
MOST_TABS = 90
MANY, REFUSED = 50, 3
FOCUSED = "selector => document.activeElement !== null && document.activeElement.matches(selector)"


@pytest.fixture(scope="module")
def open_office(filled_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, str]]:
    """One office, its services and its address, for every walk of this file."""
    with copy_of_office(filled_office, tmp_path_factory.mktemp("keyboard")) as engine:
        assert isinstance(engine.clock, SetClock)
        office = Office(engine, engine.clock)
        with served(application(engine)) as address:
            yield office, address


class Hands:
    """Somebody at a page who has a keyboard and nothing else."""

    def __init__(self, page: Page, shop: str, username: str) -> None:
        self.page = page
        page.goto(shop + "/dang-nhap")
        self.go_to("#username")
        self.write(username)
        self.press("Tab")
        self.write(PASSWORD)
        self.press("Enter")
        expect(page.locator(".who")).to_be_visible(timeout=PATIENCE_MS)
        page.wait_for_load_state()  # keys count from the moment the scripts are there

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.insert_text(text)

    def go_to(self, selector: str) -> None:
        """Tab on until the focus stands on what is wanted."""
        for _ in range(MOST_TABS):
            if self.page.evaluate(FOCUSED, selector):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is more than {MOST_TABS} Tabs away on {self.page.url}")

    def open_file(self, code: str) -> None:
        """The field for codes stands on every page."""
        self.go_to("#jump-code")
        self.write(code)
        self.press("Enter")
        self.expect_url(f"/work/{re.escape(code)}")

    def expect_url(self, end: str) -> None:
        expect(self.page).to_have_url(re.compile(end + r"(\?.*|#.*)?$"), timeout=PATIENCE_MS)
        self.page.wait_for_load_state()

    def answer(self, name: str, value: str) -> None:
        """Choose, or write, in the field of the form of the open step."""
        field = f"form.act [name='answer-{name}']"
        self.go_to(field)
        kind = self.page.locator(field).first.get_attribute("type")
        if kind != "radio":
            self.write(value)
            return
        self.press("Space")
        for _ in range(8):
            if self.page.evaluate(FOCUSED, f"{field}[value='{value}']:checked"):
                return
            self.press("ArrowDown")
        raise AssertionError(f"{name} has no answer {value}")

    def carry_out(self, *, by_key: bool) -> None:
        """`a`, or Tab out of the last field, goes to the primary button, Enter presses it; the page says it is done."""
        if by_key:
            self.press("a")
        self.go_to("[data-primary]")
        self.press("Enter")
        expect(self.page.locator(".flash").first).to_be_visible(timeout=PATIENCE_MS)
        expect(self.page.locator("[data-failure]")).to_have_count(0)

    def do(self, code: str, **answers: str) -> None:
        self.open_file(code)
        for name, value in answers.items():
            self.answer(name, value)
        self.carry_out(by_key=not answers)


def test_a_land_file_is_supplemented_and_finished_in_two_appointments_by_four_people(
    open_office: tuple[Office, str], new_browser_page: PageMaker
):
    office, shop = open_office
    clerk, officer, leader, second = (
        Hands(new_browser_page(), shop, name) for name in ("lan", "minh", "thanh", "tuan")
    )
    code = _receive(clerk)
    clerk.do(code)  # scanned and passed on

    officer.do(
        code, appraisal="supplement", financial_obligation="none", missing_items="Bản đồ thửa đất", reason="Bản vẽ mờ"
    )
    clerk.do(code, supplement_note="Đã nộp bản đồ mới")

    officer.do(code, appraisal="qualified", financial_obligation="none")
    leader.do(code, decision="approve")
    officer.do(code)
    leader.do(code, decision="approve")
    _hand_over(second, office, code)
    assert office.dossier(code).ended_at is not None


def _receive(clerk: Hands) -> str:
    page = clerk.page
    clerk.go_to("#q")
    clerk.write("1.012783")
    clerk.press("Enter")
    expect(page.locator("#identity_number")).to_be_focused(timeout=PATIENCE_MS)
    page.wait_for_load_state()
    clerk.write("079188001234")
    clerk.go_to("#full_name")
    clerk.write("Nguyễn Thị Ước")
    clerk.press("Tab")
    clerk.write("0905123765")
    clerk.press("Alt+t", "Control+Enter")
    expect(page.get_by_role("button", name="Giải quyết và in phiếu")).to_be_focused(timeout=PATIENCE_MS)
    clerk.press("Enter")
    expect(page.get_by_text("Đã tiếp nhận hồ sơ")).to_be_visible(timeout=PATIENCE_MS)
    return re.sub(r"\s", "", page.locator(".confirmed-code").inner_text())


def _hand_over(clerk: Hands, office: Office, code: str) -> None:
    """The receipt is scanned, whatever page is open; the card is compared, the slip is signed."""
    scan(clerk.page, counter_digits(office.dossier(code).id))
    clerk.expect_url("/hand-over")
    for name, value in (("result_number", "AA 123456"), ("identity", "1234")):
        clerk.go_to(f"#{name}")
        clerk.write(value)
    for name in ("letters_given", "signed"):
        if clerk.page.locator(f"#{name}").count():
            clerk.page.locator("h1").evaluate("title => { title.tabIndex = -1; title.focus(); }")
            clerk.go_to(f"#{name}")
            clerk.press("Space")
    clerk.carry_out(by_key=False)
    expect(clerk.page.get_by_role("button", name="In phiếu trả kết quả")).to_be_visible(timeout=PATIENCE_MS)


def test_of_two_clerks_at_one_file_the_slower_one_is_told_and_loses_no_word(
    open_office: tuple[Office, str], new_browser_page: PageMaker, browser_faults: BrowserFaults
):
    browser_faults.expect("409")
    office, shop = open_office
    code = office.receive()
    faster, slower = (Hands(new_browser_page(), shop, name) for name in ("lan", "tuan"))
    slower.open_file(code)
    slower.go_to("form.act [name=remark]")
    slower.write("Người dân gọi lúc chín giờ")
    faster.do(code)

    slower.go_to("[data-primary]")
    slower.press("Enter")
    told = slower.page.get_by_role("alert").first
    expect(told).to_contain_text("vừa được người khác xử lý", timeout=PATIENCE_MS)
    expect(told).to_be_focused()
    expect(slower.page.locator(".meanwhile")).to_contain_text("Trần Thị Ngọc Lan")
    expect(slower.page.locator("main")).to_contain_text("Người dân gọi lúc chín giờ")


def test_fifty_files_go_on_at_once_and_three_that_changed_meanwhile_say_why(
    open_office: tuple[Office, str], new_browser_page: PageMaker
):
    office, shop = open_office
    codes = [office.receive() for _ in range(MANY)]
    clerk = Hands(new_browser_page(), shop, "lan")
    page = clerk.page
    page.goto(f"{shop}/work?view=unit&sort=-received")
    for _ in range(MANY):
        clerk.press("j", "x")
    expect(page.locator("[data-count]")).to_contain_text(str(MANY))
    clerk.press("Shift+Tab")
    clerk.go_to("#many button[value=advance]")
    clerk.press("Enter")
    clerk.expect_url("/work/many")
    chosen = page.locator("input[name=row]:checked")
    expect(chosen).to_have_count(MANY)
    for code in codes[:REFUSED]:
        office.do(code, by="tuan")  # somebody is faster, after the look and before the act
    clerk.go_to("main button[type=submit]")
    clerk.press("Enter")
    expect(page.get_by_role("status").filter(has_text=f"{MANY - REFUSED} trên {MANY}")).to_be_visible(
        timeout=PATIENCE_MS
    )
    expect(page.locator(".many-done")).to_have_count(MANY - REFUSED)
    expect(page.locator(".many-changed")).to_have_count(REFUSED)
    for code in codes[:REFUSED]:
        row = page.locator(".many-changed").filter(has_text=code.rsplit("-", 1)[-1])
        expect(row.locator("small")).not_to_be_empty()
