"""A due date in words: how it came about, in plain Vietnamese, each step with the law or the document behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

from engine.domain.calendar import WEEKDAY_NAMES
from engine.domain.limits import LimitUnit
from engine.domain.procedure_text import starts_on_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.domain.clock_entries import LimitChanged, Redated
    from engine.domain.clock_ledger import PhaseView
    from engine.domain.deadline import DueDate, PauseTaken, Postponement
    from engine.domain.limits import ClockPause

HOURS_START_AT_ONCE = "Khoản 1 Điều 147 Bộ luật Dân sự 2015"
DAY_OF_EVENT_NOT_COUNTED = "Khoản 3 Điều 147 Bộ luật Dân sự 2015"
LAST_DAY_OFF_ROLLS = "Khoản 5 Điều 148 Bộ luật Dân sự 2015"
_PHASES = "Thời hạn từng lần hẹn đã công bố của thủ tục"
_NO_DOCUMENT = "Ghi nhận trong sổ theo dõi, không có số văn bản"
_DAY = timedelta(days=1)


class _Decree(NamedTuple):
    """The one-stop rules in force from a day on: what to cite for the start of the clock, for 15:00, for form 04."""

    in_force_from: date
    on_the_start: str
    on_the_cutoff: str
    form_04: str


_NOW = "Nghị định 118/2025/NĐ-CP (sửa đổi bởi Nghị định 309/2026/NĐ-CP)"
_2025 = "Nghị định 118/2025/NĐ-CP"
_2018 = "Nghị định 61/2018/NĐ-CP"
_EARLIER = "Quy định của thủ tục"
_EXTENSION = "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết (mẫu số 04)"
_RE_APPOINTMENT = "Phiếu xin lỗi và hẹn lại ngày trả kết quả (mẫu số 04)"
_ONE_STOP_DECREES = (
    _Decree(date(2026, 8, 5), f"Khoản 3 Điều 17 {_NOW}", f"Khoản 2 Điều 18 {_NOW}", _EXTENSION),
    _Decree(date(2025, 7, 1), f"Điều 17 {_2025}", f"Điều 18 {_2025}", _EXTENSION),
    _Decree(date(2018, 6, 21), _2018, _2018, _RE_APPOINTMENT),
    _Decree(date.min, _EARLIER, _EARLIER, _RE_APPOINTMENT),
)


@dataclass(frozen=True)
class ExplanationLine:
    """One step of a derivation: the instant it is about, what happens there, and the document that says so."""

    at: datetime
    what: str
    source: str


def say_day(day: date) -> str:
    """``thứ Hai, 23/02/2026``."""
    return f"{WEEKDAY_NAMES[day.weekday()]}, {day:%d/%m/%Y}"


def say_instant(at: datetime) -> str:
    """``17:00 thứ Hai, 23/02/2026``."""
    return f"{at:%H:%M} {say_day(at)}"


def say_office_time(amount: timedelta) -> str:
    """``26 giờ 30 phút làm việc``; seconds only where there are any."""
    minutes, seconds = divmod(round(amount.total_seconds()), 60)
    parts = ((minutes // 60, "giờ"), (minutes % 60, "phút"), (seconds, "giây"))
    return " ".join([*(f"{number} {unit}" for number, unit in parts if number), "làm việc"])


def explain(due: DueDate) -> tuple[ExplanationLine, ...]:
    """The whole derivation of `due`, in the order of time; the result comes last."""
    steps = [*_start(due), *_days_crossed(due), *pause_lines(due.pauses)]
    steps.sort(key=lambda line: line.at)
    return (*steps, *_result(due), *_forecast(due))


def explain_postponement(promise: Postponement) -> tuple[ExplanationLine, ...]:
    """What the pauses did to a date that was promised; nothing when there were none."""
    lines = list(pause_lines(promise.pauses))
    if promise.due_at and promise.due_at != promise.promised_at:
        what = f"Hẹn trả kết quả: {say_instant(promise.due_at)}, lùi theo thời gian tạm dừng."
        lines.append(ExplanationLine(promise.due_at, what, lines[-1].source))
    return tuple(lines)


def explain_phase(phase: PhaseView) -> tuple[ExplanationLine, ...]:
    """The derivation of the date of one phase of a ledger: restart, join, limit or agreed date, extension."""
    record, lines = phase.record, []
    if record.starts_on != "receipt":
        what = f"Lần hẹn này tính {starts_on_text(record.starts_on)}."
        lines.append(ExplanationLine(record.started_at, what, _PHASES))
    if record.counts_from != record.started_at:
        what = f"Thời hạn tính lại từ đầu, từ {_local(record.counts_from, phase)}."
        lines.append(ExplanationLine(record.counts_from, what, "Quy định của thủ tục khi hồ sơ được bổ sung đầy đủ"))
    if record.joined:
        what = f"Không phát sinh nghĩa vụ tài chính nên các lần hẹn gộp làm một: {record.limit.label}."
        lines.append(ExplanationLine(record.counts_from, what, _PHASES))
    if record.agreed_due_at:
        what = f"Ngày hẹn trả kết quả thỏa thuận khi tiếp nhận: {_local(record.agreed_due_at, phase)}."
        lines.append(ExplanationLine(record.started_at, what, "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"))
    lines += [_limit_changed(entry) for entry in record.limit_changes]
    lines += phase.basis.explanation
    if record.extension and phase.extended:
        what = (
            f"Hẹn lại đến {_local(record.extension.new_due_at, phase)}; lý do: {record.extension.reason.rstrip('.')}."
        )
        lines.append(ExplanationLine(record.extension.at, what, _decree_on(record.extension.at.date()).form_04))
        lines += phase.extended.explanation
    return tuple(lines)


def _limit_changed(entry: LimitChanged) -> ExplanationLine:
    what = f"Hồ sơ chuyển sang phiên bản khác của thủ tục; thời hạn từ đây là {entry.limit.label}, tính từ ngày cũ."
    return ExplanationLine(entry.at, what, entry.document)


def explain_redated(entries: Iterable[Redated], zone: tzinfo) -> tuple[ExplanationLine, ...]:
    """Of what was recorded late, from when it counts: one line for each instant that was approved."""
    lines: dict[tuple[datetime, datetime], ExplanationLine] = {}
    for entry in entries:
        done, approved = entry.done_at.astimezone(zone), entry.at.astimezone(zone)
        what = f"Việc ghi nhận muộn được tính từ lúc đã làm xong: {say_instant(done)} (duyệt {approved:%d/%m/%Y})."
        lines[done, approved] = ExplanationLine(done, what, entry.document or _NO_DOCUMENT)
    return tuple(lines.values())


def _local(at: datetime, phase: PhaseView) -> str:
    return say_instant(at.astimezone(phase.first_due_at.tzinfo))


def pause_lines(pauses: Iterable[PauseTaken]) -> Iterator[ExplanationLine]:
    """What each pause took out of the count."""
    for taken in pauses:
        pause = taken.pause
        source = pause.document or _NO_DOCUMENT
        if pause.until_at is None:
            yield ExplanationLine(pause.from_at, f"Tạm dừng tính thời gian từ {_stretch(pause)}.", source)
            continue
        lost = f"{taken.days} ngày" if taken.days else say_office_time(taken.office_time)
        effect = f"không tính {lost}" if taken.is_felt else "không rơi vào thời gian đang tính nên hạn không đổi"
        yield ExplanationLine(pause.from_at, f"Tạm dừng từ {_stretch(pause)}: {effect}.", source)


def _stretch(pause: ClockPause) -> str:
    until = f" đến {say_instant(pause.until_at)}" if pause.until_at else ""
    ground = f" ({pause.ground_label})" if pause.ground else ""
    return f"{say_instant(pause.from_at)}{until}{ground}"


def _decree_on(day: date) -> _Decree:
    return next(decree for decree in _ONE_STOP_DECREES if day >= decree.in_force_from)


def _start(due: DueDate) -> Iterator[ExplanationLine]:
    event, begins = due.starts_at, due.counts_from
    decree = _decree_on(event.date())
    yield ExplanationLine(event, f"Thời hạn {due.limit.label}, tính từ {say_instant(event)}.", decree.on_the_start)
    match due.limit.unit:
        case LimitUnit.WORKING_HOURS:
            moment = "thời điểm bắt đầu" if begins == event else f"giờ làm việc tiếp theo: {say_instant(begins)}"
            what, source = f"Thời hạn theo giờ tính ngay từ {moment}.", HOURS_START_AT_ONCE
        case LimitUnit.SAME_DAY if begins.date() == event.date():
            what, source = "Đến trước giờ chốt: trả kết quả ngay trong ngày.", decree.on_the_cutoff
        case LimitUnit.SAME_DAY:
            after = "Đến sau giờ chốt hoặc ngoài ngày làm việc: trả kết quả trong ngày làm việc tiếp theo"
            what, source = f"{after}, {say_day(begins)}.", decree.on_the_cutoff
        case _:
            what = f"Không tính ngày bắt đầu ({event:%d/%m/%Y}); ngày đầu tiên được tính là {say_day(begins)}."
            source = DAY_OF_EVENT_NOT_COUNTED
    yield ExplanationLine(event, what, source)


def _days_crossed(due: DueDate) -> Iterator[ExplanationLine]:
    """Each holiday, compensation and swapped day on the way to the due date; days of weekly rest in one line."""
    if due.due_at is None or due.ends_at is None:
        return
    calendar = due.calendar
    # Calendar days count holidays too: only those that the last day had to step over matter.
    first = due.ends_at.date() if due.limit.unit is LimitUnit.CALENDAR_DAYS else due.starts_at.date() + _DAY
    days = [first + count * _DAY for count in range((due.due_at.date() - first).days + 1)]
    for special in filter(None, map(calendar.special_day, days)):
        at, named = calendar.at(special.on, time.min), f"{special.kind.label}: {special.name}"
        if special.closed:
            part = f"Không tính {special.parts} của {say_day(special.on)} ({named})."
            yield ExplanationLine(at, part, special.source)
        elif special.kind.is_working:
            yield ExplanationLine(at, f"Có tính {say_day(special.on)} ({named}).", special.source)
        elif calendar.period_on(special.on).week[special.on.weekday()]:
            yield ExplanationLine(at, f"Không tính {say_day(special.on)} ({named}).", special.source)
    resting = [day for day in days if not calendar.period_on(day).week[day.weekday()]]
    rests = [day for day in resting if not calendar.is_working_day(day)]
    if rests:
        what = f"Không tính {len(rests)} ngày nghỉ hằng tuần từ {rests[0]:%d/%m/%Y} đến {rests[-1]:%d/%m/%Y}."
        yield ExplanationLine(calendar.at(rests[0], time.min), what, calendar.weekly_rest_source)


def _result(due: DueDate) -> Iterator[ExplanationLine]:
    if due.due_at is None or due.ends_at is None:
        opened = next(taken.pause for taken in due.pauses if taken.pause.until_at is None)
        what = "Đang tạm dừng nên chưa có ngày hẹn trả; ngày hẹn được tính khi thời hạn chạy tiếp."
        yield ExplanationLine(opened.from_at, what, opened.document or _NO_DOCUMENT)
        return
    hours = f"Giờ làm việc của cơ quan: {due.calendar.hours_on(due.due_at.date())}"
    ended, what = due.ends_at.date(), f"Hẹn trả kết quả: {say_instant(due.due_at)}"
    if due.limit.unit is LimitUnit.WORKING_HOURS:
        yield ExplanationLine(due.due_at, f"{what}, khi đủ {due.limit.label}.", hours)
        return
    if ended != due.due_at.date():
        rolled = f"Ngày cuối cùng ({say_day(ended)}) là ngày nghỉ nên hạn chuyển sang ngày làm việc tiếp theo."
        yield ExplanationLine(due.due_at, rolled, LAST_DAY_OFF_ROLLS)
    yield ExplanationLine(due.due_at, f"{what}, cuối giờ làm việc của ngày hết hạn.", hours)


def _forecast(due: DueDate) -> Iterator[ExplanationLine]:
    """A word of warning for each year on the way whose days off are not official."""
    last = due.due_at or due.starts_at
    for year in range(due.starts_at.year, last.year + 1):
        if not due.calendar.is_confirmed(year):
            what = f"Lịch nghỉ năm {year} chưa có văn bản chính thức; ngày hẹn có thể được tính lại."
            yield ExplanationLine(last, what, due.calendar.name or "Lịch làm việc của cơ quan")
