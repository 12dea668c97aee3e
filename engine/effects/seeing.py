"""A dossier that somebody may see: found by its code, with the units that have to do with it. Else there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import NotFound
from engine.domain.permissions import can_see_dossier, readable_units
from engine.persistence.queries.dossier_page import DossierPage

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import DossierRecord, TaskRecord
    from engine.persistence.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Visible:
    """A dossier, the units that have to do with it, its open steps, the units whose dossiers the person may read."""

    dossier: DossierRecord
    units: frozenset[int]
    open_steps: tuple[TaskRecord, ...]
    readable: frozenset[int]


def may_see(tx: Transaction, office: Office, actor: Actor, dossier: DossierRecord) -> bool:
    """Whether a dossier is the person's business: their units received it, decide, had a step, or were asked."""
    return can_see_dossier(actor, DossierPage(tx.connection).involved_units(dossier), office.units)


def find_visible(tx: Transaction, office: Office, actor: Actor, code: str, *, locked: bool = False) -> Visible:
    """Find a dossier by its code; raises `NotFound` alike for one that there is not and one that is none of theirs."""
    try:
        dossier = tx.dossiers.lock(code) if locked else tx.dossiers.find(code)
    except NotFound:
        raise NotFound(what=f"hồ sơ {code}") from None
    units = DossierPage(tx.connection).involved_units(dossier)
    if not can_see_dossier(actor, units, office.units):
        raise NotFound(what=f"hồ sơ {code}")
    open_steps = tuple(tx.tasks.open_of(dossier.id))
    return Visible(dossier, units, open_steps, readable_units(actor, office.units))
