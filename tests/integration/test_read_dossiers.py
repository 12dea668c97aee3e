from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from engine.domain.dossier import counter_digits
from engine.domain.errors import MotCuaError, NotFound
from engine.domain.status import DossierStatus
from engine.domain.views import DossierView, Urgency
from tests.support.read_office import ReadOffice, on, prepare, read_office


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def view(office: ReadOffice, code: str, by: str = "lan", month: int = 3, day: int = 2, hour: int = 16) -> DossierView:
    return office.engine.dossiers.view(office.actor(by), code, at=on(month, day, hour))


def test_the_page_tells_where_a_new_dossier_stands(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    seen = view(office, code)
    assert (seen.line.status, seen.line.urgency) == (DossierStatus.RECEIVED, Urgency.IN_TIME)
    assert seen.line.due_at == on(3, 5, 17)
    assert seen.case_name == "Cấp đổi thông thường"
    assert seen.deciding_unit_name == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    step = seen.steps[0]
    assert (step.name, step.role, step.may_act) == ("Số hóa, chuyển hồ sơ đến Chi nhánh VPĐKĐĐ", "clerk", True)
    assert [(field.id, field.type, field.is_required) for field in step.fields] == [("scanned", "boolean", False)]
    assert seen.active_step_ids == ("forward_dossier",)
    assert seen.done_step_ids == ("receive_dossier",)
    assert [letter.form for letter in seen.letters] == ["receipt"]
    assert seen.outcome is None
    assert seen.can_withdraw
    assert seen.clock[-1].what == "Hẹn trả kết quả: 17:00 thứ Năm, 05/03/2026, cuối giờ làm việc của ngày hết hạn."
    assert all(line.source for line in seen.clock)


def test_the_history_is_told_in_sentences_with_full_names(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.engine.processing.claim(office.actor("minh"), code, office.task_id(code), at=on(3, 2, 10))
    task = office.task_id(code)
    office.engine.processing.complete(
        office.actor("minh"),
        code,
        task,
        None,
        {"appraisal": "qualified", "financial_obligation": "none"},
        at=on(3, 2, 11),
        remark="Bản gốc hơi mờ.",
    )
    events = view(office, code).events
    told = {event.kind: event for event in events}
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert told["submitted"].text == "Hồ sơ được nộp (trực tiếp)"
    assert told["letter_issued"].text.startswith("Ban hành Giấy tiếp nhận hồ sơ và hẹn trả kết quả số 01/TNHS")
    assert told["step_claimed"].text == "Nhận bước “Kiểm tra hồ sơ, lập Phiếu chuyển thông tin”"
    done = told["step_completed"]
    assert done.text == (
        "Hoàn thành bước “Kiểm tra hồ sơ, lập Phiếu chuyển thông tin”:"
        " Kết quả thẩm định: Đủ điều kiện giải quyết; Nghĩa vụ tài chính: Không phát sinh"
    )
    assert (done.by_name, done.remark) == ("Phạm Quang Minh", "Bản gốc hơi mờ.")
    assert not [event.text for event in events if "Sự kiện “" in event.text]


def test_a_late_dossier_tells_its_lateness_and_its_new_appointment(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    seen = view(office, code, "minh", day=6, hour=9)
    # late against the first appointment, and three working days to the one made anew
    assert (seen.line.urgency, seen.line.first_due_at, seen.line.due_at) == (
        Urgency.OVERDUE,
        on(3, 5, 17),
        on(3, 10, 17),
    )
    assert seen.line.remaining_minutes == 420 + 480 + 480
    apology = seen.letters[-1]
    assert (apology.form, apology.missed_due_at, apology.new_due_at) == ("apology", on(3, 5, 17), on(3, 10, 17))
    texts = [event.text for event in seen.events]
    assert "Hồ sơ quá hạn trả kết quả (hẹn 17:00 ngày 05/03/2026)" in texts
    assert any(event.by_name == "Hệ thống (bộ hẹn giờ)" for event in seen.events)
    assert not seen.line.is_second_lateness

    office.engine.overdue.sweep(on(3, 10, 17, 1))
    again = view(office, code, "minh", day=11, hour=9)
    assert again.line.is_second_lateness
    assert again.line.remaining_minutes == -60
    texts = [event.text for event in again.events]
    assert "Hồ sơ quá hạn trả kết quả, lần thứ 2 (hẹn 17:00 ngày 10/03/2026)" in texts
    assert any(text.startswith("Lại quá hạn sau khi đã hẹn lại (hẹn 17:00 ngày 10/03/2026)") for text in texts)


def test_a_finished_dossier_shows_what_it_counted_as(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.deliver(code, at=on(3, 3, 10))
    seen = view(office, code, day=20)
    assert seen.outcome is not None
    assert (seen.outcome.result, seen.outcome.timeliness) == ("delivered", "early")
    assert (seen.line.status, seen.line.urgency, seen.line.remaining_minutes) == (
        DossierStatus.DELIVERED,
        Urgency.IN_TIME,
        None,
    )
    assert seen.steps == ()
    assert seen.active_step_ids == ()
    assert "return_result" in seen.done_step_ids
    assert not seen.can_withdraw
    assert seen.line.due_at is not None


def test_only_those_who_may_can_act_on_a_step(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    assert view(office, code, "minh").steps[0].may_act
    assert not view(office, code, "thanh").steps[0].may_act
    assert not view(office, code, "lan").steps[0].may_act
    office.engine.processing.claim(office.actor("minh"), code, office.task_id(code), at=on(3, 2, 11))
    assert view(office, code, "minh").steps[0].may_act
    held = view(office, code, "thao").steps[0]
    assert (held.may_act, held.claimed_by_name) == (False, "Phạm Quang Minh")


@pytest.mark.parametrize("stranger", ["hoa", "khoa", "nga", "admin"])
def test_a_dossier_of_other_units_is_answered_like_one_that_does_not_exist(office: ReadOffice, stranger: str) -> None:
    code = office.receive(at=on(3, 2), by="lan")
    missing = code[:-4] + "9999"

    def answer(wanted: str) -> tuple[type[MotCuaError], str]:
        with pytest.raises(MotCuaError) as raised:
            view(office, wanted, stranger)
        return type(raised.value), raised.value.message.replace(wanted, "X")

    assert answer(code) == answer(missing)
    assert answer(code)[0] is NotFound


@pytest.mark.parametrize("reader", ["lan", "tuan", "minh", "thanh", "giam"])
def test_everybody_whose_units_have_to_do_with_a_dossier_may_read_it(office: ReadOffice, reader: str) -> None:
    code = office.receive(at=on(3, 2))
    assert view(office, code, reader).line.code == code


def test_a_dossier_is_found_by_the_bar_code_of_its_receipt_and_by_small_letters(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    with office.engine.uow.read() as tx:
        digits = counter_digits(tx.dossiers.find(code).id)
    for typed in (digits, code.lower(), f"  {code} "):
        assert view(office, typed).line.code == code
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    with pytest.raises(NotFound):
        view(office, wrong)


def test_withdrawing_is_offered_until_a_decision_was_made(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    assert view(office, code, "lan").can_withdraw
    assert not view(office, code, "giam").can_withdraw
    office.resolve(code, at=on(3, 3, 10))
    assert not view(office, code, "lan", day=4).can_withdraw


def test_a_withdrawn_dossier_tells_why_it_ended(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.engine.delivery.withdraw(office.actor("lan"), code, None, "Đổi ý", at=on(3, 3))
    seen = view(office, code, day=4)
    assert seen.outcome is not None
    assert (seen.outcome.result, seen.line.status, seen.can_withdraw) == (
        "withdrawn",
        DossierStatus.DISCONTINUED,
        False,
    )
    assert "Người nộp rút hồ sơ; lý do: Đổi ý" in [event.text for event in seen.events]
    assert seen.letters[-1].form == "discontinuation"
    assert "forward_dossier" not in seen.done_step_ids


def test_a_page_costs_the_same_however_much_there_is_to_a_file(office: ReadOffice) -> None:
    def cost() -> tuple[int, int]:
        with office.counting() as statements:
            view(office, code, "minh", day=4)
            record = len(statements)
            beside.look(minh, code, at=on(3, 4))
        return record, len(statements) - record

    def more(number: int) -> None:
        processing, at = office.engine.processing, on(3, 2, 11, number * 2)
        processing.claim(minh, code, office.task_id(code), at=at)
        processing.release(minh, code, office.task_id(code), at=at + timedelta(minutes=1))
        beside.note(minh, code, f"Ghi chú {number}", at=at)
        office.engine.opinions.ask(minh, code, "BS-SNNMT", f"Câu hỏi {number}?", 3, at=at)
        beside.link(minh, code, office.receive(at=on(3, 2), identity="079088000001"), "Cùng thửa đất", at=at)

    minh, beside = office.actor("minh"), office.engine.beside
    code = office.receive(at=on(3, 2), identity="079088000001")
    office.do(code, at=on(3, 2, 10))
    more(0)
    few = cost()
    for number in range(1, 5):
        more(number)
    record, around = cost()
    assert record == few[0] <= 12
    assert around == few[1] <= 13
    assert len(beside.look(minh, code, at=on(3, 4)).related) == 5
