"""What happened to a dossier: the audit chain, the clock ledger, overdue facts, notices, its outcome."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update

from engine.persistence.base import table_of
from engine.persistence.models import AuditEvent, ClockEntryRow, Dossier, Notice, OutcomeRow, OverdueFact
from engine.persistence.statements import insert_once

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

_E = table_of(AuditEvent).c
_C = table_of(ClockEntryRow).c
_OUT = table_of(OutcomeRow).c
_APPEND = insert(table_of(AuditEvent))
_APPEND_CLOCK = insert(table_of(ClockEntryRow))
_NOTIFY = insert(table_of(Notice))
_CLOCK = select(table_of(ClockEntryRow)).where(_C.dossier_id == bindparam("key")).order_by(_C.seq)
_EVENTS = select(table_of(AuditEvent)).where(_E.dossier_id == bindparam("key")).order_by(_E.seq)

_LAST_OF = (
    select(table_of(AuditEvent))
    .where(_E.dossier_id == bindparam("key"), _E.kind == bindparam("kind"))
    .order_by(_E.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Link:
    """The end of the audit chain of a dossier: how many events there are, and the hash of the last one."""

    count: int
    hash: str


def event_hash(
    previous: str, *, seq: int, kind: str, at: datetime, recorded_at: datetime, by: str, data: Mapping[str, Any]
) -> str:
    """Hash one audit event together with the hash of the event before it (SHA-256, hexadecimal)."""
    content = [previous, seq, kind, _instant(at), _instant(recorded_at), by, data]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def follows(previous: str, seq: int, event: Mapping[str, Any] | RowMapping) -> bool:
    """Whether an audit event is what was written, as number `seq` after the event with the hash `previous`."""
    facts = {name: event[name] for name in ("kind", "at", "recorded_at", "by", "data")}
    return bool(event["seq"] == seq and event["hash"] == event_hash(previous, seq=seq, **facts))


def _instant(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def chained(
    dossier_id: int, link: Link, *, kind: str, at: datetime, recorded_at: datetime, by: str, data: dict[str, Any]
) -> tuple[Link, dict[str, Any]]:
    """The row of an audit event after `link`, and the new end of the chain, to be saved on the dossier."""
    seq = link.count + 1
    facts: dict[str, Any] = {"kind": kind, "at": at, "recorded_at": recorded_at, "by": by, "data": data}
    digest = event_hash(link.hash, seq=seq, **facts)
    return Link(seq, digest), {"dossier_id": dossier_id, "seq": seq, **facts, "hash": digest}


class History:
    """The record of what happened, as one transaction sees it."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def append(
        self,
        dossier_id: int,
        link: Link,
        *,
        kind: str,
        at: datetime,
        recorded_at: datetime,
        by: str,
        data: dict[str, Any],
    ) -> Link:
        """Write one audit event after `link`; the new end of the chain has to be saved on the dossier."""
        following, row = chained(dossier_id, link, kind=kind, at=at, recorded_at=recorded_at, by=by, data=data)
        self._connection.execute(_APPEND, row)
        return following

    def events(self, dossier_id: int) -> list[RowMapping]:
        """The audit events of a dossier, oldest first."""
        return list(self._connection.execute(_EVENTS, {"key": dossier_id}).mappings())

    def standing_events(self, dossier_id: int) -> list[RowMapping]:
        """The audit events of a dossier that still stand, oldest first: steps that were taken back are left out."""
        events = self.events(dossier_id)
        undone = {event["data"].get("undoes") for event in events if event["kind"] == "step_undone"}
        return [event for event in events if event["seq"] not in undone]

    def last_of(self, dossier_id: int, kind: str) -> RowMapping | None:
        """The last audit event of a kind."""
        return self._connection.execute(_LAST_OF, {"key": dossier_id, "kind": kind}).mappings().one_or_none()

    def walk_chains(self) -> Generator[RowMapping]:
        """Every audit event with the count and hash that its dossier has on record, dossier by dossier.

        Close it if you leave it early: the database keeps a cursor open for it.
        """
        statement = (
            select(
                table_of(AuditEvent),
                table_of(Dossier).c.code,
                table_of(Dossier).c.event_count,
                table_of(Dossier).c.event_hash,
            )
            .join(table_of(Dossier), table_of(Dossier).c.id == _E.dossier_id)
            .order_by(_E.dossier_id, _E.seq)
            .execution_options(yield_per=1000)
        )
        with self._connection.execute(statement) as rows:
            yield from rows.mappings()

    def first_without_events(self) -> str | None:
        """The code of a dossier that has events on record of which none is left."""
        dossier = table_of(Dossier).c
        lost = dossier.id.not_in(select(_E.dossier_id))
        return self._connection.scalars(select(dossier.code).where(dossier.event_count > 0, lost).limit(1)).first()

    def clock(self, dossier_id: int) -> list[RowMapping]:
        """The clock ledger of a dossier, in order."""
        return list(self._connection.execute(_CLOCK, {"key": dossier_id}).mappings())

    def append_clock(self, dossier_id: int, seq: int, **entry: Any) -> None:
        """Write one line of the clock ledger."""
        self._connection.execute(_APPEND_CLOCK, {"dossier_id": dossier_id, "seq": seq, **entry})

    def record_fact(
        self, dossier_id: int, missed_due_at: datetime, kind: str, found_at: datetime, ordinal: int = 1
    ) -> bool:
        """Record that a due date was missed or comes near; False if that was on record already."""
        return insert_once(
            self._connection,
            table_of(OverdueFact),
            dossier_id=dossier_id,
            missed_due_at=missed_due_at,
            kind=kind,
            found_at=found_at,
            ordinal=ordinal,
        )

    def notify(
        self, dossier_id: int | None, *, unit_id: int, role: str, message: str, at: datetime, note: str = ""
    ) -> None:
        """Leave a word for the people who hold `role` in a unit, about a dossier or (None) about the unit itself.

        `note`: what somebody wrote to go with it.
        """
        self._connection.execute(
            _NOTIFY,
            {"dossier_id": dossier_id, "unit_id": unit_id, "role": role, "message": message, "at": at, "note": note},
        )

    def read_notice(self, notice_id: int, *, at: datetime, by: str) -> None:
        """Mark a notice as read."""
        notice = table_of(Notice).c
        self._connection.execute(
            update(table_of(Notice))
            .where(notice.id == notice_id, notice.read_at.is_(None))
            .values(read_at=at, read_by=by)
        )

    def replace_outcome(self, dossier_id: int, **outcome: Any) -> None:
        """Write anew what a dossier counts as, because its record was corrected."""
        self._connection.execute(update(table_of(OutcomeRow)).where(_OUT.dossier_id == dossier_id).values(**outcome))

    def withdraw_notices(self, dossier_id: int, message: str, *, at: datetime, by: str) -> None:
        """Put away what was said of a dossier and is not so any more."""
        notice = table_of(Notice).c
        self._connection.execute(
            update(table_of(Notice))
            .where(notice.dossier_id == dossier_id, notice.message == message, notice.read_at.is_(None))
            .values(read_at=at, read_by=by)
        )

    def record_outcome(self, **outcome: Any) -> bool:
        """Write what a dossier counts as; False if that was done already."""
        return insert_once(self._connection, table_of(OutcomeRow), **outcome)
