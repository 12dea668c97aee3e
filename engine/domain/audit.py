"""What is asked of the audit trail, and its lines in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.domain.errors import BadInput

SOURCES = ("dossiers", "access")
MOST_DAYS = 366


class TrailTooLong(BadInput):
    """Một tệp có tối đa {most} dòng, tìm theo chữ đọc tối đa {read} sự kiện; hãy chọn kỳ ngắn hơn hoặc lọc bớt."""

    code = "trail_too_long"


class PeriodTooLong(BadInput):
    """Khoảng thời gian dài quá {days} ngày; hãy chọn ngắn hơn, hoặc ghi mã hồ sơ."""

    code = "period_too_long"


@dataclass(frozen=True, slots=True)
class AuditChoice:
    """What is looked for. Both days are included. `before`: where the last page ended."""

    from_on: date
    to_on: date
    source: str = SOURCES[0]
    code: str = ""
    by: str = ""
    kind: str = ""
    unit_code: str = ""
    words: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing that was done. `seq`: its place in the chain of its dossier."""

    at: datetime
    by: str
    by_name: str
    kind: str
    sentence: str
    code: str = ""
    unit_name: str = ""
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some lines, where the next page begins (None: that was all), how many events were read, who may be chosen."""

    lines: tuple[AuditLine, ...]
    next: str | None
    read: int
    people: tuple[tuple[str, str], ...]


_ACCESS = {
    "looked_at": "Đã xem {page} {code}",
    "signed_in": "Đăng nhập",
    "sign_in_failed": "Đăng nhập sai mật khẩu",
    "code_failed": "Nhập sai mã xác thực",
    "locked": "Tạm khóa {minutes} phút vì nhập sai nhiều lần",
    "unlocked": "Cho {whom} thử đăng nhập lại",
    "confirmed": "Xác nhận lại danh tính",
    "password_changed": "Đổi mật khẩu của mình",
    "password_change_failed": "Đổi mật khẩu không thành",
    "codes_begun": "Bắt đầu đặt mã xác thực",
    "codes_set_up": "Bật mã xác thực",
    "codes_removed": "Bỏ mã xác thực",
    "recovery_code_used": "Dùng một mã dự phòng",
    "recovery_codes_renewed": "Cấp mã dự phòng mới cho mình",
    "session_ended": "Kết thúc một phiên của mình",
    "account_opened": "Mở tài khoản {whom}",
    "account_changed": "Đổi tên hoặc vai trò của {whom}: {roles}",
    "account_closed": "Khóa tài khoản {whom}",
    "account_reopened": "Mở lại tài khoản {whom}",
    "password_reset": "Cấp mật khẩu mới cho {whom}",
    "codes_reset": "Đặt lại mã xác thực của {whom}",
    "sessions_ended": "Kết thúc các phiên của {whom}",
    "delegated": "Giao việc của {whom} cho người làm thay",
    "delegation_revoked": "Thu hồi việc làm thay của {whom}",
    "reorganised": "Sắp xếp đơn vị số {number} ({document})",
    "reorganisation_reverting": "Bắt đầu hoàn tác việc sắp xếp đơn vị số {number}",
    "reorganisation_reverted": "Hoàn tác việc sắp xếp đơn vị số {number}",
    "sample_drawn": "Lập mẫu kiểm tra số {number}",
    "finding_noted": "Ghi kết luận kiểm tra hồ sơ {code}",
    "ballots_imported": "Nhập {number} phiếu khảo sát của {unit} từ tệp “{file}”",
    "ballots_undone": "Hoàn tác tệp “{file}” của {unit}, rút {number} phiếu khảo sát. Lý do: {reason}",
    "chains_asked": "Yêu cầu kiểm tra chuỗi băm số {number}",
}


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def access_sentence(kind: str, whom: str | None, data: Mapping[str, Any]) -> str:
    """What was done about an account or looked at, as a sentence; a kind without words of its own is named."""
    told = {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in data.items()}
    told["page"] = PAGES.get(str(data.get("page", "")), "trang " + str(data.get("page", "")))
    words = _ACCESS.get(kind, f"{kind.replace('_', ' ')} {{whom}}")
    return " ".join(words.format_map(_Blank(told, whom=whom or "")).split())


# What an inspector may look at, as the trail says it. A poll of a page that stands open is no look.
PAGES = {
    "officer.dossier": "hồ sơ",
    "officer.open_by_code": "hồ sơ",
    "scanning.open_scanned": "hồ sơ theo mã vạch",
    "scanning.envelope": "phong bì theo mã vạch",
    "handing_over.page": "trang trả kết quả của hồ sơ",
    "papers.routing_slip": "phiếu kiểm soát quá trình của hồ sơ",
    "papers.roll_receipt": "giấy biên nhận khổ nhỏ của hồ sơ",
    "posting.step_sheet": "tờ các bước của thủ tục",
    "parcels.table": "sổ ngăn chặn thửa đất",
    "officer.letter": "văn bản của hồ sơ",
    "letters.life": "quá trình của văn bản thuộc hồ sơ",
    "officer.diagram": "sơ đồ của hồ sơ",
    "attachments.listed": "tệp đính kèm của hồ sơ",
    "attachments.show": "tệp đính kèm của hồ sơ",
    "attachments.picture": "ảnh tệp đính kèm của hồ sơ",
    "attachments.download": "tệp đính kèm (tải về) của hồ sơ",
    "inspection.chain": "chuỗi nhật ký của hồ sơ",
    "inspection.trail": "nhật ký",
    "inspection.table": "nhật ký (tải về)",
    "inspection.checks": "các lần kiểm tra chuỗi băm",
    "samples.table": "các mẫu kiểm tra",
    "samples.draw": "các mẫu kiểm tra",
    "samples.sample": "mẫu kiểm tra",
    "samples.note": "mẫu kiểm tra",
    "samples.workbook": "mẫu kiểm tra (tải Excel)",
    "samples.paper": "mẫu kiểm tra (PDF)",
    "supervisor.board": "trang giám sát",
    "supervisor.board_table": "trang giám sát (tải về)",
    "supervisor.queue": "danh sách hồ sơ của trang giám sát",
    "supervisor.quality": "chất lượng dữ liệu",
    "late_records.table": "các ghi nhận muộn",
    "forecast.morning": "dự báo",
    "forecast.table": "dự báo (tải về)",
    "heat.page": "sơ đồ nhiệt",
    "heat.table": "sơ đồ nhiệt (tải về)",
    "letters.register": "sổ văn bản",
    "letters.search": "sổ văn bản (tìm)",
    "letters.table": "sổ văn bản (tải về)",
    "letters.book": "sổ văn bản (PDF)",
    "letters.questions": "các câu hỏi về văn bản",
    "registers.dossiers": "sổ theo dõi hồ sơ",
    "registers.dossiers_pdf": "sổ theo dõi hồ sơ (PDF)",
    "registers.dossiers_csv": "sổ theo dõi hồ sơ (tải về)",
    "registers.fees": "sổ phí, lệ phí",
    "registers.hand_over": "phiếu bàn giao",
    "registers.hand_over_pdf": "phiếu bàn giao (PDF)",
    "messages.table": "thư đi",
    "messages.batch": "bảng kê thư gửi bưu điện",
    "messages.batch_pdf": "bảng kê thư gửi bưu điện (PDF)",
    "messages.batch_csv": "bảng kê thư gửi bưu điện (tải về)",
    "survey.report": "kết quả khảo sát",
    "feedback.register": "sổ phản ánh, kiến nghị",
    "indicators.sheet": "9 chỉ số",
    "indicators.table": "9 chỉ số (tải về)",
    "indicators.data": "9 chỉ số (dữ liệu)",
    "indicators.year": "9 chỉ số cả năm",
    "indicators.index": "Bộ chỉ số 766",
    "reports.shelf": "danh mục báo cáo",
    "reports.calendar": "lịch báo cáo",
    "reports.show": "báo cáo",
    "reports.table": "báo cáo (tải Excel)",
    "reports.paper": "báo cáo (PDF)",
    "reports.data": "báo cáo (dữ liệu)",
    "reports.sent": "báo cáo đã gửi",
    "reports.sent_table": "báo cáo đã gửi (tải Excel)",
    "reports.sent_paper": "báo cáo đã gửi (PDF)",
    "reports.sent_data": "báo cáo đã gửi (dữ liệu)",
    "reports.against": "báo cáo so với kỳ khác",
}
ACCESS_KINDS = tuple(_ACCESS)
