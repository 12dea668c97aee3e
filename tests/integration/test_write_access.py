"""Sign-in: the right password opens a session, wrong ones lock, an idle or ended session opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from engine.domain.people import Membership, Role
from engine.domain.sign_in import AccountLocked, SessionEnded, SignInRefused
from engine.settings.sign_in import SignInSettings
from tests.builders import PASSWORD, Office

FREE_TRIES = SignInSettings().free_tries
LOCK = timedelta(minutes=SignInSettings().lock_minutes)
WRONG = "không phải mật khẩu"


def wrong_tries(office: Office, how_many: int) -> None:
    for _ in range(how_many):
        with pytest.raises(SignInRefused):
            office.engine.access.sign_in("lan", WRONG, at=office.now)


def test_the_right_password_opens_a_session_of_that_person(office: Office):
    signed_in = office.engine.access.sign_in(" LAN ", PASSWORD, at=office.now)
    assert signed_in.actor == office.person("lan")
    assert office.engine.access.resume(signed_in.token, at=office.now) == office.person("lan")


def test_every_session_has_a_token_of_its_own_and_the_database_does_not_hold_it(office: Office):
    tokens = {office.engine.access.sign_in("lan", PASSWORD, at=office.now).token for _ in range(3)}
    assert len(tokens) == 3
    kept = {key for (key,) in office.rows("SELECT token_hash FROM web_sessions")}
    assert len(kept) == 3
    assert kept.isdisjoint(tokens)


@pytest.mark.parametrize(("name", "password"), [("lan", WRONG), ("lan", ""), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(office: Office, name, password):
    with pytest.raises(SignInRefused) as caught:
        office.engine.access.sign_in(name, password, at=office.now)
    assert str(caught.value) == "Tên đăng nhập hoặc mật khẩu không đúng."


def test_an_account_that_was_closed_opens_nothing(office: Office):
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("UPDATE people SET is_active = false WHERE username = 'lan'"))
    with pytest.raises(SignInRefused):
        office.engine.access.sign_in("lan", PASSWORD, at=office.now)


def test_wrong_passwords_lock_the_account_and_say_until_when(office: Office):
    wrong_tries(office, FREE_TRIES)
    with pytest.raises(AccountLocked, match="09:15 02/03/2026"):
        office.engine.access.sign_in("lan", PASSWORD, at=office.now)
    assert office.engine.access.sign_in("minh", PASSWORD, at=office.now).actor.username == "minh"


def test_the_lock_opens_by_itself(office: Office):
    wrong_tries(office, FREE_TRIES)
    office.clock.advance(LOCK)
    assert office.engine.access.sign_in("lan", PASSWORD, at=office.now).actor.username == "lan"


def test_the_right_password_wipes_the_wrong_tries_away(office: Office):
    for _ in range(2):
        wrong_tries(office, FREE_TRIES - 1)
        office.engine.access.sign_in("lan", PASSWORD, at=office.now)


def test_each_lock_lasts_twice_as_long_as_the_one_before(office: Office):
    for pause in (15, 30, 60, 120, 240, 240):
        wrong_tries(office, FREE_TRIES)
        office.clock.advance(timedelta(minutes=pause - 1))
        with pytest.raises(AccountLocked):
            office.engine.access.sign_in("lan", PASSWORD, at=office.now)
        office.clock.advance(timedelta(minutes=1))
    assert office.engine.access.sign_in("lan", PASSWORD, at=office.now).actor.username == "lan"


def test_a_session_ends_when_nobody_used_it_for_half_an_hour(office: Office):
    idle = timedelta(minutes=office.engine.settings.web.session_idle_minutes)
    access = office.engine.access
    token = access.sign_in("lan", PASSWORD, at=office.now).token
    for _ in range(3):
        office.clock.advance(idle)
        assert access.resume(token, at=office.now).username == "lan"
    office.clock.advance(idle + timedelta(minutes=2))
    with pytest.raises(SessionEnded):
        access.resume(token, at=office.now)


def test_a_session_that_was_signed_out_is_over_for_good(office: Office):
    access = office.engine.access
    token, other = (access.sign_in("lan", PASSWORD, at=office.now).token for _ in range(2))
    access.sign_out(token, at=office.now)
    with pytest.raises(SessionEnded):
        access.resume(token, at=office.now)
    assert access.resume(other, at=office.now).username == "lan"


def test_a_made_up_token_opens_nothing(office: Office):
    with pytest.raises(SessionEnded):
        office.engine.access.resume("no such token", at=office.now)


def test_a_person_who_lost_a_role_loses_it_in_the_open_session_too(office: Office):
    access = office.engine.access
    token = access.sign_in("lan", PASSWORD, at=office.now).token
    with office.engine.uow.write() as tx:
        tx.connection.execute(text("DELETE FROM memberships WHERE person_id = :id"), {"id": office.person("lan").id})
    assert access.resume(token, at=office.now).memberships == ()


def test_an_account_is_opened_with_its_roles_and_without_its_password(office: Office):
    desk = office.engine.office.units.by_code("AP-TTPVHCC").id
    access = office.engine.access
    before = access.count_accounts()
    new = access.open_account(" Mai ", "Đào Thị Mai", "một mật khẩu khác", [Membership(desk, Role.CLERK)])
    assert access.count_accounts() == before + 1
    assert access.sign_in("mai", "một mật khẩu khác", at=office.now).actor == new
    ((kept,),) = office.rows("SELECT password_hash FROM people WHERE username = 'mai'")
    assert str(kept).startswith("$argon2id$")
    assert access.demo_accounts() == (), "a real office shows nobody's name at its door"
