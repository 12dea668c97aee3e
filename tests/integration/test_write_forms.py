"""The forms beside the five for applicants: ordered by diagrams or by people, printed from what was written anyway."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.domain.answers import FormRefused
from engine.domain.errors import NotAllowedNow, NotFound, Refused
from engine.domain.status import DossierStatus
from engine.domain.views import LetterPdf
from engine.services.aftercare import Correction
from engine.services.prints import TooLongToPrint
from engine.tables.comma import TableTooLong
from letters import ErrorApology, FeedbackAnswer, ResultCover, RoutingSlip, from_json
from tests.builders import DESK, MONDAY, REGISTRY, REISSUE, Office, a_dossier, an_office, local, prepare_office

FEEDBACK = "0.000002"
WORDS = Correction("Ghi sai diện tích", "Đã cấp lại Giấy chứng nhận", "Giấy chứng nhận số CS 12 ngày 06/3/2026")


def printed(paper: LetterPdf) -> str:
    assert paper.content is not None
    return paper.content.decode().removeprefix("%PDF-pretended ")


def slip_of(office: Office, code: str) -> RoutingSlip:
    paper = office.engine.prints.routing_slip(office.person("lan"), code, at=MONDAY)
    slip = from_json("routing_slip", printed(paper))
    assert isinstance(slip, RoutingSlip)
    return slip


# --- routing slip ---


def test_the_routing_slip_tells_each_hand_over_with_names_and_whether_the_step_was_in_time(office: Office):
    code = a_dossier(office, at=DossierStatus.DELIVERED)
    slip = slip_of(office, code)
    assert slip.number == ""
    first, *_, last = slip.hand_overs
    dossier = office.dossier(code)
    assert (first.giver, first.receiver_unit) == (dossier.applicant.full_name, office.engine.units.by_code(DESK).name)
    assert last.receiver == dossier.applicant.full_name
    assert [line.giver for line in slip.hand_overs[1:]] == [
        office.rows(
            "SELECT p.full_name FROM tasks t JOIN people p ON p.username = t.closed_by WHERE t.id = :id", id=id_
        )[0][0]
        for (id_,) in office.rows("SELECT id FROM tasks WHERE closed_at IS NOT NULL ORDER BY id")
    ]
    assert {line.result for line in slip.hand_overs} <= {"", "Trước hạn", "Đúng hạn"}
    assert "Trước hạn" in {line.result for line in slip.hand_overs}
    assert office.letters(code, "routing_slip") == []


def test_a_step_that_was_late_is_late_on_the_slip(office: Office):
    code = a_dossier(office)
    office.clock.at = MONDAY + timedelta(days=21)
    office.do(code)
    slip = slip_of(office, code)
    assert slip.hand_overs[-1].result == "Quá hạn"


def test_a_desk_that_wants_it_sends_a_numbered_slip_along_and_the_citizen_is_not_shown_it(database_copy):
    with an_office(database_copy(prepare_office)) as office:
        settings = office.engine.settings
        letters = settings.letters.model_copy(update={"routing_slip_at_hand_over": (DESK,)})
    with an_office(database_copy(prepare_office), letters=letters) as office:
        code = a_dossier(office)
        (record,) = office.letters(code, "routing_slip")
        assert record.number_text.startswith("01/PKS-")
        slip = from_json("routing_slip", record.data)
        assert isinstance(slip, RoutingSlip)
        assert slip.hand_overs[-1].receiver_unit == office.engine.units.by_code(REGISTRY).name
        shown = office.engine.lookup.by_receipt(office.dossier(code).receipt_token, at=MONDAY).letters
        assert [letter.title for letter in shown] == ["Giấy tiếp nhận hồ sơ và hẹn trả kết quả"]


def test_who_has_nothing_to_do_with_a_dossier_gets_no_slip_of_it(office: Office):
    code = office.receive()
    with pytest.raises(NotFound):
        office.engine.prints.routing_slip(office.person("hoa"), code, at=MONDAY)
    with pytest.raises(NotFound):
        office.engine.prints.roll_receipt(office.person("hoa"), code)


# --- receipts ---


def test_the_roll_prints_the_facts_of_the_issued_receipt(office: Office):
    code = office.receive()
    (receipt,) = office.letters(code, "receipt")
    text = printed(office.engine.prints.roll_receipt(office.person("lan"), code))
    assert receipt.number_text in text
    assert '"form":"roll_receipt"' in text
    refused = a_dossier_refused(office)
    with pytest.raises(NotFound, match="giấy tiếp nhận"):
        office.engine.prints.roll_receipt(office.person("lan"), refused)


def a_dossier_refused(office: Office) -> str:
    submission = office.submission(REISSUE)
    return office.engine.intake.refuse(office.person("lan"), submission, reason="Không đúng nơi nộp", at=MONDAY).code


# --- after the result ---


def test_the_leader_of_the_deciding_unit_apologises_for_an_error_and_the_dossier_counts_as_corrected(office: Office):
    code = a_dossier(office, at=DossierStatus.DELIVERED)
    leader = office.person("thanh")
    number = office.engine.aftercare.apologise_for_error(leader, code, WORDS, at=MONDAY)
    (record,) = office.letters(code, "error_apology")
    letter = from_json("error_apology", record.data)
    assert isinstance(letter, ErrorApology)
    assert (record.number_text, letter.error, letter.corrected_result) == (number, WORDS.error, WORDS.corrected_result)
    assert office.events(code, "result_corrected")[0]["error"] == WORDS.error
    assert office.rows("SELECT is_corrected FROM outcomes")[0][0]
    assert office.dossier(code).status is DossierStatus.DELIVERED
    office.engine.aftercare.apologise_for_error(leader, code, WORDS, at=MONDAY)
    assert len(office.letters(code, "error_apology")) == office.dossier(code).correction_count == 2


@pytest.mark.parametrize("username", ["lan", "minh", "giam", "hoa"])
def test_nobody_else_apologises_for_an_error(office: Office, username: str):
    code = a_dossier(office, at=DossierStatus.DELIVERED)
    with pytest.raises(Refused):
        office.engine.aftercare.apologise_for_error(office.person(username), code, WORDS, at=MONDAY)
    assert office.letters(code, "error_apology") == []
    assert office.dossier(code).correction_count == 0


def test_an_apology_for_an_error_wants_words_and_a_result(office: Office):
    code, leader = office.receive(), office.person("thanh")
    with pytest.raises(NotAllowedNow, match="chưa có kết quả"):
        office.engine.aftercare.apologise_for_error(leader, code, WORDS, at=MONDAY)
    with pytest.raises(FormRefused) as refusal:
        office.engine.aftercare.apologise_for_error(leader, code, Correction(" ", ""), at=MONDAY)
    assert set(refusal.value.fields) == {"error", "correction"}


def test_the_cover_of_a_result_is_written_once_until_the_result_is_corrected(office: Office):
    code = a_dossier(office, at=DossierStatus.RESOLVED)
    aftercare, clerk = office.engine.aftercare, office.person("lan")
    number = aftercare.cover_result(clerk, code, "Giấy chứng nhận\n\n Trích lục ", "Bản vẽ", at=MONDAY)
    assert aftercare.cover_result(clerk, code, "", at=MONDAY) == number
    (record,) = office.letters(code, "result_cover")
    cover = from_json("result_cover", record.data)
    assert isinstance(cover, ResultCover)
    assert [item.name for item in cover.results] == ["Giấy chứng nhận", "Trích lục"]
    assert [item.name for item in cover.returned_items] == ["Bản vẽ"]
    aftercare.apologise_for_error(office.person("thanh"), code, WORDS, at=MONDAY)
    assert aftercare.cover_result(clerk, code, "Giấy chứng nhận mới", at=MONDAY) != number
    with pytest.raises(FormRefused):
        aftercare.cover_result(clerk, code, "giấy\n" * 21, at=MONDAY)
    with pytest.raises(Refused):
        aftercare.cover_result(office.person("hoa"), code, "", at=MONDAY)


def test_without_words_the_cover_names_the_result_that_the_procedure_promises(office: Office):
    code = a_dossier(office, at=DossierStatus.RESOLVED)
    office.engine.aftercare.cover_result(office.person("lan"), code, "", at=MONDAY)
    (record,) = office.letters(code, "result_cover")
    promised = office.engine.library.of_procedure(REISSUE).procedure.result
    cover = from_json("result_cover", record.data)
    assert isinstance(cover, ResultCover)
    assert [item.name for item in cover.results] == [promised[:250]]


def test_feedback_is_answered_by_a_numbered_letter_with_the_words_that_were_approved(office: Office):
    code = office.receive(FEEDBACK, content="Trả kết quả chậm, không xin lỗi")
    office.do(code, feedback_kind="delay", competence="department")
    office.do(code, verification="right", answer="Sở xin nhận lỗi\nvà đã trả kết quả")
    assert office.letters(code, "feedback_answer") == []
    office.do(code, decision="approve")
    (record,) = office.letters(code, "feedback_answer")
    answer = from_json("feedback_answer", record.data)
    assert isinstance(answer, FeedbackAnswer)
    assert (answer.feedback, answer.finding) == ("Trả kết quả chậm, không xin lỗi", "Phản ánh đúng")
    assert answer.answer == "Sở xin nhận lỗi\nvà đã trả kết quả"


# --- registers ---


def test_the_register_of_a_desk_holds_what_it_received_in_the_period_in_that_order(office: Office):
    codes = [office.receive(at=MONDAY + timedelta(hours=hour)) for hour in (2, 0, 1)]
    office.receive(at=local("2026-02-27 09:00"))
    day = MONDAY.date()
    book = office.engine.prints.book(office.person("lan"), DESK, day, day)
    assert [line.code for line in book.lines] == [codes[1], codes[2], codes[0]]
    assert book.total == 3
    page = office.engine.prints.book(office.person("lan"), DESK, day, day, page=2, page_size=2)
    assert [line.code for line in page.lines] == [codes[0]]
    assert book.lines[0].received_on == "02/03/2026"
    assert book.lines[0].note == "Được tiếp nhận"


def test_a_unit_that_decides_has_its_own_register(office: Office):
    code = office.receive()
    day = MONDAY.date()
    assert [line.code for line in office.engine.prints.book(office.person("thanh"), REGISTRY, day, day).lines] == [code]


def test_nobody_turns_over_the_register_of_another_unit(office: Office):
    prints, day = office.engine.prints, MONDAY.date()
    for username, unit in (("lan", REGISTRY), ("hoa", DESK), ("minh", DESK), ("admin", DESK)):
        person = office.person(username)
        for ask in (
            lambda: prints.book(person, unit, day, day),  # noqa: B023 - called at once
            lambda: prints.book_pdf(person, unit, day, day, at=MONDAY),  # noqa: B023
            lambda: prints.book_csv(person, unit, day, day),  # noqa: B023
            lambda: prints.hand_overs(person, unit, day),  # noqa: B023
            lambda: prints.hand_overs_pdf(person, unit, day),  # noqa: B023
        ):
            with pytest.raises(Refused):
                ask()


def test_the_register_as_csv_opens_in_a_spreadsheet_and_starts_no_formula(office: Office):
    office.receive(applicant=replaced_name(office, '=HYPERLINK("http://x")'))
    day = MONDAY.date()
    content = office.engine.prints.book_csv(office.person("lan"), DESK, day, day).content
    assert content is not None
    text = content.decode()
    assert text.startswith("\ufeffTT,Mã hồ sơ,Tên thủ tục hành chính")
    assert '"\'=HYPERLINK(""http://x"")"' in text


def replaced_name(office: Office, name: str):
    from dataclasses import replace  # noqa: PLC0415

    return replace(office.submission().applicant, full_name=name)


def test_a_register_of_before_july_2025_is_printed_as_form_06_of_2018(office: Office):
    office.receive()
    day = MONDAY.date()
    now = printed(office.engine.prints.book_pdf(office.person("lan"), DESK, day, day, at=MONDAY))
    assert '"regime":"2025"' in now
    then = printed(
        office.engine.prints.book_pdf(
            office.person("lan"), DESK, day.replace(year=2024), day.replace(year=2025), at=MONDAY
        )
    )
    assert '"regime":"2018"' in then


def test_a_register_that_is_too_long_is_printed_in_parts(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.services.prints.MOST_ENTRIES", 1)
    office.receive()
    office.receive()
    with pytest.raises(TooLongToPrint):
        office.engine.prints.book_pdf(office.person("lan"), DESK, MONDAY.date(), MONDAY.date(), at=MONDAY)
    monkeypatch.setattr("engine.tables.comma.MOST_ROWS", 1)
    with pytest.raises(TableTooLong):
        office.engine.prints.book_csv(office.person("lan"), DESK, MONDAY.date(), MONDAY.date())


def test_the_hand_over_list_of_a_day_goes_by_receiver(office: Office):
    code = a_dossier(office)
    given = office.engine.prints.hand_overs(office.person("lan"), DESK, MONDAY.date())
    (receiver,) = given.receivers
    assert receiver.name == office.engine.units.by_code(REGISTRY).name
    assert [line.code for line in receiver.dossiers] == [code]
    assert receiver.dossiers[0].giver == office.person("lan").full_name
    assert receiver.dossiers[0].papers
    sheet = printed(office.engine.prints.hand_overs_pdf(office.person("lan"), DESK, MONDAY.date()))
    assert code in sheet
    tuesday = MONDAY.date() + timedelta(days=1)
    assert office.engine.prints.hand_overs(office.person("lan"), DESK, tuesday).receivers == ()
    with pytest.raises(NotFound, match="bàn giao"):
        office.engine.prints.hand_overs_pdf(office.person("lan"), DESK, tuesday)
