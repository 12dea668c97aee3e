"""The pages of surveys, sheets, index and feedback, walked without scripts."""

from __future__ import annotations

import io
import re

import pytest

from engine.domain.status import DossierStatus
from engine.domain.survey_tokens import SurveyChannel
from engine.effects.survey_tokens import issue_token
from tests.builders import DESK, PASSWORD, REGISTRY, Office, a_dossier, local
from tests.scenarios.test_results import file_feedback
from tests.support.web import Person, application
from web.i18n import COOKIE

HOSTILE = "<script>alert('x')</script> =1+1"


class Visitor(Person):
    """Somebody of the builders' cast, who has another password than the demonstration's."""

    def __init__(self, app, username: str = "") -> None:
        super().__init__(app)
        if username:
            answer = self.send("/dang-nhap", {"username": username, "password": PASSWORD})
            assert answer.status_code == 303, answer.text


def _words_that_nobody_knows_are_refused(lan: Visitor, typed: dict[str, str]) -> None:
    for name, value, words in (
        ("timeliness", "x", "dung_han"),
        ("channel", "<b>", "hinh_thuc"),
        ("procedure", "9.999999", "không có thủ tục"),
        ("on", "1926-03-02", "quá lâu"),
        ("on", "2027-03-02", "chưa đến"),
    ):
        refused = lan.send("/counter/survey", typed | {"digits": "5" * 24, name: value})
        assert (refused.status_code, words in refused.text) == (422, True), name


def _a_file_is_taken_back(lan: Visitor) -> None:
    (address,) = re.findall(r'href="(/counter/survey/imports/[^"]+)"', lan.read("/counter/survey"))
    page = lan.read(address)
    for words in ("phieu.csv", "03/2026", 'data-label="Phiếu bị rút">1<', "Trần Thị Ngọc Lan"):
        assert words in page, words
    refused = lan.send(f"{address}/undo", {"reason": " "})
    assert (refused.status_code, "Hãy ghi lý do" in refused.text) == (422, True)
    assert lan.send(f"{address}/undo", {"reason": HOSTILE}).status_code == 303
    page = lan.read("/counter/survey")
    assert "Đã hoàn tác: rút 1 phiếu" in page
    assert ("imports/" in page, HOSTILE in page, "&lt;script&gt;" in page) == (False, False, True)
    assert lan.send(f"{address}/undo", {"reason": "lần nữa"}).status_code == 404


