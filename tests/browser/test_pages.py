"""Every page in a browser: no console error, nothing from elsewhere, nothing that axe finds, nothing too wide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from engine.cli.demo.cast import PASSWORD
from tests.browser.pages import NO_PAGES, PAGES, furnish
from tests.support.browser import BrowserFaults, PageMaker
from tests.support.web import application, copy_of_office, served
from web.doors import ACCESS

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
# Each look asks for what it can change: all rules once, colours again in the dark, the width again on a small screen,
# and there the rest for citizens, who mostly have no other.
EVERYTHING: dict[str, object] = {}
COLOURS: dict[str, object] = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
NO_COLOURS: dict[str, object] = {"rules": {"color-contrast": {"enabled": False}}}
# Screens that nobody sits at: they turn by themselves, and forget who stood before them. Nothing is lost by it.
TURNS_BY_ITSELF = ("/khao-sat/", "/giam-sat/man-hinh/")
Places = tuple[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def places(filled_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """The address of a furnished office, and what its pages are called; for tests that only read."""
    with copy_of_office(filled_office, tmp_path_factory.mktemp("shop")) as engine:
        app = application(engine)
        names = furnish(app, engine)
        with served(app) as address:
            yield address, names


@pytest.fixture(scope="module")
def shop(places: Places) -> str:
    return places[0]


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
    expect(page.locator(".who")).to_be_visible()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    if page.locator("[data-diagram]").count():
        expect(page.locator("[data-diagram] .djs-container")).to_be_visible()


def _first(page: Page, shop: str, path: str) -> None:
    page.goto(shop + path)
    _open(page, shop + (page.locator("a.row-link").first.get_attribute("href") or ""))


def _axe(page: Page, options: dict[str, object]) -> list[str]:
    answer = page.evaluate("options => axe.run(document, options)", {**options, "resultTypes": ["violations"]})
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in answer["violations"]]


def _too_wide(page: Page) -> list[str]:
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [f"{width[0]} px wide on a screen of {width[1]}"] if width[0] > width[1] else []


def _aside(page: Page) -> list[str]:
    """Tables that a citizen would have to draw sideways with a finger."""
    wide = "[...document.querySelectorAll('.table-scroll')].filter(each => each.scrollWidth > each.clientWidth)"
    return [f"scrolls sideways: {name}" for name in page.evaluate(f"{wide}.map(each => each.ariaLabel)")]


def _faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    return [*_axe(page, EVERYTHING), *_too_wide(page)]


def _faults_in_every_look(page: Page, *, on_a_phone: bool) -> list[str]:
    """What is wrong with the page that is open: by day, in the dark, on a small screen; it is not opened again."""
    found = _faults(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"dark: {fault}" for fault in _axe(page, COLOURS)]
    page.set_viewport_size({"width": 320, "height": 800})
    small = [*((*_axe(page, NO_COLOURS), *_aside(page)) if on_a_phone else ()), *_too_wide(page)]
    found += [f"320 px: {fault}" for fault in small]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


@pytest.mark.parametrize(
    "who", sorted({who for lines in PAGES.values() for who, _ in lines}), ids=lambda who: who or "citizen"
)
def test_every_page_is_open_to_everybody(places: Places, new_browser_page: PageMaker, who: str):
    shop, names = places
    page = new_browser_page()
    page.emulate_media(reduced_motion="reduce")
    if who:
        _sign_in(page, shop, who)
    faults = {}
    for path in (path for lines in PAGES.values() for each, path in lines if each == who):
        _open(page, shop + path.format_map(names))
        assert page.locator("h1").count(), f"{path} is not there: {page.title()}"
        found = [
            fault
            for fault in _faults_in_every_look(page, on_a_phone=not who)
            if "meta-refresh" not in fault or not path.startswith(TURNS_BY_ITSELF)
        ]
        if found:
            faults[path] = found
    assert not faults


def test_every_page_is_looked_at_by_somebody(app: Flask):
    answered = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    unknown = sorted(answered - PAGES.keys() - NO_PAGES.keys())
    assert not unknown, f"say in tests/browser/pages.py who looks at {unknown} in a browser, or why it is no page"
    assert not sorted((PAGES.keys() | NO_PAGES.keys()) - answered), "gone: take the line away"
    closed = [endpoint for endpoint, lines in PAGES.items() if lines[0][0] == "" and ACCESS.get(endpoint)]
    assert not closed, "a citizen cannot open these"


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
    _first(browser_page, shop, "/oversight/queue/open")
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
    browser_page.get_by_role("searchbox").fill("")
    expect(browser_page.get_by_role("table", name="Cả đơn vị")).to_be_visible()
    expect(browser_page.get_by_role("searchbox")).to_be_focused()
    browser_page.reload()
    expect(browser_page.get_by_role("button", name="Điền lại")).to_have_count(0)


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
    expect(citizen.get_by_role("link", name="Giấy tiếp nhận hồ sơ và hẹn trả kết quả").first).to_be_visible()
    assert not _faults_in_every_look(citizen, on_a_phone=True)


def test_what_is_wrong_gets_the_focus(shop: str, browser_page: Page, browser_faults: BrowserFaults):
    browser_faults.expect("422")
    _sign_in(browser_page, shop, "lan")
    browser_page.goto(shop + "/counter/1.012783")
    browser_page.get_by_role("button", name="Kiểm tra lại").click()
    expect(browser_page.get_by_role("alert")).to_be_focused()
    assert not _faults(browser_page)
    browser_page.get_by_role("link", name="Hãy nhập họ tên").click()
    expect(browser_page.get_by_label("Họ tên hoặc tên tổ chức")).to_be_focused()
