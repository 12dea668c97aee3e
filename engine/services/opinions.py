"""Asking another unit about a dossier: a question, a deadline of its own, an answer. The clock of the dossier goes on.

Where the law stops the clock for another agency (ground `other_agency`), or gives that agency a step, the diagram of
the procedure does so; a question that a colleague asks beside it moves nobody's date, and says so.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import IO, TYPE_CHECKING

from engine.domain.attachments import FileRefused
from engine.domain.beside import (
    LONGEST_QUESTION,
    OpinionView,
    Verdict,
    check_can_answer_opinion,
    check_can_ask_opinion,
    check_can_chase_opinion,
)
from engine.domain.deadline import due_date
from engine.domain.errors import BadInput, NotAllowedNow, NotFound
from engine.domain.limits import LimitUnit, ProcessingTime
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.permissions import units_of
from engine.effects.journey import Journey
from engine.effects.opinions import names_of, shown
from engine.effects.seeing import find_visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from engine.domain.people import Actor
    from engine.effects.attaching import Cleared, Gate
    from engine.effects.office import Office
    from engine.effects.seeing import Visible
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

ASKED, CHASED, ANSWERED = "opinion_asked", "opinion_chased", "opinion_answered"
LONGEST_DAYS = 30
MOST_LISTED = 200
# Who of a unit hears that it was asked.
_HEARERS = (Role.OFFICER, Role.LEADER, Role.CLERK)


class OpinionRefused(BadInput):
    """Chưa ghi được ý kiến phối hợp: {detail}."""

    code = "opinion_refused"

    def __init__(self, field: str, detail: str) -> None:
        """Say which field is wrong."""
        self.fields = {field: detail}
        super().__init__(detail=detail)


class OpinionClosed(NotAllowedNow):
    """Ý kiến này đã được trả lời hoặc không hỏi nữa; hãy tải lại hồ sơ."""

    code = "opinion_closed"


class ChasedToday(NotAllowedNow):
    """Hôm nay đã nhắc đơn vị này rồi; mỗi ngày nhắc một lần."""

    code = "chased_today"


class Opinions:
    """What units ask each other about dossiers."""

    def __init__(self, uow: UnitOfWork, office: Office, gate: Gate) -> None:
        """Work on one installation; every file that comes with an answer goes through `gate`."""
        self._uow = uow
        self._office = office
        self._gate = gate

    def ask(self, actor: Actor, code: str, unit_code: str, question: str, days: int | None, *, at: datetime) -> None:
        """Ask a unit, to be answered within so many working days of its own calendar; it sees the dossier from now on.

        Raises `OpinionRefused`, `Refused`, `NotFound`.
        """
        question = question.strip()
        if not question or len(question) > LONGEST_QUESTION:
            raise OpinionRefused("question", f"hãy viết câu hỏi, tối đa {LONGEST_QUESTION} ký tự")
        if days is None or not 1 <= days <= LONGEST_DAYS:
            raise OpinionRefused("opinion_days", f"thời hạn trả lời từ 1 đến {LONGEST_DAYS} ngày làm việc")
        unit = next((unit for unit in self._office.units if unit.code == unit_code), None)
        if unit is None:
            raise OpinionRefused("opinion_unit", "hãy chọn đơn vị được hỏi")
        with self._uow.write() as tx:
            seen = find_visible(tx, self._office, actor, code, locked=True)
            check_can_ask_opinion(actor, seen.dossier.deciding_unit_id, seen.open_steps)
            if seen.dossier.ended_at is not None:
                raise NotAllowedNow(detail=f"hồ sơ {code} đã kết thúc")
            asking = self._asking_unit(actor, seen)
            if unit.id == asking:
                raise OpinionRefused("opinion_unit", "đây là đơn vị của bạn; hãy dùng ghi chú nội bộ")
            due_at = self._due_at(unit.id, days, at)
            tx.beside.ask(
                dossier_id=seen.dossier.id,
                asking_unit_id=asking,
                unit_id=unit.id,
                question=question,
                asked_at=at,
                asked_by=actor.username,
                due_at=due_at,
            )
            self._note(tx, seen, actor, at, ASKED, unit=unit.name, question=question, due_at=due_at.isoformat())
            self._tell(tx, seen, unit.id, ASKED, at)

    def answer(
        self,
        actor: Actor,
        code: str,
        opinion_id: int,
        verdict: str,
        answer: str,
        files: Sequence[tuple[str, IO[bytes]]] = (),
        *,
        at: datetime,
    ) -> None:
        """Answer for the unit that was asked; a late answer is an answer, and is told as late.

        `files` (name, content) stand among the files of the dossier. One that is refused stops the answer, for an
        answer is given once: `OpinionRefused` says which and why, and nothing of it is kept.
        """
        if verdict not in {each.value for each in Verdict}:
            raise OpinionRefused("verdict", "hãy chọn ý kiến")
        if not answer.strip() or len(answer) > LONGEST_QUESTION:
            raise OpinionRefused("opinion_answer", f"hãy viết nội dung trả lời, tối đa {LONGEST_QUESTION} ký tự")
        with self._uow.read() as tx:  # nobody's file is looked into who may not answer
            check_can_answer_opinion(actor, self._open(tx, actor, code, opinion_id, locked=False)[1]["unit_id"])
        with ExitStack() as opened, self._told_at_its_field():
            cleared = [opened.enter_context(self._gate.cleared(content, name)) for name, content in files]
            self._answer(actor, code, opinion_id, verdict, answer, cleared, at)

    def _answer(
        self,
        actor: Actor,
        code: str,
        opinion_id: int,
        verdict: str,
        answer: str,
        files: Sequence[Cleared],
        at: datetime,
    ) -> None:
        with self._uow.write() as tx:
            seen, row = self._open(tx, actor, code, opinion_id)
            check_can_answer_opinion(actor, row["unit_id"])
            said = {"verdict": verdict, "answer": answer.strip(), "answered_at": at, "answered_by": actor.username}
            tx.beside.change_opinion(opinion_id, **said)
            self._note(
                tx,
                seen,
                actor,
                at,
                ANSWERED,
                unit=self._office.units.get(row["unit_id"]).name,
                verdict=Verdict(verdict).label,
                answer=answer.strip(),
                is_late=at > row["due_at"],
            )
            for each in files:
                dossier = tx.dossiers.by_id(seen.dossier.id)
                place = {"item_id": "", "unit_id": row["unit_id"], "opinion_id": opinion_id}
                self._gate.keep(tx, dossier, each, by=actor, at=at, **place)
            self._tell(tx, seen, row["asking_unit_id"], ANSWERED, at)

    def chase(self, actor: Actor, code: str, opinion_id: int, *, at: datetime) -> None:
        """Remind the unit that was asked, once a day."""
        with self._uow.write() as tx:
            seen, row = self._open(tx, actor, code, opinion_id)
            check_can_chase_opinion(actor, row["asking_unit_id"])
            day = self._office.local_day
            if row["chased_at"] is not None and day(row["chased_at"]) == day(at):
                raise ChasedToday
            tx.beside.change_opinion(opinion_id, chased_at=at, chase_count=row["chase_count"] + 1)
            self._note(tx, seen, actor, at, CHASED, unit=self._office.units.get(row["unit_id"]).name)
            self._tell(tx, seen, row["unit_id"], CHASED, at)

    def cancel(self, actor: Actor, code: str, opinion_id: int, reason: str, *, at: datetime) -> None:
        """Ask no more; why is written down."""
        if not reason.strip():
            raise OpinionRefused("cancel_reason", "hãy ghi lý do thôi hỏi")
        with self._uow.write() as tx:
            seen, row = self._open(tx, actor, code, opinion_id)
            check_can_chase_opinion(actor, row["asking_unit_id"])
            tx.beside.change_opinion(opinion_id, cancelled_at=at, cancelled_by=actor.username)
            unit = self._office.units.get(row["unit_id"]).name
            self._note(tx, seen, actor, at, "opinion_cancelled", unit=unit, reason=reason.strip())
            tx.history.withdraw_notices(seen.dossier.id, ASKED, at=at, by=actor.username)

    def waiting(self, actor: Actor, *, at: datetime) -> tuple[tuple[OpinionView, ...], tuple[OpinionView, ...]]:
        """What the person's units are asked and have not answered, and what they have asked; the most urgent first."""
        units = units_of(actor, WORKING_ROLES)
        with self._uow.read() as tx:
            lists = [tx.beside.open_opinions(units, MOST_LISTED, asked_of_us=ours) for ours in (True, False)]
            names = names_of(tx, [row for rows in lists for row in rows])
        asked, asking = (tuple(shown(self._office, actor, {**row}, names, at) for row in rows) for rows in lists)
        return asked, asking

    # --- inside ---

    @contextmanager
    def _told_at_its_field(self) -> Iterator[None]:
        try:
            yield
        except FileRefused as refused:
            raise OpinionRefused("opinion_files", refused.message) from refused

    def _open(
        self, tx: Transaction, actor: Actor, code: str, opinion_id: int, *, locked: bool = True
    ) -> tuple[Visible, RowMapping]:
        seen = find_visible(tx, self._office, actor, code, locked=locked)
        row = tx.beside.opinion(opinion_id)
        if row["dossier_id"] != seen.dossier.id:
            raise NotFound(what="ý kiến phối hợp")
        if row["answered_at"] is not None or row["cancelled_at"] is not None:
            raise OpinionClosed
        return seen, row

    def _asking_unit(self, actor: Actor, seen: Visible) -> int:
        """The unit for which the person asks: that of the step they hold, else the one that decides."""
        held = [step.unit_id for step in seen.open_steps if actor.holds(Role(step.role), step.unit_id)]
        return held[0] if held else seen.dossier.deciding_unit_id

    def _due_at(self, unit_id: int, days: int, at: datetime) -> datetime:
        limit = ProcessingTime(Decimal(days), LimitUnit.WORKING_DAYS)
        due_at = due_date(limit, at, self._office.calendar_of(unit_id)).due_at
        assert due_at is not None
        return due_at

    def _note(self, tx: Transaction, seen: Visible, actor: Actor, at: datetime, kind: str, **data: object) -> None:
        journey = Journey(tx, self._office, seen.dossier, by=actor, at=at)
        journey.note(kind, **data)
        journey.finish()

    def _tell(self, tx: Transaction, seen: Visible, unit_id: int, message: str, at: datetime) -> None:
        for role in _HEARERS:
            tx.history.notify(seen.dossier.id, unit_id=unit_id, role=role.value, message=message, at=at)
