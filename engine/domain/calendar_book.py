"""The book of calendars: every fact that was entered, and the working calendar that follows from it for a unit.

A unit inherits what holds above it: nation, province, down to the unit itself. For each day

- the nearest level that says something of the whole day decides (a unit that works on a holiday works, one that is
  closed on a worked Saturday is closed);
- closed parts of days add up over all levels, unless a nearer level says that the day is worked.

So a day off or a closed part can only take office time away, and the order in which facts were entered changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from engine.domain.calendar import HoursPeriod, WorkingCalendar
from engine.domain.calendar_facts import CalendarFact, EnteredDay, EnteredHours, FactKind, entered_day, entered_hours
from engine.domain.errors import BadInput, NotFound
from engine.domain.office_hours import OfficeHours
from engine.domain.special_days import DayKind, SpecialDay

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, time

NATION = None
CONFIRMED, FORECAST = "confirmed", "draft"


class DaysConflict(BadInput):
    """Ngày {on:%d/%m/%Y} đã có “{first}” (số {first_id}), không ghi thêm được “{second}”; hãy hủy ngày cũ trước."""

    code = "days_conflict"


class HoursConflict(BadInput):
    """Đã có giờ làm việc áp dụng từ {on:%d/%m/%Y} (số {first_id}); hãy hủy giờ đó trước, rồi ghi lại."""

    code = "hours_conflict"


class BadClosedPart(BadInput):
    """Phần thời gian nghỉ không đúng: {detail}."""

    code = "bad_closed_part"


@dataclass(frozen=True)
class Frame:
    """What the files of an installation say around the facts: usual hours, switches, names."""

    hours: OfficeHours = field(default_factory=OfficeHours)
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    switches: Mapping[str, bool] = field(default_factory=dict)
    name: str = ""
    weekly_rest_source: str = "Lịch làm việc của cơ quan"


@dataclass(frozen=True, slots=True)
class SwitchState:
    """Whether a switch is on, and the fact that said so last; None while the configuration decides."""

    name: str
    is_on: bool
    fact: CalendarFact | None = None


class CalendarBook:
    """The facts of an installation up to one of them."""

    def __init__(self, facts: Iterable[CalendarFact], frame: Frame) -> None:
        """Read facts in any order."""
        self.facts = tuple(sorted(facts, key=lambda fact: fact.id))
        self.frame = frame
        self._cancelled = {fact.about_id for fact in self.facts if fact.kind is FactKind.CANCELLED}
        self._calendars: dict[tuple[int | None, ...], WorkingCalendar] = {}
        self._speaking = {fact.unit_id for fact in self.facts}
        self._confirmed = {fact.about_id: fact for fact in self._active(FactKind.CONFIRMED)}

    def with_facts(self, rows: Iterable[Mapping[str, Any]]) -> CalendarBook:
        """The book as it will be with more facts."""
        new = (CalendarFact(**row, id=number) for number, row in enumerate(rows, start=self.number + 1))
        return CalendarBook((*self.facts, *new), self.frame)

    @property
    def number(self) -> int:
        """The number of the last fact; 0 for an empty book."""
        return self.facts[-1].id if self.facts else 0

    def get(self, fact_id: int) -> CalendarFact:
        """The fact with this number; raises `NotFound`."""
        for fact in self.facts:
            if fact.id == fact_id:
                return fact
        raise NotFound(what=f"mục lịch số {fact_id}")

    def is_cancelled(self, fact: CalendarFact) -> bool:
        """Whether a later fact took it back."""
        return fact.id in self._cancelled

    # --- what holds at one level -------------------------------------------------------------------------------------

    def days(self, unit_id: int | None) -> tuple[EnteredDay, ...]:
        """The special days of a level itself, those of switches that are off among them."""
        return tuple(self._days_by_level.get(unit_id, ()))

    def proposed(self, year: int) -> tuple[EnteredDay, ...]:
        """The days of a draft that nobody has confirmed or dropped yet, by date."""
        drafts = (entered_day(fact) for fact in self._active(FactKind.PROPOSED) if fact.id not in self._confirmed)
        return tuple(sorted((each for each in drafts if each.day.on.year == year), key=lambda each: each.day.on))

    def hours(self, unit_id: int | None) -> tuple[EnteredHours, ...]:
        """The office hours of a level itself, by the day from which they hold."""
        mine = (entered_hours(fact) for fact in self._active(FactKind.HOURS) if fact.unit_id == unit_id)
        return tuple(sorted(mine, key=lambda each: each.from_on))

    def switch(self, name: str) -> SwitchState:
        """How a switch stands: as somebody turned it, else as the configuration says."""
        said = [fact for fact in self._active(FactKind.SWITCH) if fact.data["name"] == name]
        if said:
            return SwitchState(name, bool(said[-1].data["on"]), said[-1])
        return SwitchState(name, self.frame.switches.get(name, False))

    def year(self, year: int) -> CalendarFact | None:
        """The fact that says how far the special days of a year are official; None if nobody said."""
        said = [fact for fact in self._active(FactKind.YEAR) if fact.data["year"] == year]
        return said[-1] if said else None

    def counted(self, entered: EnteredDay) -> SpecialDay:
        """The day as it counts: one that somebody switched on rests on the document that he named."""
        turned = self.switch(entered.switch).fact if entered.switch else None
        day = entered.day
        if turned is None:
            return day
        return SpecialDay(day.on, day.kind, day.name, turned.document, turned.issued_on, day.mark, day.closed)

    # --- what follows ------------------------------------------------------------------------------------------------

    def calendar(self, units: Sequence[int] = ()) -> WorkingCalendar:
        """The calendar of a unit: `units` are those above it from the top, and itself; none: the nation's."""
        levels = (NATION, *(unit for unit in units if unit in self._speaking))
        if levels not in self._calendars:
            self._calendars[levels] = self._calendar(levels)
        return self._calendars[levels]

    def _calendar(self, levels: Sequence[int | None]) -> WorkingCalendar:
        counted = [tuple(map(self.counted, filter(self._counts, self.days(level)))) for level in levels]
        on_day: dict[date, list[list[SpecialDay]]] = {}
        for place, days in enumerate(counted):
            for day in days:
                on_day.setdefault(day.on, [[] for _ in levels])[place].append(day)
        merged = (merge_day(found) for found in on_day.values())
        years = {fact.data["year"]: fact.data["state"] for fact in self._active(FactKind.YEAR)}
        frame = self.frame
        return WorkingCalendar(
            special_days=tuple(day for day in merged if day),
            hours=frame.hours,
            timezone=frame.timezone,
            confirmed_years=frozenset(year for year, state in years.items() if state == CONFIRMED),
            draft_years=frozenset(year for year, state in years.items() if state == FORECAST),
            name=frame.name,
            weekly_rest_source=frame.weekly_rest_source,
            later_hours=self._periods(levels),
        )

    def check_day(self, unit_id: int | None, day: SpecialDay) -> None:
        """Raise `DaysConflict` or `BadClosedPart` unless `day` can stand beside the days of its level."""
        if day.closed and day.kind is not DayKind.LOCAL_CLOSURE:
            raise BadClosedPart(detail=f"chỉ “{DayKind.LOCAL_CLOSURE.label}” mới nghỉ một phần ngày được")
        if any(first >= last for first, last in day.closed):
            raise BadClosedPart(detail="giờ bắt đầu phải trước giờ kết thúc")
        for other in self.days(unit_id):
            if other.day.on == day.on and _clash(other.day, day):
                raise DaysConflict(
                    on=day.on,
                    first=_named(other.day),
                    first_id=other.fact.id,
                    second=_named(day),
                )

    def check_hours(self, unit_id: int | None, from_on: date) -> None:
        """Raise `HoursConflict` if hours from this day on are there already."""
        for other in self.hours(unit_id):
            if other.from_on == from_on:
                raise HoursConflict(on=from_on, first_id=other.fact.id)

    # --- how ---------------------------------------------------------------------------------------------------------

    def _active(self, kind: FactKind) -> list[CalendarFact]:
        return [fact for fact in self.facts if fact.kind is kind and fact.id not in self._cancelled]

    @cached_property
    def _days_by_level(self) -> dict[int | None, list[EnteredDay]]:
        found: dict[int | None, list[EnteredDay]] = {}
        for fact in self._active(FactKind.DAY):
            found.setdefault(fact.unit_id, []).append(entered_day(fact))
        for fact in self._active(FactKind.PROPOSED):
            if fact.id in self._confirmed:
                found.setdefault(fact.unit_id, []).append(entered_day(fact, self._confirmed[fact.id]))
        for days in found.values():
            days.sort(key=lambda each: (each.day.on, each.fact.id))
        return found

    def _counts(self, entered: EnteredDay) -> bool:
        return not entered.switch or self.switch(entered.switch).is_on

    def _periods(self, levels: Sequence[int | None]) -> tuple[HoursPeriod, ...]:
        said = [self.hours(level) for level in reversed(levels)]  # nearest first
        periods = []
        for first in sorted({each.from_on for hours in said for each in hours}):
            nearest = next(known for hours in said for known in reversed(hours) if known.from_on <= first)
            periods.append(HoursPeriod(first, nearest.week, _standard(nearest.week)))
        return tuple(periods)


