"""The shell at the keyboard: single keys, a scanner, a server that is away, a look of one's own, signing, hand-over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from engine.domain.dossier import counter_digits
from tests.support.browser import BrowserFaults, PageMaker, press_in_turn, scan
from tests.support.web import application, copy_of_office, served

TELEX = ("a", "a", "s")
PATIENCE_MS = 20_000  # a busy machine


@pytest.fixture(scope="module")
def office(filled_office: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, str]]:
    """One office and its address for the walks of this module."""
    with (
        copy_of_office(filled_office, tmp_path_factory.mktemp("shell")) as engine,
        served(application(engine)) as address,
    ):
        yield engine, address


def sign_in(page: Page, shop: str, username: str) -> None:
    page.goto(shop + "/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.locator(".who")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state()  # keys count from the moment the scripts are there


def faults(page: Page) -> list[str]:
    found = [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in Axe().run(page).response["violations"]]
    width = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    return [*found, *([f"{width[0]} px wide on a screen of {width[1]}"] if width[0] > width[1] else [])]


def digits_of(engine: Engine, unit: str, *, resolved: bool = False) -> tuple[str, str]:
    """The code of an open dossier of a desk, and the digits of its receipt."""
    with engine.uow.read() as tx:
        rows = tx.connection.exec_driver_sql(
            "SELECT d.id, d.code FROM dossiers d JOIN units u ON u.id = d.unit_id WHERE d.ended_at IS NULL "  # noqa: S608
            f"AND u.code = '{unit}' AND d.resolved_at IS {'NOT NULL' if resolved else 'NULL'} "
            "AND NOT EXISTS (SELECT 1 FROM linked_members m WHERE m.dossier_id = d.id) ORDER BY d.id"
        ).all()
    return rows[0][1], counter_digits(rows[0][0])


def test_single_keys_walk_the_work_and_never_while_one_types_nor_when_switched_off(
    office: tuple[Engine, str], browser_page: Page
):
    _, shop = office
    page = browser_page
    sign_in(page, shop, "minh")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
    assert not faults(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(shop + "/work?view=done")
    press_in_turn(page, "gv")
    expect(page).to_have_url(shop + "/work")
    page.goto(shop + "/work?view=unit")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("[data-row]").first).to_have_class(re.compile("is-current"))
    page.keyboard.press("/")
    page.keyboard.type("jka?")
    expect(page.locator("[data-search]")).to_have_value("jka?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(shop + "/work?view=unit")
    page.keyboard.press("Control+j")
    expect(page.locator(".is-current")).to_have_count(0)
    page.locator(".who summary").click()
    assert not faults(page)
    page.get_by_label("Dùng phím tắt một phím").uncheck()
    page.get_by_label("Tối", exact=True).check(force=True)
    with page.expect_response(_keeps_the_largest, timeout=PATIENCE_MS):  # not what was chosen just before
        page.get_by_label("Rất lớn").check(force=True)
    page.goto(shop + "/work?view=unit")
    expect(page.locator("html")).to_have_attribute("data-size", "larger")
    assert page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor") == "rgb(17, 21, 19)"
    page.keyboard.press("j")
    expect(page.locator(".is-current")).to_have_count(0)


def _keeps_the_largest(answer: Response) -> bool:
    return answer.url.endswith("/hien-thi") and "size=larger" in (answer.request.post_data or "")


def test_a_scan_opens_the_file_from_any_focus_and_leaves_no_digit_behind(
    office: tuple[Engine, str], browser_page: Page, browser_faults: BrowserFaults
):
    browser_faults.expect("404")
    browser_faults.expect("403")
    engine, shop = office
    page = browser_page
    sign_in(page, shop, "lan")
    code, digits = digits_of(engine, "BS-TTPVHCC")
    page.goto(shop + "/registers/dossiers")
    scan(page, digits)
    expect(page).to_have_url(f"{shop}/work/{code}", timeout=PATIENCE_MS)

    page.goto(shop + "/counter")
    field = page.get_by_label("Người dân cần làm thủ tục gì?")
    field.fill("cấp đổi")
    scan(page, "0000000000")  # the check digits are wrong: nothing is asked of the server
    expect(page.get_by_text("Mã vừa quét không phải mã của hệ thống")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-beeps", "1")
    expect(field).to_have_value("cấp đổi")
    scan(page, counter_digits(987_654))
    expect(page.get_by_text("Không có giấy tờ nào mang mã vừa quét")).to_be_visible()
    assert not faults(page)
    scan(page, "12345678", gap_ms=60)  # a person, however nimble
    expect(page).to_have_url(re.compile("12345678"), timeout=PATIENCE_MS)  # Enter searched for what was typed
    page.goto(shop + "/counter")
    field.focus()
    for letter in TELEX:
        page.keyboard.press(letter)
    scan(page, counter_digits(987_654), noise=True)
    expect(page.get_by_text("Không có giấy tờ nào mang mã vừa quét")).to_be_visible()
    expect(field).to_have_value("".join(TELEX))
    scan(page, digits, noise=True)
    expect(page).to_have_url(f"{shop}/work/{code}", timeout=PATIENCE_MS)
    sign_in(page, shop, "hoa")
    scan(page, digits)
    expect(page.get_by_text("không phải đơn vị của bạn")).to_be_visible()


def test_what_was_typed_survives_a_server_that_is_away(
    office: tuple[Engine, str], browser_page: Page, browser_faults: BrowserFaults
):
    browser_faults.expect("ERR_INTERNET_DISCONNECTED")
    engine, shop = office
    page = browser_page
    sign_in(page, shop, "lan")
    code, _ = digits_of(engine, "BS-TTPVHCC", resolved=True)
    page.goto(f"{shop}/work/{code}/hand-over")
    page.get_by_label("Số của kết quả").fill("AA 778899")
    with page.expect_event("requestfailed", timeout=PATIENCE_MS):  # the page looks for the server by itself
        page.context.set_offline(True)
        expect(page.get_by_role("alert")).to_contain_text("Máy chủ đang không trả lời")
        page.get_by_role("button", name="Đã trả kết quả").click()
    expect(page.get_by_label("Số của kết quả")).to_have_value("AA 778899")
    assert not faults(page)
    page.context.set_offline(False)
    # it looks ever more rarely
    expect(page.get_by_text("Máy chủ đã trả lời lại")).to_be_visible(timeout=2 * PATIENCE_MS)
    page.reload()
    page.get_by_role("button", name="Điền lại").click()
    expect(page.get_by_label("Số của kết quả")).to_have_value("AA 778899")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Đăng xuất").click()
    expect(page.locator(".who")).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_load_state()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_leader_signs_one_by_one_and_several(
    office: tuple[Engine, str], new_browser_page: PageMaker, browser_faults: BrowserFaults
):
    browser_faults.expect("422")
    _, shop = office
    leader = new_browser_page((360, 800))
    sign_in(leader, shop, "thanh")
    for scheme in ("light", "dark"):
        leader.emulate_media(color_scheme=scheme)
        assert not faults(leader)
    leader.keyboard.press("r")
    back = leader.locator("[data-return]")
    expect(back.get_by_role("combobox")).to_be_focused()
    back.get_by_role("button").click()
    expect(leader.get_by_role("alert")).to_be_focused()
    assert not faults(leader)
    leader.goto(shop + "/approve")
    leader.keyboard.press("j")
    leader.keyboard.press("x")
    leader.get_by_role("button", name="Xem trước các hồ sơ đã chọn").click()
    expect(leader.get_by_role("heading", name="Xem trước rồi ký")).to_be_visible()
    assert not faults(leader)
    leader.get_by_role("button", name="Ký các hồ sơ đã đánh dấu").click()
    expect(leader.get_by_role("heading", level=1)).to_contain_text("Đã ký 1 trên 1 hồ sơ")
    assert not faults(leader)
    leader.goto(shop + "/approve")
    first = leader.locator(".signing-file .eyebrow").inner_text()
    leader.keyboard.press("a")
    leader.keyboard.press("Enter")
    expect(leader.locator(".flash").first).to_be_visible()
    expect(leader.locator("main")).not_to_contain_text(first)


def test_a_scan_opens_the_hand_over_and_its_slip_carries_a_code(
    office: tuple[Engine, str], new_browser_page: PageMaker, browser_faults: BrowserFaults
):
    browser_faults.expect("422")
    engine, shop = office
    clerk = new_browser_page((320, 700))
    sign_in(clerk, shop, "lan")
    code, digits = digits_of(engine, "BS-TTPVHCC", resolved=True)
    scan(clerk, digits)
    expect(clerk).to_have_url(f"{shop}/work/{code}/hand-over", timeout=PATIENCE_MS)
    clerk.get_by_role("button", name="Đã trả kết quả").click()
    expect(clerk.get_by_role("alert")).to_contain_text("Hãy nhập số của kết quả")
    for scheme in ("light", "dark"):
        clerk.emulate_media(color_scheme=scheme)
        assert not faults(clerk)
    clerk.get_by_label("Số của kết quả").fill("AA 112233")
    clerk.get_by_label("Bốn số cuối giấy tờ tùy thân").fill(_tail(engine, code))
    for box in clerk.locator(".hand-over").get_by_role("checkbox").all():
        box.check()
    clerk.get_by_role("button", name="Đã trả kết quả").click()
    with clerk.context.expect_page() as opened:
        clerk.get_by_role("button", name="In phiếu trả kết quả").click()
    slip = opened.value
    expect(slip.locator(".slip-code")).to_have_text(re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$"))
    assert not faults(slip)


def _tail(engine: Engine, code: str) -> str:
    with engine.uow.read() as tx:
        dossier = tx.dossiers.find(code)
    return (dossier.submitter or dossier.applicant).identity_number[-4:]
