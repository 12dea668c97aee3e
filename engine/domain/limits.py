"""What a limit is, and what a pause is: the values that deadlines are computed from, checked when they are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.grounds import Holder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar


class BadLimit(BadInput):
    """Thời hạn “{limit}” không dùng được; hãy ghi một số lớn hơn 0 và không quá {longest}."""

    code = "bad_limit"


class LimitWithoutAmount(BadInput):
    """Thời hạn “{unit}” không đi với con số {amount}; hãy bỏ con số hoặc đổi đơn vị."""

    code = "limit_without_amount"


class LimitsDoNotAdd(BadInput):
    """Không cộng được thời hạn {first} với {second} vì khác đơn vị; hãy dùng cùng một đơn vị."""

    code = "limits_do_not_add"


class AgreedDateNeeded(BadInput):
    """Thủ tục này trả kết quả theo ngày đã thỏa thuận; hãy nhập ngày hẹn trả kết quả."""

    code = "agreed_date_needed"


class PauseBeforeStart(BadInput):
    """Lần tạm dừng lúc {from_at:%H:%M %d/%m/%Y} bắt đầu trước khi thời hạn bắt đầu ({starts_at:%H:%M %d/%m/%Y})."""

    code = "pause_before_start"


class PauseEndsBeforeItBegins(BadInput):
    """Lần tạm dừng bắt đầu {from_at:%H:%M %d/%m/%Y} lại kết thúc trước đó ({until_at:%H:%M %d/%m/%Y})."""

    code = "pause_ends_before_it_begins"


class PausesOverlap(BadInput):
    """Lần tạm dừng lúc {second:%H:%M %d/%m/%Y} bắt đầu khi lần dừng lúc {first:%H:%M %d/%m/%Y} chưa kết thúc."""

    code = "pauses_overlap"


class LimitUnit(StrEnum):
    """What a limit counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"
    SAME_DAY = "same_day"
    AGREED = "agreed"

    @property
    def label(self) -> str:
        return _UNIT_LABELS[self]

    @property
    def has_amount(self) -> bool:
        return self in _LONGEST


_UNIT_LABELS = {
    LimitUnit.WORKING_DAYS: "ngày làm việc",
    LimitUnit.CALENDAR_DAYS: "ngày",
    LimitUnit.WORKING_HOURS: "giờ làm việc",
    LimitUnit.SAME_DAY: "trong ngày làm việc",
    LimitUnit.AGREED: "theo ngày hẹn đã thỏa thuận",
}
# Ten years: longer than any procedure, short enough to catch a slip of the pen.
_LONGEST = {LimitUnit.WORKING_DAYS: 2500, LimitUnit.CALENDAR_DAYS: 3650, LimitUnit.WORKING_HOURS: 20000}


@dataclass(frozen=True)
class ProcessingTime:
    """A limit (thời hạn giải quyết): so many of a unit. Quarter days are real; same_day and agreed have amount 0.

    Raises `BadLimit` for an amount that is not positive or absurdly long, `LimitWithoutAmount`.
    """

    amount: Decimal
    unit: LimitUnit

    def __post_init__(self) -> None:
        if not self.unit.has_amount:
            if self.amount:
                raise LimitWithoutAmount(unit=self.unit.label, amount=self.amount)
        elif not self.amount.is_finite() or not 0 < self.amount <= _LONGEST[self.unit]:
            raise BadLimit(limit=self, longest=f"{_LONGEST[self.unit]} {self.unit.label}")

    @classmethod
    def same_day(cls) -> ProcessingTime:
        return cls(Decimal(0), LimitUnit.SAME_DAY)

    @classmethod
    def agreed(cls) -> ProcessingTime:
        return cls(Decimal(0), LimitUnit.AGREED)

    @property
    def label(self) -> str:
        """The limit as it is printed: ``2,5 ngày làm việc``, ``trong ngày làm việc``."""
        if not self.unit.has_amount:
            return self.unit.label
        plain = f"{self.amount:f}"
        digits = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return f"{digits.replace('.', ',')} {self.unit.label}"

    def __add__(self, other: ProcessingTime) -> ProcessingTime:
        """Two limits of one unit as one budget; raises `LimitsDoNotAdd`."""
        if self.unit is not other.unit:
            raise LimitsDoNotAdd(first=self.label, second=other.label)
        return ProcessingTime(self.amount + other.amount, self.unit)

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class ClockPause:
    """A stretch [from_at, until_at) in which a clock stands still (tạm dừng tính); open while `until_at` is None.

    `charged_to`: whose time it is, as the ground said when the pause began.
    """

    from_at: datetime
    until_at: datetime | None = None
    ground: str = ""
    document: str = ""
    ground_name: str = ""
    charged_to: Holder = Holder.APPLICANT

    @property
    def ground_label(self) -> str:
        """The ground of this pause in words."""
        return self.ground_name or self.ground


def in_order(pauses: Iterable[ClockPause], starts_at: datetime, calendar: WorkingCalendar) -> tuple[ClockPause, ...]:
    """Put pauses in order and in the zone of `calendar`, and make sure that they fit on one clock.

    Raises `PauseBeforeStart`, `PauseEndsBeforeItBegins`, `PausesOverlap`, `NaiveInstant`.
    """
    local = calendar.local
    ordered = sorted(
        (
            replace(pause, from_at=local(pause.from_at), until_at=pause.until_at and local(pause.until_at))
            for pause in pauses
        ),
        key=lambda pause: (pause.from_at, pause.until_at is None, pause.until_at or pause.from_at),
    )
    for pause in ordered:
        if pause.from_at < starts_at:
            raise PauseBeforeStart(from_at=pause.from_at, starts_at=starts_at)
        if pause.until_at is not None and pause.until_at < pause.from_at:
            raise PauseEndsBeforeItBegins(from_at=pause.from_at, until_at=pause.until_at)
    for first, second in pairwise(ordered):
        if first.until_at is None or second.from_at < first.until_at:
            raise PausesOverlap(first=first.from_at, second=second.from_at)
    return tuple(ordered)
