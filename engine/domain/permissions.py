"""Who may. Every rule has two forms: `can_…` answers (a page shows or hides a button), `check_can_…` raises `Refused`.

*When* something is allowed (states, pauses, decisions already made) is not decided here. Rules take values only: the
actor, the units that a dossier has to do with, the tree of units.

- People of a unit see the dossiers that their unit received, decides, or has or had a step of.
- A supervisor sees what the supervised unit and everything below it in the tree has to do with.
- An inspector sees the same, and writes nothing but the remarks of an inspection.
- People of a unit see what the units had to do with whose work it took over.
- An administrator looks after the installation and sees no dossier.
- An import repeats what people did elsewhere, so it may do what they may; the other machines may not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.domain.errors import NotFound, Refused
from engine.domain.people import ROLE_LABELS, WORKING_ROLES, Role

if TYPE_CHECKING:
    from collections.abc import Collection

    from engine.domain.people import Actor, Unit
    from engine.domain.units import UnitTree

# The kind of unit that receives dossiers and gives results back.
ONE_STOP = "one_stop"
# Who may turn over the pages of a unit's register of letters.
REGISTER_ROLES = frozenset({Role.RECORDS, Role.LEADER, Role.CLERK})
BOARD_ROLES = frozenset({Role.LEADER})
# Who sees what a unit and everything below it has to do with.
OVERSEEING = frozenset({Role.SUPERVISOR, Role.INSPECTOR})


class OpenStep(Protocol):
    """What a permission needs to know of an open step."""

    @property
    def role(self) -> str:
        """The role of the lane in which the step lies."""
        ...

    @property
    def unit_id(self) -> int:
        """The unit whose turn it is."""
        ...

    @property
    def claimed_by_id(self) -> int | None:
        """Who has taken the step, if anybody has."""
        ...


# --- units ------------------------------------------------------------------------------------------------------------


def units_of(actor: Actor, roles: Collection[Role]) -> frozenset[int]:
    """The units in which the person holds one of `roles`."""
    return frozenset(membership.unit_id for membership in actor.memberships if membership.role in roles)


def units_under(actor: Actor, roles: Collection[Role], tree: UnitTree) -> frozenset[int]:
    """The units in which the person holds one of `roles`, and everything below them."""
    return frozenset(unit_id for top in units_of(actor, roles) for unit_id in tree.under(top))


def places_of(actor: Actor, roles: Collection[Role]) -> frozenset[tuple[int, str]]:
    """Where the person works and as what: their own places, and those of colleagues whose place they take."""
    return frozenset((each.unit_id, each.role.value) for each in actor.memberships if each.role in roles)


def supervised_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units that the person supervises, and everything below them."""
    return units_under(actor, {Role.SUPERVISOR}, tree)


def overseen_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units on which the person may look as a supervisor or an inspector, and those whose work they took over."""
    return tree.with_predecessors(units_under(actor, OVERSEEING, tree))


def readable_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose dossiers the person may read."""
    return tree.with_predecessors(units_of(actor, WORKING_ROLES)) | overseen_units(actor, tree)


def is_over_all(actor: Actor, tree: UnitTree) -> bool:
    """Whether somebody looks after the whole installation: an administrator at the top, or the command line."""
    tops = {unit.id for unit in tree if unit.parent_id is None}
    return actor.is_machine or not tops.isdisjoint(units_of(actor, {Role.ADMIN}))


# --- dossiers ---------------------------------------------------------------------------------------------------------


def can_see_dossier(actor: Actor, involved_units: Collection[int], tree: UnitTree) -> bool:
    """Whether the person may read a dossier with which `involved_units` have or had to do."""
    return actor.is_import or not readable_units(actor, tree).isdisjoint(involved_units)


def can_receive(actor: Actor, unit: Unit) -> bool:
    """Whether the person may receive dossiers at `unit`: a clerk of a one-stop unit."""
    return unit.is_active and unit.kind == ONE_STOP and (actor.is_import or actor.holds(Role.CLERK, unit.id))


