"""The page Thư đi and its neighbours: the bag for the post office, hand-overs, calls, the drawer for trials."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from engine.domain.dossier import Applicant
from engine.domain.messages import NoticeChannel as Way
from engine.domain.messages import item_digits
from tests.builders import PASSWORD, REISSUE, Office, an_office, prepare_office
from tests.support.web import Person, application


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[Office]:
    with an_office(database_copy(prepare_office)) as office:
        yield office


@pytest.fixture
def app(office: Office, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("tests.support.web.PASSWORD", PASSWORD)
    return application(office.engine)


def late_dossier(office: Office, *ways: Way, name: str = "Trần Thị Hoa") -> str:
    """A dossier whose apology waits on the channels of its applicant."""
    applicant = Applicant(name, "001099123456", "12 đường Trần Phú", "0912345678", "hoa@example.vn")
    code = office.receive(REISSUE, applicant=applicant, notify_by=ways)
    office.do(code, "forward_dossier")
    office.clock.advance(timedelta(days=4))
    office.sweep()
    office.engine.outbox.run(office.now)
    return code


def test_a_bag_is_made_listed_posted_and_what_comes_back_takes_the_next_channel(office: Office, app: Flask):
    code = late_dossier(office, Way.POST, Way.IN_PERSON, name="=HYPERLINK(1) Hoa")
    clerk = Person(app, "lan")
    assert "Lập chuyến thư hôm nay" in clerk.read("/messages?view=post")
    made = clerk.send("/messages/batches", {})
    assert made.status_code == 303
    bag = made.headers["Location"]
    assert clerk.send("/messages/batches", {}).status_code == 409, "nothing is left to post"
    rows = list(csv.reader(StringIO(clerk.client.get(f"{bag}.csv").text.removeprefix("\ufeff"))))
    ((delivery_id,),) = office.rows("SELECT id FROM deliveries WHERE channel = 'post'")
    assert rows[1][:3] == [item_digits(int(str(delivery_id))), "'=HYPERLINK(1) Hoa", "12 đường Trần Phú"]
    assert clerk.send(f"{bag}/posted", {f"number-{delivery_id}": "RV123456789VN"}).status_code == 303
    assert clerk.send(f"{bag}/posted", {}).status_code == 409, "a bag goes once"
    assert "RV123456789VN" in clerk.read(bag)
    (letter,) = office.letters(code, "apology")
    assert letter.state == "sent"
    assert "Bị trả lại" in clerk.send("/messages/scan", {"digits": item_digits(int(str(delivery_id)))}).text
    assert clerk.send("/messages/scan", {"digits": "900000000000"}).status_code == 404
    back = clerk.send(f"/messages/{delivery_id}/returned", {"reason": ""})
    assert back.status_code == 422
    assert "Hãy ghi lý do" in back.text
    assert clerk.send(f"/messages/{delivery_id}/returned", {"reason": "Người nhận đã chuyển đi"}).status_code == 303
    hand_over = clerk.read("/messages?view=hand_over")
    assert code.rpartition("-")[2] in hand_over
    ((other,),) = office.rows("SELECT id FROM deliveries WHERE channel = 'in_person'")
    assert clerk.send(f"/messages/{other}/handed-over", {"receiver": "Trần Văn Bình (chồng)"}).status_code == 303
    page = clerk.read(f"/work/{code}")
    assert "Trần Văn Bình (chồng)" in page
    assert "Bưu điện trả lại" in page, "acts of people stand in the history"
    assert office.letters(code, "apology")[0].state == "delivered"
    assert office.engine.audit.verify().ok


def test_a_bag_holds_what_its_list_can_print_with_a_bar_code_for_each_letter(
    office: Office, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.services.post.MOST_IN_A_BAG", 1)
    late_dossier(office, Way.POST, name="Nguyễn " + "Thị Rất Dài " * 12)
    late_dossier(office, Way.POST)
    office.clock.advance(timedelta(days=2))  # over the weekend that lies in between
    office.sweep()
    office.engine.outbox.run(office.now)
    clerk = Person(app, "lan")
    bag, other = (clerk.send("/messages/batches", {}).headers["Location"] for _each in range(2))
    assert bag != other, "what is left goes into the next"
    answer = clerk.client.get(f"{bag}.pdf")
    assert answer.status_code == 200
    (delivery_id,), *_others = office.rows("SELECT id FROM deliveries WHERE channel = 'post' ORDER BY id")
    with pypdfium2.PdfDocument(answer.data) as pdf:
        read = zxingcpp.read_barcodes(pdf[0].render(scale=3).to_pil())
    assert [code.text for code in read] == [item_digits(int(str(delivery_id)))]
    assert Person(app, "minh").client.get(f"{bag}.pdf").status_code == 403


def test_a_citizen_sees_what_was_sent_and_the_administrator_what_would_have_been(office: Office, app: Flask):
    code = late_dossier(office, Way.ZALO, Way.SMS)
    citizen = Person(app)
    found = citizen.send("/tra-cuu", {"code": code, "fact": "3456"}).text
    assert "Cơ quan đã báo cho bạn" in found
    assert "xin lỗi vì hồ sơ" in found
    assert "+84912345678" not in found
    drawer = Person(app, "admin").read("/admin/messages")
    assert "Không có gì rời khỏi máy này".lower() in drawer.lower()
    assert "+84912345678" in drawer
    assert Person(app, "lan").client.get("/admin/messages").status_code == 403


def test_a_desk_does_not_see_the_messages_of_another_and_a_refusal_keeps_what_was_typed(office: Office, app: Flask):
    late_dossier(office)
    ((call,),) = office.rows("SELECT id FROM deliveries WHERE channel = 'phone'")
    ((desk,),) = office.rows("SELECT id FROM units WHERE code = 'AP-TTPVHCC'")
    with office.engine.uow.write() as tx:
        tx.deliveries.change(int(str(call)), unit_id=desk)
    clerk = Person(app, "lan")
    assert "Trần Thị Hoa" not in clerk.read("/messages?view=call")
    assert clerk.send(f"/messages/{call}/called", {"reason": "đã gọi"}).status_code == 403
    supervisor = Person(app, "giam")
    refused = supervisor.send(f"/messages/{call}/handed-over", {"receiver": "Ai đó", "view": "call"})
    assert refused.status_code == 409
    assert 'value="Ai đó"' not in supervisor.read("/messages?view=call")
    assert supervisor.send(f"/messages/{call}/other", {"reason": "Xin gửi thư", "channel": "post"}).status_code == 303
    assert office.count("deliveries", "channel = 'post' AND state = 'waiting'") == 1


def test_the_counter_asks_how_people_want_to_be_told_and_whether_they_agree(office: Office, app: Flask):
    clerk = Person(app, "lan")
    typed = {
        "full_name": "Trần Thị Hoa", "phone": "0912345678", "unit": "BS-TTPVHCC", "channel": "in_person",
        "result_channel": "in_person", "notify_1": "zalo", "notify_2": "email", "idempotency_key": "k",
    }  # fmt: skip
    form = clerk.read(f"/counter/{REISSUE}")
    assert "Báo tin cho người nộp" in form
    case = next(iter(office.engine.library.of_procedure(REISSUE).procedure.cases)).id
    refused = clerk.send(f"/counter/{REISSUE}", typed | {"case": case})
    assert refused.status_code == 422
    assert "Chỉ gửi tin khi người nộp đồng ý" in refused.text
    assert "Kênh này cần địa chỉ thư điện tử" in refused.text
    agreed = typed | {"case": case, "email": "hoa@example.vn", "notify_consent": "1"}
    assert "Zalo, không được thì Thư điện tử" in clerk.send(f"/counter/{REISSUE}", agreed).text
    done = clerk.send(f"/counter/{REISSUE}/decide", agreed | {"decision": "receive"})
    assert done.status_code == 303
    ((details,),) = office.rows("SELECT details FROM dossiers")
    assert "zalo,email" in str(details)
    assert "notify_consent" in str(details)
