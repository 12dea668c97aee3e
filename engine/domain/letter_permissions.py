"""Who may do what to a letter and to the templates of a unit; forms and values as in `engine.domain.permissions`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.errors import Refused
from engine.domain.people import WORKING_ROLES, Role
from engine.domain.permissions import signing_units, units_of, units_under

if TYPE_CHECKING:
    from engine.domain.people import Actor
    from engine.domain.units import UnitTree


def letter_table_units(actor: Actor) -> frozenset[int]:
    """The units whose letters the person lets out."""
    return signing_units(actor)


def can_approve_letter(actor: Actor, unit_id: int) -> bool:
    """Whether the person decides about letters that the unit issues: its leader does."""
    return unit_id in letter_table_units(actor)


def check_can_approve_letter(actor: Actor, unit_id: int) -> None:
    """Raise `Refused` unless the person decides about letters that the unit issues."""
    if not can_approve_letter(actor, unit_id):
        raise Refused(detail="văn bản này do lãnh đạo đơn vị ban hành duyệt")


def can_rewrite_letter(actor: Actor, unit_id: int, created_by: str) -> bool:
    """Whether the person wrote the draft, or works in the unit that issues it."""
    return actor.username == created_by or unit_id in units_of(actor, WORKING_ROLES)


def check_can_rewrite_letter(actor: Actor, unit_id: int, created_by: str) -> None:
    """Raise `Refused` unless the person wrote the draft, or works in the unit that issues it."""
    if not can_rewrite_letter(actor, unit_id, created_by):
        raise Refused(detail="chỉ người soạn hoặc đơn vị ban hành được sửa dự thảo này")


def can_cancel_letter(actor: Actor, unit_id: int, issued_by: str) -> bool:
    """Whether the person may take back a letter of the unit: its leader, its records office, or who issued it."""
    return actor.username == issued_by or unit_id in units_of(actor, {Role.LEADER, Role.RECORDS})


def check_can_cancel_letter(actor: Actor, unit_id: int, issued_by: str) -> None:
    """Raise `Refused` unless the person may take back a letter of the unit."""
    if not can_cancel_letter(actor, unit_id, issued_by):
        raise Refused(detail="chỉ người ban hành, văn thư hoặc lãnh đạo đơn vị được hủy văn bản")


def template_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose letter templates the person keeps: an administrator's, with everything below."""
    return units_under(actor, {Role.ADMIN}, tree)


def check_can_keep_templates(actor: Actor, unit_id: int, tree: UnitTree) -> None:
    """Raise `Refused` unless the person keeps the letter templates of the unit."""
    if unit_id not in template_units(actor, tree):
        raise Refused(detail=f"mẫu văn bản của “{tree.get(unit_id).name}” do quản trị của đơn vị đó hoặc cấp trên giữ")
