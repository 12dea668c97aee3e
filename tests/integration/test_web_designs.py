"""The designer's pages as somebody without scripts sees them: from a drawing to a published procedure."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from tests.support.designs import DRAWN, FACTS, STEM, WORK
from tests.support.hostile import zip_bomb
from tests.support.web import Person

_VERSION = re.compile(r'name="draft_version" value="(\d+)"')
STORY = """
procedure: "1.900001"
process: confirm_land_origin
stories:
  - name: Rút hồ sơ ngay
    received: "2026-11-20T09:00"
    steps:
      - {do: check_dossier, answers: {intake: accepted}}
      - {event: withdrawal, at: "2026-11-20T10:00", reason: Đổi ý}
    expect:
      status: DISCONTINUED
      result: withdrawn
      outcome: early
      due: ["2026-11-26T17:00"]
      letters: [receipt, discontinuation]
      end: withdrawal_end
"""


def unquoted(page: str) -> str:
    """The words of a page without its marks, with plain spaces."""
    return re.sub(r"<[^>]+>", "", page).replace("\u00a0", " ").replace("\u202f", " ")


class Designer(Person):
    """The administrator at work on draft number 1."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, "admin")

    def upload(self, name: str, content: bytes, path: str = "/admin/designs", **fields: str):
        files = {"files": (io.BytesIO(content), name)}
        return self.client.post(path, data={**fields, **files, "csrf_token": self.token()})

    def part(self, part: str) -> str:
        return self.read(f"/admin/designs/1/{part}")

    def act(self, path: str, **fields: str):
        found = _VERSION.search(self.part("check"))
        version = found.group(1) if found else "0"
        return self.send(f"/admin/designs/1/{path}", {"draft_version": version, **fields})

    def finish(self) -> None:
        assert self.upload("drawn.bpmn", DRAWN.read_bytes()).status_code == 303
        for path, fields in (("standard", {}), ("facts", FACTS), ("work", WORK)):
            assert self.act(path, **fields).status_code == 303


@pytest.fixture
def designer(app: Flask) -> Designer:
    return Designer(app)


def test_the_report_names_every_fault_and_leads_to_its_place_in_the_drawing(designer: Designer):
    assert designer.upload("drawn.bpmn", DRAWN.read_bytes()).status_code == 303
    page = designer.part("check")
    for told in ("lane_without_role", "task_without_limit", "facts_missing", "5 chỗ đã chuyển đổi", "chưa vẽ"):
        assert told in page
    assert 'href="/admin/designs/1/check?mark=Lane_desk#picture"' in page
    assert 'data-marked="Lane_desk"' in designer.read("/admin/designs/1/check?mark=Lane_desk")
    assert 'id="Activity_check"' in designer.read("/admin/designs/1/diagram.bpmn")


def test_a_drawing_is_completed_tried_out_and_published_by_hand(designer: Designer):
    designer.finish()
    page = designer.part("check")
    assert "Đạt" in page
    assert "3,5" in designer.part("work")
    assert "mọi thứ đều mới" in designer.part("compare")
    begun = designer.act("trial", received="2026-11-20T09:00", case="standard", channel="in_person")
    assert begun.status_code == 303, begun.text
    checked = {"kind": "do", "step": "check_dossier", "at": "2026-11-20T09:30", "answer-intake": "accepted"}
    assert designer.act("trial/act", **checked).status_code == 303
    page = designer.part("trial")
    assert "17:00 ngày 26/11/2026" in unquoted(page), "four working days after the receipt"
    assert "Giấy tiếp nhận hồ sơ và hẹn trả kết quả" in page
    refused = designer.act("trial/act", kind="do", step="Activity_check", at="2026-11-21T09:00")
    assert refused.status_code == 422
    assert "Kết quả thẩm định" in refused.text
    assert designer.act("trial/act", kind="sweep", at="2026-11-27T09:00").status_code == 303
    assert "Văn bản xin lỗi" in designer.part("trial")
    assert designer.act("trial/back").status_code == 303
    assert "Văn bản xin lỗi" not in designer.part("trial")
    assert designer.act("publish").status_code == 303
    assert "1.900001" in designer.read("/admin/versions")
    assert "Chuyển hồ sơ đang giải quyết" in designer.part("publish")
    assert "Không có hồ sơ nào" in designer.read("/admin/versions/move?code=1.900001&to=1")


def test_stories_are_told_with_what_they_never_enter(designer: Designer):
    designer.finish()
    assert "chưa có câu chuyện" in designer.part("stories")
    fields = {"draft_version": "4"}
    assert designer.upload(f"{STEM}.yaml", STORY.encode(), "/admin/designs/1/files", **fields).status_code == 303
    told = designer.act("stories")
    assert told.status_code == 303, told.text
    page = designer.part("stories")
    assert "1 câu chuyện" in page
    assert "đều đúng như kể" in page
    assert "Activity_sign" in page


def test_what_cannot_be_taken_is_told_on_the_page_and_nothing_is_kept(designer: Designer):
    for name, content in (
        ("x.zip", zip_bomb()),
        ("x.bpmn", DRAWN.read_bytes().replace(b"<definitions", b"<!DOCTYPE x [<!ENTITY a 'b'>]><definitions", 1)),
        ("x.bpmn", DRAWN.read_bytes().replace(b'name="Xong"', b'name="Xong" x="__import__(1)"')),
        ("", b""),
    ):
        answer = designer.upload(name, content)
        assert answer.status_code == 422, name
        assert "Không nhận được tệp" in answer.text
    huge = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": "50000000"}
    assert designer.client.post("/admin/designs", environ_overrides=huge).status_code == 413
    assert "Chưa có bản nháp nào" in designer.read("/admin/designs")


def test_nobody_else_gets_in_and_no_form_works_without_its_token(app: Flask, designer: Designer):
    for username in ("lan", "giam"):
        assert Person(app, username).client.get("/admin/designs").status_code == 403
    assert designer.client.post("/admin/designs", data={}).status_code == 400