def check_can_receive(actor: Actor, unit: Unit) -> None:
    """Raise `Refused` unless the person may receive dossiers at `unit`."""
    if not unit.is_active:
        raise Refused(detail=f"“{unit.name}” đã sắp xếp lại, không còn tiếp nhận hồ sơ")
    if unit.kind != ONE_STOP:
        raise Refused(detail=f"“{unit.name}” không phải nơi tiếp nhận hồ sơ (Bộ phận Một cửa)")
    if not can_receive(actor, unit):
        raise Refused(detail=f"chỉ {ROLE_LABELS[Role.CLERK].lower()} của “{unit.name}” được tiếp nhận hồ sơ tại đây")


def can_withdraw(actor: Actor, unit_id: int, deciding_unit_id: int) -> bool:
    """Whether the person may write down that an applicant takes a dossier back.

    The applicant asks at the desk where it was handed in, or the unit that decides on it (Decree 118/2025 art. 21).
    """
    at_desk = actor.holds(Role.CLERK, unit_id)
    at_deciding_unit = not units_of(actor, {Role.CLERK, Role.OFFICER, Role.LEADER}).isdisjoint({deciding_unit_id})
    return actor.is_import or at_desk or at_deciding_unit


def check_can_withdraw(actor: Actor, unit_id: int, deciding_unit_id: int) -> None:
    """Raise `Refused` unless the person may write down a withdrawal."""
    if not can_withdraw(actor, unit_id, deciding_unit_id):
        raise Refused(detail="chỉ nơi đã tiếp nhận hoặc cơ quan giải quyết hồ sơ được ghi nhận yêu cầu rút hồ sơ")


BLOCK_READERS = WORKING_ROLES | {Role.SUPERVISOR, Role.INSPECTOR, Role.ADMIN}


def block_units(actor: Actor, tree: UnitTree, kinds: Collection[str]) -> frozenset[int]:
    """The units for which the person keeps the register of barred parcels: their own of these kinds, an admin's."""
    own = units_of(actor, {Role.OFFICER, Role.LEADER, Role.RECORDS})
    return frozenset(unit_id for unit_id in own if tree.get(unit_id).kind in kinds) | units_of(actor, {Role.ADMIN})


def check_can_see_blocks(actor: Actor) -> None:
    """Raise `Refused` unless the person may read the register of barred parcels."""
    if not actor.has_role(*BLOCK_READERS):
        raise Refused(detail="sổ ngăn chặn thửa đất dành cho cán bộ xử lý hồ sơ")


# --- steps ------------------------------------------------------------------------------------------------------------


def holds_step(actor: Actor, step: OpenStep) -> bool:
    """Whether the step is for people like this one: the role of its lane, in the unit whose turn it is."""
    return actor.is_import or actor.holds(Role(step.role), step.unit_id)


def can_do_step(actor: Actor, step: OpenStep) -> bool:
    """Whether the person may take, complete or give back the step: it is theirs to do, and nobody else has taken it."""
    if not holds_step(actor, step):
        return False
    absent = {m.instead_of.id for m in actor.memberships if m.instead_of and (m.unit_id, m.role) == _place(step)}
    return step.claimed_by_id in {None, actor.id} | absent


def _place(step: OpenStep) -> tuple[int, Role]:
    return step.unit_id, Role(step.role)


def check_can_do_step(actor: Actor, step: OpenStep) -> None:
    """Raise `Refused` unless the person may do the step."""
    if not holds_step(actor, step):
        raise Refused(detail=f"bước này do {Role(step.role).label.lower()} của đơn vị khác hoặc vai trò khác thực hiện")
    if not can_do_step(actor, step):
        raise Refused(detail="bước này đã có người khác nhận; người đó cần trả lại bước trước")


# --- apologies --------------------------------------------------------------------------------------------------------


def signing_units(actor: Actor) -> frozenset[int]:
    """The units whose apologies the person signs: the head of the deciding unit does (LC88 art. 3.6)."""
    return units_of(actor, {Role.LEADER})


def can_sign_apology(actor: Actor, deciding_unit_id: int) -> bool:
    """Whether the person decides about apologies of the unit."""
    return deciding_unit_id in signing_units(actor)


