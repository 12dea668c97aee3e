"""The pages about time: saying that a step was done before, deciding on it, the picture of the clock, steps, shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from engine.cli.demo import cast
from tests.builders import PASSWORD, REISSUE, Office, an_office, local, prepare_office
from tests.support.web import Person, application


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    with an_office(database_copy(prepare_office)) as office:
        yield office


@pytest.fixture
def app(office: Office, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("tests.support.web.PASSWORD", PASSWORD)
    assert cast.PASSWORD != PASSWORD
    return application(office.engine)


def test_a_step_done_before_is_said_in_its_form_and_decided_at_the_supervisors_table(office: Office, app: Flask):
    code = office.receive(REISSUE, at=office.now)
    office.clock.move_to(local("2026-03-02 10:00"))
    office.do(code, "forward_dossier")
    (task,) = office.open_tasks(code)
    office.clock.move_to(local("2026-03-06 09:00"))
    officer, supervisor, clerk = Person(app, "minh"), Person(app, "giam"), Person(app, "lan")
    path = f"/work/{code}/tasks/{task.id}/complete"
    said = {
        "version": str(office.dossier(code).version),
        "answer-appraisal": "qualified",
        "answer-financial_obligation": "owed",
        "done_at": "2026-03-04T15:00",
        "late_reason": "",
        "late_evidence": "Sổ giao nhận 12",
    }
    refused = officer.send(path, said)
    assert refused.status_code == 422
    assert "phải ghi lý do ghi nhận muộn" in refused.text
    assert 'value="2026-03-04T15:00"' in refused.text, "what was typed stays"
    assert officer.send(path, said | {"late_reason": "Mất mạng"}).status_code == 303
    page = officer.read(f"/work/{code}")
    assert "Ghi nhận muộn bước" in page
    assert "chờ duyệt" in page

    assert clerk.client.get("/oversight/late-records").status_code == 403
    table = supervisor.read("/oversight/late-records")
    assert "Mất mạng" in table
    (number,) = re.findall(r"/oversight/late-records/(\d+)/approve", table)
    decide = f"/oversight/late-records/{number}/approve"
    assert supervisor.client.post(decide, data={"evidence": "x"}).status_code == 400, "no form of ours"
    assert clerk.send(decide, {"evidence": "x"}).status_code == 403
    without = supervisor.send(decide, {"evidence": " "})
    assert without.status_code == 422
    assert "bằng chứng" in without.text
    assert supervisor.send(decide, {"evidence": "Sổ giao nhận 12", "note": "Đã xem"}).status_code == 303
    assert "Phan Thị Hồng Ánh" in supervisor.read("/oversight/late-records?view=decided")
    steps = supervisor.read("/oversight/reports/steps?from=2026-03-01&to=2026-03-31")
    assert "Kiểm tra hồ sơ, lập Phiếu chuyển thông tin" in steps


def test_whoever_recorded_late_is_not_offered_the_decision(office: Office, app: Flask):
    code = office.receive(REISSUE, at=office.now)
    with office.engine.uow.write() as tx:
        dossier = tx.dossiers.find(code)
        task = tx.tasks.open_of(dossier.id)[0]
        facts = {"dossier_id": dossier.id, "task_id": task.id, "unit_id": task.unit_id, "recorded_by": "giam"}
        tx.late_records.add(
            **facts, done_at=office.now, recorded_at=office.now, reason="Ghi muộn", first_entry=1, last_entry=0
        )
    supervisor = Person(app, "giam")
    assert "cần một người giám sát khác duyệt" in supervisor.read("/oversight/late-records")
    ((number,),) = office.rows("SELECT id FROM late_records")
    answer = supervisor.send(f"/oversight/late-records/{number}/approve", {"evidence": "Sổ"})
    assert answer.status_code == 403


def test_the_clock_is_a_picture_with_its_table_for_officer_and_citizen(office: Office, app: Flask):
    code = office.receive(REISSUE, at=office.now)
    office.clock.move_to(local("2026-03-02 10:00"))
    office.do(code, "forward_dossier")
    office.clock.move_to(local("2026-03-03 10:00"))
    office.do(code, "appraise_dossier", appraisal="supplement", missing_items="Bản đồ", reason="Thiếu")
    office.clock.move_to(local("2026-03-05 10:00"))
    office.do(code, "receive_supplement", supplement_note="Đã nộp đủ")
    page = Person(app, "minh").read(f"/work/{code}")
    public = Person(app).read(f"/tra-cuu/{office.dossier(code).receipt_token}")
    for text in (page, public):
        assert text.count('<rect x="') >= 2, "the limit and the pause"
        assert "url(#clock-picture-hatch)" in text
        assert "chờ bổ sung hồ sơ" in text
        assert "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ số 01/PBS-CNVPĐKĐĐ" in text, "the document of the pause"
        assert "Thời gian của: Người nộp hồ sơ" in text
        assert re.search(r"<b>2 ngày</b> · 64 %", text), "16 of 25 hours are the applicant's"
        assert not re.search(r'style="', text), "the policy of the pages lets no style in"
    assert "Từng bước so với hạn" in page
    assert "tính thời gian cho" in page
