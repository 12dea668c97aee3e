"""Sign-in at another house (OpenID Connect): accounts are matched by name, opened only where settings say so."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.domain.errors import NotFound, Refused
from engine.domain.people import Membership
from engine.domain.sign_in import NOT_TOLD, Browser, SignedIn
from engine.effects.credentials import hash_of
from engine.effects.sessions import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.domain.people import Actor
    from engine.effects.identity_provider import Errand, IdentityProvider
    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.unit_of_work import Transaction, UnitOfWork

# A proof at the other house has to be newer than this to count as one given now.
_NEW_PROOF_SECONDS = 120


class NoOtherHouse(NotFound):
    """Đơn vị chưa dùng đăng nhập bằng tài khoản chung."""

    code = "no_other_house"


class NoAccountHere(Refused):
    """Tài khoản “{username}” chưa được mở tại đây. Hãy nhờ quản trị viên mở tài khoản cùng tên, rồi đăng nhập lại."""

    code = "no_account_here"


class AnotherPerson(Refused):
    """Tài khoản “{username}” ở đây đã gắn với một người khác của nơi cấp tài khoản chung. Hãy báo quản trị viên."""

    code = "another_person"


class ExternalSignIn:
    """People whose accounts another house keeps."""

    def __init__(self, uow: UnitOfWork, office: Office) -> None:
        """Work on one installation; the other house is asked when somebody wants in."""
        self._uow = uow
        self._office = office
        self._settings = office.settings.oidc

    @cached_property
    def _provider(self) -> IdentityProvider:
        from engine.effects.identity_provider import IdentityProvider  # noqa: PLC0415 - slow, and few offices have one

        return IdentityProvider(self._settings)

    @property
    def redirect_uri(self) -> str:
        """Where the other house sends people back to."""
        return self._office.settings.web.address("/dang-nhap/noi-khac/ve")

    def begin(self, *, again: bool = False) -> Errand:
        """Send somebody off; `again` asks for a new proof. Raises `NoOtherHouse`, `ProviderAway`."""
        if not self._settings.is_set:
            raise NoOtherHouse
        return self._provider.begin(self.redirect_uri, again=again)

    def finish(self, answer: str, errand: Errand, *, at: datetime, browser: Browser = NOT_TOLD) -> SignedIn:
        """Open a session for whom the other house vouches for.

        Raises `NoAccountHere`, `AnotherPerson`, and what `IdentityProvider.finish` raises.
        """
        claims = self._claims(answer, errand, at)
        username, subject = self._username(claims), str(claims["sub"])
        with self._uow.write() as tx:
            person = tx.people.by_username(username)
            if person is None and self._settings.create:
                person = self._open(tx, username, claims, at)
            if person is None or not person.is_active:
                raise NoAccountHere(username=username)
            if person.oidc_subject not in {"", subject}:
                raise AnotherPerson(username=username)
            if not person.oidc_subject:
                tx.people.change(person.id, oidc_subject=subject)
            elif self._settings.create and not person.password_hash:
                tx.people.put_memberships(person.id, self._roles(claims))
            return open_session(tx, self._office, person, at=at, browser=browser, method="oidc")

    def confirm(self, token: str, actor: Actor, answer: str, errand: Errand, *, at: datetime) -> Actor:
        """Prove again who one is, at the other house; answers the person with the proof, as `Access.reauthenticate`."""
        claims = self._claims(answer, errand, at)
        proved_at = claims.get("auth_time")
        is_new = isinstance(proved_at, int) and at.timestamp() - proved_at <= _NEW_PROOF_SECONDS
        with self._uow.write() as tx:
            person = tx.people.by_username(actor.username)
            if person is None or person.oidc_subject != str(claims["sub"]) or not is_new:
                raise AnotherPerson(username=actor.username)
            tx.sessions.change(hash_of(token), confirmed_at=at)
            tx.proofs.record("confirmed", by=person.username, at=at, person_id=person.id, method="oidc")
        return replace(actor, confirmed_at=at)

    # --- inside ---

    def _claims(self, answer: str, errand: Errand, at: datetime) -> Mapping[str, Any]:
        if not self._settings.is_set:
            raise NoOtherHouse
        return self._provider.finish(self.redirect_uri, answer, errand, at=at)

    def _username(self, claims: Mapping[str, Any]) -> str:
        username = str(claims.get(self._settings.username_claim) or "").strip().lower()
        if not username:
            raise NoAccountHere(username="")
        return username[:80]

    def _roles(self, claims: Mapping[str, Any]) -> tuple[Membership, ...]:
        told = claims.get(self._settings.groups_claim)
        groups = {told} if isinstance(told, str) else set(map(str, told)) if isinstance(told, list) else set()
        units = self._office.units
        found = (
            Membership(units.by_code(each.unit).id, each.role) for each in self._settings.roles if each.group in groups
        )
        return tuple(dict.fromkeys(found))

    def _open(self, tx: Transaction, username: str, claims: Mapping[str, Any], at: datetime) -> PersonRecord | None:
        roles = self._roles(claims)
        if not roles:
            return None
        full_name = str(claims.get(self._settings.name_claim) or username)[:200]
        person_id = tx.people.add(username=username, full_name=full_name, password_hash="", memberships=roles)
        tx.proofs.record("account_opened", by="oidc", at=at, person_id=person_id, method="oidc")
        return tx.people.by_id(person_id)
