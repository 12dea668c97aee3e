"""Who works at the counter: roles, units, and the actor of a use case."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person does in a unit. Lanes of a diagram name the same values."""

    CLERK = "clerk"
    OFFICER = "officer"
    LEADER = "leader"
    RECORDS = "records"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    INSPECTOR = "inspector"

    @property
    def label(self) -> str:
        """The role as people at the counter call it."""
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.CLERK: "Cán bộ tiếp nhận và trả kết quả",
    Role.OFFICER: "Công chức thụ lý",
    Role.LEADER: "Lãnh đạo phê duyệt",
    Role.RECORDS: "Văn thư",
    Role.SUPERVISOR: "Giám sát, kiểm soát thủ tục hành chính",
    Role.ADMIN: "Quản trị hệ thống",
    Role.INSPECTOR: "Thanh tra, kiểm tra",
}

# The level of a unit unless config.yaml says otherwise.
PROVINCE = "province"

# Roles that a lane of a diagram may name: those who handle dossiers.
WORKING_ROLES = frozenset({Role.CLERK, Role.OFFICER, Role.LEADER, Role.RECORDS})


@dataclass(frozen=True, slots=True)
class Unit:
    """An agency or one of its parts; units form a tree.

    `level` (province, commune) decides how the unit receives a procedure whose code is done differently at each.
    A unit that was merged or split is no longer active, and says which units took its work over.
    """

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    short_name: str = ""
    address: str = ""
    phone: str = ""
    place: str = ""
    letterhead_parent: str = ""
    identifier: str = ""
    head_title: str = ""
    head_name: str = ""
    letter_suffix: str = ""
    level: str = PROVINCE
    is_active: bool = True
    succeeded_by: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who is away, for whom somebody else acts for some days.

    `authority` and `title` stand above the name of the delegate when a letter is signed (KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC).
    """

    id: int
    username: str
    full_name: str
    authority: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """One role that a person holds in one unit, by themselves or for a colleague who is away."""

    unit_id: int
    role: Role
    instead_of: Principal | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or the machine) on whose behalf a use case runs.

    `confirmed_at`: when they last proved who they are in this session. `acting_for`: whose place they take in the act
    at hand; see `at_work`.
    """

    id: int | None
    username: str
    full_name: str
    memberships: tuple[Membership, ...] = ()
    confirmed_at: datetime | None = field(default=None, compare=False)
    acting_for: Principal | None = field(default=None, compare=False)

    def has_role(self, *roles: Role) -> bool:
        """Whether the person holds one of `roles` in any unit."""
        return any(membership.role in roles for membership in self.memberships)

    def holds(self, role: Role, unit_id: int | None) -> bool:
        """Whether the person holds `role` in exactly this unit."""
        return any(m.role is role and m.unit_id == unit_id for m in self.memberships)

    def principal(self, role: Role, unit_id: int) -> Principal | None:
        """Whose place the person takes in holding `role` in a unit; None where they hold it themselves, or not."""
        held = [m.instead_of for m in self.memberships if m.role is role and m.unit_id == unit_id]
        return None if None in held or not held else held[0]

    def at_work(self, role: Role, unit_id: int) -> Actor:
        """The same person in an act that asks for `role` in a unit: says whose place they take in it, if anybody's."""
        return replace(self, acting_for=self.principal(role, unit_id))

    def at_work_in(self, unit_ids: Collection[int]) -> Actor:
        """The same person in an act on what `unit_ids` have to do with: in their own place if they have one there."""
        here = [m.instead_of for m in self.memberships if m.unit_id in unit_ids]
        if self.acting_for is not None or not here or None in here:
            return self
        return replace(self, acting_for=here[0])

    @property
    def hands(self) -> frozenset[int]:
        """Whose steps the person works on: their own, and those of the colleagues whose place they take."""
        absent = {m.instead_of.id for m in self.memberships if m.instead_of is not None}
        return frozenset(absent if self.id is None else absent | {self.id})

    @property
    def own_memberships(self) -> tuple[Membership, ...]:
        """What the person holds themselves."""
        return tuple(m for m in self.memberships if m.instead_of is None)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units in which the person holds any role."""
        return frozenset(membership.unit_id for membership in self.memberships)

    @property
    def is_import(self) -> bool:
        """Whether an import repeats what somebody did elsewhere."""
        return self.id is None and self.username.split(":")[0] == "import"

    @property
    def is_machine(self) -> bool:
        """Whether no person stands behind the act (the sweep, an import)."""
        return self.id is None


def imported(name: str) -> Actor:
    """Whoever did something in the system that a record was imported from."""
    return Actor(id=None, username=f"{_IMPORTED}{name}", full_name=name) if name else IMPORTER


# The acts of timers and imports are recorded under these names.
SCHEDULER = Actor(id=None, username="scheduler", full_name="Hệ thống (bộ hẹn giờ)")
IMPORTER = Actor(id=None, username="import", full_name="Hệ thống (nhập dữ liệu)")
OPERATOR = Actor(id=None, username="operator", full_name="Người vận hành (dòng lệnh)")
PORTAL = Actor(id=None, username="portal", full_name="Người dân, tổ chức (trực tuyến)")
CHAIN = Actor(id=None, username="chain", full_name="Hệ thống (liên thông thủ tục)")
# The machines have no account that would say their names.
MACHINES = {machine.username: machine.full_name for machine in (SCHEDULER, IMPORTER, OPERATOR, PORTAL, CHAIN)}
_IMPORTED = f"{IMPORTER.username}:"


def is_account(username: str) -> bool:
    """Whether an act was done by somebody with an account: not by a machine, nor in another system."""
    return username not in MACHINES and not username.startswith(_IMPORTED)


def name_of(username: str, names: Mapping[str, str]) -> str:
    """The full name behind an act: of a machine, of an account (`names`), or as another system named them."""
    if username.startswith(_IMPORTED):
        return username.removeprefix(_IMPORTED)
    return MACHINES.get(username) or names.get(username, username)
