"""Taking back a step that was completed a moment ago: the dossier stands as before, and both acts are on record.

Only what stayed inside the office can be taken back: a step that let out a letter, told the applicant something on the
record, moved the clock, ended a dossier or was recorded late cannot. Messages that the act promised wait as long as it
may be taken back. The state of the process is put back as when a version is brought back (`engine.effects.moving`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.permissions import check_can_do_step
from engine.effects.journey import Journey
from engine.persistence.repositories.dossiers import MUTABLE
from engine.process.moving import put_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.domain.people import Actor
    from engine.domain.process import Advance
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.repositories.beside import UndoableRow
    from engine.persistence.unit_of_work import Transaction

# What an act may have written and still be taken back. Anything else reached somebody or moved something.
_INSIDE = frozenset({"step_completed", "status_changed", "notified"})
_OF_THE_CHAIN = frozenset({"event_count", "event_hash", "act_version"})
_KEPT = tuple(name for name in MUTABLE if name not in _OF_THE_CHAIN)


@dataclass(frozen=True, slots=True)
class Before:
    """How a dossier stood when an act began: its row, the state of its process, how many lines its clock had."""

    dossier: DossierRecord
    state: bytes
    clock_lines: int


class NothingToUndo(NotAllowedNow):
    """Không có việc nào của bạn ở hồ sơ này còn hoàn tác được."""

    code = "nothing_to_undo"


class UndoTooLate(NotAllowedNow):
    """Chỉ hoàn tác được trong {seconds} giây sau khi bấm. Nếu làm nhầm, hãy dùng bước trả lại của quy trình."""

    code = "undo_too_late"


class ActedSince(NotAllowedNow):
    """Không hoàn tác được: {who} đã làm tiếp ở hồ sơ này ({what}). Hãy trao đổi với người đó."""

    code = "acted_since"


def remember(journey: Journey, before: Before, task: TaskRecord, advance: Advance) -> datetime | None:
    """Keep what takes an act back; answers until when it may be taken back, None where it stands at once."""
    seconds = journey.office.settings.working.undo_seconds
    if not seconds or not _may_be_undone(journey, before):
        return None
    until = journey.at + timedelta(seconds=seconds)
    _keep(journey, before, task, advance, until)
    return until


def _may_be_undone(journey: Journey, before: Before) -> bool:
    """Whether all that an act did stayed inside the office; the journey is finished."""
    after = journey.dossier
    stayed = all(line.kind in _INSIDE and line.data.get("audience") != "applicant" for line in journey.written)
    return (
        journey.by.id is not None
        and stayed
        and len(journey.clock.ledger.entries) == before.clock_lines
        and after.ended_at is None
        and after.resolved_at == before.dossier.resolved_at
    )


def _keep(journey: Journey, before: Before, task: TaskRecord, advance: Advance, until: datetime) -> None:
    """Keep what takes an act back, and let the messages that it promised wait."""
    facts = {
        "columns": {name: _plain(getattr(before.dossier, name)) for name in _KEPT},
        "closed": list(advance.closed),
        "opened": [opened.id for opened in advance.opened],
        "act_seq": next(line.seq for line in journey.written if line.kind == "step_completed"),
        "at": journey.at.isoformat(),
        "words": [str(line.data["message"]) for line in journey.written if line.kind == "notified"],
    }
    journey.tx.deliveries.hold_back(_event_keys(journey), until)
    journey.tx.beside.remember(
        dossier_id=before.dossier.id,
        person_id=journey.by.id,
        task_id=task.id,
        version=journey.dossier.version,
        until_at=until,
        state=before.state,
        facts={**facts, "events": _event_keys(journey)},
    )


def take_back(tx: Transaction, office: Office, actor: Actor, code: str, *, at: datetime) -> str:
    """Take the last act of `actor` on a dossier back; answers the name of the step that is open again.

    Raises `NothingToUndo`, `UndoTooLate`, `ActedSince`, `Refused`; `NotFound` for a dossier that is none of theirs.
    """
    dossier = tx.dossiers.lock(code)
    kept = tx.beside.undoable(dossier.id)
    if kept is None or kept.person_id != actor.id:
        raise NothingToUndo
    if at > kept.until_at:
        raise UndoTooLate(seconds=office.settings.working.undo_seconds)
    if dossier.version != kept.version:
        raise _acted(tx, dossier)
    return _put_back(tx, office, dossier, kept, by=actor, at=at)


def _put_back(
    tx: Transaction, office: Office, dossier: DossierRecord, kept: UndoableRow, *, by: Actor, at: datetime
) -> str:
    acted_at = datetime.fromisoformat(kept.facts["at"])
    tx.tasks.take_back(dossier.id, kept.facts["opened"], kept.facts["closed"], acted_at)
    task = next((task for task in tx.tasks.open_of(dossier.id) if task.id == kept.task_id), None)
    if task is None:
        raise NotFound(what=f"bước xử lý của hồ sơ {dossier.code}")
    check_can_do_step(by, task)
    journey = Journey(tx, office, dossier, by=by, at=at)
    tx.dossiers.save_state(dossier.id, put_back(kept.state, tx.dossiers.state(dossier.id)))
    for message in kept.facts["words"]:
        tx.history.withdraw_notices(dossier.id, message, at=at, by=by.username)
    tx.beside.forget_returns(dossier.id, acted_at, by.username)
    tx.deliveries.take_back(kept.facts["events"], at=at)
    tx.beside.forget(dossier.id)
    journey.note("step_undone", step_id=task.step_id, name=task.name, undoes=kept.facts["act_seq"])
    journey.restore(_columns(kept.facts["columns"]))
    return task.name


def _acted(tx: Transaction, dossier: DossierRecord) -> ActedSince:
    last = tx.history.events(dossier.id)[-1]
    person = tx.people.by_username(last["by"])
    who = person.full_name if person else "hệ thống"
    return ActedSince(who=who, what=str(last["data"].get("name") or dossier.code))


def _event_keys(journey: Journey) -> list[str]:
    return [f"event:{journey.dossier.id}:{line.seq}" for line in journey.written]


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    return int(value) if isinstance(value, IntEnum) else value


def _columns(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value["instant"]) if isinstance(value, dict) else value
        for name, value in kept.items()
    }
