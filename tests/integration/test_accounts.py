"""Accounts: first passwords, one-time codes, sessions, roles given and taken by those who may, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pyotp
import pytest

from engine.domain.accounts import BadAccount, LastAdmin
from engine.domain.errors import NotFound, Refused
from engine.domain.people import Actor, Membership, Role
from engine.domain.sign_in import (
    ConfirmRefused,
    FirstPasswordTooOld,
    Need,
    SessionEnded,
    SignInRefused,
    WeakPassword,
    check_password,
)
from engine.effects.hiring import BadList
from engine.settings.sign_in import Argon2Settings, SignInSettings
from tests.builders import PASSWORD, Office, an_office, books_are_sound, prepare_office

OWN = "bốn từ rời nhau nhé"


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    settings = SignInSettings(second_factor_roles=(Role.LEADER,))
    with an_office(database_copy(prepare_office), sign_in=settings, secret_key="a key") as office:
        yield office
        books_are_sound(office)


def place(office: Office, code: str, role: Role) -> Membership:
    return Membership(office.engine.office.units.by_code(code).id, role)


def code_of(office: Office, secret: str, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(office.now + timedelta(seconds=30 * later))


def set_up_codes(office: Office, actor: Actor) -> tuple[str, tuple[str, ...]]:
    service = office.engine.second_factor
    service.begin(actor, at=office.now)
    secret = service.state(actor).secret
    return secret, service.confirm(actor, code_of(office, secret), at=office.now)


@pytest.mark.parametrize(
    "password",
    ["ngắn quá", "aaaaaaaaaaaaaaaa", "123456789012345", "abcdefghijklmnop", "matkhau2026!!", "Tran.Lan.2026",
     "lan-lan-lan-lan", "motcua-motcua-26", "Binh-Son-2026-!!", "password12345"],
)  # fmt: skip
def test_a_password_that_anybody_guesses_is_refused(password: str):
    with pytest.raises(WeakPassword):
        check_password(password, shortest=12, names=("lan", "Trần Lan", "Trung tâm tỉnh Bình Sơn"))


@pytest.mark.parametrize("password", ["ngựa pin ghim đúng", "correct horse battery", "Tr0ng-vườn-nhà-ai", OWN])
def test_a_long_password_of_ones_own_is_taken(password: str):
    check_password(password, shortest=12, names=("lan", "Trần Lan", "Trung tâm tỉnh Bình Sơn"))


def test_a_first_password_opens_nothing_but_its_change_and_ends_by_itself(office: Office):
    accounts, access, admin = office.engine.accounts, office.engine.access, office.person("admin")
    first = accounts.open(admin, "Mai.Dao", " Đào  Thị Mai ", [place(office, "AP-TTPVHCC", Role.CLERK)], at=office.now)
    assert (first.username, first.full_name) == ("mai.dao", "Đào Thị Mai")
    signed_in = access.sign_in("mai.dao", first.password, at=office.now)
    assert signed_in.need is Need.PASSWORD
    with pytest.raises(SessionEnded):
        access.resume(signed_in.token, at=office.now)
    with pytest.raises(WeakPassword):
        access.change_password(signed_in.token, signed_in.actor, first.password, "mai.dao12345", at=office.now)
    with pytest.raises(ConfirmRefused):
        access.change_password(signed_in.token, signed_in.actor, "sai rồi", OWN, at=office.now)
    other = access.sign_in("mai.dao", first.password, at=office.now)
    changed = access.change_password(signed_in.token, signed_in.actor, first.password, OWN, at=office.now)
    assert (changed.need, changed.token != signed_in.token) == (Need.NOTHING, True)
    for over in (signed_in.token, other.token):  # the key was turned, every other session ended
        with pytest.raises(SessionEnded):
            access.seat(over, at=office.now)
    assert access.sign_in("mai.dao", OWN, at=office.now).need is Need.NOTHING
    again = accounts.reset_password(admin, first.person_id, at=office.now)
    office.clock.advance(timedelta(days=8))
    with pytest.raises(FirstPasswordTooOld):
        access.sign_in("mai.dao", again.password, at=office.now)
    ((kinds,),) = [(row,) for row in [[str(k) for (k,) in office.rows("SELECT kind FROM access_events ORDER BY id")]]]
    assert {"account_opened", "password_changed", "password_reset", "password_change_failed"} <= set(kinds)
    told = str(office.rows("SELECT data FROM access_events"))
    assert not any(secret in told for secret in (first.password, again.password, OWN))


def test_codes_are_owed_by_roles_asked_for_at_the_door_and_never_taken_twice(office: Office):
    access = office.engine.access
    owing = access.sign_in("thanh", PASSWORD, at=office.now)
    assert owing.need is Need.ENROLMENT
    secret, recovery = set_up_codes(office, owing.actor)
    assert access.seat(owing.token, at=office.now).need is Need.NOTHING
    assert not any(secret in str(row) for row in office.rows("SELECT totp_secret FROM people")), "it is sealed"
    used = code_of(office, secret)
    asked = access.sign_in("thanh", PASSWORD, at=office.now)
    assert asked.need is Need.CODE
    for wrong in (used, "000000", "", "không phải"):
        with pytest.raises(ConfirmRefused):
            access.give_code(asked.token, wrong, at=office.now)
    let_in = access.give_code(asked.token, code_of(office, secret, later=1), at=office.now)
    assert (let_in.need, access.resume(let_in.token, at=office.now).username) == (Need.NOTHING, "thanh")
    with pytest.raises(SessionEnded):
        access.seat(asked.token, at=office.now)
    for attempt in range(2):  # a recovery code opens once
        lost = access.sign_in("thanh", PASSWORD, at=office.now)
        if attempt == 0:
            assert (
                access.give_code(lost.token, recovery[0].upper().replace("-", " "), at=office.now).need is Need.NOTHING
            )
        else:
            with pytest.raises(ConfirmRefused):
                access.give_code(lost.token, recovery[0], at=office.now)
    assert office.engine.second_factor.state(office.person("thanh")).recovery_left == len(recovery) - 1
    office.engine.accounts.reset_codes(office.person("admin"), office.person("thanh").id or 0, at=office.now)
    assert access.sign_in("thanh", PASSWORD, at=office.now).need is Need.ENROLMENT


def test_a_proof_is_fresh_for_ten_minutes_and_given_again_by_password_or_code(office: Office):
    access = office.engine.access
    signed_in = access.sign_in("lan", PASSWORD, at=office.now)
    assert access.is_fresh(signed_in.actor, at=office.now)
    office.clock.advance(timedelta(minutes=11))
    actor = access.resume(signed_in.token, at=office.now)
    assert not access.is_fresh(actor, at=office.now)
    with pytest.raises(ConfirmRefused):
        access.reauthenticate(signed_in.token, actor, "sai", at=office.now)
    assert access.is_fresh(access.reauthenticate(signed_in.token, actor, PASSWORD, at=office.now), at=office.now)
    assert access.is_fresh(access.resume(signed_in.token, at=office.now), at=office.now)
    secret, _ = set_up_codes(office, actor)
    office.clock.advance(timedelta(minutes=11))
    proved = access.reauthenticate(signed_in.token, actor, code_of(office, secret), at=office.now)
    assert access.is_fresh(proved, at=office.now)


def test_a_session_ends_after_a_day_of_work_and_where_somebody_ends_it(office: Office):
    access = office.engine.access
    token, other = (access.sign_in("lan", PASSWORD, at=office.now).token for _ in range(2))
    lan = office.person("lan")
    lines = access.sessions(lan, token, at=office.now)
    assert [line.is_this for line in lines].count(True) == 1
    (there,) = (line.ref for line in lines if not line.is_this)
    assert not access.end_session(office.person("tuan"), there, at=office.now), "a session is its owner's to end"
    assert access.end_session(lan, there, at=office.now)
    with pytest.raises(SessionEnded):
        access.resume(other, at=office.now)
    for _ in range(25):
        office.clock.advance(timedelta(minutes=29))
        try:
            access.resume(token, at=office.now)
        except SessionEnded:
            break
    else:
        pytest.fail("a session that is always used never ends")


def test_a_password_is_hashed_anew_when_the_cost_of_a_guess_changes(
    database_copy: Callable[[Callable[[str], object]], str],
):
    dearer = SignInSettings(argon2=Argon2Settings(memory_kib=8192, passes=1))
    with an_office(database_copy(prepare_office), sign_in=dearer) as office:
        office.engine.access.sign_in("lan", PASSWORD, at=office.now)
        ((kept,),) = office.rows("SELECT password_hash FROM people WHERE username = 'lan'")
        assert "m=8192,t=1" in str(kept)
        assert office.engine.access.sign_in("lan", PASSWORD, at=office.now).actor.username == "lan"


def test_an_administrator_looks_after_the_people_of_their_units_and_the_last_one_stays(office: Office):
    accounts, admin = office.engine.accounts, office.person("admin")
    accounts.open(admin, "quan-ap", "Quản Trị Phường", [place(office, "AP", Role.ADMIN)], at=office.now)
    ward, lan, hoa = office.person("quan-ap"), office.person("lan").id or 0, office.person("hoa").id or 0
    assert {line.username for line in accounts.page(ward).lines} == {"hoa", "quan-ap"}
    assert [line.username for line in accounts.page(admin, "le hoa").lines] == ["hoa"]
    for act in (accounts.close, accounts.reset_password, accounts.reset_codes, accounts.unlock, accounts.end_sessions):
        with pytest.raises(NotFound):
            act(ward, lan, at=office.now)
    with pytest.raises(Refused):
        accounts.open(ward, "ai.do", "Ai Đó", [place(office, "BS-TTPVHCC", Role.CLERK)], at=office.now)
    with pytest.raises(Refused):
        accounts.change(ward, hoa, "Lê Thị Hoa", [place(office, "BS", Role.ADMIN)], at=office.now)
    token = office.engine.access.sign_in("hoa", PASSWORD, at=office.now).token
    assert accounts.close(ward, hoa, at=office.now) == 1
    with pytest.raises(SessionEnded):
        office.engine.access.resume(token, at=office.now)
    with pytest.raises(SignInRefused):
        office.engine.access.sign_in("hoa", PASSWORD, at=office.now)
    with pytest.raises(BadAccount, match="đã có tài khoản"):
        accounts.open(admin, "LAN", "Lan Khác", [place(office, "AP", Role.OFFICER)], at=office.now)
    accounts.close(admin, ward.id or 0, at=office.now)
    with pytest.raises(LastAdmin):
        accounts.change(admin, admin.id or 0, "Quản trị viên", [place(office, "BS", Role.SUPERVISOR)], at=office.now)


def test_a_list_opens_all_accounts_or_none_and_says_which_line_is_wrong(office: Office):
    accounts, admin = office.engine.accounts, office.person("admin")
    head = "username,full_name,roles\n"
    good = head + "mot.nguoi,Một Người,clerk@AP-TTPVHCC\nhai.nguoi,Hai Người,officer@AP-KT; leader@AP-KT\n"
    wrong = (
        good + "lan,Lan Khác,clerk@AP-TTPVHCC\nba.nguoi,Ba Người,clerk@KHONG-CO\nmot.nguoi,Lại Nữa,clerk@AP-TTPVHCC\n"
    )
    errors = {line.number: line.error for line in accounts.read_list(admin, wrong) if line.error}
    assert list(errors) == [4, 5, 6]
    assert "đã có tài khoản" in errors[4]
    before = office.engine.access.count_accounts()
    with pytest.raises(BadList, match="dòng 4"):
        accounts.open_list(admin, wrong, at=office.now)
    with pytest.raises(BadList, match="username, full_name, roles"):
        accounts.read_list(admin, "tên,họ\na,b\n")
    assert office.engine.access.count_accounts() == before
    first = accounts.open_list(admin, good, at=office.now)
    assert office.engine.access.sign_in("hai.nguoi", first[1].password, at=office.now).need is Need.PASSWORD
