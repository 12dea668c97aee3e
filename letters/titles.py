"""The official title of each form in each regime; the table is data and grows with the law."""

from __future__ import annotations

from letters.data import Letter

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
}
"""Official title by form and regime, in ordinary case with its line break. Form 05 is new in 2025 and serves both."""


def title_of(letter: Letter) -> str:
    """Return the letter's official title in ordinary case on one line."""
    return " ".join(TITLES[letter.form, letter.regime].split("\n"))
