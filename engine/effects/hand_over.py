"""Which step is the hand-over of a result, and what its dossier says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.handing_over import ASKED_AT_HAND_OVER, HandOverCase
from engine.domain.status import DossierStatus
from engine.effects.fees import owed_of
from engine.persistence.queries.lines import letters_of

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.process import StepDefinition
    from engine.domain.views import LetterLine
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction

APOLOGIES = frozenset({"apology", "error_apology"})
_REACHED = frozenset({"delivered", "cancelled"})


def is_hand_over_step(step: StepDefinition) -> bool:
    """Whether a step hands a result over: the result is there, and its form asks how and to whom."""
    return step.status is DossierStatus.RESOLVED and {field.id for field in step.form} >= ASKED_AT_HAND_OVER


def letters_to_give(letters: tuple[LetterLine, ...]) -> tuple[LetterLine, ...]:
    """Apologies of a dossier that have not reached their citizen yet: they go along with the result."""
    return tuple(letter for letter in letters if letter.form in APOLOGIES and letter.status not in _REACHED)


def case_of(tx: Transaction, office: Office, dossier: DossierRecord, at: datetime) -> HandOverCase:
    """What a hand-over of this dossier is checked against."""
    letters = letters_of(tx.connection, [dossier.id]).get(dossier.id, ())
    return HandOverCase(
        applicant=dossier.applicant,
        submitter=dossier.submitter,
        received_on=office.local_day(dossier.received_at),
        today=office.local_day(at),
        fee_owed=owed_of(tx, dossier),
        letters_to_give=tuple(letter.number_text for letter in letters_to_give(letters)),
    )
