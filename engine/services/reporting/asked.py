"""What a report is made of: whose figures, of when, and what the installation says; and the parts that come out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.domain.posting import Completeness
from engine.domain.progress_report import Frame
from engine.domain.report import Definition, Report
from engine.domain.report_model import Check, Drawing, Table
from engine.domain.report_period import ReportPeriod
from engine.effects.office import Office
from engine.rule_files.reports import ReportCalendar

# A report of before, by its days and the units that may be counted (None: all), and the moment for what is open.
Flat = Callable[[date, date, Collection[int] | None, datetime], Report]
OTHER_SECTOR = ("~", "Lĩnh vực khác")


@dataclass(frozen=True, slots=True)
class Kept:
    """What other use cases know and a report shows: flat reports by name, and how complete posted facts are."""

    flats: Mapping[str, Flat]
    facts: Callable[[datetime], Sequence[Completeness]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One report that is being made. `unit_ids` None: every unit."""

    office: Office
    calendar: ReportCalendar
    unit_ids: frozenset[int] | None
    unit_code: str
    period: ReportPeriod
    at: datetime
    parameters: Mapping[str, str]
    kept: Kept

    @property
    def frame(self) -> Frame:
        """The moments of the period."""
        zone = self.office.settings.zone
        start = datetime.combine(self.period.first, time.min, tzinfo=zone)
        end = datetime.combine(self.period.last + timedelta(days=1), time.min, tzinfo=zone)
        counts = self.office.settings.overdue.extension_counts_as_on_time
        return Frame(start, min(end, max(self.at, start)), zone, counts)

    def unit_name(self, unit_id: int) -> tuple[str, str]:
        """Code and name of a unit: what rows are sorted by and called."""
        unit = self.office.units.get(unit_id)
        return unit.code, unit.name

    def of_units(
        self,
        lines: Mapping[int, Mapping[str, int]],
        names: Sequence[str],
        shares: Callable[[int | None, Mapping[str, int]], Mapping[str, float | None]],
    ) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
        """A row for each unit of which anything was counted, and the totals of `names`.

        `shares` follow from the figures of a unit, and from the totals (None in the place of the unit).
        """
        counted = ((key, line) for key, line in lines.items() if any(line.values()))
        named = sorted((self.unit_name(key), key, line) for key, line in counted)
        rows = tuple({"code": code, "unit": name, **line, **shares(key, line)} for (code, name), key, line in named)
        totals = {name: sum(line[name] for _name, _key, line in named) for name in names}
        return rows, {**totals, **shares(None, totals)}

    def sectors(self) -> Mapping[str, tuple[str, str]]:
        """Code and name of the sector of each procedure."""
        return {
            definition.procedure.code: (definition.procedure.sector, definition.procedure.sector_name)
            for definition in self.office.library.current()
        }

    def is_counted(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is of a procedure that is counted: not of one that is the office's own."""
        return row["procedure_code"] not in self.calendar.internal_procedures


@dataclass(frozen=True, slots=True)
class Parts:
    """What a report consists of, without its head."""

    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    drawings: tuple[Drawing, ...] = ()
    checks: tuple[Check, ...] = ()
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
