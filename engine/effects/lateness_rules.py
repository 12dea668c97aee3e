"""Which ladder, which way of signing and which new date hold for a dossier: the nearest of what the office has said.

Nearest first: what is said for the unit (or its kind) and the procedure together, for the procedure, in the facts of
the procedure, for the unit or its kind, for the units above it, for the installation. Each of the three is looked for
by itself, so that a unit may sign by its leader and keep the rungs of everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.domain.people import Unit
    from engine.domain.procedure import Procedure
    from engine.domain.rungs import Ladder
    from engine.effects.office import Office
    from engine.settings.overdue import OverdueException

BY_LEADER = "leader"


@dataclass(frozen=True, slots=True)
class LatenessRules:
    """What holds for the dossiers of one unit and procedure."""

    ladder: Ladder
    signed_by_leader: bool
    reappointment_working_days: int


def lateness_rules(office: Office, procedure: Procedure, unit: Unit) -> LatenessRules:
    """What holds for dossiers of `procedure` on which `unit` decides."""
    overdue = office.settings.overdue
    if not overdue.exceptions:
        ladder = procedure.rungs or overdue.ladder
        return LatenessRules(ladder, overdue.apology_at_due == BY_LEADER, overdue.reappointment_working_days)
    chain = tuple(_upwards(office, unit))
    special = [*_about(overdue.exceptions, chain, procedure.code), *_of_procedure(overdue.exceptions, procedure.code)]
    general = [*_about(overdue.exceptions, chain, "")]
    ladders = [*(each.rungs for each in special), procedure.rungs, *(each.rungs for each in general)]
    every = [*special, *general]
    return LatenessRules(
        next(filter(None, ladders), overdue.ladder),
        next(filter(None, (each.apology_at_due for each in every)), overdue.apology_at_due) == BY_LEADER,
        next(filter(None, (each.reappointment_working_days for each in every)), overdue.reappointment_working_days),
    )


def _upwards(office: Office, unit: Unit) -> Iterator[Unit]:
    current: Unit | None = unit
    while current is not None:
        yield current
        current = office.units.get(current.parent_id) if current.parent_id is not None else None


def _about(
    exceptions: tuple[OverdueException, ...], chain: tuple[Unit, ...], procedure: str
) -> Iterator[OverdueException]:
    for unit in chain:
        yield from (each for each in exceptions if each.unit == unit.code and each.procedure == procedure)
        yield from (each for each in exceptions if each.kind == unit.kind and each.procedure == procedure)


def _of_procedure(exceptions: tuple[OverdueException, ...], code: str) -> Iterator[OverdueException]:
    return (each for each in exceptions if each.procedure == code and not each.unit and not each.kind)
