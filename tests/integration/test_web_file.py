"""The page of a file in use: two people on it, what changed meanwhile, nothing typed lost, one click taken back."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from engine.bootstrap import Engine
from tests.support.web import NOW, Person


@pytest.fixture
def code(engine: Engine) -> str:
    """A file that the officers of the land registry are to appraise."""
    with engine.uow.read() as tx:
        minh = tx.people.by_username("minh")
        assert minh is not None
        actor = tx.people.actor(minh.id, minh.username, minh.full_name)
        query = "SELECT d.code, t.unit_id FROM tasks t JOIN dossiers d ON d.id = t.dossier_id"
        rows = tx.connection.exec_driver_sql(
            f"{query} WHERE t.closed_at IS NULL AND t.claimed_by_id IS NULL AND t.step_id = 'appraise_dossier'"
            " AND d.supplement_rounds = 0"
        ).all()
    return next(str(code) for code, unit_id in rows if unit_id in actor.unit_ids)


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of the step goes, and its hidden fields."""
    found = re.search(r'<form class="act" action="([^"]+)".*?</form>', page, re.DOTALL)
    assert found
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', found.group(0))
    return found.group(1), dict(hidden)


def test_the_second_of_two_officers_is_told_what_the_first_did_and_keeps_what_was_typed(app: Flask, code: str):
    minh, thao = Person(app, "minh"), Person(app, "thao")
    (action, seen), (_, same) = form_of(minh.read(f"/work/{code}")), form_of(thao.read(f"/work/{code}"))
    answers = {"answer-appraisal": "qualified", "answer-financial_obligation": "none"}
    assert minh.send(action, {**seen, **answers, "remark": "Đã đối chiếu bản gốc"}).status_code == 303
    typed = "Tôi thấy diện tích <chưa> khớp"
    refused = thao.send(action, {**same, **answers, "remark": typed})
    assert refused.status_code == 409
    page = html.unescape(refused.text)
    meanwhile = page.split('id="meanwhile"')[1].split("</section>")[0]
    assert "Phạm Quang Minh" in meanwhile
    assert "Hoàn thành bước" in meanwhile
    assert "Đã đối chiếu bản gốc" in meanwhile
    assert typed in page
    assert "<chưa>" not in refused.text, "what was typed is shown as text"


def test_what_still_applies_goes_on_with_one_click(app: Flask, engine: Engine, code: str):
    """A colleague has only left an opinion asked: the form comes back filled, and its button says so."""
    minh = Person(app, "minh")
    action, seen = form_of(minh.read(f"/work/{code}"))
    with engine.uow.read() as tx:
        row = tx.people.by_username("thao")
        assert row is not None
        thao = tx.people.actor(row.id, row.username, row.full_name)
    engine.opinions.ask(thao, code, "BS-SNNMT", "Có trong quy hoạch không?", 3, at=NOW)
    answers = {"answer-appraisal": "qualified", "answer-financial_obligation": "none", "remark": "Đủ điều kiện"}
    refused = minh.send(action, {**seen, **answers})
    assert refused.status_code == 409
    assert "Vẫn đúng, hoàn thành bước" in refused.text
    assert re.search(r'value="qualified" checked', refused.text)
    _, anew = form_of(refused.text)
    assert minh.send(action, {**anew, **answers}).status_code == 303


def test_a_click_is_taken_back_from_the_page_that_it_led_to(app: Flask, code: str):
    minh = Person(app, "minh")
    action, seen = form_of(minh.read(f"/work/{code}"))
    answers = {"answer-appraisal": "qualified", "answer-financial_obligation": "none"}
    assert minh.send(action, {**seen, **answers}).status_code == 303
    page = minh.read(f"/work/{code}")
    assert f'action="/work/{code}/undo"' in page
    assert minh.send(f"/work/{code}/undo", {}).location.endswith(f"/work/{code}")
    page = minh.read(f"/work/{code}")
    assert "Đã hoàn tác" in page
    assert form_of(page)[0] == action
    assert 'class="undo"' not in page
    minh.send(f"/work/{code}/undo", {})
    assert "Không có việc nào của bạn" in minh.read(f"/work/{code}")


def test_the_log_may_show_what_people_did_alone(app: Flask, code: str):
    minh = Person(app, "minh")
    everything, people = minh.read(f"/work/{code}"), minh.read(f"/work/{code}?log=people")
    log = people.split('id="log"')[1].split("</section>")[0]
    assert "Hoàn thành bước" in log
    assert "Hệ thống (bộ hẹn giờ)" not in log
    assert len(people) <= len(everything)


def test_every_form_of_the_page_that_changes_something_is_carried_out_once(app: Flask, code: str):
    page = Person(app, "minh").read(f"/work/{code}").split("<main")[1]
    forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
    # an export changes nothing, and whoever asks twice wants the file twice
    without = [form[:90] for form in forms if 'name="once_key"' not in form and "/export" not in form]
    assert len(forms) > 5
    assert without == []


def test_opinions_notes_and_reminders_are_left_from_the_page(app: Flask, code: str):
    minh, khue = Person(app, "minh"), Person(app, "khue")
    where = f"/work/{code}"
    assert minh.send(f"{where}/notes", {"note": "<b>gọi lại</b> @thao"}).status_code == 303
    assert "&lt;b&gt;gọi lại&lt;/b&gt;" in minh.read(where)
    ask = {"opinion_unit": "BS-SNNMT", "question": "Có vướng quy hoạch không?", "opinion_days": "2"}
    assert minh.send(f"{where}/opinions", ask | {"question": ""}).status_code == 422
    assert minh.send(f"{where}/opinions", ask).status_code == 303
    assert code in khue.read("/work/opinions")
    answer = re.search(r'action="(/work/[^"]+/answer)"', khue.read(where))
    assert answer
    said = {"verdict": "agree", "opinion_answer": "Không vướng"}
    assert khue.send(answer.group(1), said).status_code == 303
    assert "Không vướng" in minh.read(where)
    assert minh.send(f"{where}/follow-up", {"follow_up_on": "2026-11-30", "follow_up_words": ""}).status_code == 303
    assert minh.send(f"{where}/follow-up", {"follow_up_on": "hôm nào"}).status_code == 422
    assert minh.send(f"{where}/here", {}).status_code == 200
    assert "Phạm Quang Minh đang mở hồ sơ này" in khue.send(f"{where}/here", {}).text
