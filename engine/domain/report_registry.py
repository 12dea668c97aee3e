"""The reports there are: name, title, what for, which parameters they take. Page, command and picker read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.domain.errors import NotFound
from engine.domain.months import month_before, month_of


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One report. `by_month`: counted from what is kept by calendar month. `page`: where one works on it, if anywhere.

    `parameters` are what it asks for besides unit and period, with their Vietnamese labels. `ballots_since`: it counts
    ballots of the own survey, those of so many months before its period too (None: of none); `ballots_running`: also
    those of a month that ends after it.
    """

    name: str
    title: str
    about: str
    group: str
    by_month: bool = False
    page: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    ballots_since: int | None = None
    ballots_running: bool = False

    def ballot_months(self, first: date, last: date) -> tuple[str, str] | None:
        """First and last of the months whose ballots it counts for some days; None: of none."""
        if self.ballots_since is None:
            return None
        until = month_of(last) if self.ballots_running else month_before(month_of(last + timedelta(days=1)))
        return month_before(month_of(first), self.ballots_since), until


PROGRESS, QUALITY, PROCEDURES = "Tình hình giải quyết", "Chất lượng, hài lòng", "Thủ tục, quy trình"
REPORTS = (
    ReportKind(
        "progress",
        "Tình hình tiếp nhận, giải quyết theo lĩnh vực (Biểu 06)",
        "Tiếp nhận, đã giải quyết, đang giải quyết theo lĩnh vực; kiểm tra tổng.",
        PROGRESS,
    ),
    ReportKind(
        "units",
        "Tình hình tiếp nhận, giải quyết theo đơn vị (Biểu 07)",
        "Cùng các số đó theo đơn vị giải quyết.",
        PROGRESS,
    ),
    ReportKind(
        "monthly",
        "Hồ sơ quá hạn và phản ánh, kiến nghị theo đơn vị",
        "Tỷ lệ quá hạn, xin lỗi, phản ánh chậm của từng đơn vị; gửi hằng tháng.",
        PROGRESS,
    ),
    ReportKind(
        "land_lateness",
        "Hồ sơ trễ hạn lĩnh vực đất đai so với ngưỡng",
        "Tỷ lệ trễ hạn theo đơn vị và 12 tháng, đặt cạnh ngưỡng.",
        PROGRESS,
    ),
    ReportKind("overdue", "Hồ sơ quá hạn, từng lần hẹn bị lỡ", "Từng lần hẹn bị lỡ và văn bản về lần đó.", PROGRESS),
    ReportKind(
        "apologies",
        "Văn bản xin lỗi và độ phủ",
        "Mỗi đơn vị đã xin lỗi bao nhiêu lần hẹn bị lỡ, nhanh đến đâu.",
        PROGRESS,
    ),
    ReportKind(
        "results",
        "Kết quả giải quyết hồ sơ",
        "Hồ sơ đã kết thúc theo đơn vị, thủ tục, tháng.",
        PROGRESS,
    ),
    ReportKind(
        "conformance",
        "Đúng quy trình, bổ sung và từ chối sau tiếp nhận",
        "Hồ sơ nào không đi đúng quy trình, người dân bị yêu cầu thêm gì sau khi đã nộp.",
        QUALITY,
    ),
    ReportKind(
        "public",
        "Công khai kết quả phục vụ",
        "Những gì trang công khai cho mọi người xem: giải quyết, xin lỗi, phản ánh, xếp loại, hài lòng.",
        QUALITY,
        page="results_told.told",
        ballots_since=11,  # from January
    ),
    ReportKind("steps", "Từng bước của quy trình", "Bước nào muộn, cả trong hồ sơ đúng hạn.", PROGRESS),
    ReportKind(
        "channels",
        "Trực tuyến, thanh toán, số hóa, bưu chính",
        "Tỷ lệ nộp trực tuyến, số hóa, trả qua bưu chính, thanh toán trực tuyến.",
        QUALITY,
    ),
    ReportKind(
        "online",
        "Hiệu quả dịch vụ công trực tuyến, so với chỉ tiêu",
        "Từng thủ tục, đơn vị: nộp và thanh toán trực tuyến; trễ hạn, bổ sung, thời gian so với nộp trực tiếp.",
        QUALITY,
    ),
    ReportKind(
        "feedback",
        "Phản ánh, kiến nghị",
        "Đã trả lời, đúng hạn, kết luận đúng, đang kéo dài.",
        QUALITY,
        page="feedback.register",
    ),
    ReportKind(
        "satisfaction",
        "Khảo sát tự thực hiện theo 24 mục",
        "Không phải SIPAS chính thức.",
        QUALITY,
        by_month=True,
        page="survey.report",
        ballots_since=0,
        ballots_running=True,
    ),
    ReportKind(
        "standing",
        "Hài lòng: mục tiêu, xu hướng, nơi thấp nhất",
        "So với mục tiêu và các năm trước; theo lĩnh vực, đơn vị; mục thấp nhất đứng đầu. Tự khảo sát.",
        QUALITY,
        by_month=True,
        page="survey.report",
        ballots_since=23,  # two years, month by month; what an import brings is not older
    ),
    ReportKind(
        "sample_frame",
        "Khung mẫu khảo sát hài lòng",
        "Đơn vị, thủ tục nào có bao nhiêu người được phục vụ, cần hỏi bao nhiêu.",
        QUALITY,
        ballots_since=0,
    ),
    ReportKind(
        "evaluation",
        "9 chỉ số theo đơn vị",
        "Bảng đánh giá của đơn vị trong các tháng trọn vẹn của kỳ.",
        QUALITY,
        by_month=True,
        page="indicators.sheet",
    ),
    ReportKind(
        "officials",
        "9 chỉ số theo cán bộ, công chức",
        "Bảng đánh giá của từng người.",
        QUALITY,
        by_month=True,
        page="indicators.sheet",
    ),
    ReportKind(
        "publication",
        "Công khai thủ tục hành chính",
        "Thủ tục nào đủ sáu nội dung công khai, thiếu gì.",
        PROCEDURES,
        page="posting.report",
    ),
    ReportKind(
        "catalogue",
        "Công bố, quy trình nội bộ, cập nhật phần mềm",
        "Thủ tục nào chưa có quy trình, cập nhật đúng hạn không, chỗ nào chưa khớp quyết định.",
        PROCEDURES,
        page="posting.report",
    ),
    ReportKind(
        "postings",
        "Niêm yết, công khai tại các nơi",
        "Tỷ lệ niêm yết, đối chiếu hằng tháng, hình thức mở rộng của từng đơn vị, như đơn vị ghi sổ.",
        PROCEDURES,
        by_month=True,
        page="posting_records.page",
    ),
    ReportKind(
        "simplification",
        "Đơn giản hóa: trước và sau",
        "Thời hạn, thành phần hồ sơ, số bước của hai phiên bản.",
        PROCEDURES,
        parameters=(("procedure", "Mã thủ tục"), ("old", "Phiên bản cũ"), ("new", "Phiên bản mới")),
    ),
)
_BY_NAME = {kind.name: kind for kind in REPORTS}


def kind_of(name: str) -> ReportKind:
    """The report of a name; raises `NotFound`."""
    if name not in _BY_NAME:
        raise NotFound(what=f"báo cáo “{name}”")
    return _BY_NAME[name]