@pytest.mark.any_database
def test_a_citizen_rates_once_files_feedback_and_the_supervisor_reads_both(office: Office):  # noqa: PLR0915 - one walk
    app = application(office.engine)
    citizen, giam, lan = Visitor(app), Visitor(app, "giam"), Visitor(app, "lan")
    codes = [a_dossier(office, at=DossierStatus.DELIVERED) for _ in range(5)]
    for nobodys in ("", "---", "7" * 9999):
        assert citizen.client.post("/danh-gia", data={"token": nobodys}).status_code == 422
    for code in codes:
        with office.engine.uow.write() as tx:
            token = issue_token(tx, tx.dossiers.find(code).id, at=office.now, channel=SurveyChannel.SLIP)
        assert token
        answer = citizen.client.post("/danh-gia", data={"token": f" {token[:4]}-{token[4:]} ".lower()})
        assert answer.location == f"/danh-gia/{token}"
        page = citizen.read(f"/danh-gia/{token}")
        assert page.count('class="face"') == 24 * 5
        assert "không phải SIPAS chính thức" in page
        assert code not in page
        for nothing in ({}, {"IV.1": "9" * 5000}, {"IV.1": "٤"}):
            assert citizen.client.post(f"/danh-gia/{token}", data=nothing).status_code == 422
        thanks = citizen.client.post(f"/danh-gia/{token}", data={"IV.1": "2", "I.1": "5", "comment": HOSTILE})
        assert "Cảm ơn" in thanks.text
        assert citizen.client.get(f"/danh-gia/{token}").status_code == 404

    report = giam.read("/oversight/survey?from=2026-03&to=2026-03")
    for words in ("50,00 %", "Hai nguồn lệch", "không phải SIPAS chính thức", "SIPAS 2020", "&lt;script&gt;"):
        assert words in report
    assert HOSTILE not in report
    assert "Chưa đủ 5 phiếu" in giam.read(f"/oversight/survey?unit={DESK}&from=2026-03&to=2026-03")

    told = {"full_name": "Nguyễn Văn Hỏi", "phone": "0903000111", "kind": "delay", "content": HOSTILE}
    refused = citizen.client.post("/phan-anh", data={"content": "abc"})
    assert refused.status_code == 422
    assert "Hãy ghi họ tên" in refused.text
    filed = citizen.client.post("/phan-anh", data=told | {"dossier_code": codes[0], "key": "một lần"})
    assert filed.status_code == 200
    for secret in ("Nguyễn Văn Hỏi", "0903000111", "alert", codes[0]):
        assert secret not in filed.text
    citizen.client.post("/phan-anh", data=told | {"key": "một lần"})
    assert "Đã nhận" in citizen.client.post("/phan-anh", data=told | {"website": "http://"}).text
    assert office.count("feedback_links") == 1
    assert lan.send("/counter/feedback", told | {"key": "tại quầy"}).status_code == 303
    register = lan.read("/feedback")
    assert register.count("row-link") + register.count('class="code"') >= 2
    assert "Không có phản ánh nào" in lan.read("/feedback?state=ended")

    page = lan.send("/counter/survey/kiosk", {"unit": DESK}).text
    kiosk = re.search(r'href="(/khao-sat/[^"]+)"', page)
    assert kiosk
    screen = citizen.read(kiosk.group(1))
    assert 'http-equiv="refresh"' in screen
    once = re.search(r'name="once" value="([^"]+)"', screen)
    assert once
    for _tap in range(2):  # who taps twice has voted once
        tapped = citizen.client.post(kiosk.group(1), data={"III.1": "4", "once": once.group(1)})
        assert "Người tiếp theo" in tapped.text
    assert office.count("survey_ballots", "source = 'kiosk'") == 1
    typed = {"unit": DESK, "on": "2026-03-02", "digits": "5" * 23}
    assert "cần 24 ký hiệu" in lan.send("/counter/survey", typed).text
    _words_that_nobody_knows_are_refused(lan, typed)
    assert lan.send("/counter/survey", typed | {"digits": "5" * 24}).status_code == 303
    heading = citizen.client.get("/counter/survey/columns.csv").status_code
    assert heading == 302  # staff only
    text = lan.read("/counter/survey/columns.csv").strip() + f"\n2026-03-02,{DESK},,,,{','.join('5' * 24)},\n"
    for act, words in (("try", "Chưa ghi"), ("write", "Đã ghi 1 phiếu"), ("write", "đã được nhập")):
        upload = {"file": (io.BytesIO(text.encode()), "phieu.csv"), "act": act, "csrf_token": lan.token()}
        assert words in lan.client.post("/counter/survey/import", data=upload).text
    _a_file_is_taken_back(lan)
    closed = lan.send("/counter/survey/kiosk/1/close", {})
    assert closed.status_code == 303
    assert citizen.client.get(kiosk.group(1)).status_code == 404


