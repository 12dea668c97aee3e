"""Absences: for some days a colleague does somebody's work, and both names stand on the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.accounts import (
    LENDABLE,
    BadDelegation,
    Delegation,
    check_can_delegate,
    check_days,
    delegation_units,
    is_nearby,
    may_meet_itself,
)
from engine.domain.errors import NotAllowedNow, NotFound
from engine.domain.people import Actor, Membership

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.units import UnitTree
    from engine.effects.office import Office
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

_CONFLICT = (
    "{name} cũng tiếp nhận hồ sơ: nếu vừa tiếp nhận vừa duyệt cùng một hồ sơ, nhật ký của hồ sơ sẽ ghi rõ điều đó."
)


@dataclass(frozen=True, slots=True)
class Absence:
    """What somebody lends for some days: one role in one unit, to whom, by which document, and how letters say it."""

    absent: str
    delegate: str
    place: Membership
    starts_on: date
    ends_on: date
    document: str
    authority: str = ""
    title: str = ""


class Delegations:
    """Who stands in for whom."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    @property
    def _tree(self) -> UnitTree:
        return self._office.units

    def mine(self, actor: Actor) -> tuple[Delegation, ...]:
        """The delegations by and to the person, the latest first."""
        with self._uow.read() as tx:
            return tx.delegations.of(actor.id) if actor.id is not None else ()

    def of_my_units(self, actor: Actor) -> tuple[Delegation, ...]:
        """The delegations in the units that the person leads or administers, the latest first."""
        with self._uow.read() as tx:
            return tx.delegations.of_units(delegation_units(actor, self._tree))

    def candidates(self, actor: Actor) -> tuple[tuple[str, str], ...]:
        """Who could stand in: username and name of the people in and around the person's units."""
        units = {each.unit_id for each in actor.own_memberships} | delegation_units(actor, self._tree)
        near = units | {self._tree.get(each).parent_id for each in units}
        near |= {unit.id for unit in self._tree if unit.parent_id in units}
        with self._uow.read() as tx:
            return tx.people.working_in({each for each in near if each is not None})

    def absentees(self, actor: Actor) -> tuple[tuple[str, str, Membership], ...]:
        """What may be lent by this person: their own roles, and those of the people whose absence they write down."""
        with self._uow.read() as tx:
            held = tx.people.held_in(delegation_units(actor, self._tree))
        own = ((actor.username, actor.full_name, each) for each in actor.own_memberships)
        found = dict.fromkeys((*own, *held))
        return tuple(each for each in found if each[2].role in LENDABLE)

    def add(self, actor: Actor, absence: Absence, *, at: datetime) -> tuple[Delegation, str]:
        """Write an absence down; answers it, and what has to be told about it ("" for nothing).

        Raises `BadDelegation`, `Refused`.
        """
        with self._uow.write() as tx:
            absent, delegate = self._person(tx, absence.absent, "place"), self._person(tx, absence.delegate, "delegate")
            assert absent.id is not None
            check_can_delegate(actor, absent.id, absence.place.unit_id, self._tree)
            self._check(tx, absence, absent, delegate, at)
            place = absence.place
            added = tx.delegations.add(
                absent_id=absent.id,
                delegate_id=delegate.id,
                unit_id=place.unit_id,
                role=place.role.value,
                starts_on=absence.starts_on,
                ends_on=absence.ends_on,
                document=absence.document.strip(),
                authority=absence.authority.strip(),
                title=absence.title.strip(),
                made_at=at,
                made_by=actor.username,
            )
            days = {"from": absence.starts_on.isoformat(), "to": absence.ends_on.isoformat()}
            facts = {"to": delegate.username, "role": place.role.value, "unit": self._tree.get(place.unit_id).code}
            tx.proofs.record("delegated", by=actor.username, at=at, person_id=absent.id, **facts, days=days)
            found = tx.delegations.find(added)
            assert found is not None
            told = _CONFLICT.format(name=delegate.full_name) if may_meet_itself(delegate, place.role) else ""
            return found, told

    def revoke(self, actor: Actor, delegation_id: int, *, at: datetime) -> Delegation:
        """End a delegation before its time; raises `NotFound` for one that is none of the person's business."""
        with self._uow.write() as tx:
            found = tx.delegations.find(delegation_id)
            is_theirs = found is not None and (
                actor.id == found.absent_id or found.unit_id in delegation_units(actor, self._tree)
            )
            if found is None or not is_theirs:
                raise NotFound(what="ủy quyền")
            if found.state(self._office.local_day(at)) == "over" or not tx.delegations.revoke(
                delegation_id, at=at, by=actor.username
            ):
                raise NotAllowedNow(detail="ủy quyền này đã kết thúc")
            tx.proofs.record("delegation_revoked", by=actor.username, at=at, person_id=found.absent_id)
            return found

    # --- inside ---

    def _person(self, tx: Transaction, username: str, field: str) -> Actor:
        person = tx.people.by_username(username.strip().lower())
        if person is None or not person.is_active:
            raise BadDelegation(field, "không có tài khoản đang làm việc nào tên như vậy")
        return tx.people.actor(person.id, person.username, person.full_name)

    def _check(self, tx: Transaction, absence: Absence, absent: Actor, delegate: Actor, at: datetime) -> None:
        place = absence.place
        if Membership(place.unit_id, place.role) not in absent.own_memberships or place.role not in LENDABLE:
            raise BadDelegation("place", f"{absent.full_name} không giữ vai trò này nên không ủy quyền được")
        if absent.id == delegate.id:
            raise BadDelegation("delegate", "không ủy quyền cho chính mình")
        if not is_nearby(delegate, place.unit_id, self._tree):
            raise BadDelegation("delegate", f"{delegate.full_name} không làm việc ở đơn vị này hoặc đơn vị liền kề")
        if not absence.document.strip():
            raise BadDelegation("document", "hãy ghi số, ngày của văn bản ủy quyền hoặc phân công")
        check_days(absence.starts_on, absence.ends_on, self._office.local_day(at))
        assert absent.id is not None
        assert delegate.id is not None
        _check_overlaps(tx, absence, absent.id, delegate)


def _check_overlaps(tx: Transaction, absence: Absence, absent_id: int, delegate: Actor) -> None:
    """Refuse a role lent twice on one day, and work lent to somebody who is away on those days."""
    place = (absence.place.unit_id, absence.place.role)
    for other in tx.delegations.standing(absent_id, absence.starts_on, absence.ends_on):
        if other.absent_id == absent_id and (other.unit_id, other.role) == place:
            days = f"từ {other.starts_on:%d/%m} đến {other.ends_on:%d/%m}"
            raise BadDelegation("starts_on", f"đã ủy quyền vai trò này cho {other.delegate_name} {days}")
    assert delegate.id is not None
    for other in tx.delegations.standing(delegate.id, absence.starts_on, absence.ends_on):
        if other.absent_id == delegate.id:
            raise BadDelegation("delegate", f"{delegate.full_name} cũng vắng mặt trong thời gian này")
