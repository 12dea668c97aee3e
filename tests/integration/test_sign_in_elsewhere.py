"""Sign-in at another house: the right answer opens the account of that name, every spoilt one opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from engine.domain.people import Membership, Role
from engine.domain.sign_in import SignInElsewhere
from engine.settings.sign_in import GroupRole, OidcSettings, SignInSettings
from tests.builders import MONDAY, PASSWORD, Office, an_office, prepare_office
from tests.support.identity import CLIENT, SECRET, House, another_house
from tests.support.web import Person, application


@dataclass
class Elsewhere:
    """An office whose people may sign in at another house."""

    house: House
    office: Office
    app: Flask

    def go_and_come_back(
        self, person: Person | None = None, path: str = "/dang-nhap/noi-khac"
    ) -> tuple[int, str, Person]:
        """Press the button, sign in there, be sent back; answers status, text or address, and who it was."""
        person = person or Person(self.app)
        away = person.client.get(path)
        assert away.status_code == 302, away.text
        back = self.house.let_in(away.headers["Location"])
        answer = person.client.get(back.removeprefix("http://127.0.0.1:8000"))
        return answer.status_code, answer.headers.get("Location") or answer.text, person


@pytest.fixture
def elsewhere(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Elsewhere]:
    with another_house(int(MONDAY.timestamp())) as house:
        oidc = OidcSettings(
            issuer=house.address,
            client_id=CLIENT,
            client_secret=SECRET,
            create=True,
            roles=(GroupRole(group="mot-cua", role=Role.CLERK, unit="AP-TTPVHCC"),),
            timeout_seconds=60,
        )
        local = SignInSettings(local="admins")
        with an_office(database_copy(prepare_office), oidc=oidc, sign_in=local, secret_key="k") as office:
            yield Elsewhere(house, office, application(office.engine))


def test_an_account_is_matched_by_its_name_and_opened_for_groups_whose_roles_it_follows(elsewhere: Elsewhere):
    elsewhere.house.person = {"preferred_username": "Lan", "sub": "42"}
    assert elsewhere.go_and_come_back()[:2] == (303, "/counter")
    asked = elsewhere.house.asked[0]
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    # another subject under the same name is somebody else
    elsewhere.house.person = {"preferred_username": "lan", "sub": "43"}
    status, text, _ = elsewhere.go_and_come_back()
    assert status == 403
    assert "đã gắn với một người khác" in text
    # somebody new, by the groups of the other house; their roles follow
    elsewhere.house.person = {"preferred_username": "moi", "name": "Lê Thị Mới", "sub": "44", "groups": ["mot-cua"]}
    assert elsewhere.go_and_come_back()[:2] == (303, "/counter")
    desk = elsewhere.office.engine.office.units.by_code("AP-TTPVHCC").id
    assert elsewhere.office.person("moi").memberships == (Membership(desk, Role.CLERK),)
    elsewhere.house.person["groups"] = []
    elsewhere.go_and_come_back()
    assert elsewhere.office.count("memberships", "person_id = :id", id=elsewhere.office.person("moi").id) == 0
    # and nobody who belongs to no group
    elsewhere.house.person = {"preferred_username": "la", "sub": "45", "groups": ["khac"]}
    status, text, _ = elsewhere.go_and_come_back()
    assert status == 403
    assert "chưa được mở tại đây" in text


def test_every_answer_that_is_not_right_opens_nothing_and_says_so(elsewhere: Elsewhere):
    house = elsewhere.house
    house.person = {"preferred_username": "lan", "sub": "42"}
    spoilt: dict[str, dict[str, Any]] = {
        "nonce": {"nonce": "another"},
        "for somebody else": {"aud": "another"},
        "of somebody else": {"iss": "https://elsewhere.vn"},
        "old": {"exp": house.now - 3600},
    }
    for what, claims in spoilt.items():
        house.claims = claims
        status, text, person = elsewhere.go_and_come_back()
        assert (status, "không hợp lệ" in text) == (403, True), what
        assert person.client.get("/counter").status_code == 302, what
    house.claims = {}
    house.forger = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"})
    assert elsewhere.go_and_come_back()[0] == 403
    house.forger = None
    house.error = "access_denied"
    status, text, _ = elsewhere.go_and_come_back()
    assert (status, "access_denied" in text) == (403, True)
    house.error = ""
    # a link that somebody else prepared: no errand of this browser, or another state
    assert Person(elsewhere.app).client.get("/dang-nhap/noi-khac/ve?code=x&state=y").status_code == 403
    person = Person(elsewhere.app)
    away = person.client.get("/dang-nhap/noi-khac").headers["Location"]
    back = house.let_in(away).replace("state=", "state=z").removeprefix("http://127.0.0.1:8000")
    assert person.client.get(back).status_code == 403
    assert elsewhere.go_and_come_back()[:2] == (303, "/counter")
    house.is_away = True
    status, text, _ = elsewhere.go_and_come_back()
    assert (status, "không trả lời" in text) == (503, True)


def test_where_local_sign_in_is_for_admins_everybody_else_is_sent_to_the_other_house(elsewhere: Elsewhere):
    office = elsewhere.office
    with pytest.raises(SignInElsewhere):
        office.engine.access.sign_in("lan", PASSWORD, at=office.now)
    assert office.engine.access.sign_in("admin", PASSWORD, at=office.now).actor.username == "admin"


def test_a_proof_is_given_again_at_the_other_house(elsewhere: Elsewhere):
    office, house = elsewhere.office, elsewhere.house
    house.person = {"preferred_username": "thanh", "sub": "7"}
    person = elsewhere.go_and_come_back()[2]
    office.clock.advance(timedelta(minutes=20))
    house.now += 20 * 60
    token = _token(person)
    access = office.engine.access
    assert not access.is_fresh(access.resume(token, at=office.now), at=office.now)
    # an old proof is none
    house.claims = {"auth_time": house.now - 1000}
    assert elsewhere.go_and_come_back(person, "/account/confirm-elsewhere")[0] == 403
    house.claims = {}
    assert elsewhere.go_and_come_back(person, "/account/confirm-elsewhere")[0] == 303
    assert house.asked[-1]["prompt"] == "login"
    assert access.is_fresh(access.resume(token, at=office.now), at=office.now)


def _token(person: Person) -> str:
    with person.client.session_transaction() as session:
        return str(session["token"])
