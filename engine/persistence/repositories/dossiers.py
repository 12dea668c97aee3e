"""Dossiers, their process state, their open steps, and who may touch them at the same moment (nobody)."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from engine.domain.errors import Conflict, NotFound
from engine.domain.intake_identity import identity_key
from engine.domain.status import DossierStatus
from engine.domain.worklists import NO_DATE, applicant_kind, search_words
from engine.persistence.base import UtcDateTime, table_of
from engine.persistence.models import Dossier, DossierWord, Instance, NumberSeries, Task
from engine.persistence.records import DossierRecord, TaskRecord
from engine.persistence.statements import insert_once, next_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from engine.domain.dossier import Applicant, HandedInItem, Submitter

_D = table_of(Dossier).c
_I = table_of(Instance).c
_T = table_of(Task).c

# What of a dossier changes after its receipt. One statement saves it all: built once, the same for every act.
MUTABLE = (
    "status",
    "due_at",
    "first_due_at",
    "attention_at",
    "calendar_version",
    "rules_version",
    "is_paused",
    "overdue_count",
    "supplement_rounds",
    "return_count",
    "correction_count",
    "resolved_at",
    "delivered_at",
    "delivered_by",
    "ended_at",
    "rung",
    "rung_label",
    "has_draft",
    "act_version",
    "event_count",
    "event_hash",
)
_MUTABLE = frozenset(MUTABLE)
_SAVE = (
    update(table_of(Dossier))
    .where(_D.id == bindparam("key"), _D.version == bindparam("seen_version"))
    .values(version=_D.version + 1, **{name: bindparam(f"new_{name}") for name in MUTABLE})
)
_ADD = insert(table_of(Dossier)).returning(table_of(Dossier))
_ADD_STATE = insert(table_of(Instance))
_BY_CODE = select(table_of(Dossier)).where(_D.code == bindparam("key"))
_BY_ID = select(table_of(Dossier)).where(_D.id == bindparam("key"))
_BY_IDS = select(table_of(Dossier)).where(_D.id.in_(bindparam("keys", expanding=True)))
_LOCK_BY_CODE = _BY_CODE.with_for_update()
_LOCK_IF_FREE = _BY_ID.with_for_update(skip_locked=True)
_LOCK_IF_DUE = _BY_ID.where(_D.attention_at < bindparam("at")).with_for_update(skip_locked=True)
_BY_KEY = select(_D.code, _D.id).where(_D.idempotency_key == bindparam("key"))
_BY_TOKEN = select(table_of(Dossier)).where(_D.receipt_token == bindparam("key"))
_DUE = (
    select(_D.id)
    .where(_D.attention_at.is_not(None), _D.attention_at < bindparam("at"))
    .order_by(_D.attention_at)
    .limit(bindparam("most"))
)
_NEXT = select(func.min(_D.attention_at)).where(_D.attention_at.is_not(None))
_STATE = select(_I.state).where(_I.dossier_id == bindparam("key"))
_SAVE_STATE = update(table_of(Instance)).where(_I.dossier_id == bindparam("key")).values(state=bindparam("new_state"))
_OPEN_TASKS = select(table_of(Task)).where(_T.dossier_id == bindparam("key"), _T.closed_at.is_(None)).order_by(_T.id)
_ALL_TASKS = select(table_of(Task)).where(_T.dossier_id == bindparam("key")).order_by(_T.id)
_DONE_STEPS = (
    select(_T.step_id)
    .where(_T.dossier_id == bindparam("key"), _T.closed_at.is_not(None), _T.is_interrupted.is_(False))
    .group_by(_T.step_id)
    .order_by(func.min(_T.id))
)
_OPEN = insert(table_of(Task))
_CLOSE_TASK = (
    update(table_of(Task))
    .where(_T.dossier_id == bindparam("key"), _T.task_key == bindparam("closing_key"), _T.closed_at.is_(None))
    .values(
        closed_at=bindparam("at"),
        closed_by=bindparam("by"),
        is_interrupted=bindparam("interrupted"),
        late_minutes=bindparam("late"),
    )
)
# Open steps carry what lists are sorted by; a row that says it already is left alone.
_KEEP_UP = (
    update(table_of(Task))
    .where(
        _T.dossier_id == bindparam("key"),
        _T.closed_at.is_(None),
        or_(
            _T.urgent_at != bindparam("date", type_=UtcDateTime()),
            _T.desk_id != bindparam("desk"),
            _T.deciding_unit_id != bindparam("deciding"),
        ),
    )
    .values(
        urgent_at=bindparam("date", type_=UtcDateTime()),
        desk_id=bindparam("desk"),
        deciding_unit_id=bindparam("deciding"),
    )
)
_ADD_WORDS = insert(table_of(DossierWord))
_CLAIM = (
    update(table_of(Task))
    .where(_T.id == bindparam("task"), _T.closed_at.is_(None), _T.claimed_by_id.is_(None))
    .values(claimed_by_id=bindparam("person"))
)
_RELEASE = (
    update(table_of(Task))
    .where(_T.id == bindparam("task"), _T.closed_at.is_(None), _T.claimed_by_id == bindparam("person"))
    .values(claimed_by_id=None)
)


class ReceivedBefore(Conflict):
    """Hồ sơ này vừa được tiếp nhận bởi một lần gửi khác của cùng một người."""

    code = "received_before"


class Dossiers:
    """The dossiers, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def next_number(self, scope: str, *, first: int = 1) -> int:
        """Take the next number of a series; it is lost again if the transaction is rolled back.

        A series that has given none yet begins with `first`: an office that comes to the system in mid-year goes on.
        """
        if first > 1:
            insert_once(self._connection, table_of(NumberSeries), scope=scope, last_number=first - 1)
        return next_number(self._connection, table_of(NumberSeries), scope)

    def add(
        self,
        *,
        applicant: Applicant,
        submitter: Submitter | None,
        items: tuple[HandedInItem, ...],
        state: bytes,
        **facts: Any,
    ) -> DossierRecord:
        """Insert a dossier with the state of its process; raises `ReceivedBefore` if its idempotency key is taken."""
        values = {
            **facts,
            "applicant_name": applicant.full_name,
            "applicant": asdict(applicant),
            "applicant_kind": applicant_kind(applicant.identity_number),
            "identity_key": identity_key(applicant.identity_number),
            "submitter": asdict(submitter) if submitter else None,
            "items": [asdict(item) for item in items],
        }
        try:
            row = self._connection.execute(_ADD, values).mappings().one()
        except IntegrityError as error:
            if "idempotency_key" in str(error.orig):
                raise ReceivedBefore from None
            raise
        self._connection.execute(_ADD_STATE, {"dossier_id": row["id"], "state": state})
        words = [{"word": word, "dossier_id": row["id"]} for word in sorted(search_words(facts["search_key"]))]
        self._connection.execute(_ADD_WORDS, words)
        return DossierRecord.read(row)

    def find(self, code: str) -> DossierRecord:
        """Read a dossier by its code without locking it; raises `NotFound`."""
        return self._one(_BY_CODE, code)

    def by_id(self, dossier_id: int) -> DossierRecord:
        """Read a dossier by its id without locking it."""
        return self._one(_BY_ID, dossier_id)

    def by_ids(self, dossier_ids: Iterable[int]) -> list[DossierRecord]:
        """Read dossiers by their ids without locking them."""
        rows = self._connection.execute(_BY_IDS, {"keys": list(dossier_ids)}).mappings()
        return [DossierRecord.read(row) for row in rows]

    def by_receipt_token(self, token: str) -> DossierRecord:
        """Read a dossier by the unguessable token of its receipt; raises `NotFound`."""
        return self._one(_BY_TOKEN, token)

    def lock(self, code: str) -> DossierRecord:
        """Read a dossier and keep everybody else from changing it until the transaction ends; raises `NotFound`."""
        return self._one(_LOCK_BY_CODE, code)

    def lock_free(self, dossier_id: int) -> DossierRecord | None:
        """Read and lock a dossier that nobody holds; None if somebody does: never wait while holding another one."""
        row = self._connection.execute(_LOCK_IF_FREE, {"key": dossier_id}).mappings().one_or_none()
        return DossierRecord.read(row) if row else None

    def claim_due(self, dossier_id: int, at: datetime) -> DossierRecord | None:
        """Lock a dossier if it still wants attention at `at` and nobody else has it; None otherwise."""
        row = self._connection.execute(_LOCK_IF_DUE, {"key": dossier_id, "at": at}).mappings().one_or_none()
        return DossierRecord.read(row) if row else None

    def due(self, at: datetime, most: int) -> list[int]:
        """Ids of up to `most` dossiers that want attention before `at`, the longest waiting first."""
        return list(self._connection.scalars(_DUE, {"at": at, "most": most}))

    def next_attention(self) -> datetime | None:
        """The earliest moment for which a dossier waits."""
        moment: datetime | None = self._connection.scalars(_NEXT).one()
        return moment

    def code_of_key(self, idempotency_key: str) -> str | None:
        """The code of the dossier that was received with this key, if one was."""
        row = self._connection.execute(_BY_KEY, {"key": idempotency_key}).one_or_none()
        return row.code if row else None

    def save(self, dossier: DossierRecord, **changes: Any) -> DossierRecord:
        """Write `changes` and count the version up; raises `Conflict` if the row moved since it was read.

        Only what is `MUTABLE` can be saved: a `TypeError` names any other column.
        """
        foreign = changes.keys() - _MUTABLE
        if foreign:
            message = f"not a column of a dossier that changes: {', '.join(sorted(foreign))}"
            raise TypeError(message)
        if "status" in changes:
            changes["status"] = DossierStatus(changes["status"])
        saved = replace(dossier, **changes, version=dossier.version + 1)
        values = {f"new_{name}": getattr(saved, name) for name in MUTABLE}
        done = self._connection.execute(_SAVE, {"key": dossier.id, "seen_version": dossier.version, **values})
        if done.rowcount != 1:
            raise Conflict(dossier_code=dossier.code)
        self._keep_up(saved)
        return saved

    def _keep_up(self, dossier: DossierRecord) -> None:
        is_over = dossier.resolved_at is not None or dossier.ended_at is not None
        date = NO_DATE if is_over or dossier.due_at is None else dossier.due_at
        values = {"key": dossier.id, "date": date, "desk": dossier.unit_id, "deciding": dossier.deciding_unit_id}
        self._connection.execute(_KEEP_UP, values)

    def put_off(self, dossier_id: int, until: datetime) -> None:
        """Let the sweep come back to a dossier later, because looking at it failed."""
        self._connection.execute(update(table_of(Dossier)).where(_D.id == dossier_id).values(attention_at=until))

    def state(self, dossier_id: int) -> bytes:
        """The compact state of the process of a dossier."""
        return bytes(self._connection.scalars(_STATE, {"key": dossier_id}).one())

    def save_state(self, dossier_id: int, state: bytes) -> None:
        """Replace the state of the process of a dossier."""
        self._connection.execute(_SAVE_STATE, {"key": dossier_id, "new_state": state})

    def _one(self, statement: Any, key: object) -> DossierRecord:
        row = self._connection.execute(statement, {"key": key}).mappings().one_or_none()
        if row is None:
            raise NotFound(what=f"hồ sơ {key}" if isinstance(key, str) else "hồ sơ")
        return DossierRecord.read(row)