@pytest.mark.any_database
def test_a_supervisor_enters_confirms_and_corrects_a_month_and_reads_the_index(office: Office):
    app = application(office.engine)
    a_dossier(office, at=DossierStatus.DELIVERED)
    office.clock.move_to(local("2026-04-02 09:00"))
    giam = Visitor(app, "giam")
    asked = {"unit": REGISTRY, "month": "2026-03"}
    page = giam.read(f"/oversight/evaluation?unit={REGISTRY}&month=2026-03")
    assert "còn thiếu chỉ số 5, 6, 9" in page
    assert giam.send("/oversight/evaluation/confirm", asked).status_code == 409
    assert giam.send("/oversight/evaluation/enter", asked | {"number": "5", "points": "2"}).status_code == 422
    for number in "569":
        entry = asked | {"number": number, "points": "2", "evidence": "Biên bản"}
        assert giam.send("/oversight/evaluation/enter", entry).status_code == 303
    assert giam.send("/oversight/evaluation/confirm", asked).status_code == 303
    late = asked | {"number": "5", "points": "0", "evidence": "Kiểm tra"}
    assert giam.send("/oversight/evaluation/enter", late).status_code == 409
    assert giam.send("/oversight/evaluation/enter", late | {"reason": "Đoàn kiểm tra"}).status_code == 303
    page = giam.read(f"/oversight/evaluation?unit={REGISTRY}&month=2026-03")
    for words in ("Đã khóa", "Xuất sắc", "Lý do sửa: Đoàn kiểm tra"):
        assert words in page
    table = giam.read(f"/oversight/evaluation.csv?unit={REGISTRY}&month=2026-03")
    assert table.splitlines()[0].lstrip("\ufeff").startswith("unit,month,official,files")
    data = giam.client.get(f"/oversight/evaluation.json?unit={REGISTRY}&month=2026-03").json
    assert data
    assert (data["rows"][0]["points"], data["rows"][0]["grade"]) == (16, "Xuất sắc")
    assert "Xuất sắc" in giam.read(f"/oversight/evaluation/year?unit={REGISTRY}&year=2026")
    page = giam.read("/oversight/index?unit=BS&on=2026-03-31")
    for words in ("Tiến độ, kết quả giải quyết", "chưa đo", "không phải SIPAS chính thức", "100,00 %"):
        assert words in page
    entry = {"unit": "BS", "month": "2026-03", "on": "2026-03-31", "code": "data_reused"}
    for share in ("nửa", "NaN", "101"):
        assert giam.send("/oversight/index/enter", entry | {"share": share, "evidence": "x"}).status_code == 422
    answer = giam.send("/oversight/index/enter", entry | {"share": "62,5", "evidence": "Báo cáo"})
    assert answer.status_code == 303
    assert "62,5" in giam.read("/oversight/index?unit=BS&on=2026-03-31")
    assert "đến 02/04/2026" in giam.read("/oversight/index?unit=BS&on=2026-12-31")  # not further than today
    mine = Visitor(app, "minh").read("/my/evaluation?month=2026-03")
    for words in ("Đánh giá của tôi", "các bước của chính đơn vị", "Đã khóa", "Năm 2026"):
        assert words in mine
    assert giam.client.get("/my/evaluation").status_code == 403
    thanh = Visitor(app, "thanh")  # a leader reads the sheets of the own unit and enters nothing
    assert thanh.send("/oversight/evaluation/enter", late).status_code == 403


