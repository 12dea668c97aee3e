"""Apologies at the leader's desk, and what a machine's warning costs a person who is typing: nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from engine.bootstrap import Engine
from engine.clock import SetClock
from engine.domain.people import Actor
from engine.services.apologies import Words
from tests.support.web import NOW, Person


def somebody(engine: Engine, username: str) -> Actor:
    with engine.uow.read() as tx:
        person = tx.people.by_username(username)
        assert person is not None
        return tx.people.actor(person.id, person.username, person.full_name)


def first_draft(engine: Engine) -> str:
    """A file for which an officer asks for more time; its code."""
    officer = somebody(engine, "minh")
    work = engine.worklist.page(officer, view="unit", page_size=100, at=NOW)
    for item in work.items:
        offer = engine.apologies.offer(officer, item.dossier.code, at=NOW)
        if offer and not offer.refusal and not offer.waiting:
            words = Words("Chờ cơ quan thuế", offer.new_due_at.date())
            engine.apologies.ask(officer, item.dossier.code, words, at=NOW)
            return item.dossier.code
    pytest.fail("nobody in the demonstration could ask for more time")


def forms_of(page: str) -> dict[str, str]:
    """The fields of the form that completes a step, as they stand on a page."""
    form = re.search(r'<form class="act" action="([^"]*complete)".*?</form>', page, re.DOTALL)
    assert form
    version = re.search(r'name="version" value="(\d+)"', form.group())
    assert version
    return {"action": form.group(1), "version": version.group(1)}


def test_a_leader_reads_changes_and_signs_a_draft(app: Flask, engine: Engine):
    code, leader = first_draft(engine), Person(app, "thanh")
    page = leader.read("/approve/letters")
    assert code in page
    assert "Số: (cấp khi ban hành)" in page
    path = f"/approve/apologies/{code}"
    chosen = leader.send(path, {"reason": "x", "new_due_on": "2026-12-25", "use": "workload"})
    assert chosen.status_code == 200
    assert "Số lượng hồ sơ phát sinh trong kỳ tăng cao" in chosen.text
    assert "17:00 ngày 25/12/2026" in chosen.text
    refused = leader.send(f"{path}/sign", {"reason": "Chờ trích lục bản đồ", "new_due_on": "2026-12-26"})
    assert refused.status_code == 422
    assert "không phải ngày làm việc" in refused.text
    assert "Chờ trích lục bản đồ" in refused.text, "what was typed is still there"
    signed = leader.send(f"{path}/sign", {"reason": "Chờ trích lục bản đồ", "new_due_on": "2026-12-25"})
    assert (signed.status_code, signed.location) == (303, "/approve/letters")
    assert "Đã ban hành văn bản xin lỗi số" in leader.read("/approve/letters")
    again = leader.send(f"{path}/sign", {"reason": "Chờ trích lục bản đồ", "new_due_on": "2026-12-25"})
    assert again.status_code == 303
    assert "đã được ban hành" in leader.read("/approve/letters")
    assert "đã được ban hành" in leader.read(path)


def test_a_draft_is_put_back_with_a_word(app: Flask, engine: Engine):
    code, leader = first_draft(engine), Person(app, "thanh")
    assert leader.send(f"/approve/apologies/{code}/put-back", {"note": "Chiều nay xong"}).status_code == 303
    assert "Đã trả lại dự thảo" in leader.read("/approve/letters")
    assert "Chiều nay xong" in leader.read(f"/work/{code}")


@pytest.mark.parametrize("who", ["minh", "lan", "giam"])
def test_nobody_else_has_that_door(app: Flask, engine: Engine, who: str):
    code, person = first_draft(engine), Person(app, who)
    assert person.client.get("/approve/letters").status_code == 403
    assert (
        person.send(f"/approve/apologies/{code}/sign", {"reason": "x", "new_due_on": "2026-12-25"}).status_code == 403
    )


def test_an_officer_asks_for_more_time_on_the_page_of_the_file(app: Flask, engine: Engine):
    officer = Person(app, "minh")
    codes = re.findall(r'class="row-link" href="/work/([^"]+)"', officer.read("/work?view=unit"))
    pages = {code: officer.read(f"/work/{code}") for code in codes}
    code = next(code for code, page in pages.items() if f'action="/work/{code}/extension"' in page)
    refused = officer.send(f"/work/{code}/extension", {"reason": "Chờ thẩm tra thực địa", "new_due_on": "2026-11-21"})
    assert refused.status_code == 422
    assert "Chờ thẩm tra thực địa" in refused.text
    asked = officer.send(f"/work/{code}/extension", {"reason": "Chờ thẩm tra thực địa", "new_due_on": "2026-12-25"})
    assert asked.status_code == 303
    page = officer.read(f"/work/{code}")
    assert "Thư xin lỗi chờ ký" in page
    assert "Chờ thẩm tra thực địa" in page
    assert "Chờ thẩm tra thực địa" in Person(app, "thanh").read(f"/approve/apologies/{code}")


def test_a_warning_of_the_machine_does_not_undo_what_a_person_types(app: Flask, engine: Engine):
    """The page was opened, then the sweep came and raised the version; the act goes through all the same."""
    officer = Person(app, "minh")
    codes = re.findall(r'class="row-link" href="/work/([^"]+)"', officer.read("/work?view=unit"))
    pages = {code: officer.read(f"/work/{code}") for code in codes}
    code = next(code for code, page in pages.items() if "answer-appraisal" in page and "Quá hạn" not in page)
    opened = forms_of(pages[code])
    with engine.uow.read() as tx:
        before = tx.dossiers.find(code)
    assert isinstance(engine.clock, SetClock)
    engine.clock.move_to(NOW + timedelta(days=30))
    engine.overdue.sweep(engine.clock.now())
    with engine.uow.read() as tx:
        swept = tx.dossiers.find(code)
    assert (swept.version > before.version, swept.act_version) == (True, before.act_version)
    assert swept.overdue_count == 1, "the machine even wrote an apology meanwhile"
    officer = Person(app, "minh")  # a month later the session is over
    answer = officer.send(
        opened["action"],
        {
            "version": opened["version"],
            "answer-appraisal": "qualified",
            "answer-financial_obligation": "none",
            "remark": "Gõ rất lâu",
        },
    )
    assert answer.status_code == 303, answer.text[:2000]
    page = Person(app, "thanh").read(f"/work/{code}")
    assert "Gõ rất lâu" in page


def test_what_another_person_did_is_still_a_conflict_and_nothing_typed_is_lost(app: Flask, engine: Engine):
    officer = Person(app, "minh")
    codes = re.findall(r'class="row-link" href="/work/([^"]+)"', officer.read("/work?view=unassigned"))
    pages = {code: officer.read(f"/work/{code}") for code in codes}
    code = next(code for code, page in pages.items() if "answer-appraisal" in page)
    opened = forms_of(pages[code])
    claim = opened["action"].replace("complete", "claim")
    assert Person(app, "thao").send(claim, {}).status_code == 303
    answer = officer.send(
        opened["action"], {"version": opened["version"], "answer-appraisal": "qualified", "remark": "Không được mất"}
    )
    assert answer.status_code == 409
    assert "người khác" in answer.text
    assert "Không được mất" in answer.text
