"""Apologies before they are letters: the leader's table, and whoever works on a file asking for more time.

A draft is decided on under the lock of its dossier: of a leader who signs and a sweep that comes at the same moment,
the second finds the letter issued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.clock_ledger import SecondReappointment, check_can_extend
from engine.domain.draft_views import DraftView, ExtensionOffer, LetterPreview, ReasonChoice
from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.people import Role
from engine.domain.permissions import (
    can_ask_for_extension,
    can_sign_apology,
    check_can_ask_for_extension,
    check_can_sign_apology,
    signing_units,
)
from engine.effects import apologies
from engine.effects.journey import Journey
from engine.effects.lateness import notice_lateness
from engine.effects.letter_templates import filled_reasons, keeps_apologies
from engine.effects.reading import lens_at
from engine.persistence.queries.drafts import DraftTable
from engine.persistence.repositories.drafts import PUT_BACK
from letters import ApologyLetter, title_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from sqlalchemy import RowMapping

    from engine.domain.draft_views import DraftLine
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.repositories.drafts import DraftRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.services.outbox import Rendered
    from letters import Letter

TABLE_SIZE = 100
REASON, NEW_DATE, NOTE = "reason", "new_due_on", "note"


class DraftDecided(NotAllowedNow):
    """Dự thảo văn bản xin lỗi của hồ sơ {dossier_code} không còn chờ ký: {what}."""

    code = "draft_decided"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote: the reason in full, the id of a prepared one it began with, the day of the new date."""

    reason: str
    new_due_on: date | None
    reason_id: str = ""


