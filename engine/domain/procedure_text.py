"""Limits and events of a procedure in Vietnamese words, as receipts, pages and explanations print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.limits import LimitUnit

if TYPE_CHECKING:
    from decimal import Decimal

    from engine.domain.limits import ProcessingTime

UNIT_WORDS = {
    LimitUnit.WORKING_DAYS: "ngày làm việc",
    LimitUnit.CALENDAR_DAYS: "ngày",
    LimitUnit.WORKING_HOURS: "giờ làm việc",
}
_EVENTS = {
    "receipt": "kể từ khi tiếp nhận đủ hồ sơ hợp lệ",
    "payment_proof": "kể từ ngày nhận được chứng từ hoàn thành nghĩa vụ tài chính",
    "supplement": "kể từ khi nhận đủ hồ sơ bổ sung",
    "time_extended": "nếu cơ quan giải quyết có thông báo gia hạn",
}


def number_text(amount: Decimal) -> str:
    """Write an amount the Vietnamese way: ``05``, ``12``, ``0,25``, ``2,5``."""
    if amount == amount.to_integral_value():
        return f"{int(amount):02d}"
    return f"{amount.normalize():f}".replace(".", ",")


def limit_text(limit: ProcessingTime) -> str:
    """Write a limit as a receipt does: ``05 ngày làm việc``, ``Trong ngày làm việc``."""
    if limit.unit is LimitUnit.SAME_DAY:
        return "Trong ngày làm việc"
    if limit.unit is LimitUnit.AGREED:
        return "Theo ngày hẹn đã thống nhất khi tiếp nhận"
    return f"{number_text(limit.amount)} {UNIT_WORDS[limit.unit]}"


def starts_on_text(event: str) -> str:
    """Say from when a later appointment counts."""
    return _EVENTS.get(event, f"kể từ sự kiện “{event}”")