def check_can_sign_apology(actor: Actor, deciding_unit_id: int) -> None:
    """Raise `Refused` unless the person decides about apologies of the unit."""
    if not can_sign_apology(actor, deciding_unit_id):
        raise Refused(detail="văn bản xin lỗi do lãnh đạo cơ quan giải quyết hồ sơ ký")


def can_apologise_for_error(actor: Actor, deciding_unit_id: int) -> bool:
    """Whether the person may say that a result was wrong and apologise for it: who answers for the result does."""
    return can_sign_apology(actor, deciding_unit_id)


def check_can_apologise_for_error(actor: Actor, deciding_unit_id: int) -> None:
    """Raise `Refused` unless the person may apologise for an error."""
    if not can_apologise_for_error(actor, deciding_unit_id):
        raise Refused(detail="thư xin lỗi về sai sót do lãnh đạo cơ quan giải quyết hồ sơ ban hành")


def can_hand_over_result(actor: Actor, unit_id: int, deciding_unit_id: int) -> bool:
    """Whether the person may write the cover of a result: at the desk of the dossier, or in the deciding unit."""
    at_deciding_unit = units_of(actor, {Role.CLERK, Role.RECORDS, Role.OFFICER})
    return actor.holds(Role.CLERK, unit_id) or deciding_unit_id in at_deciding_unit


def check_can_hand_over_result(actor: Actor, unit_id: int, deciding_unit_id: int) -> None:
    """Raise `Refused` unless the person may write the cover of a result."""
    if not can_hand_over_result(actor, unit_id, deciding_unit_id):
        raise Refused(detail="phiếu trả kết quả do nơi tiếp nhận hoặc cơ quan giải quyết hồ sơ lập")


def can_ask_for_extension(actor: Actor, deciding_unit_id: int, open_steps: Collection[OpenStep]) -> bool:
    """Whether the person may ask for more time: they hold an open step, or the dossier is their unit's to decide."""
    return any(holds_step(actor, step) for step in open_steps) or actor.holds(Role.OFFICER, deciding_unit_id)


def check_can_ask_for_extension(actor: Actor, deciding_unit_id: int, open_steps: Collection[OpenStep]) -> None:
    """Raise `Refused` unless the person may ask for more time."""
    if not can_ask_for_extension(actor, deciding_unit_id, open_steps):
        raise Refused(detail="chỉ người đang xử lý hồ sơ được đề nghị gia hạn")


# --- oversight --------------------------------------------------------------------------------------------------------


def check_can_design(actor: Actor) -> None:
    """Raise `Refused` unless the person designs procedures and tries them out: an administrator, the command line."""
    if not actor.is_machine and not actor.has_role(Role.ADMIN):
        raise Refused(detail="việc này dành cho người quản trị")


def check_can_publish(actor: Actor, tree: UnitTree) -> None:
    """Raise `Refused` unless the person publishes and withdraws versions, and moves dossiers between them.

    A version holds for every unit that does the procedure, so this is for who looks after the whole installation.
    """
    if not is_over_all(actor, tree):
        raise Refused(detail="phiên bản thủ tục áp dụng cho mọi đơn vị, nên do quản trị viên cấp cao nhất công bố")


def board_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units that the person's board shows: overseen ones, and those that the person leads."""
    return overseen_units(actor, tree) | units_of(actor, BOARD_ROLES)


def can_see_board(actor: Actor, tree: UnitTree) -> bool:
    """Whether the person may look at the board."""
    return bool(board_units(actor, tree))


