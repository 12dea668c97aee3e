"""The catalogue: what the office offers, as the counter and the public list show it, and the drawings behind it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import partial

from engine.domain.deadline import LimitUnit
from engine.domain.dossier import fold
from engine.domain.errors import NotFound
from engine.domain.intake_search import found_offers
from engine.domain.people import Actor, Unit
from engine.domain.permissions import can_receive
from engine.domain.procedure import Fee, Phase, Procedure, ProcedureCase
from engine.domain.procedure_text import limit_text, starts_on_text
from engine.domain.views import FieldView, ProcedureItem, ProcedureLine
from engine.effects.desk import desk_of
from engine.effects.groups import group_line
from engine.effects.office import Office
from engine.persistence.unit_of_work import UnitOfWork

# A code of the national list may carry the code of the agency behind it: 1.012783.000.00.00.H10.
_NATIONAL_PARTS = 2
# So many dossiers of a desk say what it is asked for.
_LATELY = 400
_LEVELS = {"ministry": "cấp bộ", "province": "cấp tỉnh", "commune": "cấp xã"}


class Catalogue:
    """Procedures in force, the drawings of every version, and the desks at which a person receives."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def procedures(self, *, at: datetime) -> tuple[ProcedureLine, ...]:
        """Every procedure that is in force on the local day of `at`, by sector and then by code.

        One code may be done at several levels, each with its own limits and papers: then the name says which it is.
        """
        with self._uow.read() as tx:
            offered = self._office.library.in_force(tx, self._office.local_day(at))
        facts = [definition.procedure for definition in offered]
        times = Counter(procedure.code for procedure in facts)
        lines = (procedure_line(procedure, says_level=times[procedure.code] > 1) for procedure in facts)
        return tuple(sorted(lines, key=lambda line: (fold(line.sector_name), line.code, line.name)))

    def procedure(self, code: str, level: str = "", *, at: datetime) -> ProcedureLine:
        """One procedure; an agency's suffix behind the national code does not matter.

        `level` (of the desk that asks) chooses where one code is done at several levels; without it the first is
        answered. Raises `NotFound`, also where the procedure is not in force on the local day of `at`.
        """
        national = ".".join(code.strip().split(".")[:_NATIONAL_PARTS])
        offered = self.procedures(at=at)
        for wanted in (code.strip(), national):
            ways = [line for line in offered if line.code == wanted]
            if ways:
                return next((line for line in ways if level in line.levels), ways[0])
        raise NotFound(what=f"thủ tục có mã “{code}”")

    def search(self, text: str, *, at: datetime) -> tuple[ProcedureLine, ...]:
        """Procedures whose code, name or sector holds every word of `text`, with or without accents."""
        words = fold(text).split()
        return tuple(line for line in self.procedures(at=at) if _holds(line, words))

    def offers(self, text: str = "", *, at: datetime) -> tuple[ProcedureLine, ...]:
        """What the counter offers: the procedures, then the groups that are handed in together; `text` searches."""
        words = fold(text).split()
        lines = (*self.procedures(at=at), *self._groups(at))
        return tuple(line for line in lines if _holds(line, words))

    def desk_offers(self, actor: Actor, text: str = "", *, at: datetime) -> tuple[ProcedureLine, ...]:
        """What the desks of a clerk offer: found by code, name or the words people use, the most used lately first.

        Where one code is done differently at two levels, only the way of these desks.
        """
        desks = self.desk_units(actor)
        lines = _received_at(desks, (*self.procedures(at=at), *self._groups(at)))
        with self._uow.read() as tx:
            used = Counter(code for desk in desks for code in tx.intake_desk.lately(desk.id, _LATELY))
        return found_offers(lines, text, desk_of(self._office).nicknames, used)

    def offer(self, code: str, level: str = "", *, at: datetime) -> ProcedureLine:
        """One procedure as `procedure` answers it, or one group; raises `NotFound`."""
        groups = (line for line in self._groups(at) if line.code == code.strip())
        return next(groups, None) or self.procedure(code, level, at=at)

    def _groups(self, at: datetime) -> tuple[ProcedureLine, ...]:
        office, on = self._office, self._office.local_day(at)
        found = []
        with self._uow.read() as tx:
            for group in office.groups:
                level = group.levels[0] if group.levels else ""
                choose = partial(office.library.choose, tx, level=level, on=on)
                found.append(group_line(group, choose, procedure_line))
        return tuple(line for line in found if line is not None)

    def diagram(self, definition_ref: str) -> str:
        """The BPMN of the procedure's own diagram, of any version that was ever published; raises `VersionLost`."""
        with self._uow.read() as tx:
            definition = self._office.library.get(tx, definition_ref)
        return definition.diagrams[definition.procedure.process].decode()

    def desk_units(self, actor: Actor) -> tuple[Unit, ...]:
        """The one-stop units at which the person receives dossiers."""
        units = (self._office.units.get(unit_id) for unit_id in sorted(actor.unit_ids))
        return tuple(unit for unit in units if can_receive(actor, unit))


