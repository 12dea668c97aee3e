"""Every kind of event has a sentence, and no fact that is missing or odd breaks the history of a dossier."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from engine.domain.event_text import Telling, say
from engine.domain.people import Role
from engine.domain.process import FieldOption, FieldType, FormField, StepDefinition

STEP = StepDefinition(
    id="appraise",
    name="Thẩm định",
    role=Role.OFFICER,
    unit_kind="department",
    lane_name="Chuyên viên",
    form=(
        FormField("decision", "Ý kiến", FieldType.CHOICE, options=(FieldOption("approve", "Đồng ý"),)),
        FormField("scanned", "Đã quét", FieldType.BOOLEAN),
        FormField("note", "Nội dung", FieldType.LONG_TEXT),
    ),
)
TELLING = Telling(
    ZoneInfo("Asia/Ho_Chi_Minh"), {"appraise": STEP}, {"hen_1": "Hẹn lần 1"}, {"supplement": "chờ bổ sung hồ sơ"}
)
KINDS = (
    *("submitted", "received", "step_completed", "step_claimed", "step_released", "status_changed", "letter_issued"),
    *("letter_rendered", "letter_delivered", "notified", "due_soon", "became_overdue", "second_lateness"),
    *("recorded_late", "late_record_approved", "late_record_refused", "lateness_was_of_record", "letter_cancelled"),
    "apology_not_needed",
    *("rung_reached", "apology_drafted", "apology_put_back", "apology_obsolete", "escalated"),
    *("clock_moved", "withdrawn", "closed", "outcome_recorded", "recorded_outside", "deviation"),
)


@pytest.mark.parametrize(
    ("kind", "data", "sentence"),
    [
        ("submitted", {"channel": "postal"}, "Hồ sơ được nộp (bưu chính công ích)"),
        ("received", {"due_at": "2026-03-05T10:00:00+00:00"}, "Tiếp nhận hồ sơ, hẹn trả lúc 17:00 ngày 05/03/2026"),
        (
            "step_completed",
            {
                "step_id": "appraise",
                "answers": {"decision": "approve", "scanned": "true", "note": "một\nhai", "x": "y"},
            },
            "Hoàn thành bước “Thẩm định”: Ý kiến: Đồng ý; Đã quét: Có; Nội dung: một hai; y",
        ),
        ("step_completed", {"step_id": "gone", "name": "Tên cũ"}, "Hoàn thành bước “Tên cũ”"),
        ("status_changed", {"was": 4, "now": 9}, "Trạng thái: Đang xử lý → Đã xử lý xong"),
        (
            "letter_issued",
            {"form": "refusal", "number": "02/PTC"},
            "Ban hành Phiếu từ chối tiếp nhận, giải quyết hồ sơ số 02/PTC",
        ),
        (
            "rung_reached",
            {"rung": "half", "label": "Đã dùng 50%", "due_at": "2026-03-05T10:00:00+00:00"},
            "Mốc nhắc hạn “Đã dùng 50%” (hẹn 17:00 ngày 05/03/2026)",
        ),
        (
            "apology_drafted",
            {"new_due_at": "2026-03-10T10:00:00+00:00", "reason": "Đông hồ sơ"},
            "Dự thảo văn bản xin lỗi trình lãnh đạo, đề nghị hẹn lại 17:00 ngày 10/03/2026; lý do: Đông hồ sơ",
        ),
        (
            "escalated",
            {"unit": "Sở", "message": "rung:Quá hạn 1 ngày"},
            "Báo lên cấp trên (Sở): mốc nhắc hạn “Quá hạn 1 ngày”",
        ),
        (
            "notified",
            {"audience": "leader", "message": "overdue"},
            "Báo cho lãnh đạo đơn vị giải quyết: hồ sơ đã quá hạn",
        ),
        (
            "became_overdue",
            {"due_at": "2026-03-05T17:00:00+07:00", "ordinal": 1},
            "Hồ sơ quá hạn trả kết quả (hẹn 17:00 ngày 05/03/2026)",
        ),
        ("clock_moved", {"action": "start_phase", "phase": "hen_1"}, "Bắt đầu tính thời hạn “Hẹn lần 1”"),
        ("clock_moved", {"action": "pause", "ground": "supplement"}, "Tạm dừng tính thời hạn (chờ bổ sung hồ sơ)"),
        (
            "clock_moved",
            {"action": "pause", "ground": "storm", "ground_name": "theo công điện phòng chống bão"},
            "Tạm dừng tính thời hạn (theo công điện phòng chống bão)",
        ),
        (
            "late_record_approved",
            {"name": "Ký Giấy chứng nhận", "done_at": "2026-03-09T09:00:00+00:00", "evidence": "Sổ 12", "note": ""},
            "Duyệt ghi nhận muộn: bước “Ký Giấy chứng nhận” làm xong lúc 16:00 ngày 09/03/2026; Sổ 12",
        ),
        (
            "outcome_recorded",
            {"result": "rejected", "timeliness": "late"},
            "Hồ sơ kết thúc: từ chối giải quyết, quá hạn",
        ),
        ("outcome_recorded", {"result": "withdrawn", "timeliness": None}, "Hồ sơ kết thúc: rút hồ sơ, không tính hạn"),
        (
            "deviation",
            {"step_id": "appraise", "source": "T04 Determine"},
            "Sai khác: việc “T04 Determine” được làm khi quy trình chưa cho phép; chỉ ghi lại, không chuyển bước",
        ),
    ],
)
def test_an_event_is_told_as_people_would(kind: str, data: dict[str, object], sentence: str) -> None:
    assert say(kind, data, TELLING) == sentence


@pytest.mark.parametrize("kind", KINDS)
def test_no_fact_that_is_missing_or_odd_breaks_a_sentence(kind: str) -> None:
    odd = dict.fromkeys(
        ("channel", "due_at", "missed_due_at", "was", "now", "form", "audience", "message", "action", "result"), "???"
    )
    for data in ({}, odd, {"answers": None, "ordinal": 3}):
        told = say(kind, data, TELLING)
        assert told
        assert "chưa có lời diễn giải" not in told


def test_a_kind_of_a_newer_version_is_named_not_hidden() -> None:
    assert say("teleported", {}, TELLING) == "Sự kiện “teleported” (phiên bản này chưa có lời diễn giải)"
