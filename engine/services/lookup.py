"""Look-up by the public: where is my dossier, give me its letters, is this letter real. No account, no full names.

Nobody learns from an answer whether a dossier exists: an unknown code and a wrong second fact are told alike.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from engine.domain.dossier import mask_name, second_fact_matches
from engine.domain.errors import NotFound
from engine.domain.message_views import PublicMessage
from engine.domain.messages import REACHED
from engine.domain.process import WaitsFor
from engine.domain.progress import OpenPlace, Visit, progress, waits_for
from engine.domain.public_views import DateMoved, PublicDossier, PublicLetter, VerifiedLetter
from engine.domain.status import DossierStatus
from engine.domain.urgency import DueState
from engine.domain.views import LetterPdf, Urgency
from engine.effects.chain import chain_of
from engine.effects.office import Office
from engine.effects.reading import clock_lines, clock_of, lens_at
from engine.effects.reprojecting import MOVED
from engine.effects.time_pages import TimePage
from engine.persistence.queries.lines import letters_of
from engine.persistence.queries.register import Register
from engine.persistence.records import DossierRecord, TaskRecord
from engine.persistence.unit_of_work import Transaction, UnitOfWork
from engine.process.outline import outline

# Letters that go with the file from office to office, and not to the applicant.
INTERNAL_FORMS = frozenset({"routing_slip"})


class DossierNotFound(NotFound):
    """Không tìm thấy hồ sơ khớp với mã hồ sơ và 4 số cuối đã nhập."""

    code = "dossier_not_found"


class Lookup:
    """What the public may see."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def find(self, code: str, second_fact: str, *, at: datetime) -> PublicDossier:
        """The dossier of a code, for whoever knows the last four digits of its applicant's identity number or phone.

        Raises `DossierNotFound`, the same for an unknown code and for a wrong fact.
        """
        with self._uow.read() as tx:
            dossier = _by_code(tx, code.strip())
            applicant = dossier.applicant
            if not second_fact_matches(second_fact, identity_number=applicant.identity_number, phone=applicant.phone):
                raise DossierNotFound
            return self._picture(tx, dossier, at)

    def by_receipt(self, token: str, *, at: datetime) -> PublicDossier:
        """The dossier behind the QR code of its receipt: the token cannot be guessed. Raises `DossierNotFound`."""
        with self._uow.read() as tx:
            try:
                dossier = tx.dossiers.by_receipt_token(token)
            except NotFound:
                raise DossierNotFound from None
            return self._picture(tx, dossier, at)

    def pdf(self, token: str) -> LetterPdf:
        """The letter of a token as a file; raises `NotFound`, also for a letter that was cancelled."""
        with self._uow.read() as tx:
            letter = tx.letters.by_token(token)
            if letter.cancelled_at is not None:
                raise NotFound(what="văn bản")
            dossier = tx.dossiers.by_id(letter.dossier_id)
            file = Register(tx.connection, self._office.units).as_file(letter, dossier.code)
            is_unsigned = letter.signed_at is None and tx.outbox.waits_for(letter.id, "sign")
            return replace(file, content=None, waiting=True) if is_unsigned else file

    def verify(self, token: str) -> VerifiedLetter:
        """Whether a letter on paper is the one that was issued: what stands in the register, nothing personal."""
        with self._uow.read() as tx:
            letter = tx.letters.by_token(token)
            replacement = tx.letters.replacement_of(letter.id)
        return VerifiedLetter(
            title=letter.title,
            number_text=letter.number_text,
            issued_at=letter.issued_at,
            unit_name=self._office.units.get(letter.unit_id).name,
            sha256=letter.signed_sha256 or letter.sha256 or "",
            has_document=letter.sha256 is not None,
            is_cancelled=letter.cancelled_at is not None,
            replaced_by=replacement.number_text if replacement else "",
            signed_by=letter.signed_by or "",
            signed_at=letter.signed_at,
        )

    def _picture(self, tx: Transaction, dossier: DossierRecord, at: datetime) -> PublicDossier:
        definition = self._office.library.get(tx, dossier.definition_ref)
        desk = self._office.units.get(dossier.unit_id)
        tasks = tx.tasks.all_of(dossier.id)
        letters = letters_of(tx.connection, [dossier.id]).get(dossier.id, ())
        is_finished = dossier.ended_at is not None
        clock = clock_of(tx, self._office, dossier, definition)
        return PublicDossier(
            code=dossier.code,
            procedure_name=dossier.procedure_name,
            masked_name=mask_name(dossier.applicant.full_name),
            status=dossier.status,
            waits_for=""
            if is_finished
            else waits_for([self._place(task) for task in tasks if not task.closed_at], desk.name),
            unit_name=desk.name,
            unit_phone=desk.phone,
            unit_address=desk.address,
            received_at=dossier.received_at,
            due_at=dossier.due_at,
            first_due_at=dossier.first_due_at,
            urgency=self._urgency(dossier, at),
            resolved_at=dossier.resolved_at,
            delivered_at=dossier.delivered_at,
            steps=progress(outline(definition), [_visit(task) for task in tasks], is_finished=is_finished),
            letters=tuple(
                PublicLetter(letter.title, letter.number_text, letter.issued_at, letter.token)
                for letter in letters
                if letter.status != "cancelled" and letter.form not in INTERNAL_FORMS
            ),
            clock=clock_lines(clock),
            time=TimePage(self._office, dossier, tasks, clock, at).account(with_units=False),
            linked=chain_of(tx, self._office, dossier, at),
            messages=tuple(
                PublicMessage(each.channel, each.body, each.delivered_at or each.sent_at or each.created_at, each.state)
                for each in tx.deliveries.of_dossier(dossier.id)
                if each.state in REACHED
            ),
            moved=_moved(tx, dossier),
        )

    def _urgency(self, dossier: DossierRecord, at: datetime) -> Urgency:
        """How the appointment stands that the applicant holds now: a new one, once given, is what they wait for."""
        finished_at = dossier.resolved_at or dossier.ended_at
        state = DueState(dossier.due_at, is_paused=dossier.is_paused, finished_at=finished_at)
        return lens_at(self._office, at).outlook_of(dossier.deciding_unit_id).urgency(state)

    def _place(self, task: TaskRecord) -> OpenPlace:
        awaited = WaitsFor(task.waits_for) if task.waits_for else None
        return OpenPlace(self._office.units.get(task.unit_id).name, task.name, DossierStatus(task.status), awaited)


def _by_code(tx: Transaction, code: str) -> DossierRecord:
    """The dossier of a code, however its letters were typed."""
    for spelling in dict.fromkeys((code, code.upper())):
        with suppress(NotFound):
            return tx.dossiers.find(spelling)
    raise DossierNotFound


def _moved(tx: Transaction, dossier: DossierRecord) -> DateMoved | None:
    """The last time that a calendar moved the appointment that holds now."""
    event = tx.history.last_of(dossier.id, MOVED)
    if event is None or dossier.due_at is None:
        return None
    was, now = (datetime.fromisoformat(event["data"][name]) for name in ("was", "now"))
    return DateMoved(was, now, tuple(event["data"]["why"])) if now == dossier.due_at else None


def _visit(task: TaskRecord) -> Visit:
    return Visit(task.diagram_element, task.opened_at, task.closed_at, task.is_interrupted)
