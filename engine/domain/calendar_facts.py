"""What was entered into the calendars of an installation: append-only facts, each with its document and its author.

A fact holds at a level: a unit and everything below it in the tree, or the whole nation (`unit_id` None). Nothing is
ever changed: a day that was entered wrongly is cancelled by a later fact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.domain.office_hours import OfficeHours
from engine.domain.special_days import DayKind, SpecialDay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FactKind(StrEnum):
    """What a fact says."""

    DAY = "day"  # a special day, in force at once
    PROPOSED = "proposed"  # a special day of a draft: in force only when somebody has confirmed it
    CONFIRMED = "confirmed"  # the proposed day `about_id` is law
    CANCELLED = "cancelled"  # the fact `about_id` counts no longer
    HOURS = "hours"  # office hours of each weekday, from a day on
    YEAR = "year"  # the special days of a year are complete: confirmed, or a forecast
    SWITCH = "switch"  # a day that depends on a switch counts from now on, or no longer


@dataclass(frozen=True, slots=True)
class CalendarFact:
    """One line of the book. Facts are numbered without a gap in the order in which they were entered.

    `by_file` marks what was read from the calendar file of the installation. `before` and `after` say what the entry
    changed, in words.
    """

    id: int
    unit_id: int | None
    kind: FactKind
    data: Mapping[str, Any]
    document: str
    issued_on: date | None
    entered_by: str
    entered_at: datetime
    by_file: bool = False
    about_id: int | None = None
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class EnteredDay:
    """A special day of one level, with the fact that entered it. `switch` names the switch it depends on."""

    fact: CalendarFact
    day: SpecialDay
    switch: str = ""


@dataclass(frozen=True, slots=True)
class EnteredHours:
    """Office hours of one level from a day on, Monday first."""

    fact: CalendarFact
    from_on: date
    week: tuple[OfficeHours | None, ...]


def day_data(day: SpecialDay, switch: str = "") -> dict[str, Any]:
    """A special day as the data of its fact; its document stands in the fact itself."""
    closed = [[f"{first:%H:%M}", f"{last:%H:%M}"] for first, last in day.closed]
    data = {"on": day.on.isoformat(), "kind": day.kind.value, "name": day.name, "mark": day.mark}
    return {**data, **({"closed": closed} if closed else {}), **({"switch": switch} if switch else {})}


def entered_day(fact: CalendarFact, confirmed_by: CalendarFact | None = None) -> EnteredDay:
    """The special day that a fact enters; a proposed one carries the document that confirmed it."""
    data, says = fact.data, confirmed_by or fact
    closed = tuple((time.fromisoformat(first), time.fromisoformat(last)) for first, last in data.get("closed", ()))
    on, kind = date.fromisoformat(data["on"]), DayKind(data["kind"])
    mark = "R" if confirmed_by else data.get("mark", "")
    day = SpecialDay(on, kind, data["name"], says.document, says.issued_on, mark, closed)
    return EnteredDay(fact, day, data.get("switch", ""))


def hours_data(from_on: date, week: Sequence[OfficeHours | None]) -> dict[str, Any]:
    """Office hours as the data of their fact."""
    return {"from_on": from_on.isoformat(), "week": [str(hours) if hours else "" for hours in week]}


def entered_hours(fact: CalendarFact) -> EnteredHours:
    """The office hours that a fact enters."""
    week = tuple(OfficeHours.parse(text) if text else None for text in fact.data["week"])
    return EnteredHours(fact, date.fromisoformat(fact.data["from_on"]), week)