class Tasks:
    """Open and closed steps."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def open_of(self, dossier_id: int) -> list[TaskRecord]:
        """The open steps of a dossier, in the order in which they were opened."""
        return [TaskRecord(**row) for row in self._connection.execute(_OPEN_TASKS, {"key": dossier_id}).mappings()]

    def all_of(self, dossier_id: int) -> list[TaskRecord]:
        """Every step that was ever opened for a dossier."""
        return [TaskRecord(**row) for row in self._connection.execute(_ALL_TASKS, {"key": dossier_id}).mappings()]

    def done_steps(self, dossier_id: int) -> list[str]:
        """The ids of the steps that somebody has completed, in the order in which each was first opened.

        Interrupted steps do not count.
        """
        return list(self._connection.scalars(_DONE_STEPS, {"key": dossier_id}))

    def open_all(self, rows: Iterable[dict[str, Any]]) -> None:
        """Open steps."""
        rows = list(rows)
        if rows:
            self._connection.execute(_OPEN, rows)

    def close(
        self,
        dossier_id: int,
        task_key: str,
        *,
        at: datetime,
        by: str,
        interrupted: bool,
        late_minutes: int | None = None,
    ) -> None:
        """Close an open step: done by somebody, so many office minutes late, or interrupted by an event."""
        values = {"key": dossier_id, "closing_key": task_key, "at": at, "by": by, "interrupted": interrupted}
        self._connection.execute(_CLOSE_TASK, {**values, "late": late_minutes})

    def revise(self, task_id: int, **columns: Any) -> None:
        """Let an open step read as another version of its procedure calls it."""
        self._connection.execute(update(table_of(Task)).where(_T.id == task_id).values(**columns))

    def take_back(self, dossier_id: int, opened: Iterable[str], closed: Iterable[str], at: datetime) -> None:
        """Take an act at `at` back: the steps that it opened were never open, those that it closed were never closed.

        To be called in the transaction that locks the dossier, when nobody has touched these steps since.
        """
        of_it = _T.dossier_id == dossier_id
        self._connection.execute(delete(table_of(Task)).where(of_it, _T.task_key.in_(list(opened)), _T.opened_at == at))
        self._connection.execute(
            update(table_of(Task))
            .where(of_it, _T.task_key.in_(list(closed)), _T.closed_at == at)
            .values(closed_at=None, closed_by=None, is_interrupted=False, late_minutes=None)
        )

    def claim(self, task_id: int, person_id: int) -> bool:
        """Take a step that nobody has taken; False if somebody has."""
        return self._connection.execute(_CLAIM, {"task": task_id, "person": person_id}).rowcount == 1

    def give(self, task_id: int, person_id: int | None) -> None:
        """Give an open step to somebody, whoever held it; None: to nobody."""
        open_step = update(table_of(Task)).where(_T.id == task_id, _T.closed_at.is_(None))
        self._connection.execute(open_step.values(claimed_by_id=person_id))

    def release(self, task_id: int, person_id: int) -> bool:
        """Give a step back; False if the person does not hold it."""
        return self._connection.execute(_RELEASE, {"task": task_id, "person": person_id}).rowcount == 1