def check_can_see_board(actor: Actor, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may look at the board."""
    if not can_see_board(actor, tree):
        raise Refused(detail="trang giám sát dành cho người giám sát và lãnh đạo đơn vị")


def board_scope(actor: Actor, tree: UnitTree, unit_code: str) -> frozenset[int]:
    """The units that the person's board shows; of those, a unit and everything below it where one is asked for.

    Raises `Refused` for people without a board, `NotFound` for a unit that is not on it.
    """
    check_can_see_board(actor, tree)
    overseen = board_units(actor, tree)
    chosen = overseen.intersection(tree.under(tree.by_code(unit_code).id)) if unit_code else overseen
    if not chosen:
        raise NotFound(what=f"đơn vị có mã “{unit_code}”")
    return chosen


def register_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose letters the person may turn over: overseen ones, their own, and those of before."""
    return overseen_units(actor, tree) | tree.with_predecessors(units_of(actor, REGISTER_ROLES))


def can_see_register(actor: Actor, tree: UnitTree) -> bool:
    """Whether the person may turn over a register of letters."""
    return bool(register_units(actor, tree))


def check_can_see_register(actor: Actor, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may turn over a register of letters."""
    if not can_see_register(actor, tree):
        raise Refused(detail="sổ văn bản dành cho văn thư, cán bộ một cửa, lãnh đạo và người giám sát")


# --- messages ---------------------------------------------------------------------------------------------------------


def message_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The desks whose messages the person may look at: their own, and overseen ones."""
    return overseen_units(actor, tree) | units_of(actor, REGISTER_ROLES)


def handled_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The desks whose messages the person may send again, hand over or cancel."""
    return supervised_units(actor, tree) | units_of(actor, {Role.CLERK, Role.RECORDS})


def check_can_handle_message(actor: Actor, unit_id: int, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may do something about the messages of a desk."""
    if unit_id not in handled_units(actor, tree):
        raise Refused(detail="thư, tin nhắn do cán bộ một cửa, văn thư của nơi tiếp nhận hoặc người giám sát xử lý")


# --- calendars --------------------------------------------------------------------------------------------------------


def calendar_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose calendar the person keeps: an administrator's and everything below, a leader's own unit only."""
    return units_under(actor, {Role.ADMIN}, tree) | units_of(actor, {Role.LEADER})


def can_keep_calendar(actor: Actor, unit_id: int | None, tree: UnitTree) -> bool:
    """Whether the person may enter days into the calendar of a unit; the nation's (None) is for the top of the tree."""
    if unit_id is None:
        tops = units_of(actor, {Role.ADMIN})
        return any(tree.get(top).parent_id is None for top in tops)
    return unit_id in calendar_units(actor, tree)


def check_can_keep_calendar(actor: Actor, unit_id: int | None, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may enter days into a calendar."""
    if not can_keep_calendar(actor, unit_id, tree):
        whose = "chung của cả hệ thống" if unit_id is None else f"của “{tree.get(unit_id).name}”"
        raise Refused(detail=f"lịch làm việc {whose} do quản trị hệ thống hoặc lãnh đạo của chính đơn vị đó ghi")


def absence_units(actor: Actor, tree: UnitTree) -> frozenset[int]:
    """The units whose absence the person may announce: those that they supervise, and whose calendar they keep."""
    return supervised_units(actor, tree) | calendar_units(actor, tree)


def check_can_announce_absence(actor: Actor, unit_id: int | None, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may say that a unit is closed; a whole nation is closed by its calendar."""
    if unit_id is None or unit_id not in absence_units(actor, tree):
        raise Refused(detail="việc đơn vị đóng cửa do người giám sát, lãnh đạo đơn vị hoặc quản trị hệ thống ghi")


def can_decide_late_record(actor: Actor, unit_id: int, recorded_by: str, tree: UnitTree) -> bool:
    """Whether the person may say that a step of `unit_id` was done earlier: its supervisor, never who recorded it."""
    return unit_id in supervised_units(actor, tree) and actor.username != recorded_by


def check_can_decide_late_record(actor: Actor, unit_id: int, recorded_by: str, tree: UnitTree) -> None:
    """Raise `Refused` unless the person may decide on the late record."""
    if unit_id not in supervised_units(actor, tree):
        raise Refused(detail="chỉ người giám sát đơn vị được duyệt việc ghi nhận muộn của đơn vị đó")
    if not can_decide_late_record(actor, unit_id, recorded_by, tree):
        raise Refused(detail="người đã ghi nhận muộn không được tự duyệt; cần một người giám sát khác")
