"""Opinions of other units, as they are shown: what was asked, of whom, until when, what was answered, how late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.beside import OpinionView, Verdict, can_answer_opinion
from engine.domain.people import WORKING_ROLES
from engine.domain.permissions import units_of
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import RowMapping

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord
    from engine.persistence.unit_of_work import Transaction


def opinion_views(
    tx: Transaction, office: Office, actor: Actor, dossier: DossierRecord, at: datetime
) -> tuple[OpinionView, ...]:
    """What was asked of other units about a dossier, oldest first."""
    rows = tx.beside.opinions(dossier.id)
    facts = {
        "dossier_code": dossier.code,
        "procedure_name": dossier.procedure_name,
        "applicant_name": dossier.applicant.full_name,
    }
    names = names_of(tx, rows)
    return tuple(shown(office, actor, {**row, **facts}, names, at) for row in rows)


def names_of(tx: Transaction, rows: Sequence[RowMapping]) -> Mapping[str, str]:
    """The full names of those who asked and answered."""
    people = {name for row in rows for name in (row["asked_by"], row["answered_by"]) if name}
    return DossierPage(tx.connection).names(people)


def shown(
    office: Office, actor: Actor, row: Mapping[str, object], names: Mapping[str, str], at: datetime
) -> OpinionView:
    """One opinion as it is shown to a person at a moment."""
    facts = dict(row)
    is_open = facts["answered_at"] is None and facts["cancelled_at"] is None
    ended = facts["answered_at"] or facts["cancelled_at"] or at
    asking, asked = int(str(facts["asking_unit_id"])), int(str(facts["unit_id"]))
    kept = (
        "id", "dossier_code", "procedure_name", "applicant_name", "question", "asked_at", "due_at", "chased_at",
        "chase_count", "answer", "answered_at", "cancelled_at",
    )  # fmt: skip
    values = {name: facts[name] for name in kept}
    asked_by, answered_by = str(facts["asked_by"]), str(facts["answered_by"] or "")
    return OpinionView(
        **values,  # type: ignore[arg-type] # the columns of the row, which have the types of the view
        asking_unit=office.units.get(asking).name,
        unit=office.units.get(asked).name,
        asked_by=names.get(asked_by, asked_by),
        answered_by=names.get(answered_by, answered_by),
        verdict=Verdict(str(facts["verdict"])).label if facts["verdict"] else "",
        is_late=ended > facts["due_at"],  # type: ignore[operator] # both are instants
        may_answer=is_open and can_answer_opinion(actor, asked),
        may_chase=is_open and asking in units_of(actor, WORKING_ROLES),
    )
