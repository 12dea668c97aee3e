"""A dossier comes into being: its code, its row, the state of its process; and what is decided at the desk."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.domain.dossier import Channel, dossier_code, search_key
from engine.domain.status import DossierStatus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.dossier import Applicant, HandedInItem, Submitter
    from engine.domain.people import Unit
    from engine.domain.process import Advance
    from engine.effects.journey import Journey
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction
    from engine.process.definitions import Definition

CHECK_STEP = "check_dossier"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new dossier is: the procedure and case, whose it is, what was handed in, where and when.

    `found_by` are more words under which people look for it, besides its code and its applicant.
    """

    definition: Definition
    case_id: str
    unit: Unit
    applicant: Applicant
    received_at: datetime
    received_by: str
    submitter: Submitter | None = None
    items: tuple[HandedInItem, ...] = ()
    channel: Channel = Channel.IN_PERSON
    result_channel: Channel = Channel.IN_PERSON
    details: Mapping[str, Any] = field(default_factory=dict)
    content: str = ""
    external_code: str = ""
    idempotency_key: str = ""
    found_by: tuple[str, ...] = ()


def open_dossier(tx: Transaction, office: Office, opening: Opening) -> tuple[DossierRecord, Advance]:
    """Write a new dossier down; answers its row and the first stretch of its process, for `Journey.start`."""
    procedure, applicant, unit = opening.definition.procedure, opening.applicant, opening.unit
    start = office.runner.start(opening.definition, {"case": opening.case_id, "channel": opening.channel.value})
    day = office.local_day(opening.received_at)
    code = dossier_code(
        office.settings.letters.dossier_code,
        identifier=unit.identifier or unit.code,
        on=day,
        number=tx.dossiers.next_number(f"dossier:{unit.code}:{day:%y%m%d}"),
    )
    dossier = tx.dossiers.add(
        applicant=applicant,
        submitter=opening.submitter,
        items=opening.items,
        state=start.state,
        code=code,
        external_code=opening.external_code,
        idempotency_key=opening.idempotency_key or None,
        receipt_token=secrets.token_urlsafe(16),
        procedure_code=procedure.code,
        procedure_name=procedure.name,
        case_id=opening.case_id,
        definition_ref=opening.definition.ref,
        unit_id=unit.id,
        deciding_unit_id=office.units.nearest(procedure.deciding_unit, unit).id,
        status=int(DossierStatus.SUBMITTED),
        channel=opening.channel.value,
        result_channel=opening.result_channel.value,
        details=dict(opening.details),
        content=opening.content,
        search_key=search_key(
            code,
            opening.external_code,
            applicant.full_name,
            applicant.identity_number,
            applicant.phone,
            *opening.found_by,
        ),
        received_at=opening.received_at,
        received_by=opening.received_by,
    )
    tx.report_book.receive(
        day, unit_id=dossier.deciding_unit_id, procedure_code=procedure.code, channel=opening.channel.value
    )
    return dossier, start


def decide_at_desk(journey: Journey, decision: Mapping[str, str]) -> None:
    """Complete the check at the desk, if the process asks for one, with what was decided there."""
    check = next((task for task in journey.tx.tasks.open_of(journey.dossier.id) if task.step_id == CHECK_STEP), None)
    if check is None:
        return
    journey.answers = decision
    journey.complete(check, {"intake": decision["intake"]})
    journey.note(
        "step_completed", step_id=check.step_id, name=check.name, unit_id=check.unit_id, answers=dict(decision)
    )
