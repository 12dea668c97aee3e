"""The warning ladder: what is done as a due date comes near and passes, and when each rung has come.

A ladder is data of the office. Its rungs stand in the order of time, and each comes once for each appointment:

| Rung | Comes |
|---|---|
| `spent` P | when P per cent of the office time from the start of the count to the due date is over without pauses |
| `before` N | at the opening of the N-th working day before the due day; 0: at the opening of the due day itself |
| `due` | when the due instant has passed |
| `after` N | when the closing of the N-th working day after the due day has passed |

That holds for every kind of limit: an appointment in working hours, too, is warned of at the opening of a day, and 100
office minutes of which half are spent are 50. A rung whose moment lies before the appointment was made is not told: a
file that is due tomorrow is not told "two days left". A day on which the office rests is no day of warning: what would
fall on it comes at the opening before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from engine.domain.calendar import WorkingCalendar
    from engine.domain.limits import ClockPause

# The rungs that every diagram hears by their own names; any other is thrown as `rung_<name>`, where it is heard.
DUE_SOON, OVERDUE = "due_soon", "overdue"
RUNG_PREFIX = "rung_"
LONGEST_LABEL = 30
MOST_DAYS = 60
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_WHOLE = 100


class RungAction(StrEnum):
    """What is done when a rung comes."""

    BADGE = "badge"
    NOTIFY_ASSIGNEE = "notify_assignee"
    NOTIFY_LEADER = "notify_leader"
    DRAFT_APOLOGY = "draft_apology"
    ESCALATE = "escalate"
    APOLOGY = "apology"


# Words to people grow stale: of several warnings that come together only the last is told. Work is made up for.
WORK = frozenset({RungAction.DRAFT_APOLOGY, RungAction.ESCALATE})


class When(StrEnum):
    """How the moment of a rung is told, in the order in which rungs follow each other."""

    SPENT = "spent"
    BEFORE = "before"
    DUE = "due"
    AFTER = "after"


class BadLadder(BadInput):
    """Các mốc nhắc hạn chưa đúng: {detail}."""

    code = "bad_ladder"


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: its name, when it comes (`amount`: per cent or working days), its words, what is done."""

    name: str
    when: When
    amount: int = 0
    label: str = ""
    actions: tuple[RungAction, ...] = ()

    @property
    def message(self) -> str:
        """The message that is thrown into the process when the rung comes."""
        return self.name if self.name in {DUE_SOON, OVERDUE} else f"{RUNG_PREFIX}{self.name}"

    @property
    def is_warning(self) -> bool:
        """Whether it comes before the date is missed."""
        return self.when in {When.SPENT, When.BEFORE}

    def does(self, action: RungAction) -> bool:
        """Whether `action` belongs to it."""
        return action in self.actions


