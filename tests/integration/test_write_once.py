"""A form sent twice is carried out once: one after the other, at the same moment, after a crash between writes."""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.persistence import once
from engine.persistence.unit_of_work import Transaction
from tests.builders import PASSWORD, Office, a_dossier
from tests.support.web import application


@pytest.fixture(name="app")
def app_fixture(office: Office) -> Flask:
    return application(office.engine)


def csrf_token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/dang-nhap").text)
    assert found
    return found.group(1)


def signed_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    fields = {"username": username, "password": PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post("/dang-nhap", data=fields).status_code == 303
    return client


def sending(client: FlaskClient, **fields: str) -> dict[str, str]:
    return {"once_key": secrets.token_urlsafe(16), "csrf_token": csrf_token(client), **fields}


def a_step_to_complete(office: Office) -> tuple[str, str, dict[str, str]]:
    """A dossier that an officer appraises: its code, where the form of the step goes, what is typed in."""
    code = a_dossier(office)
    (task,) = office.open_tasks(code)
    answers = {"answer-appraisal": "qualified", "answer-financial_obligation": "none", "remark": "Đủ điều kiện"}
    fields = {"version": str(office.dossier(code).version), **answers}
    return code, f"/work/{code}/tasks/{task.id}/complete", fields


def test_the_second_of_two_clicks_is_answered_as_the_first_and_does_nothing(app: Flask, office: Office):
    code, path, fields = a_step_to_complete(office)
    minh = signed_in(app, "minh")
    form = sending(minh, **fields)
    first = minh.post(path, data=form)
    told = minh.get(first.location).text
    before = office.events(code)
    second = minh.post(path, data=form | {"csrf_token": csrf_token(minh)})
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.location == first.location
    assert office.events(code) == before, "the second click wrote something"
    assert office.count("done_once") == 1
    assert "Đã xong bước" in told
    assert "Đã xong bước" in minh.get(second.location).text, "whoever sees only the second answer is told as well"


def test_of_two_sendings_at_the_same_moment_one_is_carried_out_and_both_are_answered_alike(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("web.once._LOOKS", 30_000)  # however long the first takes to answer
    monkeypatch.setattr("web.once._PATIENCE_SECONDS", 600.0)
    code, path, fields = a_step_to_complete(office)
    one, other = signed_in(app, "minh"), signed_in(app, "minh")
    key = secrets.token_urlsafe(16)
    forms = [sending(client, **fields, once_key=key) for client in (one, other)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client, form: client.post(path, data=form), (one, other), forms))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert sum(event["step_id"] == "appraise_dossier" for event in office.events(code, "step_completed")) == 1


def test_what_was_refused_left_no_key_and_may_be_sent_again(app: Flask, office: Office):
    code, path, fields = a_step_to_complete(office)
    minh = signed_in(app, "minh")
    form = sending(minh, **fields | {"answer-appraisal": ""})
    assert minh.post(path, data=form).status_code == 422
    assert office.count("done_once") == 0
    assert minh.post(path, data=form | {"answer-appraisal": "qualified"}).status_code == 303
    assert office.events(code, "step_completed")[-1]["by"] == "minh"


def test_the_same_page_with_other_words_is_another_sending(app: Flask, office: Office):
    _, path, fields = a_step_to_complete(office)
    minh = signed_in(app, "minh")
    form = sending(minh, **fields)
    assert minh.post(path, data=form).status_code == 303
    again = minh.post(path, data=form | {"remark": "Gửi lại từ trang cũ"})
    assert again.status_code == 409, "taken for the first one, its words would be lost unseen"
    assert office.count("done_once") == 1
    assert "Gửi lại từ trang cũ" in again.text


def test_a_key_of_somebody_else_opens_nothing(app: Flask, office: Office):
    _, path, fields = a_step_to_complete(office)
    minh, thao = signed_in(app, "minh"), signed_in(app, "thao")
    form = sending(minh, **fields)
    assert minh.post(path, data=form).status_code == 303
    assert thao.post(path, data=form | {"csrf_token": csrf_token(thao)}).status_code == 409


def test_a_crash_between_the_act_and_its_answer_leaves_the_act_done_once(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
):
    """The process dies after the commit: nobody kept how it was answered, and the key says that it was done."""
    code, path, fields = a_step_to_complete(office)
    minh = signed_in(app, "minh")
    form = sending(minh, **fields)
    with monkeypatch.context() as patch:
        patch.setattr("engine.services.once.Once.end", lambda *_: None)
        patch.setattr("web.once._PATIENCE_SECONDS", 0.0)
        assert minh.post(path, data=form).status_code == 303
        office.engine.once.drop()
        before = office.events(code)
        again = minh.post(path, data=form | {"csrf_token": csrf_token(minh)})
    assert again.status_code == 303
    assert office.events(code) == before
    assert "đã được ghi ở lần gửi trước" in minh.get(again.location).text


def test_a_crash_in_the_middle_of_the_act_leaves_no_key(office: Office):
    minh = office.person("minh")
    assert minh.id is not None
    with pytest.raises(RuntimeError, match="power cut"):
        _write_and_die(office, minh.id)
    assert office.count("done_once") == 0
    with once.served(once.Sending("a" * 64, minh.id, "test", office.now)), office.engine.uow.write() as tx:
        assert isinstance(tx, Transaction)
    assert office.count("done_once") == 1


def _write_and_die(office: Office, person_id: int) -> None:
    with once.served(once.Sending("a" * 64, person_id, "test", office.now)), office.engine.uow.write():
        message = "power cut"
        raise RuntimeError(message)


def test_keys_are_forgotten_when_no_page_can_hold_them_any_more(office: Office):
    minh = office.person("minh")
    assert minh.id is not None
    with once.served(once.Sending("b" * 64, minh.id, "test", office.now)), office.engine.uow.write():
        pass
    with office.engine.uow.write() as tx:
        assert tx.done_once.forget(office.now) == 0
        assert tx.done_once.forget(office.now + timedelta(days=3)) == 1
