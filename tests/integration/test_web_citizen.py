"""The citizen's pages: one answer for unknown and wrong, no cookie asked for, nobody named in full."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.web import Person


@dataclass(frozen=True)
class Known:
    """A dossier that the citizen of the test holds."""

    code: str
    name: str
    identity: str
    phone: str

    @property
    def fact(self) -> str:
        return self.identity[-4:]


@pytest.fixture
def known(app: Flask) -> Known:
    clerk = Person(app, "lan")
    code = re.findall(r'href="/work/(\d{3}\.[^"?]+)"', clerk.read("/work?view=unit"))[0]
    page = clerk.read(f"/work/{code}")
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a[^>]*>)?([^<]+)", page))
    return Known(code, facts["Chủ hồ sơ"], facts["Số định danh"], facts["Điện thoại"])


def _look_up(client: FlaskClient, code: str, fact: str):
    return client.post("/tra-cuu", data={"code": code, "fact": fact})


def test_code_and_last_digits_open_the_dossier_without_any_cookie(app: Flask, known: Known):
    client = app.test_client(use_cookies=False)
    answer = _look_up(client, known.code, known.fact)
    assert answer.status_code == 200
    assert known.code.rpartition("-")[2] in answer.text
    assert "Các bước" in answer.text
    assert _look_up(client, known.code, known.phone.replace(" ", "")[-4:]).status_code == 200


def test_the_answer_names_nobody_in_full(app: Flask, known: Known):
    text = _look_up(app.test_client(), known.code, known.fact).text
    assert known.name not in text
    assert known.identity not in text
    assert known.phone not in text
    assert known.code not in "".join(re.findall(r'(?:href|src|action)="([^"]*)"', text))


def test_unknown_code_and_wrong_digits_get_the_same_answer(app: Flask, known: Known):
    wrong = "0000" if known.fact != "0000" else "1111"
    unknown_code = "000.00.00.H99-260101-9999"
    of_wrong, of_unknown = (
        _look_up(app.test_client(), known.code, wrong),
        _look_up(app.test_client(), unknown_code, "1234"),
    )
    assert of_wrong.status_code == of_unknown.status_code == 404
    wrong, unknown = (re.sub(r'name="csrf_token" value="[^"]+"', "", each.text) for each in (of_wrong, of_unknown))
    assert wrong.replace(known.code, "") == unknown.replace(unknown_code, "")


@pytest.mark.parametrize(("code", "fact", "said"), [("", "1234", "Hãy nhập mã hồ sơ"), ("000-1", "12a4", "4 chữ số")])
def test_what_is_missing_is_said_and_the_code_stays(app: Flask, code: str, fact: str, said: str):
    answer = _look_up(app.test_client(), code, fact)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{code}"' in answer.text


def test_guessing_ends_after_ten_wrong_answers_and_honest_use_does_not_count(app: Flask, known: Known):
    client = app.test_client()
    for _ in range(12):
        assert _look_up(client, known.code, known.fact).status_code == 200
    answers = [_look_up(client, known.code, "0000" if known.fact != "0000" else "1111").status_code for _ in range(11)]
    assert answers == [404] * 10 + [429]
    assert "15 phút" in _look_up(client, known.code, known.fact).text


def test_an_unguessable_token_that_is_wrong_says_nothing(app: Flask):
    client = app.test_client()
    for path in ("/tra-cuu/wrong", "/van-ban/wrong.pdf", "/xac-minh/wrong"):
        assert client.get(path).status_code == 404


def test_letters_are_fetched_and_verified_by_their_token(app: Flask, known: Known):
    client = app.test_client()
    links = re.findall(r'href="/van-ban/([^"]+)\.pdf"', _look_up(client, known.code, known.fact).text)
    assert links
    letter = client.get(f"/van-ban/{links[-1]}.pdf")
    assert letter.mimetype == "application/pdf"
    assert letter.data.startswith(b"%PDF-")
    assert letter.headers["Cache-Control"] == "no-store"
    page = client.get(f"/xac-minh/{links[-1]}")
    assert page.status_code == 200
    assert known.name not in page.text


def test_procedures_are_found_without_accents(app: Flask):
    client = app.test_client()
    assert "1.012784" in client.get("/thu-tuc?q=tach thua").text
    assert "1.012783" not in client.get("/thu-tuc?q=tach thua").text
    assert "Chưa thấy thủ tục nào khớp" in client.get("/thu-tuc?q=zzz").text


def test_a_code_that_is_done_at_two_levels_has_a_page_for_each(app: Flask):
    client = app.test_client()
    links = re.findall(r'href="(/thu-tuc/1\.013040[^"]*)"', client.get("/thu-tuc").text)
    assert len(links) == len(set(links)) == 2
    pages = [client.get(link).text for link in links]
    assert "30 ngày" in "".join(pages)
    assert pages[0] != pages[1]


def test_a_procedure_page_says_papers_time_and_fee(app: Flask):
    text = app.test_client().get("/thu-tuc/1.012783").text
    for word in ("Giấy tờ cần nộp", "ngày làm việc", "50.000 đồng", "Mẫu số 18"):
        assert word in text
    assert app.test_client().get("/thu-tuc/9.999999").status_code == 404
