"""Who may look at results and surveys, and who may enter what: by unit and role, like `engine.domain.permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.people import Role
from engine.domain.permissions import board_units, supervised_units, units_of

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.domain.units import UnitTree


def reported_units(actor: Actor | None, tree: UnitTree, unit_code: str) -> frozenset[int] | None:
    """The units that a person's report covers, `unit_code` with everything below; None: all, for the command line.

    Raises `Refused` for people who oversee and lead nothing, and for a unit that is none of theirs; `NotFound`.
    """
    asked = frozenset(tree.under(tree.by_code(unit_code).id)) if unit_code else None
    if actor is None or actor.is_machine:
        return asked
    own = board_units(actor, tree)
    if not own:
        raise Refused(detail="trang này dành cho người giám sát và lãnh đạo đơn vị")
    if asked is None:
        return own
    if not asked & own:
        raise Refused(detail="đơn vị này không thuộc phạm vi giám sát, lãnh đạo của bạn")
    return asked & own


def ballot_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units for which the person may enter ballots and open kiosks: supervised ones, and those of a clerk."""
    return supervised_units(actor, tree) | units_of(actor, {Role.CLERK})


def check_can_enter_ballots(actor: Actor, unit_id: int, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may enter ballots of the unit."""
    if unit_id not in ballot_units(actor, tree):
        raise Refused(detail="phiếu khảo sát do cán bộ một cửa của nơi đó hoặc người giám sát nhập")


def check_can_evaluate(actor: Actor, unit_id: int, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may enter indicators and confirm sheets of the unit."""
    if unit_id not in supervised_units(actor, tree):
        raise Refused(detail="chỉ số của đơn vị do người giám sát đơn vị đó nhập và xác nhận")
