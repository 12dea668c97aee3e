"""What is asked of the audit trail, and its lines in words."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.domain.errors import BadInput

SOURCES = ("dossiers", "access")
MOST_DAYS = 366


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


def plain(text: str) -> str:
    """A text as it is compared: small letters without marks."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


_ACCESS = {
    "looked_at": "Đã xem {page} {code}",
    "signed_in": "Đăng nhập",
    "sign_in_failed": "Đăng nhập sai mật khẩu",
    "account_opened": "Mở tài khoản {whom}",
    "account_changed": "Đổi tên hoặc vai trò của {whom}: {roles}",
    "account_closed": "Khóa tài khoản {whom}",
    "account_reopened": "Mở lại tài khoản {whom}",
    "password_reset": "Cấp mật khẩu mới cho {whom}",
    "codes_reset": "Đặt lại mã một lần của {whom}",
    "unlocked": "Cho {whom} thử đăng nhập lại",
    "sessions_ended": "Kết thúc các phiên của {whom}",
    "delegated": "Giao việc của {whom} cho người làm thay",
    "delegation_revoked": "Thu hồi việc làm thay của {whom}",
    "reorganised": "Sắp xếp đơn vị số {number} ({document})",
    "reorganisation_reverted": "Hoàn tác việc sắp xếp đơn vị số {number}",
    "sample_drawn": "Lập mẫu kiểm tra số {number}",
    "finding_noted": "Ghi kết luận kiểm tra hồ sơ {code}",
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


PAGES = {
    "officer.dossier": "hồ sơ",
    "officer.letter": "văn bản của hồ sơ",
    "letters.life": "quá trình của văn bản thuộc hồ sơ",
    "officer.diagram": "sơ đồ của hồ sơ",
    "attachments.listed": "tệp đính kèm của hồ sơ",
    "attachments.show": "tệp đính kèm của hồ sơ",
    "attachments.download": "tệp đính kèm (tải về) của hồ sơ",
    "inspection.chain": "chuỗi nhật ký của hồ sơ",
    "inspection.trail": "nhật ký",
    "supervisor.board": "trang giám sát",
    "letters.register": "sổ văn bản",
    "registers.dossiers": "sổ theo dõi hồ sơ",
}
ACCESS_KINDS = tuple(_ACCESS)
