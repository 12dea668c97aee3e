"""Days that are not what their weekday says, and why an office does not work on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class DayKind(StrEnum):
    """Why a day is special."""

    HOLIDAY = "holiday"
    COMPENSATION = "compensation"
    SWAPPED_OFF = "swapped_off"
    SWAPPED_ON = "swapped_on"
    LOCAL_CLOSURE = "local_closure"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]

    @property
    def is_working(self) -> bool:
        return self is DayKind.SWAPPED_ON


_KIND_LABELS = {
    DayKind.HOLIDAY: "ngày nghỉ lễ, tết",
    DayKind.COMPENSATION: "ngày nghỉ bù",
    DayKind.SWAPPED_OFF: "ngày nghỉ hoán đổi",
    DayKind.SWAPPED_ON: "ngày làm bù",
    DayKind.LOCAL_CLOSURE: "đơn vị đóng cửa",
}


@dataclass(frozen=True, order=True)
class SpecialDay:
    """A day that is not what its weekday says, with the document that makes it so.

    `mark` tells how the fact was found: R read in its source, M recalled (check it), D derived. `closed` are parts of
    the day, local times from and until: with them only these hours are lost, without them the day is off (or, when it
    is swapped on, worked) as a whole.
    """

    on: date
    kind: DayKind
    name: str
    source: str
    issued_on: date | None = None
    mark: str = ""
    closed: tuple[tuple[time, time], ...] = ()

    @property
    def is_off(self) -> bool:
        """Whether the whole day is off."""
        return not (self.kind.is_working or self.closed)

    @property
    def parts(self) -> str:
        """The closed parts in words: ``13:00–17:00``; empty for a whole day."""
        return ", ".join(f"{first:%H:%M}–{last:%H:%M}" for first, last in self.closed)


@dataclass(frozen=True)
class DayOff:
    """Why the office does not work on a day. `kind` is None for the weekly rest."""

    reason: str
    source: str
    kind: DayKind | None = None
