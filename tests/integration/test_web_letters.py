"""The table of letters, the life of one, the register and the templates, on their pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from engine.bootstrap import Engine
from tests.integration.test_web_apologies import first_draft, somebody
from tests.support.web import NOW, Person

TEMPLATE = {
    "unit": "BS-CNAP",
    "agency": "Chi nhánh An Phú",
    "signers": "GIÁM ĐỐC | Phạm Văn Ba | | 2026-01-01",
    "approval-apology": "leader",
    "approval-refusal": "leader",
    "closing-apology": "Liên hệ {phone}.",
    "reasons": "step | unit | Chậm ở bước “{step}”",
    "preview_form": "apology",
    "valid_from": "2026-11-20",
    "note": "Đổi giám đốc",
}


def test_many_letters_are_signed_after_reading_and_one_that_changed_is_left(app: Flask, engine: Engine):
    first_draft(engine)
    leader = Person(app, "thanh")
    page = leader.read("/approve/letters/many")
    ticked = re.findall(r'name="letter" value="(\d+)"', page)
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', page))
    assert ticked
    assert "Hẹn lại" in page
    spoilt = leader.send("/approve/letters/many", {"letter": ticked[0], f"seen-{ticked[0]}": "0" * 16})
    assert spoilt.status_code == 303
    assert "đã đổi sau khi bạn xem" in leader.read("/approve/letters/many")
    leader.send("/approve/letters/many", {"letter": ticked[0], **seen})
    assert "Đã ban hành 1 văn bản" in leader.read("/approve/letters")


def test_the_register_is_asked_searched_and_taken_away_as_a_table(app: Flask, engine: Engine):
    supervisor = Person(app, "giam")
    everything = supervisor.read("/oversight/letters")
    number = re.search(r'class="row-link" href="/letters/(\d+)">([^<]+)<', everything)
    assert number
    found = supervisor.send("/oversight/letters", {"q": number.group(2)})
    assert found.status_code == 200
    assert number.group(2) in found.text
    assert "Không có văn bản nào" in supervisor.send("/oversight/letters", {"q": "không có tên này"}).text
    assert "Không có văn bản nào" in supervisor.read("/oversight/letters?state=cancelled")
    table = supervisor.send("/oversight/letters.csv", {"form": "apology"}).text
    lines = table.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("Đơn vị,Văn bản,Năm,Số thứ tự")
    assert all("xin lỗi" in line for line in lines[1:])
    pages = supervisor.read("/oversight/letters/questions")
    for question in ("chưa có thư xin lỗi?", "chưa đến người nhận?", "trễ lần thứ hai?"):
        assert question in pages


def test_the_life_of_a_letter_stands_on_its_page_and_on_that_of_the_file(app: Flask, engine: Engine):
    clerk = Person(app, "lan")
    letters = engine.correspondence.register(somebody(engine, "lan")).letters
    line = next(line for line in letters if line.letter.form == "receipt")
    page = clerk.read(f"/letters/{line.letter.id}")
    assert "Ban hành, vào sổ" in page
    assert "Gửi đi" in page
    assert line.letter.sha256 in page
    assert "Hủy văn bản này" not in page, "it has gone out"
    assert "letter-moments" in clerk.read(f"/work/{line.dossier_code}")
    refused = clerk.send(f"/letters/{line.letter.id}/cancel", {"cancel_reason": "muộn", "replace": "1"})
    assert (refused.status_code, "đã gửi đi" in refused.text) == (409, True)
    copy = clerk.send(f"/letters/{line.letter.id}/reprint.pdf", {})
    assert copy.data.startswith(b"%PDF")
    assert "In lại" in clerk.read(f"/letters/{line.letter.id}")
    assert Person(app, "hoa").client.get(f"/letters/{line.letter.id}").status_code == 404


def test_a_template_is_looked_at_on_a_real_letter_and_published_with_a_day(app: Flask, engine: Engine):
    admin = Person(app, "admin")
    assert "Chi nhánh" in admin.read("/admin/letters?unit=BS-CNAP")
    preview = admin.send("/admin/letters/preview.pdf", TEMPLATE)
    assert preview.data.startswith(b"%PDF")
    faulty = admin.send("/admin/letters", {**TEMPLATE, "closing-apology": "{secret}"})
    assert (faulty.status_code, "Ô điền chỉ được là" in faulty.text, "{secret}" in faulty.text) == (422, True, True)
    past = admin.send("/admin/letters", {**TEMPLATE, "valid_from": (NOW - timedelta(days=1)).date().isoformat()})
    assert (past.status_code, "từ hôm nay" in past.text) == (422, True)
    assert admin.send("/admin/letters", TEMPLATE).status_code == 303
    page = admin.read("/admin/letters?unit=BS-CNAP")
    assert "Bản 1, từ 20/11/2026 · đang dùng" in page
    assert "GIÁM ĐỐC | Phạm Văn Ba |  | 2026-01-01" in page
    with engine.uow.read() as tx:
        assert tx.letter_templates.of(engine.units.by_code("BS-CNAP").id)[0].published_by == "admin"


@pytest.mark.parametrize("path", ["/admin/letters", "/approve/letters", "/oversight/letters"])
def test_an_officer_has_none_of_these_doors(app: Flask, path: str):
    assert Person(app, "minh").client.get(path).status_code == 403
