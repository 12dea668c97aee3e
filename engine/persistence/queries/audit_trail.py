"""The audit trail, latest first, by keyset: every question is bounded by a period, a dossier, or both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from engine.domain.errors import BadInput
from engine.persistence.base import table_of
from engine.persistence.models import AccessEvent, AuditEvent, Dossier, MembershipRow, Person

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from engine.domain.audit import AuditChoice

_E = table_of(AuditEvent).c
_A = table_of(AccessEvent).c
_D = table_of(Dossier).c
_P = table_of(Person).c
_M = table_of(MembershipRow).c


class AuditTrailReader:
    """Reads what happened, in one transaction."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    def events(
        self,
        choice: AuditChoice,
        moments: tuple[datetime, datetime],
        units: Collection[int],
        before: str,
        most: int,
        dossier_id: int | None,
        *,
        everywhere: bool,
    ) -> Sequence[Any]:
        """Events of dossiers; of one dossier, its whole history."""
        statement = select(
            *(_E.id, _E.recorded_at.label("moment"), _E.by, _E.kind, _E.data, _E.seq),
            *(_D.code, _D.deciding_unit_id, _D.definition_ref, _D.case_id),
        ).join(table_of(Dossier), _D.id == _E.dossier_id)
        if dossier_id is not None:
            statement = statement.where(_E.dossier_id == dossier_id)
        else:
            statement = statement.where(_E.recorded_at >= moments[0], _E.recorded_at < moments[1])
            if not everywhere:
                statement = statement.where(or_(_D.deciding_unit_id.in_(units), _D.unit_id.in_(units)))
        if choice.by:
            statement = statement.where(_E.by == choice.by)
        if choice.kind:
            statement = statement.where(_E.kind == choice.kind)
        if before:
            statement = statement.where(tuple_(_E.recorded_at, _E.id) < _cursor(before))
        return self._connection.execute(statement.order_by(_E.recorded_at.desc(), _E.id.desc()).limit(most)).all()

    def access(
        self,
        choice: AuditChoice,
        moments: tuple[datetime, datetime],
        units: Collection[int],
        before: str,
        most: int,
        *,
        everywhere: bool,
    ) -> Sequence[Any]:
        """What was done about accounts and looked at, by or about people of some units."""
        statement = (
            select(_A.id, _A.at.label("moment"), _A.by, _A.kind, _A.data, _P.full_name)
            .outerjoin(table_of(Person), _P.id == _A.person_id)
            .where(_A.at >= moments[0], _A.at < moments[1])
        )
        if not everywhere:
            theirs = select(_M.person_id).where(_M.unit_id.in_(units))
            names = select(_P.username).where(_P.id.in_(theirs))
            statement = statement.where(or_(_A.person_id.in_(theirs), _A.by.in_(names)))
        if choice.by:
            person = select(_P.id).where(_P.username == choice.by)
            statement = statement.where(or_(_A.by == choice.by, _A.person_id.in_(person)))
        if choice.kind:
            statement = statement.where(_A.kind == choice.kind)
        if choice.code:
            statement = statement.where(_A.data["code"].as_string() == choice.code)
        if before:
            statement = statement.where(tuple_(_A.at, _A.id) < _cursor(before))
        return self._connection.execute(statement.order_by(_A.at.desc(), _A.id.desc()).limit(most)).all()

    def count_received(self, units: Collection[int], moments: tuple[datetime, datetime]) -> int:
        """How many dossiers of some units were received in a period."""
        statement = select(func.count()).select_from(table_of(Dossier)).where(_received(units, moments))
        return self._connection.scalar(statement) or 0

    def received(
        self, units: Collection[int], moments: tuple[datetime, datetime], after_id: int, most: int
    ) -> list[int]:
        """Their ids, in order, of at most so many after one."""
        statement = select(_D.id).where(_received(units, moments), _D.id > after_id).order_by(_D.id).limit(most)
        return list(self._connection.scalars(statement))

    def chains(self, dossier_ids: Collection[int]) -> Sequence[Any]:
        """The audit events of some dossiers, with the end of the chain that each has on record."""
        statement = (
            select(table_of(AuditEvent), _D.code, _D.event_count, _D.event_hash)
            .join(table_of(Dossier), _D.id == _E.dossier_id)
            .where(_E.dossier_id.in_(dossier_ids))
            .order_by(_E.dossier_id, _E.seq)
        )
        return self._connection.execute(statement).mappings().all()

    def codes(self, dossier_ids: Collection[int]) -> dict[int, tuple[str, int]]:
        """The code of some dossiers, and how many events each has on record."""
        rows = self._connection.execute(select(_D.id, _D.code, _D.event_count).where(_D.id.in_(dossier_ids)))
        return {row.id: (row.code, row.event_count) for row in rows}


def _received(units: Collection[int], moments: tuple[datetime, datetime]) -> ColumnElement[bool]:
    ours = or_(_D.unit_id.in_(units), _D.deciding_unit_id.in_(units))
    return and_(_D.received_at >= moments[0], _D.received_at < moments[1], ours)


def _cursor(before: str) -> tuple[datetime, int]:
    moment, _, number = before.partition("|")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        raise BadInput(detail="trang tiếp theo không đọc được, hãy tìm lại từ đầu") from None
