"""What was taken for a dossier: entries that are never changed, and what they add up to against what is due.

A wrong entry is taken back by a counter entry of the same amount, with a reason, on the day on which it was noticed: a
day's book that was closed stays as it was. An exemption settles a part of what is due without money.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.domain.errors import Refused
from engine.domain.people import Role

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.event_text import Telling
    from engine.domain.people import Actor, Unit

EXEMPT, EXEMPT_WORDS = "exempt", "Miễn, giảm theo quy định"
LONGEST_RECEIPT, LARGEST_AMOUNT = 40, 10**12
# 1.500.000, with dots or spaces between thousands; or digits alone.
_AMOUNT = re.compile(r"\d{1,3}(?:[.\s]\d{3})+|\d{1,15}")


@dataclass(frozen=True, slots=True)
class Payment:
    """What was taken, as it was typed. `paid_on` None: today."""

    amount: str
    method: str
    receipt_number: str
    paid_on: date | None = None


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One entry as people read it; `amount` in đồng, below zero for a counter entry."""

    id: int
    dossier_code: str
    applicant_name: str
    amount: int
    method: str
    receipt_number: str
    paid_on: date
    at: datetime
    by_name: str
    reason: str = ""
    is_exempt: bool = False
    is_countered: bool = False
    may_counter: bool = False


@dataclass(frozen=True, slots=True)
class FeeAccount:
    """The fees of a dossier. `due`: what the tables of its procedure found at receipt; None: they say no amount."""

    due: int | None
    lines: tuple[FeeLine, ...] = ()
    methods: tuple[tuple[str, str], ...] = ()
    may_take: bool = False

    @property
    def settled(self) -> int:
        """What was taken or exempted so far."""
        return sum(line.amount for line in self.lines)

    @property
    def owed(self) -> int:
        """What is still to be paid of a known amount."""
        return still_owed(self.due, self.settled)


@dataclass(frozen=True, slots=True)
class FeeDay:
    """What a desk took on a day, and the sums by method; exemptions are no money."""

    unit: Unit
    units: tuple[Unit, ...]
    on: date
    lines: tuple[FeeLine, ...]

    @property
    def sums(self) -> dict[str, int]:
        """Sum by method."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.method] = found.get(line.method, 0) + line.amount
        return found

    @property
    def total(self) -> int:
        """The money of the day."""
        return sum(line.amount for line in self.lines if not line.is_exempt)


def still_owed(due: int | None, settled: int) -> int:
    """What is still to be paid; 0 where no amount is known."""
    return max((due or 0) - settled, 0)


def amount_of(typed: str) -> int | None:
    """A typed amount in whole đồng; None for what is none."""
    text = typed.strip()
    return int(re.sub(r"\D", "", text)) if _AMOUNT.fullmatch(text) else None


def payment_faults(payment: Payment, methods: Mapping[str, str], today: date) -> dict[str, str]:
    """What is wrong with a payment, by field, in the words for the clerk; empty if nothing is."""
    return dict(_faults(payment, methods, today))


def _faults(payment: Payment, methods: Mapping[str, str], today: date) -> Iterator[tuple[str, str]]:
    amount = amount_of(payment.amount)
    if amount is None or not 0 < amount <= LARGEST_AMOUNT:
        yield "fee_amount", "Hãy nhập số tiền bằng đồng, ví dụ 50.000"
    if payment.method not in methods:
        yield "fee_method", "Hãy chọn cách nộp phí, lệ phí"
    if not 0 < len(payment.receipt_number.strip()) <= LONGEST_RECEIPT:
        yield "fee_receipt", "Hãy nhập số biên lai, mã giao dịch hoặc số giấy tờ miễn, giảm"
    if payment.paid_on is not None and payment.paid_on > today:
        yield "fee_on", "Ngày nộp không thể ở sau hôm nay"


def can_take_fee(actor: Actor, unit_id: int) -> bool:
    """Whether the person may write down what was paid for a dossier of a desk: its clerks."""
    return actor.holds(Role.CLERK, unit_id)


def check_can_take_fee(actor: Actor, unit_id: int) -> None:
    """Raise `Refused` unless the person may write down what was paid for a dossier of a desk."""
    if not can_take_fee(actor, unit_id):
        raise Refused(detail="chỉ cán bộ của nơi tiếp nhận hồ sơ được ghi việc thu phí, lệ phí")


def dong(amount: int) -> str:
    """An amount in words: ``50.000 đồng``."""
    return f"{amount:,} đồng".replace(",", ".")


def _taken(data: Mapping[str, Any], _telling: Telling) -> str:
    if data["method"] == EXEMPT_WORDS:
        return f"Miễn, giảm phí, lệ phí {dong(data['amount'])}, giấy tờ {data['receipt_number']}"
    return f"Thu phí, lệ phí {dong(data['amount'])} ({data['method']}), biên lai {data['receipt_number']}"


def _countered(data: Mapping[str, Any], _telling: Telling) -> str:
    return f"Bỏ lần thu {dong(data['amount'])}, biên lai {data['receipt_number']}; lý do: {data['reason']}"


# What the history of a dossier says of its fees.
FEE_EVENTS: Mapping[str, Callable[[Mapping[str, Any], Telling], str]] = {
    "fee_taken": _taken,
    "fee_countered": _countered,
}