class Apologies:
    """Drafts, and what people decide about them."""

    def __init__(self, uow: UnitOfWork, office: Office, render: Callable[[Letter], Rendered]) -> None:
        """Work on one installation; `render` turns the data of a letter into a document."""
        self._uow = uow
        self._office = office
        self._render = render

    # --- the table ---

    def table(self, actor: Actor, *, at: datetime) -> tuple[DraftLine, ...]:
        """The drafts that wait for the person's signature, the soonest date first."""
        with self._uow.read() as tx:
            return self._drafts(tx, at).waiting(signing_units(actor), TABLE_SIZE)

    def view(self, actor: Actor, code: str, words: Words | None = None, *, at: datetime) -> DraftView:
        """One draft with its prepared reasons, and the letter as it will look (with `words` instead of its own).

        Raises `NotFound` and `Refused`, and `DraftDecided` for a draft that does not wait any more.
        """
        with self._uow.read() as tx:
            journey, draft = self._open(tx, actor, code, at, lock=False)
            line = self._drafts(tx, at).of(draft.dossier_id)
            assert line is not None
            letter = self._letter(journey, draft, words)
            return DraftView(line, self._reasons(journey), _shown(letter))

    def preview(self, actor: Actor, code: str, words: Words, *, at: datetime) -> bytes:
        """The letter as a PDF without a number: nothing is written. Raises what `sign` raises for its words."""
        with self._uow.read() as tx:
            journey, draft = self._open(tx, actor, code, at, lock=False)
            letter = self._letter(journey, draft, words)
        return self._render(letter).pdf

    def sign(self, actor: Actor, code: str, words: Words, *, at: datetime) -> str:
        """Issue the letter now, with the leader's reason and date; answers its number.

        Before the date is missed or after it: the appointment is made anew once. Raises `FormRefused`, `DraftDecided`,
        `Refused`, and what the law does not allow (`SecondReappointment`, `ExtendedWhilePaused`).
        """
        with self._uow.write() as tx:
            journey, draft = self._open(tx, actor, code, at)
            new_due_at = self._new_due_at(journey, words.new_due_on, draft)
            reason = _reason(words)
            journey.signs_apology = True
            notice_lateness(journey)
            letter = apologies.issue(journey, draft, reason=reason, new_due_at=new_due_at)
            journey.finish()
            return letter.number_text

    def put_back(self, actor: Actor, code: str, note: str, *, at: datetime) -> None:
        """Take a draft off the table because the file will be done in time; raises `NotAllowedNow` once it is late."""
        with self._uow.write() as tx:
            journey, draft = self._open(tx, actor, code, at)
            if at > draft.missed_at:
                raise NotAllowedNow(detail=f"hồ sơ {code} đã quá hạn, văn bản xin lỗi phải được ban hành")
            notice_lateness(journey)
            apologies.settle(journey, draft, PUT_BACK, note=note.strip())
            journey.note("apology_put_back", due_at=draft.missed_at.isoformat(), remark=note.strip())
            journey.finish()

    # --- who works on the file ---

    def offer(self, actor: Actor, code: str, *, at: datetime) -> ExtensionOffer | None:
        """What the person may ask for on the page of a dossier; None where there is nothing to ask for."""
        with self._uow.read() as tx:
            dossier = tx.dossiers.find(code)
            tasks = tx.tasks.open_of(dossier.id)
            may = can_ask_for_extension(actor, dossier.deciding_unit_id, tasks)
            may = may or can_sign_apology(actor, dossier.deciding_unit_id)
            if not may or dossier.due_at is None or dossier.ended_at is not None or dossier.resolved_at is not None:
                return None
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            waiting = self._drafts(tx, at).of(dossier.id) if dossier.has_draft else None
            due_at = journey.clock.view.due_at
            if due_at is None or (at > due_at and waiting is None):
                return None
            refusal = SecondReappointment(first=due_at).message if journey.clock.is_reappointed else ""
            new_due_at = journey.clock.proposed_due_at(due_at)
            return ExtensionOffer(due_at, new_due_at, self._reasons(journey), refusal, waiting)

    def ask(self, actor: Actor, code: str, words: Words, *, at: datetime) -> None:
        """Ask the leader for more time before the date is missed: a draft with one's own reason and date.

        Raises `FormRefused`, `Refused`, `NotAllowedNow` after the date, `SecondReappointment` for the second time.
        """
        with self._uow.write() as tx:
            dossier = tx.dossiers.lock(code)
            check_can_ask_for_extension(actor, dossier.deciding_unit_id, tx.tasks.open_of(dossier.id))
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            notice_lateness(journey)
            due_at = journey.clock.view.due_at
            if due_at is not None and at > due_at:
                raise NotAllowedNow(detail=f"hồ sơ {code} đã quá hạn; chỉ đề nghị gia hạn được trước ngày hẹn")
            new_due_at = self._new_due_at(journey, words.new_due_on, None)
            check_can_extend(journey.clock.view, new_due_at)
            assert due_at is not None, "check_can_extend refuses a dossier without a date"
            reason = _reason(words)
            apologies.lay_draft(journey, due_at, reason=reason, reason_id=words.reason_id, new_due_at=new_due_at)
            journey.finish()

    # --- the rest ---

    def _open(
        self, tx: Transaction, actor: Actor, code: str, at: datetime, *, lock: bool = True
    ) -> tuple[Journey, DraftRecord]:
        dossier = tx.dossiers.lock(code) if lock else tx.dossiers.find(code)
        check_can_sign_apology(actor, dossier.deciding_unit_id)
        draft = tx.drafts.waiting(dossier.id)
        if draft is None:
            earlier = tx.drafts.of(dossier.id, apologies.FORM)
            if not earlier:
                raise NotFound(what=f"dự thảo văn bản xin lỗi của hồ sơ {code}")
            raise DraftDecided(dossier_code=code, what=_WHAT_BECAME[earlier[-1].state])
        journey = Journey(tx, self._office, dossier, by=actor, at=at)
        journey.act_as(Role.LEADER, dossier.deciding_unit_id)
        return journey, draft

    def _letter(self, journey: Journey, draft: DraftRecord, words: Words | None) -> ApologyLetter:
        new_due_at = (
            self._new_due_at(journey, words.new_due_on, draft) if words else apologies.still_offered(journey, draft)
        )
        reason = _reason(words) if words else draft.reason
        letter = apologies.preview(journey, draft, reason=reason, new_due_at=new_due_at)
        assert isinstance(letter, ApologyLetter)
        return letter

    def _new_due_at(self, journey: Journey, on: date | None, draft: DraftRecord | None) -> datetime:
        """The end of office hours of the chosen day; what was proposed to the minute stays as it was proposed."""
        calendar = journey.clock.calendar
        if on is None:
            raise FormRefused({NEW_DATE: "Hãy chọn ngày hẹn mới"})
        if draft is not None and calendar.local(draft.offered_at).date() == on:
            return draft.offered_at
        if off := calendar.why_off(on):
            raise FormRefused(
                {NEW_DATE: f"Ngày {on:%d/%m/%Y} không phải ngày làm việc ({off.reason}); hãy chọn ngày khác"}
            )
        due_at = journey.clock.view.due_at
        chosen = calendar.closing(on)
        if chosen <= max(filter(None, (due_at, journey.at))):
            raise FormRefused({NEW_DATE: "Ngày hẹn mới phải sau ngày hẹn cũ và sau hôm nay"})
        return chosen

    def _reasons(self, journey: Journey) -> tuple[ReasonChoice, ...]:
        tasks = journey.tx.tasks.open_of(journey.dossier.id)
        step = tasks[0].name if tasks else "giải quyết hồ sơ"
        unit = self._office.units.get(tasks[0].unit_id).name if tasks else journey.deciding_unit.name
        return tuple(ReasonChoice(each.id, each.text) for each in filled_reasons(journey, step=step, unit=unit))

    def _drafts(self, tx: Transaction, at: datetime) -> DraftTable:
        def is_kept(row: RowMapping) -> bool:
            definition = self._office.library.get(tx, row["definition_ref"])
            unit = self._office.units.get(row["deciding_unit_id"])
            day = self._office.local_day(at)
            return keeps_apologies(tx, self._office, definition.procedure, unit, day)

        return DraftTable(tx.connection, lens_at(self._office, at), is_kept)


_WHAT_BECAME = {
    "issued": "văn bản đã được ban hành",
    "put_back": "lãnh đạo đã trả lại vì hồ sơ sẽ xong đúng hạn",
    "obsolete": "hồ sơ đã xong, đang tạm dừng hoặc ngày hẹn đã thay đổi",
}


def _reason(words: Words) -> str:
    reason = words.reason.strip()
    if not reason:
        raise FormRefused({REASON: "Hãy ghi lý do; lý do được in trong văn bản xin lỗi"})
    return reason


def _shown(letter: ApologyLetter) -> LetterPreview:
    return LetterPreview(
        title=title_of(letter),
        agency=letter.letterhead.agency,
        parent_agency=letter.letterhead.parent_agency,
        place=letter.letterhead.place,
        addressee=letter.applicant.name,
        procedure_name=letter.procedure_name,
        dossier_code=letter.dossier_code,
        received_at=letter.received_at,
        due_at=letter.due_at,
        new_due_at=letter.new_due_at,
        reason=letter.reason,
        is_missed=letter.issued_at > letter.due_at,
        signer_title=letter.signer.title,
        signer_name=letter.signer.name,
    )
