"""Makes any report for whoever may see it, sends it, reminds of it, compares it with what was sent."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.domain.errors import NotFound, Refused
from engine.domain.permissions import board_units
from engine.domain.report_model import Document
from engine.domain.report_period import ReportPeriod, before, period_of, read_period
from engine.domain.report_registry import REPORTS, ReportKind, kind_of
from engine.rule_files.reading import BadRuleFile
from engine.rule_files.reports import ReportCalendar, load_report_calendar
from engine.services.reporting.asked import Asked, Kept, Parts
from engine.services.reporting.catalogue import catalogue
from engine.services.reporting.conformance import conformance
from engine.services.reporting.flat import flat
from engine.services.reporting.online import online
from engine.services.reporting.postings import postings
from engine.services.reporting.procedures import publication, simplification
from engine.services.reporting.progress import by_sector, by_unit, land_lateness, monthly
from engine.services.reporting.public import public
from engine.services.reporting.satisfaction import standing
from engine.services.reporting.shares import channels
from engine.services.reporting.survey_frame import sample_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from engine.domain.people import Actor, Unit
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_MAKERS: Mapping[str, Callable[[Asked, Transaction], Parts]] = {
    "progress": by_sector,
    "units": by_unit,
    "monthly": monthly,
    "land_lateness": land_lateness,
    "channels": channels,
    "online": online,
    "conformance": conformance,
    "standing": standing,
    "sample_frame": sample_frame,
    "catalogue": catalogue,
    "postings": postings,
    "public": public,
    "simplification": simplification,
}
_OUTSIDE: Mapping[str, Callable[[Asked], Parts]] = {"publication": publication}
WHOLE = "Tất cả đơn vị"
_MONTHS_TOLD, _KEPT = 12, 40


class Reporting:
    """Reports of one installation."""

    def __init__(self, uow: UnitOfWork, office: Office, kept: Kept) -> None:
        """Work on one installation; `kept` is what other use cases know."""
        self._uow = uow
        self._office = office
        self._kept = kept
        self._told: dict[tuple[str, str], Document] = {}

    @property
    def calendar(self) -> ReportCalendar:
        """The rule of periods and what is due; raises `BadRuleFile`."""
        return load_report_calendar(self._office.settings.procedures)

    def kinds(self) -> tuple[ReportKind, ...]:
        """Every report."""
        return REPORTS

    def units(self, actor: Actor) -> tuple[Unit, ...]:
        """The units of which the person may have reports: at work before ended, at the top first; raises `Refused`."""
        tree = self._office.units
        own = board_units(actor, tree)
        if not own:
            raise Refused(detail="báo cáo dành cho người giám sát, thanh tra, kiểm tra và lãnh đạo đơn vị")
        found = (tree.get(each) for each in own)
        return tuple(sorted(found, key=lambda unit: (not unit.is_active, len(tree.above(unit.id)), unit.code)))

    def period(self, text: str, *, at: datetime) -> ReportPeriod:
        """A period as it is written; without one, the last month that was cut off. Raises `NoPeriod`."""
        rule = self.calendar.rule
        return read_period(text, rule) if text else period_of(self._office.local_day(at), rule)

    def make(
        self,
        actor: Actor | None,
        name: str,
        period: ReportPeriod,
        unit_code: str = "",
        parameters: Mapping[str, str] | None = None,
        *,
        at: datetime,
    ) -> Document:
        """A report; `actor` None for the command line, which sees every unit.

        Raises `Refused` for a unit that is none of the person's, `NotFound` for an unknown report or unit.
        """
        kind = kind_of(name)
        unit_code, unit_ids = self._scope(actor, unit_code)
        asked = {key: (parameters or {}).get(key, "").strip() for key, _label in kind.parameters}
        given = Asked(self._office, self.calendar, unit_ids, unit_code, period, at, asked, self._kept)
        parts = self._parts(kind, given)
        scope = self._office.units.by_code(unit_code).name if unit_code else WHOLE
        return Document(
            name=name,
            title=kind.title,
            scope=scope,
            unit_code=unit_code,
            period_code=period.code,
            period=period.label,
            first=period.first,
            last=period.last,
            as_of=at.astimezone(self._office.settings.zone),
            tables=parts.tables,
            definitions=parts.definitions,
            drawings=parts.drawings,
            checks=parts.checks,
            sources=parts.sources,
            notes=(*parts.notes, *self._partly(unit_code, unit_ids)),
            parameters={key: value for key, value in asked.items() if value},
        )

    @cached_property
    def tells_everybody(self) -> bool:
        """Whether there is a page of results for everybody, as the file said when this process first asked."""
        try:
            return self.calendar.tells_everybody
        except BadRuleFile:
            return False

    def told_periods(self, *, at: datetime) -> tuple[ReportPeriod, ...]:
        """The periods of which everybody is told, the latest first: the last twelve months, this year and the last.

        Raises `NotFound` where the installation tells nothing.
        """
        if not self.tells_everybody:
            raise NotFound(what="trang công khai kết quả")
        rule = self.calendar.rule
        months = [period_of(self._office.local_day(at), rule)]
        while len(months) < _MONTHS_TOLD:
            months.append(before(months[-1], rule))
        years = sorted({month.last.year for month in months}, reverse=True)
        return (*months, *(read_period(str(year), rule) for year in years))

    def told(self, code: str, *, at: datetime) -> Document:
        """What everybody is told about a period, counted at most once an hour; `code` empty: the last month.

        Raises `NotFound` for a period that is not told.
        """
        periods = {period.code: period for period in self.told_periods(at=at)}
        if code not in {"", *periods}:
            raise NotFound(what="số liệu của kỳ này")
        period = periods[code] if code else next(iter(periods.values()))
        hour = f"{at.astimezone(self._office.settings.zone):%Y-%m-%d %H}"
        found = self._told.get((period.code, hour))
        if found is None:
            found = self.make(None, "public", period, at=at)
            if len(self._told) >= _KEPT:
                self._told.clear()
            self._told[period.code, hour] = found
        return found

    def _partly(self, unit_code: str, unit_ids: Collection[int] | None) -> tuple[str, ...]:
        """That units below are not counted, where the person may not see them."""
        tree = self._office.units
        if unit_ids is None or frozenset(tree.under(tree.by_code(unit_code).id)) <= frozenset(unit_ids):
            return ()
        return ("Chỉ tính đơn vị này, không gồm các đơn vị trực thuộc.",)

    def _scope(self, actor: Actor | None, unit_code: str) -> tuple[str, frozenset[int] | None]:
        """The unit that a report is of, and the ids it counts; a person without a choice gets their topmost unit.

        Every unit there is counts as None: what lies by day is then read by day.
        """
        tree = self._office.units
        if actor is None:
            return unit_code, frozenset(tree.under(tree.by_code(unit_code).id)) if unit_code else None
        own = self.units(actor)
        code = unit_code or own[0].code
        if code not in {unit.code for unit in own}:
            raise Refused(detail="đơn vị này không thuộc phạm vi giám sát, lãnh đạo của bạn")
        counted = frozenset(tree.under(tree.by_code(code).id)) & {unit.id for unit in own}
        return code, None if len(counted) == len(tree) else counted

    def _parts(self, kind: ReportKind, given: Asked) -> Parts:
        """The parts of a report; what other use cases know they read in transactions of their own."""
        if kind.name in _OUTSIDE:
            return _OUTSIDE[kind.name](given)
        if kind.name not in _MAKERS:
            return flat(given, kind.name, by_month=kind.by_month)
        with self._uow.read() as tx:
            return _MAKERS[kind.name](given, tx)
