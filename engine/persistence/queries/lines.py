"""A dossier as one line of a list. The letters and open steps of a whole page are read together, never one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, RowMapping, Select, bindparam, func, select

from engine.domain.dossier import Channel
from engine.domain.letter_views import LetterMoment
from engine.domain.people import name_of
from engine.domain.status import DossierStatus
from engine.domain.units import UnitTree
from engine.domain.urgency import DueState, Outlook
from engine.domain.views import DossierLine, LetterLine
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, Letter, LetterEvent, LinkedMemberRow, OutcomeRow, Person, Task
from engine.persistence.records import DossierRecord

Facts = RowMapping | Mapping[str, Any]

_D = table_of(Dossier).c
_L = table_of(Letter).c
_E = table_of(LetterEvent).c
_O = table_of(OutcomeRow).c
_P = table_of(Person).c
_T = table_of(Task).c
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)

_MINE, _ALL = table_of(LinkedMemberRow).alias("mine"), table_of(LinkedMemberRow).alias("members")
_IS_MINE = _MINE.c.dossier_id == _D.id
_GROUP_SIZE = select(func.count()).select_from(_MINE.join(_ALL, _ALL.c.group_id == _MINE.c.group_id)).where(_IS_MINE)

# What a line shows. `dossiers` are always read with what they counted as, if they are finished.
LINE_COLUMNS = (
    _D.id.label("dossier_id"),
    _D.code,
    _D.applicant_name,
    _D.procedure_code,
    _D.procedure_name,
    _D.status.label("dossier_status"),
    _D.channel,
    _D.unit_id.label("desk_id"),
    _D.deciding_unit_id,
    _D.received_at,
    _D.due_at,
    _D.first_due_at,
    _D.is_paused,
    _D.resolved_at,
    _D.ended_at,
    _D.version,
    _D.rung,
    _D.rung_label,
    _D.has_draft,
    _O.timeliness,
    # Which of how many procedures handed in together; no position for a dossier that was handed in alone.
    select(_MINE.c.position).where(_IS_MINE).correlate(table_of(Dossier)).scalar_subquery().label("linked_position"),
    _GROUP_SIZE.correlate(table_of(Dossier)).scalar_subquery().label("linked_size"),
)
DOSSIERS_WITH_OUTCOME = table_of(Dossier).outerjoin(table_of(OutcomeRow), _O.dossier_id == _D.id)

LETTER_COLUMNS = (
    _L.id,
    _L.dossier_id,
    _L.form,
    _L.title,
    _L.number_text,
    _L.issued_at,
    _L.token,
    _L.missed_due_at,
    _L.new_due_at,
    _L.sha256,
    _L.delivered_at,
    _L.failure,
    _L.cancelled_at,
    _L.state,
)
_LETTERS = select(*LETTER_COLUMNS).where(_L.dossier_id.in_(_KEYS)).order_by(_L.issued_at, _L.id)
_MOMENTS = (
    select(_E.letter_id, _E.what, _E.at, _E.note, func.coalesce(_P.full_name, _E.by).label("by_name"))
    .select_from(table_of(LetterEvent).outerjoin(table_of(Person), _P.username == _E.by))
    .where(_E.letter_id.in_(_KEYS))
    .order_by(_E.id)
)
_OPEN_STEPS = (
    select(_T.dossier_id, _T.name, _T.unit_id, _P.full_name)
    .select_from(table_of(Task).outerjoin(table_of(Person), _P.id == _T.claimed_by_id))
    .where(_T.dossier_id.in_(_KEYS), _T.closed_at.is_(None))
    .order_by(_T.id)
)


def letter_status(facts: Facts) -> str:
    """Where a letter stands in its life: a value of `engine.domain.letter_life.LetterState`."""
    return str(facts["state"])


def letter_line(facts: Facts) -> LetterLine:
    """One row of `LETTER_COLUMNS` as a line."""
    return LetterLine(
        id=facts["id"],
        form=facts["form"],
        title=facts["title"],
        number_text=facts["number_text"],
        issued_at=facts["issued_at"],
        status=letter_status(facts),
        token=facts["token"],
        missed_due_at=facts["missed_due_at"],
        new_due_at=facts["new_due_at"],
        sha256=facts["sha256"] or "",
        delivered_at=facts["delivered_at"],
    )


def letters_of(connection: Connection, dossier_ids: Collection[int]) -> Mapping[int, tuple[LetterLine, ...]]:
    """The letters of many dossiers, oldest first, in one statement."""
    found: defaultdict[int, list[LetterLine]] = defaultdict(list)
    if dossier_ids:
        for row in connection.execute(_LETTERS, {"keys": list(dossier_ids)}).mappings():
            found[row["dossier_id"]].append(letter_line(row))
    return {key: tuple(letters) for key, letters in found.items()}


def moments_of(connection: Connection, letter_ids: Collection[int]) -> Mapping[int, tuple[LetterMoment, ...]]:
    """What became of many letters, in the order in which it happened, in one statement."""
    found: defaultdict[int, list[LetterMoment]] = defaultdict(list)
    if letter_ids:
        for row in connection.execute(_MOMENTS, {"keys": list(letter_ids)}).mappings():
            found[row["letter_id"]].append(
                LetterMoment(row["what"], row["at"], name_of(row["by_name"], {}), row["note"])
            )
    return {key: tuple(moments) for key, moments in found.items()}


@dataclass(frozen=True, slots=True)
class StepFacts:
    """The open step that a line names; several are joined with commas."""

    name: str = ""
    unit_name: str = ""
    holder_name: str = ""


NO_STEP = StepFacts()


@dataclass(frozen=True, slots=True)
class Lens:
    """What turns rows into lines: the tree of units, and the moment at which due dates are looked at.

    `outlook` is on the calendar of the installation, `outlook_of` on that of a deciding unit.
    """

    units: UnitTree
    outlook: Outlook
    outlook_of: Callable[[int], Outlook]

    def soon_elsewhere(self) -> tuple[tuple[datetime, tuple[int, ...]], ...]:
        """Until when dates are due soon in the units whose calendar says otherwise than the installation's."""
        found: defaultdict[datetime, list[int]] = defaultdict(list)
        for unit in self.units:
            until = self.outlook_of(unit.id).due_soon_until
            if until != self.outlook.due_soon_until:
                found[until].append(unit.id)
        return tuple((until, tuple(units)) for until, units in sorted(found.items()))

    def due_state(self, row: Facts) -> DueState:
        """What a row says of its dates."""
        return DueState(
            due_at=row["due_at"],
            first_due_at=row["first_due_at"],
            is_paused=row["is_paused"],
            finished_at=row["resolved_at"] or row["ended_at"],
            timeliness=row["timeliness"],
        )

    def line(self, row: Facts, *, step: StepFacts = NO_STEP, letters: tuple[LetterLine, ...] = ()) -> DossierLine:
        """One row of `LINE_COLUMNS` as a line."""
        state, outlook = self.due_state(row), self.outlook_of(row["deciding_unit_id"])
        return DossierLine(
            code=row["code"],
            applicant_name=row["applicant_name"],
            procedure_code=row["procedure_code"],
            procedure_name=row["procedure_name"],
            status=DossierStatus(row["dossier_status"]),
            channel=Channel(row["channel"]),
            unit_name=self.units.get(row["desk_id"]).name,
            received_at=row["received_at"],
            due_at=row["due_at"],
            first_due_at=row["first_due_at"],
            urgency=outlook.urgency(state),
            remaining_minutes=outlook.remaining_minutes(state),
            step_name=step.name,
            step_unit_name=step.unit_name,
            holder_name=step.holder_name,
            is_second_lateness=outlook.is_second_lateness(state),
            letters=letters,
            rung=row["rung"],
            rung_label=row["rung_label"],
            has_draft=row["has_draft"],
            linked=f"{row['linked_position']}/{row['linked_size']}" if row["linked_position"] else "",
        )

    def lines(self, connection: Connection, rows: Sequence[RowMapping]) -> tuple[DossierLine, ...]:
        """A page of rows as lines, with their letters and open steps: two more statements, however long the page."""
        keys = [row["dossier_id"] for row in rows]
        letters, steps = letters_of(connection, keys), self._open_steps(connection, keys)
        return tuple(
            self.line(row, step=steps.get(key, NO_STEP), letters=letters.get(key, ()))
            for key, row in zip(keys, rows, strict=True)
        )

    def of_record(
        self, dossier: DossierRecord, *, timeliness: str | None, step: StepFacts, letters: tuple[LetterLine, ...]
    ) -> DossierLine:
        """A dossier that was read whole, as a line."""
        row = {
            "dossier_status": dossier.status,
            "desk_id": dossier.unit_id,
            "applicant_name": dossier.applicant.full_name,
            "timeliness": timeliness,
            "linked_position": None,
            **{name: getattr(dossier, name) for name in _SAME_NAME},
        }
        return self.line(row, step=step, letters=letters)

    def _open_steps(self, connection: Connection, keys: Collection[int]) -> Mapping[int, StepFacts]:
        found: defaultdict[int, list[StepFacts]] = defaultdict(list)
        if keys:
            for row in connection.execute(_OPEN_STEPS, {"keys": list(keys)}):
                unit_name = self.units.get(row.unit_id).name
                found[row.dossier_id].append(StepFacts(row.name, unit_name, row.full_name or ""))
        return {key: join_steps(steps) for key, steps in found.items()}


_SAME_NAME = (
    *("code", "deciding_unit_id"),
    *("procedure_code", "procedure_name", "channel", "received_at", "due_at", "first_due_at", "is_paused"),
    *("resolved_at", "ended_at", "rung", "rung_label", "has_draft"),
)


def join_steps(steps: Iterable[StepFacts]) -> StepFacts:
    """Several open steps in one line, each name once."""
    steps = list(steps)
    return StepFacts(
        name=", ".join(dict.fromkeys(step.name for step in steps)),
        unit_name=", ".join(dict.fromkeys(step.unit_name for step in steps)),
        holder_name=", ".join(dict.fromkeys(step.holder_name for step in steps if step.holder_name)),
    )


def count(connection: Connection, statement: Select[int], values: Mapping[str, Any]) -> int:
    """Answer a statement that counts."""
    return connection.scalar(statement, values) or 0
