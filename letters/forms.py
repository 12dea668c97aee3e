"""The forms beside the five for applicants, and all of them by name.

Routing slip (06; 05 in 2018) as Circular 03/2025/TT-VPCP has it; result cover, answer to feedback and apology for an
error have no official form and follow Decree 30/2020. `letters.titles` has names and numbers for each set of forms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar

from letters.data import (
    ApologyLetter,
    Cleaned,
    DiscontinuationNotice,
    Item,
    Letter,
    Listing,
    Party,
    ReceiptSlip,
    RefusalSlip,
    SupplementRequest,
)
from letters.text import Text

MOST_HAND_OVERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver(Cleaned):
    """One line of a routing slip: who handed the dossier over to whom, when, and how the step before had gone."""

    giver: Annotated[str, Text("Người giao", 200)]
    giver_unit: Annotated[str, Text("Đơn vị giao", 200)]
    receiver: Annotated[str, Text("Người nhận", 200, optional=True)] = ""
    """Empty until somebody of the receiving unit has taken the step: the name is written by hand."""
    receiver_unit: Annotated[str, Text("Đơn vị nhận", 200, optional=True)] = ""
    at: datetime
    result: Annotated[str, Text("Kết quả giải quyết", 40, optional=True)] = ""
    """"Trước hạn", "Đúng hạn" or "Quá hạn"; empty for a step without a limit."""
    note: Annotated[str, Text("Ghi chú", 400, optional=True)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingSlip(Letter):
    """Form 06, Phiếu kiểm soát quá trình giải quyết hồ sơ: the hand-over log of a dossier, printed.

    `signer` is not printed: every hand-over has its own names. A slip that was not issued has no number.
    """

    form: ClassVar[str] = "routing_slip"
    form_number: ClassVar[str] = "06"

    number: Annotated[str, Text("Số văn bản", 80, optional=True)] = ""
    received_at: datetime
    due_at: datetime | None
    deciding_agency: Annotated[str, Text("Cơ quan giải quyết hồ sơ", 200)]
    other_agencies: Annotated[tuple[str, ...], Text("Cơ quan phối hợp", 200), Listing("Cơ quan phối hợp")] = ()
    hand_overs: Annotated[tuple[HandOver, ...], Listing("Giao nhận hồ sơ", most=MOST_HAND_OVERS)] = ()
    counter_digits: Annotated[str, Text("Mã vạch", 24)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCover(Letter):
    """Phiếu trả kết quả: what is given with the result, to whom, and how. `signer` gives, the applicant receives."""

    form: ClassVar[str] = "result_cover"
    form_number: ClassVar[str] = ""

    received_at: datetime
    resolved_at: datetime
    results: Annotated[tuple[Item, ...], Listing("Kết quả giải quyết", fewest=1, most=20)]
    returned_items: Annotated[tuple[Item, ...], Listing("Giấy tờ trả lại")] = ()
    channel: Annotated[str, Text("Cách nhận kết quả", 300)]
    submitter: Party | None = None
    """Who fetches the result for the applicant, when it is somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackAnswer(Letter):
    """Văn bản trả lời phản ánh, kiến nghị (Decree 20/2008/NĐ-CP)."""

    form: ClassVar[str] = "feedback_answer"
    form_number: ClassVar[str] = ""

    received_at: datetime
    feedback: Annotated[str, Text("Nội dung phản ánh, kiến nghị", 1500, lines=True)]
    finding: Annotated[str, Text("Kết quả xác minh", 200, optional=True)] = ""
    answer: Annotated[str, Text("Nội dung trả lời", 4000, lines=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorApology(Letter):
    """Thư xin lỗi về sai sót trong kết quả: what was wrong, and what was done about it."""

    form: ClassVar[str] = "error_apology"
    form_number: ClassVar[str] = ""

    received_at: datetime
    error: Annotated[str, Text("Nội dung sai sót", 1500, lines=True)]
    correction: Annotated[str, Text("Việc khắc phục", 1500, lines=True)]
    corrected_result: Annotated[str, Text("Kết quả thay thế", 300, optional=True)] = ""
    """Number and date of the result that takes the place of the wrong one."""


FORMS: dict[str, type[Letter]] = {
    letter.form: letter
    for letter in (
        ReceiptSlip,
        SupplementRequest,
        RefusalSlip,
        ApologyLetter,
        DiscontinuationNotice,
        RoutingSlip,
        ResultCover,
        FeedbackAnswer,
        ErrorApology,
    )
}
"""Every form by the name that diagrams use for it."""
