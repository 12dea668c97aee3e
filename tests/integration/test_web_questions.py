"""The counter asks what the tables of a procedure need. The pages are plain forms: no script is run here."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.support.web import Person

GROUNDWATER, FIRST_TIME, PERMIT = "/counter/1.004223", "/counter/1.013978", "/counter/1.010727"
TYPED = {
    "idempotency_key": "key-of-these-answers",
    "unit": "BS-TTPVHCC",
    "channel": "in_person",
    "result_channel": "in_person",
    "full_name": "Công ty TNHH Nước sạch An Phú",
    "phone": "0901 234 567",
}


@pytest.fixture
def clerk(app: Flask) -> Person:
    return Person(app, "lan")


def test_the_form_asks_the_questions_and_does_not_ask_for_the_case(clerk: Person) -> None:
    page = clerk.read(GROUNDWATER)
    assert "Lưu lượng khai thác (m³/ngày đêm)" in page
    assert 'name="answer-flow"' in page
    assert 'name="case"' not in page
    choices = clerk.read(FIRST_TIME)
    assert len(re.findall(r'type="radio" name="answer-area"', choices)) == 2
    assert 'type="checkbox" id="answer-simple"' in clerk.read(PERMIT)


def test_a_procedure_without_tables_still_asks_for_its_case(clerk: Person) -> None:
    page = clerk.read("/counter/1.012783")
    assert 'name="case"' in page
    assert 'name="answer-' not in page


def test_the_check_page_tells_the_case_the_limit_and_the_fee_before_anything_is_written(clerk: Person) -> None:
    page = clerk.send(GROUNDWATER, TYPED | {"answer-flow": "320,5", "channel": "online"}).text
    for said in ("320,5", "Từ 200 đến dưới 500 m³/ngày đêm", "45 ngày làm việc", "400.000 đồng"):
        assert said in page
    assert 'name="answer-flow" value="320,5"' in page


def test_what_follows_from_the_answers_is_received_and_shown(clerk: Person) -> None:
    answer = clerk.send(GROUNDWATER + "/decide", TYPED | {"answer-flow": "640", "decision": "receive"})
    assert answer.status_code == 303
    page = clerk.read(answer.headers["Location"])
    for said in ("Từ 500 đến dưới 1.000", "640", "2.000.000 đồng"):
        assert said in page
    link = re.search(r'href="(/work/[^"]+)">Mở hồ sơ', page)
    assert link
    assert "2.000.000 đồng" in clerk.read(link.group(1))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "chưa được nhập"),
        ({"answer-flow": "nhiều"}, "phải là một số"),
        ({"answer-flow": "6000"}, "6000 không thuộc (0..5000)"),
        ({"answer-flow": "1.500"}, "hãy viết 1500 hoặc 1,500"),
    ],
)
def test_a_wrong_answer_is_told_at_its_question_and_nothing_typed_is_lost(
    clerk: Person, typed: dict[str, str], said: str
) -> None:
    for address in (GROUNDWATER, GROUNDWATER + "/decide"):
        answer = clerk.send(address, TYPED | typed | {"decision": "receive"})
        assert answer.status_code == 422
        assert answer.text.count(said) == 2, "once in the summary, once beside the field"
        assert 'href="#answer-flow"' in answer.text
        assert "Công ty TNHH Nước sạch An Phú" in answer.text


def test_an_unticked_box_means_no(clerk: Person) -> None:
    assert "20 ngày" in clerk.send(PERMIT, TYPED | {"answer-simple": "true"}).text
    page = clerk.send(PERMIT, TYPED).text
    assert "30 ngày" in page
    assert "20 ngày" not in page
