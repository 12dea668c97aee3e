"""Sign-in: who is at the keyboard. Passwords are kept as argon2 hashes, sessions as hashes of their tokens."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from engine.domain.errors import Refused
from engine.domain.people import Actor, Role

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.people import Membership
    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.unit_of_work import UnitOfWork

# OWASP's setting for small machines: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
FREE_TRIES = 5
LOCK = timedelta(minutes=15)
TOUCH_EVERY = timedelta(minutes=1)


class SignInRefused(Refused):
    """Tên đăng nhập hoặc mật khẩu không đúng."""

    code = "sign_in_refused"


class AccountLocked(Refused):
    """Tài khoản tạm khóa đến {until} vì nhập sai mật khẩu nhiều lần. Hãy chờ hoặc liên hệ quản trị viên."""

    code = "account_locked"


class SessionEnded(Refused):
    """Phiên làm việc đã kết thúc. Hãy đăng nhập lại; nội dung đang nhập trên trang này chưa được gửi."""

    code = "session_ended"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and the secret that their browser keeps."""

    actor: Actor
    token: str


class Access:
    """Accounts and sessions."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office

    def sign_in(self, username: str, password: str, *, at: datetime) -> SignedIn:
        """Check a password and open a session; raises `SignInRefused` or `AccountLocked`.

        An unknown name costs the same time as a wrong password and gets the same answer.
        """
        with self._uow.read() as tx:
            person = tx.people.by_username(username.strip().lower())
        if person is not None and person.locked_until is not None and person.locked_until > at:
            raise AccountLocked(until=f"{person.locked_until.astimezone(self._office.settings.zone):%H:%M %d/%m/%Y}")
        is_right = _verify(person.password_hash if person else _NOBODY, password)
        if person is None or not person.is_active:
            raise SignInRefused
        if not is_right:
            self._count_wrong(person, at)
            raise SignInRefused
        token = secrets.token_urlsafe(32)
        with self._uow.write() as tx:
            tx.people.note_tries(person.id, failed=0, locked_until=None)
            tx.people.start_session(_hash(token), person.id, at)
            tx.people.forget_sessions(at - timedelta(days=30))
            actor = tx.people.actor(person.id, person.username, person.full_name)
        return SignedIn(actor, token)

    def resume(self, token: str, *, at: datetime) -> Actor:
        """Who holds a session; raises `SessionEnded` when it was ended or nobody used it for too long."""
        key = _hash(token)
        with self._uow.read() as tx:
            found = tx.people.session(key)
        idle = timedelta(minutes=self._office.settings.web.session_idle_minutes)
        if found is None or at - found[1] > idle:
            raise SessionEnded
        actor, seen_at = found
        if at - seen_at > TOUCH_EVERY:
            with self._uow.write() as tx:
                tx.people.touch_session(key, at)
        return actor

    def sign_out(self, token: str, *, at: datetime) -> None:
        """End a session for good."""
        with self._uow.write() as tx:
            tx.people.end_session(_hash(token), at)

    def open_account(
        self, username: str, full_name: str, password: str, memberships: Iterable[Membership], *, is_demo: bool = False
    ) -> Actor:
        """Open an account; answers the person."""
        roles = tuple(memberships)
        name = username.strip().lower()
        with self._uow.write() as tx:
            person_id = tx.people.add(
                username=name,
                full_name=full_name,
                password_hash=_hasher.hash(password),
                is_demo=is_demo,
                memberships=roles,
            )
        return Actor(person_id, name, full_name, roles)

    def count_accounts(self) -> int:
        """How many accounts there are."""
        with self._uow.read() as tx:
            return tx.people.count()

    def demo_accounts(self) -> tuple[tuple[str, str, str, str], ...]:
        """Username, name, role and unit of the demonstration accounts; none in a real office."""
        with self._uow.read() as tx:
            return tuple((name, full, Role(role).label, unit) for name, full, role, unit in tx.people.demo_accounts())

    def _count_wrong(self, person: PersonRecord, at: datetime) -> None:
        with self._uow.write() as tx:
            failed = tx.people.count_wrong_try(person.id)
            if failed % FREE_TRIES == 0:
                tx.people.note_tries(person.id, failed=failed, locked_until=at + LOCK)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
