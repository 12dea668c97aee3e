"""The pages of the desk without scripts: a person looked up, a form kept, a guarded parcel, slips, the register."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from tests.integration.test_web_counter import TYPED
from tests.support.files import pdf
from tests.support.web import Person

FORM = "/counter/1.012783"
PARCEL = {"parcel-1-commune": "xã Tân Lập", "parcel-1-sheet": "12", "parcel-1-number": "45"}
CARD = "001188004321|123456789|Nguyễn Thị Hạnh|05061988|Nữ|Tổ 3, phường An Phú|01012024"
BLOCK = {
    "commune": "phường An Phú", "sheet": "7", "number": "8", "kind": "dispute", "effect": "refuse",
    "document": "TB 12/TB-TA", "from_on": "2026-01-01", "to_on": "", "reason": "Tòa án thụ lý",
}  # fmt: skip


@pytest.fixture
def clerk(app: Flask) -> Person:
    return Person(app, "lan")


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def received(clerk: Person, **typed: str) -> str:
    answer = clerk.send(FORM + "/decide", TYPED | {"idempotency_key": "", "decision": "receive"} | typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).partition("?")[0].rpartition("/")[2]


def test_a_person_who_was_here_is_filled_in_and_only_at_a_desk_that_knows_them(app: Flask, clerk: Person):
    code = received(clerk)
    page = clerk.send(FORM + "/person", {"identity_number": "079188004321", "phone": "0900 111 222"}).text
    assert 'name="full_name" value="Huỳnh Thị Bích Phượng"' in page
    assert 'name="phone" value="0900 111 222"' in page, "what was typed is never replaced"
    assert code in page
    stranger = Person(app, "hoa").send(FORM + "/person", {"identity_number": "079188004321"}).text
    assert "Bích Phượng" not in stranger
    assert code not in stranger
    assert "chưa nộp hồ sơ nào" in stranger


def test_a_scanned_card_fills_the_form_and_is_looked_at_before_it_is_used(clerk: Person):
    for path in (FORM, FORM + "/person"):
        page = clerk.send(path, TYPED | {"identity_number": CARD, "full_name": ""}).text
        assert "Đã đọc thẻ" in page
        for told in ("001188004321", "Nguyễn Thị Hạnh", "Tổ 3, phường An Phú"):
            assert f'value="{told}"' in page
        assert "123456789" not in page
    wrong = CARD.replace("05061988|Nữ", "05061977|Nam").replace("001188", "005188")
    page = clerk.send(FORM + "/person", {"identity_number": wrong}).text
    for doubt in ("005", "năm sinh 1977", "giới tính Nam"):
        assert doubt in page
    assert clerk.send(FORM, TYPED | {"identity_number": "0010|'; DROP|<b>"}).status_code == 200


def test_every_paper_is_there_by_one_button_and_a_looked_up_one_need_not_be_handed_in(clerk: Person):
    bare = {name: value for name, value in TYPED.items() if not name.endswith("-present")}
    page = clerk.send(FORM + "/complete", bare).text
    assert len(re.findall(r"data-required-item checked", page)) == page.count("data-required-item")
    looked_up = bare | {"item-certificate-obtained": "database", "item-certificate-note": "CSDL đất đai"}
    page = clerk.send(FORM, looked_up).text
    assert "Từ cơ sở dữ liệu · CSDL đất đai" in page
    assert "Giấy chứng nhận đã cấp (bản gốc)</textarea>" not in page


def test_a_submitter_shows_an_authorisation_and_the_result_by_post_an_address(clerk: Person):
    typed = TYPED | {"submitter_full_name": "Trần Văn Ba", "submitter_kind": "authorisation", "submitter_phone": "12"}
    answer = clerk.send(FORM, typed | {"submitter_on": "2027-01-01", "address": "", "payment": "gold"})
    assert answer.status_code == 422
    for field in ("submitter_authorisation", "submitter_on", "submitter_phone", "result_address", "payment"):
        assert f'href="#{field}"' in answer.text
    right = typed | {"submitter_authorisation": "12/UQ, VPCC An Phú", "submitter_on": "2026-11-01"}
    page = clerk.send(FORM, right | {"submitter_phone": "0911222333", "payment": "transfer"}).text
    assert "Giấy ủy quyền 12/UQ, VPCC An Phú, ngày 01/11/2026" in page
    assert "Chuyển khoản" in page


def test_a_parcel_with_an_open_file_needs_a_reason_and_goes_into_the_content(clerk: Person):
    first = received(clerk, content="", **PARCEL)
    again = TYPED | PARCEL | {"identity_number": "", "phone": "0911 222 333", "content": ""}
    again |= {"parcel-1-commune": "phường An Phú", "idempotency_key": "another"}
    page = clerk.send(FORM, again)
    assert page.status_code == 200
    assert f"hồ sơ {first}" in page.text
    assert "Thửa đất số 45, tờ bản đồ số 12, phường An Phú" in page.text
    seen = {"guard_seen": hidden(page.text, "guard_seen"), "decision": "receive"}
    unanswered = clerk.send(FORM + "/decide", again | seen)
    assert unanswered.status_code == 409
    assert 'href="#guard_reason"' in unanswered.text
    answer = clerk.send(FORM + "/decide", again | seen | {"guard_reason": "Hai việc của một thửa"})
    assert answer.status_code == 303
    code = str(answer.headers["Location"]).partition("?")[0].rpartition("/")[2]
    assert "Hai việc của một thửa" in clerk.read(f"/work/{code}")


def test_half_a_parcel_and_a_hostile_one_are_told_field_by_field(clerk: Person):
    answer = clerk.send(FORM, TYPED | {"parcel-1-commune": "", "parcel-1-sheet": "<script>", "parcel-2-number": "5"})
    assert answer.status_code == 422
    for field in ("parcel-1-commune", "parcel-1-sheet", "parcel-1-number", "parcel-2-sheet"):
        assert f'href="#{field}"' in answer.text
    assert "<script>" not in answer.text


def test_the_register_bars_a_parcel_for_the_desk_until_it_is_lifted(app: Flask, clerk: Person):
    officer = Person(app, "minh")
    assert officer.send("/parcels", BLOCK | {"from_on": "x", "kind": "?"}).status_code == 422
    assert officer.send("/parcels", BLOCK).status_code == 303
    assert clerk.send("/parcels", BLOCK).status_code == 403
    assert "TB 12/TB-TA" in clerk.read("/parcels?commune=phường+An+Phú&sheet=07&number=8")
    assert "Không có mục ngăn chặn nào" in clerk.read("/parcels?commune=phường+An+Phú&sheet=7&number=9")
    typed = TYPED | {"parcel-1-commune": "P. An Phú", "parcel-1-sheet": "7", "parcel-1-number": "8"}
    page = clerk.send(FORM, typed).text
    assert "nếu không có văn bản của lãnh đạo" in page
    seen = {"guard_seen": hidden(page, "guard_seen"), "decision": "receive", "guard_reason": "Có lệnh"}
    assert clerk.send(FORM + "/decide", typed | seen).status_code == 409
    assert clerk.send(FORM + "/decide", typed | seen | {"guard_document": "45/UBND"}).status_code == 303
    lift = re.search(r'action="(/parcels/\d+/lift)"', officer.read("/parcels"))
    assert lift
    assert officer.send(lift.group(1), {"document": " "}).status_code == 422
    assert officer.send(lift.group(1), {"document": "QĐ 9"}).status_code == 303
    assert "Chấm dứt" in officer.read("/parcels?all=1")


def test_a_form_that_is_kept_is_opened_again_and_not_overwritten_by_another_page(app: Flask, clerk: Person):
    asked = {"Accept": "application/json"}
    kept = clerk.client.post(
        FORM + "/draft", data={"full_name": "Lê Văn Tám", "csrf_token": clerk.token()}, headers=asked
    ).get_json()
    assert "Lê Văn Tám" in clerk.read("/counter")
    path = f"/counter/drafts/{kept['draft']}"
    assert 'name="full_name" value="Lê Văn Tám"' in clerk.read(path)
    assert Person(app, "tuan").client.get(path).status_code == 404
    draft = {"draft": kept["draft"], "draft_version": str(kept["version"])}
    assert clerk.send(FORM + "/draft", draft | {"full_name": "Thẻ thứ nhất"}).status_code == 303
    second = clerk.send(FORM + "/draft", draft | {"full_name": "Thẻ thứ hai"})
    assert second.status_code == 409
    assert 'name="full_name" value="Thẻ thứ hai"' in second.text
    told = clerk.send(FORM + "/draft", draft, headers=asked)
    assert (told.status_code, told.get_json()["changed"]) == (409, True)
    assert "Thẻ thứ nhất" in clerk.read(path)
    assert clerk.send(FORM + "/draft", draft | {"full_name": "Thẻ thứ hai", "overwrite": "1"}).status_code == 303
    assert "Thẻ thứ hai" in clerk.read(path)
    received(clerk, draft=kept["draft"])
    assert clerk.client.get(path).status_code == 404
    begun = clerk.send(FORM + "/draft", {"full_name": "Bỏ đi"})
    assert clerk.send(str(begun.headers["Location"]) + "/discard", {}).status_code == 303
    assert "Bỏ đi" not in clerk.read("/counter")


def test_slips_are_printed_listed_keyed_in_and_voided(app: Flask, clerk: Person):
    assert clerk.send("/counter/slips", {"unit": "BS-TTPVHCC", "how_many": "9999"}).status_code == 422
    printed = clerk.send("/counter/slips", {"unit": "BS-TTPVHCC", "how_many": "3"})
    paper = clerk.client.get(str(printed.headers["Location"]))
    assert paper.data.startswith(b"%PDF-")
    assert Person(app, "hoa").client.get(str(printed.headers["Location"])).status_code == 403
    late = {"slip_number": "2", "received_at": "2026-11-20T09:30"}
    assert 'href="#slip_number"' in clerk.send(FORM, TYPED | {"slip_number": "77"}).text
    code = received(clerk, **late)
    assert "PT-BS-TTPVHCC-000002" in clerk.read(f"/work/{code}")
    assert 'href="#slip_number"' in clerk.send(FORM, TYPED | late).text
    assert clerk.send("/counter/slips/void", {"unit": "BS-TTPVHCC", "number": "1", "reason": ""}).status_code == 422
    assert clerk.send("/counter/slips/void", {"unit": "BS-TTPVHCC", "number": "1", "reason": "Hỏng"}).status_code == 303
    page = clerk.read("/counter/slips")
    assert ("Hủy: Hỏng" in page, code in page, "PT-BS-TTPVHCC-000003" in page) == (True, True, True)


def test_the_paper_of_the_printer_is_remembered_on_the_machine(clerk: Person):
    code = received(clerk)
    assert clerk.send(f"/counter/done/{code}/paper", {"paper": "roll", "opens": "1"}).status_code == 303
    page = clerk.read(f"/counter/done/{code}?new=1")
    assert re.search(r'href="[^"]*receipt-80mm.pdf"[^>]*data-open-now', page)
    assert "data-open-now" not in clerk.read(f"/counter/done/{code}"), "once, not each time the page is opened"


def test_a_fee_is_taken_and_papers_are_scanned_without_leaving_the_receipt(app: Flask, clerk: Person):
    typed = {"fee_method": "counter", "fee_amount": "25.000"}
    page = clerk.send(FORM + "/decide", TYPED | {"idempotency_key": "", "decision": "receive"} | typed)
    assert page.status_code == 422
    assert 'value="25.000"' in page.text, "what was typed is not lost"
    code = received(clerk, **typed, fee_receipt="BL 0042")
    done, here = clerk.read(f"/counter/done/{code}"), f"/counter/done/{code}#files"
    assert f'name="next" value="{here}"' in done
    sent = [(io.BytesIO(content), name) for name, content in (("Đơn.pdf", pdf()), ("xấu.pdf", b"MZ"))]
    fields = {"csrf_token": clerk.token(), "item_id": "application", "files": sent, "next": here}
    answer = clerk.client.post(f"/work/{code}/attachments", data=fields, content_type="multipart/form-data")
    assert (answer.status_code, answer.headers["Location"]) == (303, here)
    done = clerk.read(f"/counter/done/{code}")
    for told in ("Đã nhận 1 tệp.", "Không nhận tệp “xấu.pdf”", "Đơn.pdf"):
        assert told in done

    file = clerk.read(f"/work/{code}")
    (entry,) = re.findall(rf'action="/work/{re.escape(code)}/fees/(\d+)/counter"', file)
    refused = clerk.send(
        f"/work/{code}/fees", {"fee_amount": "một trăm", "fee_method": "transfer", "fee_receipt": "FT"}
    )
    assert refused.status_code == 422
    for kept in ('value="một trăm"', "Hãy nhập số tiền"):
        assert kept in refused.text
    answer = clerk.send(f"/work/{code}/fees/{entry}/counter", {f"counter_reason_{entry}": "Ghi nhầm hồ sơ"})
    assert answer.status_code == 303
    book = clerk.read("/registers/fees")
    for told in ("BL 0042", "25.000 đồng", "-25.000 đồng", "Ghi nhầm hồ sơ", "Cộng trong ngày: 0 đồng"):
        assert told in book
    assert Person(app, "hoa").client.get("/registers/fees?unit=BS-TTPVHCC").status_code == 403
    assert Person(app, "minh").send(f"/work/{code}/fees", {}).status_code == 403
