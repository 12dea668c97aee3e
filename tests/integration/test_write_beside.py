"""Working together on one file: notes inside a unit, opinions of another, links, reminders, who else is there."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.domain.beside import Beside
from engine.domain.errors import BadInput, NotFound, Refused
from engine.services.beside import LinkRefused, NoteClosed, NoteRefused
from engine.services.opinions import ChasedToday, OpinionClosed, OpinionRefused
from tests.builders import DEPARTMENT, LICENCE, REGISTRY, Office, a_dossier

HOSTILE = "<script>alert(1)</script> 'OR 1=1 -- @minh\u202e"


def beside(office: Office, code: str, by: str) -> Beside:
    return office.engine.beside.look(office.person(by), code, at=office.now)


def words(office: Office, by: str) -> list[str]:
    return [notice.text for notice in office.engine.worklist.notices(office.person(by), at=office.now)]


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_is_read_by_the_unit_and_by_nobody_else(office: Office):
    code = a_dossier(office)
    office.engine.beside.note(office.person("minh"), code, "Gọi lại cho người nộp", at=office.now)
    assert [note.text for note in beside(office, code, "thao").notes] == ["Gọi lại cho người nộp"]
    assert beside(office, code, "lan").notes == (), "the desk is another unit"
    assert beside(office, code, "giam").notes == (), "who supervises reads the record, not the talk"
    assert "Gọi lại" not in str(office.events(code)), "it is no part of the record"


def test_a_mention_reaches_a_colleague_and_never_somebody_of_another_unit(office: Office):
    code = a_dossier(office)
    note, minh = office.engine.beside.note, office.person("minh")
    note(minh, code, "@thao xem giúp số thửa, gửi a@thao.vn sau; @khongco thì thôi", at=office.now)
    assert words(office, "thao")[0].startswith("Bạn được nhắc đến trong ghi chú nội bộ của: Phạm Quang Minh")
    with pytest.raises(NoteRefused, match="không thuộc đơn vị"):
        note(minh, code, "@lan ơi", at=office.now)
    assert len(beside(office, code, "minh").notes) == 1, "a note that was refused is not kept"
    assert not [text for text in words(office, "lan") if "nhắc đến" in text]


def test_hostile_words_stay_words(office: Office):
    code = a_dossier(office)
    office.engine.beside.note(office.person("thao"), code, HOSTILE, at=office.now)
    (note,) = beside(office, code, "minh").notes
    assert note.text == HOSTILE
    assert any("nhắc đến" in text for text in words(office, "minh"))


def test_a_note_is_mended_for_ten_minutes_by_its_writer_and_its_removal_leaves_a_trace(office: Office):
    code, service = a_dossier(office), office.engine.beside
    minh, thao = office.person("minh"), office.person("thao")
    service.note(minh, code, "Sai chính tả", at=office.now)
    (note,) = beside(office, code, "minh").notes
    with pytest.raises(NotFound):
        service.edit_note(thao, code, note.id, "của người khác", at=office.now)
    service.edit_note(minh, code, note.id, "Đúng chính tả", at=office.now + timedelta(minutes=10))
    with pytest.raises(NoteClosed):
        service.edit_note(minh, code, note.id, "muộn", at=office.now + timedelta(minutes=11))
    service.remove_note(minh, code, note.id, at=office.now)
    (gone,) = beside(office, code, "thao").notes
    assert (gone.text, gone.removed_at, gone.author_name) == ("", office.now, "Phạm Quang Minh")


def test_a_note_of_one_file_cannot_be_reached_through_another(office: Office):
    one, other = a_dossier(office), a_dossier(office)
    minh = office.person("minh")
    office.engine.beside.note(minh, one, "Của hồ sơ thứ nhất", at=office.now)
    (note,) = beside(office, one, "minh").notes
    with pytest.raises(NotFound):
        office.engine.beside.remove_note(minh, other, note.id, at=office.now)


# --- opinions ---------------------------------------------------------------------------------------------------------


def test_another_unit_is_asked_answers_late_and_the_clock_goes_on(office: Office):
    code, opinions = a_dossier(office), office.engine.opinions
    minh, khue = office.person("minh"), office.person("khue")
    with pytest.raises(NotFound):
        office.engine.dossiers.view(khue, code, at=office.now)
    before = office.dossier(code)
    opinions.ask(minh, code, DEPARTMENT, "Thửa đất có trong quy hoạch không?", 2, at=office.now)
    after = office.dossier(code)
    assert (after.due_at, after.is_paused) == (before.due_at, False), "a question moves nobody's date"
    assert any("hỏi ý kiến" in text for text in words(office, "khue"))
    (asked,) = opinions.waiting(khue, at=office.now)[0]
    assert (asked.may_answer, asked.is_late, f"{asked.due_at:%d/%m}") == (True, False, "04/03")
    office.engine.dossiers.view(khue, code, at=office.now)  # who is asked sees the file
    with pytest.raises(Refused):
        opinions.answer(minh, code, asked.id, "agree", "Tự trả lời", at=office.now)
    office.clock.advance(timedelta(days=3))
    opinions.chase(minh, code, asked.id, at=office.now)
    with pytest.raises(ChasedToday):
        opinions.chase(minh, code, asked.id, at=office.now)
    opinions.answer(khue, code, asked.id, "condition", "Phù hợp, trừ 20 m² hành lang đường", at=office.now)
    (said,) = beside(office, code, "minh").opinions
    assert (said.is_late, said.verdict, said.chase_count) == (True, "Thống nhất, có điều kiện", 1)
    assert any("Có trả lời" in text for text in words(office, "minh"))
    with pytest.raises(OpinionClosed):
        opinions.answer(khue, code, asked.id, "agree", "Lần hai", at=office.now)
    told = [event.text for event in office.engine.dossiers.view(minh, code, at=office.now).events]
    assert any("trả lời ý kiến (muộn): Thống nhất, có điều kiện" in text for text in told)


def test_who_has_no_part_in_a_file_asks_nothing_and_hears_of_none(office: Office):
    code, opinions = a_dossier(office), office.engine.opinions
    with pytest.raises(NotFound):
        opinions.ask(office.person("khue"), code, REGISTRY, "Cho xem", 2, at=office.now)
    with pytest.raises(OpinionRefused, match="ghi chú nội bộ"):
        opinions.ask(office.person("minh"), code, REGISTRY, "Hỏi chính mình", 2, at=office.now)
    with pytest.raises(OpinionRefused):
        opinions.ask(office.person("minh"), code, DEPARTMENT, "Bao lâu?", 99, at=office.now)


# --- links, reminders, presence ---------------------------------------------------------------------------------------


def test_files_of_the_same_person_and_links_by_hand_stand_beside_as_far_as_one_may_see_them(office: Office):
    one, other, hidden = a_dossier(office), a_dossier(office), office.receive(LICENCE)
    service, minh = office.engine.beside, office.person("minh")
    with pytest.raises(LinkRefused, match="không tìm thấy"):
        service.link(minh, one, hidden, "Cùng dự án", at=office.now)
    with pytest.raises(LinkRefused, match="lý do"):
        service.link(minh, one, other, " ", at=office.now)
    service.link(minh, one, other, "Hợp thửa với nhau", at=office.now)
    with pytest.raises(LinkRefused, match="đã được gắn"):
        service.link(minh, other, one, "Lần nữa", at=office.now)
    for code, linked in ((one, other), (other, one)):
        (found,) = beside(office, code, "minh").related
        assert found.code == linked
        assert "Hợp thửa" in found.why
    (found,) = beside(office, one, "minh").related
    assert found.link_id is not None
    service.unlink(minh, one, found.link_id, at=office.now)
    assert beside(office, one, "minh").related == ()
    assert office.count("dossier_links", "removed_by = 'minh'") == 1


def test_a_reminder_comes_back_on_its_morning_to_nobody_else(office: Office):
    code, minh = a_dossier(office), office.person("minh")
    with pytest.raises(BadInput):
        office.engine.beside.follow_up(minh, code, date(2026, 3, 2), "", at=office.now)
    office.engine.beside.follow_up(minh, code, date(2026, 3, 5), "Hỏi lại thuế", at=office.now)
    assert not [text for text in words(office, "minh") if "xem lại" in text]
    office.clock.advance(timedelta(days=3))
    assert any("Bạn hẹn xem lại hồ sơ này hôm nay: Hỏi lại thuế" in text for text in words(office, "minh"))
    assert not [text for text in words(office, "thao") if "xem lại" in text]


def test_who_has_the_page_open_is_seen_until_they_are_not_heard_of(office: Office):
    code, here = a_dossier(office), office.engine.beside.here
    assert here(office.person("minh"), code, at=office.now) == ()
    (other,) = here(office.person("thao"), code, at=office.now + timedelta(seconds=30))
    assert (other.full_name, other.since_at) == ("Phạm Quang Minh", office.now)
    assert here(office.person("thao"), code, at=office.now + timedelta(seconds=90)) == ()
    with pytest.raises(NotFound):
        here(office.person("khue"), code, at=office.now)
    assert office.engine.beside.tidy(office.now + timedelta(days=2)) == 3, "two who left, one act nobody may undo"
