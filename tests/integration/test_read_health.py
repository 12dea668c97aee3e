from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from engine.domain.errors import CannotRun
from engine.domain.health import Check
from engine.effects.calendars import Calendars
from engine.persistence.base import table_of
from engine.persistence.models import OutboxEntry
from engine.services.health import Doctor
from tests.support.read_office import ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


class EmptyBook:
    """A database in which nobody has entered a calendar."""

    @contextmanager
    def read(self) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(calendars=SimpleNamespace(facts=list, kept=set, last_id_and_units=lambda: (0, (0, 0))))


def nothing_wrong() -> None:
    """A part that works."""


def look(office: ReadOffice, at: datetime, **parts: Callable[[], object]) -> dict[str, Check]:
    engine = office.engine
    given = {
        "calendars": lambda: engine.calendars,
        "check_schema": engine.check_database,
        "check_fonts": nothing_wrong,
        **parts,
    }
    health = Doctor(engine.uow, engine.settings, **given).look(at)  # type: ignore[arg-type]
    assert health.ok == all(check.ok for check in health.checks)
    return {check.name: check for check in health.checks}


def test_an_office_at_work_is_well(office: ReadOffice) -> None:
    office.engine.overdue.sweep(on(3, 2, 9))
    checks = look(office, on(3, 2, 9, 1))
    assert [check for check in checks.values() if not check.ok] == []
    assert "15 tài khoản" in checks["Cơ sở dữ liệu"].detail
    assert checks["Lịch làm việc"].detail.endswith("(năm 2027 là dự kiến, chưa có văn bản chính thức)")


def test_a_scheduler_that_never_ran_or_stopped_is_told(office: ReadOffice) -> None:
    assert not look(office, on(3, 2, 9))["Bộ hẹn giờ"].ok
    office.engine.overdue.sweep(on(3, 2, 9))
    assert look(office, on(3, 2, 9, 5))["Bộ hẹn giờ"].ok
    stopped = look(office, on(3, 2, 9, 6))["Bộ hẹn giờ"]
    assert (stopped.ok, "09:00 02/03/2026" in stopped.detail) == (False, True)


def test_letters_that_wait_too_long_or_were_given_up_are_told(office: ReadOffice) -> None:
    office.receive(at=on(3, 2))
    assert look(office, on(3, 2, 9, 15))["Văn bản chờ tạo"].ok
    assert not look(office, on(3, 2, 9, 16))["Văn bản chờ tạo"].ok
    with office.engine.uow.write() as tx:
        tx.connection.execute(update(table_of(OutboxEntry)).values(given_up_at=on(3, 2, 10)))
    checks = look(office, on(3, 2, 11))
    assert checks["Văn bản chờ tạo"].ok
    assert checks["Văn bản không tạo được"].detail.startswith("1 văn bản")


def test_a_year_without_holidays_is_told(office: ReadOffice) -> None:
    source = replace(office.engine.calendar_source, years={2026: "confirmed"}, days=())
    empty = Calendars(EmptyBook(), source, lambda: office.engine.units, look_every_seconds=0)  # type: ignore[arg-type]
    check = look(office, on(3, 2), calendars=lambda: empty)["Lịch làm việc"]
    assert (check.ok, "2027" in check.detail) == (False, True)
    # the last evening of the year at the counter still belongs to it
    assert look(office, on(12, 31, 23, 30))["Lịch làm việc"].ok


def test_one_broken_part_hides_no_other(office: ReadOffice) -> None:
    def broken() -> None:
        raise CannotRun(detail="thiếu phông chữ")

    office.engine.overdue.sweep(on(3, 2, 9))
    checks = look(office, on(3, 2, 9), check_fonts=broken, check_schema=broken)
    assert {name for name, check in checks.items() if not check.ok} == {
        "Phông chữ của văn bản",
        "Phiên bản cơ sở dữ liệu",
    }
    assert "thiếu phông chữ" in checks["Phông chữ của văn bản"].detail


def test_a_database_that_cannot_be_reached_is_told_not_run_into(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("away")
    with read_office(f"sqlite:///{folder}") as office:
        checks = look(office, on(3, 2))
    assert not checks["Cơ sở dữ liệu"].ok
    assert not checks["Lịch làm việc"].ok  # the office has entered it: without its book nobody knows
    assert checks["Phông chữ của văn bản"].ok
