"""The pages in English: chosen at the browser, kept where one is, complete but for what is data."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.web import Person
from web.i18n import COOKIE, catalogue

_SPOKEN = re.compile(r'(?:aria-label|placeholder|title|alt)="([^"]*)"')
_HOLE = re.compile(r"%\(\w+\)s|\{\w*[^{}]*\}")
# Words of the catalogue that are also data of the demonstration office: names of steps, lanes and the like.
DATA = re.compile(r"\d|^(?:Tiếp nhận|Trả kết quả|Giấy tờ khác|Duyệt|Ký|Cấp tỉnh|Cấp xã|Tiếng Việt|Một Cửa)\b")
PAGES = {
    "lan": ["/counter", "/work", "/work?view=unit", "/tai-khoan"],
    "thanh": ["/approve", "/work?view=unit"],
    "giam": ["/oversight", "/calendar"],
    "admin": ["/admin/health"],
}
PUBLIC_PAGES = ["/", "/tra-cuu", "/thu-tuc", "/dang-nhap", "/nothing-here"]


def _english(client: FlaskClient) -> FlaskClient:
    client.set_cookie(COOKIE, "en")
    return client


def _texts(page: str) -> set[str]:
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    found = [*_SPOKEN.findall(page), *re.split(r"<[^>]*>", page)]
    return {" ".join(html.unescape(text).split()) for text in found} - {""}


@pytest.fixture(scope="module")
def vietnamese() -> set[str]:
    """Every text of the catalogue that English says in other words."""
    pairs = ((each.id, each.string) for each in catalogue() if each.id)
    texts = {vi if isinstance(vi, str) else vi[0] for vi, en in pairs if vi != en}
    return {text for text in texts if not _HOLE.search(text)}


def _left(page: str, vietnamese: set[str]) -> set[str]:
    return {text for text in _texts(page) & vietnamese if not DATA.search(text)}


def test_public_pages_in_english_say_nothing_in_vietnamese(app: Flask, vietnamese: set[str]):
    client = _english(app.test_client())
    for path in PUBLIC_PAGES:
        page = client.get(path).text
        assert '<html lang="en"' in page, path
        assert not _left(page, vietnamese), path
    assert "Where is your file?" in client.get("/").text


def test_staff_pages_in_english_say_nothing_in_vietnamese(app: Flask, vietnamese: set[str]):
    assert _left(Person(app, "lan").read("/work?view=unit"), vietnamese), "the test sees Vietnamese where it is"
    seen = 0
    for name, paths in PAGES.items():
        client = _english(Person(app, name).client)
        for path in paths:
            answer = client.get(path, follow_redirects=True)
            if answer.status_code == 200:
                seen += 1
                assert not _left(answer.text, vietnamese), path
    assert seen > 5


def test_a_file_is_told_in_english(app: Flask, vietnamese: set[str]):
    person = Person(app, "lan")
    code = re.findall(r'href="/work/(\d[^"/?]+)"', person.read("/work?view=unit"))[0]
    before = person.read(f"/work/{code}")
    _english(person.client)
    page = person.read(f"/work/{code}")
    assert not _left(page, vietnamese)
    assert len(re.findall("Hoàn thành bước “", before)) == len(re.findall("Completed step “", page))
    assert "Journal" in page


def test_a_failure_of_the_engine_is_told_in_english(app: Flask):
    person = Person(app)
    _english(person.client)
    refused = person.send("/dang-nhap", {"username": "lan", "password": "wrong"})
    assert "The user name or the password is wrong." in refused.text


def test_the_choice_keeps_the_place_and_goes_both_ways(app: Flask):
    person = Person(app, "lan")
    assert '<html lang="vi"' in person.read("/work")
    answer = person.send("/ngon-ngu", {"language": "en", "next": "/work?view=unit"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/work?view=unit")
    page = person.read("/work?view=unit")
    assert '<html lang="en"' in page
    assert "Work list" in page
    assert 'value="/work?view=unit"' in page
    person.send("/ngon-ngu", {"language": "vi", "next": "/work"})
    assert '<html lang="vi"' in person.read("/work")


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_the_choice_leads_nowhere_else_and_knows_two_languages(app: Flask, elsewhere: str):
    answer = Person(app).send("/ngon-ngu", {"language": "xx", "next": elsewhere})
    assert answer.headers["Location"] == "/"
    assert f"{COOKIE}=vi" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("wanted", "path", "language"),
    [
        ("en-GB,en;q=0.9", "/", "en"),
        ("en-US,en;q=0.9,vi;q=0.8", "/", "vi"),
        ("fr,en;q=0.5", "/", "vi"),
        ("", "/", "vi"),
        ("en", "/dang-nhap", "vi"),
    ],
)
def test_a_browser_is_believed_on_public_pages_if_it_wants_english_and_no_vietnamese(
    app: Flask, wanted: str, path: str, language: str
):
    page = app.test_client().get(path, headers={"Accept-Language": wanted}).text
    assert f'<html lang="{language}"' in page
