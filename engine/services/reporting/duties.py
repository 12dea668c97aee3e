"""What is due of whom and by when, and who was reminded of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.domain.people import Role
from engine.domain.permissions import units_of
from engine.domain.report_period import LATE, SOON, Due, due_between, read_period
from engine.domain.report_registry import kind_of
from engine.domain.unit_life import Lives
from engine.persistence.repositories.reorganisations import Reorganisations
from engine.services.reporting.service import Reporting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.domain.people import Actor
    from engine.persistence.unit_of_work import Transaction

_LOOK_BACK, _LOOK_AHEAD = timedelta(days=70), timedelta(days=100)


@dataclass(frozen=True, slots=True)
class DueLine:
    """A report that is due for a unit: when it was sent, if it was, and whether the day has passed without.

    `ended_on`, `sent_by`: when the unit ended, and the name of the one that sends for it now.
    """

    due: Due
    title: str
    unit_code: str
    unit: str
    sent_at: datetime | None
    is_late: bool
    is_near: bool
    ended_on: date | None = None
    sent_by: str = ""


class Duties(Reporting):
    """Reports that units owe: until they end, and of the last of it those that took them over."""

    def due(self, actor: Actor, unit_code: str = "", *, at: datetime) -> tuple[DueLine, ...]:
        """What has to be sent for a unit around now, and what of it was; raises `Refused`.

        With what the unit has to send for those that it took over.
        """
        code, _ids = self._scope(actor, unit_code)
        calendar, today = self.calendar, self._office.local_day(at)
        found = due_between(calendar.duties, today - _LOOK_BACK, today + _LOOK_AHEAD, calendar.rule)
        with self._uow.read() as tx:
            lives = _lives(tx)
            codes = (code, *lives.left_to(code))
            sent = tx.report_book.sent_periods(codes, at - _LOOK_BACK * 2)
        lines = []
        for each in found:
            is_near = each.due_on - timedelta(days=calendar.remind_days) <= today <= each.due_on
            for of in codes:
                sent_at = sent.get((each.duty.report, of, each.period.code))
                if lives.owes(of, each.period.first) and (of == code or self._was_left(lives, of, sent_at)):
                    line = self._line(each, of, lives, today)
                    near, late = sent_at is None and is_near, sent_at is None and line.is_late
                    lines.append(replace(line, sent_at=sent_at, is_near=near, is_late=late))
        return tuple(lines)

    def _was_left(self, lives: Lives, code: str, sent_at: datetime | None) -> bool:
        """Whether a unit that ended had not sent a report itself."""
        ends_on = lives.ends_on(code)
        return sent_at is None or ends_on is None or self._office.local_day(sent_at) >= ends_on

    def _line(self, due: Due, code: str, lives: Lives, today: date) -> DueLine:
        """What is due and has not been sent."""
        units, ended_on, late = self._office.units, lives.ends_on(code), due.due_on < today
        return DueLine(
            due,
            kind_of(due.duty.report).title,
            code,
            units.by_code(code).name,
            None,
            is_late=late,
            is_near=not late,
            ended_on=ended_on,
            sent_by=units.by_code(lives.answers_for(code)).name if ended_on else "",
        )

    # --- reminding ---

    def remind(self, at: datetime) -> int:
        """Tell of what is due soon and of what is overdue, each once; answers of how many reports was told.

        Told are those who send for the unit: its supervisors, or those of the unit that took it over. Of what is
        overdue the leaders of that unit hear too.
        """
        calendar, today = self.calendar, self._office.local_day(at)
        first, last = (timedelta(days=days) for days in (calendar.remind_late_days, calendar.remind_days))
        due = due_between(calendar.duties, today - first, today + last, calendar.rule)
        if not due:
            return 0
        with self._uow.read() as tx:
            wanted = tuple(self._not_told(tx, due, today, at))
        if not wanted:
            return 0
        told: dict[tuple[str, str, str, date], list[Due]] = {}
        with self._uow.write() as tx:
            for by, of, kind, each in wanted:
                if tx.report_book.remind(
                    unit_id=self._office.units.by_code(of).id,
                    report=each.duty.report,
                    period_code=each.period.code,
                    kind=kind,
                    due_on=each.due_on,
                    at=at,
                ):
                    told.setdefault((by, of, kind, each.due_on), []).append(each)
            for (by, of, kind, _due_on), reports in told.items():
                self._leave_word(tx, by, of, kind, reports, at)
        return sum(map(len, told.values()))

    def _not_told(
        self, tx: Transaction, due: Iterable[Due], today: date, at: datetime
    ) -> Iterator[tuple[str, str, str, Due]]:
        """Who is to be told of which unit's report, and whether it is due soon or late."""
        units, lives = self._office.units, _lives(tx)
        senders = sorted(units.get(unit_id).code for unit_id in tx.report_book.supervised_units())
        owed = [(by, of) for by in senders for of in (by, *lives.left_to(by))]
        codes = [of for _by, of in owed]
        sent = tx.report_book.sent_periods(codes, at - _LOOK_BACK) if codes else {}
        told = tx.report_book.told(today - _LOOK_BACK)
        for by, of in owed:
            for each in due:
                kind = LATE if each.due_on < today else SOON
                key = (each.duty.report, of, each.period.code)
                is_told = (units.by_code(of).id, each.duty.report, each.period.code, kind) in told
                if key not in sent and not is_told and lives.owes(of, each.period.first):
                    yield by, of, kind, each

    def _leave_word(self, tx: Transaction, by: str, of: str, kind: str, due: list[Due], at: datetime) -> None:
        """Leave one word about all that is due of a unit on a day."""
        units = self._office.units
        note = f"{len(due)}|{due[0].due_on:%d/%m/%Y}|{units.by_code(of).name}"
        roles = (Role.SUPERVISOR, Role.LEADER) if kind == LATE else (Role.SUPERVISOR,)
        for role in roles:
            tx.history.notify(
                None, unit_id=units.by_code(by).id, role=role.value, message=f"report_{kind}", at=at, note=note
            )

    def reminders(self, actor: Actor, *, at: datetime) -> tuple[DueLine, ...]:
        """Of what the person's units were reminded and what has not been sent yet, each report and period once."""
        own = units_of(actor, {Role.SUPERVISOR})
        if not own:
            return ()
        today, rule, units = self._office.local_day(at), self.calendar.rule, self._office.units
        duties = {duty.report: duty for duty in self.calendar.duties}
        found = {}
        with self._uow.read() as tx:
            lives = _lives(tx)
            mine = [units.get(unit_id).code for unit_id in own]
            codes = {units.by_code(of).id: of for by in mine for of in (by, *lives.left_to(by))}
            sent = tx.report_book.sent_periods(codes.values(), at - _LOOK_BACK * 2)
            for row in tx.report_book.reminders(codes.keys(), today - _LOOK_BACK / 2):
                key = (row["report"], codes[row["unit_id"]], row["period_code"])
                if key not in sent and row["report"] in duties:
                    due = Due(duties[row["report"]], read_period(row["period_code"], rule))
                    if lives.owes(key[1], due.period.first):
                        found[key] = self._line(due, key[1], lives, today)
        return tuple(found.values())


def _lives(tx: Transaction) -> Lives:
    return Lives(Reorganisations(tx.connection).endings())
