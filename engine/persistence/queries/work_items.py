"""A step as one row of a list, of whichever list: what is read of it, and how the row is made."""

from __future__ import annotations

from datetime import timedelta

from engine.domain.views import LetterLine, WorkItem
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, OutcomeRow, Person, Task
from engine.persistence.queries.lines import LINE_COLUMNS, Facts, Lens, StepFacts

_T, _D, _P = table_of(Task).c, table_of(Dossier).c, table_of(Person).c
_MINUTE = timedelta(minutes=1)

# Steps with their dossiers, with what these counted as if they are finished, and with who has taken the step.
ITEMS = (
    table_of(Task)
    .join(table_of(Dossier), _D.id == _T.dossier_id)
    .outerjoin(table_of(OutcomeRow), table_of(OutcomeRow).c.dossier_id == _D.id)
    .outerjoin(table_of(Person), _P.id == _T.claimed_by_id)
)
ITEM_COLUMNS = (
    _T.id.label("task_id"),
    _T.step_id,
    _T.name.label("step_name"),
    _T.role,
    _T.unit_id.label("step_unit_id"),
    _T.opened_at,
    _T.step_due_at,
    _T.slack_minutes,
    _T.late_minutes,
    _T.claimed_by_id,
    _P.full_name.label("claimed_by_name"),
    *LINE_COLUMNS,
)


def work_item(lens: Lens, row: Facts, letters: tuple[LetterLine, ...] = ()) -> WorkItem:
    """One row of `ITEM_COLUMNS`, with the letters of its dossier where the list shows them."""
    holder = row["claimed_by_name"] or ""
    step = StepFacts(row["step_name"], lens.units.get(row["step_unit_id"]).name, holder)
    return WorkItem(
        task_id=row["task_id"],
        step_id=row["step_id"],
        step_name=row["step_name"],
        role=row["role"],
        unit_id=row["step_unit_id"],
        opened_at=row["opened_at"],
        step_due_at=row["step_due_at"],
        claimed_by_id=row["claimed_by_id"],
        claimed_by_name=holder,
        version=row["version"],
        dossier=lens.line(row, step=step, letters=letters),
        slack_minutes=row["slack_minutes"],
        late_minutes=row["late_minutes"],
        step_minutes=_step_minutes(lens, row),
    )


def _step_minutes(lens: Lens, row: Facts) -> int | None:
    due_at, outlook = row["step_due_at"], lens.outlook_of(row["deciding_unit_id"])
    if due_at is None:
        return None
    if outlook.at > due_at:
        return min(-1, -(outlook.calendar.office_time(due_at, outlook.at) // _MINUTE))
    return outlook.calendar.office_time(outlook.at, due_at) // _MINUTE