@pytest.mark.any_database
def test_everybody_is_told_what_was_done_apologised_for_answered_and_graded_and_of_nobody_by_name(office: Office):
    app = application(office.engine)
    stranger = Visitor(app)
    slow = office.receive(at=local("2026-02-16 09:00"))
    office.clock.move_to(local("2026-03-02 09:00"))
    office.sweep()
    while office.open_tasks(slow):
        office.do(slow)
    a_dossier(office, at=DossierStatus.DELIVERED)
    number = file_feedback(office, slow)
    office.clock.move_to(local("2026-04-16 09:00"))
    (letter,) = office.letters(slow, "apology")
    page = stranger.read("/cong-khai?ky=2026-03")
    ((name,),) = office.rows("SELECT applicant_name FROM dossiers WHERE code = :code", code=slow)
    assert 'data-label="Đã giải quyết: Quá hạn">' in page, "on a telephone each figure has its heading beside it"
    for words in ("02/03/2026", "quá hạn", "Chậm giải quyết hồ sơ", "Phản ánh đúng", "SIPAS 2020", "Từng con số"):
        assert words in page, words
    for secret in (slow, number, letter.number_text, name, "Nguyễn Văn Hỏi", "Hẹn ba lần", "minh", "lan"):
        assert f">{secret}" not in page
        assert f" {secret} " not in page
    document = office.engine.reporting.told("2026-03", at=office.now)
    assert document.table("apologies_by_unit").totals == {"letters": 1, "for_delay": 1, "for_error": 0}
    assert document.table("feedback_by_unit").totals == {"answered": 1, "in_time": 1, "share": 1.0, "upheld": 1}
    assert document.table("units").totals["late"] == 1
    assert document.is_sound
    assert not document.table("grades").rows
    giam = Visitor(app, "giam")
    for each in "569":
        entry = {"unit": REGISTRY, "month": "2026-03", "number": each, "points": "2", "evidence": "Biên bản"}
        assert giam.send("/oversight/evaluation/enter", entry).status_code == 303
    assert giam.send("/oversight/evaluation/confirm", {"unit": REGISTRY, "month": "2026-03"}).status_code == 303
    assert office.engine.reporting.told("2026-03", at=office.now) is document  # counted once an hour
    later = office.engine.reporting.told("2026-04", at=local("2026-04-16 11:00"))
    ((grade),) = later.table("grades").rows
    assert (grade["month"], grade["of"]) == ("2026-03", 18)
    assert stranger.client.get("/cong-khai.pdf?ky=2026-03").status_code in {200, 202}
    for period in ("2020-01", "2026-03-01..2026-03-31", "x", "2026-Q1"):
        assert stranger.client.get(f"/cong-khai?ky={period}").status_code == 404
    assert "/cong-khai" in stranger.read("/")
    stranger.client.set_cookie(COOKIE, "en")
    page = stranger.read("/cong-khai?ky=2026-03")
    for words in ("Month 3/2026", 'data-label="Finished: Overdue">', "<dt>Finished: Overdue</dt>", "Divided by: "):
        assert words in page, words
    vars(office.engine.reporting)["tells_everybody"] = False
    assert stranger.client.get("/cong-khai").status_code == 404
    assert "/cong-khai" not in stranger.read("/")


@pytest.mark.any_database
def test_what_a_unit_records_about_its_walls_is_held_against_what_is_asked(office: Office):
    app = application(office.engine)
    office.clock.move_to(local("2026-04-16 09:00"))
    giam = Visitor(app, "giam")
    entry = {"unit": DESK, "month": "2026-03", "code": "checked", "value": "1", "evidence": "Biên bản 05/3"}
    for wrong in (
        {"value": "1,5"},
        {"value": "NaN"},
        {"value": "-1"},
        {"evidence": " "},
        {"month": "2026-05"},
        {"code": "x"},
    ):
        assert giam.send("/oversight/postings", entry | wrong).status_code == 422, wrong
    assert giam.send("/oversight/postings", entry | {"code": "counter", "value": "101"}).status_code == 422
    for month, code, value in (
        ("2026-01", "extended", "1"),
        ("2026-01", "checked", "1"),
        ("2026-02", "checked", "0"),
        ("2026-03", "checked", "2"),
        ("2026-02", "counter", "90"),
        ("2026-03", "counter", "99"),
        ("2026-03", "counter", "98,5"),  # written again: the last one holds
        ("2026-03", "extended", "1"),
    ):
        answer = giam.send("/oversight/postings", entry | {"month": month, "code": code, "value": value})
        assert answer.status_code == 303
    page = giam.read(f"/oversight/postings?unit={DESK}&month=2026-03")
    assert page.count("Biên bản 05/3") == 4  # every entry stays on record
    reporting = office.engine.reporting
    found = reporting.make(None, "postings", reporting.period("2026-02-01..2026-03-31", at=office.now), at=office.now)
    said = [(row["value"], row["wanted"], row["reached"]) for row in found.table("units").rows]
    nothing = (None, 100.0, None)
    assert said == [(98.5, 100.0, False), nothing, nothing, (1.0, 2.0, False), (2.0, 2.0, True)]
    desks = office.count("units", "kind = 'one_stop' AND is_active")
    assert len(found.table("missing").rows) == desks - 1
    assert found.is_sound
    assert Visitor(app, "lan").client.get("/oversight/postings").status_code == 403