def _received_at(desks: tuple[Unit, ...], lines: tuple[ProcedureLine, ...]) -> tuple[ProcedureLine, ...]:
    """Where one code is done differently at two levels, the way of these desks; everything else as it is."""
    levels = {desk.level for desk in desks}
    ours = {line.code for line in lines if levels & set(line.levels)}
    return tuple(line for line in lines if line.code not in ours or levels & set(line.levels))


def _holds(line: ProcedureLine, words: list[str]) -> bool:
    text = fold(f"{line.code} {line.name} {line.sector_name}")
    return all(word in text for word in words)


def procedure_line(procedure: Procedure, *, says_level: bool = False) -> ProcedureLine:
    """A procedure as it is offered, the usual case first."""
    cases = sorted(procedure.cases, key=lambda case: case is not procedure.default_case)
    case_names = {case.id: case.name for case in cases}
    return ProcedureLine(
        code=procedure.code,
        name=f"{procedure.name} ({_levels(procedure.levels)})" if says_level else procedure.name,
        sector=procedure.sector,
        sector_name=procedure.sector_name,
        limits=tuple(_limits(case, is_only=len(cases) == 1) for case in cases),
        cases=tuple(case_names.items()),
        items=tuple(
            ProcedureItem(
                id=item.id,
                name=item.name,
                form=item.form,
                originals=item.originals,
                copies=item.copies,
                is_required=item.is_required,
                from_database=item.from_database,
                required_when=item.required_when,
            )
            for item in procedure.items
        ),
        fees=tuple(_fee(fee, case_names.get(fee.case, "")) for fee in procedure.fees),
        result=procedure.result,
        levels=procedure.levels,
        questions=tuple(
            FieldView(
                id=question.id,
                label=question.label,
                type=question.type.value,
                is_required=question.is_required,
                options=tuple((option.value, option.label) for option in question.options),
                range=question.range.words,
            )
            for question in procedure.questions
        ),
        is_case_decided=bool(procedure.decided_by.case),
        needs_agreed_date=any(phase.limit.unit is LimitUnit.AGREED for case in cases for phase in case.phases),
    )


def _levels(levels: tuple[str, ...]) -> str:
    return ", ".join(_LEVELS.get(level, level) for level in levels) or "các cấp"


def _limits(case: ProcedureCase, *, is_only: bool) -> str:
    phases = "; ".join(_phase(phase, is_only=len(case.phases) == 1) for phase in case.phases)
    return phases if is_only else f"{case.name}: {phases}"


def _phase(phase: Phase, *, is_only: bool) -> str:
    if is_only:
        return limit_text(phase.limit)
    return f"{phase.label}: {limit_text(phase.limit)}, {starts_on_text(phase.starts_on)}"


def _fee(fee: Fee, case_name: str) -> str:
    per = f"/{fee.unit}" if fee.unit else ""
    amounts = [f"{_money(fee.direct)}{per}"] if fee.direct is not None else []
    if fee.online is not None:
        amounts.append(f"nộp trực tuyến {_money(fee.online)}{per}")
    text = f"{fee.name}: {', '.join(amounts) or 'chưa niêm yết mức thu'}"
    if case_name:
        text += f" ({case_name})"
    return f"{text}. {fee.note}" if fee.note else text


def _money(amount: int) -> str:
    return f"{amount:,} đồng".replace(",", ".")
