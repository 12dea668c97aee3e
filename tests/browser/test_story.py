"""The story of one late dossier, told at the keyboards of everybody who has to do with it.

Received on Friday with five working days in two appointments; the officer is slow, so that the first appointment is
missed; the letter comes, the dossier is finished all the same, and its applicant finds all of it with a code and four
digits.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from engine.clock import SetClock
from tests.support.browser import PageMaker
from tests.support.web import NOW, served

PHONE = "0905 123 765"


def _sign_in(page: Page, shop: str, username: str) -> None:
    page.goto(shop + "/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    expect(page.locator(".who")).to_be_visible()


def _move_clock(engine: Engine, to: datetime) -> None:
    """Time passes: the heartbeat sweeps, and the outbox does what was promised."""
    assert isinstance(engine.clock, SetClock)
    engine.overdue.sweep_until(to)
    engine.clock.move_to(to)
    engine.outbox.run(to)


def _receive(page: Page, shop: str) -> str:
    _sign_in(page, shop, "lan")
    page.goto(shop + "/counter/1.012783")
    page.get_by_label("Họ tên hoặc tên tổ chức").fill("Nguyễn Thị Ước")
    page.get_by_label("Số định danh, hộ chiếu hoặc mã số thuế").fill("079188001234")
    page.get_by_label("Điện thoại").first.fill(PHONE)
    for box in page.locator(".checklist").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Kiểm tra lại").click()
    page.get_by_role("button", name="Giải quyết và in phiếu").click()
    expect(page.get_by_text("Đã tiếp nhận hồ sơ")).to_be_visible()
    return re.sub(r"\s", "", page.locator(".confirmed-code").inner_text())


def _do(page: Page, shop: str, code: str, **answers: str) -> None:
    """Open the dossier, fill in the form of the step that is on, and close it with the one primary button."""
    page.goto(f"{shop}/work/{code}")
    form = page.locator("form.act")
    for name, value in answers.items():
        field = form.locator(f"[name='answer-{name}']")
        kind = field.first.get_attribute("type")
        if kind == "radio":
            form.locator(f"[name='answer-{name}'][value='{value}']").check()
        elif field.first.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_navigation():
        form.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def _hand_over(page: Page, shop: str, code: str) -> None:
    """The applicant comes for the result: the letter goes along, the card is shown, the slip is signed."""
    page.goto(f"{shop}/work/{code}")
    page.get_by_role("link", name="Trả kết quả cho người nhận").click()
    page.get_by_label("Số của kết quả").fill("AA 123456")
    page.get_by_label("Bốn số cuối giấy tờ tùy thân").fill("1234")
    for box in page.locator(".hand-over").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Đã trả kết quả").click()
    expect(page.get_by_text("Đã trả kết quả. Hãy in phiếu cho người nhận.")).to_be_visible()


def _fetch(page: Page, link: str) -> bytes:
    """What a click on a link to a letter brings."""
    address = page.get_by_role("link", name=link).first.get_attribute("href")
    assert address
    return page.request.get(page.url.split("/", 3)[0] + "//" + page.url.split("/")[2] + address).body()


def test_a_late_dossier_is_apologised_for_finished_and_found(engine: Engine, app: Flask, new_browser_page: PageMaker):
    with served(app) as shop:
        clerk, officer, leader, supervisor = (new_browser_page() for _ in range(4))
        code = _receive(clerk, shop)
        _do(clerk, shop, code)  # scanned and passed on

        _sign_in(officer, shop, "minh")
        officer.goto(f"{shop}/work/{code}")
        expect(officer.get_by_role("heading", level=1)).to_have_text("Nguyễn Thị Ước")

        missed = NOW + timedelta(days=6)  # the first appointment was 17:00 on Wednesday 25/11
        _move_clock(engine, missed)
        _sign_in(supervisor, shop, "giam")
        supervisor.goto(shop + "/oversight/queue/overdue")
        row = supervisor.get_by_role("row").filter(has_text="Nguyễn Thị Ước")
        expect(row).to_contain_text("Quá hạn")
        expect(row.get_by_role("link", name="PXL")).to_be_visible()

        _sign_in(officer, shop, "minh")  # the session of six days ago is over
        _do(officer, shop, code, appraisal="qualified", financial_obligation="none")
        _sign_in(leader, shop, "thanh")
        _do(leader, shop, code, decision="approve")
        _do(officer, shop, code)
        _do(leader, shop, code, decision="approve")

        _sign_in(clerk, shop, "lan")
        _hand_over(clerk, shop, code)
        clerk.goto(f"{shop}/work/{code}")
        expect(clerk.get_by_text("Đã trả kết quả").first).to_be_visible()
        _move_clock(engine, missed + timedelta(hours=1))

        citizen = new_browser_page((360, 740), javascript=False)
        citizen.goto(shop + "/tra-cuu")
        citizen.get_by_label("Mã hồ sơ").fill(code)
        citizen.get_by_label("4 số cuối").fill(PHONE.replace(" ", "")[-4:])
        citizen.get_by_role("button", name="Tra cứu").click()
        expect(citizen.get_by_role("link", name="xin lỗi")).to_be_visible()
        assert _fetch(citizen, "xin lỗi").startswith(b"%PDF-")
        letters = [letter for letter in _letters(engine, code) if letter == "apology"]
        assert letters == ["apology"], "one missed appointment, one letter"


def _letters(engine: Engine, code: str) -> list[str]:
    with engine.uow.read() as tx:
        return [letter.form for letter in tx.letters.of(tx.dossiers.find(code).id)]
