"""Accounts: opened, given roles, closed, unlocked, given a new password, by an administrator of their units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.accounts import (
    AccessMoment,
    AccountLine,
    AccountPage,
    BadAccount,
    FirstPassword,
    LastAdmin,
    can_keep_account,
    check_can_give,
)
from engine.domain.dossier import fold
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.people import Role
from engine.domain.permissions import is_over_all
from engine.effects.credentials import Credentials, first_password
from engine.effects.hiring import NewPerson, hire, hire_all, read_list
from engine.effects.sessions import forget_codes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.people import Actor, Membership
    from engine.domain.units import UnitTree
    from engine.effects.hiring import ListedPerson
    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

PAGE_SIZE = 50


class Accounts:
    """The people who work here."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office
        self._credentials = Credentials(office.settings)

    @property
    def _tree(self) -> UnitTree:
        return self._office.units

    # --- looking ---

    def page(self, actor: Actor, search: str = "", page: int = 1, page_size: int = PAGE_SIZE) -> AccountPage:
        """The accounts that the person looks after, by name; `search` finds parts of names without accents."""
        words = fold(search).split()
        with self._uow.read() as tx:
            found = [
                _line(person, memberships)
                for person, memberships in tx.people.accounts()
                if can_keep_account(actor, memberships, self._tree)
                and all(word in fold(f"{person.username} {person.full_name}") for word in words)
            ]
        start = (max(page, 1) - 1) * page_size
        return AccountPage(tuple(found[start : start + page_size]), len(found), max(page, 1), page_size)

    def view(self, actor: Actor, person_id: int) -> AccountLine:
        """One account; raises `NotFound` for one that is none of the person's business."""
        with self._uow.read() as tx:
            return _line(*self._find(tx, actor, person_id))

    def history(self, actor: Actor, person_id: int | None = None, *, page: int = 1) -> tuple[AccessMoment, ...]:
        """What was done about one account, or (for who looks after all) about every account, the latest first."""
        with self._uow.read() as tx:
            if person_id is not None:
                self._find(tx, actor, person_id)
            elif not is_over_all(actor, self._tree):
                raise Refused(detail="nhật ký của cả hệ thống dành cho quản trị viên cấp cao nhất")
            rows = tx.proofs.events(person_id, most=PAGE_SIZE, offset=(max(page, 1) - 1) * PAGE_SIZE)
            return tuple(
                AccessMoment(row["at"], row["by"], row["kind"], row["full_name"] or "", row["data"]) for row in rows
            )

    # --- acts ---

    def open(
        self, actor: Actor, username: str, full_name: str, memberships: Iterable[Membership], *, at: datetime
    ) -> FirstPassword:
        """Open an account; answers the first password, told this once. Raises `BadAccount`, `Refused`."""
        new = NewPerson(username.strip().lower(), " ".join(full_name.split()), tuple(dict.fromkeys(memberships)))
        check_can_give(actor, new.memberships, self._tree)
        with self._uow.write() as tx:
            return hire(tx, self._credentials, actor, new, at=at)

    def change(
        self, actor: Actor, person_id: int, full_name: str, memberships: Iterable[Membership], *, at: datetime
    ) -> None:
        """Give somebody another name, or other roles in place of those they hold."""
        roles = tuple(dict.fromkeys(memberships))
        name = " ".join(full_name.split())
        if not name:
            raise BadAccount("full_name", "hãy ghi họ tên")
        with self._uow.write() as tx:
            person, held = self._find(tx, actor, person_id)
            check_can_give(actor, roles, self._tree)
            if all(each.role is not Role.ADMIN for each in roles):
                self._keep_an_admin(tx, person, held)
            tx.people.change(person.id, full_name=name)
            tx.people.put_memberships(person.id, roles)
            codes = [f"{each.role.value}@{self._tree.get(each.unit_id).code}" for each in roles]
            tx.proofs.record("account_changed", by=actor.username, at=at, person_id=person.id, roles=codes)

    def close(self, actor: Actor, person_id: int, *, at: datetime) -> int:
        """Close an account and end its sessions; answers how many. Raises `LastAdmin`."""
        with self._uow.write() as tx:
            person, held = self._find(tx, actor, person_id)
            if person.id == actor.id:
                raise NotAllowedNow(detail="không tự khóa tài khoản của mình; hãy nhờ một quản trị viên khác")
            self._keep_an_admin(tx, person, held)
            tx.people.change(person.id, is_active=False)
            ended = tx.sessions.end_all(person.id, at)
            tx.proofs.record("account_closed", by=actor.username, at=at, person_id=person.id, ended_sessions=ended)
            return ended

    def reopen(self, actor: Actor, person_id: int, *, at: datetime) -> FirstPassword:
        """Open a closed account again, with a new first password."""
        with self._uow.write() as tx:
            person, _ = self._find(tx, actor, person_id)
            tx.people.change(person.id, is_active=True)
            tx.proofs.record("account_reopened", by=actor.username, at=at, person_id=person.id)
            return self._new_password(tx, actor, person, at)

    def reset_password(self, actor: Actor, person_id: int, *, at: datetime) -> FirstPassword:
        """Give somebody a new first password and end their sessions; it is told this once."""
        with self._uow.write() as tx:
            person, _ = self._find(tx, actor, person_id)
            return self._new_password(tx, actor, person, at)

    def reset_codes(self, actor: Actor, person_id: int, *, at: datetime) -> None:
        """Let somebody set their one-time codes up anew: the telephone is lost. Their sessions end."""
        with self._uow.write() as tx:
            person, _ = self._find(tx, actor, person_id)
            forget_codes(tx, person.id)
            tx.sessions.end_all(person.id, at)
            tx.proofs.record("codes_reset", by=actor.username, at=at, person_id=person.id)

    def unlock(self, actor: Actor, person_id: int, *, at: datetime) -> None:
        """Let somebody try again who typed too many wrong passwords."""
        with self._uow.write() as tx:
            person, _ = self._find(tx, actor, person_id)
            tx.people.note_tries(person.id, failed=0, locked_until=None)
            tx.proofs.record("unlocked", by=actor.username, at=at, person_id=person.id)

    def end_sessions(self, actor: Actor, person_id: int, *, at: datetime) -> int:
        """End every session of somebody; answers how many were open."""
        with self._uow.write() as tx:
            person, _ = self._find(tx, actor, person_id)
            ended = tx.sessions.end_all(person.id, at)
            tx.proofs.record("sessions_ended", by=actor.username, at=at, person_id=person.id, count=ended)
            return ended

    # --- lists ---

    def read_list(self, actor: Actor, content: str) -> tuple[ListedPerson, ...]:
        """What a list of people would open, and what is wrong with which line; nothing is written."""
        with self._uow.read() as tx:
            return read_list(tx, actor, self._tree, content)

    def open_list(self, actor: Actor, content: str, *, at: datetime) -> tuple[FirstPassword, ...]:
        """Open the accounts of a list, all or none; answers the first passwords, told this once."""
        with self._uow.write() as tx:
            return hire_all(tx, self._credentials, actor, read_list(tx, actor, self._tree, content), at=at)

    # --- inside ---

    def _find(self, tx: Transaction, actor: Actor, person_id: int) -> tuple[PersonRecord, tuple[Membership, ...]]:
        """The account and its roles; one that is none of the person's business looks like one that does not exist."""
        person = tx.people.by_id(person_id)
        if person is None:
            raise NotFound(what="tài khoản")
        held = tx.people.actor(person.id, person.username, person.full_name).memberships
        if not can_keep_account(actor, held, self._tree):
            raise NotFound(what="tài khoản")
        return person, held

    def _keep_an_admin(self, tx: Transaction, person: PersonRecord, held: tuple[Membership, ...]) -> None:
        is_admin = person.is_active and any(each.role is Role.ADMIN for each in held)
        if is_admin and not tx.people.admins(but=person.id):
            raise LastAdmin

    def _new_password(self, tx: Transaction, actor: Actor, person: PersonRecord, at: datetime) -> FirstPassword:
        password = first_password()
        columns = {"password_hash": self._credentials.hash(password), "password_changed_at": at}
        tx.people.change(person.id, **columns, must_change_password=True, failed_tries=0, locked_until=None)
        tx.sessions.end_all(person.id, at)
        tx.proofs.record("password_reset", by=actor.username, at=at, person_id=person.id)
        return FirstPassword(person.id, person.username, person.full_name, password)


def _line(person: PersonRecord, memberships: tuple[Membership, ...]) -> AccountLine:
    return AccountLine(
        id=person.id,
        username=person.username,
        full_name=person.full_name,
        is_active=person.is_active,
        has_codes=person.has_codes,
        must_change_password=person.must_change_password,
        locked_until=person.locked_until,
        memberships=memberships,
    )
