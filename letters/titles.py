"""The official title of each form in each regime; the table is data and grows with the law."""

from __future__ import annotations

from letters.data import Letter
from letters.regime import source_of

TITLES: dict[tuple[str, str], str] = {
    ("receipt", "2018"): "Giấy tiếp nhận hồ sơ\nvà hẹn trả kết quả",
    ("receipt", "2025"): "Giấy tiếp nhận hồ sơ\nvà hẹn trả kết quả",
    ("supplement_request", "2018"): "Phiếu yêu cầu\nbổ sung, hoàn thiện hồ sơ",
    ("supplement_request", "2025"): "Phiếu yêu cầu\nbổ sung, hoàn thiện hồ sơ",
    ("refusal", "2018"): "Phiếu từ chối\ntiếp nhận giải quyết hồ sơ",
    ("refusal", "2025"): "Phiếu từ chối\ntiếp nhận, giải quyết hồ sơ",
    ("apology", "2018"): "Phiếu xin lỗi\nvà hẹn lại ngày trả kết quả",
    ("apology", "2025"): "Văn bản xin lỗi và đề nghị gia hạn\nthời gian giải quyết",
    ("discontinuation", "2018"): "Thông báo\ndừng giải quyết hồ sơ",
    ("discontinuation", "2025"): "Thông báo\ndừng giải quyết hồ sơ",
    ("routing_slip", "2018"): "Phiếu kiểm soát quá trình\ngiải quyết hồ sơ",
    ("routing_slip", "2025"): "Phiếu kiểm soát quá trình\ngiải quyết hồ sơ",
    ("result_cover", "2018"): "Phiếu trả kết quả\ngiải quyết hồ sơ",
    ("result_cover", "2025"): "Phiếu trả kết quả\ngiải quyết hồ sơ",
    ("feedback_answer", "2018"): "Văn bản trả lời\nphản ánh, kiến nghị",
    ("feedback_answer", "2025"): "Văn bản trả lời\nphản ánh, kiến nghị",
    ("error_apology", "2018"): "Thư xin lỗi\nvề sai sót trong kết quả giải quyết hồ sơ",
    ("error_apology", "2025"): "Thư xin lỗi\nvề sai sót trong kết quả giải quyết hồ sơ",
}
"""Title by form and regime, in ordinary case with its line break. Those without an official form serve both."""

_OTHER_NUMBERS = {
    ("routing_slip", "2018"): "05",
    ("register_book", "2018"): "06",
    ("register_book", "2025"): "07",
    ("discontinuation", "2018"): "",
}
"""Where a form had another number than its class says. In 2018 there was no notice of discontinuation."""


def form_number(form: str, regime: str, usual: str = "") -> str:
    """Return the number of a form in its circular; empty for one that has no official form."""
    return _OTHER_NUMBERS.get((form, regime), usual)


def source_of_form(form: str, regime: str, usual: str = "") -> str:
    """Return where a form comes from, as printed in a document's properties: "Mẫu số 01, Thông tư số 03/2025…"."""
    number = form_number(form, regime, usual)
    return f"Mẫu số {number}, {source_of(regime)}" if number else WITHOUT_FORM


WITHOUT_FORM = "Thể thức theo Nghị định số 30/2020/NĐ-CP"


def title_of(letter: Letter) -> str:
    """Return the letter's official title in ordinary case on one line."""
    return " ".join(TITLES[letter.form, letter.regime].split("\n"))
