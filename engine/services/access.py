"""Sign-in: who is at the keyboard, from the password to the end of the session.

A session opens with a password (or at another house, `engine.services.external_sign_in`) and may still owe something
(`Need`): the one-time code, a password of one's own, setting codes up. Until then it opens no page.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.domain.errors import BadInput
from engine.domain.people import Actor, Role
from engine.domain.sign_in import (
    NOT_TOLD,
    AccountLocked,
    Browser,
    ConfirmRefused,
    FirstPasswordTooOld,
    Need,
    Seat,
    SessionEnded,
    SessionLine,
    SignedIn,
    SignInElsewhere,
    SignInRefused,
    check_password,
)
from engine.effects.credentials import Credentials, hash_of
from engine.effects.sessions import open_session, prove_code, seat_of, turn_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from engine.domain.people import Membership
    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.repositories.sign_in import SessionRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

TOUCH_EVERY = timedelta(minutes=1)
KEEP_SESSIONS = timedelta(days=30)
REF_LENGTH = 16


class Access:
    """Sessions of people, and the proofs that they give."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._office = office
        self._settings = office.settings.sign_in
        self._credentials = Credentials(office.settings)

    # --- in and out ---

    def sign_in(self, username: str, password: str, *, at: datetime, browser: Browser = NOT_TOLD) -> SignedIn:
        """Check a password and open a session; raises `SignInRefused`, `AccountLocked`, `SignInElsewhere`.

        An unknown name costs the same time as a wrong password and gets the same answer.
        """
        with self._uow.read() as tx:
            person = tx.people.by_username(username.strip().lower())
        self._check_lock(person, at)
        is_right = self._credentials.is_right(person.password_hash if person else None, password)
        if person is None or not person.is_active:
            raise SignInRefused
        if not is_right:
            self._count_wrong(person, at, "sign_in_failed")
            raise SignInRefused
        with self._uow.write() as tx:
            self._check_is_local(tx, person)
            self._check_first_password(person, at)
            if self._credentials.is_old(person.password_hash):
                tx.people.change(person.id, password_hash=self._credentials.hash(password))
            tx.sessions.forget(at - KEEP_SESSIONS)
            return open_session(tx, self._office, person, at=at, browser=browser, method="password")

    def give_code(self, token: str, code: str, *, at: datetime) -> SignedIn:
        """Show the one-time code (or a recovery code) that a session owes; answers the session under a new token."""
        key = hash_of(token)
        with self._uow.read() as tx:
            session = tx.sessions.find(key)
            person = tx.people.by_id(session.person_id) if session else None
        if session is None or person is None or not session.needs_code or self._is_over(session, at):
            raise SessionEnded
        self._check_lock(person, at)
        self._prove(person, code, at, field="code")
        with self._uow.write() as tx:
            tx.people.note_tries(person.id, failed=0, locked_until=None)
            tx.sessions.change(key, needs_code=False, confirmed_at=at)
            fresh = turn_key(tx, key)
            return self._signed_in(tx, fresh, at)

    def seat(self, token: str, *, at: datetime) -> Seat:
        """Who holds a session and what they still owe; raises `SessionEnded` when it is over or ran out."""
        key = hash_of(token)
        with self._uow.read() as tx:
            session = tx.sessions.find(key)
            if session is None or self._is_over(session, at):
                raise SessionEnded
            seat = seat_of(tx, self._office, session, at)
        if at - session.seen_at > TOUCH_EVERY:
            self._uow.write_in_passing(lambda tx: tx.sessions.change(key, seen_at=at))
        return seat

    def resume(self, token: str, *, at: datetime) -> Actor:
        """Who holds a session that owes nothing; raises `SessionEnded` for any other."""
        seat = self.seat(token, at=at)
        if seat.need is not Need.NOTHING:
            raise SessionEnded
        return seat.actor

    def sign_out(self, token: str, *, at: datetime) -> None:
        """End a session for good."""
        with self._uow.write() as tx:
            tx.sessions.end(hash_of(token), at)

    # --- proofs again ---

    def is_fresh(self, actor: Actor, *, at: datetime) -> bool:
        """Whether the person proved who they are a short while ago (`sign_in.confirm_minutes`), or never has to."""
        minutes = self._settings.confirm_minutes
        if not minutes:
            return True
        return actor.confirmed_at is not None and at - actor.confirmed_at <= timedelta(minutes=minutes)

    def reauthenticate(self, token: str, actor: Actor, secret: str, *, at: datetime) -> Actor:
        """Prove again who one is, by the password or a one-time code; answers the person with the proof.

        The proof stands in the row of the session. Raises `ConfirmRefused`, and after too many wrong ones
        `AccountLocked`.
        """
        with self._uow.read() as tx:
            person = tx.people.by_username(actor.username)
        assert person is not None, "whoever holds a session has an account"
        self._check_lock(person, at)
        if not self._credentials.is_right(person.password_hash, secret):
            self._prove(person, secret, at, field="confirm_secret")
        with self._uow.write() as tx:
            tx.people.note_tries(person.id, failed=0, locked_until=None)
            tx.sessions.change(hash_of(token), confirmed_at=at)
            tx.proofs.record("confirmed", by=person.username, at=at, person_id=person.id)
        return replace(actor, confirmed_at=at)

    # --- one's own password and sessions ---

    def change_password(self, token: str, actor: Actor, old: str, new: str, *, at: datetime) -> SignedIn:
        """Take another password; every other session ends, this one goes on under a new token.

        Raises `WeakPassword`, `ConfirmRefused` when the old one is wrong.
        """
        key = hash_of(token)
        with self._uow.read() as tx:
            person = tx.people.by_username(actor.username)
        assert person is not None, "whoever holds a session has an account"
        self._check_lock(person, at)
        if not self._credentials.is_right(person.password_hash, old):
            self._count_wrong(person, at, "password_change_failed")
            raise ConfirmRefused("old_password")
        self.check_new_password(person.username, person.full_name, new)
        if old == new:
            raise BadInput(detail="mật khẩu mới phải khác mật khẩu cũ")
        with self._uow.write() as tx:
            columns = {"password_hash": self._credentials.hash(new), "password_changed_at": at}
            tx.people.change(person.id, **columns, must_change_password=False, failed_tries=0, locked_until=None)
            ended = tx.sessions.end_all(person.id, at, but=key)
            tx.sessions.change(key, confirmed_at=at)
            tx.proofs.record("password_changed", by=person.username, at=at, person_id=person.id, ended_sessions=ended)
            return self._signed_in(tx, turn_key(tx, key), at)

    def check_new_password(self, username: str, full_name: str, password: str) -> None:
        """Raise `WeakPassword` for a password that is too short or easily guessed for this person in this office."""
        names = (username, full_name, self._office.settings.name)
        check_password(password, shortest=self._settings.password_min_length, names=names)

    def sessions(self, actor: Actor, token: str = "", *, at: datetime) -> tuple[SessionLine, ...]:
        """Where somebody is signed in, the latest first."""
        assert actor.id is not None, "a machine has no session"
        return self._open_sessions(actor.id, hash_of(token), at)

    def end_session(self, actor: Actor, ref: str, *, at: datetime) -> bool:
        """End one of one's own sessions by its reference; False if there is none."""
        if actor.id is None or len(ref) != REF_LENGTH:
            return False
        with self._uow.write() as tx:
            was_open = tx.sessions.end_one(actor.id, ref, at)
            if was_open:
                tx.proofs.record("session_ended", by=actor.username, at=at, person_id=actor.id)
            return was_open

    def end_other_sessions(self, actor: Actor, token: str, *, at: datetime) -> int:
        """End every session of one's own but this one; answers how many."""
        if actor.id is None:
            return 0
        with self._uow.write() as tx:
            ended = tx.sessions.end_all(actor.id, at, but=hash_of(token))
            tx.proofs.record("sessions_ended", by=actor.username, at=at, person_id=actor.id, count=ended)
            return ended

    # --- the first accounts ---

    def open_account(
        self, username: str, full_name: str, password: str, memberships: Iterable[Membership], *, is_demo: bool = False
    ) -> Actor:
        """Open an account whose password the caller knows (demonstration, tests); answers the person.

        People are hired by `Accounts.open`, with a first password that has to be changed.
        """
        roles = tuple(memberships)
        name = username.strip().lower()
        with self._uow.write() as tx:
            person_id = tx.people.add(
                username=name,
                full_name=full_name,
                password_hash=self._credentials.hash(password),
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

    # --- inside ---

    def _check_lock(self, person: PersonRecord | None, at: datetime) -> None:
        if person is not None and person.locked_until is not None and person.locked_until > at:
            raise AccountLocked(until=f"{person.locked_until.astimezone(self._office.settings.zone):%H:%M %d/%m/%Y}")

    def _check_is_local(self, tx: Transaction, person: PersonRecord) -> None:
        actor = tx.people.actor(person.id, person.username, person.full_name)
        if self._settings.local == "admins" and not actor.has_role(Role.ADMIN):
            raise SignInElsewhere

    def _check_first_password(self, person: PersonRecord, at: datetime) -> None:
        given_at = person.password_changed_at
        days = timedelta(days=self._settings.first_password_days)
        if person.must_change_password and given_at is not None and at - given_at > days:
            raise FirstPasswordTooOld

    def _is_over(self, session: SessionRecord, at: datetime) -> bool:
        idle = timedelta(minutes=self._office.settings.web.session_idle_minutes)
        whole = timedelta(hours=self._settings.session_hours)
        # While nothing can be written nobody's presence is noted, so that nobody is thrown out for it.
        is_idle = at - session.seen_at > idle and not self._uow.read_only
        return is_idle or at - session.started_at > whole

    def _prove(self, person: PersonRecord, code: str, at: datetime, *, field: str) -> None:
        with self._uow.write() as tx:
            is_right = prove_code(tx, self._credentials, person, code, at)
        if not is_right:
            self._count_wrong(person, at, "code_failed")
            raise ConfirmRefused(field)

    def _count_wrong(self, person: PersonRecord, at: datetime, kind: str) -> None:
        with self._uow.write() as tx:
            failed = tx.people.count_wrong_try(person.id)
            pause = self._settings.lock_after(failed)
            tx.proofs.record(kind, by=person.username, at=at, person_id=person.id, tries=failed)
            if pause is not None:
                tx.people.note_tries(person.id, failed=failed, locked_until=at + pause)
                tx.proofs.record(
                    "locked", by=person.username, at=at, person_id=person.id, minutes=int(pause.total_seconds() // 60)
                )

    def _signed_in(self, tx: Transaction, token: str, at: datetime) -> SignedIn:
        session = tx.sessions.find(hash_of(token))
        assert session is not None, "it was turned in this transaction"
        seat = seat_of(tx, self._office, session, at)
        return SignedIn(seat.actor, token, seat.need)

    def _open_sessions(self, person_id: int, key: str, at: datetime) -> tuple[SessionLine, ...]:
        idle = timedelta(minutes=self._office.settings.web.session_idle_minutes)
        whole = timedelta(hours=self._settings.session_hours)
        with self._uow.read() as tx:
            rows = tx.sessions.open_of(person_id, at - idle, at - whole)
        return tuple(
            SessionLine(
                ref=row["token_hash"][:REF_LENGTH],
                started_at=row["started_at"],
                seen_at=row["seen_at"],
                method=row["method"],
                device=row["device"],
                address=row["address"],
                is_this=row["token_hash"] == key,
            )
            for row in rows
        )
