"""`motcua what-if` and `motcua reproject`: what a change would do, and doing it, at the command line."""

from __future__ import annotations

from datetime import date

from engine.domain.calendar import DayKind, SpecialDay
from tests.builders import Office
from tests.support.command import Ran, motcua


def run(office: Office, *words: str) -> Ran:
    return motcua(*words, database_url=office.engine.settings.database_url)


def test_what_is_foreseen_is_what_reproject_then_does(office: Office):
    codes = [office.receive() for _ in range(2)]
    asked = ("what-if", "day", "2026-03-04", "--by", "admin")
    foreseen = run(office, *asked, "--json").json
    assert (foreseen["moved"], foreseen["late"], foreseen["cleared"], foreseen["looked_at"]) == (2, 0, 0, 2)
    assert sorted(line["code"] for line in foreseen["dossiers"]) == sorted(codes)
    assert foreseen["dossiers"][0]["due_after"] == "2026-03-06T17:00:00+07:00"
    assert "2 ngày hẹn thay đổi" in run(office, *asked).out
    day = SpecialDay(date(2026, 3, 4), DayKind.HOLIDAY, "Quốc tang", "Công điện 3")
    office.engine.calendar_books.enter_day(office.person("admin"), "", day, at=office.now)
    done = run(office, "reproject", "--json").json
    assert (done["done"], done["moved"], done["failed"], done["waiting"]) == (2, 2, 0, 0)
    assert "đã tính lại 0 hồ sơ" in run(office, "reproject").out


def test_every_kind_of_change_can_be_asked_about_and_who_may_not_is_refused(office: Office):
    office.receive()
    absence = ("what-if", "absence", "BS-CNAP", "2026-03-04", "2026-03-05")
    assert run(office, *absence, "--by", "giam", "--json").json["moved"] == 1
    assert run(office, *absence, "--by", "lan").code == 2
    part = run(
        office, "what-if", "day", "2026-03-05", "--kind", "local_closure", "--closed", "13:00-17:00", "--by", "admin"
    )
    assert part.code == 0
    assert run(office, "what-if", "switch", "vietnam_culture_day", "on", "--by", "admin", "--json").json["moved"] == 0
    number = next(fact.id for fact in office.engine.calendars.book.facts if fact.data.get("on") == "2026-04-30")
    assert run(office, "what-if", "cancel", str(number), "--by", "admin", "--json").json["moved"] == 0
    assert "không phải một ngày" in run(office, "what-if", "day", "mai", "--by", "admin").complaint
