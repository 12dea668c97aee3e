"""Accounts as administrators look after them, and colleagues who stand in for one another."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from engine.domain.errors import BadInput, NotAllowedNow, Refused
from engine.domain.people import Actor, Membership, Role, Unit
from engine.domain.permissions import is_over_all, units_of, units_under
from engine.domain.units import UnitTree

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,78}[a-z0-9]")
# What may be lent for some days. The keys of the installation may not.
LENDABLE = frozenset(Role) - {Role.ADMIN, Role.INSPECTOR}
LONGEST_ABSENCE_DAYS = 366


class BadAccount(BadInput):
    """Tài khoản chưa đúng: {detail}."""

    code = "bad_account"

    def __init__(self, field: str, detail: str) -> None:
        """Say what is wrong at the field where it was typed."""
        self.fields = {field: f"{detail[:1].upper()}{detail[1:]}."}
        super().__init__(detail=detail)


class BadDelegation(BadInput):
    """Ủy quyền chưa đúng: {detail}."""

    code = "bad_delegation"

    def __init__(self, field: str, detail: str) -> None:
        """Say what is wrong at the field where it was typed."""
        self.fields = {field: f"{detail[:1].upper()}{detail[1:]}."}
        super().__init__(detail=detail)


class LastAdmin(NotAllowedNow):
    """Đây là quản trị viên cuối cùng còn làm việc; hãy trao vai trò quản trị cho người khác trước."""

    code = "last_admin"


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in a list."""

    id: int
    username: str
    full_name: str
    is_active: bool
    has_codes: bool
    must_change_password: bool
    locked_until: datetime | None
    memberships: tuple[Membership, ...]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page of accounts."""

    lines: tuple[AccountLine, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class AccessMoment:
    """One thing that was done about an account."""

    at: datetime
    by: str
    kind: str
    whom: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """What somebody gets on paper to sign in with once; it is told this once and kept nowhere."""

    person_id: int
    username: str
    full_name: str
    password: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who does whose work, in which role of which unit, on which days (both included), by which document."""

    id: int
    absent_id: int
    absent_name: str
    delegate_id: int
    delegate_name: str
    unit_id: int
    role: Role
    starts_on: date
    ends_on: date
    document: str
    authority: str
    title: str
    made_by: str
    revoked_at: datetime | None = None

    def state(self, today: date) -> str:
        """Whether it is ``coming``, ``current``, ``over`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        if today < self.starts_on:
            return "coming"
        return "current" if today <= self.ends_on else "over"


# --- who may ----------------------------------------------------------------------------------------------------------


def account_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose people an administrator looks after: their own, with everything below."""
    own = Actor(actor.id, actor.username, actor.full_name, actor.own_memberships)
    return units_under(own, {Role.ADMIN}, tree)


def can_keep_account(actor: Actor, memberships: Collection[Membership], tree: UnitTree) -> bool:
    """Whether somebody looks after an account: all that it holds lies in their units."""
    if is_over_all(actor, tree):
        return True
    units = account_units(actor, tree)
    return bool(memberships) and all(membership.unit_id in units for membership in memberships)


def check_can_give(actor: Actor, memberships: Iterable[Membership], tree: UnitTree) -> None:
    """Raise `Refused` unless somebody may give these roles, `BadAccount` for one in a unit that has ended."""
    given = tuple(memberships)
    if not can_keep_account(actor, given, tree):
        raise Refused(detail="chỉ trao được vai trò trong đơn vị mà bạn quản trị")
    if ended := next((unit for each in given if not (unit := tree.get(each.unit_id)).is_active), None):
        raise BadAccount("new_unit", f"“{ended.name}” đã sắp xếp lại; hãy chọn đơn vị đang hoạt động")


def delegation_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose absences somebody writes down for others: as their leader, or as their administrator."""
    own = Actor(actor.id, actor.username, actor.full_name, actor.own_memberships)
    return account_units(actor, tree) | units_of(own, {Role.LEADER})


def check_can_delegate(actor: Actor, absent_id: int, unit_id: int, tree: UnitTree) -> None:
    """Raise `Refused` unless it is one's own absence, or that of somebody in a unit that one leads or administers."""
    if actor.id != absent_id and unit_id not in delegation_units(actor, tree):
        raise Refused(detail="việc vắng mặt do chính người đó, lãnh đạo đơn vị hoặc quản trị viên ghi")


# --- rules ------------------------------------------------------------------------------------------------------------


def check_username(username: str) -> None:
    """Raise `BadAccount` for a name that cannot be typed at a counter."""
    if USERNAME.fullmatch(username) is None:
        raise BadAccount("username", "tên đăng nhập gồm 3 đến 80 chữ thường không dấu, số, dấu chấm, gạch ngang")


def check_days(starts_on: date, ends_on: date, today: date) -> None:
    """Raise `BadDelegation` for days that are the wrong way round, over, or too many."""
    if ends_on < starts_on:
        raise BadDelegation("ends_on", "ngày kết thúc trước ngày bắt đầu")
    if ends_on < today:
        raise BadDelegation("ends_on", "thời gian này đã qua")
    if (ends_on - starts_on).days > LONGEST_ABSENCE_DAYS:
        raise BadDelegation("ends_on", f"mỗi lần ủy quyền không quá {LONGEST_ABSENCE_DAYS} ngày")


def is_nearby(actor: Actor, unit_id: int, tree: UnitTree) -> bool:
    """Whether somebody works in a unit, or in one right above or below it: nobody's work goes to strangers."""
    near = {unit_id, tree.get(unit_id).parent_id} | {unit.id for unit in tree if unit.parent_id == unit_id}
    return any(membership.unit_id in near for membership in actor.own_memberships)


def may_meet_itself(delegate: Actor, role: Role) -> bool:
    """Whether a delegate may come to approve what they have received: told, and written down where it happens."""
    roles = {membership.role for membership in delegate.own_memberships} | {role}
    return {Role.CLERK, Role.LEADER} <= roles


def places(memberships: Iterable[Membership], unit: Mapping[int, Unit]) -> str:
    """The roles of somebody in words."""
    return "; ".join(f"{each.role.label}, {unit[each.unit_id].name}" for each in memberships)
