"""Dossiers whose dates were worked out by another calendar or other rules than hold now, read and written in bulk.

What is stale is a question to the rows: nothing else remembers what has still to be done, so a killed run loses nothing
and two processes share the work. No statement here is issued once a dossier.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, exists, func, insert, or_, select, union_all, update

from engine.domain.worklists import NO_DATE
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import AuditEvent, ClockEntryRow, Dossier, Notice, OverdueFact, ReprojectionRun, Task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, CompoundSelect, Connection

    from engine.domain.reprojection import OpenStep

# A dossier that could not be worked out is passed over until somebody acts on it, or asks for it again.
FAILED = "failed"

_TABLE = table_of(Dossier)
_D, _T, _C = _TABLE.c, table_of(Task).c, table_of(ClockEntryRow).c
_F, _R = table_of(OverdueFact).c, table_of(ReprojectionRun).c
_IS_OPEN = _D.ended_at.is_(None)
COLUMNS = (
    *(_D.id, _D.code, _D.definition_ref, _D.case_id, _D.deciding_unit_id, _D.due_at, _D.first_due_at, _D.attention_at),
    *(_D.calendar_version, _D.is_paused, _D.resolved_at, _D.rung, _D.rung_label, _D.has_draft, _D.overdue_count),
    *(_D.version, _D.event_count, _D.event_hash, _D.rules_version),
)
_ROWS = select(*COLUMNS).where(_D.id.in_(bindparam("ids", expanding=True))).order_by(_D.id)
_LOCK = (
    select(_D.id, _D.version)
    .where(_D.id.in_(bindparam("ids", expanding=True)))
    .order_by(_D.id)
    .with_for_update(skip_locked=True)
)
_CLOCK = (
    select(*(column for column in _C if column.name != "id"))
    .where(_C.dossier_id.in_(bindparam("ids", expanding=True)))
    .order_by(_C.dossier_id, _C.seq)
)
_STEPS = (
    select(_T.id, _T.dossier_id, _T.step_id, _T.opened_at, _T.step_due_at, _T.timer_at, _T.unit_id, _T.role)
    .where(_T.dossier_id.in_(bindparam("ids", expanding=True)), _T.closed_at.is_(None))
    .order_by(_T.dossier_id, _T.id)
)
_CHANGING = ("due_at", "first_due_at", "is_paused", "attention_at", "rung", "rung_label", "calendar_version")
_CHANGED = (*_CHANGING, "rules_version", "overdue_count", "event_count", "event_hash")
_SAVE = (
    update(_TABLE)
    .where(_D.id == bindparam("key"))
    .values(version=_D.version + 1, **{name: bindparam(f"new_{name}") for name in _CHANGED})
)
# The steps of a work list are sorted by the date of their dossier.
_DATE = case((and_(_D.resolved_at.is_(None), _D.ended_at.is_(None)), func.coalesce(_D.due_at, NO_DATE)), else_=NO_DATE)
_KEEP_UP = (
    update(table_of(Task))
    .where(_T.dossier_id == bindparam("key"), _T.closed_at.is_(None))
    .values(urgent_at=select(_DATE).where(_D.id == bindparam("key")).scalar_subquery())
)
_SAVE_STEP = (
    update(table_of(Task))
    .where(_T.id == bindparam("key"))
    .values(step_due_at=bindparam("new_step_due_at"), timer_at=bindparam("new_timer_at"))
)
_MARK = (
    update(table_of(OverdueFact))
    .where(
        _F.dossier_id == bindparam("key"),
        _F.missed_due_at == bindparam("missed", type_=UtcDateTime()),
        _F.kind == "overdue",
        _F.moved_at.is_(None),
    )
    .values(moved_at=bindparam("at"))
)
_VERSIONS_OF = (
    select(_D.calendar_version)
    .where(_IS_OPEN, _D.deciding_unit_id == bindparam("unit"), _D.calendar_version > bindparam("after"))
    .order_by(_D.calendar_version)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Target:
    """The calendar version that the dossiers of a deciding unit should carry."""

    unit_id: int
    version: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that changed, as instants.

    They move no date of a dossier that was received after them, or that was due before `due_before`, far enough before
    them for every rung that follows a date, and has no step with a later date.
    """

    starts_at: datetime
    ends_at: datetime
    due_before: datetime


@dataclass(frozen=True, slots=True)
class Walk:
    """Which open dossiers a change may move: of these units, received before days that changed and due after them.

    Those that are still projected on another calendar than `versions` are met in any case.
    """

    unit_ids: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    versions: tuple[str, ...]


