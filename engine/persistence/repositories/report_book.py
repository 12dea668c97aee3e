"""What came in day by day, reports as they were sent, and what was reminded of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from engine.domain.people import Role
from engine.persistence.base import table_of
from engine.persistence.models import Dossier, MembershipRow, ReceivedDay, ReportReminder, ReportSnapshot
from engine.persistence.queries.moved_dossiers import first_homes, taken_over
from engine.persistence.statements import add_up, insert_once

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime, tzinfo

    from sqlalchemy import Connection, RowMapping

_D, _R = table_of(Dossier).c, table_of(ReceivedDay).c
_S, _M = table_of(ReportSnapshot).c, table_of(ReportReminder).c
_AT_ONCE = 2000
# Everything of a report that was sent, but not its text.
_HEAD = tuple(column for column in _S if column.name != "content")

DayKey = tuple[Any, ...]


class ReportBook:
    """Kept sums of what came in, and the reports that were sent, as one transaction sees them."""

    def __init__(self, connection: Connection) -> None:
        """Work over an open transaction."""
        self._connection = connection

    # --- what came in ---

    def receive(self, day: date, *, unit_id: int, procedure_code: str, channel: str) -> None:
        """Count a dossier that came in for a deciding unit."""
        key: dict[str, Any] = {"day": day, "unit_id": unit_id, "procedure_code": procedure_code, "channel": channel}
        add_up(self._connection, table_of(ReceivedDay), **key, received=1, moved_in=0, moved_out=0)

    def move(self, day: date, *, from_id: int, to_id: int, procedure_code: str, channel: str) -> None:
        """Count an open dossier that another deciding unit takes over: whoever changes that column calls this."""
        for unit_id, sign in sorted(((from_id, 0), (to_id, 1))):
            key: dict[str, Any] = {"day": day, "unit_id": unit_id, "procedure_code": procedure_code, "channel": channel}
            add_up(self._connection, table_of(ReceivedDay), **key, received=0, moved_in=sign, moved_out=1 - sign)

    def received(self) -> tuple[Counter[DayKey], Counter[DayKey]]:
        """Every kept sum: by day, procedure and channel; and what each unit has, moved dossiers where they are now."""
        by_day: Counter[DayKey] = Counter()
        by_unit: Counter[DayKey] = Counter()
        for row in self._connection.execute(select(table_of(ReceivedDay))):
            by_day[row.day, row.procedure_code, row.channel] += row.received
            by_unit[row.unit_id, row.procedure_code] += row.received + row.moved_in - row.moved_out
        return by_day, by_unit

    def counted_anew(self, zone: tzinfo) -> tuple[Counter[DayKey], Counter[DayKey]]:
        """The same from the dossiers themselves: every one is read."""
        by_day: Counter[DayKey] = Counter()
        by_unit: Counter[DayKey] = Counter()
        for row in self._dossiers():
            by_day[row.received_at.astimezone(zone).date(), row.procedure_code, row.channel] += 1
            by_unit[row.deciding_unit_id, row.procedure_code] += 1
        return by_day, by_unit

    def count_anew(self, zone: tzinfo) -> None:
        """Make the sums of what came in anew, with what units took over from others."""
        found: Counter[DayKey] = Counter()
        taken = taken_over(self._connection)
        homes = first_homes(taken)
        for row in self._dossiers():
            day = row.received_at.astimezone(zone).date()
            found[day, homes.get(row.id, row.deciding_unit_id), row.procedure_code, row.channel] += 1
        names = ("day", "unit_id", "procedure_code", "channel")
        rows = [
            {**dict(zip(names, key, strict=True)), "received": number, "moved_in": 0, "moved_out": 0}
            for key, number in found.items()
        ]
        self._connection.execute(delete(table_of(ReceivedDay)))
        for start in range(0, len(rows), _AT_ONCE):
            self._connection.execute(insert(table_of(ReceivedDay)), rows[start : start + _AT_ONCE])
        for each in taken:
            facts = {"procedure_code": each.procedure_code, "channel": each.channel}
            self.move(each.day, from_id=each.from_id, to_id=each.to_id, **facts)

    def _dossiers(self) -> Any:
        statement = select(_D.id, _D.received_at, _D.deciding_unit_id, _D.procedure_code, _D.channel)
        return self._connection.execute(statement.execution_options(yield_per=_AT_ONCE))

    # --- what was sent ---

    def send(self, **facts: Any) -> int:
        """Keep a report as it is sent; answers its number."""
        same = [_S[name] == facts[name] for name in ("name", "unit_code", "period_code")]
        seq = (self._connection.scalar(select(func.max(_S.seq)).where(*same)) or 0) + 1
        return int(
            self._connection.scalar(insert(table_of(ReportSnapshot)).values(**facts, seq=seq).returning(_S.id)) or 0
        )

    def sent(self, number: int) -> RowMapping | None:
        """One report that was sent, with its text."""
        return (
            self._connection.execute(select(table_of(ReportSnapshot)).where(_S.id == number)).mappings().one_or_none()
        )

    def sent_lately(self, unit_codes: Collection[str] | None, most: int) -> Sequence[RowMapping]:
        """What was sent for some units (None: for any), the latest first, without its text."""
        statement = select(*_HEAD).order_by(_S.id.desc()).limit(most)
        if unit_codes is not None:
            statement = statement.where(_S.unit_code.in_(sorted(unit_codes)))
        return self._connection.execute(statement).mappings().all()

    def sent_since(self, names: Collection[str], since: datetime) -> Sequence[RowMapping]:
        """The reports of some names that were sent at a moment or after it, the first first, with their texts."""
        statement = select(table_of(ReportSnapshot)).where(_S.sent_at >= since, _S.name.in_(sorted(names)))
        return self._connection.execute(statement.order_by(_S.id)).mappings().all()

    def last_sent(self, name: str, unit_code: str, period_code: str) -> RowMapping | None:
        """What was last sent of a report for a unit and period, with its text."""
        statement = (
            select(table_of(ReportSnapshot))
            .where(_S.name == name, _S.unit_code == unit_code, _S.period_code == period_code)
            .order_by(_S.seq.desc())
            .limit(1)
        )
        return self._connection.execute(statement).mappings().one_or_none()

    def sent_periods(self, unit_codes: Collection[str], since: datetime) -> Mapping[tuple[str, str, str], datetime]:
        """When each report was last sent since a moment, by report, unit and period."""
        statement = (
            select(_S.name, _S.unit_code, _S.period_code, func.max(_S.sent_at).label("sent_at"))
            .where(_S.unit_code.in_(sorted(unit_codes)), _S.sent_at >= since)
            .group_by(_S.name, _S.unit_code, _S.period_code)
        )
        return {(row.name, row.unit_code, row.period_code): row.sent_at for row in self._connection.execute(statement)}

    # --- what was reminded of ---

    def remind(self, *, at: datetime, **facts: Any) -> bool:
        """Note that is told of a unit's report (`unit_id`, `report`, `period_code`, `kind`); False if it was before."""
        return insert_once(self._connection, table_of(ReportReminder), **facts, told_at=at)

    def told(self, since: date) -> frozenset[tuple[int, str, str, str]]:
        """Of what was told, of all that is due from a day on: unit, report, period, kind."""
        statement = select(_M.unit_id, _M.report, _M.period_code, _M.kind).where(_M.due_on >= since)
        return frozenset((row[0], row[1], row[2], row[3]) for row in self._connection.execute(statement))

    def supervised_units(self) -> Sequence[int]:
        """The units that have a supervisor of their own."""
        members = table_of(MembershipRow).c
        statement = select(members.unit_id).where(members.role == Role.SUPERVISOR.value).distinct()
        return self._connection.scalars(statement).all()

    def reminders(self, unit_ids: Collection[int], since: date) -> Sequence[RowMapping]:
        """What units were told of that is due from a day on, the soonest first."""
        statement = (
            select(table_of(ReportReminder))
            .where(_M.unit_id.in_(sorted(unit_ids)), _M.due_on >= since)
            .order_by(_M.due_on, _M.id)
        )
        return self._connection.execute(statement).mappings().all()
