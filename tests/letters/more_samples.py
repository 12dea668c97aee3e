"""Samples of the forms that are not the five for applicants: for a person, for the longest, for a company, by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from letters import ErrorApology, FeedbackAnswer, FeeDue, HandOver, Item, Letter, ResultCover, RoutingSlip, Signer
from letters.posters import Poster
from letters.prints import (
    BlankSlip,
    BlankSlips,
    HandedOver,
    HandOverList,
    ReceivingUnit,
    RegisterBook,
    RegisterEntry,
    RollReceipt,
)
from tests.letters.samples import (
    COMPANY,
    DESK,
    ITEMS,
    LAND_OFFICE,
    LONG_OFFICE,
    LONG_PERSON,
    LONG_REASON,
    PERSON,
    TWENTY_ITEMS,
    URL,
    at,
    receipt,
)

_COMMON: dict[str, Any] = {
    "letterhead": LAND_OFFICE,
    "number": "07/2026/VPĐKĐĐ",
    "issued_at": at(2026, 11, 22),
    "applicant": PERSON,
    "dossier_code": "H20.30-261102-0012",
    "procedure_name": "Cấp đổi Giấy chứng nhận quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
    "verification_url": URL,
    "signer": Signer(authority="KT. GIÁM ĐỐC", title="PHÓ GIÁM ĐỐC", name="Lê Hoàng Phúc"),
    "recipients": ("Như trên", "Trung tâm PVHCC tỉnh", "Lưu: VT, HS"),
}
_PLACES = (
    ("Trần Thị Mỹ Duyên", "Trung tâm Phục vụ hành chính công tỉnh Đồng Tháp"),
    ("Lê Văn Minh", "Văn phòng đăng ký đất đai tỉnh Đồng Tháp"),
    ("Phạm Văn Tường", "Văn phòng đăng ký đất đai tỉnh Đồng Tháp"),
    ("Ngô Thị Cẩm Vân", "Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp"),
)
_STEPS = (
    "Tiếp nhận, kiểm tra hồ sơ",
    "Thẩm định hồ sơ, trích lục bản đồ",
    "Ký duyệt kết quả",
    "Vào sổ, đóng dấu, phát hành",
)
_RESULTS = ("", "Trước hạn", "Đúng hạn", "Quá hạn")


def hand_overs(how_many: int) -> tuple[HandOver, ...]:
    """So many hand-overs, one after the other, the last of them still without a receiver."""
    lines = []
    for number in range(how_many):
        (giver, giver_unit), (receiver, receiver_unit) = _PLACES[number % 4], _PLACES[(number + 1) % 4]
        lines.append(
            HandOver(
                giver=giver,
                giver_unit=giver_unit,
                receiver=receiver if number < how_many - 1 else "",
                receiver_unit=receiver_unit,
                at=at(2026, 11, 2) + timedelta(hours=5 * number),
                result=_RESULTS[number % 4],
                note=f"{number + 1}. {_STEPS[number % 4]}",
            )
        )
    return tuple(lines)


def routing_slip(**changes: Any) -> RoutingSlip:
    ordinary = {
        "number": "15/PKS-VPĐKĐĐ",
        "received_at": at(2026, 11, 2),
        "due_at": at(2026, 11, 5, 17, 0),
        "deciding_agency": "Văn phòng đăng ký đất đai tỉnh Đồng Tháp",
        "other_agencies": ("Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp",),
        "hand_overs": hand_overs(4),
        "counter_digits": "2611020012345678",
    }
    return RoutingSlip(**{**_COMMON, **ordinary, **changes})


def result_cover(**changes: Any) -> ResultCover:
    ordinary = {
        "letterhead": DESK,
        "number": "31/PTKQ-TTPVHCC",
        "received_at": at(2026, 11, 2),
        "resolved_at": at(2026, 11, 20),
        "results": (Item(name="Giấy chứng nhận quyền sử dụng đất số CS 123456", original=1),),
        "returned_items": ITEMS[1:],
        "channel": "Nhận trực tiếp tại Trung tâm Phục vụ hành chính công tỉnh Đồng Tháp",
        "signer": Signer(title="NGƯỜI TRẢ KẾT QUẢ", name="Trần Thị Mỹ Duyên"),
    }
    return ResultCover(**{**_COMMON, **ordinary, **changes})


def feedback_answer(**changes: Any) -> FeedbackAnswer:
    ordinary = {
        "number": "04/TLPA-SNNMT",
        "procedure_name": "Tiếp nhận, xử lý phản ánh, kiến nghị về quy định hành chính",
        "received_at": at(2026, 11, 2),
        "feedback": "Hồ sơ cấp đổi giấy chứng nhận của tôi trễ hẹn năm ngày mà không có thông báo.",
        "finding": "Phản ánh đúng",
        "answer": "Hồ sơ chậm do bước thẩm định kéo dài, đơn vị chưa gửi văn bản xin lỗi kịp thời.\n"
        "Sở đã kiểm điểm bộ phận chậm, trả kết quả ngày 20/11/2026 và rà soát các hồ sơ tương tự.",
    }
    return FeedbackAnswer(**{**_COMMON, **ordinary, **changes})


def error_apology(**changes: Any) -> ErrorApology:
    ordinary = {
        "number": "02/TXL-VPĐKĐĐ",
        "received_at": at(2026, 11, 2),
        "error": "Diện tích thửa đất ghi trên Giấy chứng nhận là 120,5 m², đúng là 125,0 m² theo mảnh trích đo",
        "correction": "Văn phòng đã thu hồi bản ghi sai và cấp Giấy chứng nhận mới, giao tận nơi",
        "corrected_result": "Giấy chứng nhận số CS 123457 ngày 21/11/2026",
    }
    return ErrorApology(**{**_COMMON, **ordinary, **changes})


def entries(how_many: int, *, is_long: bool = False) -> tuple[RegisterEntry, ...]:
    """So many lines of a register; `is_long`: with the longest names and addresses."""
    party = LONG_PERSON if is_long else PERSON
    return tuple(
        RegisterEntry(
            code=f"H20.30-2611{number % 28 + 1:02d}-{number:04d}",
            procedure="Cấp đổi Giấy chứng nhận quyền sử dụng đất" if number % 3 else "Đăng ký biến động đất đai",
            sets="01",
            applicant=COMPANY.name if number % 7 == 0 else party.name,
            address=f"{party.address}; {party.phone}",
            agency="Văn phòng đăng ký đất đai tỉnh Đồng Tháp",
            received_on=f"{number % 28 + 1:02d}/11/2026",
            due_on="20/11/2026",
            delivered_on="19/11/2026" if number % 2 else "",
            channel="Trực tiếp" if number % 2 else "Bưu chính",
            receiver="Nguyễn Thị Hoàng Oanh" if number % 2 else "",
            note="Quá hạn" if number % 5 == 0 else "",
        )
        for number in range(1, how_many + 1)
    )


def register_book(**changes: Any) -> RegisterBook:
    ordinary = {
        "letterhead": DESK,
        "issued_at": at(2026, 11, 22),
        "title": "Sổ theo dõi hồ sơ",
        "verification_url": "https://motcua.dongthap.example.vn/tra-cuu",
        "period": "Từ ngày 01/11/2026 đến ngày 30/11/2026",
        "entries": entries(12),
    }
    return RegisterBook(**{**ordinary, **changes})


def handed(how_many: int, procedure: str = "Cấp đổi Giấy chứng nhận quyền sử dụng đất") -> tuple[HandedOver, ...]:
    return tuple(
        HandedOver(
            code=f"H20.30-261102-{number:04d}",
            applicant=COMPANY.name if number % 4 == 0 else PERSON.name,
            procedure=procedure,
            papers="03 bản chính, 02 bản sao",
            handed_at=f"{8 + number % 9:02d}:15",
            giver="Trần Thị Mỹ Duyên",
            due_on="05/11/2026",
        )
        for number in range(1, how_many + 1)
    )


def hand_over_list(**changes: Any) -> HandOverList:
    ordinary = {
        "letterhead": DESK,
        "issued_at": at(2026, 11, 2),
        "title": "Danh sách bàn giao hồ sơ",
        "verification_url": "https://motcua.dongthap.example.vn/tra-cuu",
        "day": "Ngày 02/11/2026",
        "receivers": (
            ReceivingUnit(name="Văn phòng đăng ký đất đai tỉnh Đồng Tháp", dossiers=handed(5)),
            ReceivingUnit(name="Sở Nông nghiệp và Môi trường tỉnh Đồng Tháp", dossiers=handed(2)),
        ),
    }
    return HandOverList(**{**ordinary, **changes})


def blank_slips(how_many: int, **changes: Any) -> BlankSlips:
    ordinary = {
        "letterhead": DESK,
        "issued_at": at(2026, 11, 2),
        "title": "Phiếu tạm tiếp nhận hồ sơ",
        "verification_url": "https://motcua.dongthap.example.vn/tra-cuu",
        "slips": tuple(
            BlankSlip(label=f"PT-BS-TTPVHCC-{number:06d}", digits=f"8000700{number:07d}")
            for number in range(1, how_many + 1)
        ),
    }
    return BlankSlips(**{**ordinary, **changes})


def roll_receipt(**changes: Any) -> RollReceipt:
    given = receipt(fee=FeeDue(amount="50.000 đồng", rate="mức nộp trực tiếp"), **changes)
    return RollReceipt(
        letterhead=given.letterhead,
        issued_at=given.issued_at,
        title="Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
        verification_url=given.verification_url,
        receipt=given,
    )


MORE: dict[str, Letter] = {
    letter.form: letter for letter in (routing_slip(), result_cover(), feedback_answer(), error_apology())
}
"""An ordinary one of each further form."""

MORE_LONG: dict[str, Letter] = {
    letter.form: letter
    for letter in (
        routing_slip(applicant=LONG_PERSON, letterhead=LONG_OFFICE, hand_overs=hand_overs(25)),
        result_cover(applicant=LONG_PERSON, results=TWENTY_ITEMS, returned_items=TWENTY_ITEMS),
        feedback_answer(applicant=LONG_PERSON, feedback=LONG_REASON, answer=(LONG_REASON * 3)[:4000]),
        error_apology(applicant=LONG_PERSON, error=LONG_REASON, correction=LONG_REASON, letterhead=LONG_OFFICE),
    )
}
"""The longest name, address and texts, 25 hand-overs, twenty items."""

MORE_OTHERS: dict[str, Letter] = {
    "routing slip of a company, not issued": routing_slip(applicant=COMPANY, number=""),
    "routing slip of 2018": routing_slip(regime="2018", issued_at=at(2019, 3, 5), due_at=None, hand_overs=()),
    "result cover of a company": result_cover(applicant=COMPANY, submitter=PERSON, returned_items=()),
    "feedback answer to a company": feedback_answer(applicant=COMPANY, finding=""),
    "error apology to a company": error_apology(applicant=COMPANY, corrected_result=""),
    "receipt with a fee": receipt(fee=FeeDue(amount="1.250.000 đồng", rate="mức nộp trực tuyến")),
    "receipt of 2018": receipt(regime="2018", issued_at=at(2019, 3, 5), received_at=at(2019, 3, 5), due_at=None),
}

PRINTED: dict[str, Poster] = {
    "register_book": register_book(),
    "hand_over_list": hand_over_list(),
    "blank_slips": blank_slips(5),
    "roll_receipt": roll_receipt(),
}

PRINTED_LONG: dict[str, Poster] = {
    "register_book": register_book(entries=entries(40, is_long=True), letterhead=LONG_OFFICE),
    "hand_over_list": hand_over_list(receivers=(ReceivingUnit(name="W" * 200, dossiers=handed(60, "x " * 300)),)),
    "blank_slips": blank_slips(4, letterhead=LONG_OFFICE),
    "roll_receipt": roll_receipt(applicant=LONG_PERSON, items=TWENTY_ITEMS, letterhead=LONG_OFFICE),
}

EVERY_LOOK = {
    **MORE,
    **{f"long {name}": letter for name, letter in MORE_LONG.items()},
    **MORE_OTHERS,
    **PRINTED,
    **{f"long {name}": poster for name, poster in PRINTED_LONG.items()},
    "register of 300": register_book(entries=entries(300)),
    "register of none": replace(register_book(), entries=()),
    "roll of a company": roll_receipt(applicant=COMPANY, submitter=PERSON),
}
