"""What people do with a letter that is in the register: read its life, cancel it, replace it, print it again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.letter_life import REPRINTED, LetterState, may_cancel
from engine.domain.letter_permissions import can_cancel_letter, check_can_cancel_letter
from engine.domain.letter_views import LetterLife
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.permissions import register_units
from engine.domain.views import LetterPdf
from engine.effects.journey import Journey
from engine.effects.registering import cancel, replace_letter
from engine.effects.seeing import may_see
from engine.persistence.queries.lines import letters_of, moments_of
from letters import from_json
from letters.template_sets import TemplateSet, packaged

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, LetterRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork
    from engine.services.outbox import Rendered
    from letters import Letter

REASON, WORDS = "cancel_reason", "words"
# Letters that an applicant has a right to: cancelled only together with the one that takes their place.
OWED = frozenset({"receipt", "apology"})
_MARK = "letter.reprint"


class LetterActs:
    """One letter, its life, and what may be done with it."""

    def __init__(
        self, uow: UnitOfWork, office: Office, render: Callable[[Letter, TemplateSet | None], Rendered]
    ) -> None:
        """Work on one installation; `render` prints a letter with a set of templates (None: those of today)."""
        self._uow = uow
        self._office = office
        self._render = render

    def life(self, actor: Actor, letter_id: int) -> LetterLife:
        """A letter with everything that became of it.

        Raises `NotFound` also for a letter that is none of the person's business.
        """
        with self._uow.read() as tx:
            letter, dossier = self._find(tx, actor, letter_id)
            line = next(line for line in letters_of(tx.connection, [dossier.id])[dossier.id] if line.id == letter_id)
            replaced_by = tx.letters.replacement_of(letter_id)
            replaces = tx.letters.find(letter.replaces_id) if letter.replaces_id else None
            state = LetterState(letter.state)
            can_cancel = can_cancel_letter(actor, letter.unit_id, letter.issued_by)
            return LetterLife(
                letter=line,
                state=state,
                unit_name=self._office.units.get(letter.unit_id).name,
                dossier_code=dossier.code,
                applicant_name=dossier.applicant.full_name,
                moments=moments_of(tx.connection, [letter_id]).get(letter_id, ()),
                replaces=(replaces.id, replaces.number_text) if replaces else None,
                replaced_by=(replaced_by.id, replaced_by.number_text) if replaced_by else None,
                template=self._template(tx, letter),
                reason=getattr(from_json(letter.form, letter.data), "reason", None),
                may_cancel=can_cancel and may_cancel(state, was_sent=letter.sent_at is not None),
                must_replace=letter.form in OWED,
                may_reprint=letter.sha256 is not None and letter.cancelled_at is None,
            )

    def cancel(
        self, actor: Actor, letter_id: int, reason: str, *, at: datetime, replaces: bool = False, words: str = ""
    ) -> str:
        """Cancel a letter that has not gone out; with `replaces` another takes its place, answers that one's number.

        `words`: what the replacement says instead as its reason. Raises `FormRefused` without a reason, `WrongMoment`
        once it is out, `NotAllowedNow` for a letter that must be replaced and is not, `LetterRefused`, `Refused`.
        """
        if not reason.strip():
            raise FormRefused({REASON: "Hãy ghi lý do hủy; lý do hiện trong sổ"})
        with self._uow.write() as tx:
            found, dossier = self._find(tx, actor, letter_id)
            dossier = tx.dossiers.lock(dossier.code)
            letter = tx.letters.find(found.id)  # as it is under the lock
            check_can_cancel_letter(actor, letter.unit_id, letter.issued_by)
            if letter.form in OWED and not replaces:
                raise NotAllowedNow(detail="văn bản này người dân có quyền được nhận; hãy hủy và ban hành bản thay thế")
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            cancel(journey, letter, reason.strip())
            number = ""
            if replaces:
                changes = {"reason": words.strip()} if words.strip() else {}
                number = replace_letter(journey, letter, changes).number_text
            journey.finish()
            return number

    def reprint(self, actor: Actor, letter_id: int, *, at: datetime) -> LetterPdf:
        """The letter printed again, marked as such with day, person and the hash of the original, which stays.

        It is made of the frozen data and the forms of its time. Raises `NotAllowedNow` for a letter without an
        original, or that was cancelled, `Refused` for who only looks (an inspector).
        """
        if not actor.has_role(*WORKING_ROLES, Role.SUPERVISOR):
            raise Refused(detail="in lại văn bản dành cho người đang giải quyết hoặc giám sát hồ sơ")
        with self._uow.read() as tx:
            letter, dossier = self._find(tx, actor, letter_id)
            if letter.sha256 is None or letter.cancelled_at is not None:
                raise NotAllowedNow(detail=f"văn bản số {letter.number_text} chưa có bản gốc hoặc đã bị hủy")
            forms = self._forms(tx, letter)
        local = at.astimezone(self._office.settings.zone)
        mark = f"In lúc {local:%H:%M ngày %d/%m/%Y}, người in: {actor.full_name}. SHA-256 bản gốc: {letter.sha256}"
        printed = self._render(replace(from_json(letter.form, letter.data), reprint=mark), forms)
        with self._uow.write() as tx:
            tx.letters.tell(letter.id, REPRINTED, at=at, by=actor.username)
        name = f"in-lai_{letter.form}_{dossier.code}_{letter.number:02d}.pdf"
        return LetterPdf(filename=name, content=printed.pdf, sha256=printed.sha256, waiting=False)

    # --- inside ---

    def _find(self, tx: Transaction, actor: Actor, letter_id: int) -> tuple[LetterRecord, DossierRecord]:
        letter = tx.letters.find(letter_id)
        dossier = tx.dossiers.by_id(letter.dossier_id)
        in_register = letter.unit_id in register_units(actor, self._office.units)
        if not in_register and not may_see(tx, self._office, actor, dossier):
            raise NotFound(what="văn bản")
        return letter, dossier

    def _template(self, tx: Transaction, letter: LetterRecord) -> str:
        if letter.template_id is None:
            return ""
        found = tx.letter_templates.find(letter.template_id)
        return f"{self._office.units.get(found.unit_id).code}/{found.version}"

    def _forms(self, tx: Transaction, letter: LetterRecord) -> TemplateSet | None:
        """The forms of its time, if they know how to mark a reprint; else those of today, which do."""
        files = tx.letters.forms_of(letter.template_set) if letter.template_set else None
        if not files or letter.template_set == packaged().digest:
            return None
        forms = TemplateSet.from_json(files, letter.template_set or "")
        return forms if _MARK in forms.templates()["base.html"] else None
