"""Files whose every fact is drawn from a seed: the truth that reports are held against. Instants are seconds, UTC.

How much of the promised time a file takes is drawn from a real log where there is one (`used_shares`), else from a
table of that log's quantiles. Files come in the order of their receipt, so any number of them fits in little memory.
"""

from __future__ import annotations

import csv
import gzip
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT.parent / "shared" / "data" / "receipt-part1.csv.gz"
ZONE = timezone(timedelta(hours=7))
SHIFT, DAY, HOUR = 7 * 3600, 86_400, 3600
NOW = datetime(2026, 3, 18, 9, tzinfo=ZONE)
NOW_S = int(NOW.timestamp())
FIRST_DAY = date(2023, 3, 20)
# Twentieths of the shares of promised time that the cases of the log took, for where the log is not at hand.
_TWENTIETHS = (
    *(0.01, 0.348, 0.529, 0.631, 0.686, 0.74, 0.776, 0.828, 0.858, 0.886),
    *(0.92, 0.952, 0.974, 0.992, 1.007, 1.021, 1.08, 1.261, 1.525, 2.295, 5.878),
)
FEEDBACK = "0.000002"


def used_shares(log: Path = LOG) -> tuple[tuple[float, ...], str]:
    """Shares of the promised time that cases took, in equal steps from the least to the greatest, and whence."""
    if not log.is_file():
        return _TWENTIETHS, "twentieths kept of the log"
    cases: dict[str, tuple[str, str, str]] = {}
    with gzip.open(log, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            name, parts = row["case:concept:name"], ("case:startdate", "case:deadline", "case:enddate")
            cases[name] = tuple(row[part] for part in parts)  # type: ignore[assignment] # three parts
    found = []
    for case in cases.values():
        if all(case):
            start, due, end = map(datetime.fromisoformat, case)
            if due > start:
                found.append((end - start) / (due - start))
    return tuple(sorted(found)), f"{len(found)} cases of {log.name}"


def days_off() -> frozenset[date]:
    """The days that the calendar of the country names as off: read as they stand in its file."""
    book = yaml.safe_load((ROOT / "bpmn/calendars/vietnam.yaml").read_text(encoding="utf-8"))
    return frozenset(
        day["date"] for day in book["special_days"] if day["kind"] != "swapped_on" and not day.get("switch")
    )


def days_on() -> frozenset[date]:
    """Saturdays on which offices work."""
    book = yaml.safe_load((ROOT / "bpmn/calendars/vietnam.yaml").read_text(encoding="utf-8"))
    return frozenset(day["date"] for day in book["special_days"] if day["kind"] == "swapped_on")


def midnight(day: date) -> int:
    """The first second of a local day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())


def local_day(second: int) -> date:
    """The local day of a second."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=(second + SHIFT) // DAY)).date()


@dataclass(frozen=True, slots=True)
class Sort:
    """A procedure: its code, first case, version, name, sector, the days that it promises, how often it is asked."""

    code: str
    case: str
    ref: str
    name: str
    sector: tuple[str, str]
    days: int
    weight: int


@dataclass(frozen=True, slots=True)
class Places:
    """Ids of the units that decide, of the desks, and who works there."""

    deciding: tuple[int, ...]
    desks: tuple[int, ...]
    every: tuple[int, ...]

    def officer(self, unit_id: int, lot: float) -> str:
        """One of the forty officers of a unit."""
        return f"officer-{unit_id}-{int(lot * 40):02d}"

    def clerk(self, desk_id: int, lot: float) -> str:
        """One of the twelve clerks of a desk."""
        return f"clerk-{desk_id}-{int(lot * 12):02d}"


@dataclass(slots=True)
class Step:
    """A step of a file: 0 appraise, 1 sign, 2 hand over, 3 wait for papers. `closed` None: it lies open."""

    number: int
    unit_id: int
    opened: int
    closed: int | None
    by: str
    late_minutes: int | None = None
    is_interrupted: bool = False
    late_record: str = ""


@dataclass(slots=True)
class Apology:
    """A letter about the first date of a file."""

    issued: int
    new_due: int
    delivered: int | None


@dataclass(slots=True)
class File:
    """Everything about one file. `done`: its work; `end`: it has ended. None: not yet, or never."""

    id: int
    sort: Sort
    unit_id: int
    desk_id: int
    channel: str
    result_channel: str
    received: int
    first_due: int | None
    due: int | None
    done: int | None
    end: int | None
    result: str
    officer: str
    clerk: str
    is_paused: bool = False
    has_draft: bool = False
    apology: Apology | None = None
    missed: list[int] = field(default_factory=list)
    corrected: bool = False
    returns: int = 0
    supplements: int = 0
    upheld: int = 0
    is_scanned: bool = False
    # seconds of office time: unit, counter, other agency, applicant
    shares: tuple[int, int, int, int] = (0, 0, 0, 0)
    # points of indicators 1, 2 (unit), 2 (officer), 3, 4, 7
    points: tuple[int | None, ...] = (None,) * 6
    about_unit: int = 0
    steps: list[Step] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.end is None

    @property
    def timeliness(self) -> str | None:
        """Early, on time or late against the first date."""
        if self.done is None or self.first_due is None or self.due is None:
            return None
        if self.done > self.first_due:
            return "late"
        return "early" if (self.done + SHIFT) // DAY < (self.first_due + SHIFT) // DAY else "on_time"

    @property
    def apology_class(self) -> str | None:
        """Before, on or after the day that was missed, or never although it was missed."""
        if self.apology is None or self.first_due is None:
            return "never" if self.missed or self.timeliness == "late" else None
        issued, missed = ((second + SHIFT) // DAY for second in (self.apology.issued, self.first_due))
        return "same_day" if issued == missed else "before" if issued < missed else "after"


class Lots:
    """Draws files."""

    def __init__(self, sorts: Sequence[Sort], places: Places, *, seed: int = 1, log: Path = LOG) -> None:
        self.random = random.Random(seed)
        self.sorts, self.places = tuple(sorts), places
        self.shares, self.whence = used_shares(log)
        self._bounds: list[int] = []
        for sort in sorts:
            self._bounds.append((self._bounds[-1] if self._bounds else 0) + sort.weight)
        # each procedure is decided in three units, mostly in the first
        turn = (*places.deciding, *places.deciding)
        starts = {sort.code: place % len(places.deciding) for place, sort in enumerate(sorts)}
        self._homes = {code: turn[start : start + 3] for code, start in starts.items()}
        off, on = days_off(), days_on()
        every = (FIRST_DAY + timedelta(days=n) for n in range(1500))
        days = [day for day in every if (day.weekday() < 5 and day not in off) or day in on]
        self.days = [midnight(day) for day in days]
        # the day of today is open for an hour: it takes none
        self.last = bisect_right(self.days, NOW_S) - 1

    def draw(self, many: int) -> Iterator[File]:
        """So many files, in the order of their receipt."""
        for number in range(1, many + 1):
            yield self._file(number, (number - 1) * self.last // many)

    def _file(self, number: int, day: int) -> File:
        lot = self.random.random
        sort = self.sorts[bisect_right(self._bounds, int(lot() * self._bounds[-1]))]
        places = self.places
        unit = self._homes[sort.code][int(lot() * lot() * 3)]
        desk = places.desks[int(lot() * len(places.desks))]
        received = self.days[day] + (8 + int(lot() * 4) + (5 if lot() < 0.5 else 0)) * HOUR + int(lot() * HOUR)
        way, back = lot(), lot()
        file = File(
            id=number,
            sort=sort,
            unit_id=unit,
            desk_id=desk,
            channel="in_person" if way < 0.5 else "online" if way < 0.9 else "postal",
            result_channel="in_person" if back < 0.6 else "postal" if back < 0.85 else "online",
            received=received,
            first_due=None,
            due=None,
            done=None,
            end=None,
            result="",
            officer=places.officer(unit, lot()),
            clerk=places.clerk(desk, lot()),
        )
        self._carry_on(file, day)
        return file

    def _carry_on(self, file: File, day: int) -> None:
        kind = self.random.random()
        if kind < 0.008:
            file.result, file.done, file.end = "refused", file.received, file.received
            return
        due = self.days[day + file.sort.days] + 17 * HOUR
        done = self._done(file.received, due)
        file.first_due = file.due = due
        if kind < 0.016:
            file.result, done = "withdrawn", file.received + (done - file.received) // 2
        elif kind < 0.02:
            file.result, file.first_due, file.due, file.is_paused = "discontinued", None, None, True
        else:
            file.result = "rejected" if kind < 0.04 else "delivered"
        file.done = done if done <= NOW_S else None
        self._end(file)
        if file.first_due is not None:
            self._miss(file, day)
        self._circumstances(file)
        self._steps(file, done)

    def _done(self, received: int, due: int) -> int:
        """When the work is done: a share of the promised time, within office hours; one in a hundred to the second."""
        lot = self.random.random
        if lot() < 0.01:
            return due
        place = lot() * (len(self.shares) - 1)
        low = int(place)
        used = self.shares[low] + (place - low) * (self.shares[low + 1] - self.shares[low])
        done = received + int(used * (due - received))
        hour = (done + SHIFT) % DAY // HOUR
        if not 8 <= hour < 17:
            done += (8 + int(lot() * 9) - hour) * HOUR
        return max(done, received + 600)

    def _end(self, file: File) -> None:
        """Who asked fetches the result at once, some days later, or never."""
        lot = self.random.random
        if file.done is None:
            file.result = ""
            return
        if file.result in {"withdrawn", "discontinued"}:
            file.end = file.done
            return
        waits = 0 if lot() < 0.6 else int(lot() * 5 * DAY)
        if lot() < 0.004 or file.done + waits > NOW_S:
            file.result = ""
        else:
            file.end = file.done + waits

    def _miss(self, file: File, day: int) -> None:
        """Dates that were missed, and what was written about the first."""
        lot = self.random.random
        first, until = file.first_due or 0, file.done if file.done is not None else NOW_S
        kind = lot()
        is_late, day_due = until > first, day + file.sort.days
        if is_late or kind < 0.01:
            issued, promised = self._apology(kind if is_late else 0.0, first, day_due)
            if issued is not None and issued < until:
                delivered = issued + HOUR if lot() < 0.8 and issued + HOUR < NOW_S else None
                file.apology = Apology(issued, promised, delivered)
                file.due = promised
        announced = file.apology is not None and file.apology.issued < first
        if is_late and not announced:
            file.missed.append(first)
        if file.apology is not None and until > file.apology.new_due:
            file.missed.append(file.apology.new_due)
        file.has_draft = is_late and file.apology is None and file.done is None and lot() < 0.3

    def _apology(self, kind: float, first: int, day: int) -> tuple[int | None, int]:
        """When a letter is issued, and the end of the third working day after it."""
        if kind < 0.1:
            issued, on = self.days[day - 1] + 10 * HOUR, day - 1
        elif kind < 0.4:
            issued, on = first + 1200, day
        elif kind < 0.75:
            on = day + 1 + int(self.random.random() * 6)
            issued = self.days[on] + 10 * HOUR
        else:
            return None, 0
        return issued, self.days[on + 3] + 17 * HOUR

    def _circumstances(self, file: File) -> None:
        lot = self.random.random
        needs = lot()
        file.supplements = 2 if needs < 0.007 else 1 if needs < 0.047 else 0
        file.corrected, file.returns = lot() < 0.01, int(lot() < 0.02)
        file.upheld, file.is_scanned = int(lot() < 0.002), lot() < 0.4
        unit = int(lot() * file.sort.days * 28_800)
        file.shares = (unit, int(lot() * 7200), int(lot() * 90_000) if needs > 0.9 else 0, file.supplements * 50_000)
        if file.result in {"delivered", "rejected"}:
            in_time = {"early": 2, "on_time": 1, "late": 0, None: None}[file.timeliness]
            conduct = 0 if file.upheld else in_time
            unit_2, own_2 = (int(lot() * 3) if lot() < 0.9 else None for _ in range(2))
            places = 2 if not file.supplements else 1 if lot() < 0.5 else 0
            file.points = (in_time, unit_2, own_2, 2 - file.supplements, places, conduct)
        if file.sort.code == FEEDBACK:
            file.about_unit = self.places.every[int(lot() * len(self.places.every))]

    def _steps(self, file: File, done: int) -> None:
        """Appraise for two thirds of the time, sign, hand over; a file that waits for papers waited once."""
        lot = self.random.random
        middle = file.received + (done - file.received) * 2 // 3
        late = int(lot() * 1200) - 900 if lot() < 0.9 else None
        record = lot()
        told = "" if record > 0.009 else ("pending", "approved", "refused")[int(record * 333.3) % 3]
        first = Step(
            0, file.unit_id, file.received, middle if middle <= NOW_S else None, file.officer, late, late_record=told
        )
        file.steps.append(first)
        if first.closed is None:
            first.late_minutes, first.late_record = None, ""
            return
        if file.supplements:
            file.steps.append(Step(3, file.desk_id, file.received, middle, file.clerk))
        broken = file.result in {"withdrawn", "discontinued"}
        late = int(lot() * 400) - 300
        signer = self.places.officer(file.unit_id, 0.99)
        is_done = file.done is not None
        file.steps.append(
            Step(
                1, file.unit_id, middle, file.done, signer, late if is_done else None, is_interrupted=broken and is_done
            )
        )
        if is_done and not broken:
            file.steps.append(Step(2, file.desk_id, file.done or 0, file.end, file.clerk))
