"""The office hours of one day: its sessions, and how much of them lies before a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from functools import cached_property
from itertools import pairwise

from engine.domain.errors import BadInput

MICROSECOND = timedelta(microseconds=1)


class BadOfficeHours(BadInput):
    """Giờ làm việc “{hours}” không đúng; hãy ghi các buổi nối tiếp nhau, ví dụ 08:00-12:00,13:00-17:00."""

    code = "bad_office_hours"


@dataclass(frozen=True)
class OfficeHours:
    """The sessions of one day, in order, each from its opening up to its closing; the lunch break lies between two."""

    sessions: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(13), time(17)))

    def __post_init__(self) -> None:
        bounds = [bound for session in self.sessions for bound in session]
        has_zone = any(bound.tzinfo for bound in bounds)
        if not bounds or has_zone or any(a >= b for a, b in self.sessions) or any(a > b for a, b in pairwise(bounds)):
            raise BadOfficeHours(hours=self)

    @classmethod
    def parse(cls, text: str) -> OfficeHours:
        """Read ``08:00-12:00,13:00-17:00`` (en dashes, spaces and semicolons are welcome); raises `BadOfficeHours`."""
        sessions = []
        for part in text.replace("–", "-").replace(";", ",").split(","):
            try:
                opens, closes = (time.fromisoformat(bound.strip()) for bound in part.split("-"))
            except ValueError:
                raise BadOfficeHours(hours=text) from None
            sessions.append((opens, closes))
        return cls(tuple(sessions))

    def without(self, closed: tuple[tuple[time, time], ...]) -> OfficeHours | None:
        """What is left of these hours when parts of the day, each from a moment up to another, are closed."""
        left = list(self.sessions)
        for first, last in closed:
            pieces = (
                (piece for piece in ((a, min(b, first)), (max(a, last), b)) if piece[0] < piece[1]) for a, b in left
            )
            left = [piece for each in pieces for piece in each]
        return OfficeHours(tuple(left)) if left else None

    @property
    def opening(self) -> time:
        return self.sessions[0][0]

    @property
    def closing(self) -> time:
        return self.sessions[-1][1]

    @cached_property
    def length(self) -> timedelta:
        """The office time of such a day."""
        return self.microseconds * MICROSECOND

    @cached_property
    def microseconds(self) -> int:
        """The office time of such a day, in microseconds."""
        return self.until(time.max)

    def until(self, moment: time) -> int:
        """The microseconds of office time of this day that lie before `moment`."""
        now = _microseconds(moment)
        return sum(max(0, min(now, closes) - opens) for opens, closes in self._spans)

    def moment_after(self, spent: int) -> int:
        """The microseconds after midnight at which `spent` (more than 0) microseconds of office time are over."""
        for opens, closes in self._spans:
            if spent <= closes - opens:
                return opens + spent
            spent -= closes - opens
        message = "more office time than the day has"
        raise ValueError(message)

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        return tuple((_microseconds(opens), _microseconds(closes)) for opens, closes in self.sessions)

    def __str__(self) -> str:
        return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in self.sessions)


def _microseconds(moment: time) -> int:
    return ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
