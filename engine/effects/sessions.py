"""What every way to sign in does: open a session, say what it still owes, turn its key, check a code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.domain.sign_in import Browser, Need, Seat, SignedIn, need_of
from engine.effects.credentials import Credentials, hash_of, new_token, typed_recovery_code

if TYPE_CHECKING:
    from datetime import datetime

    from engine.effects.office import Office
    from engine.persistence.records import PersonRecord
    from engine.persistence.repositories.sign_in import SessionRecord
    from engine.persistence.unit_of_work import Transaction

LONGEST_DEVICE, LONGEST_ADDRESS = 120, 45


def open_session(
    tx: Transaction, office: Office, person: PersonRecord, *, at: datetime, browser: Browser, method: str
) -> SignedIn:
    """Open a session for somebody who has shown the first proof; answers its token and what it still owes."""
    token = new_token()
    # the wrong codes that were typed before count on until the right one comes
    if not person.has_codes:
        tx.people.note_tries(person.id, failed=0, locked_until=None)
    tx.sessions.start(
        hash_of(token),
        person.id,
        at,
        confirmed_at=None if person.has_codes else at,
        needs_code=person.has_codes,
        method=method,
        device=browser.device[:LONGEST_DEVICE],
        address=browser.address[:LONGEST_ADDRESS],
    )
    tx.proofs.record("signed_in", by=person.username, at=at, person_id=person.id, method=method)
    session = tx.sessions.find(hash_of(token))
    assert session is not None, "it was opened in this transaction"
    seat = seat_of(tx, office, session, at)
    return SignedIn(seat.actor, token, seat.need)


def seat_of(tx: Transaction, office: Office, session: SessionRecord, at: datetime) -> Seat:
    """Who holds a session with the roles of the day, and what they still owe."""
    person = tx.people.actor(session.person_id, session.username, session.full_name, office.local_day(at))
    actor = replace(person, confirmed_at=session.confirmed_at)
    if session.is_demo:  # accounts that everybody knows are not made safe by a telephone
        return Seat(actor, Need.CODE if session.needs_code else Need.NOTHING, session.method)
    need = need_of(
        actor,
        owes_code=session.needs_code,
        must_change=session.must_change_password and session.method != "oidc",
        has_codes=session.has_codes,
        wanted=frozenset(office.settings.sign_in.second_factor_roles),
    )
    return Seat(actor, need, session.method)


def turn_key(tx: Transaction, key: str) -> str:
    """Give a session another token, because its holder has proved more; answers it."""
    token = new_token()
    tx.sessions.change(key, token_hash=hash_of(token))
    return token


def prove_code(tx: Transaction, credentials: Credentials, person: PersonRecord, code: str, at: datetime) -> bool:
    """Whether a one-time code or a recovery code is right and was not used before; it is used up."""
    if not person.has_codes or not code.strip():
        return False
    step = credentials.step_of(credentials.unseal(person.totp_secret), code, at=at, after=person.totp_last_step)
    if step is not None:
        return tx.people.use_code(person.id, step)
    used = tx.proofs.use_recovery_code(person.id, hash_of(typed_recovery_code(code)), at)
    if used:
        left = tx.proofs.count_recovery_codes(person.id)
        tx.proofs.record("recovery_code_used", by=person.username, at=at, person_id=person.id, left=left)
    return used


def forget_codes(tx: Transaction, person_id: int) -> None:
    """Ask somebody for no codes any more."""
    tx.people.change(person_id, totp_secret="", totp_since=None, totp_last_step=0)
    tx.proofs.put_recovery_codes(person_id, ())
