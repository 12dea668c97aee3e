"""Heat on the diagram: a procedure's steps from figures that are kept by month; no dossier that ended is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.domain.months import month_before
from engine.domain.people import Actor
from engine.domain.permissions import board_scope, board_units
from engine.domain.step_heat import ItemUse, Lying, StepHeat, step_heat
from engine.domain.step_lateness import Grid, grid, quarter_of
from engine.effects.office import Office
from engine.persistence.unit_of_work import Transaction, UnitOfWork
from engine.process.picture import Warm, drawn, elements_of

SEASONS = 24  # months up to the last one asked for, told by quarter: of a season that came twice


@dataclass(frozen=True, slots=True)
class HeatPage:
    """A procedure's steps over a period, as a table and on its diagram (BPMN as it lies in its file; see `picture`).

    `versions` are refs with the version and its first day. `drawn_ref`: which version the diagram is of; `hidden`
    steps of others are not on it. `by_quarter` looks back over `SEASONS` months.
    """

    procedure: str
    procedure_name: str
    version: str
    scope: str
    months: tuple[str, str]
    steps: tuple[StepHeat, ...]
    items: tuple[ItemUse, ...]
    by_unit: Grid
    by_quarter: Grid
    diagram: str
    drawn_ref: str
    hidden: tuple[str, ...]
    day: timedelta
    procedures: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str, date | None], ...]
    scopes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a drawing says, in the language of who looks at it.

    `here`: that so many lie in a step now; `line`: how the steps behind one element did, the longest first.
    """

    title: str
    here: Callable[[int], str]
    line: Callable[[Sequence[StepHeat]], str]


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
            lying = tx.forecasts.open_steps(chosen, at)
            known = {*tx.forecasts.procedures(chosen), *((row.procedure_code, row.definition_ref) for row in lying)}
            records = sorted(
                (each for each in self._office.library.versions(tx) if (each.code, each.ref) in known),
                key=lambda each: (each.code, each.starts_on, each.version),
            )
            names = {each.code: each.name for each in records}
            procedure = procedure if procedure in names else next(iter(names), "")
            refs = [each for each in records if each.code == procedure]
            version = version if version in {each.ref for each in refs} else ""
            shown = version or (refs[-1].ref if refs else "")
            here = [row for row in lying if row.procedure_code == procedure and version in {"", row.definition_ref}]
            steps = step_heat(tx.forecasts.steps(procedure, months, chosen, version), _lying(here))
            items = tuple(ItemUse(*row) for row in tx.forecasts.items(procedure, months, chosen))
            since = min(months[0], month_before(months[1], SEASONS - 1))
            lateness = tx.forecasts.lateness(procedure, (since, months[1]), chosen, version)
            diagram, hidden = self._diagram(tx, shown, steps)
        order = [each.step_id for each in steps]
        return HeatPage(
            procedure=procedure,
            procedure_name=names.get(procedure, ""),
            version=version,
            scope=unit_code,
            months=months,
            steps=steps,
            items=items,
            by_unit=grid((row for row in lateness if row.month >= months[0]), self._unit_name, order),
            by_quarter=grid(lateness, lambda row: quarter_of(row.month), order),
            diagram=diagram,
            drawn_ref=shown,
            hidden=hidden,
            day=day,
            procedures=tuple(names.items()),
            versions=tuple((each.ref, each.version, each.effective_from) for each in refs),
            scopes=tuple((unit.code, unit.name) for unit in units if unit.id in overseen),
        )

    def _unit_name(self, row: Any) -> str:
        unit = self._office.units.get(row.unit_id)
        return unit.short_name or unit.name

    def _diagram(self, tx: Transaction, ref: str, steps: Sequence[StepHeat]) -> tuple[str, tuple[str, ...]]:
        if not ref:
            return "", ()
        definition = self._office.library.get(tx, ref)
        xml = definition.diagrams[definition.procedure.process].decode()
        shown = elements_of(xml)
        return xml, tuple(each.name for each in steps if each.element not in shown)


def _lying(rows: Iterable[Any]) -> list[Lying]:
    """The same step of several versions as one."""
    found: dict[str, Lying] = {}
    for row in rows:
        old = found.get(row.step_id)
        now, late = (old.now, old.late) if old else (0, 0)
        found[row.step_id] = Lying(
            row.step_id, row.diagram_element, row.name, row.waits_for or "", now + row.now, late + row.late
        )
    return list(found.values())


def picture(found: HeatPage, wording: Wording) -> str:
    """The steps of a procedure on its diagram: an SVG that needs nothing else; empty where there is no diagram."""
    if not found.diagram:
        return ""
    return drawn(found.diagram, warm=warm_elements(found.steps, wording), title=wording.title)


def warm_elements(steps: Sequence[StepHeat], wording: Wording) -> dict[str, Warm]:
    """What is drawn at each element: of several steps behind one, how many lie there, and the longest of them."""
    behind: dict[str, list[StepHeat]] = {}
    for each in steps:
        behind.setdefault(each.element, []).append(each)
    found = dict[str, Warm]()
    for element, those in behind.items():
        now = sum(each.now for each in those)
        found[element] = Warm(max(each.warmth for each in those), str(now), wording.here(now), wording.line(those))
    return found
