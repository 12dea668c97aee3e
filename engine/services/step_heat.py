"""The diagram of a procedure with the warmth of its steps, from kept sums of months; no dossier that ended is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.people import Actor
from engine.domain.permissions import board_scope, board_units
from engine.domain.step_heat import ItemUse, StepHeat, step_heat
from engine.domain.step_plan import in_days
from engine.effects.office import Office
from engine.persistence.unit_of_work import Transaction, UnitOfWork
from engine.process.picture import Warm, drawn


@dataclass(frozen=True, slots=True)
class HeatPage:
    """A procedure's steps over a period, as a table and as a drawing (an SVG that needs nothing else)."""

    procedure: str
    version: str
    scope: str
    months: tuple[str, str]
    steps: tuple[StepHeat, ...]
    items: tuple[ItemUse, ...]
    picture: str
    day: timedelta
    procedures: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    scopes: tuple[tuple[str, str], ...]


class Heats:
    """Reads; decides nothing."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def look(
        self, actor: Actor, *, procedure: str, version: str, unit_code: str, months: tuple[str, str], at: datetime
    ) -> HeatPage:
        """The steps that the person's units did, from a month to another (both included).

        Raises `Refused` for people who oversee no unit, `NotFound` for a unit that they do not oversee.
        """
        units = self._office.units
        chosen, overseen = board_scope(actor, units, unit_code), board_units(actor, units)
        day = self._office.calendar.period_on(self._office.local_day(at)).hours.length
        with self._uow.read() as tx:
            known = tx.forecasts.procedures(chosen)
            codes = sorted({code for code, _ref in known})
            procedure = procedure if procedure in codes else (codes[0] if codes else "")
            refs = [ref for code, ref in known if code == procedure]
            version = version if version in refs else ""
            rows = tx.forecasts.steps(procedure, months, chosen, version)
            now = dict(tx.forecasts.open_now(procedure, chosen, version, at))
            items = tuple(ItemUse(*row) for row in tx.forecasts.items(procedure, months, chosen))
            definitions = {ref: self._office.library.get(tx, ref) for _code, ref in known}
            steps = step_heat(rows, now)
            picture = self._draw(tx, version or (refs[-1] if refs else ""), steps, day)
        names = {definition.procedure.code: definition.procedure.name for definition in definitions.values()}
        return HeatPage(
            procedure=procedure,
            version=version,
            scope=unit_code,
            months=months,
            steps=steps,
            items=items,
            picture=picture,
            day=day,
            procedures=tuple((code, names.get(code, code)) for code in codes),
            versions=tuple((ref, ref[:8]) for ref in refs),
            scopes=tuple((unit.code, unit.name) for unit in units if unit.id in overseen),
        )

    def _draw(self, tx: Transaction, ref: str, steps: tuple[StepHeat, ...], day: timedelta) -> str:
        if not ref:
            return ""
        definition = self._office.library.get(tx, ref)
        xml = definition.diagrams[definition.procedure.process].decode()
        return drawn(xml, warm={each.element: _warm(each, day) for each in steps})


def _warm(each: StepHeat, day: timedelta) -> Warm:
    took = (
        "–"
        if each.median is None or each.ninetieth is None
        else (f"{in_days(each.median, day)} / {in_days(each.ninetieth, day)} ngày")
    )
    late = "" if each.late_share is None else f" · trễ {each.late_share:.0%}"
    return Warm(each.warmth, str(each.now), took + late)
