"""Who was at these desks before, by the number of an identity paper: what to fill in, and which files are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.intake_desk import EarlierFile, PersonFound
from engine.domain.intake_identity import identity_key
from engine.domain.permissions import can_receive
from engine.domain.status import DossierStatus
from engine.effects.desk import desk_of

if TYPE_CHECKING:
    from engine.domain.intake_desk import DeskFacts
    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import UnitOfWork

MOST = 8
# Shorter ones are no identity numbers: whoever tries them tries to turn over the register.
_SHORTEST = 8


class IntakePeople:
    """Looks a person up at the desks of the clerk who asks."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def desk(self) -> DeskFacts:
        """What the desk knows besides the procedures."""
        return desk_of(self._office)

    def find(self, actor: Actor, number: str) -> PersonFound:
        """The person of a number, as their latest dossier at these desks says, with their files there.

        Nothing of dossiers that other desks received. Raises `Refused` for anybody but a clerk.
        """
        desks = [self._office.units.get(unit_id) for unit_id in actor.unit_ids]
        units = {unit.id: unit.name for unit in desks if can_receive(actor, unit)}
        if not units:
            raise Refused(detail="việc tìm người nộp dành cho cán bộ một cửa")
        key = identity_key(number)
        if len(key) < _SHORTEST:
            return PersonFound()
        with self._uow.read() as tx:
            rows = tx.intake_desk.earlier(key, units, MOST)
        if not rows:
            return PersonFound()
        latest = rows[0]["applicant"]
        files = tuple(
            EarlierFile(
                code=row["code"],
                procedure_name=row["procedure_name"],
                state=DossierStatus(row["status"]).label,
                unit_name=units[row["unit_id"]],
                received_at=row["received_at"],
                is_open=row["ended_at"] is None,
            )
            for row in rows
        )
        told = {name: latest.get(name, "") for name in ("full_name", "address", "phone", "email")}
        return PersonFound(**told, files=files)
