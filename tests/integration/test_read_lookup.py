from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest

from engine.domain.errors import MotCuaError, NotFound
from engine.domain.public_views import PublicDossier
from engine.domain.status import DossierStatus
from engine.domain.views import Urgency
from tests.support.read_office import SPLIT_PARCEL, ReadOffice, on, prepare, read_office

OWED = {"appraisal": "qualified", "financial_obligation": "owed"}
INCOMPLETE = {"appraisal": "supplement", "financial_obligation": "none", "missing_items": "Bản gốc"}


@pytest.fixture
def office(database_copy: Callable[[Callable[[str], object]], str]) -> Iterator[ReadOffice]:
    with read_office(database_copy(prepare)) as office:
        yield office


def find(office: ReadOffice, code: str, fact: str = "6789", day: int = 3) -> PublicDossier:
    return office.engine.lookup.find(code, fact, at=on(3, day, 9))


def states(found: PublicDossier) -> list[tuple[str, str]]:
    return [(step.name, step.state) for step in found.steps]


@pytest.mark.parametrize("fact", ["6789", "8001", "67 89"])
def test_the_last_four_digits_of_identity_number_or_phone_open_the_dossier(office: ReadOffice, fact: str) -> None:
    code = office.receive("Nguyễn Thị Đào", identity="079088008001", phone="0903 456 789", at=on(3, 2))
    found = find(office, code, fact)
    assert (found.masked_name, found.status) == ("N***** T** Đào", DossierStatus.RECEIVED)
    assert (found.unit_name, found.unit_phone) == (
        "Trung tâm Phục vụ hành chính công tỉnh Bình Sơn",
        "0299 3811 022",
    )
    assert "079088008001" not in repr(found)
    assert "0903" not in repr(found)
    assert "Nguyễn" not in repr(found)


def test_nobody_learns_whether_a_code_exists(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))

    def answer(wanted: str, fact: str) -> tuple[type[MotCuaError], str, str]:
        with pytest.raises(NotFound) as raised:
            find(office, wanted, fact)
        return type(raised.value), raised.value.code, raised.value.message

    expected = answer(code, "0000")
    for wanted, fact in (
        (code, ""),
        (code, "789"),
        (code, "56789"),
        (code[:-4] + "9999", "6789"),
        ("", ""),
        ("%", "6789"),
    ):
        assert answer(wanted, fact) == expected


def test_a_dossier_without_any_number_cannot_be_opened_by_nothing(office: ReadOffice) -> None:
    code = office.receive(identity=" ", phone="", at=on(3, 2))
    for fact in ("", " ", "0000"):
        with pytest.raises(NotFound):
            find(office, code, fact)


