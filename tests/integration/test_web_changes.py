"""Before a calendar is changed, and after: the pages of the look ahead, of an absence, of the progress."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

import engine.services.what_if as service
from engine.bootstrap import Engine
from tests.support.web import Person

PAGE = "/admin/calendar"
DAY = {
    "form": "day",
    "unit": "",
    "year": "2026",
    "on": "2026-11-25",
    "kind": "holiday",
    "name": "Quốc tang",
    "document": "Công điện 3/CĐ-TTg",
    "issued_on": "2026-11-19",
}
ABSENCE = {
    "act": "absence",
    "unit": "BS-CNAP",
    "first": "2026-11-25",
    "last": "2026-11-27",
    "reason": "Bão số 3",
    "document": "Thông báo 5/TB",
}


@pytest.fixture
def admin(app: Flask) -> Person:
    return Person(app, "admin")


@pytest.fixture
def supervisor(app: Flask) -> Person:
    return Person(app, "giam")


def looked_at(person: Person, form: dict[str, str], act: str = "day") -> str:
    answer = person.send(f"{PAGE}/what-if?act={act}", form)
    assert answer.status_code == 303
    return str(answer.location)


def moved_in(page: str) -> int:
    (found,) = re.findall(r"Thay đổi này làm ([\d.]+) ngày hẹn thay đổi", page)
    return int(found)


def test_a_look_says_what_would_move_and_enters_nothing(admin: Person, engine: Engine):
    number = engine.calendars.book.number
    page = admin.read(looked_at(admin, DAY))
    assert moved_in(page) > 0
    assert "ngày 25/11/2026 nghỉ lễ, tết: Quốc tang (Công điện 3/CĐ-TTg)" in page
    assert engine.calendars.book.number == number


def test_what_was_looked_at_is_entered_with_one_press_and_its_progress_is_shown(admin: Person, engine: Engine):
    engine.reprojection.run(engine.clock.now())
    where = looked_at(admin, DAY)
    foreseen = moved_in(admin.read(where))
    answer = admin.send(f"{where}/enter", {})
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/reprojection")
    assert "hồ sơ chờ tính lại" in admin.read(f"{PAGE}/reprojection")
    run = engine.reprojection.run(engine.clock.now())
    assert run.moved == foreseen
    page = admin.read(f"{PAGE}/reprojection")
    assert "Mọi ngày hẹn đều theo lịch đang dùng" in page
    assert f"{run.done} / {run.total}" in page
    assert "Lịch đã thay đổi sau khi tính thử" in admin.read(where)
    assert admin.send(f"{where}/enter", {}).location == where
    assert "Ngày 25/11/2026 đã có" in admin.read(where), "what cannot be entered twice is said, not swallowed"


def test_the_list_comes_as_a_file_for_a_spreadsheet(admin: Person):
    where = looked_at(admin, DAY)
    answer = admin.client.get(f"{where}.csv")
    head, *rows = answer.get_data(as_text=True).removeprefix("\ufeff").strip().splitlines()
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert head.startswith("Mã hồ sơ,Thủ tục")
    assert len(rows) == moved_in(admin.read(where))
    assert all("Quốc tang" in row for row in rows)


def test_the_citizen_reads_why_the_date_moved(admin: Person, app: Flask, engine: Engine):
    admin.send(f"{looked_at(admin, DAY)}/enter", {})
    engine.reprojection.run(engine.clock.now())
    with engine.uow.read() as tx:
        query = "SELECT receipt_token FROM dossiers d JOIN audit_events e ON e.dossier_id = d.id WHERE e.kind = :kind"
        token = tx.connection.execute(text(query), {"kind": "due_date_moved"}).first()
    assert token is not None
    page = app.test_client().get(f"/tra-cuu/{token[0]}", follow_redirects=True).get_data(as_text=True)
    assert "Ngày hẹn đã chuyển từ" in page
    assert "vì ngày 25/11/2026 nghỉ lễ, tết: Quốc tang (Công điện 3/CĐ-TTg)" in page


def test_a_long_look_goes_on_in_the_background_and_the_page_comes_again_by_itself(
    admin: Person, engine: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "AT_ONCE", 0)
    where = looked_at(admin, DAY)
    page = admin.read(where)
    assert '<meta http-equiv="refresh"' in page
    assert "Đang tính thử: 0 trên" in page
    engine.what_if.run(engine.clock.now())
    assert moved_in(admin.read(where)) > 0


def test_what_was_mistyped_is_said_and_stays(admin: Person):
    answer = admin.send(f"{PAGE}/what-if?act=day", {**DAY, "on": "ngày kia"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "hãy nhập một ngày" in page
    assert "Quốc tang" in page


def test_a_supervisor_announces_an_absence_after_a_look(supervisor: Person, engine: Engine):
    assert "Báo đóng cửa" in supervisor.read("/oversight")
    assert "BS-CNAP" in supervisor.read(f"{PAGE}/absence")
    where = looked_at(supervisor, ABSENCE, "absence")
    assert "Bão số 3" in supervisor.read(where)
    supervisor.send(f"{where}/enter", {})
    unit = engine.units.by_code("BS-CNAP").id
    assert [each.day.on for each in engine.calendars.book.days(unit)] == [date(2026, 11, day) for day in (25, 26, 27)]
    refused = supervisor.send(f"{PAGE}/absence", {**ABSENCE, "last": "2026-11-01"})
    assert refused.status_code == 422
    assert "ngày cuối không trước ngày đầu" in refused.get_data(as_text=True)


def test_a_clerk_sees_none_of_it(app: Flask):
    clerk = Person(app, "lan")
    for page in ("absence", "reprojection", "what-if/1"):
        assert clerk.client.get(f"{PAGE}/{page}").status_code in {403, 404}
    assert clerk.send(f"{PAGE}/what-if?act=day", DAY).status_code in {403, 404}
