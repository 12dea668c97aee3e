"""What registers and hand-over lists show: frozen pictures, days as they are printed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.domain.people import Unit

# The columns of form 07 in their order, by the names of `BookLine`.
BOOK_COLUMNS = {
    "code": "Mã hồ sơ",
    "procedure": "Tên thủ tục hành chính",
    "sets": "Số lượng hồ sơ (bộ)",
    "applicant": "Tên cá nhân, tổ chức",
    "address": "Địa chỉ, số điện thoại",
    "agency": "Cơ quan chủ trì giải quyết",
    "received_on": "Nhận hồ sơ",
    "due_on": "Hẹn trả kết quả",
    "delivered_on": "Trả kết quả",
    "channel": "Phương thức nhận kết quả",
    "receiver": "Ký nhận",
    "note": "Ghi chú",
}


class Period(NamedTuple):
    """From an instant to another, the second not included."""

    start: datetime
    end: datetime


class _Told:
    """A line whose values are words ready to print."""

    __slots__ = ()

    def told(self) -> dict[str, str]:
        """The line by the names of its columns."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type] # a dataclass


@dataclass(frozen=True, slots=True)
class BookLine(_Told):
    """One dossier of the register. `receiver` stays free: it is signed by hand."""

    code: str
    procedure: str
    sets: str
    applicant: str
    address: str
    agency: str
    received_on: str
    due_on: str
    delivered_on: str
    channel: str
    receiver: str
    note: str


@dataclass(frozen=True, slots=True)
class BookPage:
    """A page of the register of one unit."""

    unit: Unit
    units: tuple[Unit, ...]
    from_on: date
    to_on: date
    lines: tuple[BookLine, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class HandedLine(_Told):
    """One dossier that was handed over."""

    code: str
    applicant: str
    procedure: str
    papers: str
    handed_at: str
    giver: str
    due_on: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """What one unit was given."""

    name: str
    dossiers: tuple[HandedLine, ...]


@dataclass(frozen=True, slots=True)
class HandOverPage:
    """What a unit handed over on a day."""

    unit: Unit
    units: tuple[Unit, ...]
    on: date
    receivers: tuple[Receiver, ...]
