"""What units record each month about posting: where procedures hang, that lists were checked, what more was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import Refused
from engine.domain.evaluation import Said
from engine.domain.months import first_day, month_of
from engine.domain.permissions import supervised_units
from engine.domain.posted_figures import CODE, Per, PostedFigure, is_possible
from engine.domain.results_rights import check_can_evaluate
from engine.effects.unit_entries import put_entry
from engine.rule_files.reports import load_report_calendar

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class PostingEntry:
    """One entry, as it was made. Those before it of the same month and figure stay on record."""

    figure: PostedFigure
    value: Decimal
    evidence: str
    at: datetime
    by: str


class PostingRecords:
    """The record of a unit."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def figures(self) -> tuple[PostedFigure, ...]:
        """What is recorded; raises `BadRuleFile`."""
        return load_report_calendar(self._office.settings.procedures).posted

    def units(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Code and name of the units for which the person keeps the record; raises `Refused`."""
        own = supervised_units(actor, self._office.units)
        if not own:
            raise Refused(detail="sổ niêm yết, công khai do người giám sát đơn vị ghi")
        return tuple((unit.code, unit.name) for unit in self._office.units if unit.id in own)

    def entries(self, actor: Actor, unit_code: str, month: str) -> tuple[PostingEntry, ...]:
        """All that was entered for a unit and month, the oldest first; raises `Refused`, `NotFound`, `NoMonth`."""
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        first_day(month)
        known = {CODE + figure.code: figure for figure in self.figures}
        with self._uow.read() as tx:
            rows = tx.surveys.entries(unit.id, month)
        return tuple(
            PostingEntry(known[row["code"]], row["value"], row["evidence"], row["entered_at"], row["entered_by"])
            for row in rows
            if row["code"] in known
        )

    def enter(
        self, actor: Actor, unit_code: str, month: str, code: str, value: Decimal, evidence: str, *, at: datetime
    ) -> None:
        """Record a figure of a month that has begun; raises `FormRefused`, `Refused`, `NotFound`, `NoMonth`."""
        figure = next((each for each in self.figures if each.code == code), None)
        faults = {}
        if figure is None:
            faults["code"] = "Hãy chọn nội dung"
        elif not is_possible(figure, value):
            share = "Tỷ lệ từ 0 đến 100 %"
            faults["value"] = share if figure.per is Per.SHARE else "Số lần là số nguyên, từ 0 trở lên"
        if not evidence.strip():
            faults["evidence"] = "Hãy ghi căn cứ: ngày nào, ở đâu, văn bản hoặc biên bản nào cho thấy điều đó"
        elif len(evidence) > _LONGEST:
            faults["evidence"] = f"Căn cứ dài quá {_LONGEST} ký tự"
        first_day(month)
        if month > month_of(self._office.local_day(at)):
            faults["month"] = "Tháng này chưa đến"
        if faults:
            raise FormRefused(faults)
        unit = self._office.units.by_code(unit_code)
        check_can_evaluate(actor, unit.id, self._office.units)
        with self._uow.write() as tx:
            put_entry(tx, unit.id, month, Said(CODE + code, value, evidence), actor, at)
