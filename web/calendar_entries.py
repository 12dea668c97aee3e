"""The forms of the calendar as entries: what was typed, and how it is entered, for a look ahead and for the deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _

from engine.domain.errors import BadInput, NotFound
from engine.domain.office_hours import OfficeHours
from engine.domain.people import Actor
from engine.domain.special_days import DayKind, SpecialDay
from engine.services.calendars import CalendarBooks, Source

Form = Mapping[str, str]


class BadField(BadInput):
    """{detail}."""

    code = "bad_calendar_field"


@dataclass(frozen=True)
class Entry:
    """One entry that was typed: a title for people, what enters it, and what is said when it is done."""

    title: str
    enter: Callable[[CalendarBooks, Actor, datetime], object]
    done: str


def entry_of(act: str, form: Form) -> Entry:
    """Read a form. Raises `BadField` for what was mistyped, `NotFound` for an act that there is not."""
    if act not in _ACTS:
        raise NotFound(what=f"việc “{act}”")
    return _ACTS[act](form)


def _day(form: Form) -> Entry:
    try:
        kind = DayKind(form.get("kind", ""))
    except ValueError:
        raise BadField(detail=_("hãy chọn loại ngày")) from None
    source = _source(form)
    day = SpecialDay(
        on=_date(form, "on", _("ngày")),
        kind=kind,
        name=form.get("name", "").strip(),
        source=source.document,
        issued_on=source.issued_on,
        mark="R",
        closed=_closed(form),
    )
    return Entry(
        f"{day.on:%d/%m/%Y}, {kind.label}: {day.name}",
        lambda books, who, at: books.enter_day(who, form.get("unit", ""), day, at=at),
        _("Đã ghi ngày vào lịch."),
    )


def _hours(form: Form) -> Entry:
    week = tuple(
        OfficeHours.parse(typed) if (typed := form.get(f"week-{weekday}", "").strip()) else None for weekday in range(7)
    )
    from_on, source = _date(form, "from_on", _("ngày bắt đầu áp dụng")), _source(form)
    return Entry(
        _("Giờ làm việc từ %(day)s", day=f"{from_on:%d/%m/%Y}"),
        lambda books, who, at: books.enter_hours(who, form.get("unit", ""), from_on, week, source, at=at),
        _("Đã ghi giờ làm việc."),
    )


def _switch(form: Form) -> Entry:
    name, turned_on, source = form.get("name", ""), form.get("state") == "on", _source(form)
    return Entry(
        _("Bật công tắc lịch") if turned_on else _("Tắt công tắc lịch"),
        lambda books, who, at: books.turn_switch(who, name, source, on=turned_on, at=at),
        _("Đã ghi công tắc."),
    )


def _cancel(form: Form) -> Entry:
    number, source = _number(form), _source(form)
    return Entry(
        _("Hủy mục lịch số %(number)s", number=number),
        lambda books, who, at: books.cancel(who, number, source, at=at),
        _("Đã hủy; mục cũ vẫn còn trong nhật ký."),
    )


def _confirm_day(form: Form) -> Entry:
    number, source = _number(form), _source(form)
    return Entry(
        _("Xác nhận ngày dự thảo số %(number)s", number=number),
        lambda books, who, at: books.confirm_day(who, number, source, at=at),
        _("Đã xác nhận ngày."),
    )


def _confirm_year(form: Form) -> Entry:
    source, year = _source(form), form.get("year", "")
    if not year.isdecimal():
        raise BadField(detail=_("hãy nhập năm"))
    return Entry(
        _("Xác nhận lịch năm %(year)s", year=year),
        lambda books, who, at: books.confirm_year(who, int(year), source, at=at),
        _("Đã xác nhận cả năm."),
    )


def _absence(form: Form) -> Entry:
    first, last = _date(form, "first", _("từ ngày")), _date(form, "last", _("đến hết ngày"))
    unit, reason, source = form.get("unit", ""), form.get("reason", ""), _source(form)
    return Entry(
        _(
            "Đóng cửa %(first)s – %(last)s: %(reason)s",
            first=f"{first:%d/%m/%Y}",
            last=f"{last:%d/%m/%Y}",
            reason=reason,
        ),
        lambda books, who, at: books.announce_absence(who, unit, first, last, reason, source, at=at),
        _("Đã ghi đơn vị đóng cửa."),
    )


_ACTS: Mapping[str, Callable[[Form], Entry]] = {
    "day": _day,
    "hours": _hours,
    "switch": _switch,
    "cancel": _cancel,
    "confirm_day": _confirm_day,
    "confirm_year": _confirm_year,
    "absence": _absence,
}


def _number(form: Form) -> int:
    number = form.get("entry", "")
    if not number.isdecimal():
        raise NotFound(what="mục lịch này")
    return int(number)


def _source(form: Form) -> Source:
    issued = _date(form, "issued_on", _("ngày ban hành")) if form.get("issued_on", "").strip() else None
    return Source(form.get("document", "").strip(), issued)


def _closed(form: Form) -> tuple[tuple[time, time], ...]:
    first, last = (form.get(name, "").strip() for name in ("closed_from", "closed_until"))
    if not first and not last:
        return ()
    try:
        return ((time.fromisoformat(first), time.fromisoformat(last)),)
    except ValueError:
        raise BadField(detail=_("giờ đóng cửa: hãy ghi đủ từ và đến, ví dụ 13:00 và 17:00")) from None


def _date(form: Form, name: str, what: str) -> date:
    try:
        return date.fromisoformat(form.get(name, "").strip())
    except ValueError:
        raise BadField(detail=_("%(what)s: hãy nhập một ngày, ví dụ 2026-11-24", what=what)) from None