def test_the_token_of_the_receipt_opens_the_same_page(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    with office.engine.uow.read() as tx:
        token = tx.dossiers.find(code).receipt_token
    assert office.engine.lookup.by_receipt(token, at=on(3, 3)) == find(office, code)
    with pytest.raises(NotFound):
        office.engine.lookup.by_receipt(token[:-1], at=on(3, 3))


def test_the_steps_are_the_main_road_of_the_procedure(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    assert states(find(office, code)) == [
        ("Tiếp nhận hồ sơ", "done"),
        ("Số hóa, chuyển hồ sơ đến Chi nhánh VPĐKĐĐ", "current"),
        ("Kiểm tra hồ sơ, lập Phiếu chuyển thông tin", "ahead"),
        ("Duyệt kết quả kiểm tra", "ahead"),
        ("Thực hiện nghĩa vụ tài chính (nếu có)", "ahead"),
        ("Cập nhật địa chính, in Giấy chứng nhận", "ahead"),
        ("Ký Giấy chứng nhận", "ahead"),
        ("Trả kết quả", "ahead"),
    ]
    office.resolve(code, at=on(3, 2, 10))
    resolved = find(office, code)
    assert ("Thực hiện nghĩa vụ tài chính (nếu có)", "ahead") not in states(resolved)
    assert states(resolved)[-1] == ("Trả kết quả", "current")
    assert [state for _, state in states(resolved)[:-1]] == ["done"] * 6


def test_a_supplement_is_shown_once_it_was_asked_for(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.do(code, at=on(3, 2, 10))
    office.do(code, at=on(3, 2, 11), answers=INCOMPLETE)
    waiting = find(office, code)
    assert (waiting.status, waiting.urgency, waiting.due_at) == (
        DossierStatus.SUPPLEMENT_REQUESTED,
        Urgency.PAUSED,
        None,
    )
    assert waiting.waits_for == "Đến lượt ông/bà: bổ sung giấy tờ"
    assert ("Bổ sung hồ sơ", "current") in states(waiting)
    assert [letter.title for letter in waiting.letters][-1] == "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
    office.do(code, at=on(3, 3, 8, 30))
    back = find(office, code)
    assert ("Bổ sung hồ sơ", "done") in states(back)
    assert ("Kiểm tra hồ sơ, lập Phiếu chuyển thông tin", "current") in states(back)
    assert back.due_at is not None


def test_what_is_waited_for_is_told_in_plain_words(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    assert find(office, code).waits_for == "Trung tâm Phục vụ hành chính công tỉnh Bình Sơn"
    office.do(code, at=on(3, 2, 10))
    assert find(office, code).waits_for == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    office.do(code, at=on(3, 2, 11), answers=OWED)
    office.do(code, at=on(3, 2, 13))
    assert find(office, code).waits_for.startswith("Cơ quan thuế")
    office.do(code, at=on(3, 3, 8))
    for minute in (10, 20):
        office.do(code, at=on(3, 3, 8, minute))
    ready = find(office, code)
    assert ready.waits_for == "Đến lượt ông/bà: nhận kết quả tại Trung tâm Phục vụ hành chính công tỉnh Bình Sơn"
    office.do(code, at=on(3, 3, 8, 40))
    assert find(office, code).waits_for == ""


def test_a_step_that_was_sent_back_is_ahead_again(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2), procedure=SPLIT_PARCEL)
    office.do(code, at=on(3, 2, 10))
    office.do(code, at=on(3, 2, 11))
    office.do(code, at=on(3, 2, 13), answers={"decision": "return"})
    shown = dict(states(find(office, code)))
    assert shown["Kiểm tra điều kiện (Điều 220 Luật Đất đai)"] == "current"
    assert shown["Duyệt kết quả kiểm tra điều kiện"] == "ahead"


def test_a_late_dossier_shows_its_apology_and_the_new_appointment(office: ReadOffice) -> None:
    code = office.receive(at=on(3, 2))
    office.engine.overdue.sweep(on(3, 5, 17, 1))
    found = find(office, code, day=6)
    assert (found.due_at, found.first_due_at) == (on(3, 10, 17), on(3, 5, 17))
    assert found.urgency is Urgency.IN_TIME  # of the appointment that the applicant holds now
    apology = found.letters[-1]
    assert apology.title == "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"

    waiting = office.engine.lookup.pdf(apology.token)
    assert (waiting.content, waiting.waiting, waiting.sha256) == (None, True, "")
    office.engine.outbox.run(on(3, 5, 17, 2))
    ready = office.engine.lookup.pdf(apology.token)
    assert ready.content is not None
    assert (hashlib.sha256(ready.content).hexdigest(), ready.waiting) == (ready.sha256, False)
    assert ready.filename.startswith("van-ban-xin-loi_000.01.00.H99-260302-0001_")

    verified = office.engine.lookup.verify(apology.token)
    assert (verified.number_text, verified.sha256, verified.has_document) == (apology.number_text, ready.sha256, True)
    assert verified.unit_name == "Chi nhánh Văn phòng Đăng ký đất đai khu vực An Phú"
    assert "Đào" not in repr(verified)


def test_an_unknown_letter_token_is_not_found(office: ReadOffice) -> None:
    office.receive(at=on(3, 2))
    for token in ("", "khong-co", "%"):
        with pytest.raises(NotFound):
            office.engine.lookup.pdf(token)
        with pytest.raises(NotFound):
            office.engine.lookup.verify(token)
