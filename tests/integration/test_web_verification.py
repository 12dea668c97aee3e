"""The public page that checks a file: for everybody, without cookies, and not without end."""

from __future__ import annotations

import io

from flask import Flask
from flask.testing import FlaskClient

from engine.bootstrap import Engine


def _send(client: FlaskClient, content: bytes):
    return client.post("/xac-minh", data={"file": (io.BytesIO(content), "van-ban.pdf")})


def test_anybody_may_check_a_letters_file_and_learns_nothing_of_its_holder(app: Flask):
    engine: Engine = app.extensions["motcua"]
    with engine.uow.read() as tx:
        letters = (tx.letters.of(dossier_id) for dossier_id in range(1, 90))
        letter = next(each for of_dossier in letters for each in of_dossier if tx.letters.document(each.id))
        pdf, name = tx.letters.document(letter.id), tx.dossiers.by_id(letter.dossier_id).applicant.full_name
    assert pdf is not None
    client = app.test_client(use_cookies=False)
    assert "Kiểm tra tệp" in client.get("/xac-minh").text
    page = client.get(f"/xac-minh/{letter.token}").text
    assert 'enctype="multipart/form-data"' in page
    answer = _send(client, pdf)
    assert answer.status_code == 200
    assert "Tệp đúng là văn bản đã ban hành" in answer.text
    assert letter.number_text in answer.text
    assert name not in answer.text + page
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_no_letter_is_told_and_tries_come_to_an_end(app: Flask):
    client = app.test_client(use_cookies=False)
    answers = [client.post("/xac-minh", data={}), *(_send(client, b"no letter") for _ in range(10))]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert "Hãy chọn tệp PDF của văn bản." in answers[0].text
    assert "không phải văn bản PDF" in answers[1].text
    assert app.test_client().get("/xac-minh").status_code == 200


def test_a_file_larger_than_any_letter_is_refused_before_it_is_read(app: Flask):
    assert _send(app.test_client(use_cookies=False), b"%PDF-" + b"x" * (2 << 20)).status_code == 413