@dataclass(frozen=True, slots=True)
class Appointment:
    """What a ladder needs to know of an appointment. `counts_from`: where the count that gave its date begins.

    `made_at`: when it was made, by receipt, by a payment or anew; what should have been told before is not told.
    """

    due_at: datetime
    made_at: datetime
    counts_from: datetime
    pauses: tuple[ClockPause, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """When one rung comes. A warning holds from its instant on; a date is missed after its instant."""

    rung: Rung
    at: datetime

    def has_come(self, at: datetime) -> bool:
        """Whether the rung is there at `at`."""
        return at >= self.at if self.rung.is_warning else at > self.at


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of one unit and procedure, in the order of time. Raises `BadLadder` with every fault."""

    rungs: tuple[Rung, ...]

    def __post_init__(self) -> None:
        """Refuse rungs that cannot be climbed."""
        if found := faults(self.rungs):
            raise BadLadder(detail="; ".join(found))

    def moments(self, appointment: Appointment, calendar: WorkingCalendar) -> tuple[Moment, ...]:
        """When the rungs of an appointment come, in the order of time, without those that it was made too late for."""
        found = [Moment(rung, _moment(rung, appointment, calendar)) for rung in self.rungs]
        told = (each for each in found if not each.rung.is_warning or each.at >= appointment.made_at)
        return tuple(sorted(told, key=lambda each: each.at))

    def place(self, name: str) -> int:
        """How high a rung stands; -1 for none, or one that the ladder does not have any more."""
        return next((place for place, rung in enumerate(self.rungs) if rung.name == name), -1)


def default_rungs(due_soon_working_days: int) -> tuple[Rung, ...]:
    """The ladder of an office that says no more than how early its warning comes."""
    label = "Sắp đến hạn" if due_soon_working_days else "Đến hạn hôm nay"
    return (
        Rung(
            DUE_SOON,
            When.BEFORE,
            due_soon_working_days,
            label,
            (RungAction.BADGE, RungAction.NOTIFY_ASSIGNEE, RungAction.DRAFT_APOLOGY),
        ),
        Rung(OVERDUE, When.DUE, 0, "Quá hạn", (RungAction.BADGE, RungAction.APOLOGY)),
    )


def read_rung(written: Mapping[str, object]) -> Rung:
    """A rung as data files write it: ``{name, spent|before|due|after, label, actions}``; raises `BadLadder`."""
    known = {"name", "label", "actions", *When}
    if strangers := sorted(str(key) for key in written.keys() - known):
        raise BadLadder(detail=f"không có khóa {_quoted(strangers)} trong một mốc; hãy xóa hoặc sửa tên khóa")
    name, label = str(written.get("name") or ""), str(written.get("label") or "")
    kinds = [when for when in When if when in written]
    if len(kinds) != 1:
        raise BadLadder(detail=f"mốc “{name}” phải ghi đúng một trong: {', '.join(When)}")
    return Rung(name, kinds[0], _amount(name, kinds[0], written[kinds[0]]), label, tuple(_actions(name, written)))


def _amount(name: str, when: When, value: object) -> int:
    if when is When.DUE:
        if value is not True:
            raise BadLadder(detail=f"mốc “{name}”: hãy ghi “due: true”")
        return 0
    lowest, highest = (1, _WHOLE - 1) if when is When.SPENT else (int(when is When.AFTER), MOST_DAYS)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        unit = "phần trăm" if when is When.SPENT else "ngày làm việc"
        detail = f"mốc “{name}”: {when} là số {unit} từ {lowest} đến {highest}, không phải “{value}”"
        raise BadLadder(detail=detail)
    return value


def _actions(name: str, written: Mapping[str, object]) -> Iterable[RungAction]:
    actions = written.get("actions") or []
    if not isinstance(actions, (list, tuple)):
        raise BadLadder(detail=f"mốc “{name}”: actions phải là một danh sách")
    for action in actions:
        if action not in set(RungAction):
            raise BadLadder(detail=f"mốc “{name}”: không có việc “{action}”; hãy dùng: {', '.join(RungAction)}")
        yield RungAction(action)


def faults(rungs: Sequence[Rung]) -> list[str]:
    """Everything that is wrong with a ladder, in sentences; nothing for one that can be climbed."""
    return [*_faults_of_each(rungs), *_faults_of_order(rungs), *_faults_of_law(rungs)]


def _faults_of_each(rungs: Sequence[Rung]) -> Iterable[str]:
    names = [rung.name for rung in rungs]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield f"tên mốc “{name}” được dùng hai lần"
    for rung in rungs:
        if not _NAME.fullmatch(rung.name):
            yield f"tên mốc “{rung.name}” chỉ được gồm chữ thường không dấu, chữ số và dấu gạch dưới"
        if not rung.label.strip() or len(rung.label) > LONGEST_LABEL:
            yield f"mốc “{rung.name}” cần một nhãn (label) không quá {LONGEST_LABEL} chữ"
        if not rung.actions:
            yield f"mốc “{rung.name}” không làm việc gì; hãy ghi actions hoặc bỏ mốc"
        if rung.name == DUE_SOON and not rung.is_warning:
            yield f"mốc “{DUE_SOON}” phải đến trước hạn (spent hoặc before)"


def _faults_of_order(rungs: Sequence[Rung]) -> Iterable[str]:
    order = list(When)
    for first, second in pairwise(rungs):
        if order.index(second.when) < order.index(first.when):
            yield f"mốc “{second.name}” đứng sau “{first.name}” nhưng đến trước; hãy xếp theo thời gian"
        elif second.when is first.when and second.when is not When.DUE:
            is_later = second.amount < first.amount if first.when is When.BEFORE else second.amount > first.amount
            if not is_later:
                yield f"mốc “{second.name}” phải đến sau “{first.name}”"


def _faults_of_law(rungs: Sequence[Rung]) -> Iterable[str]:
    due = [rung for rung in rungs if rung.when is When.DUE]
    if len(due) != 1 or due[0].name != OVERDUE:
        yield f"phải có đúng một mốc đến hạn, “{{name: {OVERDUE}, due: true}}”"
    for rung in rungs:
        if rung.does(RungAction.APOLOGY) != (rung.when is When.DUE):
            yield f"văn bản xin lỗi ({RungAction.APOLOGY}) đi cùng mốc đến hạn và chỉ mốc đó; hãy sửa “{rung.name}”"
        if rung.does(RungAction.DRAFT_APOLOGY) and not rung.is_warning:
            yield f"dự thảo xin lỗi ({RungAction.DRAFT_APOLOGY}) phải có trước hạn; hãy sửa “{rung.name}”"


def _moment(rung: Rung, appointment: Appointment, calendar: WorkingCalendar) -> datetime:
    if rung.when is When.DUE:
        return appointment.due_at
    if rung.when is When.SPENT:
        return _spent_at(rung.amount, appointment, calendar)
    day = calendar.local(appointment.due_at).date()
    if rung.when is When.AFTER:
        return calendar.closing(calendar.add_working_days(day, rung.amount))
    if rung.amount:
        return calendar.opening(calendar.add_working_days(day, -rung.amount))
    return calendar.opening(day if calendar.is_working_day(day) else calendar.previous_working_day(day))


def _spent_at(percent: int, appointment: Appointment, calendar: WorkingCalendar) -> datetime:
    """When so many per cent of the office time of an appointment are over; the clock stands still in its pauses."""
    begins, ends = calendar.office_clock(appointment.counts_from), calendar.office_clock(appointment.due_at)
    stretches = [
        (max(begins, calendar.office_clock(pause.from_at)), min(ends, calendar.office_clock(pause.until_at)))
        for pause in appointment.pauses
        if pause.until_at is not None
    ]
    paused = [(first, last) for first, last in sorted(stretches) if first < last]
    worked = ends - begins - sum(last - first for first, last in paused)
    reading = begins + max(worked, 0) * percent // _WHOLE
    for first, last in paused:
        if first < reading:
            reading += last - first
    return (
        max(appointment.counts_from, calendar.when_office_clock_shows(reading))
        if reading > begins
        else (appointment.counts_from)
    )


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
