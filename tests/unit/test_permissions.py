"""Who may, for every role: the two forms of a rule never disagree."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.domain import permissions
from engine.domain.errors import Refused
from engine.domain.people import IMPORTER, PORTAL, SCHEDULER, Actor, Membership, Role, Unit
from engine.domain.units import UnitTree

PROVINCE, DESK, DEPARTMENT, REGISTRY, COMMUNE, COMMUNE_DESK = range(1, 7)
TREE = UnitTree(
    (
        Unit(PROVINCE, "P", "Tỉnh", "province", None),
        Unit(DESK, "D", "Một cửa tỉnh", "one_stop", PROVINCE),
        Unit(DEPARTMENT, "S", "Sở", "department", PROVINCE),
        Unit(REGISTRY, "R", "Chi nhánh", "land_registry", DEPARTMENT),
        Unit(COMMUNE, "C", "Phường", "commune", PROVINCE),
        Unit(COMMUNE_DESK, "CD", "Một cửa phường", "one_stop", COMMUNE),
    )
)


def person(role: Role, unit_id: int, key: int = 7) -> Actor:
    return Actor(key, "someone", "Ai Đó", (Membership(unit_id, role),))


@dataclass(frozen=True)
class Step:
    role: str = "officer"
    unit_id: int = REGISTRY
    claimed_by_id: int | None = None


@pytest.mark.parametrize("role", [Role.CLERK, Role.OFFICER, Role.LEADER, Role.RECORDS])
def test_people_see_what_their_own_unit_has_to_do_with(role: Role) -> None:
    assert permissions.can_see_dossier(person(role, REGISTRY), {DESK, REGISTRY}, TREE)
    assert not permissions.can_see_dossier(person(role, COMMUNE_DESK), {DESK, REGISTRY}, TREE)
    # a place higher in the tree is no right to look down
    assert not permissions.can_see_dossier(person(role, DEPARTMENT), {DESK, REGISTRY}, TREE)


@pytest.mark.parametrize(
    ("unit_id", "sees"), [(PROVINCE, True), (DEPARTMENT, True), (REGISTRY, True), (COMMUNE, False)]
)
def test_supervisors_see_their_unit_and_everything_below(unit_id: int, sees: bool) -> None:  # noqa: FBT001
    assert permissions.can_see_dossier(person(Role.SUPERVISOR, unit_id), {DESK, REGISTRY}, TREE) is sees


def test_administrators_and_strangers_see_no_dossier() -> None:
    for actor in (person(Role.ADMIN, PROVINCE), Actor(9, "nobody", "Không Ai"), SCHEDULER, PORTAL):
        assert not permissions.can_see_dossier(actor, {DESK, REGISTRY}, TREE)


def test_a_step_is_done_by_the_role_and_the_unit_of_its_lane_unless_a_colleague_has_taken_it() -> None:
    officer = person(Role.OFFICER, REGISTRY, key=7)
    assert permissions.can_do_step(officer, Step())
    assert permissions.can_do_step(officer, Step(claimed_by_id=7))
    refused = [
        (officer, Step(claimed_by_id=8)),
        (officer, Step(role="leader")),
        (officer, Step(unit_id=DESK)),
        (person(Role.SUPERVISOR, PROVINCE), Step()),
        (person(Role.ADMIN, REGISTRY), Step()),
        (PORTAL, Step()),
    ]
    for actor, step in refused:
        assert not permissions.can_do_step(actor, step)
        with pytest.raises(Refused):
            permissions.check_can_do_step(actor, step)
    permissions.check_can_do_step(officer, Step())


def test_dossiers_are_received_by_clerks_of_a_one_stop_unit() -> None:
    desk, registry = TREE.get(DESK), TREE.get(REGISTRY)
    assert permissions.can_receive(person(Role.CLERK, DESK), desk)
    assert permissions.can_receive(IMPORTER, desk)
    for actor, unit in (
        (person(Role.CLERK, COMMUNE_DESK), desk),
        (person(Role.CLERK, REGISTRY), registry),
        (person(Role.OFFICER, DESK), desk),
        (IMPORTER, registry),
        (PORTAL, desk),
    ):
        assert not permissions.can_receive(actor, unit)
        with pytest.raises(Refused):
            permissions.check_can_receive(actor, unit)


def test_a_withdrawal_is_written_down_at_the_desk_or_by_the_deciding_unit() -> None:
    for actor in (person(Role.CLERK, DESK), person(Role.OFFICER, REGISTRY), person(Role.LEADER, REGISTRY)):
        permissions.check_can_withdraw(actor, DESK, REGISTRY)
    for actor in (
        person(Role.CLERK, COMMUNE_DESK),
        person(Role.LEADER, DEPARTMENT),
        person(Role.SUPERVISOR, PROVINCE),
        person(Role.ADMIN, DESK),
    ):
        assert not permissions.can_withdraw(actor, DESK, REGISTRY)
        with pytest.raises(Refused):
            permissions.check_can_withdraw(actor, DESK, REGISTRY)


def test_the_board_and_the_register_show_the_units_that_a_person_answers_for() -> None:
    supervisor, leader = person(Role.SUPERVISOR, DEPARTMENT), person(Role.LEADER, REGISTRY)
    assert permissions.board_units(supervisor, TREE) == {DEPARTMENT, REGISTRY}
    assert permissions.board_units(leader, TREE) == {REGISTRY}
    assert permissions.register_units(person(Role.RECORDS, DEPARTMENT), TREE) == {DEPARTMENT}
    officer = person(Role.OFFICER, REGISTRY)
    assert not permissions.can_see_board(officer, TREE)
    assert not permissions.can_see_register(officer, TREE)
    with pytest.raises(Refused):
        permissions.check_can_see_board(officer, TREE)
    with pytest.raises(Refused):
        permissions.check_can_see_register(officer, TREE)
