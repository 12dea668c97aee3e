"""The counter and the offices behind it: forms keep what was typed, one send is one act, a faster colleague is told."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from engine.bootstrap import Engine
from engine.cli.demo.cast import PASSWORD
from tests.support.web import Person

PROCEDURE = "/counter/1.012783"
TYPED = {
    "idempotency_key": "key-of-this-form",
    "unit": "BS-TTPVHCC",
    "case": "standard",
    "channel": "in_person",
    "result_channel": "postal",
    "full_name": "Huỳnh Thị Bích Phượng",
    "identity_number": "079 188 004 321",
    "phone": "",
    "address": "12 Lý Thường Kiệt, phường An Phú",
    "content": "Thửa đất số 45 & tờ bản đồ 12",
    "item-application-present": "1",
    "item-application-originals": "1",
    "item-application-copies": "0",
    "item-certificate-present": "1",
    "item-certificate-originals": "1",
    "item-certificate-copies": "0",
}


@pytest.fixture
def clerk(app: Flask) -> Person:
    return Person(app, "lan")


def test_a_form_without_its_token_is_not_taken(app: Flask):
    clerk = Person(app, "lan")
    assert clerk.client.post(PROCEDURE, data=TYPED).status_code == 400
    assert clerk.client.post("/dang-xuat").status_code == 400


def test_what_was_typed_stays_when_something_is_missing(clerk: Person):
    answer = clerk.send(PROCEDURE, TYPED | {"full_name": "", "phone": "12", "item-application-copies": "x"})
    assert answer.status_code == 422
    for kept in ("079 188 004 321", "12 Lý Thường Kiệt", "Thửa đất số 45 &amp; tờ bản đồ 12", 'value="x"'):
        assert kept in answer.text
    for said in ("Hãy nhập họ tên", "Số điện thoại có từ 9", "Số bản là số"):
        assert answer.text.count(said) == 2, "once in the summary, once beside the field"


def test_the_check_page_shows_every_answer_and_leads_back_to_the_form(clerk: Person):
    page = clerk.send(PROCEDURE, TYPED)
    assert page.status_code == 200
    assert "Thửa đất số 45 &amp; tờ bản đồ 12" in page.text
    again = clerk.send(PROCEDURE, TYPED | {"back": "1"})
    assert 'value="Huỳnh Thị Bích Phượng"' in again.text


def test_a_received_dossier_has_a_number_an_appointment_and_form_01(clerk: Person, engine: Engine):
    answer = clerk.send(PROCEDURE + "/decide", TYPED | {"decision": "receive"})
    assert answer.status_code == 303
    page = clerk.read(answer.headers["Location"])
    assert "Đã tiếp nhận hồ sơ" in page
    assert "In Mẫu 01" in page
    assert re.search(r"17:00 ngày \d\d/\d\d/2026", page)
    letter = re.search(r'href="(/letters/\d+\.pdf)"', page)
    assert letter
    waiting = clerk.client.get(letter.group(1))
    assert (waiting.status_code, waiting.headers["Refresh"]) == (202, "4")
    engine.outbox.run(engine.clock.now())
    assert clerk.client.get(letter.group(1)).data.startswith(b"%PDF-")


def test_sending_the_same_form_twice_receives_once(clerk: Person):
    first, second = (clerk.send(PROCEDURE + "/decide", TYPED | {"decision": "receive"}) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


@pytest.mark.parametrize(
    ("decision", "words", "paper"),
    [
        ("supplement", {"missing": "Giấy chứng nhận bản gốc"}, "In Mẫu 02"),
        ("refuse", {"reason": "Không thuộc thẩm quyền"}, "In Mẫu 03"),
    ],
)
def test_asking_for_papers_and_refusing_need_words_and_give_a_paper(
    clerk: Person, decision: str, words: dict[str, str], paper: str
):
    wordless = clerk.send(PROCEDURE + "/decide", TYPED | {"decision": decision})
    assert wordless.status_code == 422
    assert "Huỳnh Thị Bích Phượng" in wordless.text
    answer = clerk.send(PROCEDURE + "/decide", TYPED | {"decision": decision} | words)
    assert paper in clerk.read(answer.headers["Location"])


def test_a_missing_paper_makes_the_supplement_the_first_choice(clerk: Person):
    page = clerk.send(PROCEDURE, {name: value for name, value in TYPED.items() if "certificate" not in name}).text
    assert "Còn thiếu 1 giấy tờ bắt buộc" in page
    assert re.search(r'value="supplement" checked', page)
    assert "Giấy chứng nhận đã cấp (bản gốc)</textarea>" in page


def test_the_search_finds_procedures_without_accents(clerk: Person):
    assert "1.012784" in clerk.read("/counter?q=tach thua")


def test_each_desk_is_offered_its_own_way_of_a_code_that_two_levels_share(app: Flask):
    province, ward = Person(app, "lan"), Person(app, "hoa")
    for person in (province, ward):
        assert person.read("/counter?q=1.013040").count('href="/counter/1.013040"') == 1
    assert province.read("/counter/1.013040") != ward.read("/counter/1.013040")


# --- work -----------------------------------------------------------------------------------------------------------


def _receive(clerk: Person) -> str:
    answer = clerk.send(PROCEDURE + "/decide", TYPED | {"decision": "receive"})
    return str(answer.headers["Location"]).rpartition("/")[2].partition("?")[0]


def _form(page: str) -> tuple[str, dict[str, str]]:
    """Where the first form of a step goes, and what it holds that nobody types."""
    form = re.search(r'<form class="act" action="([^"]+)".*?</form>', page, re.DOTALL)
    assert form
    return form.group(1), dict(re.findall(r'type="hidden" name="(version|next)" value="([^"]*)"', form.group()))


def test_a_step_moves_the_dossier_on_and_says_what_comes_next(app: Flask, clerk: Person):
    code = _receive(clerk)
    action, hidden = _form(clerk.read(f"/work/{code}"))
    answer = clerk.send(action, hidden | {"answer-scanned": "true", "remark": "Bản gốc hơi mờ"})
    assert answer.status_code == 303
    officer = Person(app, "minh")
    page = officer.read(f"/work/{code}")
    assert "Bản gốc hơi mờ" in page
    assert 'name="answer-appraisal"' in page


def test_a_form_that_is_refused_keeps_the_answers(app: Flask, clerk: Person):
    code = _receive(clerk)
    clerk.send(*_form(clerk.read(f"/work/{code}")))
    officer = Person(app, "minh")
    action, hidden = _form(officer.read(f"/work/{code}"))
    answer = officer.send(action, hidden | {"answer-opinion": "Đất không tranh chấp", "remark": "xem lại"})
    assert answer.status_code == 422
    assert "Đất không tranh chấp</textarea>" in answer.text
    assert "xem lại</textarea>" in answer.text
    assert 'href="#answer-appraisal"' in answer.text
    assert 'id="answer-appraisal"' in answer.text


def test_the_second_of_two_clerks_is_told_and_loses_nothing(app: Flask, clerk: Person):
    code = _receive(clerk)
    action, hidden = _form(clerk.read(f"/work/{code}"))
    colleague = Person(app, "tuan")
    assert colleague.send(action, hidden | {"remark": "nhanh tay"}).status_code == 303
    answer = clerk.send(action, hidden | {"remark": "chậm một bước"})
    assert answer.status_code == 409
    assert "vừa được người khác xử lý" in answer.text
    assert "chậm một bước" in answer.text
    assert "nhanh tay" in answer.text


def test_a_session_that_ends_over_a_form_gives_the_form_back_after_signing_in(
    app: Flask, clerk: Person, engine: Engine
):
    with clerk.client.session_transaction() as session:
        session["token"] = "a token that has ended"
    asked = clerk.send(PROCEDURE, TYPED)
    assert asked.status_code == 401
    kept = dict(re.findall(r'name="(kept:[^"]+)" value="([^"]*)"', asked.text))
    answer = clerk.send("/dang-nhap", kept | {"username": "lan", "password": PASSWORD, "path": PROCEDURE})
    assert answer.status_code == 200
    assert f'action="{PROCEDURE}"' in answer.text
    assert 'name="full_name" value="Huỳnh Thị Bích Phượng"' in answer.text
    assert engine.settings.web.session_idle_minutes > 0


def test_work_is_taken_and_given_back(app: Flask, clerk: Person):
    code = _receive(clerk)
    claim = re.search(rf'action="(/work/{re.escape(code)}/tasks/\d+/claim)"', clerk.read("/work?view=unassigned"))
    assert claim
    assert clerk.send(claim.group(1), {"next": "/work?view=unassigned"}).headers["Location"] == "/work?view=unassigned"
    assert "Bạn đang giữ việc này" in clerk.read(f"/work/{code}")
    colleague = Person(app, "tuan")
    assert "flash-problem" in colleague.read(colleague.send(claim.group(1), {}).headers["Location"])
    assert clerk.send(claim.group(1).replace("claim", "release"), {}).status_code == 303
    assert "Chưa ai nhận việc này" in clerk.read(f"/work/{code}")


def test_the_work_of_others_is_not_offered_and_what_is_done_is_not_taken_again(app: Flask):
    officer = Person(app, "minh")
    for view, html in ((view, officer.read(f"/work?view={view}")) for view in ("unit", "done")):
        rows = re.findall(r"<tr[^>]*data-row.*?</tr>", html, re.DOTALL)
        assert rows
        offered = [row for row in rows if "/claim" in row]
        assert not [row for row in offered if view == "done" or "Lãnh đạo phê duyệt" in row]


def test_notices_are_put_away_together(app: Flask):
    officer = Person(app, "minh")
    assert "thông báo mới" in officer.read("/work")
    officer.send("/work/notices/read", {})
    assert "thông báo mới" not in officer.read("/work")


def test_withdrawing_needs_a_reason_and_ends_the_dossier(clerk: Person):
    code = _receive(clerk)
    _action, hidden = _form(clerk.read(f"/work/{code}"))
    assert clerk.send(f"/work/{code}/withdraw", hidden | {"reason": " "}).status_code == 422
    clerk.send(f"/work/{code}/withdraw", hidden | {"reason": "Đã thỏa thuận lại với người mua"})
    page = clerk.read(f"/work/{code}")
    assert "Hồ sơ đã kết thúc" in page
    assert "Mẫu 05" in page


def test_a_code_that_was_typed_opens_its_dossier(clerk: Person):
    code = _receive(clerk)
    assert clerk.send("/work/open", {"code": f" {code} "}).headers["Location"] == f"/work/{code}"


def test_the_drawing_of_the_process_is_for_those_who_may_read_the_dossier(app: Flask, clerk: Person):
    code = _receive(clerk)
    drawing = clerk.client.get(f"/work/{code}/diagram.bpmn")
    assert drawing.mimetype == "application/xml"
    assert b"BPMNDiagram" in drawing.data
    assert Person(app, "hoa").client.get(f"/work/{code}/diagram.bpmn").status_code == 404


def test_the_leader_finds_what_waits_and_goes_on_to_the_next(app: Flask):
    leader = Person(app, "thanh")
    page = leader.read("/approve")
    if "Không còn hồ sơ nào chờ bạn duyệt" not in page:
        assert re.search(r'<form class="act signing-act" action="/approve/[^"]+"', page)
        assert 'name="following"' in page


def test_the_supervisor_sees_late_dossiers_with_their_letters(app: Flask):
    supervisor = Person(app, "giam")
    page = supervisor.read("/oversight/queue/overdue")
    assert "PXL" in page
    assert "Văn bản" in supervisor.read("/oversight/letters?form=apology")
    assert "Từng con số nghĩa là gì" in supervisor.read("/oversight/reports/results?from=2026-01-01&to=2026-12-31")
    assert supervisor.client.get("/oversight/reports/results?from=xx&to=2026-02-31").status_code == 422


def test_views_that_do_not_exist_are_not_guessed(app: Flask):
    assert Person(app, "giam").client.get("/oversight/queue/everything").status_code == 404
    assert Person(app, "minh").client.get("/work?view=everything&page=-3").status_code == 200


def test_numbers_and_days_that_no_database_holds_are_none(app: Flask):
    huge = "9" * 25
    minh, giam = Person(app, "minh"), Person(app, "giam")
    assert minh.client.get(f"/letters/{huge}.pdf").status_code == 404
    asked = f"holder={huge}&due_to=9999-12-31&received_from=0001-01-01"
    assert minh.client.get(f"/work?view=unit&{asked}").status_code == 200
    assert minh.send("/work/filters", {"list": asked, "name": "Quá xa"}).status_code == 303
    assert minh.client.get("/work").status_code == 200
    assert minh.send("/work/many", {"row": huge, "act": "claim", "list": ""}).status_code == 303
    assert giam.client.get(f"/oversight/queue/overdue?officer={huge}").status_code == 200
