"""A result is handed over at the desk: the last step of a dossier, with what was shown and signed for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.fees import Payment, payment_faults
from engine.domain.handing_over import (
    IN_PERSON,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_WORDS,
    METHOD,
    HandedOver,
    ReceiverKind,
    expected,
    faults_of,
)
from engine.domain.permissions import check_can_do_step, check_can_hand_over_result
from engine.domain.survey_tokens import SurveyChannel
from engine.effects.fees import methods_of, take_fee
from engine.effects.hand_over import case_of, is_hand_over_step
from engine.effects.seeing import find_visible
from engine.effects.stepping import StepAct, complete_step, find_open_step
from engine.effects.survey_tokens import issue_token
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.handing_over import HandOver, HandOverCase
    from engine.domain.people import Actor
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.effects.stepping import Completed
    from engine.persistence.records import DossierRecord
    from engine.persistence.repositories.handing_over import HandOverRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork


class HandingOver:
    """Hands results over, and prints what the citizen takes home besides."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def case(self, actor: Actor, code: str, *, at: datetime) -> HandOverCase:
        """What a hand-over of a dossier will be checked against; raises `NotFound` for one of no concern."""
        with self._uow.read() as tx:
            return case_of(tx, self._office, self._seen(tx, actor, code), at)

    def hand_over(
        self,
        actor: Actor,
        step: tuple[str, int, int],
        given: HandOver,
        more: Mapping[str, str] | None = None,
        *,
        at: datetime,
    ) -> Completed:
        """Complete the hand-over of a dossier (`step`: code, step, version seen) and write down who took the result.

        `more` answers what the step of this procedure asks besides. Raises `FormRefused` naming each field that is not
        right, `NotAllowedNow` for a step that hands nothing over, and what `Processing.complete` raises.
        """
        code, task_id, version = step
        with self._uow.write() as tx:
            dossier, task = find_open_step(tx, code, task_id)
            check_can_do_step(actor, task)
            definition = self._office.library.get(tx, dossier.definition_ref).steps[task.step_id]
            if not is_hand_over_step(definition):
                raise NotAllowedNow(detail=f"bước “{task.name}” của hồ sơ {code} không phải bước trả kết quả")
            case = case_of(tx, self._office, dossier, at)
            payment = Payment(str(case.fee_owed), given.fee_method, given.fee_receipt) if case.fee_owed else None
            faults = payment_faults(payment, methods_of(self._office), case.today) if payment else {}
            if faults := faults_of(given, case) | faults:
                raise FormRefused(faults)
            asked = {field.id for field in definition.form}
            answers = {**(more or {}), **{name: text for name, text in _answers(given).items() if name in asked}}
            written = partial(_write_down, unit_id=task.unit_id, given=given, payment=payment)
            act = StepAct(code, task_id, version, answers, remark=_remark(given), handing_over=written)
            return complete_step(tx, self._office, actor, act, at=at)

    def as_expected(
        self, actor: Actor, step: tuple[str, int, int], answers: Mapping[str, str], *, at: datetime
    ) -> Completed:
        """Hand a result over as its file lets one expect (`expected`): for offices that are played through.

        Raises as `hand_over`.
        """
        case = self.case(actor, step[0], at=at)
        method = next(iter(methods_of(self._office)))
        return self.hand_over(actor, step, expected(case, answers, method), answers, at=at)

    def record(self, actor: Actor, code: str) -> HandedOver | None:
        """The hand-over of a dossier that the person may read, if it was written down here."""
        with self._uow.read() as tx:
            dossier = self._seen(tx, actor, code)
            row = tx.hand_overs.of(dossier.id)
            return self._told(tx, dossier, row) if row else None

    def slip(self, actor: Actor, code: str, *, at: datetime) -> tuple[HandedOver, str | None]:
        """The slip of a hand-over, with a token to rate the service; None instead once somebody has.

        The token is new each time that a slip is printed, and the one before it ends. Raises `NotFound` where nothing
        was handed over, `Refused` for whoever is at neither desk nor deciding unit.
        """
        with self._uow.write() as tx:
            dossier = self._seen(tx, actor, code)
            check_can_hand_over_result(actor, dossier.unit_id, dossier.deciding_unit_id)
            row = tx.hand_overs.of(dossier.id)
            if row is None:
                raise NotFound(what=f"lần trả kết quả của hồ sơ {code}")
            channel = SurveyChannel.SLIP if row.method == IN_PERSON else SurveyChannel.POST
            token = issue_token(tx, dossier.id, at=at, channel=channel)
            return self._told(tx, dossier, row), token

    # --- inside ---

    def _seen(self, tx: Transaction, actor: Actor, code: str) -> DossierRecord:
        return find_visible(tx, self._office, actor, code).dossier

    def _told(self, tx: Transaction, dossier: DossierRecord, row: HandOverRecord) -> HandedOver:
        names = DossierPage(tx.connection).names({row.by})
        return HandedOver(
            dossier_code=dossier.code,
            procedure_name=dossier.procedure_name,
            applicant_name=dossier.applicant.full_name,
            unit_name=self._office.units.get(row.unit_id).name,
            at=row.at,
            by_name=names.get(row.by, row.by),
            method=row.method,
            receiver_kind=ReceiverKind(row.receiver_kind),
            receiver_name=row.receiver_name,
            identity_tail=row.identity_tail,
            authorisation=row.authorisation,
            result_number=row.result_number,
            result_on=row.result_on,
            postal_code=row.postal_code,
            is_rated=any(token.used_at for token in tx.survey_tokens.of(dossier.id)),
        )


def _write_down(journey: Journey, *, unit_id: int, given: HandOver, payment: Payment | None) -> None:
    """What goes with the step: the fee that was still owed, and who took the result."""
    if payment is not None:
        take_fee(journey, unit_id, payment)
    facts = {"dossier_id": journey.dossier.id, "unit_id": unit_id, "at": journey.at, "by": journey.by.username}
    journey.tx.hand_overs.add(**_row(given), **facts)


def _answers(given: HandOver) -> dict[str, str]:
    """The hand-over as the form of its step asks for it; the history holds no whole number either."""
    shown = " · ".join(filter(None, (f"…{given.identity_tail}" if given.identity_tail else "", given.authorisation)))
    texts = {METHOD: given.method, "receiver_name": given.receiver_name.strip()}
    return {**texts, "receiver_identity": shown, "postal_code": given.postal_code.strip()}


def _remark(given: HandOver) -> str:
    day = f" ngày {given.result_on:%d/%m/%Y}" if given.result_on else ""
    told = f"Kết quả số {given.result_number.strip()}{day}; {given.receiver_kind.label.lower()} nhận."
    return f"{told} {given.remark.strip()}".strip()


def _row(given: HandOver) -> dict[str, object]:
    return {
        "method": given.method,
        "receiver_kind": given.receiver_kind.value,
        "receiver_name": given.receiver_name.strip()[:LONGEST_NAME],
        "identity_tail": given.identity_tail,
        "authorisation": given.authorisation.strip()[:LONGEST_WORDS],
        "result_number": given.result_number.strip()[:LONGEST_NUMBER],
        "result_on": given.result_on,
        "signed": given.is_signed,
        "postal_code": given.postal_code.strip()[:40],
    }
