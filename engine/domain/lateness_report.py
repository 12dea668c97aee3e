"""The reports on lateness: every missed appointment with its letter, and what each unit wrote, how soon, how often."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Protocol

from engine.domain.report import Definition, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.units import UnitTree


class Office(Protocol):
    """What a report needs to know of the installation."""

    @property
    def units(self) -> UnitTree:
        """The units."""
        ...

    def calendar_of(self, unit_id: int) -> WorkingCalendar:
        """The calendar that a unit keeps."""
        ...


@dataclass(frozen=True, slots=True)
class Missed:
    """One appointment that was missed, or of which a letter said in time that it would be (`found_at` None).

    `is_second`: it had been made anew before. `is_waiting`: an apology waits for its signature.
    """

    missed_due_at: datetime
    found_at: datetime | None
    code: str
    procedure_code: str
    procedure_name: str
    deciding_unit_id: int
    resolved_at: datetime | None
    ended_at: datetime | None
    number_text: str | None
    issued_at: datetime | None
    new_due_at: datetime | None
    delivered_at: datetime | None
    is_second: bool
    is_waiting: bool


_MISSED = Definition(
    "missed",
    "Lần hẹn bị lỡ có ngày hẹn nằm trong kỳ: đã qua giờ hẹn mà chưa xong, hoặc văn bản xin lỗi đã báo trước và hồ sơ"
    " không xong đúng ngày đó. Một hồ sơ có nhiều lần hẹn thì mỗi lần tính riêng.",
)
OVERDUE_COLUMNS = (
    *("unit", "procedure", "dossier", "missed_due_at", "lateness", "announced", "letter", "issued_at"),
    *("days_to_letter", "new_due_at", "resolved_at"),
)
OVERDUE_DEFINITIONS = (
    _MISSED,
    Definition("unit", "Cơ quan, đơn vị giải quyết hồ sơ."),
    Definition("missed_due_at", "Thời điểm hẹn bị lỡ."),
    Definition(
        "lateness",
        "1: lỡ lần hẹn theo thời hạn; 2: lại lỡ lần hẹn mới sau khi đã hẹn lại (chỉ được hẹn lại một lần, không có"
        " văn bản thứ hai, đã báo thủ trưởng đơn vị).",
    ),
    Definition(
        "announced", "Văn bản xin lỗi ban hành trước khi hết hạn (Nghị định 118/2025/NĐ-CP: chậm nhất 01 ngày)."
    ),
    Definition("letter", "Số của văn bản xin lỗi (Mẫu 04) về lần hẹn này; trống nếu chưa có."),
    Definition(
        "days_to_letter", "Số ngày làm việc từ thời điểm hẹn bị lỡ đến khi ban hành văn bản; 0 nếu ban hành trước hạn."
    ),
    Definition("new_due_at", "Thời điểm hẹn mới ghi trong văn bản."),
    Definition("resolved_at", "Thời điểm giải quyết xong; trống nếu chưa xong."),
)
APOLOGY_COLUMNS = (
    *("unit", "missed", "first_lateness", "second_lateness", "apologised", "announced", "without_letter"),
    *("waiting_signature", "undelivered", "apology_coverage", "median_days_to_letter"),
)
APOLOGY_DEFINITIONS = (
    Definition("unit", "Cơ quan, đơn vị giải quyết hồ sơ."),
    _MISSED,
    Definition("first_lateness", "Lỡ lần hẹn theo thời hạn: pháp luật yêu cầu văn bản xin lỗi và hẹn lại."),
    Definition("second_lateness", "Lại lỡ lần hẹn mới: không được hẹn lại nữa; từng hồ sơ liệt kê ở “beside”."),
    Definition("apologised", "Lần hẹn bị lỡ lần đầu đã có văn bản xin lỗi vào sổ."),
    Definition("announced", "Trong số đó, văn bản ban hành trước khi hết hạn."),
    Definition("without_letter", "Lần hẹn bị lỡ lần đầu chưa có văn bản xin lỗi."),
    Definition("waiting_signature", "Trong số chưa có văn bản, dự thảo đang nằm trên bàn lãnh đạo."),
    Definition("undelivered", "Văn bản đã ban hành nhưng chưa đến người nhận."),
    Definition(
        "apology_coverage",
        "Tỷ lệ lần hẹn bị lỡ lần đầu đã có văn bản xin lỗi (từ 0 đến 1; trống khi mẫu số bằng 0).",
        "lần hẹn bị lỡ lần đầu",
    ),
    Definition(
        "median_days_to_letter", "Trung vị số ngày làm việc từ khi lỡ hẹn đến khi ban hành.", "văn bản đã ban hành"
    ),
)


def overdue_report(office: Office, missed: Sequence[Missed], from_on: date, to_on: date) -> Report:
    """One row for each missed appointment, the earliest first."""
    rows = tuple(_overdue_row(office, each) for each in missed)
    return Report(
        name="overdue",
        title="Hồ sơ quá hạn",
        from_on=from_on,
        to_on=to_on,
        columns=OVERDUE_COLUMNS,
        rows=rows,
        totals={"missed": len(missed), **_figures(office, missed)},
        definitions=OVERDUE_DEFINITIONS,
    )


def apologies_report(office: Office, missed: Sequence[Missed], from_on: date, to_on: date) -> Report:
    """One row for each unit; what was missed a second time is listed beside."""
    groups: defaultdict[int, list[Missed]] = defaultdict(list)
    for each in missed:
        groups[each.deciding_unit_id].append(each)
    rows = []
    for unit_id, members in groups.items():
        unit = office.units.get(unit_id)
        rows.append({"unit": unit.name, "unit_code": unit.code, **_figures(office, members)})
    second = [_overdue_row(office, each) for each in missed if each.is_second]
    return Report(
        name="apologies",
        title="Văn bản xin lỗi và hẹn lại ngày trả kết quả",
        from_on=from_on,
        to_on=to_on,
        columns=APOLOGY_COLUMNS,
        rows=tuple(sorted(rows, key=lambda row: str(row["unit_code"]))),
        totals=_figures(office, missed),
        definitions=APOLOGY_DEFINITIONS,
        beside={"second_lateness": second} if second else {},
    )


def _overdue_row(office: Office, each: Missed) -> Mapping[str, object]:
    unit = office.units.get(each.deciding_unit_id)
    return {
        "unit": unit.name,
        "unit_code": unit.code,
        "procedure": each.procedure_name,
        "procedure_code": each.procedure_code,
        "dossier": each.code,
        "missed_due_at": each.missed_due_at,
        "lateness": 2 if each.is_second else 1,
        "announced": _is_announced(each),
        "letter": each.number_text,
        "issued_at": each.issued_at,
        "days_to_letter": _days_to_letter(office, each),
        "new_due_at": each.new_due_at,
        "resolved_at": each.resolved_at,
    }


def _figures(office: Office, missed: Sequence[Missed]) -> dict[str, object]:
    first = [each for each in missed if not each.is_second]
    written = [each for each in first if each.number_text]
    days = [found for each in written if (found := _days_to_letter(office, each)) is not None]
    return {
        "missed": len(missed),
        "first_lateness": len(first),
        "second_lateness": len(missed) - len(first),
        "apologised": len(written),
        "announced": sum(_is_announced(each) for each in written),
        "without_letter": len(first) - len(written),
        "waiting_signature": sum(each.is_waiting for each in first if not each.number_text),
        "undelivered": sum(each.delivered_at is None for each in written),
        "apology_coverage": round(len(written) / len(first), 4) if first else None,
        "median_days_to_letter": round(median(days), 2) if days else None,
    }


def _is_announced(each: Missed) -> bool:
    return each.issued_at is not None and each.issued_at <= each.missed_due_at


def _days_to_letter(office: Office, each: Missed) -> float | None:
    """The office days from the missed instant to the letter; None without one."""
    if each.issued_at is None:
        return None
    calendar = office.calendar_of(each.deciding_unit_id)
    late = calendar.office_time(each.missed_due_at, max(each.issued_at, each.missed_due_at))
    return round(late / calendar.hours.length, 2)
