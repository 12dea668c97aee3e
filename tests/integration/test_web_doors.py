"""Who may open which page: the table covers every route, and every route obeys the table."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter, Rule

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from engine.domain.people import Role
from tests.support.web import Person
from web.auth import safe_path
from web.doors import ACCESS, PUBLIC

SOMEBODY = {
    Role.CLERK: "lan",
    Role.OFFICER: "minh",
    Role.LEADER: "thanh",
    Role.RECORDS: "van",
    Role.SUPERVISOR: "giam",
    Role.ADMIN: "admin",
    Role.INSPECTOR: "tra",
}


def _path(rule: Rule) -> str:
    values = {name: 1 if isinstance(rule._converters[name], IntegerConverter) else "x" for name in rule.arguments}
    _domain, path = rule.build(values) or ("", "")
    return path


def _routes(app: Flask) -> list[tuple[str, str, str]]:
    """Every route as (endpoint, method, path), static files aside."""
    return [
        (rule.endpoint, method, _path(rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
    ]


def test_the_table_names_every_route_and_nothing_else(app: Flask):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS)


def test_a_route_that_the_table_does_not_name_is_closed_to_everybody(app: Flask):
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert app.test_client().get("/forgotten").status_code == 403


def test_nobody_unsigned_gets_past_a_staff_door(app: Flask):
    app.config["WTF_CSRF_ENABLED"] = False
    stranger = app.test_client()
    for endpoint, method, path in _routes(app):
        answer = stranger.open(path, method=method)
        if ACCESS[endpoint] == PUBLIC:
            assert answer.status_code != 401, path
        elif method == "GET":
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/dang-nhap?next="), path
        else:
            assert answer.status_code == 401, path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_own_doors_only(app: Flask, role: Role):
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/dang-nhap", data={"username": SOMEBODY[role], "password": PASSWORD})
    for endpoint, method, path in _routes(app):
        roles = ACCESS[endpoint]
        if endpoint == "account.sign_out" or roles == PUBLIC:
            continue
        beyond = {"page": "9" * 40} if method == "GET" else None  # a page that no list has is no error of ours
        status = client.open(path, method=method, query_string=beyond).status_code
        if role in roles:
            assert status in {200, 202, 301, 302, 303, 404, 409, 422}, f"{role} {method} {path}: {status}"
        else:
            assert status == 403, f"{role} {method} {path}: {status}"


def test_the_dossier_of_another_unit_looks_like_one_that_does_not_exist(app: Flask, engine: Engine):
    clerk_of_the_ward = Person(app, "hoa").client
    code = _some_code(app)
    real, invented = clerk_of_the_ward.get(f"/work/{code}"), clerk_of_the_ward.get("/work/000.00.00.H99-260101-9999")
    assert real.status_code == invented.status_code == 404
    assert real.text.replace(code, "") == invented.text.replace("000.00.00.H99-260101-9999", "")


def _some_code(app: Flask) -> str:
    text = Person(app, "lan").read("/work?view=unit")
    return str(re.findall(r'href="/work/(\d{3}\.[^"?]+)"', text)[0])


def test_a_stranger_who_asks_for_a_page_gets_it_after_signing_in(app: Flask):
    person = Person(app)
    answer = person.send("/dang-nhap", {"username": "minh", "password": PASSWORD, "path": "/work?view=unit"})
    assert answer.headers["Location"] == "/work?view=unit"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.vn/",
        "//elsewhere.vn/",
        "/\\elsewhere.vn",
        "\\\\elsewhere.vn",
        "javascript:alert(1)",
        "work",
        "/a\nb",
        "",
    ],
)
def test_nobody_is_led_to_another_site(target: str):
    assert safe_path(target) == ""


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(app: Flask):
    answer = Person(app).send("/dang-nhap", {"username": "minh", "password": "wrong"})
    assert answer.status_code == 403
    assert 'value="minh"' in answer.text
    assert "không đúng" in answer.text


def test_signing_out_ends_the_session_in_the_engine_too(app: Flask):
    person = Person(app, "minh")
    cookie = person.client.get_cookie("motcua")
    assert cookie is not None
    person.send("/dang-xuat", {})
    person.client.set_cookie("motcua", cookie.value)
    assert person.client.get("/work").status_code == 302


def test_the_cookie_holds_nothing_but_the_token(app: Flask):
    person = Person(app, "minh")
    with person.client.session_transaction() as session:
        assert set(session) <= {"token", "csrf_token"}
    cookie = person.client.get_cookie("motcua")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_a_part_of_a_page_asked_for_after_the_session_ended_leads_to_the_sign_in(app: Flask):
    answer = app.test_client().get("/counter?q=tach", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/dang-nhap")


def test_between_password_and_code_nothing_opens_but_the_page_that_asks_for_the_code(app: Flask, engine: Engine):
    with engine.uow.read() as tx:
        known = tx.people.by_username("minh")
        assert known is not None
        minh = tx.people.actor(known.id, known.username, known.full_name)
    engine.second_factor.begin(minh, at=engine.clock.now())
    codes = pyotp.TOTP(engine.second_factor.state(minh).secret)
    engine.second_factor.confirm(minh, codes.at(engine.clock.now()), at=engine.clock.now())
    person = Person(app)
    asked = person.send("/dang-nhap", {"username": "minh", "password": PASSWORD, "path": "/work"})
    assert "Nhập mã xác thực" in asked.text
    for page in ("/work", "/dang-nhap/ma"):
        answer = person.client.get(page, follow_redirects=True)
        assert "Nhập mã xác thực" in answer.text, page
    assert person.send("/dang-nhap/ma", {"code": "000000"}).status_code == 403
    later = codes.at(engine.clock.now() + timedelta(seconds=30))
    assert person.send("/dang-nhap/ma", {"code": later, "path": "/work"}).headers["Location"] == "/work"
    assert person.client.get("/work").status_code == 200