def merge_day(levels: Sequence[Sequence[SpecialDay]]) -> SpecialDay | None:
    """What holds on one day, of what each level says of it; the farthest level first."""
    whole: SpecialDay | None = None
    parts: list[SpecialDay] = []
    for days in levels:
        said = [day for day in days if not day.closed]
        if said:
            whole = min(said, key=_told)
            parts = [] if whole.kind.is_working else parts
        parts.extend(day for day in days if day.closed)
    if not parts or (whole is not None and whole.is_off):
        return whole
    told = [*([whole] if whole else []), *sorted(parts, key=_told)]
    return SpecialDay(
        on=parts[0].on,
        kind=whole.kind if whole else DayKind.LOCAL_CLOSURE,
        name="; ".join(dict.fromkeys(day.name for day in told)),
        source="; ".join(dict.fromkeys(day.source for day in told)),
        issued_on=max((day.issued_on for day in told if day.issued_on), default=None),
        mark=told[0].mark,
        closed=_united([part for day in parts for part in day.closed]),
    )


def _united(parts: list[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """The parts of a day, joined where they touch or overlap."""
    joined: list[tuple[time, time]] = []
    for first, last in sorted(parts):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


def _clash(known: SpecialDay, new: SpecialDay) -> bool:
    if not known.closed and not new.closed:
        return True
    parts = sorted((*known.closed, *new.closed)) if known.closed and new.closed else []
    return any(second[0] < first[1] for first, second in pairwise(parts))


def _named(day: SpecialDay) -> str:
    return f"{day.name}, {day.kind.label}"


def _told(day: SpecialDay) -> tuple[object, ...]:
    return (day.kind, day.closed, day.name, day.source, str(day.issued_on))


def _standard(week: Sequence[OfficeHours | None]) -> OfficeHours:
    """The standard day of a week: the hours that most of its days have, the first of them where several do."""
    return Counter(hours for hours in week if hours).most_common(1)[0][0]
