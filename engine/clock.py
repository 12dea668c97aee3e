"""The only reader of the machine's time. Everything else takes `at` as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that can say what time it is."""

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Answer the machine's time, in UTC."""
        return datetime.now(UTC)


@dataclass(slots=True)
class SetClock:
    """A clock that stands where it is put: replays, training and tests move it by hand."""

    at: datetime

    def now(self) -> datetime:
        """Answer the instant at which the clock was put."""
        return self.at.astimezone(UTC)

    def move_to(self, at: datetime) -> None:
        """Put the clock at `at`."""
        self.at = at

    def advance(self, by: timedelta) -> None:
        """Move the clock by `by`."""
        self.at += by
