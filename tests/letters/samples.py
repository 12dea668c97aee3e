"""Letters to try things on: an ordinary one of each form, long ones, special ones, and one text in every field."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, timezone
from typing import Any

from letters import (
    ApologyLetter,
    DiscontinuationNotice,
    Item,
    LaterAppointment,
    Letter,
    Letterhead,
    Party,
    ReceiptSlip,
    RefusalSlip,
    Signer,
    SupplementRequest,
)
from letters.data import Cleaned, text_rules

VIET_NAM = timezone(timedelta(hours=7))
URL = "https://motcua.dongthap.example.vn/xac-minh/q7Xk2LmN8vRtYp4WzB9cDf"


def at(year: int, month: int, day: int, hour: int = 10, minute: int = 30) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=VIET_NAM)


LAND_OFFICE = Letterhead(
    parent_agency="Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp",
    agency="Văn phòng đăng ký đất đai tỉnh Đồng Tháp",
    place="Đồng Tháp",
    contact_phone="0277 3851 234",
)
DESK = Letterhead(
    parent_agency="Ủy ban nhân dân tỉnh Đồng Tháp",
    agency="Trung tâm Phục vụ hành chính công",
    place="Đồng Tháp",
    contact_phone="0277 3851 234",
)
LONG_OFFICE = Letterhead(
    parent_agency="Ủy ban nhân dân thành phố Hồ Chí Minh",
    agency="Chi nhánh Văn phòng đăng ký đất đai khu vực thành phố Thủ Đức và các phường lân cận phía đông bắc",
    place="Thành phố Hồ Chí Minh",
    contact_phone="028 3829 7777",
)
PERSON = Party(
    name="Nguyễn Thị Hoàng Oanh",
    identifier="087185001234",
    address="Số 12, đường Nguyễn Huệ, khóm 3, phường Cao Lãnh, tỉnh Đồng Tháp",
    phone="0903 123 456",
    email="oanh.nguyen@example.vn",
)
COMPANY = Party(
    name="Công ty trách nhiệm hữu hạn một thành viên Xây dựng và Thương mại Hoàng Long",
    is_organisation=True,
    identifier="1401234567",
    address="Lô B2, Khu công nghiệp Sa Đéc, phường Sa Đéc, tỉnh Đồng Tháp",
    phone="0277 3761 999",
    email="vanthu@hoanglong.example.vn",
)
LONG_PERSON = Party(
    name=("Nguyễn Phúc Hoàng Trần Lê Đặng Vũ Bùi Đỗ Hồ Ngô Dương Lý " * 6)[:300],
    identifier="087185001234",
    address=("Tổ dân phố số 12, ngõ 345, ngách 67, đường Nguyễn Thị Minh Khai nối dài, " * 5)[:300],
    phone="0903 123 456",
    email="ten.rat.dai.cua.mot.nguoi.dung@mot-ten-mien-rat-dai.example.vn",
)
LONG_REASON = (
    "Hồ sơ phải lấy ý kiến của nhiều cơ quan phối hợp, trong đó có cơ quan thuế và cơ quan xây dựng, thời gian trả lời "
    "vượt quá quy định. " * 12
)[:1500]
CLERK = Signer(title="NGƯỜI TIẾP NHẬN HỒ SƠ", name="Trần Thị Mỹ Duyên")
ITEMS = (
    Item(name="Đơn đăng ký biến động đất đai, tài sản gắn liền với đất (Mẫu số 18)", original=1),
    Item(name="Giấy chứng nhận quyền sử dụng đất đã cấp", original=1, copies=1),
    Item(name="Mảnh trích đo bản đồ địa chính thửa đất", copies=1),
)
TWENTY_ITEMS = tuple(
    Item(
        name=f"Giấy tờ số {number}: bản sao chứng thực văn bản thỏa thuận phân chia di sản thừa kế và giấy tờ kèm theo",
        original=number % 3,
        copies=2,
        electronic=number % 2,
    )
    for number in range(1, 21)
)
SECOND_PHASE = LaterAppointment(
    name="Giai đoạn 2",
    limit="02 ngày làm việc",
    starts_on="kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính",
)
_COMMON: dict[str, Any] = {
    "applicant": PERSON,
    "dossier_code": "H20.30-261102-0012",
    "procedure_name": "Cấp đổi Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
    "verification_url": URL,
}


def receipt(**changes: Any) -> ReceiptSlip:
    ordinary = {
        "letterhead": DESK,
        "number": "1024/TTPVHCC",
        "issued_at": at(2026, 11, 2),
        "signer": CLERK,
        "items": ITEMS,
        "received_at": at(2026, 11, 2),
        "due_at": at(2026, 11, 5, 17, 0),
        "time_limit": "05 ngày làm việc (hẹn lần 1: 03 ngày, hẹn lần 2: 02 ngày)",
        "collect_at": "Trung tâm Phục vụ hành chính công tỉnh Đồng Tháp",
        "counter_digits": "2611020012345678",
        "later_appointments": (SECOND_PHASE,),
        "register_book": "01",
        "register_entry": "1024",
    }
    return ReceiptSlip(**{**_COMMON, **ordinary, **changes})


def supplement_request(**changes: Any) -> SupplementRequest:
    ordinary = {
        "letterhead": DESK,
        "number": "87/PBS",
        "issued_at": at(2026, 11, 2),
        "signer": Signer(title="NGƯỜI HƯỚNG DẪN", name="Trần Thị Mỹ Duyên"),
        "requirements": (
            "Nộp bản chính Giấy chứng nhận đã cấp",
            "Bổ sung chữ ký của người đồng sử dụng đất trên Đơn đăng ký biến động (Mẫu số 18)",
        ),
        "reason": "Hồ sơ còn thiếu thành phần theo quy định tại Điều 29 Nghị định số 101/2024/NĐ-CP.",
        "contact_name": "bà Trần Thị Mỹ Duyên",
        "contact_phone": "0277 3851 234",
        "respond_by": at(2026, 11, 20, 17, 0),
    }
    return SupplementRequest(**{**_COMMON, **ordinary, **changes})


def refusal(**changes: Any) -> RefusalSlip:
    ordinary = {
        "letterhead": DESK,
        "number": "15/PTC",
        "issued_at": at(2026, 11, 2),
        "signer": CLERK,
        "reason": "Thửa đất đang có tranh chấp, Tòa án nhân dân khu vực 3 đã có văn bản thông báo thụ lý số 45/TB-TA "
        "ngày 12/10/2026; hồ sơ chưa đủ điều kiện tiếp nhận theo quy định.",
    }
    return RefusalSlip(**{**_COMMON, **ordinary, **changes})


def apology(**changes: Any) -> ApologyLetter:
    ordinary = {
        "letterhead": LAND_OFFICE,
        "number": "12/2026/PXL-VPĐKĐĐ",
        "issued_at": at(2026, 11, 22),
        "signer": Signer(authority="KT. GIÁM ĐỐC", title="PHÓ GIÁM ĐỐC", name="Lê Hoàng Phúc"),
        "received_at": at(2026, 11, 2),
        "due_at": at(2026, 11, 20, 17, 0),
        "new_due_at": at(2026, 11, 27, 17, 0),
        "reason": "Việc xác minh ranh giới thửa đất với các hộ liền kề kéo dài do một hộ vắng mặt tại địa phương; "
        "đơn vị đã phối hợp với Ủy ban nhân dân phường Cao Lãnh để hoàn thành trong tuần này.",
        "recipients": ("Như trên", "Trung tâm PVHCC tỉnh", "Lưu: VT, HS"),
    }
    return ApologyLetter(**{**_COMMON, **ordinary, **changes})


def discontinuation(**changes: Any) -> DiscontinuationNotice:
    ordinary = {
        "letterhead": LAND_OFFICE,
        "number": "03/TB-VPĐKĐĐ",
        "issued_at": at(2026, 11, 22),
        "signer": Signer(title="GIÁM ĐỐC", name="Phạm Văn Tường"),
        "received_at": at(2026, 11, 2),
        "discontinued_at": at(2026, 11, 22),
        "reason": "Người sử dụng đất có đơn xin rút hồ sơ đề ngày 20/11/2026 để bổ sung giấy tờ thừa kế.",
        "is_requested_by_applicant": True,
        "returned_items": ITEMS,
        "recipients": ("Như trên", "Lưu: VT, HS"),
    }
    return DiscontinuationNotice(**{**_COMMON, **ordinary, **changes})


ORDINARY: dict[str, Letter] = {
    letter.form: letter for letter in (receipt(), supplement_request(), refusal(), apology(), discontinuation())
}
"""One of each form, by form."""

LONG: dict[str, Letter] = {
    letter.form: letter
    for letter in (
        receipt(applicant=LONG_PERSON, items=TWENTY_ITEMS, submitter=PERSON, letterhead=LONG_OFFICE),
        supplement_request(applicant=LONG_PERSON, requirements=tuple(item.name for item in TWENTY_ITEMS)),
        refusal(applicant=LONG_PERSON, reason=LONG_REASON, letterhead=LONG_OFFICE),
        apology(applicant=LONG_PERSON, reason=LONG_REASON, letterhead=LONG_OFFICE),
        discontinuation(applicant=LONG_PERSON, reason=LONG_REASON, returned_items=TWENTY_ITEMS),
    )
}
"""The longest name and address, twenty items, a reason at its limit."""

OTHERS: dict[str, Letter] = {
    "apology of 2018": apology(regime="2018", issued_at=at(2019, 3, 5), due_at=at(2019, 3, 1), applicant=COMPANY),
    "apology ahead of the date": apology(issued_at=at(2026, 11, 19)),
    "receipt of a company": receipt(applicant=COMPANY, submitter=PERSON, authorisation="Giấy ủy quyền số 05/GUQ"),
    "receipt without a date": receipt(due_at=None, later_appointments=()),
    "refusal without a code": refusal(dossier_code="", applicant=COMPANY),
    "discontinuation by the office": discontinuation(is_requested_by_applicant=False, returned_items=()),
}


def everywhere(letter: Letter, text: str) -> Letter:
    """The same letter with `text` in every free text field, clipped to the field's limit."""

    def changed(part: Any) -> Any:
        kind: type = type(part)
        rules = text_rules(kind)
        values: dict[str, Any] = {}
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if isinstance(value, Cleaned):
                values[field.name] = changed(value)
            elif isinstance(value, tuple) and value and isinstance(value[0], Cleaned):
                values[field.name] = tuple(changed(entry) for entry in value)
            elif field.name in rules and field.name not in {"verification_url", "counter_digits"}:
                clipped = text[: rules[field.name].limit]
                values[field.name] = tuple(clipped for _ in value) if isinstance(value, tuple) else clipped
        return dataclasses.replace(part, **values)

    result = changed(letter)
    assert isinstance(result, Letter)
    return result
