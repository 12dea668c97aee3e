"""One-time codes of a person: set up by a telephone, confirmed by a first code, with recovery codes for its loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.domain.errors import NotAllowedNow
from engine.domain.sign_in import ConfirmRefused
from engine.effects.credentials import Credentials, hash_of
from engine.effects.sessions import forget_codes

if TYPE_CHECKING:
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork


@dataclass(frozen=True, slots=True)
class CodesState:
    """How it stands with the codes of a person; `secret` and `address` (for the QR code) while they are set up."""

    since: datetime | None
    recovery_left: int
    is_required: bool
    secret: str = ""
    address: str = ""


class SecondFactor:
    """One-time codes."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation."""
        self._uow = uow
        self._wanted = frozenset(office.settings.sign_in.second_factor_roles)
        self._credentials = Credentials(office.settings)

    def state(self, actor: Actor) -> CodesState:
        """Whether the person shows codes, and what their telephone has to know while they set them up."""
        with self._uow.read() as tx:
            person = _own(tx, actor)
            left = tx.proofs.count_recovery_codes(person.id)
        secret = self._credentials.unseal(person.totp_secret) if person.totp_secret and not person.has_codes else ""
        return CodesState(
            since=person.totp_since,
            recovery_left=left,
            is_required=any(each.role in self._wanted for each in actor.own_memberships) and not person.is_demo,
            secret=secret,
            address=self._credentials.address(secret, person.username) if secret else "",
        )

    def begin(self, actor: Actor, *, at: datetime) -> None:
        """Make a secret for the person's telephone; nothing is asked for until a first code confirms it."""
        with self._uow.write() as tx:
            person = _own(tx, actor)
            if person.has_codes:
                raise NotAllowedNow(detail="tài khoản đã dùng mã xác thực; hãy bỏ mã cũ trước khi đặt mã mới")
            sealed = self._credentials.seal(self._credentials.new_secret())
            tx.people.change(person.id, totp_secret=sealed, totp_last_step=0)
            tx.proofs.record("codes_begun", by=person.username, at=at, person_id=person.id)

    def confirm(self, actor: Actor, code: str, *, at: datetime) -> tuple[str, ...]:
        """Ask for codes from now on, because the first one is right; answers recovery codes, told this once.

        Raises `ConfirmRefused` for a wrong code.
        """
        with self._uow.write() as tx:
            person = _own(tx, actor)
            if person.has_codes or not person.totp_secret:
                raise NotAllowedNow(detail="hãy bắt đầu lại việc đặt mã xác thực")
            step = self._credentials.step_of(self._credentials.unseal(person.totp_secret), code, at=at, after=0)
            if step is None:
                raise ConfirmRefused("code")
            tx.people.change(person.id, totp_since=at, totp_last_step=step)
            tx.proofs.record("codes_set_up", by=person.username, at=at, person_id=person.id)
            return self._give_recovery_codes(tx, person)

    def renew_recovery_codes(self, actor: Actor, *, at: datetime) -> tuple[str, ...]:
        """Recovery codes in place of the old ones, told this once."""
        with self._uow.write() as tx:
            person = _own(tx, actor)
            if not person.has_codes:
                raise NotAllowedNow(detail="tài khoản chưa dùng mã xác thực")
            tx.proofs.record("recovery_codes_renewed", by=person.username, at=at, person_id=person.id)
            return self._give_recovery_codes(tx, person)

    def remove(self, actor: Actor, *, at: datetime) -> None:
        """Ask for no codes any more; raises `NotAllowedNow` where the person's role needs them."""
        if self.state(actor).is_required:
            raise NotAllowedNow(detail="vai trò của bạn bắt buộc dùng mã xác thực; đổi điện thoại: nhờ quản trị")
        with self._uow.write() as tx:
            person = _own(tx, actor)
            forget_codes(tx, person.id)
            tx.proofs.record("codes_removed", by=person.username, at=at, person_id=person.id)

    def _give_recovery_codes(self, tx: Transaction, person: PersonRecord) -> tuple[str, ...]:
        codes = self._credentials.new_recovery_codes()
        tx.proofs.put_recovery_codes(person.id, [hash_of(code) for code in codes])
        return codes


def _own(tx: Transaction, actor: Actor) -> PersonRecord:
    person = tx.people.by_username(actor.username)
    assert person is not None, "whoever holds a session has an account"
    return person
