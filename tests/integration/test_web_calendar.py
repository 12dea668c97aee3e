"""The page of a calendar, at a browser without scripts: what it shows, what it asks for, whom it lets in."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.bootstrap import Engine
from tests.support.web import Person

PAGE = "/admin/calendar"
DAY = {
    "form": "day",
    "unit": "AP",
    "year": "2026",
    "on": "2026-12-04",
    "kind": "local_closure",
    "name": "Chuyển trụ sở",
    "document": "Thông báo 46/TB-UBND",
    "issued_on": "2026-11-18",
}


@pytest.fixture
def admin(app: Flask) -> Person:
    return Person(app, "admin")


def test_a_year_shows_every_special_day_with_its_letter_and_its_document(admin: Person):
    page = admin.read(f"{PAGE}?year=2026")
    assert "Tháng 12" in page
    assert "Công văn 12729/VPCP-KGVX" in page
    assert ": Nghỉ hoán đổi, Nghỉ hoán đổi với thứ Bảy 10/01/2026" in page
    assert page.count('class="day-swapped_on"') == 2
    assert "250 ngày làm việc trong năm" in page


def test_a_unit_shows_from_whom_it_inherits(admin: Person):
    page = admin.read(f"{PAGE}?year=2026&unit=AP")
    assert "Cả nước → Ủy ban nhân dân tỉnh Bình Sơn → Ủy ban nhân dân phường An Phú" in page


def test_a_day_is_entered_shown_and_cancelled(admin: Person, engine: Engine):
    answer = admin.send(f"{PAGE}/days", DAY)
    assert answer.status_code == 303
    page = admin.read(f"{PAGE}?unit=AP&year=2026")
    assert "Chuyển trụ sở" in page
    assert "làm việc 08:00–12:00, 13:00–17:00 → nghỉ: Chuyển trụ sở" in page
    number = engine.calendars.book.number
    gone = {"unit": "AP", "year": "2026", "document": "Thông báo 47/TB-UBND"}
    assert admin.send(f"{PAGE}/entries/{number}/cancel", gone).status_code == 303
    assert 'class="day-closed"' not in admin.read(f"{PAGE}?unit=AP&year=2026")


def test_half_a_day_and_hours_of_a_unit(admin: Person):
    part = {**DAY, "closed_from": "13:00", "closed_until": "17:00"}
    assert admin.send(f"{PAGE}/days", part).status_code == 303
    week = {f"week-{weekday}": "07:00-11:00,13:00-17:00" for weekday in range(5)}
    hours = {"unit": "AP", "year": "2026", "from_on": "2026-12-07", "document": "Quyết định 12", **week}
    assert admin.send(f"{PAGE}/hours", hours).status_code == 303
    page = admin.read(f"{PAGE}?unit=AP&year=2026")
    assert "Chuyển trụ sở (13:00–17:00)" in page
    assert "thứ Hai – thứ Sáu 07:00–11:00, 13:00–17:00; thứ Bảy – Chủ nhật nghỉ" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"on": "2026-01-01", "unit": "", "kind": "swapped_on"}, "Tết Dương lịch"),
        ({"on": "mai"}, "hãy nhập một ngày"),
        ({"kind": "party"}, "hãy chọn loại ngày"),
        ({"closed_from": "13:00"}, "giờ đóng cửa"),
        ({"document": " "}, "số, ký hiệu văn bản"),
    ],
)
def test_what_is_refused_is_explained_and_nothing_typed_is_lost(admin: Person, changes: dict[str, str], said: str):
    answer = admin.send(f"{PAGE}/days", {**DAY, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Chuyển trụ sở"' in answer.text


def test_a_draft_is_made_and_confirmed_on_the_page(admin: Person, engine: Engine):
    assert admin.send(f"{PAGE}/draft", {"year": "2028"}).status_code == 303
    page = admin.read(f"{PAGE}?year=2028")
    assert "Dự thảo chờ xác nhận: 15 ngày" in page
    assert 'class="day-holiday"' not in page
    assert admin.send(f"{PAGE}/confirm", {"year": "2028", "document": "TB 9/TB-BNV"}).status_code == 303
    assert engine.calendar.is_confirmed(2028)
    assert 'class="day-holiday"' in admin.read(f"{PAGE}?year=2028")


def test_the_switch_is_turned_on_the_page(admin: Person):
    turned = {"name": "vietnam_culture_day", "state": "on", "document": "Nghị quyết 28/2026/QH16", "year": "2026"}
    assert admin.send(f"{PAGE}/switches", turned).status_code == 303
    page = admin.read(f"{PAGE}?year=2026")
    assert "Đang bật" in page
    assert "249 ngày làm việc trong năm" in page


def test_a_leader_sees_the_own_unit_and_may_not_write_in_anothers(app: Flask):
    leader = Person(app, "thanh")
    page = leader.read(PAGE)
    assert "Lịch làm việc" in page
    assert "Lịch chung cả nước</option>" not in page
    assert leader.send(f"{PAGE}/days", DAY).status_code == 403


def test_others_find_no_door(app: Flask):
    assert Person(app, "lan").client.get(PAGE).status_code == 403
