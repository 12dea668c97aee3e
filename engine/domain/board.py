"""The live board: what it counts, how it breaks a figure down, and which dossiers stand behind each one."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.calendar import WorkingCalendar

KINDS = (
    *("open", "overdue", "second_lateness", "without_letter", "due_today", "due_soon"),
    *("paused", "no_date", "drafts", "results"),
)
PIVOTS = ("unit", "procedure", "step", "officer")
SORTS = ("urgency", "received", "unit", "procedure")
LETTERS = ("none", "draft", "issued")
# An open step that nobody has taken, and a dossier that has no open step.
NOBODY, NO_STEP = "0", "-"


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Dates from `first` to `last` working days after today (before it: negative); None: without end."""

    id: str
    first: int | None
    last: int | None

    @property
    def is_late(self) -> bool:
        """Whether dates of the band have passed."""
        return self.last is not None and self.last < 0


# How late, or how near: by working days of the office's own calendar, counted from today.
AGES = (
    AgeBand("late_20", None, -21),
    AgeBand("late_11", -20, -11),
    AgeBand("late_6", -10, -6),
    AgeBand("late_1", -5, -1),
    AgeBand("today", 0, 0),
    AgeBand("in_1", 1, 2),
    AgeBand("in_3", 3, 5),
    AgeBand("in_6", 6, 10),
    AgeBand("in_11", 11, None),
)


def band_ends(band: AgeBand, calendar: WorkingCalendar, at: datetime) -> tuple[datetime | None, datetime | None]:
    """From when (included) until when (excluded) dates lie in a band, as it is on the day of `at`."""
    today = calendar.local(at).date()

    def opens(days: int) -> datetime:
        if days > 0:
            # Days off before a working day belong to it: nothing is due on them.
            return calendar.at(calendar.add_working_days(today, days - 1) + timedelta(days=1), time.min)
        return calendar.at(calendar.add_working_days(today, days) if days else today, time.min)

    start = None if band.first is None else opens(band.first)
    end = None if band.last is None else opens(band.last + 1)
    return start, end


@dataclass(frozen=True, slots=True)
class Choice:
    """Which dossiers: the figure they stand behind and what it is narrowed by. Names no person but by number.

    `scope`: a unit and everything below has to do with them. `unit`: it decides on them. `place`: it has an open step.
    `officer`: the number of whoever has taken a step. Empty: not narrowed.
    """

    kind: str = "open"
    scope: str = ""
    unit: str = ""
    procedure: str = ""
    step: str = ""
    officer: str = ""
    place: str = ""
    age: str = ""
    letter: str = ""
    sort: str = "urgency"

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Choice:
        """Read what stands in an address or a form; a word that means nothing narrows nothing."""
        known = {field.name: str(given.get(field.name, ""))[:80] for field in fields(cls)}
        allowed = {"kind": KINDS, "sort": SORTS, "letter": LETTERS, "age": tuple(band.id for band in AGES)}
        for name, words in allowed.items():
            if known[name] not in words:
                known[name] = getattr(cls(), name)
        if not re.fullmatch(r"[0-9]{1,9}", known["officer"]):
            known["officer"] = ""
        return cls(**known)

    def but(self, **changes: str) -> Choice:
        """The same with something else."""
        return replace(self, **changes)

    @property
    def parameters(self) -> dict[str, str]:
        """What has to stand in an address to come back here."""
        plain = asdict(Choice())
        return {name: value for name, value in asdict(self).items() if value != plain[name]}

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the figure and the scope was chosen."""
        return any(name not in {"kind", "scope", "sort"} for name in self.parameters)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row of a break-down: what it is, its figures, and what has to be added to a choice to see what is behind."""

    label: str
    detail: str
    counts: Mapping[str, int]
    narrows: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LiveBoard:
    """How the office stands. `rows` are broken down `by`; `hidden` rows are not shown, those with least lateness."""

    as_of: datetime
    choice: Choice
    by: str
    counts: Mapping[str, int]
    rows: tuple[BoardRow, ...]
    hidden: int
    scopes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MonthCount:
    """What ended in one month, by whether the date was kept."""

    month: str
    kept: int
    late: int

    @property
    def late_share(self) -> float | None:
        """Late ones among those that had a date; None in a month in which none ended."""
        total = self.kept + self.late
        return self.late / total if total else None