class Reprojections:
    """Stale dossiers, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- what is stale ---

    def stale(self, targets: Iterable[Target], rules_version: str, most: int) -> list[int]:
        """Ids of up to `most` open dossiers that are not projected as they should be."""
        found: list[int] = list(self._connection.scalars(_of_other_rules(rules_version).limit(most)))
        for target in targets:
            if len(found) >= most:
                break
            query = _of_other_calendar(target).limit(most - len(found))
            found += [each for each in self._connection.scalars(query) if each not in found]
        return found

    def count_stale(self, targets: Iterable[Target], rules_version: str) -> int:
        """How many open dossiers are not projected as they should be."""
        total = self._counted(_of_other_rules(rules_version))
        return total + sum(self._counted(_of_other_calendar(each, rules_version)) for each in targets)

    def _counted(self, ids: CompoundSelect[Any]) -> int:
        return int(self._connection.scalar(select(func.count()).select_from(ids.subquery())) or 0)

    def versions_of(self, unit_id: int) -> list[str]:
        """The calendar versions that open dossiers of a deciding unit carry."""
        found: list[str] = []
        while True:
            values = {"unit": unit_id, "after": found[-1] if found else ""}
            version = self._connection.scalar(_VERSIONS_OF, values)
            if version is None:
                return found
            found.append(version)

    def stamp(self, target: Target, old_version: str, rules_version: str, changed: Sequence[Stretch], most: int) -> int:
        """Let up to `most` dossiers of a unit that no changed stretch can have moved carry the new version as they are.

        Only of those whose rules are the same. Answers how many.
        """
        chosen = [_IS_OPEN, _D.deciding_unit_id == target.unit_id, _D.calendar_version == old_version]
        chosen.append(_D.rules_version == rules_version)
        chosen += map(_cannot_have_moved, changed)
        ids = select(_D.id).where(*chosen).limit(most).with_for_update(skip_locked=True)
        statement = update(_TABLE).where(_D.id.in_(ids)).values(calendar_version=target.version)
        return self._connection.execute(statement).rowcount

    def retry_failed(self) -> None:
        """Let dossiers that could not be worked out be tried again."""
        self._connection.execute(update(_TABLE).where(_IS_OPEN, _D.rules_version == FAILED).values(rules_version=""))

    def give_up(self, dossier_id: int) -> None:
        """Pass over a dossier that cannot be worked out."""
        self._connection.execute(update(_TABLE).where(_D.id == dossier_id).values(rules_version=FAILED))

    # --- what is known of dossiers ---

    def rows(self, ids: Collection[int]) -> Sequence[Any]:
        """What the rows of dossiers say that has to do with dates."""
        return self._connection.execute(_ROWS, {"ids": list(ids)}).all()

    def clocks(self, ids: Collection[int]) -> dict[int, list[Mapping[str, Any]]]:
        """The lines of their clock ledgers."""
        found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        result = self._connection.execute(_CLOCK, {"ids": list(ids)})
        names = list(result.keys())
        for row in result:
            found[row[0]].append(dict(zip(names, row, strict=True)))
        return found

    def steps(self, ids: Collection[int]) -> dict[int, list[Any]]:
        """Their open steps."""
        found: dict[int, list[Any]] = defaultdict(list)
        for row in self._connection.execute(_STEPS, {"ids": list(ids)}):
            found[row.dossier_id].append(row)
        return found

    def lock(self, seen: Mapping[int, int]) -> set[int]:
        """Lock dossiers that nobody holds and that nobody has changed since they were seen at a version."""
        rows = self._connection.execute(_LOCK, {"ids": list(seen)})
        return {row.id for row in rows if row.version == seen[row.id]}

    # --- a walk over all open dossiers ---

    def walk(self, walk: Walk, after: tuple[str, int], most: int) -> list[Any]:
        """Up to `most` dossiers that a change may move, after rules and id, in that order."""
        rules, last = after
        found: list[Any] = []
        for place in (
            and_(_D.rules_version == rules, _D.id > last),
            _D.rules_version > rules,
        ):  # each a range of an index
            query = select(_D.id, _D.rules_version).where(_may_move(walk), place)
            found += self._connection.execute(query.order_by(_D.rules_version, _D.id).limit(most - len(found)))
            if len(found) == most:
                break
        return found

    def count_walk(self, walk: Walk) -> int:
        """How many dossiers a walk will meet."""
        return int(self._connection.scalar(select(func.count()).select_from(_TABLE).where(_may_move(walk))) or 0)

    # --- what is written ---

    def save(self, dossiers: Sequence[Mapping[str, Any]], steps: Sequence[OpenStep]) -> None:
        """Write the columns of locked dossiers (`key` and all that change), and dates of their steps."""
        if dossiers:
            rows = [{"key": each["key"], **{f"new_{name}": each[name] for name in _CHANGED}} for each in dossiers]
            self._connection.execute(_SAVE, rows)
            self._connection.execute(_KEEP_UP, [{"key": each["key"]} for each in dossiers])
        if steps:
            values = [
                {"key": step.id, "new_step_due_at": step.step_due_at, "new_timer_at": step.timer_at} for step in steps
            ]
            self._connection.execute(_SAVE_STEP, values)

    def write(self, events: Sequence[Mapping[str, Any]], notices: Sequence[Mapping[str, Any]]) -> None:
        """Append to histories, leave words."""
        if events:
            self._connection.execute(insert(table_of(AuditEvent)), list(events))
        if notices:
            self._connection.execute(insert(table_of(Notice)), list(notices))

    def mark_moved(self, dossier_id: int, missed_due_at: datetime, at: datetime) -> bool:
        """Mark the fact that a date was missed which has moved since; whether there was one."""
        values = {"key": dossier_id, "missed": missed_due_at, "at": at}
        return self._connection.execute(_MARK, values).rowcount > 0

    # --- runs, to be watched ---

    def open_run(self) -> Any:
        """The run that goes on, if one does."""
        query = select(*_R).where(_R.finished_at.is_(None)).order_by(_R.id.desc()).limit(1)
        return self._connection.execute(query).one_or_none()

    def last_runs(self, most: int) -> Sequence[Any]:
        """The latest runs, the newest first."""
        return self._connection.execute(select(*_R).order_by(_R.id.desc()).limit(most)).all()

    def begin_run(self, *, at: datetime, fact_id: int, total: int) -> int:
        """Open a run."""
        nothing = dict.fromkeys(("done", "moved", "late", "cleared", "failed"), 0)
        statement = insert(table_of(ReprojectionRun)).values(started_at=at, fact_id=fact_id, total=total, **nothing)
        return int(self._connection.scalar(statement.returning(_R.id)) or 0)

    def count_up(self, run_id: int, **counts: int) -> None:
        """Add to the counts of a run."""
        values = {name: _R[name] + count for name, count in counts.items() if count}
        if values:
            self._connection.execute(update(table_of(ReprojectionRun)).where(_R.id == run_id).values(**values))

    def end_run(self, run_id: int, at: datetime) -> None:
        """Close a run that is open."""
        chosen = and_(_R.id == run_id, _R.finished_at.is_(None))
        self._connection.execute(update(table_of(ReprojectionRun)).where(chosen).values(finished_at=at))


# One select a range of an index, put together: of one condition with "or" a database without statistics makes a walk
# over every open dossier, once a batch.


def _of_other_rules(version: str) -> CompoundSelect[Any]:
    others = (_D.rules_version < version, _D.rules_version > version)
    return union_all(*(select(_D.id).where(_IS_OPEN, _D.rules_version != FAILED, other) for other in others))


def _of_other_calendar(target: Target, rules_version: str | None = None) -> CompoundSelect[Any]:
    known = _D.rules_version != FAILED if rules_version is None else _D.rules_version == rules_version
    chosen = (_IS_OPEN, _D.deciding_unit_id == target.unit_id, known)
    version = _D.calendar_version
    others = (version < target.version, version > target.version, version.is_(None))
    return union_all(*(select(_D.id).where(*chosen, other) for other in others))


def _may_move(walk: Walk) -> ColumnElement[bool]:
    met = (and_(_D.due_at >= each.starts_at, _D.received_at < each.ends_at) for each in walk.stretches)
    other = or_(_D.calendar_version.is_(None), _D.calendar_version.not_in(walk.versions))
    unit = _D.deciding_unit_id + 0  # not by the index of units: the dossiers are wanted in the order of another
    return and_(_IS_OPEN, _D.due_at.is_not(None), unit.in_(walk.unit_ids), or_(*met, other))


def _cannot_have_moved(changed: Stretch) -> ColumnElement[bool]:
    dated = and_(_D.is_paused.is_(False), _D.due_at.is_not(None), _D.due_at < changed.due_before)
    later = or_(_T.step_due_at >= changed.starts_at, _T.timer_at >= changed.starts_at)
    no_later_step = ~exists(select(_T.id).where(_T.dossier_id == _D.id, _T.closed_at.is_(None), later)).correlate(
        _TABLE
    )
    over = and_(dated, func.coalesce(_D.first_due_at, _D.due_at) < changed.due_before, no_later_step)
    return or_(_D.received_at >= changed.ends_at, over)
