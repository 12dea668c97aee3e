"""After the decision: the cover that goes with a result, and what is owed when a result was wrong.

An apology for an error is none for lateness: it promises no date. The leader of the deciding unit says what was wrong
and what was done; the dossier counts as corrected from then on (`reports`: corrected).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow
from engine.domain.permissions import (
    can_apologise_for_error,
    can_hand_over_result,
    check_can_apologise_for_error,
    check_can_hand_over_result,
)
from engine.effects.correspondence import issue_letter
from engine.effects.journey import Journey
from engine.effects.outcome import reassess

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import UnitOfWork

MOST_LINES = 20
ERROR, CORRECTION, RESULT = "error", "correction", "corrected_result"
RESULTS, RETURNED = "results", "returned"


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong in a result, what was done about it, and (may be empty) the result that took its place."""

    error: str
    correction: str
    corrected_result: str = ""


@dataclass(frozen=True, slots=True)
class AftercareOffer:
    """What the person may do about the result of a dossier, and what the procedure promises as result."""

    may_cover: bool
    may_apologise: bool
    promised: str


class Aftercare:
    """Letters about a result that there is already."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def offer(self, actor: Actor, code: str) -> AftercareOffer | None:
        """What the person may do on the page of a dossier; None where there is no result or nothing to do."""
        with self._uow.read() as tx:
            dossier = tx.dossiers.find(code)
            if dossier.resolved_at is None:
                return None
            promised = self._office.library.get(tx, dossier.definition_ref).procedure.result
        may_cover = can_hand_over_result(actor, dossier.unit_id, dossier.deciding_unit_id)
        may_apologise = can_apologise_for_error(actor, dossier.deciding_unit_id)
        return AftercareOffer(may_cover, may_apologise, promised) if may_cover or may_apologise else None

    def cover_result(self, actor: Actor, code: str, results: str, returned: str = "", *, at: datetime) -> str:
        """Issue the cover of a result, a line a result and a line a paper given back; answers its number.

        Once for each result: asked again it answers the number of the one that there is, unless the result was
        corrected since. Raises `FormRefused`, `Refused`, and `NotAllowedNow` while there is no result.
        """
        given = {RESULTS: _lines(results), RETURNED: _lines(returned)}
        if faults := {name: _too_many() for name, lines in given.items() if len(lines) > MOST_LINES}:
            raise FormRefused(faults)
        with self._uow.write() as tx:
            dossier = tx.dossiers.lock(code)
            check_can_hand_over_result(actor, dossier.unit_id, dossier.deciding_unit_id)
            _check_has_result(dossier)
            key = f"result_cover-{dossier.correction_count + 1}"
            for letter in tx.letters.of(dossier.id, "result_cover"):
                if letter.event_key == key and letter.cancelled_at is None:
                    return letter.number_text
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            issued = issue_letter(journey, "result_cover", event_key=key, **given)
            journey.finish()
            return issued.number_text

    def apologise_for_error(self, actor: Actor, code: str, correction: Correction, *, at: datetime) -> str:
        """Write down that a result was corrected, and issue the apology for it; answers its number.

        Raises `FormRefused`, `Refused` for anybody but the leader of the deciding unit, `NotAllowedNow` while there
        is no result.
        """
        words = {ERROR: correction.error.strip(), CORRECTION: correction.correction.strip()}
        missing = {
            ERROR: "Hãy ghi sai sót trong kết quả; nội dung này được in trong thư",
            CORRECTION: "Hãy ghi việc cơ quan đã làm để khắc phục; nội dung này được in trong thư",
        }
        if faults := {name: missing[name] for name, text in words.items() if not text}:
            raise FormRefused(faults)
        with self._uow.write() as tx:
            dossier = tx.dossiers.lock(code)
            check_can_apologise_for_error(actor, dossier.deciding_unit_id)
            _check_has_result(dossier)
            journey = Journey(tx, self._office, dossier, by=actor, at=at)
            number = journey.count_up("correction_count")
            result = correction.corrected_result.strip()
            journey.note("result_corrected", **words, corrected_result=result)
            key = f"error_apology-{number}"
            letter = issue_letter(journey, "error_apology", event_key=key, **words, corrected_result=result)
            reassess(journey)
            journey.finish()
            return letter.number_text


def _check_has_result(dossier: DossierRecord) -> None:
    if dossier.resolved_at is None:
        raise NotAllowedNow(detail=f"hồ sơ {dossier.code} chưa có kết quả")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _too_many() -> str:
    return f"Tối đa {MOST_LINES} dòng, mỗi dòng một giấy tờ"
